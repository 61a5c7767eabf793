"""The plan that would remove the drift, as the page shows it: by cause, and as a whole. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from auditor.model.plan import VERBS, Action, LeftOut, Plan
from auditor.report.causes import Cause, grouped
from auditor.report.display import version_words, visible
from auditor.report.plan.text import totals_lines, warning_lines
from auditor.report.wording import counted

MOST_ACTIONS: Final = 300
"""So many actions are listed in their order; each cause tells its own all the same."""


@dataclass(frozen=True)
class FixView:
    """What a plan would do about a cause: how, in how many places, and what to know before."""

    says: str
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class ActionView:
    """One action, and the finding that it is for ("" where none is on the page)."""

    site: str
    verb: str
    resource: str
    calls: str
    warnings: tuple[str, ...]
    anchor: str


@dataclass(frozen=True)
class LeftView:
    """A reason for leaving differences as they are, and how many it holds for."""

    why: str
    says: str


@dataclass(frozen=True)
class PlanView:
    """The plan as a whole; `none` is why there is no plan."""

    totals: tuple[str, ...]
    actions: tuple[ActionView, ...]
    more: int
    """Actions that are not listed."""
    left: tuple[LeftView, ...]
    none: str = ""


@dataclass(frozen=True)
class Remedies:
    """What a plan does, or does not do, about each finding, by its id."""

    actions: Mapping[str, list[Action]]
    left: Mapping[str, list[LeftOut]]


def remedies(plan: Plan | None) -> Remedies:
    """A plan by finding; nothing where there is no plan."""
    if plan is None:
        return Remedies({}, {})
    by_finding = grouped(((name, one) for one in plan.actions for name in one.reason), key=lambda pair: pair[0])
    actions = {name: [one for _, one in pairs] for name, pairs in by_finding}
    return Remedies(actions, dict(grouped(plan.left_out, key=lambda one: one.finding)))


def fixes(cause: Cause, known: Remedies) -> tuple[FixView, ...]:
    """What a plan would do about a cause, each way of doing it once."""
    actions = {one.id: one for finding in cause.findings for one in known.actions.get(finding.id, ())}
    ordered = sorted(actions.values(), key=lambda one: VERBS.index(one.verb))
    return tuple(_fix(how, group) for how, group in grouped(ordered, _how))


def left(cause: Cause, known: Remedies) -> tuple[str, ...]:
    """Why a plan leaves a cause, or a part of it, as it is; each reason once."""
    reasons = (one.why for finding in cause.findings for one in known.left.get(finding.id, ()))
    return tuple(visible(version_words(why)) for why in dict.fromkeys(reasons))


def plan_view(plan: Plan | None, why: str, anchors: Mapping[str, str]) -> PlanView | None:
    """The plan as a whole, None where nobody asked for one; `anchors` are those of the findings, by id."""
    if plan is None:
        return PlanView((), (), 0, (), visible(why)) if why else None
    reasons = grouped(plan.left_out, key=lambda one: one.why)
    return PlanView(
        tuple(totals_lines(plan)),
        tuple(_action(one, anchors) for one in plan.actions[:MOST_ACTIONS]),
        max(0, len(plan.actions) - MOST_ACTIONS),
        tuple(LeftView(visible(version_words(why)), counted(len(group), "difference")) for why, group in reasons),
    )


def _how(action: Action) -> tuple[str, tuple[str, ...]]:
    return action.verb, tuple(dict.fromkeys(f"{one.service} {one.operation}" for one in action.calls))


def _fix(how: tuple[str, tuple[str, ...]], actions: list[Action]) -> FixView:
    verb, calls = how
    times = f", {counted(len(actions), 'time')}" if len(actions) > 1 else ""
    return FixView(visible(f"{verb} by {', '.join(calls)}{times}"), _warnings(actions))


def _warnings(actions: Iterable[Action]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.removeprefix("! ") for one in actions for line in warning_lines(one)))


def _action(action: Action, anchors: Mapping[str, str]) -> ActionView:
    anchor = next((anchors[name] for name in action.reason if name in anchors), "")
    calls = visible(", ".join(_how(action)[1]))
    resource = visible(f"{action.type}/{action.name}")
    return ActionView(visible(action.site), action.verb, resource, calls, _warnings([action]), anchor)
