"""Deployments that behave as AWS's do. Knows nothing of the auditor.

A deployment moves on each time that GetDeployment or BatchGetDeployments looks at it (Created, InProgress, its end), so
that no clock is needed; ListDeployments alone moves none. What comes of it is told by `codedeploy_outcomes`.
"""

from __future__ import annotations

import json
import os
import re
import time
from contextlib import AbstractContextManager
from threading import RLock
from typing import Any, Final

import boto3
from botocore.config import Config
from moto.codedeploy.exceptions import CodeDeployException, DeploymentDoesNotExistException
from moto.codedeploy.responses import CodeDeployResponse
from moto.core.responses import ActionResult, EmptyResult

from auditor.sandbox.codedeploy_agent import broken_hook
from auditor.sandbox.codedeploy_defaults import Fields, created, last
from auditor.sandbox.codedeploy_outcomes import ROLLBACK, outcome
from auditor.sandbox.codedeploy_revisions import problem_of
from auditor.sandbox.codedeploy_targets import EVENTS, overview, status_of, targets

GOING: Final = ("Created", "Queued", "InProgress", "Baking", "Ready")
_ACCOUNT: Final = re.compile(r"Credential=(\d{12})/")
_PAGE: Final = 100
_BATCH: Final = 25
_KEY: Final = ("applicationName", "deploymentGroupName")
_LISTED: Final = (*_KEY, "externalId")
_INNER: Final = ("continued", "broken")
"""What is kept of a deployment, and told by other operations only."""
_TOO_MANY: Final = (
    "The overall deployment failed because too many individual instances failed deployment, too few healthy instances "
    "are available for deployment, or some instances in your deployment group are experiencing problems."
)
_EVENTS: Final = {"ALARM_ACTIVE": "DEPLOYMENT_STOP_ON_ALARM", "MANUAL_STOP": "DEPLOYMENT_STOP_ON_REQUEST"}


