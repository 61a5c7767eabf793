"""The sandbox's deployments behave as AWS documents: they move on, end as what is there tells, and are taken back."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, strategies as st

from auditor.sandbox.codedeploy_targets import overview, targets
from auditor.sandbox.seed import zipped

ROLE = "arn:aws:iam::123456789012:role/codedeploy"
GITHUB = {"revisionType": "GitHub", "gitHubLocation": {"repository": "shop/web", "commitId": "9f1c"}}
OTHER = {"revisionType": "GitHub", "gitHubLocation": {"repository": "shop/web", "commitId": "77aa"}}
ROLLBACKS = {
    "enabled": True,
    "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
}
STAYS_READY = {
    "deploymentStyle": {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
    "blueGreenDeploymentConfiguration": {
        "deploymentReadyOption": {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 60}
    },
}


class Group:
    """The group `web` of the application `shop`, of a platform, with these settings."""

    def __init__(self, aws, platform="Server", **settings):
        self.aws = aws
        self.client = aws.client("codedeploy")
        self.names = {"applicationName": "shop", "deploymentGroupName": "web"}
        self.client.create_application(applicationName="shop", computePlatform=platform)
        self.client.create_deployment_group(**self.names, serviceRoleArn=ROLE, **settings)

    def begun(self, revision=GITHUB, **more):
        return self.client.create_deployment(**self.names, revision=revision, **more)["deploymentId"]

    def ended(self, revision=GITHUB, **more):
        return self.looked_at(self.begun(revision, **more), 2)

    def looked_at(self, id_, times=1):
        for _ in range(times):
            info = self.client.get_deployment(deploymentId=id_)["deploymentInfo"]
        return info

    def listed(self, **filters):
        return self.client.list_deployments(**self.names, **filters)["deployments"]

    def told(self):
        return self.client.get_deployment_group(**self.names)["deploymentGroupInfo"]

    def targets(self, id_):
        ids = self.client.list_deployment_targets(deploymentId=id_)["targetIds"]
        return self.client.batch_get_deployment_targets(deploymentId=id_, targetIds=ids)["deploymentTargets"]


@pytest.fixture
def group(aws):
    return Group(aws)


def counts(info):
    return {state: count for state, count in info["deploymentOverview"].items() if count}


def error_of(call, **parameters):
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    answer = raised.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def alarmed(aws, name="5xx", state="ALARM"):
    cloudwatch = aws.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name, MetricName="Errors", Namespace="shop", Statistic="Sum", Period=60, EvaluationPeriods=1,
        Threshold=1, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="a test")


def watched(*names):
    return {"enabled": True, "alarms": [{"name": name} for name in names]}


def test_a_deployment_moves_on_each_time_that_it_is_looked_at(group):
    id_ = group.begun()

    looks = [group.looked_at(id_) for _ in range(3)]
    assert [(look["status"], counts(look)) for look in looks] == [
        ("InProgress", {"Succeeded": 1, "InProgress": 1}),
        ("Succeeded", {"Succeeded": 2}),
        ("Succeeded", {"Succeeded": 2}),
    ]


def test_a_batch_moves_its_deployments_on_too(group):
    id_ = group.begun()

    infos = group.client.batch_get_deployments(deploymentIds=[id_, "d-000000000"])["deploymentsInfo"]
    assert [(info["deploymentId"], info["status"]) for info in infos] == [(id_, "InProgress")]


def test_a_batch_of_more_than_25_deployments_is_refused(group):
    assert error_of(group.client.batch_get_deployments, deploymentIds=["d-000000000"] * 26) == (
        "BatchLimitExceededException",
        400,
    )


def test_listing_moves_nothing_on(group):
    id_ = group.begun()
    group.listed()

    assert group.listed(includeOnlyStatuses=["Created"]) == [id_]


def test_a_group_tells_of_the_last_attempt_from_its_beginning(group):
    id_ = group.begun()

    last = group.told()["lastAttemptedDeployment"]
    assert (last["deploymentId"], last["status"]) == (id_, "Created")


def test_a_group_tells_of_a_success_only_once_it_is_one(group):
    first = group.ended()
    group.begun(OTHER)

    told = group.told()
    assert (told["lastSuccessfulDeployment"]["deploymentId"], told["targetRevision"]) == (first["deploymentId"], GITHUB)


def test_a_deployment_knows_the_revision_before_it(group):
    group.ended()

    assert group.ended(OTHER)["previousRevision"] == GITHUB


def test_the_description_is_kept(group):
    assert group.ended(description="auditor deploy 7")["description"] == "auditor deploy 7"


def test_a_group_runs_one_deployment_at_a_time(group):
    group.begun()

    assert error_of(group.begun) == ("DeploymentLimitExceededException", 400)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"applicationName": "no"}, "ApplicationDoesNotExistException"),
        ({"deploymentGroupName": "no"}, "DeploymentGroupDoesNotExistException"),
        ({"deploymentConfigName": "no"}, "DeploymentConfigDoesNotExistException"),
        ({"revision": {}}, "RevisionRequiredException"),
        ({"revision": {"revisionType": "S3"}}, "InvalidRevisionException"),
        ({"revision": {"revisionType": "S3", "s3Location": {"bucket": "b", "key": "k"}}}, "InvalidRevisionException"),
        ({"revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": "{}"}}},
         "InvalidRevisionException"),
    ],
)  # fmt: skip
def test_what_aws_refuses_to_deploy_is_refused(group, asked, code):
    assert error_of(group.client.create_deployment, **{**group.names, "revision": GITHUB, **asked}) == (code, 400)


# -- the object in S3


def put(aws, key="shop/9f1c.zip", content=b"one"):
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=f"shop-{aws.account}")
    s3.put_bucket_versioning(Bucket=f"shop-{aws.account}", VersioningConfiguration={"Status": "Enabled"})
    return s3.put_object(Bucket=f"shop-{aws.account}", Key=key, Body=content)


def stored(aws, key="shop/9f1c.zip", bundle="zip", **more):
    return {
        "revisionType": "S3",
        "s3Location": {"bucket": f"shop-{aws.account}", "key": key, "bundleType": bundle, **more},
    }


def test_an_object_is_deployed_by_its_version_and_etag(group, aws):
    there = put(aws)

    assert group.ended(stored(aws, version=there["VersionId"], eTag=there["ETag"]))["status"] == "Succeeded"


def test_a_missing_object_fails_the_deployment(group, aws):
    put(aws)

    info = group.ended(stored(aws, key="shop/other.zip"))
    assert (info["status"], info["errorInformation"]["code"]) == ("Failed", "REVISION_MISSING")


def test_a_missing_version_fails_the_deployment(group, aws):
    put(aws)

    assert group.ended(stored(aws, version="no-such-version"))["errorInformation"]["code"] == "REVISION_MISSING"


def test_another_etag_fails_the_deployment(group, aws):
    put(aws)

    info = group.ended(stored(aws, eTag="0" * 32))
    assert (info["status"], info["errorInformation"]["code"]) == ("Failed", "INVALID_REVISION")


def test_a_failed_deployment_is_no_success_to_its_group(group, aws):
    put(aws)
    group.ended(stored(aws, key="shop/other.zip"))

    told = group.told()
    assert (told["lastAttemptedDeployment"]["status"], "lastSuccessfulDeployment" in told) == ("Failed", False)


# -- alarms and rollbacks


def test_an_alarm_stops_the_deployment_with_awss_words(aws):
    alarmed(aws)

    info = Group(aws, alarmConfiguration=watched("5xx", "never-made")).ended()
    assert (info["status"], info["errorInformation"]) == (
        "Stopped",
        {
            "code": "ALARM_ACTIVE",
            "message": "One or more alarms have been activated according to the Amazon CloudWatch metrics you "
            "selected, and the affected deployments have been stopped. Activated alarms: <5xx>",
        },
    )


def test_an_alarm_that_is_quiet_stops_nothing(aws):
    alarmed(aws, state="OK")

    assert Group(aws, alarmConfiguration=watched("5xx")).ended()["status"] == "Succeeded"


def test_alarms_that_are_not_enabled_stop_nothing(aws):
    alarmed(aws)

    assert Group(aws, alarmConfiguration={**watched("5xx"), "enabled": False}).ended()["status"] == "Succeeded"


def test_a_deployment_can_override_its_groups_alarms(aws):
    alarmed(aws)
    group = Group(aws, alarmConfiguration=watched("5xx"))

    assert group.ended(overrideAlarmConfiguration={"enabled": False})["status"] == "Succeeded"


def test_what_an_alarm_stopped_is_rolled_back_to_the_last_success(aws):
    group = Group(aws, alarmConfiguration=watched("5xx"), autoRollbackConfiguration=ROLLBACKS)
    group.ended()
    alarmed(aws)

    stopped = group.ended(OTHER)
    back = group.looked_at(stopped["rollbackInfo"]["rollbackDeploymentId"], 2)
    assert (back["status"], back["creator"], back["revision"], back["rollbackInfo"]) == (
        "Succeeded",
        "codeDeployRollback",
        GITHUB,
        {"rollbackTriggeringDeploymentId": stopped["deploymentId"]},
    )


def test_nothing_is_rolled_back_where_nothing_succeeded_before(aws):
    alarmed(aws)

    info = Group(aws, alarmConfiguration=watched("5xx"), autoRollbackConfiguration=ROLLBACKS).ended()
    assert "rollbackInfo" not in info


def test_nothing_is_rolled_back_at_an_event_that_the_group_does_not_name(aws):
    only_failures = {"enabled": True, "events": ["DEPLOYMENT_FAILURE"]}
    group = Group(aws, alarmConfiguration=watched("5xx"), autoRollbackConfiguration=only_failures)
    group.ended()
    alarmed(aws)

    assert "rollbackInfo" not in group.ended(OTHER)


# -- stopping and going on


def test_a_deployment_can_be_stopped(group):
    id_ = group.begun()
    answer = group.client.stop_deployment(deploymentId=id_)

    info = group.looked_at(id_)
    assert (answer["status"], info["status"], info["errorInformation"]["code"], counts(info)) == (
        "Succeeded",
        "Stopped",
        "MANUAL_STOP",
        {"Skipped": 2},
    )


def test_a_deployment_that_ended_cannot_be_stopped(group):
    id_ = group.ended()["deploymentId"]

    assert error_of(group.client.stop_deployment, deploymentId=id_) == ("DeploymentAlreadyCompletedException", 400)


@pytest.mark.parametrize(
    ("configured", "asked", "rolled_back"),
    [
        ({}, {"autoRollbackEnabled": True}, True),
        (ROLLBACKS, {"autoRollbackEnabled": False}, False),
        (ROLLBACKS, {}, True),
        ({}, {}, False),
    ],
)
def test_a_stop_rolls_back_as_it_is_told_or_else_as_configured(aws, configured, asked, rolled_back):
    group = Group(aws, **({"autoRollbackConfiguration": configured} if configured else {}))
    group.ended()
    id_ = group.begun(OTHER)
    group.client.stop_deployment(deploymentId=id_, **asked)

    assert ("rollbackInfo" in group.looked_at(id_)) is rolled_back


def test_a_blue_green_deployment_stays_ready_until_it_is_told_to_go_on(aws):
    group = Group(aws, **STAYS_READY)
    id_ = group.begun()
    before = [group.looked_at(id_)["status"] for _ in range(3)]
    group.client.continue_deployment(deploymentId=id_, deploymentWaitType="READY_WAIT")

    assert (before, group.looked_at(id_)["status"]) == (["InProgress", "Ready", "Ready"], "Succeeded")


def test_a_deployment_that_is_not_ready_cannot_be_continued(group):
    assert error_of(group.client.continue_deployment, deploymentId=group.begun()) == (
        "DeploymentIsNotInReadyStateException",
        400,
    )


# -- listing


def test_deployments_of_all_statuses_are_listed_newest_first(group):
    first = group.ended()["deploymentId"]
    second = group.begun()

    assert group.listed() == [second, first]


def test_a_listing_keeps_to_the_statuses_asked_for(group):
    first = group.ended()["deploymentId"]
    group.begun()

    assert group.listed(includeOnlyStatuses=["Succeeded", "Failed"]) == [first]


@pytest.mark.parametrize(
    ("moved", "found"), [({"start": -60, "end": 60}, 1), ({"start": 60, "end": 120}, 0), ({"end": -60}, 0)]
)
def test_a_listing_keeps_to_the_times_asked_for(group, moved, found):
    created = group.looked_at(group.begun())["createTime"].timestamp()

    assert len(group.listed(createTimeRange={name: created + seconds for name, seconds in moved.items()})) == found


def test_nothing_has_an_external_id(group):
    group.begun()

    assert group.listed(externalId="a-stack") == []


def test_a_listing_needs_both_names_or_neither(group):
    assert error_of(group.client.list_deployments, applicationName="shop") == (
        "DeploymentGroupNameRequiredException",
        400,
    )


def test_a_listing_comes_in_pages_of_100(group):
    ids = []
    for _ in range(101):
        ids.append(group.begun())
        group.client.stop_deployment(deploymentId=ids[-1])

    pages = [page["deployments"] for page in group.client.get_paginator("list_deployments").paginate(**group.names)]
    assert pages == [ids[:0:-1], ids[:1]]


# -- targets


def test_the_instances_are_told_one_by_one(group):
    id_ = group.begun()
    group.looked_at(id_)

    told = [one["instanceTarget"] for one in group.targets(id_)]
    assert [(one["status"], one["lifecycleEvents"][1]["status"]) for one in told] == [
        ("Succeeded", "Succeeded"),
        ("InProgress", "InProgress"),
    ]


def test_what_has_not_started_has_no_targets(group):
    assert error_of(group.client.list_deployment_targets, deploymentId=group.begun()) == (
        "DeploymentNotStartedException",
        400,
    )


def test_a_target_that_is_not_there_is_refused(group):
    id_ = group.ended()["deploymentId"]

    assert error_of(group.client.batch_get_deployment_targets, deploymentId=id_, targetIds=["i-1"]) == (
        "DeploymentTargetDoesNotExistException",
        400,
    )


def test_targets_are_listed_by_their_state(group):
    id_ = group.begun()
    group.looked_at(id_)

    def listed(*statuses):
        filters = {"TargetStatus": list(statuses)}
        return len(group.client.list_deployment_targets(deploymentId=id_, targetFilters=filters)["targetIds"])

    assert (listed("InProgress"), listed("Failed"), listed("Succeeded", "InProgress")) == (1, 0, 2)


@pytest.mark.parametrize(
    ("number", "code"),
    [(0, "DeploymentTargetIdRequiredException"), (26, "DeploymentTargetListSizeExceededException")],
)
def test_targets_are_told_of_25_at_a_time(group, number, code):
    id_ = group.ended()["deploymentId"]

    ids = [f"i-{n}" for n in range(number)]
    assert error_of(group.client.batch_get_deployment_targets, deploymentId=id_, targetIds=ids) == (code, 400)


def test_a_script_that_ends_otherwise_than_well_fails_its_instance_and_says_what_it_said(group):
    spec_ = "version: 0.0\nos: linux\nhooks: {ApplicationStart: [{location: ok.sh}, {location: start.sh}]}"
    bundle = {
        "appspec.yml": spec_,
        "ok.sh": "if false; then\n  exit 1\nfi\nexit 0\n",
        "start.sh": "echo 'no space'\nexit 3\necho never\n",
    }
    s3 = group.aws.client("s3")
    s3.create_bucket(Bucket="bundles")
    s3.put_object(Bucket="bundles", Key="web.zip", Body=zipped(bundle))
    location = {"bucket": "bundles", "key": "web.zip", "bundleType": "zip"}

    info = group.ended({"revisionType": "S3", "s3Location": location})

    failed, skipped = (one["instanceTarget"] for one in group.targets(info["deploymentId"]))
    (event,) = (one for one in failed["lifecycleEvents"] if one["status"] == "Failed")
    assert (info["status"], info["errorInformation"]["code"], skipped["status"]) == (
        "Failed", "HEALTH_CONSTRAINTS", "Skipped",
    )  # fmt: skip
    assert (event["lifecycleEventName"], event["diagnostics"]) == (
        "ApplicationStart",
        {
            "errorCode": "ScriptFailed",
            "scriptName": "start.sh",
            "message": "Script at specified location: start.sh failed with exit code 3",
            "logTail": "LifecycleEvent - ApplicationStart\nScript - start.sh\n[stdout]no space\n",
        },
    )


def test_the_traffic_of_a_service_is_told_in_per_cent(aws):
    group = Group(aws, "ECS", ecsServices=[{"clusterName": "shop", "serviceName": "web"}])
    id_ = group.begun({"revisionType": "AppSpecContent", "appSpecContent": {"content": "version: 0.0"}})

    told = []
    for _ in range(2):
        group.looked_at(id_)
        (target,) = group.targets(id_)
        told.append({one["taskSetLabel"]: one["trafficWeight"] for one in target["ecsTarget"]["taskSetsInfo"]})
    assert told == [{"Blue": 90.0, "Green": 10.0}, {"Blue": 0.0, "Green": 100.0}]


@given(
    st.sampled_from(["Server", "Lambda", "ECS"]),
    st.sampled_from(["Created", "InProgress", "Ready", "Succeeded", "Failed", "Stopped"]),
    st.booleans(),
)
def test_the_overview_counts_what_the_targets_tell(platform, status, started):
    app_spec = json.dumps(spec("1", "2"))
    one = {
        "deploymentId": "d-1", "createTime": 1.0, "computePlatform": platform, "status": status,
        "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": app_spec}},
        **({"startTime": 2.0} if started else {}),
    }  # fmt: skip

    states = [next(v for v in target.values() if isinstance(v, dict))["status"] for target in targets(one, {}).values()]
    assert {state: states.count(state) for state in states} == counts({"deploymentOverview": overview(one)})


# -- Lambda


def spec(current, target, alias="live"):
    properties = {"Name": "checkout", "Alias": alias, "CurrentVersion": current, "TargetVersion": target}
    return {"version": 0.0, "Resources": [{"checkout": {"Type": "AWS::Lambda::Function", "Properties": properties}}]}


YAML_SPEC = """version: 0.0
Resources:
  - checkout:
      Type: AWS::Lambda::Function
      Properties: {Name: checkout, Alias: live, CurrentVersion: 1, TargetVersion: 2}
