"""The sandbox's CodeDeploy answers as AWS documents, where moto does not."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::123456789012:role/codedeploy"


@pytest.fixture
def codedeploy(aws):
    client = aws.client("codedeploy")
    client.create_application(applicationName="shop", computePlatform="Server")
    return client


def made(codedeploy, **settings):
    codedeploy.create_deployment_group(
        applicationName="shop", deploymentGroupName="web", serviceRoleArn=ROLE, **settings
    )
    return read(codedeploy)


def read(codedeploy, name="web"):
    return codedeploy.get_deployment_group(applicationName="shop", deploymentGroupName=name)["deploymentGroupInfo"]


def code_of(call, **parameters):
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    return raised.value.response["Error"]["Code"]


def test_alarms_and_auto_scaling_groups_are_kept(codedeploy):
    alarms = {"enabled": True, "alarms": [{"name": "5xx"}]}

    group = made(codedeploy, alarmConfiguration=alarms, autoScalingGroups=["web"])

    assert (group["alarmConfiguration"], [one["name"] for one in group["autoScalingGroups"]]) == (alarms, ["web"])


def test_a_group_has_the_defaults_of_its_platform(codedeploy):
    group = made(codedeploy)

    assert (group["deploymentConfigName"], group["deploymentStyle"], group["computePlatform"]) == (
        "CodeDeployDefault.OneAtATime",
        {"deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL"},
        "Server",
    )


def test_an_update_keeps_what_it_leaves_out_and_clears_what_it_sends_empty(codedeploy):
    filters = [{"Key": "a", "Value": "b", "Type": "KEY_AND_VALUE"}]
    made(codedeploy, ec2TagFilters=filters, autoScalingGroups=["web"])

    codedeploy.update_deployment_group(applicationName="shop", currentDeploymentGroupName="web", autoScalingGroups=[])

    group = read(codedeploy)
    assert (group["ec2TagFilters"], group.get("autoScalingGroups", [])) == (filters, [])


def test_an_update_can_rename(codedeploy):
    made(codedeploy)
    codedeploy.update_deployment_group(
        applicationName="shop", currentDeploymentGroupName="web", newDeploymentGroupName="front"
    )

    assert codedeploy.list_deployment_groups(applicationName="shop")["deploymentGroups"] == ["front"]


def test_a_batch_tells_of_unknown_groups_with_http_200(codedeploy):
    made(codedeploy)

    answer = codedeploy.batch_get_deployment_groups(applicationName="shop", deploymentGroupNames=["web", "gone"])

    names = [one["deploymentGroupName"] for one in answer["deploymentGroupsInfo"]]
    assert (names, "errorMessage" in answer) == (["web"], True)


def test_deleting_an_application_deletes_its_groups(codedeploy):
    made(codedeploy)
    codedeploy.delete_application(applicationName="shop")

    assert code_of(read, codedeploy=codedeploy) == "ApplicationDoesNotExistException"


def test_a_deployment_config_in_use_cannot_be_deleted(codedeploy):
    codedeploy.create_deployment_config(
        deploymentConfigName="half", minimumHealthyHosts={"type": "FLEET_PERCENT", "value": 50}
    )
    made(codedeploy, deploymentConfigName="half")

    assert code_of(codedeploy.delete_deployment_config, deploymentConfigName="half") == "DeploymentConfigInUseException"


@pytest.mark.parametrize(
    ("operation", "parameters", "code"),
    [
        ("get_application", {"applicationName": "no"}, "ApplicationDoesNotExistException"),
        ("get_deployment_config", {"deploymentConfigName": "no"}, "DeploymentConfigDoesNotExistException"),
        ("get_on_premises_instance", {"instanceName": "no"}, "InstanceNotRegisteredException"),
        (
            "get_deployment_group",
            {"applicationName": "shop", "deploymentGroupName": "no"},
            "DeploymentGroupDoesNotExistException",
        ),
        (
            "create_deployment_config",
            {"deploymentConfigName": "CodeDeployDefault.OneAtATime"},
            "DeploymentConfigAlreadyExistsException",
        ),
        ("delete_deployment_config", {"deploymentConfigName": "CodeDeployDefault.OneAtATime"},
         "InvalidOperationException"),
        ("register_on_premises_instance", {"instanceName": "x"}, "IamArnRequiredException"),
        ("get_deployment", {"deploymentId": "d-000000000"}, "DeploymentDoesNotExistException"),
        ("delete_git_hub_account_token", {"tokenName": "no"}, "GitHubAccountTokenDoesNotExistException"),
    ],
)  # fmt: skip
def test_what_aws_refuses_is_refused_with_its_code(codedeploy, operation, parameters, code):
    assert code_of(getattr(codedeploy, operation), **parameters) == code


def test_on_premises_instances_are_registered_tagged_and_deregistered(codedeploy):
    codedeploy.register_on_premises_instance(instanceName="rack-1", iamUserArn="arn:aws:iam::123456789012:user/rack")
    codedeploy.add_tags_to_on_premises_instances(tags=[{"Key": "a", "Value": "b"}], instanceNames=["rack-1"])
    tags = codedeploy.get_on_premises_instance(instanceName="rack-1")["instanceInfo"]["tags"]
    codedeploy.deregister_on_premises_instance(instanceName="rack-1")

    left = codedeploy.list_on_premises_instances(registrationStatus="Registered")["instanceNames"]
    assert (tags, left) == ([{"Key": "a", "Value": "b"}], [])


def test_regions_are_kept_apart(codedeploy, aws):
    assert aws.client("codedeploy", "eu-west-1").list_applications()["applications"] == []


def test_a_group_made_anew_has_no_tags_of_the_one_before_it(codedeploy, aws):
    made(codedeploy, tags=[{"Key": "team", "Value": "web"}])
    codedeploy.delete_application(applicationName="shop")
    codedeploy.create_application(applicationName="shop")
    made(codedeploy)

    arn = f"arn:aws:codedeploy:us-east-1:{aws.account}:deploymentgroup:shop/web"
    assert codedeploy.list_tags_for_resource(ResourceArn=arn)["Tags"] == []


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"ec2TagFilters": [], "ec2TagSet": {}}, "InvalidEC2TagCombinationException"),
        ({"onPremisesInstanceTagFilters": [], "onPremisesTagSet": {}}, "InvalidOnPremisesTagCombinationException"),
        ({"deploymentConfigName": "no"}, "DeploymentConfigDoesNotExistException"),
    ],
)
def test_an_update_that_aws_refuses_is_refused(codedeploy, settings, code):
    made(codedeploy)

    assert (
        code_of(
            codedeploy.update_deployment_group,
            applicationName="shop",
            currentDeploymentGroupName="web",
            **settings,
        )
        == code
    )


def test_nobody_has_signed_in_to_github(codedeploy):
    assert codedeploy.list_git_hub_account_token_names()["tokenNameList"] == []