class Deployments(CodeDeployResponse):
    """moto's responses, with deployments that come to an end."""

    def get_current_account(self) -> str:
        """The access key, where it is an account's number, as in ministack."""
        match = _ACCOUNT.search(self.headers.get("Authorization", ""))
        return match[1] if match else str(super().get_current_account())

    @property
    def _asked(self) -> Fields:
        return dict(json.loads(self.body or "{}"))

    @property
    def _kept(self) -> Fields:
        """What is kept for this account and region beside moto's own."""
        backend: Any = self.codedeploy_backend
        if not hasattr(backend, "kept"):
            names = ("groups", "configs", "instances", "deployments", "clients")
            backend.kept = {"tokens": [], "lock": RLock(), **{name: {} for name in names}}
        return dict(backend.kept)

    @property
    def _alone(self) -> AbstractContextManager[Any]:
        # moto answers several requests at a time: two must not both find a group idle, nor both end a deployment.
        lock: AbstractContextManager[Any] = self._kept["lock"]
        return lock

    def _group(self, application: str, name: str) -> Fields:
        raise NotImplementedError

    def _check(self, asked: Fields) -> None:
        raise NotImplementedError

    def create_deployment(self) -> ActionResult:
        asked = self._asked
        group = self._group_of(asked)
        _check_revision(asked.get("revision") or {}, group["computePlatform"])
        self._check(asked)
        with self._alone:
            busy = next((one for one in self._of_group(asked) if one["status"] in GOING), None)
            if busy:
                raise CodeDeployException(
                    "DeploymentLimitExceededException",
                    f"The Deployment Group '{asked['deploymentGroupName']}' already has an active Deployment "
                    f"'{busy['deploymentId']}'",
                )
            return ActionResult({"deploymentId": self._begun(asked, group)["deploymentId"]})

    def get_deployment(self) -> ActionResult:
        return ActionResult({"deploymentInfo": self._looked_at(self._deployment())})

    def batch_get_deployments(self) -> ActionResult:
        known, ids = self._kept["deployments"], self._asked["deploymentIds"]
        if len(ids) > _BATCH:
            raise CodeDeployException("BatchLimitExceededException", f"The maximum number of ids is {_BATCH}.")
        return ActionResult({"deploymentsInfo": [self._looked_at(known[id_]) for id_ in ids if id_ in known]})

    def list_deployments(self) -> ActionResult:
        asked = self._asked
        if len(asked.keys() & set(_KEY)) == 1:
            lacking = "DeploymentGroupName" if _KEY[0] in asked else "ApplicationName"
            raise CodeDeployException(f"{lacking}RequiredException", "Give both names, or neither.")
        if _KEY[0] in asked:
            self._group_of(asked)
        ids = [one["deploymentId"] for one in reversed([*self._kept["deployments"].values()]) if _wanted(one, asked)]
        return _page("deployments", ids, asked)

    def stop_deployment(self) -> ActionResult:
        with self._alone:
            one = self._going()
            self._end(one, ("Stopped", "MANUAL_STOP", "The deployment was stopped by a user."))
        return ActionResult({"status": "Succeeded", "statusMessage": "No more commands will be scheduled."})

    def continue_deployment(self) -> EmptyResult:
        with self._alone:
            one = self._going()
            if one["status"] != "Ready":
                raise CodeDeployException("DeploymentIsNotInReadyStateException", "The deployment is not ready.")
            one["continued"] = True
        return EmptyResult()

    def list_deployment_targets(self) -> ActionResult:
        asked = self._asked
        statuses = (asked.get("targetFilters") or {}).get("TargetStatus")
        ids = [id_ for id_, one in self._targets().items() if statuses is None or status_of(one) in statuses]
        return _page("targetIds", ids, asked)

    def batch_get_deployment_targets(self) -> ActionResult:
        found, ids = self._targets(), self._asked.get("targetIds") or []
        if not ids:
            raise CodeDeployException("DeploymentTargetIdRequiredException", "There is no target id.")
        if len(ids) > _BATCH:
            raise CodeDeployException("DeploymentTargetListSizeExceededException", f"The maximum is {_BATCH} targets.")
        lost = [id_ for id_ in ids if id_ not in found]
        if lost:
            raise CodeDeployException("DeploymentTargetDoesNotExistException", f"There is no target {lost[0]}.")
        return ActionResult({"deploymentTargets": [found[id_] for id_ in ids]})

    # -- what is there

    def _group_of(self, one: Fields) -> Fields:
        for name in _KEY:
            if not one.get(name):
                raise CodeDeployException(f"{name[0].upper()}{name[1:]}RequiredException", f"There is no {name}.")
        return self._group(one["applicationName"], one["deploymentGroupName"])

    def _of_group(self, asked: Fields) -> list[Fields]:
        return [one for one in self._kept["deployments"].values() if all(one[name] == asked[name] for name in _KEY)]

    def _deployment(self) -> Fields:
        id_ = self._asked["deploymentId"]
        found: Fields | None = self._kept["deployments"].get(id_)
        if found is None:
            raise DeploymentDoesNotExistException(f"The deployment {id_} could not be found.")
        return found

    def _going(self) -> Fields:
        one = self._deployment()
        if one["status"] not in GOING:
            raise CodeDeployException("DeploymentAlreadyCompletedException", "The deployment is already complete.")
        return one

    def _targets(self) -> dict[str, Fields]:
        one = self._deployment()
        if "startTime" not in one:
            raise CodeDeployException("DeploymentNotStartedException", "The deployment has not started.")
        return targets(one, self._group_of(one))

    def _client(self, service: str) -> Any:
        """The embedded AWS's, as who asks."""
        made = self._kept["clients"]
        if service not in made:
            session = boto3.Session(self.current_account, "sandbox", region_name=self.region)
            endpoint = f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}"
            made[service] = session.client(service, endpoint_url=endpoint, config=Config(read_timeout=30))
        return made[service]

    # -- how one moves on

    def _begun(self, asked: Fields, group: Fields, creator: str = "user") -> Fields:
        one = created(asked, group, creator)
        before = self._before(group)
        if before:
            one["previousRevision"] = before["revision"]
        self._kept["deployments"][one["deploymentId"]] = one
        self._tell_group(one)
        return one

    def _before(self, group: Fields) -> Fields | None:
        id_ = group.get("lastSuccessfulDeployment", {}).get("deploymentId")
        found: Fields | None = self._kept["deployments"].get(id_)
        return found

    def _tell_group(self, one: Fields) -> None:
        # A group deleted meanwhile has nobody to tell.
        self._kept["groups"].get(tuple(one[name] for name in _KEY), {}).update(last(one))

    def _looked_at(self, one: Fields) -> Fields:
        with self._alone:
            if one["status"] in GOING:
                self._move(one, self._group_of(one))
            told = {name: value for name, value in one.items() if name not in _INNER}
            return {**told, "deploymentOverview": overview(one)}

    def _move(self, one: Fields, group: Fields) -> None:
        if one["status"] == "Created":
            one |= {"status": "InProgress", "startTime": time.time()}
            self._tell_group(one)
        elif _waits(one, group):
            one["status"] = "Ready"
            self._tell_group(one)
        else:
            self._end(one, outcome(one, group, self._client) or self._on_instances(one) or ("Succeeded", "", ""))

    def _on_instances(self, one: Fields) -> tuple[str, str, str] | None:
        """How scripts of a bundle end a deployment to instances; None where they let it succeed."""
        platform = one["computePlatform"]
        broken = broken_hook(one["revision"], self._client, EVENTS[platform]) if platform == "Server" else None
        if broken is None:
            return None
        one["broken"] = broken
        return "Failed", "HEALTH_CONSTRAINTS", _TOO_MANY

    def _end(self, one: Fields, how: tuple[str, str, str]) -> None:
        status, code, message = how
        one |= {"status": status, "completeTime": time.time()}
        self._tell_group(one)
        if code:
            one["errorInformation"] = {"code": code, "message": message}
            self._roll_back(one, _EVENTS.get(code, "DEPLOYMENT_FAILURE"))

    def _roll_back(self, one: Fields, event: str) -> None:
        group = self._group_of(one)
        own = one.get("autoRollbackConfiguration") or group.get("autoRollbackConfiguration") or {}
        told = own.get("enabled") and event in own.get("events", ())
        if event == "DEPLOYMENT_STOP_ON_REQUEST":
            told = self._asked.get("autoRollbackEnabled", told)
        before = self._before(group)
        if not told or not before or one["creator"] == ROLLBACK:
            return
        asked = {**{name: one[name] for name in _KEY}, "revision": before["revision"]}
        made = self._begun(asked, group, ROLLBACK)
        one["rollbackInfo"] = {"rollbackDeploymentId": made["deploymentId"]}
        made["rollbackInfo"] = {"rollbackTriggeringDeploymentId": one["deploymentId"]}


