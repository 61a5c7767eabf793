"""CodeDeploy deployment groups: from AWS's answer to the document that is compared."""

from __future__ import annotations

import pytest

from auditor.aws.readings import taken
from auditor.model.values import ABSENT, Reading, State
from auditor.resources.codedeploy_deployment_group import SPEC, created, updated
from made import IRELAND, VIRGINIA, carried_out, whole

ROLE = "arn:aws:iam::123456789012:role/codedeploy"
WEB = {"parent": "shop", "name": "web"}


def fields(information, tags=(), locale=VIRGINIA, revision=None):
    configuration, deployed, tagging = SPEC.facets
    named = {"deploymentGroupName": "web", **information}
    readings = {
        "configuration": taken(configuration, configuration.source.alone.pick, {"deploymentGroupInfo": named}),
        "revision": taken(deployed, deployed.source.call.pick, {"deploymentInfo": {"revision": revision}}),
        "tags": taken(tagging, tagging.source.pick, {"Tags": list(tags)}),
    }
    return whole(SPEC, "shop/web", readings, locale).fields


def test_a_group_about_which_nothing_is_said_has_aws_defaults():
    assert fields({"deploymentGroupName": "web"}) == {
        "Tags": {},
        "alarmConfiguration": {"alarms": {}, "enabled": False, "ignorePollAlarmFailure": False},
        "autoRollbackConfiguration": {"enabled": False, "events": {}},
        "autoScalingGroups": {},
        "blueGreenDeploymentConfiguration": {},
        "deploymentConfigName": "CodeDeployDefault.OneAtATime",
        "deploymentStyle": {"deploymentOption": "WITHOUT_TRAFFIC_CONTROL", "deploymentType": "IN_PLACE"},
        "ec2TagFilters": {},
        "ec2TagSet": {"ec2TagSetList": {}},
        "ecsServices": {},
        "loadBalancerInfo": {"elbInfoList": {}, "targetGroupInfoList": {}, "targetGroupPairInfoList": []},
        "onPremisesInstanceTagFilters": {},
        "onPremisesTagSet": {"onPremisesTagSetList": {}},
        "outdatedInstancesStrategy": "UPDATE",
        "terminationHookEnabled": False,
        "triggerConfigurations": {},
    }


@pytest.mark.parametrize(
    ("platform", "style", "config"),
    [
        ("Server", ("IN_PLACE", "WITHOUT_TRAFFIC_CONTROL"), "CodeDeployDefault.OneAtATime"),
        ("Lambda", ("BLUE_GREEN", "WITH_TRAFFIC_CONTROL"), "CodeDeployDefault.LambdaAllAtOnce"),
        ("ECS", ("BLUE_GREEN", "WITH_TRAFFIC_CONTROL"), "CodeDeployDefault.ECSAllAtOnce"),
    ],
)
def test_how_a_deployment_runs_by_default_depends_on_the_platform(platform, style, config):
    said = {
        "deploymentStyle": {"deploymentType": style[0], "deploymentOption": style[1]},
        "deploymentConfigName": config,
    }

    assert fields({"computePlatform": platform}) == fields({"computePlatform": platform, **said})


def test_a_style_that_is_said_in_part_keeps_that_part():
    information = {"computePlatform": "Server", "deploymentStyle": {"deploymentType": "BLUE_GREEN"}}

    assert fields(information)["deploymentStyle"] == {
        "deploymentType": "BLUE_GREEN",
        "deploymentOption": "WITHOUT_TRAFFIC_CONTROL",
    }


def test_what_each_region_generates_and_what_was_deployed_is_not_compared():
    information = {
        "applicationName": "shop",
        "deploymentGroupName": "web",
        "deploymentGroupId": "a1",
        "targetRevision": {"revisionType": "S3"},
        "lastSuccessfulDeployment": {"deploymentId": "d-1"},
        "lastAttemptedDeployment": {"deploymentId": "d-2"},
    }

    assert fields(information) == fields({})


def test_of_a_lifecycle_hook_it_is_compared_whether_it_is_there_and_never_its_name():
    web = {"name": "web", "hook": "CodeDeploy-1f", "terminationHook": "CodeDeploy-2e"}
    one = fields({"autoScalingGroups": [web]})

    assert one == fields({"autoScalingGroups": [{**web, "hook": "CodeDeploy-3d", "terminationHook": "CodeDeploy-4c"}]})
    assert one != fields({"autoScalingGroups": [{**web, "hook": ""}]})
    assert one != fields({"autoScalingGroups": [{"name": "web", "hook": "CodeDeploy-1f"}]})


