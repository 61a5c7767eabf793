"""`auditor deploy` on the embedded AWS: every region gets the same bytes, and a deployment, in waves."""

from __future__ import annotations

import io
import json
import time
import zipfile
from pathlib import Path

import pytest

from shipping import REGIONS, settings, shop

__all__ = ["shop"]


def run_of(tmp_path):
    (run,) = (tmp_path / "snapshots" / "runs").iterdir()
    return run.name


def entries(tmp_path, event):
    (run,) = (tmp_path / "snapshots" / "runs").iterdir()
    lines = [json.loads(line) for line in (run / "journal.jsonl").read_text().splitlines()]
    return [line for line in lines if line["event"] == event]


def test_every_region_has_the_artifact_deployed(shop, run):
    finished = run("deploy", "app", "--yes")

    (key,) = shop.buckets("us-east-1")
    assert (finished.code, [shop.revision(region) for region in REGIONS]) == (0, [key] * 3), finished.err


def test_every_bucket_has_the_same_bytes(shop, run):
    run("deploy", "app", "--yes")

    found = set()
    for region in REGIONS:
        (key,) = shop.buckets(region)
        found.add(shop.aws.client("s3", region).get_object(Bucket=shop.bucket(region), Key=key)["Body"].read())
    (content,) = found
    assert zipfile.ZipFile(io.BytesIO(content)).namelist() == ["appspec.yml", "index.html"]


def test_the_object_says_where_it_is_from(shop, run):
    run("deploy", "app", "--yes")

    (key,) = shop.buckets("eu-west-1")
    told = shop.aws.client("s3", "eu-west-1").head_object(Bucket=shop.bucket("eu-west-1"), Key=key)["Metadata"]
    assert told == {"sha256": key.removeprefix("shop/").removesuffix(".zip"), "shipped-by": "auditor-deploy"}


def test_the_deployment_pins_the_version_and_the_etag(shop, run):
    run("deploy", "app", "--yes")

    (one,) = shop.deployments("eu-west-1")
    (key,) = shop.buckets("eu-west-1")
    head = shop.aws.client("s3", "eu-west-1").head_object(Bucket=shop.bucket("eu-west-1"), Key=key)
    assert one["revision"] == {
        "revisionType": "S3",
        "s3Location": {
            "bucket": shop.bucket("eu-west-1"),
            "key": key,
            "bundleType": "zip",
            "version": head["VersionId"],
            "eTag": head["ETag"].strip('"'),
        },
    }


def test_what_is_in_the_bucket_already_is_not_uploaded_again(shop, run, tmp_path):
    run("deploy", "app", "--yes")
    finished = run("deploy", "app", "--yes")

    assert (finished.code, finished.err.count("already there: s3://")) == (0, 3)


def test_a_dry_run_uploads_nothing(shop, run, tmp_path):
    finished = run("deploy", "app", "--dry-run")

    assert (finished.code, shop.buckets("us-east-1"), (tmp_path / "snapshots" / "runs").exists()) == (0, {}, False)


def test_a_failure_in_the_second_wave_keeps_the_third_from_starting(shop, run):
    settings(shop, waves=[["us-east-1"], ["eu-west-1"], ["ap-southeast-2"]])
    shop.alarm("eu-west-1")

    finished = run("deploy", "app", "--yes")

    assert (finished.code, [len(shop.deployments(region)) for region in REGIONS]) == (3, [1, 1, 0])


def test_codedeploys_own_message_is_told(shop, run):
    shop.alarm("eu-west-1")

    finished = run("deploy", "app", "--yes")

    assert "ALARM_ACTIVE: One or more alarms have been activated" in finished.out


def test_what_was_deployed_before_is_deployed_again_if_told_so(shop, run):
    run("deploy", "app", "--yes")
    (first,) = shop.buckets("us-east-1")
    shop.folder.joinpath("index.html").write_text("<h1>two</h1>")
    settings(shop, waves=[["us-east-1"], ["eu-west-1"], ["ap-southeast-2"]])
    shop.alarm("eu-west-1")

    finished = run("deploy", "app", "--yes", "--on-failure", "rollback")

    assert (finished.code, shop.revision("us-east-1"), len(shop.deployments("ap-southeast-2"))) == (3, first, 1)


