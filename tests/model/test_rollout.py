"""How far a rollout came, told from its journal's entries; the waves; what is in the way of deploying."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from auditor.compare.gate import in_the_way, left_in_the_way
from auditor.errors import SettingsError
from auditor.model.plan import Action, LeftOut, Plan
from auditor.model.rollout import Deployed, Rollout, parse_rollout, progress_of, rollout_document
from auditor.model.values import Change, Drift, DriftException, Finding
from auditor.model.waves import waves_of
from auditor.report.ship_text import rollout_lines, shipped_line, size_words

WEB = ("eu-west-1", "web")
OLD = {"revisionType": "S3"}
ROLLOUT = Rollout(
    "shop",
    "Server",
    ("web",),
    (("us-east-1",), ("eu-west-1", "ap-southeast-2")),
    {"us-east-1": "111122223333", "eu-west-1": "111122223333", "ap-southeast-2": "111122223333"},
    {"us-east-1": "a-us", "eu-west-1": "a-eu", "ap-southeast-2": "a-ap"},
    source="app",
    key="shop/abc.zip",
    sha256="abc",
)
DEPLOYING = {
    "event": "deploying",
    "site": "eu-west-1",
    "group": "web",
    "previous": OLD,
    "description": "auditor R forth",
}
FORTH = {**DEPLOYING, "back": False}
BACK = {**DEPLOYING, "back": True, "previous": None, "description": "auditor R back"}
CREATED = {"event": "deployment", "site": "eu-west-1", "group": "web", "deployment": "d-1"}
ENDED = {"event": "deployment ended", "site": "eu-west-1", "group": "web", "status": "Succeeded", "message": ""}


def test_a_rollout_survives_being_written_down():
    assert parse_rollout(json.loads(json.dumps(rollout_document(ROLLOUT)))) == ROLLOUT


def test_the_sites_of_a_rollout_are_in_the_order_of_its_waves():
    assert ROLLOUT.sites == ("us-east-1", "eu-west-1", "ap-southeast-2")


def test_the_metadata_of_a_folder_names_no_commit():
    assert ROLLOUT.metadata == {"sha256": "abc", "shipped-by": "auditor-deploy"}


def test_a_deployment_of_which_no_answer_is_known_is_open_under_its_description():
    assert progress_of([FORTH]).open == {WEB: "auditor R forth"}


def test_a_deployment_that_was_made_is_no_longer_open():
    progress = progress_of([FORTH, CREATED])

    assert (progress.open, progress.created, progress.ended) == ({}, {WEB: "d-1"}, {})


def test_a_deployment_that_succeeded_is_done():
    assert progress_of([FORTH, CREATED, ENDED]).done(WEB)


def test_a_deployment_that_failed_is_not_done():
    assert not progress_of([FORTH, CREATED, {**ENDED, "status": "Failed"}]).done(WEB)


def test_what_was_taken_back_is_not_done():
    assert not progress_of([FORTH, CREATED, ENDED, BACK, CREATED, ENDED]).done(WEB)


def test_what_was_deployed_before_is_what_the_first_attempt_found():
    again = {**FORTH, "previous": {"revisionType": "of the first attempt"}}

    assert progress_of([FORTH, CREATED, {**ENDED, "status": "Failed"}, again]).previous == {WEB: OLD}


def test_the_way_back_does_not_change_what_was_deployed_before():
    assert progress_of([FORTH, CREATED, ENDED, BACK]).previous == {WEB: OLD}


def test_entries_of_a_plan_say_nothing_of_a_deployment():
    assert progress_of([{"event": "done", "action": "a1"}]) == progress_of([])


@pytest.mark.parametrize(
    ("waves", "expected"),
    [
        ([], (("a", "b", "c"),)),
        ([["b"]], (("b",), ("a", "c"))),
        ([["c"], ["a", "b"]], (("c",), ("a", "b"))),
    ],
)
def test_what_no_wave_names_goes_last(waves, expected):
    assert waves_of(["a", "b", "c"], waves) == expected


@pytest.mark.parametrize(
    ("waves", "expected"),
    [
        ([["rest"], ["b"]], (("a", "c"), ("b",))),
        ([["b"], ["rest"]], (("b",), ("a", "c"))),
        ([["b", "rest"]], (("b", "a", "c"),)),
        ([["a", "b", "c"], ["rest"]], (("a", "b", "c"),)),
        ([["d"], ["c"]], (("c",), ("a", "b"))),
    ],
)
def test_rest_are_all_that_no_wave_names_and_who_has_nothing_to_do_is_passed_over(waves, expected):
    assert waves_of(["a", "b", "c"], waves, beside=["d"]) == expected


@pytest.mark.parametrize("waves", [[["d"]], [["a"], ["a"]], [["rest"], ["rest"]], [[""]]])
def test_a_wave_with_a_strange_site_or_one_named_twice_is_refused(waves):
    with pytest.raises(SettingsError, match=r"Nothing was written"):
        waves_of(["a", "b"], waves)


def finding(**settings):
    given = {
        "id": "1",
        "site": "eu-west-1",
        "type": "AWS::Lambda::Function",
        "name": "api",
        "kind": "changed",
        "severity": "medium",
        "changes": (Change("/MemorySize", 512, 256),),
    }
    return Finding(**{**given, **settings})


def drift(*findings, complete=True):
    return Drift("us-east-1", ("eu-west-1",), "2026-11-24T01:02:03Z", complete, {}, findings)


STALE = {
    "type": "AWS::CodeDeploy::DeploymentGroup",
    "name": "shop/web",
    "changes": (Change("/Revision/s3Location/key", 1, 2),),
}


def test_drift_is_in_the_way():
    assert in_the_way(drift(finding()), ROLLOUT) == ("eu-west-1: AWS::Lambda::Function/api is changed (/MemorySize)",)


def test_accepted_drift_is_not_in_the_way():
    accepted = finding(exception=DriftException("*", "known"))

    assert in_the_way(drift(accepted), ROLLOUT) == ()


def test_the_stale_artifact_that_the_rollout_replaces_is_not_in_the_way():
    assert in_the_way(drift(finding(**STALE)), ROLLOUT) == ()


def test_a_stale_artifact_of_another_group_is_in_the_way():
    assert len(in_the_way(drift(finding(**{**STALE, "name": "shop/workers"})), ROLLOUT)) == 1


def test_anything_else_of_the_groups_own_is_in_the_way():
    changes = (*STALE["changes"], Change("/deploymentConfigName", "a", "b"))

    assert len(in_the_way(drift(finding(**{**STALE, "changes": changes})), ROLLOUT)) == 1


def test_a_revision_that_could_not_be_read_is_in_the_way():
    changes = (Change("/Revision", unreadable="AccessDenied"),)

    assert len(in_the_way(drift(finding(**{**STALE, "changes": changes})), ROLLOUT)) == 1


def test_what_could_not_be_read_is_in_the_way():
    assert in_the_way(drift(complete=False), ROLLOUT) == ("something was not read",)


def test_the_waves_are_told_before_anything_is_done():
    assert list(rollout_lines(ROLLOUT, 1500, 2)) == [
        "Ships app to shop (Server): web",
        "  shop/abc.zip, 2 files, 1.5 kB, SHA-256 abc",
        "  wave 1: us-east-1 (s3://a-us)",
        "  wave 2: eu-west-1 (s3://a-eu), ap-southeast-2 (s3://a-ap)",
        "  on failure: stop",
    ]


def test_what_servers_need_is_told_with_the_artifact_and_a_folder_with_its_commit():
    of_folder = replace(ROLLOUT, commit="6dcb09b5b57875f334f61aebed695e2e4193db5e", ref="main", folder="services/web")

    assert list(rollout_lines(of_folder, 1500, 2, "1 program: kept"))[:3] == [
        "Ships services/web of commit 6dcb09b5b578 (main) to shop (Server): web",
        "  shop/abc.zip, 2 files, 1.5 kB, SHA-256 abc",
        "  1 program: kept",
    ]


def test_the_verdict_names_each_failure_and_what_was_rolled_back():
    outcomes = [
        Deployed("us-east-1", "web", "d-1"),
        Deployed("eu-west-1", "web", error="eu-west-1: deployment d-2 failed: HEALTH: too few."),
        Deployed("us-east-1", "web", "d-3", back=True),
    ]

    assert shipped_line(ROLLOUT, outcomes) == (
        "shop/abc.zip was deployed to 0 of 2 (us-east-1, eu-west-1, ap-southeast-2).\n"
        "  not deployed: eu-west-1: deployment d-2 failed: HEALTH: too few.\n"
        "Rolled back: us-east-1."
    )


@pytest.mark.parametrize(
    ("size", "words"), [(1, "1 bytes"), (1_000, "1.0 kB"), (2_500_000, "2.5 MB"), (3_000_000_000, "3.0 GB")]
)
def test_sizes_are_told_in_the_unit_that_suits_them(size, words):
    assert size_words(size) == words


def planned(*left, writes=()):
    where = ("eu-west-1", "AWS::Lambda::Function", "api")
    action = Action("a1", *where, "api", "update", "configuration", (), reason=tuple(writes))
    out = tuple(LeftOut(*where, path, "recreate-only", id_) for id_, path in left)
    return Plan("us-east-1", "", {}, (action,) if writes else (), out)


TWO = (Change("/MemorySize", 512, 256), Change("/PackageType", "Zip", "Image"))


@pytest.mark.parametrize(
    ("plan", "paths"),
    [
        (planned(writes="1"), None),
        (planned(("1", "/PackageType"), writes="1"), "/PackageType"),
        (planned(("1", "")), "/MemorySize, /PackageType"),
        (planned(("1", "/Elsewhere"), writes="1"), "/MemorySize, /PackageType"),
        (planned(("2", "/PackageType"), writes="1"), None),
        (planned(), "/MemorySize, /PackageType"),
    ],
)
def test_what_a_plan_leaves_is_in_the_way_before_anything_is_written(plan, paths):
    expected = () if paths is None else (f"eu-west-1: AWS::Lambda::Function/api is changed ({paths})",)

    assert left_in_the_way(drift(finding(changes=TWO)), plan, ROLLOUT) == expected


def test_what_a_plan_leaves_and_somebody_accepted_or_the_rollout_replaces_is_not_in_the_way():
    accepted = finding(exception=DriftException("*", "known"))
    found = drift(accepted, finding(**{**STALE, "id": "2"}))

    assert left_in_the_way(found, planned(("1", ""), ("2", "/Revision")), ROLLOUT) == ()


def test_what_could_not_be_read_stays_in_the_way_of_any_plan():
    assert left_in_the_way(drift(complete=False), planned(writes="1"), ROLLOUT) == ("something was not read",)
