"""What is read of a deployment's targets, and in how many calls, however many there are."""

from __future__ import annotations

import pytest

from auditor.aws.calls import Caller
from auditor.aws.pacing import Pacer
from auditor.aws.sessions import Sessions
from auditor.deploy.targets import failed_targets, stage
from auditor.deploy.watch import Watch
from auditor.model.stages import stage_of
from auditor.model.values import Locale, Site
from scripted import scripted_aws


def broken(id_, status):
    diagnostics = {"errorCode": "ScriptFailed", "scriptName": "s.sh", "message": "no", "logTail": "end"}
    events = [{"lifecycleEventName": "Install", "status": status, "diagnostics": diagnostics}]
    own = {"targetId": id_, "status": status, "lifecycleEvents": events}
    return {"deploymentTargetType": "InstanceTarget", "instanceTarget": own}


def fleet(size, refused=()):
    """CodeDeploy with so many instances, of which it lists 100 a page and tells of 25 at a time."""
    ids = [f"i-{number}" for number in range(size)]

    def answer(asked):
        if asked.operation in refused:
            return 400, {"__type": "AccessDeniedException", "message": "not you"}
        if asked.operation == "ListDeploymentTargets":
            begin = int(asked.body.get("nextToken") or 0)
            more = {"nextToken": str(begin + 100)} if begin + 100 < size else {}
            return 200, {"targetIds": ids[begin : begin + 100], **more}
        assert 0 < len(asked.body["targetIds"]) <= 25
        status = "Failed" if size % 2 else "InProgress"
        return 200, {"deploymentTargets": [broken(id_, status) for id_ in asked.body["targetIds"]]}

    return answer


@pytest.fixture
def caller(monkeypatch):
    def made(aws):
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "testing")
        monkeypatch.setenv("AWS_ENDPOINT_URL_CODEDEPLOY", aws.url)
        return Caller(Sessions(), Site("us-east-1"), Locale("us-east-1", "use1", "123456789012"), Pacer({}))

    return made


def info(**counts):
    return {"deploymentId": "d-1", "status": "InProgress", "computePlatform": "Server", "deploymentOverview": counts}


def operations(aws):
    return [one.operation for one in aws.asked]


def test_of_a_thousand_instances_that_are_deployed_to_two_calls_tell(caller):
    with scripted_aws(fleet(1000)) as aws:
        told = stage(caller(aws), info(InProgress=1000))

    assert (operations(aws), len(told.at)) == (["ListDeploymentTargets", "BatchGetDeploymentTargets"], 25)


def test_of_many_that_failed_a_hundred_are_looked_at(caller):
    with scripted_aws(fleet(1001)) as aws:
        found = failed_targets(caller(aws), "d-1", "Server")

    assert (len(found), operations(aws)) == (100, ["ListDeploymentTargets", *["BatchGetDeploymentTargets"] * 4])
    assert aws.asked[0].body["targetFilters"] == {"TargetStatus": ["Failed"]}


def test_those_of_the_second_page_are_looked_at_too(caller):
    with scripted_aws(fleet(7)) as aws:
        assert len(failed_targets(caller(aws), "d-1", "Server")) == 7


@pytest.mark.parametrize("denied", ["ListDeploymentTargets", "BatchGetDeploymentTargets"])
def test_what_cannot_be_read_is_not_told_and_ends_nothing(caller, denied):
    with scripted_aws(fleet(3, {denied})) as aws:
        there = caller(aws)
        assert (stage(there, info(InProgress=3)).at, failed_targets(there, "d-1", "Server")) == ((), ())


@pytest.mark.parametrize("status", ["Created", "Queued"])
def test_of_what_has_not_begun_nobody_is_asked(caller, status):
    with scripted_aws(fleet(3)) as aws:
        stage(caller(aws), {**info(InProgress=3), "status": status, "computePlatform": "Lambda"})

    assert operations(aws) == []


def test_what_failed_is_told_as_soon_as_it_has_and_once(caller):
    told = []
    with scripted_aws(fleet(3)) as aws:
        watch = Watch(caller(aws), ("us-east-1", "web"), "Server", told.append)
        for failed in (0, 3, 3):
            watch(stage_of(info(InProgress=6 - failed, Failed=failed)))
        watch(stage_of({**info(Succeeded=3, Failed=3), "status": "Failed"}))

    assert [one.failed.target for one in told if one.failed] == ["i-0", "i-1", "i-2"]
    assert [one.stage.status for one in told if one.stage] == ["InProgress", "InProgress", "Failed"]
    assert len(aws.asked) == 2
