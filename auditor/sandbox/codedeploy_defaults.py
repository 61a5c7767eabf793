"""What CodeDeploy assumes, where the sandbox's own must know it. Knows nothing of the auditor, nor of moto."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import Any, Final

Fields = dict[str, Any]

PREDEFINED: Final[Mapping[str, Fields]] = {
    # https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
    "CodeDeployDefault.AllAtOnce": {"minimumHealthyHosts": {"type": "HOST_COUNT", "value": 0}},
    "CodeDeployDefault.HalfAtATime": {"minimumHealthyHosts": {"type": "FLEET_PERCENT", "value": 50}},
    "CodeDeployDefault.OneAtATime": {"minimumHealthyHosts": {"type": "HOST_COUNT", "value": 99}},
    "CodeDeployDefault.LambdaAllAtOnce": {
        "computePlatform": "Lambda",
        "trafficRoutingConfig": {"type": "AllAtOnce"},
    },
    "CodeDeployDefault.LambdaCanary10Percent5Minutes": {
        "computePlatform": "Lambda",
        "trafficRoutingConfig": {
            "type": "TimeBasedCanary",
            "timeBasedCanary": {"canaryPercentage": 10, "canaryInterval": 5},
        },
    },
    "CodeDeployDefault.ECSAllAtOnce": {"computePlatform": "ECS", "trafficRoutingConfig": {"type": "AllAtOnce"}},
}
DEFAULT_CONFIG: Final = {
    "Server": "CodeDeployDefault.OneAtATime",
    "Lambda": "CodeDeployDefault.LambdaAllAtOnce",
    "ECS": "CodeDeployDefault.ECSAllAtOnce",
}


def defaults(platform: str) -> Fields:
    """What AWS gives a group of this platform about which nothing is said."""
    style = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}
    if platform == "Server":
        style = {"deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL"}
    return {
        "deploymentConfigName": DEFAULT_CONFIG[platform],
        "deploymentStyle": style,
        "outdatedInstancesStrategy": "UPDATE",
        "terminationHookEnabled": False,
    }


def without_empty(fields: Mapping[str, Any]) -> Fields:
    """The fields that are set: AWS leaves the others out of its answers."""
    return {name: value for name, value in fields.items() if value not in ({}, [], None)}


def with_hooks(name: str, id_: str, group: Mapping[str, Any]) -> Fields:
    """An Auto Scaling group with the hooks that CodeDeploy has there for its group of that id, which names them."""
    made = {"name": name, "hook": f"CodeDeploy-managed-automatic-launch-deployment-hook-{name}-{id_}"}
    if group.get("terminationHookEnabled"):
        made["terminationHook"] = f"CodeDeploy-managed-automatic-termination-deployment-hook-{name}-{id_}"
    return made


def created(asked: Mapping[str, Any], group: Mapping[str, Any], creator: str = "user") -> Fields:
    """A deployment of that request, as it is at first."""
    of_group = ("autoRollbackConfiguration", "blueGreenDeploymentConfiguration", "loadBalancerInfo")
    return {
        **{name: group[name] for name in of_group if name in group},
        "deploymentConfigName": group["deploymentConfigName"],
        "fileExistsBehavior": "DISALLOW",
        "ignoreApplicationStopFailures": False,
        **asked,
        # AWS's ids are d- and nine letters or digits.
        "deploymentId": f"d-{uuid.uuid4().hex[:9].upper()}",
        "deploymentStyle": group["deploymentStyle"],
        "computePlatform": group["computePlatform"],
        "creator": creator,
        "status": "Created",
        "createTime": time.time(),
    }


def last(deployment: Mapping[str, Any]) -> Fields:
    """What a group tells of its last deployment."""
    names = {"deploymentId": "deploymentId", "status": "status", "createTime": "createTime", "completeTime": "endTime"}
    history = {told: deployment[name] for name, told in names.items() if name in deployment}
    if deployment["status"] != "Succeeded":
        return {"lastAttemptedDeployment": history}
    told = ("lastAttemptedDeployment", "lastSuccessfulDeployment")
    return {"targetRevision": deployment["revision"], **dict.fromkeys(told, history)}