TAGGED = {
    "ec2TagFilters": lambda tag: {"ec2TagFilters": [tag]},
    "onPremisesInstanceTagFilters": lambda tag: {"onPremisesInstanceTagFilters": [tag]},
    "ec2TagSet": lambda tag: {"ec2TagSet": {"ec2TagSetList": [[tag]]}},
    "onPremisesTagSet": lambda tag: {"onPremisesTagSet": {"onPremisesTagSetList": [[tag]]}},
}


@pytest.mark.parametrize("member", TAGGED)
@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ({"Key": "env", "Type": "KEY_ONLY"}, {"Key": "env", "Value": "", "Type": "KEY_ONLY"}, True),
        ({"Value": "x", "Type": "VALUE_ONLY"}, {"Key": "", "Value": "x", "Type": "VALUE_ONLY"}, True),
        ({"Key": "env", "Type": "KEY_ONLY"}, {"Key": "env", "Value": "", "Type": "KEY_AND_VALUE"}, False),
        ({"Key": "env", "Type": "KEY_AND_VALUE"}, {"Key": "env", "Value": "", "Type": "KEY_AND_VALUE"}, False),
        ({"Key": "", "Type": "KEY_ONLY"}, {"Value": "", "Type": "VALUE_ONLY"}, False),
    ],
)
def test_a_filter_is_the_same_with_and_without_an_empty_text_that_its_type_does_not_heed(member, one, other, alike):
    same = fields(TAGGED[member](one)) == fields(TAGGED[member](other))

    assert same == alike


READY, BLUE = "deploymentReadyOption", "terminateBlueInstancesOnDeploymentSuccess"


