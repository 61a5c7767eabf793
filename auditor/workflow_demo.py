"""The whole story on the embedded AWS: audit, plan, apply, and audit again."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from auditor.applying.run import Orders, Tell
from auditor.model import Drift
from auditor.planned import Plan
from auditor.planning.choice import Choice
from auditor.resources import load_specs
from auditor.sandbox.scenario import SHOP, load_scenario
from auditor.sandbox.seed import seed
from auditor.sandbox.server import ACCOUNT, Sandbox
from auditor.settings import Settings
from auditor.snapshot import Progress, Taken
from auditor.story import Verdict, verdict
from auditor.workflow import Say, live_drift, seeded, write_report
from auditor.workflow_apply import Applied, apply
from auditor.workflow_plan import live_plan


@dataclass(frozen=True)
class Told:
    """What the demo came to."""

    drift: Drift
    taken: Taken
    verdict: Verdict
    plan: Plan
    applied: Applied
    after: Drift

    @property
    def as_it_should(self) -> bool:
        """Whether all that was planted was found, nothing else, and nothing of it is left."""
        return self.verdict.agrees and self.applied.complete and self.after.complete and not self.after.findings


def demo(
    output: Path, progress: Progress, note: Say, found_so_far: Callable[[Drift, Plan], object], tell: Tell
) -> Told:
    """Audit the shop in the embedded AWS, hold what was found against what was planted, mend it, and audit again.

    `found_so_far` is told of the drift and of the plan before anything is written, `tell` of each action's outcome.
    """
    story = load_scenario(SHOP, ACCOUNT)
    regions = tuple(story.regions)
    with Sandbox() as sandbox, sandbox.entered(), tempfile.TemporaryDirectory(prefix="auditor-demo-") as store:
        seed(story, sandbox.environment(), load_specs())
        note(seeded(story))
        settings = Settings(golden=regions[0], regions=regions, pace="off", store=store)
        # What a debug function was left behind for, nobody remembers: it may go.
        plan, found, taken = live_plan(settings, os.environ, progress, Choice(deletes=True))
        write_report(found, output)
        found_so_far(found, plan)
        applied = apply(settings, plan, os.environ, Orders(), tell)
        after, _ = live_drift(settings, os.environ, progress)
    return Told(found, taken, verdict(story.planted, found), plan, applied, after)
