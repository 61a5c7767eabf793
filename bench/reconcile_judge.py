"""What one case came to, judged by what was seen before and after its run was carried out and taken back. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from auditor.apply.schedule import Outcome
from auditor.commands.apply import Applied
from auditor.model.plan import Action, LeftOut, Plan
from auditor.model.values import Drift, Finding, Reading, Resource, SiteSnapshot, State, Value
from auditor.specs.field_tree import Node, tree
from auditor.specs.spec import Facet, ResourceSpec, Role
from bench.reconcile_cases import Case
from bench.reconcile_estate import Estate, label
from bench.sites import SPECS

DROPPED: Final = (Role.IGNORED, Role.CAPABILITY)
"""What AWS sets by itself: ids, and when something was changed."""
COPY: Final = re.compile(r"\bc(?!000)\d{3}\b")
"""What the copies that are changed have in their names."""


@dataclass(frozen=True)
class Result:
    """What one case came to: `outcome` is `converged`, `refused` or `failed`; `reason` says why."""

    case: str
    outcome: str
    reason: str = ""
    calls: int = 0
    """The writes that its fix took."""
    undone: str = ""
    """`undone`, or why there is no way back; "" where nothing was done."""


@dataclass(frozen=True)
class Looked:
    """Both regions at one time, and how they differ."""

    drift: Drift
    golden: SiteSnapshot
    target: SiteSnapshot


@dataclass(frozen=True)
class Stages:
    """Everything that was seen of a share's run, to judge its cases by."""

    golden: SiteSnapshot
    """Golden, before anything was changed."""
    found: tuple[Finding, ...]
    before: SiteSnapshot
    """The target once it was changed."""
    plan: Plan
    applied: Applied
    after: Looked
    back: Plan
    returned: Applied
    restored: SiteSnapshot
    """The target after all was taken back."""
    refused: Mapping[int, str] = field(default_factory=dict)
    """The cases whose change AWS did not take, by number, and its words."""


def paths(finding: Finding) -> str:
    """A finding's changes in words."""
    return ", ".join(f"{one.path} {one.golden!r} {one.actual!r} {one.unreadable}" for one in finding.changes)


def judged(estate: Estate, number: int, case: Case, stages: Stages) -> Result:
    """What a case came to."""
    mark = label(number)
    if number in stages.refused:
        return Result(case.id, "failed", f"the change was not made: {stages.refused[number]}")
    found = [one for one in stages.found if mark in one.name]
    strange = _strange(estate, case, found)
    if strange:
        return Result(case.id, "failed", strange)
    actions = [one for one in stages.plan.actions if mark in one.name]
    left = [one for one in stages.plan.left_out if mark in one.name]
    remains = [one for one in stages.after.drift.findings if mark in one.name]
    wrong = _touched(estate, case, mark, stages)
    if wrong:
        return Result(case.id, "failed", wrong)
    if remains:
        return _refused(case, left, actions, remains, stages, mark)
    calls = sum(len(one.calls) for one in actions)
    undone = _taken_back(mark, stages)
    if case.refused:
        return Result(case.id, "failed", f"it was to be refused ({case.refused}), and was written")
    return Result(case.id, "failed" if undone.startswith("NOT") else "converged", undone, calls, undone)


def _strange(estate: Estate, case: Case, found: Sequence[Finding]) -> str:
    """What the audit found beside the change, or that it found nothing."""
    if not found:
        return "the audit did not find it"
    mine = [one for one in found if one.type == estate.type]
    if not case.facet or case.anew:
        return "" if mine else "the audit found another resource only"
    spec = estate.spec
    facet = next(one for one in spec.facets if one.name == case.facet)
    others = {one.at for one in spec.facets if one.at and one is not facet and not _follows(one)}
    strange = [change.path for one in mine for change in one.changes if change.path.split("/")[1] in others]
    return f"the audit found more: {', '.join(strange)}" if strange or len(mine) != len(found) else ""


def _follows(facet: Facet) -> bool:
    return not facet.write or any(one.follows for one in facet.fields)


