"""How far a deployment is, and what failed on which of its targets, as CodeDeploy tells of them. Pure.

A target is an instance, a function or a service:
https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentTarget.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from auditor.model.log_masking import log_end, without_secrets

WAITING: Final = ("Created", "Queued")
"""The states of a deployment that has not begun: it has no targets yet."""
_TOLD_APART: Final = (("InProgress", "in progress"), ("Failed", "failed"), ("Skipped", "skipped"), ("Ready", "ready"))


@dataclass(frozen=True)
class FailedTarget:
    """A target on which a deployment failed, with what is told of why; each is "" where nothing is."""

    target: str
    """The instance's id or name, the function with its alias, or the cluster with its service."""
    event: str = ""
    """The lifecycle event that failed."""
    code: str = ""
    """`ScriptFailed` and the like."""
    script: str = ""
    message: str = ""
    log: tuple[str, ...] = ()
    """The end of the agent's log of the script, without what looks like a secret."""


@dataclass(frozen=True)
class Stage:
    """How far a deployment is."""

    deployment: str
    status: str
    counts: Mapping[str, int] = field(default_factory=dict)
    """How many targets are in each state."""
    shifted: float | None = None
    """The share of the traffic that goes to what is new, from 0 to 1."""
    at: tuple[tuple[str, str], ...] = ()
    """Targets that are being deployed to, with the lifecycle event that each is at; not all, where they are many."""

    @property
    def total(self) -> int:
        """How many targets there are."""
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        """How many of them are through, well or not."""
        return sum(self.counts.get(state, 0) for state in ("Succeeded", "Failed", "Skipped"))


@dataclass(frozen=True)
class Step:
    """What is the case in a group of a site by now, in words; of a deployment under way also how far it is."""

    site: str
    group: str
    words: str
    stage: Stage | None = None
    failed: FailedTarget | None = None
    """The target of which the words tell that it failed."""


def stage_of(info: Mapping[str, Any], targets: Iterable[Mapping[str, Any]] = ()) -> Stage:
    """The stage of a deployment, of what GetDeployment and BatchGetDeploymentTargets answer."""
    counts = {state: number for state, number in (info.get("deploymentOverview") or {}).items() if number}
    told = list(targets)
    is_shifting = info.get("computePlatform", "Server") != "Server" and told
    at = tuple((_name(one), _event(one, "InProgress").get("lifecycleEventName", "")) for one in map(own_of, told))
    shifted = max(map(_weight, told)) if is_shifting else None
    return Stage(str(info.get("deploymentId", "")), str(info["status"]), counts, shifted, tuple(o for o in at if o[1]))


def stage_words(stage: Stage) -> str:
    """A deployment's state, with its instances, or the share of traffic that goes to what is new."""
    if stage.shifted is not None:
        return f"{stage.status}, {stage.shifted:.0%} of the traffic shifted"
    if not stage.total:
        return stage.status
    parts = [f"{stage.counts.get('Succeeded', 0)} of {stage.total} instances"]
    parts += [f"{stage.counts[state]} {word}" for state, word in _TOLD_APART if stage.counts.get(state)]
    return f"{stage.status}, {', '.join(parts)}"


def at_words(stage: Stage) -> str:
    """Which targets are being deployed to, a few of them by name; "" where nobody knows."""
    few = [f"{target} {event}" for target, event in stage.at[:2]]
    more = max(stage.counts.get("InProgress", 0), len(stage.at)) - len(few)
    return ", ".join([*few, *([f"{more} more"] if more > 0 else [])]) if few else ""


def failed_target(target: Mapping[str, Any]) -> FailedTarget:
    """What a target that failed tells of why. Its texts hold no secret that can be told to be one."""
    own = own_of(target)
    event = _event(own, "Failed")
    told = event.get("diagnostics") or {}
    code, script, message = (str(told.get(name) or "") for name in ("errorCode", "scriptName", "message"))
    name = str(event.get("lifecycleEventName") or "")
    return FailedTarget(
        _name(own), name, code, script, without_secrets(message), log_end(str(told.get("logTail") or ""))
    )


def failed_words(failed: FailedTarget) -> str:
    """What failed, in one line."""
    where = f" at {failed.event}" if failed.event else ""
    what = ", ".join(part for part in (failed.code, failed.script) if part)
    return (
        f"{failed.target} failed{where}{f' ({what})' if what else ''}{f': {failed.message}' if failed.message else ''}"
    )


def own_of(target: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a target tells of itself, of whatever type it is."""
    return next((one for name, one in target.items() if name.endswith("Target") and isinstance(one, Mapping)), {})


def _name(own: Mapping[str, Any]) -> str:
    # An on-premises instance may be known by its ARN alone, at whose end its name is, with a suffix.
    id_ = str(own.get("targetId") or own.get("targetArn") or "")
    return (id_.rpartition("/")[2] if id_.startswith("arn:") else id_) or "a target"


def _event(own: Mapping[str, Any], status: str) -> Mapping[str, Any]:
    events = own.get("lifecycleEvents") or ()
    return next((one for one in events if one.get("status") == status), {})


def _weight(target: Mapping[str, Any]) -> float:
    function = target.get("lambdaTarget", {}).get("lambdaFunctionInfo", {})
    tasks = target.get("ecsTarget", {}).get("taskSetsInfo", ())
    green = [one.get("trafficWeight", 0.0) for one in tasks if one.get("taskSetLabel") == "Green"]
    # ECS counts in per cent, Lambda from 0 to 1.
    return float(function.get("targetVersionWeight", max(green, default=0.0) / 100))