"""


def content(text):
    return {"revisionType": "AppSpecContent", "appSpecContent": {"content": text}}


@pytest.fixture
def checkout(aws):
    """A function of two versions, whose alias points to the first."""
    client = aws.client("lambda")
    client.create_function(
        FunctionName="checkout", Runtime="python3.12", Handler="app.handler", Publish=True,
        Role="arn:aws:iam::123456789012:role/x", Code={"ZipFile": zipped({"app.py": "handler = None\n"})},
    )  # fmt: skip
    client.create_alias(FunctionName="checkout", Name="live", FunctionVersion="1")
    client.update_function_code(FunctionName="checkout", ZipFile=zipped({"app.py": "handler = 1\n"}), Publish=True)
    return client


def version_of(checkout):
    return checkout.get_alias(FunctionName="checkout", Name="live")["FunctionVersion"]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(spec("1", "2")),
        YAML_SPEC,
    ],
    ids=["json", "yaml"],
)
def test_a_lambda_deployment_moves_the_alias(aws, checkout, text):
    group = Group(aws, "Lambda")

    assert (group.ended(content(text))["status"], version_of(checkout)) == ("Succeeded", "2")


def test_a_lambda_deployment_moves_the_alias_of_an_appspec_in_s3(aws, checkout):
    put(aws, "shop/appspec.json", json.dumps(spec("1", "2")).encode())
    Group(aws, "Lambda").ended(stored(aws, "shop/appspec.json", "JSON"))

    assert version_of(checkout) == "2"


def test_the_traffic_of_a_function_is_told_from_0_to_1(aws, checkout):
    group = Group(aws, "Lambda")
    id_ = group.begun(content(json.dumps(spec("1", "2"))))

    told = []
    for _ in range(2):
        group.looked_at(id_)
        (target,) = group.targets(id_)
        told.append(target["lambdaTarget"]["lambdaFunctionInfo"])
    same = {"functionName": "checkout", "functionAlias": "live", "currentVersion": "1", "targetVersion": "2"}
    assert told == [{**same, "targetVersionWeight": 0.1}, {**same, "targetVersionWeight": 1.0}]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (json.dumps(spec("2", "1")), "INVALID_LAMBDA_CONFIGURATION"),
        (json.dumps(spec("1", "2", alias="no")), "INVALID_LAMBDA_CONFIGURATION"),
        ("version: 0.0", "INVALID_REVISION"),
        ("{", "INVALID_REVISION"),
    ],
    ids=["another current version", "no such alias", "no resource", "no document"],
)
def test_a_lambda_deployment_of_what_is_not_so_fails_and_moves_nothing(aws, checkout, text, code):
    info = Group(aws, "Lambda").ended(content(text))

    assert (info["status"], info["errorInformation"]["code"], version_of(checkout)) == ("Failed", code, "1")


def test_a_lambda_deployment_is_rolled_back_without_looking_at_its_old_current_version(aws, checkout):
    group = Group(aws, "Lambda", alarmConfiguration=watched("5xx"), autoRollbackConfiguration=ROLLBACKS)
    group.ended(content(json.dumps(spec("1", "2"))))
    alarmed(aws)
    stopped = group.ended(content(json.dumps(spec("2", "1"))))

    back = group.looked_at(stopped["rollbackInfo"]["rollbackDeploymentId"], 2)
    assert (back["status"], version_of(checkout)) == ("Succeeded", "2")
