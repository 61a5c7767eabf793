"""`auditor release` on the embedded AWS: no deployment while the regions differ."""

from __future__ import annotations

import io
import json
import sys

import pytest
from deploy.test_deploy import cut, run_of

from auditor.cli.deploy import released_code
from auditor.commands.apply import Applied
from auditor.commands.release import Released, refuse_drift
from auditor.errors import GateError
from auditor.model.plan import Plan
from auditor.model.rollout import Rollout
from auditor.model.values import Change, Drift, Finding
from shipping import REGIONS, settings, shop

__all__ = ["shop"]


@pytest.fixture
def drifted(shop):
    """The shop, with an application that one region lacks a tag of."""
    for region in REGIONS:
        shop.aws.client("codedeploy", region).create_application(applicationName="office", computePlatform="Server")
    for region in ("us-east-1", "ap-southeast-2"):
        arn = f"arn:aws:codedeploy:{region}:{shop.aws.account}:application:office"
        shop.aws.client("codedeploy", region).tag_resource(ResourceArn=arn, Tags=[{"Key": "team", "Value": "office"}])
    return shop


def tags(shop, region):
    arn = f"arn:aws:codedeploy:{region}:{shop.aws.account}:application:office"
    return shop.aws.client("codedeploy", region).list_tags_for_resource(ResourceArn=arn)["Tags"]


def test_regions_that_are_alike_are_deployed_to(shop, run):
    finished = run("release", "app", "--yes")

    (key,) = shop.buckets("us-east-1")
    assert (finished.code, [shop.revision(region) for region in REGIONS]) == (0, [key] * 3), finished.err


def test_drift_is_removed_before_anything_is_deployed(drifted, run):
    finished = run("release", "app", "--yes")

    expected = [{"Key": "team", "Value": "office"}]
    assert (finished.code, tags(drifted, "eu-west-1"), drifted.revision("eu-west-1") != "") == (0, expected, True)


@pytest.mark.parametrize("waves", [[["ap-southeast-2"], ["us-east-1"]], [["ap-southeast-2"], ["rest"]]])
def test_the_waves_hold_for_the_drift_as_for_the_artifact(shop, run, tmp_path, waves):
    settings(shop, waves=waves)
    for name, region in zip(("golden", "second", "third"), REGIONS, strict=True):
        shop.aws.client("codedeploy", region).create_application(applicationName="office", computePlatform="Server")
        arn = f"arn:aws:codedeploy:{region}:{shop.aws.account}:application:office"
        shop.aws.client("codedeploy", region).tag_resource(ResourceArn=arn, Tags=[{"Key": "team", "Value": name}])

    assert run("release", "app", "--yes").code == 0

    (path,) = (tmp_path / "snapshots" / "runs").glob("*/journal.jsonl")
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    mended = list(dict.fromkeys(one["site"] for one in entries if one["event"] == "calling"))
    assert (entries[0]["waves"], mended) == ([["ap-southeast-2"], ["eu-west-1"]], ["ap-southeast-2", "eu-west-1"])


def test_both_are_one_run(drifted, run, tmp_path):
    run("release", "app", "--yes")

    (path,) = (tmp_path / "snapshots" / "runs").glob("*/journal.jsonl")
    events = [json.loads(line)["event"] for line in path.read_text().splitlines()]
    assert (events[0], "done" in events, events[-1]) == ("run", True, "deployments ended")


def test_nothing_is_done_where_nobody_answers(drifted, run, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))

    finished = run("release", "app")

    assert (finished.code, tags(drifted, "eu-west-1"), drifted.buckets("us-east-1")) == (1, [], {})


def test_nothing_is_deployed_while_drift_remains(shop, run):
    shop.aws.client("codedeploy", "eu-west-1").create_application(applicationName="extra", computePlatform="Server")

    finished = run("release", "app", "--yes")

    assert (finished.code, shop.buckets("us-east-1"), "nothing deployed" in finished.err) == (2, {}, True)


def test_nothing_is_written_where_the_plan_leaves_what_is_in_the_way(drifted, run, tmp_path):
    client = drifted.aws.client("codedeploy", "eu-west-1")
    client.create_application(applicationName="extra", computePlatform="Server")

    finished = run("release", "app", "--yes")

    reason = (
        "Nothing was written, and nothing deployed, because the regions are not alike:\n  eu-west-1: AWS::CodeDeploy"
    )
    runs = list(tmp_path.glob("snapshots/runs/*"))
    assert (finished.code, reason in finished.err, tags(drifted, "eu-west-1"), runs) == (2, True, [], []), finished.err


def test_a_release_that_could_not_remove_the_drift_names_its_run(capsys):
    failed = Applied("20261124T010203Z", Plan("us-east-1", "", {}, ()), (), ())

    code = released_code(Released(failed, None), {"json_log": False, "quiet": False, "verbose": False})

    assert (code, "auditor resume 20261124T010203Z" in capsys.readouterr().err) == (3, True)


