"""CodeDeploy in one site: what is deployed, what runs, a new deployment, and its way to its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from threading import Event
from typing import Any, Final

from auditor.aws.calls import Caller
from auditor.aws.errors import AWS_ERRORS, code_of, reason
from auditor.aws.write import write
from auditor.deploy.targets import SERVICE, TARGET, TARGETS, stage
from auditor.errors import DeployError, UnknownFateError
from auditor.model.plan import PlannedCall
from auditor.model.rollout import ENDED, SUCCEEDED
from auditor.model.stages import Stage, stage_words
from auditor.model.values import Value
from auditor.specs.spec import Call

GOING: Final = ("Created", "Queued", "InProgress", "Baking", "Ready")
APPLICATION: Final = Call(
    "GetApplication", {"applicationName": "${application}"}, always=("application.applicationName",)
)
GROUP: Final = Call(
    "GetDeploymentGroup",
    {"applicationName": "${application}", "deploymentGroupName": "${group}"},
    always=("deploymentGroupInfo.deploymentGroupName",),
)
LIST: Final = Call(
    "ListDeployments",
    {
        "applicationName": "${application}",
        "deploymentGroupName": "${group}",
        "includeOnlyStatuses": "${statuses}",
    },
    always=("deployments",),
)
DEPLOYMENT: Final = Call(
    "GetDeployment",
    {"deploymentId": "${deployment}"},
    always=("deploymentInfo.deploymentId", "deploymentInfo.status", "deploymentInfo.createTime"),
)
CALLS: Final = (APPLICATION, GROUP, LIST, DEPLOYMENT, TARGETS, TARGET)
"""What is read."""
WRITES: Final = ("CreateDeployment", "StopDeployment")
LONGEST: Final = 8 * 3600.0
"""Seconds that a deployment is followed: longer than CodeDeploy lets any step of one take."""
_FIRST, _LAST = 0.2, 15.0
_LOOKS: Final = 5
"""How often a deployment of unknown fate is looked for, a few seconds apart."""
_LEFT: Final = "It was left running. Look at it in CodeDeploy, and go on with 'auditor resume'."
_LOOK: Final = {
    "ApplicationDoesNotExistException": " Check its name: 'aws deploy list-applications' tells what there is.",
    "DeploymentGroupDoesNotExistException": " Check its name: 'aws deploy list-deployment-groups' tells what there is.",
}
"""How to find out what is there in place of what is not."""
Told = Callable[[Stage], object]
"""Told how far a deployment is, each time it is looked at."""


def asked(
    caller: Caller, call: Call, values: Mapping[str, Value], what: str, after: str = "Nothing was done."
) -> Mapping[str, Any]:
    """AWS's answer. Raises DeployError where there is none; `after` says what became of things."""
    try:
        return caller.answer(SERVICE, call, values)
    except AWS_ERRORS as error:
        look = _LOOK.get(code_of(error), "")
        raise DeployError(f"{caller.site}: {what} could not be read ({reason(error)}). {after}{look}") from None


def platform_of(caller: Caller, application: str) -> str:
    """The compute platform of an application: Server, Lambda or ECS."""
    answer = asked(caller, APPLICATION, {"application": application}, f"the application {application}")
    return str(answer["application"].get("computePlatform") or "Server")


def group_of(caller: Caller, application: str, group: str) -> Mapping[str, Any]:
    """What CodeDeploy tells of a deployment group."""
    what = f"the deployment group {application}/{group}"
    return dict(asked(caller, GROUP, {"application": application, "group": group}, what)["deploymentGroupInfo"])


def previous_of(caller: Caller, application: str, group: str) -> Value:
    """The revision that was deployed to a group last, and well; None where none was."""
    info = group_of(caller, application, group)
    id_ = info.get("lastSuccessfulDeployment", {}).get("deploymentId")
    return deployment_of(caller, id_).get("revision") if id_ else None


def deployment_of(caller: Caller, id_: str, after: str = "Nothing was done.") -> Mapping[str, Any]:
    """What CodeDeploy tells of a deployment."""
    answer = asked(caller, DEPLOYMENT, {"deployment": id_}, f"the deployment {id_}", after)
    return dict(answer["deploymentInfo"])