def _page(member: str, ids: list[str], asked: Fields) -> ActionResult:
    begin = int(asked.get("nextToken") or 0)
    more = {"nextToken": str(begin + _PAGE)} if len(ids) > begin + _PAGE else {}
    return ActionResult({member: ids[begin : begin + _PAGE], **more})


def _check_revision(revision: Fields, platform: str) -> None:
    if not revision:
        raise CodeDeployException("RevisionRequiredException", "The revision ID was not specified.")
    problem = problem_of(revision, platform)
    if problem:
        raise CodeDeployException("InvalidRevisionException", problem)


def _wanted(one: Fields, asked: Fields) -> bool:
    statuses, times = asked.get("includeOnlyStatuses"), asked.get("createTimeRange") or {}
    return (
        all(one.get(name) == asked[name] for name in _LISTED if name in asked)
        and (not statuses or one["status"] in statuses)
        and times.get("start", 0) <= one["createTime"] <= times.get("end", float("inf"))
    )


def _waits(one: Fields, group: Fields) -> bool:
    style = one.get("deploymentStyle", {}).get("deploymentType")
    option = group.get("blueGreenDeploymentConfiguration", {}).get("deploymentReadyOption", {})
    stays = style == "BLUE_GREEN" and option.get("actionOnTimeout") == "STOP_DEPLOYMENT"
    return bool(stays and one["creator"] != ROLLBACK and not one.get("continued"))