def test_where_nothing_was_deployed_before_there_is_no_way_back(shop, run):
    settings(shop, waves=[["us-east-1"], ["eu-west-1"]])
    shop.alarm("eu-west-1")

    finished = run("deploy", "app", "--yes", "--on-failure", "rollback")

    assert "us-east-1: web had nothing deployed before, so there is no way back to it." in finished.out


def test_a_failure_is_passed_over_if_told_so(shop, run):
    settings(shop, waves=[["us-east-1"], ["eu-west-1"]])
    shop.alarm("us-east-1")

    run("deploy", "app", "--yes", "--on-failure", "continue")

    assert [len(shop.deployments(region)) for region in REGIONS] == [1, 1, 1]


def test_a_run_that_failed_is_gone_on_with(shop, run, tmp_path):
    shop.alarm("eu-west-1")
    run("deploy", "app", "--yes")
    shop.alarm("eu-west-1", state="OK")

    finished = run("resume", run_of(tmp_path))

    (key,) = shop.buckets("us-east-1")
    assert (finished.code, [shop.revision(region) for region in REGIONS]) == (0, [key] * 3), finished.err


def test_what_is_done_is_not_done_again_when_a_run_is_resumed(shop, run, tmp_path):
    shop.alarm("eu-west-1")
    run("deploy", "app", "--yes")
    shop.alarm("eu-west-1", state="OK")
    run("resume", run_of(tmp_path))

    assert [len(shop.deployments(region)) for region in REGIONS] == [1, 2, 1]


def test_a_run_that_was_killed_before_its_deployments_packs_the_same_again(shop, run, tmp_path):
    run("deploy", "app", "--yes")
    cut(tmp_path, after="run")

    finished = run("resume", run_of(tmp_path))

    assert (finished.code, finished.err.count("already there: s3://")) == (0, 3), finished.err


def test_a_source_that_changed_since_is_refused_when_a_run_is_resumed(shop, run, tmp_path):
    run("deploy", "app", "--yes")
    cut(tmp_path, after="run")
    shop.folder.joinpath("index.html").write_text("<h1>another</h1>")

    finished = run("resume", run_of(tmp_path))

    assert (finished.code, "is no longer what the run began with" in finished.err) == (1, True)


def test_a_deployment_whose_answer_was_lost_is_found_again_and_not_made_twice(shop, run, tmp_path):
    run("deploy", "app", "--yes", "--region", "us-east-1")
    cut(tmp_path, after="deploying")

    finished = run("resume", run_of(tmp_path))

    assert (finished.code, len(shop.deployments("us-east-1"))) == (0, 1), finished.err


def cut(tmp_path, after):
    """The journal as a kill right after the last entry of this event would have left it."""
    (path,) = (tmp_path / "snapshots" / "runs").glob("*/journal.jsonl")
    lines = path.read_text().splitlines(keepends=True)
    last = max(number for number, line in enumerate(lines) if json.loads(line)["event"] == after)
    path.write_text("".join(lines[: last + 1]))


def test_a_rollback_deploys_what_was_there_before(shop, run, tmp_path):
    run("deploy", "app", "--yes", "--store", "first")
    (first,) = shop.buckets("us-east-1")
    shop.folder.joinpath("index.html").write_text("<h1>two</h1>")
    run("deploy", "app", "--yes")

    finished = run("rollback", run_of(tmp_path), "--yes")

    assert (finished.code, [shop.revision(region) for region in REGIONS]) == (0, [first] * 3), finished.err


def test_a_group_that_is_busy_is_refused_before_anything_is_uploaded(shop, run):
    busy(shop, "eu-west-1")

    finished = run("deploy", "app", "--yes")

    assert (finished.code, shop.buckets("us-east-1"), "is running in shop/web" in finished.err) == (1, {}, True)


def test_the_end_of_a_running_deployment_is_waited_for_if_told_so(shop, run, monkeypatch):
    id_ = busy(shop, "eu-west-1")
    monkeypatch.setattr("auditor.deploy.run._PAUSE", 0.01)
    told = []

    def ends(step):
        told.append(step.words)
        if step.words.startswith("waits"):
            shop.aws.client("codedeploy", "eu-west-1").get_deployment(deploymentId=id_)

    monkeypatch.setattr("auditor.cli.watch.step_lines", lambda: ends)
    finished = run("deploy", "app", "--yes", "--running", "wait")

    assert (finished.code, any(f"waits for the deployment {id_} (" in one for one in told)) == (0, True), told


