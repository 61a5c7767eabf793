"""CodeDeploy deployment groups, of every compute platform."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from auditor.model.values import ABSENT, Value
from auditor.resources._codedeploy_groups import meant
from auditor.resources.codedeploy_application import tagged, tags_of
from auditor.specs.spec import (
    Batch,
    Call,
    Facet,
    Field,
    Follow,
    Listing,
    ResourceSpec,
    default,
    explicit,
    identity,
    ignored,
    unordered,
)
from auditor.specs.tag_words import set_words

_GROUP: Final = {"applicationName": "${parent}", "deploymentGroupName": "${name}"}
_ARN: Final = "arn:${partition}:codedeploy:${region}:${account}:deploymentgroup:${parent}/${name}"
_CONFIGS: Final = {
    "Server": "CodeDeployDefault.OneAtATime",
    "Lambda": "CodeDeployDefault.LambdaAllAtOnce",
    "ECS": "CodeDeployDefault.ECSAllAtOnce",
}
_IN_PLACE: Final = {"deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL"}
_BLUE_GREEN: Final = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}

CLEARED: Final[Mapping[str, Value]] = {
    "alarmConfiguration": {"enabled": False, "ignorePollAlarmFailure": False, "alarms": []},
    "autoRollbackConfiguration": {"enabled": False, "events": []},
    "autoScalingGroups": [],
    "blueGreenDeploymentConfiguration": {},
    "deploymentConfigName": ABSENT,
    "deploymentStyle": ABSENT,
    "ec2DeploymentOptions": {},
    "ec2TagFilters": [],
    "ec2TagSet": {},
    "ecsServices": [],
    "loadBalancerInfo": {},
    "onPremisesInstanceTagFilters": [],
    "onPremisesTagSet": {},
    "outdatedInstancesStrategy": "UPDATE",
    "serviceRoleArn": ABSENT,
    "terminationHookEnabled": False,
    "triggerConfigurations": [],
}
"""What a group can be given, and what takes each away again: what is not sent keeps its value. ABSENT: never away."""
_NO_HOOK: Final = (
    "CodeDeploy alone installs its hook, when it is given the Auto Scaling group: take that out of the deployment "
    "group, and put it back"
)
_RIVALS: Final = (("ec2TagFilters", "ec2TagSet"), ("onPremisesInstanceTagFilters", "onPremisesTagSet"))
_MD5: Final = re.compile(r'"?[0-9a-f]{32}"?')
_VERSION: Final = re.compile(r"""((?:Current|Target)Version["']?\s*:\s*)["']?\d+["']?""", re.IGNORECASE)


def filled(raw: Value) -> Value:
    """The group with what AWS assumes where nothing is said; that depends on the application's platform."""
    platform = raw.get("computePlatform") or "Server"
    style = _BLUE_GREEN if platform in ("Lambda", "ECS") else _IN_PLACE
    return {
        **raw,
        "deploymentStyle": {**style, **(raw.get("deploymentStyle") or {})},
        "deploymentConfigName": raw.get("deploymentConfigName") or _CONFIGS.get(platform, _CONFIGS["Server"]),
    }


def told(raw: Value) -> Value:
    """The group as it is compared: without what says nothing, and with what AWS assumes."""
    return filled(meant(raw))


def artifact(raw: Value) -> Value:
    """A revision by what identifies the artifact in every region.

    An object's ETag is its MD5 only where it was uploaded in one part
    (https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html); any other says nothing of the content. An
    AppSpec's digest covers the region in its ARNs, so its text is compared, where AWS sends it; the numbers of
    function versions count up by themselves in every region, and are left out of it.
    """
    made = {name: _appspec(part) if name in ("string", "appSpecContent") else part for name, part in raw.items()}
    location = raw.get("s3Location") or {}
    if location and not _MD5.fullmatch(location.get("eTag") or ""):
        made["s3Location"] = {name: value for name, value in location.items() if name != "eTag"}
    elif location:
        made["s3Location"] = {**location, "eTag": location["eTag"].strip('"')}
    return made


def _appspec(part: Value) -> Value:
    if not (part and part.get("content")):
        return part
    # The hash covers what belongs to the region.
    rest = {name: value for name, value in part.items() if name != "sha256"}
    return {**rest, "content": _VERSION.sub(r"\1*", part["content"])}


def updated(found: Value, wanted: Value) -> tuple[Call, ...]:
    """The calls that bring a group from one value to another; only what differs is sent."""
    before = {} if found is ABSENT else found
    here, there = _sent(told(before)), _sent(told(wanted))
    given = _sent(filled(wanted))
    changed = {
        name: given.get(name, cleared)
        for name, cleared in CLEARED.items()
        if ABSENT is not given.get(name, cleared) and there.get(name, cleared) != here.get(name, cleared)
    }
    # AWS refuses a call with both forms of tag filter (InvalidEC2TagCombinationException), even one of them empty.
    old = {name: CLEARED[name] for pair in _RIVALS if changed.keys() >= set(pair) for name in pair if name not in there}
    rest = {name: value for name, value in changed.items() if name not in old}
    return tuple(_update(given) for given in (old, rest) if given)


def _update(given: Mapping[str, Value]) -> Call:
    params = {"applicationName": "${parent}", "currentDeploymentGroupName": "${name}", **given}
    return Call("UpdateDeploymentGroup", params, actions=_actions("UpdateDeploymentGroup", given))


def created(_: Value, wanted: Value) -> tuple[Call, ...]:
    """The call that makes a group of what its facets hold."""
    given = _sent(filled(wanted["configuration"]))
    params = {**_GROUP, **given, **tagged(wanted)}
    return (Call("CreateDeploymentGroup", params, actions=_actions("CreateDeploymentGroup", given)),)


def _actions(operation: str, given: Mapping[str, Value]) -> tuple[str, ...]:
    return (f"codedeploy:{operation}", *(["iam:PassRole"] if "serviceRoleArn" in given else []))


def _sent(group: Value) -> dict[str, Value]:
    # What is read as a structure with a generated hook is written as a name.
    names = [one["name"] for one in group.get("autoScalingGroups") or []]
    writable = {name: group[name] for name in CLEARED if group.get(name) not in (None, [], {})}
    return writable | ({"autoScalingGroups": names} if names else {})


CONFIGURATION: Final = (
    identity("applicationName"),
    identity("deploymentGroupName"),
    ignored("deploymentGroupId", "generated in each region"),
    ignored("computePlatform", "the application's"),
    ignored("targetRevision", "what was deployed last, well or not; Revision is what was deployed well"),
    ignored("lastSuccessfulDeployment", "history; Revision is what it brought"),
    ignored("lastAttemptedDeployment", "history"),
    unordered("ec2TagFilters", "Key", "Value", "Type", default=[]),
    Field("ec2TagSet", default={}),
    unordered("ec2TagSet.ec2TagSetList", "#", align=True, default=[], known_by=set_words),
    unordered("ec2TagSet.ec2TagSetList[]", "Key", "Value", "Type"),
    unordered("onPremisesInstanceTagFilters", "Key", "Value", "Type", default=[]),
    Field("onPremisesTagSet", default={}),
    unordered("onPremisesTagSet.onPremisesTagSetList", "#", align=True, default=[], known_by=set_words),
    unordered("onPremisesTagSet.onPremisesTagSetList[]", "Key", "Value", "Type"),
    unordered("autoScalingGroups", "name", default=[], reference="asg"),
    Field("autoScalingGroups[].name", reference="asg"),
    # Its name is made up in each region: whether there is one is all that is compared.
    Field("autoScalingGroups[].hook", compare="all-or-none", read_only=True, unwritten=_NO_HOOK),
    Field("autoScalingGroups[].terminationHook", compare="all-or-none", follows=("terminationHookEnabled",)),
    Field("serviceRoleArn", reference="iam-role"),
    default("terminationHookEnabled", False),
    unordered("triggerConfigurations", "triggerName", default=[]),
    Field("triggerConfigurations[].triggerTargetArn", reference="sns"),
    unordered("triggerConfigurations[].triggerEvents"),
    default("alarmConfiguration", {"enabled": False, "ignorePollAlarmFailure": False, "alarms": []}),
    explicit("alarmConfiguration.enabled", False),
    explicit("alarmConfiguration.ignorePollAlarmFailure", False),
    replace(unordered("alarmConfiguration.alarms", "name", default=[], reference="alarm"), explicit=True),
    Field("alarmConfiguration.alarms[].name", reference="alarm"),
    default("autoRollbackConfiguration", {"enabled": False, "events": []}),
    explicit("autoRollbackConfiguration.enabled", False),
    replace(unordered("autoRollbackConfiguration.events", default=[]), explicit=True),
    default("outdatedInstancesStrategy", "UPDATE"),
    unordered("ec2DeploymentOptions.autoScalingGroupProcessesToSuspend"),
    default("blueGreenDeploymentConfiguration", {}),
    default("loadBalancerInfo", {}),
    unordered("loadBalancerInfo.elbInfoList", "name", default=[]),
    unordered("loadBalancerInfo.targetGroupInfoList", "name", default=[], reference="target-group"),
    Field("loadBalancerInfo.targetGroupInfoList[].name", reference="target-group"),
    # The first of a pair's two target groups is the production side.
    default("loadBalancerInfo.targetGroupPairInfoList", []),
    Field("loadBalancerInfo.targetGroupPairInfoList[].targetGroups[].name", reference="target-group"),
    Field("loadBalancerInfo.targetGroupPairInfoList[].prodTrafficRoute.listenerArns[]", reference="listener"),
    Field("loadBalancerInfo.targetGroupPairInfoList[].testTrafficRoute.listenerArns[]", reference="listener"),
    unordered("ecsServices", "clusterName", "serviceName", default=[]),
)

SPEC: Final = ResourceSpec(
    type="AWS::CodeDeploy::DeploymentGroup",
    console="codesuite/codedeploy/applications/{parent}/deployment-groups/{name}?region={region}",
    service="codedeploy",
    parent="AWS::CodeDeploy::Application",
    listing=Listing(
        Call("ListDeploymentGroups", {"applicationName": "${parent}"}, pick="deploymentGroups"),
        # The application was deleted between the two listings.
        absent=frozenset({"ApplicationDoesNotExistException"}),
    ),
    facets=(
        Facet(
            "configuration",
            Batch(
                Call(
                    "BatchGetDeploymentGroups",
                    {"applicationName": "${parent}", "deploymentGroupNames": "${names}"},
                    pick="deploymentGroupsInfo",
                ),
                size=100,
                key="deploymentGroupName",
                alone=Call("GetDeploymentGroup", _GROUP, pick="deploymentGroupInfo"),
            ),
            fields=CONFIGURATION,
            shape=told,
            write=updated,
        ),
        Facet(
            "revision",
            Follow(
                "configuration",
                "lastSuccessfulDeployment.deploymentId",
                Call("GetDeployment", {"deploymentId": "${picked}"}, pick="deploymentInfo.revision"),
            ),
            at="Revision",
            fields=(
                ignored("s3Location.version", "counted by each bucket for itself"),
                Field("s3Location.bucket", reference="s3-bucket"),
            ),
            shape=artifact,
            unwritten="a deployment brings a revision: `auditor deploy`",
        ),
        tags_of(_ARN),
    ),
    create=created,
    created_with=("configuration", "tags"),
    delete=Call("DeleteDeploymentGroup", _GROUP),
    turn=142,
    writes=(
        "codedeploy:CreateDeploymentGroup",
        "codedeploy:TagResource",
        "codedeploy:UntagResource",
        "codedeploy:UpdateDeploymentGroup",
        "iam:PassRole",
    ),
)
