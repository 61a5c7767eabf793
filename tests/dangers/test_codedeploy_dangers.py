"""What is said of calls that change where the next deployment goes, and what stops it."""

from __future__ import annotations

import pytest

from auditor.dangers.dangers import dangers
from auditor.model.plan import PlannedCall

ELSEWHERE = "the next deployment reaches other hosts"
TOPIC = "arn:aws:sns:${region}:${account}:deployments"


def said(found, **params):
    call = PlannedCall("codedeploy", "UpdateDeploymentGroup", params)
    return [(one.danger, one.text) for one in dangers("AWS::CodeDeploy::DeploymentGroup", "update", call, found, {})]


def tag(key, value=None):
    return {"Key": key, "Value": value, "Type": "KEY_AND_VALUE"} if value else {"Key": key, "Type": "KEY_ONLY"}


@pytest.mark.parametrize(
    ("name", "here", "there", "told"),
    [
        ("autoScalingGroups", [{"name": "a", "hook": "x"}], [], "a removed"),
        ("ec2TagFilters", None, [tag("tier", "web"), tag("live")], "tier=web, live added"),
        ("ec2TagSet", {"ec2TagSetList": [[tag("a")]]}, {"ec2TagSetList": [[tag("b")]]}, "b added, a removed"),
        ("ec2TagFilters", [tag("a") | {"Value": ""}], [tag("a"), tag("b")], "b added"),
        ("onPremisesInstanceTagFilters", [tag("a"), tag("b")], [tag("a")], "b removed"),
        ("onPremisesTagSet", {"onPremisesTagSetList": [[tag("a")]]}, {}, "a removed"),
        ("ecsServices", [], [{"clusterName": "c", "serviceName": "s"}], "c/s added"),
        ("loadBalancerInfo", {"targetGroupInfoList": [{"name": "t"}]}, {"elbInfoList": [{"name": "e"}]},
         "e added, t removed"),
        ("loadBalancerInfo", {},
         {"targetGroupPairInfoList": [
             {"targetGroups": [{"name": "t"}], "prodTrafficRoute": {"listenerArns": ["arn:l"]}},
         ]},
         "t, arn:l added"),
    ],
)  # fmt: skip
def test_other_hosts_are_named(name, here, there, told):
    assert said({name: here}, **{name: there}) == [("outage", f"{ELSEWHERE}: {name}, {told}")]


def test_two_target_groups_that_change_places_are_told():
    here, there = (
        {"targetGroupPairInfoList": [{"targetGroups": [{"name": name} for name in names]}]} for names in ("ab", "ba")
    )

    assert said({"loadBalancerInfo": here}, loadBalancerInfo=there) == [
        ("outage", f"{ELSEWHERE}: loadBalancerInfo combines or orders the same ones in another way")
    ]


def test_a_new_auto_scaling_group_gets_a_hook():
    assert said({"autoScalingGroups": [{"name": "a"}]}, autoScalingGroups=["a", "b"]) == [
        ("outage", f"{ELSEWHERE}: autoScalingGroups, b added"),
        ("outage", "b: a hook is installed, and new instances wait for their deployment"),
    ]


def trigger(*events):
    return [{"triggerName": "t", "triggerTargetArn": TOPIC, "triggerEvents": list(events)}]


@pytest.mark.parametrize(
    ("here", "there", "told"),
    [
        (trigger("DeploymentFailure"), [], f"{TOPIC} is no longer told of DeploymentFailure"),
        ([], trigger("DeploymentStart"), f"{TOPIC} is told of DeploymentStart, and what listens there acts"),
    ],
)
def test_a_trigger_is_told_by_its_events(here, there, told):
    assert said({"triggerConfigurations": here}, triggerConfigurations=there) == [("outage", told)]


def alarms(enabled, *names, **other):
    return {"enabled": enabled, "alarms": [{"name": name} for name in names], **other}


@pytest.mark.parametrize(
    ("here", "there", "told"),
    [
        (alarms(True, "a", "b"), alarms(False), ["a deployment is no longer stopped by a, b"]),
        (alarms(True, "a", "b"), alarms(True, "b"), ["a deployment is no longer stopped by a"]),
        (alarms(True), alarms(False), ["a deployment is no longer stopped by alarms"]),
        (alarms(False, "a"), alarms(True, "b"), []),
        (None, alarms(True, "a", ignorePollAlarmFailure=True),
         ["a deployment goes on where the alarms cannot be read"]),
    ],
)  # fmt: skip
def test_alarms_are_told_where_they_no_longer_stop_a_deployment(here, there, told):
    assert [text for _, text in said({"alarmConfiguration": here}, alarmConfiguration=there)] == told


def rollback(enabled, *events):
    return {"enabled": enabled, "events": list(events)}


@pytest.mark.parametrize(
    ("here", "there", "told"),
    [
        (rollback(True, "DEPLOYMENT_FAILURE"), rollback(False),
         ["nothing is rolled back by itself any more at DEPLOYMENT_FAILURE"]),
        (rollback(True, "a", "b"), rollback(True, "b"), ["nothing is rolled back by itself any more at a"]),
        (rollback(False, "a"), rollback(True, "b"), []),
    ],
)  # fmt: skip
def test_rollback_is_told_where_it_is_turned_off(here, there, told):
    assert [text for _, text in said({"autoRollbackConfiguration": here}, autoRollbackConfiguration=there)] == told


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("deploymentStyle", {"deploymentType": "BLUE_GREEN"},
         'the next deployment moves traffic in another way: deploymentStyle becomes {"deploymentType": "BLUE_GREEN"}'),
        ("deploymentConfigName", "CodeDeployDefault.AllAtOnce",
         "the next deployment goes at another pace: deploymentConfigName becomes CodeDeployDefault.AllAtOnce"),
        ("outdatedInstancesStrategy", "IGNORE",
         "instances that miss a revision are treated in another way: outdatedInstancesStrategy becomes IGNORE"),
        ("terminationHookEnabled", True,
         "a hook keeps instances of the Auto Scaling groups from ending until it is done with them"),
    ],
)  # fmt: skip
def test_how_a_deployment_goes_is_told(name, value, told):
    assert said({}, **{name: value}) == [("outage", told)]


@pytest.mark.parametrize(
    "params",
    [{"serviceRoleArn": "arn:r"}, {"terminationHookEnabled": False}, {"autoScalingGroups": []}],
)
def test_what_changes_no_deployment_is_not_told(params):
    assert said({}, **params) == []


def test_a_style_that_stays_is_not_told():
    assert said({"deploymentStyle": {"a": 1}}, deploymentStyle={"a": 1}) == []