def busy(shop, region):
    revision = {"revisionType": "S3", "s3Location": {"bucket": "b", "key": "k.zip", "bundleType": "zip"}}
    made = shop.aws.client("codedeploy", region).create_deployment(
        applicationName="shop", deploymentGroupName="web", revision=revision
    )
    return made["deploymentId"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--group", "nope"], "the deployment group shop/nope could not be read"),
        (["--group", "nope"], "Check its name: 'aws deploy list-deployment-groups' tells what there is."),
        (["--application", "nope"], "Check its name: 'aws deploy list-applications' tells what there is."),
        (["--bucket", "nowhere-{region}"], "the bucket nowhere-us-east-1 is not there"),
        (["--application", "nope"], "the application nope could not be read"),
        (["--wave", "eu-north-1"], "eu-north-1 is not among the regions"),
    ],
)
def test_what_is_not_there_is_told_before_anything_is_uploaded(shop, run, options, said):
    finished = run("deploy", "app", "--yes", *options)

    assert (finished.code, said in finished.err, shop.buckets("eu-west-1")) == (1, True, {}), finished.err


def test_an_artifact_without_an_appspec_is_refused(shop, run):
    shop.folder.joinpath("appspec.yml").unlink()

    finished = run("deploy", "app", "--yes")

    assert (finished.code, "appspec.yml" in finished.err, shop.buckets("us-east-1")) == (1, True, {})


def test_an_appspec_of_another_platform_is_refused(shop, run):
    function = "version: 0.0\nResources:\n  - f: {Type: 'AWS::Lambda::Function', Properties: {Name: f, Alias: live}}\n"
    shop.folder.joinpath("appspec.yml").write_text(function)

    finished = run("deploy", "app", "--yes")

    said = "has the compute platform Server, and the AppSpec is for Lambda"
    assert (finished.code, said in finished.err) == (1, True)


def test_deploying_needs_no_golden_region(shop, run, tmp_path):
    Path("auditor.yaml").unlink()

    finished = run(
        "deploy", "app", "--yes", "--region", "eu-west-1", "--application", "shop", "--group", "web",
        "--bucket", f"shop-{shop.aws.account}-{{region}}",
    )  # fmt: skip

    assert finished.code == 0, finished.err


def test_each_step_is_written_down(shop, run, tmp_path):
    run("deploy", "app", "--yes")

    found = {
        event: len(entries(tmp_path, event)) for event in ("placed", "deploying", "deployment", "deployment ended")
    }
    assert found == {"placed": 3, "deploying": 3, "deployment": 3, "deployment ended": 3}


FUNCTION = "def handler(event, context):\n    return {'answer': 2}\n"
LAMBDA_APPSPEC = """
version: 0.0
Resources:
  - api: {Type: "AWS::Lambda::Function", Properties: {Name: api, Alias: live}}
"""