def _refused(
    case: Case,
    left: Sequence[LeftOut],
    actions: Sequence[Action],
    remains: Sequence[Finding],
    stages: Stages,
    mark: str,
) -> Result:
    failures = [one for one in stages.applied.outcomes if mark in one.action.name and not one.done]
    if failures:
        return Result(case.id, "failed", f"apply: {_why(failures[0])}")
    if actions or not left:
        what = "; ".join(f"{one.kind} {paths(one)}" for one in remains)
        return Result(case.id, "failed", f"written, and not in sync: {what}; left out: {[one.why for one in left]}")
    why = left[0].why
    if not case.refused or not all(one.why.startswith(case.refused) for one in left):
        return Result(case.id, "failed", f"refused, which was not to be: {'; '.join(one.why for one in left)}")
    return Result(case.id, "refused", why)


def _why(outcome: Outcome) -> str:
    return outcome.error or outcome.because


def _taken_back(mark: str, stages: Stages) -> str:
    lasting = [one.why for one in stages.back.left_out if mark in one.name]
    if lasting:
        return f"{lasting[0]}"
    failures = [one for one in stages.returned.outcomes if mark in one.action.name and not one.done]
    if failures:
        return f"NOT taken back: {_why(failures[0])}"
    before, now = (_bytes(one, mark) for one in (stages.before, stages.restored))
    unlike = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    if unlike:
        name = unlike[0]
        return f"NOT as it was: {name}: {before.get(name)} is now {now.get(name)}"
    return "undone"


def _touched(estate: Estate, case: Case, mark: str, stages: Stages) -> str:
    """What changed of the copy beside what was to be changed."""
    if not case.facet or case.anew:
        return ""
    spec = estate.spec
    facet = next(one for one in spec.facets if one.name == case.facet)
    before, after = (_bytes(one, mark) for one in (stages.before, stages.after.target))
    own = {f"{estate.type} {one.name}" for one in spec.facets if one is facet or _follows(one)}
    unlike = [one for one in {**before, **after} if before.get(one) != after.get(one)]
    strange = [one for one in unlike if not any(one.startswith(name) for name in own)]
    return f"apply touched {', '.join(strange)}: {before.get(strange[0])} {after.get(strange[0])}" if strange else ""


def _bytes(snapshot: SiteSnapshot, mark: str) -> dict[str, str]:
    """The raw readings of what belongs to a copy, as bytes, without what AWS sets of itself."""
    return {
        f"{one.type} {facet} {one.name}": json.dumps([reading.state, reading.value, reading.error], sort_keys=True)
        for one in snapshot.resources
        if mark in one.name and one.type in SPECS
        for facet, reading in lasting(SPECS[one.type], one).items()
    }


def lasting(spec: ResourceSpec, resource: Resource) -> dict[str, Reading]:
    """A resource's readings without what AWS sets of itself; what is read as absence means is absent."""
    facets = {facet.name: facet for facet in spec.facets}
    # What a version of a function is, is no facet of what hangs on it.
    return {name: _lasting(facets[name], one) for name, one in resource.facets.items() if name in facets}


def _lasting(facet: Facet, reading: Reading) -> Reading:
    value = _without(reading.value, tree(facet.fields))
    return Reading(State.ABSENT) if value == facet.default else replace(reading, value=value)


def _without(value: Value, node: Node) -> Value:
    if isinstance(value, dict):
        kept = {name: one for name, one in value.items() if not _is_dropped(node.child(name))}
        return {name: _without(one, node.child(name)) for name, one in kept.items()}
    return [_without(one, node.child("[]")) for one in value] if isinstance(value, list) else value


def _is_dropped(node: Node) -> bool:
    return node.field is not None and node.field.role in DROPPED


def beside(estate: Estate, stages: Stages) -> Iterator[Result]:
    """What was touched that no case is about: golden, and the copy and the resources that stand beside."""
    for what, one, other in (
        ("golden", _beyond(stages.golden), _beyond(stages.after.golden)),
        ("what stands beside", _beyond(stages.before), _beyond(stages.after.target)),
    ):
        before, now = _bytes(one, ""), _bytes(other, "")
        unlike = [name for name in {**before, **now} if before.get(name) != now.get(name)]
        if unlike:
            told = f"{unlike[0]}: {before.get(unlike[0])} is now {now.get(unlike[0])}"
            yield Result(f"{estate.name}: {what}", "failed", f"{len(unlike)} readings changed: {told}")


def _beyond(snapshot: SiteSnapshot) -> SiteSnapshot:
    """A site without the copies that cases are about."""
    return replace(snapshot, resources=tuple(one for one in snapshot.resources if not COPY.search(one.name)))
