"""What CodeDeploy tells of a deployment's targets, in few calls however many there are.

To know less of a target is no reason to let go of a deployment: what cannot be read is not told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from auditor.aws.calls import Caller
from auditor.aws.errors import AWS_ERRORS
from auditor.model.stages import WAITING, FailedTarget, Stage, failed_target, own_of, stage_of
from auditor.model.values import Value
from auditor.specs.spec import Call

SERVICE: Final = "codedeploy"
TARGETS: Final = Call("ListDeploymentTargets", {"deploymentId": "${deployment}"})
_FILTERED: Final = Call(
    "ListDeploymentTargets", {"deploymentId": "${deployment}", "targetFilters": {"TargetStatus": "${statuses}"}}
)
TARGET: Final = Call("BatchGetDeploymentTargets", {"deploymentId": "${deployment}", "targetIds": "${targets}"})
BATCH: Final = 25
"""https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_BatchGetDeploymentTargets.html"""
MOST_FAILED: Final = 100
"""Of so many targets that failed it is read why."""


def stage(caller: Caller, info: Mapping[str, Any]) -> Stage:
    """How far a deployment is: with two calls more than its own, at most, and none where nothing is to be told."""
    return stage_of(info, _moving(caller, info))


def failed_targets(caller: Caller, id_: str, platform: str) -> tuple[FailedTarget, ...]:
    """Why a deployment failed, on each target where it did, as far as that can be read."""
    found = _read(caller, id_, _ids(caller, id_, "Failed" if platform == "Server" else ""), MOST_FAILED)
    return tuple(failed_target(one) for one in found if own_of(one).get("status") == "Failed")


def _moving(caller: Caller, info: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    if info["status"] in WAITING or "deploymentId" not in info:
        return ()
    is_server = info.get("computePlatform", "Server") == "Server"
    if is_server and not (info.get("deploymentOverview") or {}).get("InProgress"):
        return ()
    return list(
        _read(caller, info["deploymentId"], _ids(caller, info["deploymentId"], "InProgress" if is_server else ""))
    )


def _ids(caller: Caller, id_: str, status: str) -> Iterator[str]:
    """The targets in a state, or all; a page is asked for when it is needed."""
    values: dict[str, Value] = {"deployment": id_, "statuses": [status]}
    try:
        for page in caller.pages(SERVICE, _FILTERED if status else TARGETS, values):
            yield from page.get("targetIds", ())
    except AWS_ERRORS:
        return


def _read(caller: Caller, id_: str, ids: Iterator[str], most: int = BATCH) -> Iterator[Mapping[str, Any]]:
    wanted = islice(ids, most)
    while batch := list(islice(wanted, BATCH)):
        try:
            answer = caller.answer(SERVICE, TARGET, {"deployment": id_, "targets": batch})
        except AWS_ERRORS:
            return
        yield from answer.get("deploymentTargets", ())