def function(shop, region, group=True):
    old = io.BytesIO()
    with zipfile.ZipFile(old, "w") as archive:
        archive.writestr("app.py", "def handler(event, context):\n    return {'answer': 1}\n")
    client = shop.aws.client("lambda", region)
    client.create_function(
        FunctionName="api", Runtime="python3.12", Role="arn:aws:iam::123456789012:role/api", Handler="app.handler",
        Code={"ZipFile": old.getvalue()}, Publish=True,
    )  # fmt: skip
    client.create_alias(FunctionName="api", Name="live", FunctionVersion="1")
    if group:
        codedeploy = shop.aws.client("codedeploy", region)
        codedeploy.create_application(applicationName="api", computePlatform="Lambda")
        codedeploy.create_deployment_group(
            applicationName="api", deploymentGroupName="live", serviceRoleArn="arn:aws:iam::123456789012:role/c",
            deploymentStyle={"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
            alarmConfiguration={"enabled": True, "alarms": [{"name": "web-down"}]},
        )  # fmt: skip


def lambda_source(shop):
    shop.folder.joinpath("appspec.yml").write_text(LAMBDA_APPSPEC)
    shop.folder.joinpath("index.html").unlink()
    shop.folder.joinpath("app.py").write_text(FUNCTION)


def alias(shop, region):
    return shop.aws.client("lambda", region).get_alias(FunctionName="api", Name="live")["FunctionVersion"]


def answered(shop, region):
    told = shop.aws.client("lambda", region).invoke(FunctionName="api", Qualifier="live")["Payload"].read()
    return json.loads(told)


@pytest.mark.parametrize("group", [True, False])
def test_a_function_gets_a_version_of_the_artifact_and_its_alias_is_moved(shop, run, group):
    for region in REGIONS:
        function(shop, region, group)
    lambda_source(shop)
    settings(shop, application="api", groups=["live"] if group else [])

    finished = run("deploy", "app", "--yes")

    assert (finished.code, [answered(shop, region) for region in REGIONS]) == (0, [{"answer": 2}] * 3), finished.err


@pytest.mark.parametrize("group", [True, False])
def test_a_rollback_moves_the_alias_back(shop, run, tmp_path, group):
    for region in REGIONS:
        function(shop, region, group)
    lambda_source(shop)
    settings(shop, application="api", groups=["live"] if group else [])
    run("deploy", "app", "--yes")

    finished = run("rollback", run_of(tmp_path), "--yes")

    assert (finished.code, [alias(shop, region) for region in REGIONS]) == (0, ["1"] * 3), finished.err


ECS_APPSPEC = """
version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: "arn:aws:ecs:${region}:${account}:task-definition/web:7"
        LoadBalancerInfo: {ContainerName: web, ContainerPort: 80}
"""


@pytest.fixture
def service(shop):
    """An application of platform ECS in each region, and an AppSpec for it."""
    for region in REGIONS:
        codedeploy = shop.aws.client("codedeploy", region)
        codedeploy.create_application(applicationName="web", computePlatform="ECS")
        listener = f"arn:aws:elasticloadbalancing:{region}:{shop.aws.account}:listener/app/web/1/2"
        groups = [{"name": "blue"}, {"name": "green"}]
        codedeploy.create_deployment_group(
            applicationName="web", deploymentGroupName="web", serviceRoleArn="arn:aws:iam::123456789012:role/c",
            deploymentStyle={"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
            ecsServices=[{"clusterName": "shop", "serviceName": "web"}],
            blueGreenDeploymentConfiguration={"deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT"}},
            loadBalancerInfo={"targetGroupPairInfoList": [
                {"targetGroups": groups, "prodTrafficRoute": {"listenerArns": [listener]}}
            ]},
            alarmConfiguration={"enabled": True, "alarms": [{"name": "web-down"}]},
        )  # fmt: skip
    shop.folder.joinpath("appspec.yml").write_text(ECS_APPSPEC)
    settings(shop, application="web", groups=["web"])
    return shop


def task_definitions(shop, region):
    """What each deployment to the group `web` told CodeDeploy to run, newest first."""
    client = shop.aws.client("codedeploy", region)
    ids = client.list_deployments(applicationName="web", deploymentGroupName="web")["deployments"]
    told = [client.get_deployment(deploymentId=id_)["deploymentInfo"]["revision"] for id_ in ids]
    contents = [json.loads(one["appSpecContent"]["content"]) for one in told]
    return [one["Resources"][0]["TargetService"]["Properties"]["TaskDefinition"] for one in contents]


def test_a_service_is_deployed_with_the_given_appspec_in_each_regions_own_words(service, run):
    finished = run("deploy", "app", "--yes")

    assert (finished.code, [task_definitions(service, region) for region in REGIONS]) == (
        0,
        [[f"arn:aws:ecs:{region}:{service.aws.account}:task-definition/web:7"] for region in REGIONS],
    ), finished.err


def test_a_rollback_deploys_the_services_appspec_of_before(service, run, tmp_path):
    run("deploy", "app", "--yes", "--store", "first")
    service.folder.joinpath("appspec.yml").write_text(ECS_APPSPEC.replace("web:7", "web:8"))
    run("deploy", "app", "--yes")

    finished = run("rollback", run_of(tmp_path), "--yes")

    assert (finished.code, [one[-5:] for one in task_definitions(service, "eu-west-1")]) == (
        0,
        ["web:7", "web:8", "web:7"],
    ), finished.err


def test_an_alias_stays_where_it_is_when_its_deployment_is_stopped(shop, run):
    function(shop, "us-east-1")
    lambda_source(shop)
    settings(shop, application="api", groups=["live"])
    shop.alarm("us-east-1")

    finished = run("deploy", "app", "--yes", "--region", "us-east-1")

    assert (finished.code, alias(shop, "us-east-1")) == (3, "1")


def second(shop, run, *options):
    """Another artifact, deployed by a run of its own."""
    shop.folder.joinpath("index.html").write_text("<h1>two</h1>")
    assert run("deploy", "app", "--yes", "--store", "second", *options).code == 0
    (key,) = {one["revision"]["s3Location"]["key"] for one in shop.deployments("us-east-1")[:1]}
    return key


def test_a_rollback_leaves_what_was_deployed_since(shop, run, tmp_path):
    run("deploy", "app", "--yes")
    later = second(shop, run)

    finished = run("rollback", run_of(tmp_path), "--yes")

    assert (finished.code, [shop.revision(region) for region in REGIONS]) == (3, [later] * 3), finished.out


def test_what_was_deployed_since_is_named(shop, run, tmp_path):
    run("deploy", "app", "--yes")
    second(shop, run)
    (id_, *_) = shop.aws.client("codedeploy").list_deployments(applicationName="shop", deploymentGroupName="web")[
        "deployments"
    ]

    finished = run("rollback", run_of(tmp_path), "--yes")

    assert f"  not rolled back: us-east-1: the deployment {id_} to shop/web came after this run" in finished.out


def test_resuming_leaves_what_was_deployed_since_and_says_so(shop, run, tmp_path):
    settings(shop, waves=[["us-east-1"], ["eu-west-1"], ["ap-southeast-2"]])
    shop.alarm("eu-west-1")
    run("deploy", "app", "--yes")
    shop.alarm("eu-west-1", state="OK")
    later = second(shop, run)

    finished = run("resume", run_of(tmp_path))

    assert (finished.code, [shop.revision(region) for region in REGIONS]) == (3, [later] * 3), finished.out


@pytest.mark.parametrize("group", [True, False])
def test_a_rollback_leaves_an_alias_that_was_moved_since(shop, run, tmp_path, group):
    function(shop, "us-east-1", group)
    lambda_source(shop)
    settings(shop, application="api", groups=["live"] if group else [])
    run("deploy", "app", "--yes", "--region", "us-east-1")
    shop.folder.joinpath("app.py").write_text(FUNCTION + "\n")
    # A run is named by its second, and one store does not know of the other's.
    time.sleep(1)
    run("deploy", "app", "--yes", "--region", "us-east-1", "--store", "second")
    later = alias(shop, "us-east-1")

    finished = run("rollback", run_of(tmp_path), "--yes")

    assert (finished.code, alias(shop, "us-east-1"), later) == (3, later, "3"), finished.out


def test_an_alarm_does_not_keep_a_region_from_the_way_back(shop, run):
    run("deploy", "app", "--yes", "--store", "first")
    (first,) = shop.buckets("us-east-1")
    shop.folder.joinpath("index.html").write_text("<h1>two</h1>")
    shop.alarm("eu-west-1")

    finished = run("deploy", "app", "--yes", "--on-failure", "rollback")

    assert [shop.revision(region) for region in REGIONS] == [first] * 3, finished.out
    assert finished.out.splitlines()[-1] == "Rolled back: us-east-1, eu-west-1, ap-southeast-2."


def test_what_is_rolled_back_is_not_counted_as_deployed(shop, run):
    run("deploy", "app", "--yes", "--store", "first")
    shop.folder.joinpath("index.html").write_text("<h1>two</h1>")
    settings(shop, waves=[["us-east-1"], ["eu-west-1"], ["ap-southeast-2"]])
    shop.alarm("eu-west-1")

    finished = run("deploy", "app", "--yes", "--on-failure", "rollback")

    assert " was deployed to 0 of 3 (" in finished.out.splitlines()[0]
    assert "  not deployed: ap-southeast-2: not begun, because an earlier wave failed" in finished.out.splitlines()


def test_a_rollback_says_first_what_it_goes_back_to(shop, run, tmp_path):
    run("deploy", "app", "--yes", "--store", "first")
    (first,) = shop.buckets("us-east-1")
    shop.folder.joinpath("index.html").write_text("<h1>two</h1>")
    run("deploy", "app", "--yes")

    finished = run("rollback", run_of(tmp_path), "--yes")

    line = f"  eu-west-1      web          back to s3://{shop.bucket('eu-west-1')}/{first}"
    assert line in finished.err.splitlines()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("rollback", "RUN", "-o", "back.json"), "shipped an artifact, which no plan takes back."),
        (
            ("rollback", "RUN", "--yes", "-o", "back.json"),
            "--yes says how to write to AWS, and -o writes",
        ),
        (("rollback", "RUN", "--yes", "--tolerate", "1"), "--tolerate counts actions of a plan, and "),
        (("rollback", "RUN", "--yes", "--wave", "eu-west-9"), "eu-west-9 is not among the regions"),
        (
            ("rollback", "RUN", "--yes", "--region", "us-east-1"),
            "--region: a saved plan, or a run, says what",
        ),
        (("resume", "RUN", "--region", "us-east-1"), "--region: a saved plan, or a run, says what"),
        (("deploy", "app", "--golden", "us-east-1"), "--golden: 'auditor deploy' compares nothing"),
        (("deploy", "app", "--wave", "rest", "--wave", "rest"), "rest is named twice"),
        (("deploy", "app", "--wave", ""), "The waves cannot be kept: '' is not among the regions"),
        (("deploy", ""), "'' is no source. Nothing was packed."),
        (("deploy", "https://github.com/octo/shop"), "'https://github.com/octo/shop' is no source."),
        (
            ("deploy", "app", "--bucket", "shop-{regio}"),
            "'shop-{regio}' makes 'shop-{regio}', which is no bucket's name.",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_reason(shop, run, tmp_path, arguments, said):
    run("deploy", "app", "--yes")

    finished = run(*(run_of(tmp_path) if one == "RUN" else one for one in arguments))

    assert (finished.code, said in finished.err) == (1, True), finished.err


def test_a_group_that_is_named_twice_is_deployed_to_once(shop, run):
    run("deploy", "app", "--yes", "--group", "web", "--group", "web")

    assert [len(shop.deployments(region)) for region in REGIONS] == [1, 1, 1]


def test_one_region_alone_can_be_deployed_to(shop, run):
    run("deploy", "app", "--yes", "--region", "eu-west-1")

    assert [len(shop.deployments(region)) for region in REGIONS] == [0, 1, 0]


def test_a_file_that_looks_like_a_secret_is_warned_of(shop, run):
    shop.folder.joinpath(".env").write_text("TOKEN=of nobody")

    finished = run("deploy", "app", "--dry-run")

    assert "warning: .env is in the artifact, and looks as if it held secrets" in finished.err.splitlines()


def test_a_warning_is_an_event_where_events_are_asked_for(shop, run):
    shop.folder.joinpath(".env").write_text("TOKEN=of nobody")

    events = [json.loads(line) for line in run("deploy", "app", "--dry-run", "--json-log").err.splitlines()[:1]]
    assert [(one["event"], one["text"]) for one in events] == [
        ("warning", ".env is in the artifact, and looks as if it held secrets")
    ]


def test_a_pointer_of_git_lfs_in_place_of_a_file_is_refused(shop, run):
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'4d' * 32}\nsize 12345\n"
    shop.folder.joinpath("index.html").write_text(pointer)

    finished = run("deploy", "app", "--yes")
    assert (finished.code, shop.buckets("us-east-1")) == (1, {})
    assert "1 file ('index.html') is a pointer of Git LFS" in finished.err


def test_nothing_is_printed_when_all_is_well_and_nobody_wants_to_read(shop, run, tmp_path):
    finished = [run("deploy", "app", "-q", "--dry-run"), run("deploy", "app", "--yes", "-q")]

    assert [(one.code, one.out, one.err) for one in finished] == [(0, "", "")] * 2