@pytest.mark.parametrize(
    ("option", "one", "other", "alike"),
    [
        (READY, {"actionOnTimeout": "CONTINUE_DEPLOYMENT"},
         {"actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 0}, True),
        (READY, {"actionOnTimeout": "CONTINUE_DEPLOYMENT"},
         {"actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 60}, True),
        (READY, {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 30},
         {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 60}, False),
        (READY, {"actionOnTimeout": "STOP_DEPLOYMENT"},
         {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 60}, False),
        (READY, {}, {"waitTimeInMinutes": 60}, False),
        (BLUE, {"action": "KEEP_ALIVE"}, {"action": "KEEP_ALIVE", "terminationWaitTimeInMinutes": 5}, True),
        (BLUE, {"action": "TERMINATE"}, {"action": "TERMINATE", "terminationWaitTimeInMinutes": 5}, False),
        (BLUE, {"action": "TERMINATE", "terminationWaitTimeInMinutes": 5}, {"action": "KEEP_ALIVE"}, False),
    ],
)  # fmt: skip
def test_a_wait_counts_only_where_something_waits(option, one, other, alike):
    here, there = ({"blueGreenDeploymentConfiguration": {option: value}} for value in (one, other))

    assert (fields(here) == fields(there)) == alike


def test_triggers_are_keyed_by_name_and_their_topics_worded_canonically():
    trigger = {
        "triggerName": "tell",
        "triggerTargetArn": "arn:aws:sns:us-east-1:123456789012:alerts",
        "triggerEvents": ["DeploymentSuccess", "DeploymentFailure"],
    }

    assert fields({"triggerConfigurations": [trigger]})["triggerConfigurations"] == {
        "tell": {
            "triggerName": "tell",
            "triggerTargetArn": "arn:aws:sns:${region}:${account}:alerts",
            "triggerEvents": {"DeploymentFailure": "DeploymentFailure", "DeploymentSuccess": "DeploymentSuccess"},
        }
    }


def test_alarms_of_two_regions_are_the_same_where_only_their_region_differs():
    virginia = {"alarmConfiguration": {"enabled": True, "alarms": [{"name": "errors-us-east-1"}, {"name": "lag"}]}}
    ireland = {"alarmConfiguration": {"enabled": True, "alarms": [{"name": "lag"}, {"name": "errors-eu-west-1"}]}}

    assert fields(virginia) == fields(ireland, locale=IRELAND)


def test_alarms_and_events_of_what_is_switched_off_are_compared_for_they_come_back_with_the_switch():
    alarms, none = ({"alarmConfiguration": {"enabled": False, "alarms": [{"name": n}]}} for n in ("errors", "lag"))
    events = {"autoRollbackConfiguration": {"enabled": False, "events": ["DEPLOYMENT_FAILURE"]}}

    assert fields(alarms) != fields(none)
    assert fields(events) != fields({"autoRollbackConfiguration": {"enabled": False}})


def test_groups_of_tags_have_no_order_inside_nor_among_each_other():
    web = {"Key": "role", "Value": "web", "Type": "KEY_AND_VALUE"}
    blue = {"Key": "colour", "Value": "blue", "Type": "KEY_AND_VALUE"}
    prod = {"Key": "stage", "Value": "prod", "Type": "KEY_AND_VALUE"}

    one = fields({"ec2TagSet": {"ec2TagSetList": [[web, blue], [prod]]}})

    assert one == fields({"ec2TagSet": {"ec2TagSetList": [[prod], [blue, web]]}})


def test_groups_of_tags_are_not_the_same_as_one_group_of_all_the_tags():
    web = {"Key": "role", "Value": "web", "Type": "KEY_AND_VALUE"}
    prod = {"Key": "stage", "Value": "prod", "Type": "KEY_AND_VALUE"}

    one = fields({"ec2TagSet": {"ec2TagSetList": [[web], [prod]]}})

    assert one != fields({"ec2TagSet": {"ec2TagSetList": [[web, prod]]}})


def test_the_order_of_a_pairs_target_groups_is_meaningful():
    def pair(first, second):
        groups = [{"name": first}, {"name": second}]
        return {"loadBalancerInfo": {"targetGroupPairInfoList": [{"targetGroups": groups}]}}

    assert fields(pair("blue", "green")) != fields(pair("green", "blue"))


def test_tags_are_a_map_without_those_that_aws_sets():
    tags = [{"Key": "team", "Value": "web"}, {"Key": "aws:cloudformation:stack-id", "Value": "arn:1"}]

    assert fields({}, tags)["Tags"] == {"team": "web"}


def revision_of(revision, locale=VIRGINIA):
    return fields({}, locale=locale, revision=revision).get("Revision")


def s3_revision(**location):
    return {"revisionType": "S3", "s3Location": {"bundleType": "zip", "key": "shop/9f1c.zip", **location}}


def test_the_same_object_in_each_regions_bucket_is_the_same_artifact():
    etag = "0123456789abcdef0123456789abcdef"
    virginia = s3_revision(bucket="shop-us-east-1", version="a1", eTag=etag)
    ireland = s3_revision(bucket="shop-eu-west-1", version="b2", eTag=f'"{etag}"')

    assert revision_of(virginia) == revision_of(ireland, IRELAND)


def test_another_object_of_the_same_key_is_another_artifact():
    one, other = s3_revision(eTag="0" * 32), s3_revision(eTag="1" * 32)

    assert revision_of(one) != revision_of(other)


def test_the_etag_of_what_was_uploaded_in_parts_says_nothing():
    assert revision_of(s3_revision(eTag="0123456789abcdef0123456789abcdef-7")) == {
        "revisionType": "S3",
        "s3Location": {"bundleType": "zip", "key": "shop/9f1c.zip"},
    }


def test_an_artifact_on_github_is_its_repository_and_commit():
    location = {"repository": "shop/web", "commitId": "9f1c"}

    assert revision_of({"revisionType": "GitHub", "gitHubLocation": location})["gitHubLocation"] == location


def test_an_appspec_is_compared_by_what_it_says_for_any_region_and_version():
    def appspec(region, version, sha256):
        hook = f"arn:aws:lambda:{region}:123456789012:function:h"
        content = f'{{"Alias": "live", "TargetVersion": "{version}", "Hook": "{hook}"}}'
        return {"revisionType": "AppSpecContent", "appSpecContent": {"content": content, "sha256": sha256}}

    assert revision_of(appspec("us-east-1", 7, "aa")) == revision_of(appspec("eu-west-1", 12, "bb"), IRELAND)


def test_an_appspec_of_which_only_the_digest_is_told_is_compared_by_that():
    assert revision_of({"revisionType": "String", "string": {"sha256": "aa"}})["string"] == {"sha256": "aa"}


def test_a_group_that_nothing_was_deployed_to_has_no_revision():
    assert revision_of(None) is None


def test_only_what_differs_is_sent():
    (call,) = updated(
        {"serviceRoleArn": ROLE, "outdatedInstancesStrategy": "UPDATE", "deploymentGroupId": "a1"},
        {"serviceRoleArn": ROLE, "outdatedInstancesStrategy": "IGNORE", "deploymentGroupId": "b2"},
    )

    assert (call.operation, dict(call.params)) == (
        "UpdateDeploymentGroup",
        {
            "applicationName": "${parent}",
            "currentDeploymentGroupName": "${name}",
            "outdatedInstancesStrategy": "IGNORE",
        },
    )


@pytest.mark.parametrize(
    ("found", "sent"),
    [
        (
            {"alarmConfiguration": {"enabled": True}},
            {"alarmConfiguration": {"enabled": False, "ignorePollAlarmFailure": False, "alarms": []}},
        ),
        ({"autoRollbackConfiguration": {"enabled": True}},
         {"autoRollbackConfiguration": {"enabled": False, "events": []}}),
        ({"autoScalingGroups": [{"name": "web"}]}, {"autoScalingGroups": []}),
        ({"ec2TagFilters": [{"Key": "a"}]}, {"ec2TagFilters": []}),
        ({"ec2TagSet": {"ec2TagSetList": [[{"Key": "a"}]]}}, {"ec2TagSet": {}}),
        ({"loadBalancerInfo": {"elbInfoList": [{"name": "web"}]}}, {"loadBalancerInfo": {}}),
        ({"triggerConfigurations": [{"triggerName": "a"}]}, {"triggerConfigurations": []}),
        ({"terminationHookEnabled": True}, {"terminationHookEnabled": False}),
        ({"deploymentConfigName": "half"}, {"deploymentConfigName": "CodeDeployDefault.OneAtATime"}),
    ],
)  # fmt: skip
def test_what_golden_does_not_have_is_cleared_by_what_stands_for_nothing(found, sent):
    (call,) = updated(found, {})

    assert {name: value for name, value in call.params.items() if not name.endswith("Name") or name in sent} == sent


def test_nothing_is_sent_where_only_what_aws_assumes_is_said():
    assert updated({"outdatedInstancesStrategy": "UPDATE", "autoScalingGroups": []}, {}) == ()


def test_one_form_of_tag_filters_is_cleared_before_the_other_is_set():
    found = {"ec2TagFilters": [{"Key": "role"}]}
    wanted = {"ec2TagSet": {"ec2TagSetList": [[{"Key": "role"}]]}}

    one, other = updated(found, wanted)

    assert ("ec2TagSet" in one.params, one.params["ec2TagFilters"], "ec2TagFilters" in other.params) == (
        False,
        [],
        False,
    )


def test_passing_a_role_takes_a_permission_of_its_own():
    (call,) = updated({"serviceRoleArn": ROLE}, {"serviceRoleArn": f"{ROLE}-2"})

    assert call.actions == ("codedeploy:UpdateDeploymentGroup", "iam:PassRole")


def read(client):
    return client.get_deployment_group(applicationName="shop", deploymentGroupName="web")["deploymentGroupInfo"]


@pytest.fixture
def client(aws):
    made = aws.client("codedeploy")
    made.create_application(applicationName="shop", computePlatform="Server")
    return made


GOLDEN = {
    "deploymentGroupName": "web",
    "serviceRoleArn": ROLE,
    "deploymentConfigName": "CodeDeployDefault.AllAtOnce",
    "autoScalingGroups": [{"name": "web", "hook": "CodeDeploy-1f"}],
    "ec2TagSet": {"ec2TagSetList": [[{"Key": "role", "Value": "web", "Type": "KEY_AND_VALUE"}]]},
    "alarmConfiguration": {"enabled": True, "alarms": [{"name": "5xx"}]},
}
POOR = {
    "deploymentGroupName": "web",
    "serviceRoleArn": ROLE,
    "ec2TagFilters": [{"Key": "role", "Value": "web", "Type": "KEY_AND_VALUE"}],
    "outdatedInstancesStrategy": "IGNORE",
    "loadBalancerInfo": {"elbInfoList": [{"name": "web"}]},
}


def test_a_group_is_made_as_it_was_read(client):
    carried_out(client, created(ABSENT, {"configuration": GOLDEN, "tags": []}), **WEB)

    assert fields(read(client)) == fields(GOLDEN)


def test_a_group_is_made_with_its_tags():
    tags = [{"Key": "team", "Value": "web"}]

    assert created(ABSENT, {"configuration": GOLDEN, "tags": tags})[0].params["tags"] == tags


@pytest.mark.parametrize(("found", "wanted"), [(POOR, GOLDEN), (GOLDEN, POOR)])
def test_an_update_makes_a_group_what_golden_is(client, found, wanted):
    carried_out(client, created(ABSENT, {"configuration": found, "tags": []}), **WEB)

    carried_out(client, updated(read(client), wanted), **WEB)

    assert fields(read(client)) == fields(wanted)


def test_a_group_whose_deployments_cannot_be_read_has_an_unreadable_revision():
    readings = {
        "configuration": taken(SPEC.facets[0], "@", {"deploymentGroupName": "web"}),
        "revision": Reading(State.UNREADABLE, error="AccessDenied"),
    }

    assert whole(SPEC, "shop/web", readings).unreadable == {"Revision": "AccessDenied"}
