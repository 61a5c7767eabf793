"""A run as a person reads it while it goes on, and at its end. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from auditor.model.plan import Action, Plan
from auditor.model.values import ABSENT, Change, Finding
from auditor.report.display import one_line, place, visible


def outcome_line(action: Action, error: str, because: str) -> str:
    """What became of one action: it failed with an error, was not begun because of something, or is done."""
    facet = f" ({action.facet})" if action.facet else ""
    what = f"{action.site}: {action.verb} {visible(action.type)}/{visible(action.name)}{facet}"
    if error:
        return f"{what}: FAILED: {visible(error)}"
    return f"{what}: not done: {visible(because)}" if because else f"{what}: done"


def outcome_fields(action: Action, error: str, because: str) -> dict[str, str]:
    """The same for programs, as fields of a log's line."""
    return {
        "site": action.site,
        "type": action.type,
        "name": action.name,
        "verb": action.verb,
        "facet": action.facet,
        "outcome": "failed" if error else "not done" if because else "done",
        "why": error or because,
    }


def next_lines(run: str, complete: bool) -> Iterator[str]:
    """Which run it was, and how to go on from it."""
    yield f"Run {run}. Take it back with: auditor rollback {run}"
    if not complete:
        yield f"Go on with what was not done: auditor resume {run}"


def verdict(plan: Plan) -> str:
    """What is said where a plan was carried out and nothing of what it touches differs any more."""
    done = "as it was before" if plan.undoes else "in sync"
    if not plan.left_out:
        return done
    out = len(plan.left_out)
    return f"{done}, but for {out} {'difference' if out == 1 else 'differences'} that the plan left out"


def remaining_lines(findings: Iterable[Finding], unlike: Iterable[str]) -> Iterator[str]:
    """What still differs of what a run touched; what somebody accepted is said to be so."""
    for finding in findings:
        accepted = f" (accepted: {visible(finding.exception.reason)})" if finding.exception else ""
        what = f"{finding.site}: {visible(finding.type)}/{visible(finding.name)}"
        if not finding.changes:
            yield f"remains: {what} is {finding.kind}{accepted}"
        yield from (f"remains: {what} {_change(change)}{accepted}" for change in finding.changes)
    yield from (f"not as it was: {visible(one)}" for one in unlike)


def _change(change: Change) -> str:
    if change.unreadable:
        return f"{place(change.path)} could not be read: {visible(change.unreadable)}"
    golden, actual = (one_line(one) if one is not ABSENT else "nothing" for one in (change.golden, change.actual))
    return f"{place(change.path)}: golden {golden}, here {actual}"
