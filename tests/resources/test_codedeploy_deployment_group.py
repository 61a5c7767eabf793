"""CodeDeploy deployment groups: from AWS's answer to the document that is compared."""

from __future__ import annotations

import jmespath
import pytest

from auditor.aws.read import taken
from auditor.document import document
from auditor.model import Locale, Resource
from auditor.resources.codedeploy_deployment_group import SPEC

VIRGINIA = Locale("us-east-1", "use1", "123456789012")
IRELAND = Locale("eu-west-1", "euw1", "123456789012")


def fields(information, tags=(), locale=VIRGINIA):
    configuration, tagging = SPEC.facets
    alone = configuration.source.alone
    readings = {
        "configuration": taken(configuration, alone.pick, {"deploymentGroupInfo": information}),
        "tags": taken(tagging, tagging.source.pick, {"Tags": list(tags)}),
    }
    return document(Resource(SPEC.type, "shop/web", readings), SPEC, locale).fields


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


def test_a_batch_is_read_as_each_group_alone_is():
    group = {"deploymentGroupName": "web", "computePlatform": "Lambda"}
    source = SPEC.facets[0].source
    batched = jmespath.search(source.call.pick, {"deploymentGroupsInfo": [group]})

    assert batched == [jmespath.search(source.alone.pick, {"deploymentGroupInfo": group})]


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


def test_a_lifecycle_hook_in_an_auto_scaling_group_is_codedeploys_own():
    information = {"autoScalingGroups": [{"name": "web", "hook": "CodeDeploy-1f", "terminationHook": "CodeDeploy-2e"}]}

    assert fields(information)["autoScalingGroups"] == {"web": {"name": "web"}}


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