def running(caller: Caller, application: str, group: str) -> tuple[str, ...]:
    """The deployments to a group that have not ended."""
    return tuple(_listed(caller, application, group, GOING))


def _listed(caller: Caller, application: str, group: str, statuses: tuple[str, ...]) -> Iterator[str]:
    values: dict[str, Value] = {"application": application, "group": group, "statuses": list(statuses)}
    try:
        for page in caller.pages(SERVICE, LIST, values):
            yield from page["deployments"]
    except AWS_ERRORS as error:
        raise DeployError(
            f"{caller.site}: the deployments of {application}/{group} could not be listed ({reason(error)}). "
            "Nothing was begun there."
        ) from None


def create(caller: Caller, application: str, group: str, revision: Value, description: str, back: bool = False) -> str:
    """The id of a new deployment, known by its description, which is this run's alone.

    On the way `back` the group's alarms are not heeded, as CodeDeploy's own rollbacks heed none: what is rolled back
    may be what raised them. https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateDeployment.html

    CreateDeployment makes another deployment each time, so it is sent once; where its answer is lost, the deployment
    is looked for. Raises WriteRefusedError, UnknownFateError.
    """
    params: dict[str, Value] = {
        "applicationName": "${application}",
        "deploymentGroupName": "${group}",
        "revision": "${revision}",
        "description": "${description}",
    }
    params |= {"overrideAlarmConfiguration": {"enabled": False}} if back else {}
    values = {"application": application, "group": group, "revision": revision, "description": description}
    call = PlannedCall(SERVICE, "CreateDeployment", params, once=True)
    try:
        return str(write(caller, call, values, needed=("deploymentId",))["deploymentId"])
    except UnknownFateError:
        found = found_again(caller, application, group, description)
        if not found:
            raise
        return found


def found_again(
    caller: Caller, application: str, group: str, description: str, sleep: Callable[[Event, float], object] = Event.wait
) -> str:
    """The deployment of this description; "" where there is none, even a few seconds later."""
    for look in range(_LOOKS):
        sleep(caller.stopping, look)
        for n, id_ in enumerate(_listed(caller, application, group, (*GOING, *sorted(ENDED)))):
            if deployment_of(caller, id_).get("description") == description:
                return id_
            if n == 20:  # newest first: what this run made is among them
                break
    return ""


def stop(caller: Caller, id_: str) -> None:
    """Have a deployment stopped. Raises WriteRefusedError, UnknownFateError."""
    write(caller, PlannedCall(SERVICE, "StopDeployment", {"deploymentId": "${deployment}"}), {"deployment": id_})


def followed(
    caller: Caller,
    id_: str,
    told: Told,
    *,
    longest: float = LONGEST,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[Event, float], object] = Event.wait,
) -> Mapping[str, Any]:
    """A deployment, at its end. Raises DeployError where it was not over in time, StoppedError where the run ends."""
    end, pause = clock() + longest, _FIRST
    while True:
        info = deployment_of(caller, id_, _LEFT)
        now = stage(caller, {"deploymentId": id_, **info})
        told(now)
        if info["status"] in ENDED:
            return info
        if clock() >= end:
            raise DeployError(
                f"{caller.site}: the deployment {id_} was followed for {longest:g} s, and is not over "
                f"({stage_words(now)}). {_LEFT}"
            )
        sleep(caller.stopping, pause)
        pause = min(2 * pause, _LAST)


def failure_words(info: Mapping[str, Any]) -> str:
    """What CodeDeploy says of a deployment's failure; "" for one that succeeded."""
    if info["status"] == SUCCEEDED:
        return ""
    error = info.get("errorInformation") or {}
    said = ": ".join(str(error[name]) for name in ("code", "message") if error.get(name)) or "it gave no reason"
    back = (info.get("rollbackInfo") or {}).get("rollbackDeploymentId")
    own = f" CodeDeploy rolls it back by itself ({back})." if back else ""
    return f"deployment {info.get('deploymentId', '')} {str(info['status']).lower()}: {said.rstrip('.')}.{own}"
