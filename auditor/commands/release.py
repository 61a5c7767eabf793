"""A release: audit, bring every region to golden, and only then deploy; all in one run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from auditor.apply.run import Orders, Tell as TellAction
from auditor.commands.apply import Applied, Then, apply, resume as resume_plan
from auditor.commands.deploy import AskToStop, Begun, Shipped, deploy, header_of, resume as resume_deployment, shipped
from auditor.commands.drift import live_drift
from auditor.compare.coverage import gaps
from auditor.compare.gate import in_the_way, left_in_the_way
from auditor.deploy.ready import Ready
from auditor.deploy.watch import Tell
from auditor.errors import GateError
from auditor.model.plan import Plan
from auditor.model.rollout import Rollout
from auditor.model.values import Drift
from auditor.report.run_text import next_lines
from auditor.runs.journal import Journal
from auditor.settings.load import Settings
from auditor.store.snapshot import Progress

_MOST: Final = 20
_REMEDY: Final = (
    "Remove the drift with 'auditor reconcile' (what is extra: with --allow-delete), accept it in auditor.yaml, or "
    "deploy all the same with --gate report."
)


@dataclass(frozen=True)
class Released:
    """What a release came to. `shipped` is None where the drift was not removed, so that nothing was deployed."""

    applied: Applied | None
    shipped: Shipped | None


@dataclass(frozen=True)
class Tellers:
    """Who is told of the audit, of actions and of deployments, and who is asked after Ctrl-C."""

    progress: Progress
    action: TellAction
    deployment: Tell
    ask_to_stop: AskToStop


def release(
    settings_: Settings,
    plan: Plan,
    ready: Ready,
    environ: Mapping[str, str],
    gate: str,
    tellers: Tellers,
    take_over: bool = False,
) -> Released:
    """Carry the plan out, audit again, and deploy; with the gate `report`, whatever remains.

    Raises GateError, before anything is deployed, where drift that nobody accepted, or anything unread, is in the way.
    """
    if not plan.actions:
        _gate(settings_, ready.rollout, environ, gate, tellers)
        return Released(None, deploy(settings_, ready, tellers.deployment, tellers.ask_to_stop, take_over, gate))
    made: list[Shipped] = []

    def go_on(book: Journal) -> None:
        _gate(settings_, ready.rollout, environ, gate, tellers, book.run)
        made.append(shipped(ready, book, tellers.deployment, tellers.ask_to_stop))

    then = Then(ready.rollout.sites, header_of(ready.rollout, gate), go_on)
    orders = Orders(ready.rollout.waves)
    applied = apply(settings_, plan, environ, orders, tellers.action, take_over, then)
    return Released(applied, made[0] if made else None)


def resume(
    settings_: Settings, run: str, begun: Begun, environ: Mapping[str, str], tellers: Tellers, take_over: bool = False
) -> Released:
    """Go on with a run that ships: its plan first, if it has one, and the deployment only once that is carried out.

    Of a release that has deployed nothing yet, the gate is asked again: much may have changed since.
    """
    applied = None
    if begun.has_plan:
        applied = resume_plan(settings_, run, environ, tellers.action, take_over)
        if not (applied.complete and applied.in_sync):
            return Released(applied, None)
    if not begun.progress.previous:
        _gate(settings_, begun.rollout, environ, begun.gate, tellers, run)
    shipped_ = resume_deployment(
        settings_, run, begun.rollout, environ, tellers.deployment, tellers.ask_to_stop, take_over
    )
    return Released(applied, shipped_)


def refuse_doomed(found: Drift, plan: Plan, rollout: Rollout, strict: bool) -> None:
    """Raise GateError, before anything is written, where drift would remain whatever becomes of the plan's actions."""
    why = left_in_the_way(found, plan, rollout)
    if strict and not why and gaps(found.coverage):
        why = ("--strict: a region lacks a feature, and what it would hold was not read",)
    if why:
        raise GateError(f"Nothing was written, and nothing deployed, because {_listed(why)}{_REMEDY}")


def _gate(
    settings_: Settings, rollout: Rollout, environ: Mapping[str, str], gate: str, tellers: Tellers, run: str = ""
) -> None:
    if gate != "refuse":
        return
    found, _ = live_drift(settings_, environ, tellers.progress)
    refuse_drift(found, rollout, run)


def refuse_drift(found: Drift, rollout: Rollout, run: str = "") -> None:
    """Raise GateError for what is in the way of deploying, in a run that has written already if it has a name."""
    why = in_the_way(found, rollout)
    if why:
        remedy = "".join(f"\n{line}" for line in next_lines(run, complete=False)) if run else ""
        raise GateError(f"Nothing was deployed, because {_listed(why)}{_REMEDY}{remedy}")


def _listed(why: Sequence[str]) -> str:
    listed = "\n".join(f"  {one}" for one in why[:_MOST])
    more = f"\n  and {len(why) - _MOST} more" if len(why) > _MOST else ""
    return f"the regions are not alike:\n{listed}{more}\n"
