"""Watches a deployment until its end, and tells what changes: how far it is, and what failed on which target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from auditor.aws.calls import Caller
from auditor.deploy.targets import failed_targets
from auditor.errors import DeployError
from auditor.model.rollout import Target
from auditor.model.stages import FailedTarget, Stage, Step, at_words, failed_words, stage_words

Tell = Callable[[Step], object]
"""Told of each step of each site."""


class FailedDeploymentError(DeployError):
    """A deployment ended otherwise than well, on these targets."""

    def __init__(self, message: str, failed: tuple[FailedTarget, ...]) -> None:
        super().__init__(message)
        self.failed = failed


@dataclass
class Watch:
    """What was told of a deployment so far."""

    caller: Caller
    target: Target
    platform: str
    tell: Tell
    failed: dict[str, FailedTarget] = field(default_factory=dict)
    _last: tuple[str, str] = ("", "")
    _looked: int = 0
    """How many had failed when it was last asked which."""

    def __call__(self, stage: Stage) -> None:
        """Tell of a stage that is another than the last, and of targets that have failed since."""
        words = stage_words(stage), at_words(stage)
        if words == self._last:
            return
        self._last = words
        self.tell(Step(*self.target, f"{stage.deployment} {words[0]}", stage))
        number = stage.counts.get("Failed", 0)
        if number > self._looked or (stage.status == "Failed" and not self.failed):
            self._looked = number
            self._look_for_failed(stage.deployment)

    def _look_for_failed(self, deployment: str) -> None:
        for one in failed_targets(self.caller, deployment, self.platform):
            if one.target not in self.failed:
                self.failed[one.target] = one
                self.tell(Step(*self.target, failed_words(one), failed=one))
