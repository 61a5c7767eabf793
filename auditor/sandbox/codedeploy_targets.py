"""What CodeDeploy tells of a deployment's targets at each of its stages. Knows nothing of the auditor, nor of moto.

There are no servers and no tasks here: two instances are assumed, and one task set of each colour.
https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentTarget.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from auditor.sandbox.codedeploy_defaults import Fields
from auditor.sandbox.codedeploy_revisions import function_of

_STATES: Final = ("Succeeded", "InProgress", "Ready", "Failed", "Skipped", "Pending")
_SHIFTED: Final = {"InProgress": 0.1, "Succeeded": 1.0}
# https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
EVENTS: Final = {
    "Server": (
        "ApplicationStop",
        "DownloadBundle",
        "BeforeInstall",
        "Install",
        "AfterInstall",
        "ApplicationStart",
        "ValidateService",
    ),
    "Lambda": ("BeforeAllowTraffic", "AllowTraffic", "AfterAllowTraffic"),
    "ECS": ("BeforeInstall", "Install", "AfterInstall", "BeforeAllowTraffic", "AllowTraffic", "AfterAllowTraffic"),
}


def overview(deployment: Mapping[str, Any]) -> Fields:
    """How many targets are in which state: instances, or the one function or service."""
    states = _states(deployment)
    return {state: states.count(state) for state in _STATES}


def targets(deployment: Mapping[str, Any], group: Mapping[str, Any]) -> dict[str, Fields]:
    """The targets by their ids, as BatchGetDeploymentTargets tells of them."""
    make = {"Lambda": _function, "ECS": _service}.get(deployment["computePlatform"], _instances)
    return make(deployment, group)


def status_of(target: Mapping[str, Any]) -> str:
    """The state of one of them."""
    (own,) = (one for one in target.values() if isinstance(one, dict))
    return str(own["status"])


def _states(deployment: Mapping[str, Any]) -> tuple[str, ...]:
    server = deployment["computePlatform"] == "Server"
    status = deployment["status"] if "startTime" in deployment else {"Stopped": "Unstarted"}.get(deployment["status"])
    found = {
        "InProgress": ("Succeeded", "InProgress"),
        "Ready": ("Ready", "Ready"),
        "Succeeded": ("Succeeded", "Succeeded"),
        "Failed": ("Failed", "Skipped"),
        "Stopped": ("Succeeded", "Skipped"),
        "Unstarted": ("Skipped", "Skipped"),
    }.get(status or "", ("Pending", "Pending"))
    if server:
        return found
    # The one function or service: that it began is not yet a success.
    return ("Failed",) if found[0] == "Failed" else found[1:]


def _told(deployment: Mapping[str, Any], id_: str, state: str) -> Fields:
    updated = deployment.get("completeTime") or deployment.get("startTime") or deployment["createTime"]
    events = EVENTS[deployment["computePlatform"]]
    first, second, rest = {
        "InProgress": ("Succeeded", "InProgress", "Pending"),
        "Failed": ("Succeeded", "Failed", "Skipped"),
        "Ready": ("Succeeded",) * 3,
    }.get(state, (state,) * 3)
    states = (first, second, *[rest] * (len(events) - 2))
    broken = deployment.get("broken") if state == "Failed" else None
    if broken:
        at = events.index(broken["event"])
        states = (*["Succeeded"] * at, "Failed", *["Skipped"] * (len(events) - at - 1))
    return {
        "deploymentId": deployment["deploymentId"],
        "targetId": id_,
        "status": state,
        "lastUpdatedAt": updated,
        "lifecycleEvents": [_event(name, one, deployment, broken) for name, one in zip(events, states, strict=True)],
    }


def _event(name: str, state: str, deployment: Mapping[str, Any], broken: Mapping[str, Any] | None) -> Fields:
    """A lifecycle event; one that is over has diagnostics, of a success too."""
    event = {"lifecycleEventName": name, "status": state}
    if state == "Succeeded":
        told = {"errorCode": "Success", "scriptName": "", "message": "Succeeded", "logTail": ""}
    elif state == "Failed":
        message = (deployment.get("errorInformation") or {}).get("message", "")
        told = {"errorCode": "UnknownError", "scriptName": "", "message": message, "logTail": ""}
        told = dict(broken["diagnostics"]) if broken else told
    else:
        return event
    return {**event, "diagnostics": told}


def _instances(deployment: Mapping[str, Any], _: Mapping[str, Any]) -> dict[str, Fields]:
    states = {f"i-{number:017x}": state for number, state in enumerate(_states(deployment), 1)}
    return {
        id_: {"deploymentTargetType": "InstanceTarget", "instanceTarget": _told(deployment, id_, state)}
        for id_, state in states.items()
    }


def _function(deployment: Mapping[str, Any], _: Mapping[str, Any]) -> dict[str, Fields]:
    own = function_of(deployment["revision"])
    if not own:
        return {}
    id_ = f"{own['Name']}:{own['Alias']}"
    told = {
        "functionName": own["Name"],
        "functionAlias": own["Alias"],
        "currentVersion": own["CurrentVersion"],
        "targetVersion": own["TargetVersion"],
        "targetVersionWeight": _SHIFTED.get(deployment["status"], 0.0),
    }
    target = {**_told(deployment, id_, _states(deployment)[0]), "lambdaFunctionInfo": told}
    return {id_: {"deploymentTargetType": "LambdaTarget", "lambdaTarget": target}}


def _service(deployment: Mapping[str, Any], group: Mapping[str, Any]) -> dict[str, Fields]:
    service = (group.get("ecsServices") or [{}])[0]
    id_ = f"{service.get('clusterName', 'default')}:{service.get('serviceName', 'service')}"
    # In per cent, where Lambda's weight is from 0 to 1.
    green = 100 * _SHIFTED.get(deployment["status"], 0.0)
    sets = [_task_set(*one) for one in (("Blue", "PRIMARY", 100 - green), ("Green", "ACTIVE", green))]
    target = {**_told(deployment, id_, _states(deployment)[0]), "taskSetsInfo": sets}
    return {id_: {"deploymentTargetType": "ECSTarget", "ecsTarget": target}}


def _task_set(label: str, status: str, weight: float) -> Fields:
    counts = {"desiredCount": 1, "pendingCount": 0, "runningCount": 1}
    # AWS's own spelling of "identifer".
    return {"identifer": f"ecs-svc/{label}", "status": status, "trafficWeight": weight, "taskSetLabel": label, **counts}
