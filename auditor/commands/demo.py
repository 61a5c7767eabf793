"""The whole story on the embedded AWS: audit, plan, apply, audit again, and ship a revision to every region."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from auditor.apply.run import Orders, Tell
from auditor.commands.apply import Applied, apply
from auditor.commands.context import Say
from auditor.commands.deploy import Shipped, deploy, made_ready
from auditor.commands.drift import live_drift
from auditor.commands.plan import live_plan
from auditor.commands.report import report_of, write_report
from auditor.commands.sandbox import seeded
from auditor.deploy.watch import Tell as TellShipped
from auditor.model.plan import Plan
from auditor.model.values import Drift
from auditor.plan.choice import Choice
from auditor.resources import load_specs
from auditor.sandbox.demo_check import Verdict, verdict
from auditor.sandbox.scenario import SHOP, load_scenario
from auditor.sandbox.seed import seed
from auditor.sandbox.server import ACCOUNT, Sandbox
from auditor.settings.load import Settings
from auditor.settings.parts import DeploySettings
from auditor.store.snapshot import Progress, Taken

REVISION: Final = SHOP.parent / "revision"
"""What is shipped: a page, and the script that shows it."""
DEPLOY: Final[Mapping[str, Any]] = {
    "application": "shop",
    "groups": ("web",),
    "bucket": "shop-artifacts-{region}",
}


@dataclass(frozen=True)
class Told:
    """What the demo came to."""

    drift: Drift
    taken: Taken
    verdict: Verdict
    plan: Plan
    applied: Applied
    after: Drift
    shipped: Shipped

    @property
    def as_it_should(self) -> bool:
        """Whether all that was planted was found, nothing else, and mended, and the revision is everywhere."""
        mended = self.applied.complete and self.after.complete and not self.after.findings
        return self.verdict.agrees and mended and self.shipped.complete


def demo(
    output: Path,
    progress: Progress,
    note: Say,
    found_so_far: Callable[[Drift, Plan], object],
    tell: Tell,
    tell_shipped: TellShipped,
) -> Told:
    """Audit the shop in the embedded AWS, mend it, ship to it, and audit again; hold what was found against the story.

    `found_so_far` is told of the drift and of the plan before anything is written, `tell` of each action's outcome,
    `tell_shipped` of each step of the deployments.
    """
    story = load_scenario(SHOP, ACCOUNT)
    regions = tuple(story.regions)
    with Sandbox() as sandbox, sandbox.entered(), tempfile.TemporaryDirectory(prefix="auditor-demo-") as store:
        seed(story, sandbox.environment(), load_specs())
        note(seeded(story))
        settings = Settings(golden=regions[0], regions=regions, pace="off", store=store)
        # What a debug function was left behind for, nobody remembers: it may go.
        plan, found, taken = live_plan(settings, os.environ, progress, Choice(deletes=True))
        write_report(replace(report_of(settings, found), plan=plan), output)
        found_so_far(found, plan)
        applied = apply(settings, plan, os.environ, Orders(), tell)
        shipped = _shipped(settings, tell_shipped)
        after, _ = live_drift(settings, os.environ, progress)
    return Told(found, taken, verdict(story.planted, found), plan, applied, after, shipped)


def _shipped(settings: Settings, tell: TellShipped) -> Shipped:
    """A revision of the shop's web servers, shipped to every region: the first alone, then the others."""
    told = settings.model_copy(update={"deploy": DeploySettings(**DEPLOY, waves=(settings.regions[:1],))})
    with made_ready(told, str(REVISION), os.environ, "rollback", "fail") as ready:
        return deploy(told, ready, tell, lambda _: False)
