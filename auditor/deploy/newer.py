"""Whether somebody deployed to a group after a run did, or after it began. Then the run has no business there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from auditor.aws.calls import Caller
from auditor.deploy import codedeploy
from auditor.errors import DeployError


def refuse_newer(caller: Caller, application: str, group: str, run: str) -> None:
    """Raise DeployError where the last deployment to a group is not the run's own, and came after the run began.

    A deployment by which CodeDeploy itself rolled one of the run's back counts as the run's own.
    """
    id_ = codedeploy.group_of(caller, application, group).get("lastAttemptedDeployment", {}).get("deploymentId")
    if not id_:
        return
    last = codedeploy.deployment_of(caller, id_)
    if not _is_own(caller, last, run) and last["createTime"] >= _began(run):
        raise newer(caller, f"the deployment {id_} to {application}/{group}")


def newer(caller: Caller, what: str) -> DeployError:
    """The refusal where something came after the run."""
    return DeployError(
        f"{caller.site}: {what} came after this run, and was left as it is. Ship anew with 'auditor deploy', or take "
        "the later run back first."
    )


def _is_own(caller: Caller, deployment: Mapping[str, Any], run: str) -> bool:
    triggering = (deployment.get("rollbackInfo") or {}).get("rollbackTriggeringDeploymentId")
    own = codedeploy.deployment_of(caller, triggering) if triggering else deployment
    return str(own.get("description", "")).startswith(f"auditor {run} ")


def _began(run: str) -> datetime:
    return datetime.strptime(run[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