def test_a_release_that_finds_new_drift_after_it_has_written_names_its_run():
    change = Change("/MemorySize", 1, 2)
    finding = Finding("1", "eu-west-1", "AWS::Lambda::Function", "api", "changed", "medium", (change,))
    found = Drift("us-east-1", ("eu-west-1",), "", True, {}, (finding,))
    rollout = Rollout("shop", "Server", ("web",), (("eu-west-1",),), {}, {}, "app", "key", "")

    with pytest.raises(GateError, match=r"auditor rollback 20261124T010203Z\n.*auditor resume 20261124T010203Z"):
        refuse_drift(found, rollout, "20261124T010203Z")


def test_drift_that_remains_is_only_told_if_told_so(shop, run):
    shop.aws.client("codedeploy", "eu-west-1").create_application(applicationName="extra", computePlatform="Server")

    finished = run("release", "app", "--yes", "--gate", "report")

    warned = "warning: eu-west-1: AWS::CodeDeploy::Application/extra is extra"
    assert (finished.code, warned in finished.err) == (0, True), finished.err


def test_a_stale_artifact_is_what_a_release_is_for(shop, run):
    run("deploy", "app", "--yes", "--region", "us-east-1", "--store", "other")

    finished = run("release", "app", "--yes")

    assert finished.code == 0, finished.err


def test_a_region_with_another_artifact_is_drift_to_the_next_audit(shop, run):
    run("deploy", "app", "--yes")
    shop.folder.joinpath("index.html").write_text("<h1>two</h1>")
    run("deploy", "app", "--yes", "--region", "us-east-1", "--region", "eu-west-1", "--store", "other")

    finished = run("diff", "--format", "json")

    found = [(one["site"], one["name"], one["classes"]) for one in json.loads(finished.out)["findings"]]
    assert found == [("ap-southeast-2", "shop/web", ["stale artifact"])]


def test_a_release_that_failed_is_gone_on_with(drifted, run, tmp_path):
    drifted.alarm("eu-west-1")
    run("release", "app", "--yes")
    drifted.alarm("eu-west-1", state="OK")

    finished = run("resume", run_of(tmp_path))

    assert (finished.code, drifted.revision("eu-west-1") != "") == (0, True), finished.err


def test_a_release_that_was_killed_between_plan_and_deployment_goes_on_with_the_deployment(drifted, run, tmp_path):
    run("release", "app", "--yes")
    cut(tmp_path, after="done")

    finished = run("resume", run_of(tmp_path))

    assert (finished.code, len(drifted.deployments("eu-west-1"))) == (0, 2), finished.err


def office(shop, region):
    """What only one region has: drift."""
    shop.aws.client("codedeploy", region).create_application(applicationName="late", computePlatform="Server")


@pytest.mark.parametrize(("gate", "code", "deployments"), [("refuse", 2, 1), ("report", 0, 2)])
def test_the_gate_is_asked_again_when_a_release_goes_on_that_deployed_nothing_yet(
    drifted, run, tmp_path, gate, code, deployments
):
    run("release", "app", "--yes", "--gate", gate)
    cut(tmp_path, after="done")
    office(drifted, "us-east-1")

    finished = run("resume", run_of(tmp_path))

    assert (finished.code, len(drifted.deployments("eu-west-1"))) == (code, deployments), finished.err


def test_a_release_that_has_begun_to_deploy_goes_on_whatever_drifted_since(shop, run, tmp_path):
    settings(shop, waves=[["us-east-1"], ["eu-west-1"], ["ap-southeast-2"]])
    shop.alarm("eu-west-1")
    run("release", "app", "--yes")
    shop.alarm("eu-west-1", state="OK")
    office(shop, "us-east-1")

    finished = run("resume", run_of(tmp_path))

    assert (finished.code, shop.revision("ap-southeast-2") != "") == (0, True), finished.err


def test_a_release_is_taken_back_whole(drifted, run, tmp_path):
    run("deploy", "app", "--yes", "--store", "first")
    (first,) = drifted.buckets("us-east-1")
    drifted.folder.joinpath("index.html").write_text("<h1>two</h1>")
    run("release", "app", "--yes")

    finished = run("rollback", run_of(tmp_path), "--yes")

    assert (finished.code, drifted.revision("eu-west-1"), tags(drifted, "eu-west-1")) == (0, first, []), finished.err


def test_the_gate_is_closed_while_a_group_is_busy(shop, run):
    settings(shop)
    revision = {"revisionType": "S3", "s3Location": {"bucket": "b", "key": "k.zip", "bundleType": "zip"}}
    shop.aws.client("codedeploy", "eu-west-1").create_deployment(
        applicationName="shop", deploymentGroupName="web", revision=revision
    )

    finished = run("release", "app", "--yes")

    assert (finished.code, shop.buckets("us-east-1")) == (1, {})
