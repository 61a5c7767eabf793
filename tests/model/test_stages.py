"""How far a deployment is, and what failed on which target, of what CodeDeploy answers."""

from __future__ import annotations

import pytest

from auditor.model.stages import FailedTarget, Stage, at_words, failed_target, failed_words, stage_of, stage_words
from auditor.report.ship_text import failed_lines

COUNTS = {"Pending": 3, "InProgress": 2, "Succeeded": 4, "Failed": 1, "Skipped": 0, "Ready": 0}


def info(status="InProgress", platform="Server", counts=COUNTS):
    return {"deploymentId": "d-1", "status": status, "computePlatform": platform, "deploymentOverview": counts}


def target(kind, id_, *events, **more):
    told = [{"lifecycleEventName": name, "status": status, **rest} for name, status, rest in events]
    return {"deploymentTargetType": f"{kind}Target", f"{kind[0].lower()}{kind[1:]}Target": {"targetId": id_, "lifecycleEvents": told, **more}}  # fmt: skip # noqa: E501


def test_instances_are_counted_by_their_states():
    stage = stage_of(info())

    assert (stage_words(stage), stage.done, stage.total) == (
        "InProgress, 4 of 10 instances, 2 in progress, 1 failed", 5, 10,
    )  # fmt: skip


def test_instances_that_are_deployed_to_are_named_with_what_they_are_at():
    going = [
        target("Instance", f"i-{n}", ("ApplicationStop", "Succeeded", {}), ("Install", "InProgress", {})) for n in "123"
    ]

    assert at_words(stage_of(info(counts={"InProgress": 5}), going)) == "i-1 Install, i-2 Install, 3 more"


def test_nobody_is_named_where_nobody_is_known():
    assert at_words(stage_of(info())) == ""


@pytest.mark.parametrize(
    ("platform", "one"),
    [
        ("Lambda", {"lambdaTarget": {"lambdaFunctionInfo": {"targetVersionWeight": 0.1}}}),
        ("ECS", {"ecsTarget": {"taskSetsInfo": [{"taskSetLabel": "Blue", "trafficWeight": 90.0},
                                                {"taskSetLabel": "Green", "trafficWeight": 10.0}]}}),
    ],
)  # fmt: skip
def test_of_functions_and_services_the_share_of_the_traffic_is_told(platform, one):
    assert stage_words(stage_of(info(platform=platform, counts={"InProgress": 1}), [one])) == (
        "InProgress, 10% of the traffic shifted"
    )


def test_without_targets_the_state_is_all():
    assert stage_words(stage_of({"status": "Created"})) == "Created"


WHY = {
    "errorCode": "ScriptFailed",
    "scriptName": "scripts/start.sh",
    "message": "failed with exit code 3",
    "logTail": "LifecycleEvent - ApplicationStart\n[stderr]TOKEN=abc123\n",
}


@pytest.mark.parametrize(
    ("kind", "told", "name"),
    [
        ("Instance", "i-0abc", "i-0abc"),
        ("Instance", "arn:aws:codedeploy:eu-west-1:123456789012:instance/rack7_9f1c", "rack7_9f1c"),
        ("Lambda", "checkout:live", "checkout:live"),
        ("Ecs", "shop:web", "shop:web"),
    ],
)
def test_what_failed_on_a_target_is_told_with_the_agents_own_words(kind, told, name):
    one = target(kind, told, ("Install", "Succeeded", {}), ("ApplicationStart", "Failed", {"diagnostics": WHY}))

    assert failed_target(one) == FailedTarget(
        name, "ApplicationStart", "ScriptFailed", "scripts/start.sh", "failed with exit code 3",
        ("LifecycleEvent - ApplicationStart", "[stderr]TOKEN=***"),
    )  # fmt: skip


def test_an_on_premises_instance_without_an_id_is_told_by_its_arn():
    one = {"instanceTarget": {"targetArn": "arn:aws:codedeploy:eu-west-1:1:instance/rack7_9f"}}

    assert failed_words(failed_target(one)) == "rack7_9f failed"


def test_what_cannot_be_printed_is_escaped():
    one = FailedTarget("i-\x1b[2J", "Install", "ScriptFailed", "a\x07", "b\r", ("\x1b]0;title\x07done", "x\u202ey"))

    assert list(failed_lines([one])) == [
        "    i-\\x1b[2J failed at Install (ScriptFailed, a\\x07): b\\r",
        "      | \\x1b]0;title\\x07done",
        "      | x\\u202ey",
    ]


def test_of_many_the_first_few_are_told_of_and_the_others_named():
    lines = list(failed_lines([FailedTarget(f"i-{n}", "Install") for n in range(20)]))

    assert (len(lines), lines[-1]) == (6, "    i-5, i-6, i-7 and 12 other targets failed too")


def test_a_stage_of_nothing_is_nothing():
    assert (Stage("d-1", "Created").total, Stage("d-1", "Created").done) == (0, 0)
