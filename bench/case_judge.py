"""Holds what a case came to against what it says: everything exactly, told so that it can be read. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from auditor.cli.options import INCOMPLETE
from auditor.compare.coverage import REFERENCES
from auditor.errors import PlanError
from auditor.model.plan import Action, LeftOut, Plan, PlannedCall
from auditor.model.values import ABSENT, Change, Drift, Finding, Value
from auditor.plan.authority import refuse_beyond
from auditor.resources import load_specs
from bench.case_file import CallRow, CaseFile, FindingRow, LeftOutRow, PlanExpected

_Wanted = TypeVar("_Wanted")
_Got = TypeVar("_Got")


class Came(Protocol):
    """What a case came to."""

    @property
    def drift(self) -> Drift: ...  # noqa: D102

    @property
    def plan(self) -> Plan: ...  # noqa: D102

    @property
    def exit(self) -> int: ...  # noqa: D102


@dataclass(frozen=True)
class Row:
    """One change of one finding."""

    finding: Finding
    change: Change | None

    @property
    def path(self) -> str:
        """Where it is; "" for the resource as a whole."""
        return self.change.path if self.change else ""

    @property
    def classes(self) -> tuple[str, ...]:
        """What kind of mistake it is."""
        return self.change.classes if self.change else self.finding.classes

    @property
    def notes(self) -> tuple[str, ...]:
        """What is said of it."""
        return (*self.change.notes, self.change.unreadable) if self.change else ()


def judged(case: CaseFile, came: Came) -> Iterator[str]:
    """What is wrong, in lines."""
    if case.findings is not None:
        yield from findings_judged(case.findings, came.drift.findings, case.regions[1], "findings")
    wanted = case.exit if case.exit is not None else _exit_of(case)
    if wanted is not None and wanted != came.exit:
        yield f"exit: {wanted} was expected, and it was {came.exit}"
    try:
        refuse_beyond(came.plan, load_specs(), "the plan")
    except PlanError as error:
        yield str(error)
    yield from _coherence_judged(came)
    if case.plan:
        yield from plan_judged(case.plan, came.plan, case.regions[1])


def _coherence_judged(came: Came) -> Iterator[str]:
    """What of the coverage, of whether all is known, and of the exit code does not go together."""
    gaps = sorted({row.site for row in came.drift.coverage if row.type == REFERENCES})
    if gaps and came.drift.complete:
        yield f"complete: {', '.join(gaps)} did not tell what ids stand for, and all is said to be known"
    if came.drift.complete is (came.exit == INCOMPLETE):
        yield f"complete: it is {came.drift.complete}, and the exit code is {came.exit}"


def _exit_of(case: CaseFile) -> int | None:
    """The exit code that goes with the findings, where the case does not say it."""
    if case.findings is None:
        return None
    if any(one.kind == "unreadable" for one in case.findings):
        return 3
    accepted = bool(case.settings.get("exceptions"))
    return None if accepted else 2 if case.findings else 0


def findings_judged(wanted: Sequence[FindingRow], found: Iterable[Finding], site: str, what: str) -> Iterator[str]:
    """What is wrong with findings; `site` is the one that a row is of that names none."""
    rows = [Row(one, change) for one in found for change in one.changes or (None,)]
    yield from _matched(what, wanted, rows, lambda one, row: _is_row(one, row, site), _said_wanted, said_row)


def _is_row(wanted: FindingRow, row: Row, site: str) -> bool:
    finding, change, given = row.finding, row.change, wanted.model_fields_set
    return (
        f"{finding.type}/{finding.name}" == wanted.resource
        and finding.kind == wanted.kind
        and finding.site == (wanted.site or site)
        and is_like(wanted.path, row.path)
        and sorted(wanted.classes) == sorted(row.classes)
        and (not wanted.severity or wanted.severity == finding.severity)
        and ("golden" not in given or _is_value(wanted.golden, change.golden if change else ABSENT))
        and ("actual" not in given or _is_value(wanted.actual, change.actual if change else ABSENT))
        and all(any(part in note for note in row.notes) for part in wanted.notes)
    )


def _is_value(wanted: Value, found: Value) -> bool:
    return found in (ABSENT, None) if wanted is None else bool(wanted == found)


def is_like(glob: str, text: str) -> bool:
    """Whether a text is what is wanted, in which `*` stands for anything."""
    return re.fullmatch(".*".join(map(re.escape, glob.split("*"))), text, re.DOTALL) is not None


def plan_judged(wanted: PlanExpected, plan: Plan, site: str) -> Iterator[str]:
    """What is wrong with a plan."""
    calls = [(one, call) for one in plan.actions for call in one.calls]
    if wanted.calls is not None:
        yield from _in_order(
            "calls", wanted.calls, calls, lambda one, got: _is_call(one, *got, site), _said_wanted, said_call
        )
    if wanted.left_out is not None:
        yield from _matched(
            "left out", wanted.left_out, plan.left_out, lambda one, got: _is_left_out(one, got, site),
            _said_wanted, said_left_out,
        )  # fmt: skip
    warnings = [f"{one.danger}: {one.text}" for action in plan.actions for one in action.warnings]
    kept = [action.cannot_undo for action in plan.actions if action.cannot_undo]
    for what, parts, texts in (("warnings", wanted.warnings, warnings), ("cannot undo", wanted.cannot_undo, kept)):
        if parts is not None:
            yield from _matched(what, parts, texts, lambda one, got: one in got, str, str)


def _is_call(wanted: CallRow, action: Action, call: PlannedCall, site: str) -> bool:
    return (
        wanted.call == f"{call.service}.{call.operation}"
        and action.site == (wanted.site or site)
        and all(name in call.params and _is_param(one, call.params[name]) for name, one in wanted.with_.items())
        and not any(name in call.params for name in wanted.lacks)
    )


def _is_param(wanted: Value, found: Value) -> bool:
    if isinstance(wanted, dict) and isinstance(found, str):
        # A policy is sent as text, and read more easily as a map.
        try:
            found = json.loads(found)
        except ValueError:
            return False
    return bool(wanted == found)


def _is_left_out(wanted: LeftOutRow, found: LeftOut, site: str) -> bool:
    return (
        wanted.resource == f"{found.type}/{found.name}"
        and found.site == (wanted.site or site)
        and is_like(wanted.path, found.path)
        and wanted.why in found.why
    )


def _matched(
    what: str,
    wanted: Iterable[_Wanted],
    got: Iterable[_Got],
    is_same: Callable[[_Wanted, _Got], bool],
    said_wanted: Callable[[_Wanted], str],
    said_got: Callable[[_Got], str],
) -> Iterator[str]:
    """Each wanted one is there once, in any order, and nothing else."""
    left = list(got)
    missing = []
    for one in wanted:
        place = next((number for number, other in enumerate(left) if is_same(one, other)), None)
        if place is None:
            missing.append(one)
        else:
            del left[place]
    yield from (f"{what}: expected, did not come: {said_wanted(one)}" for one in missing)
    yield from (f"{what}: came, not expected:     {said_got(one)}" for one in left)


def _in_order(
    what: str,
    wanted: Sequence[_Wanted],
    got: Sequence[_Got],
    is_same: Callable[[_Wanted, _Got], bool],
    said_wanted: Callable[[_Wanted], str],
    said_got: Callable[[_Got], str],
) -> Iterator[str]:
    """The wanted ones are what came, in this order."""
    if len(wanted) == len(got) and all(is_same(one, other) for one, other in zip(wanted, got, strict=True)):
        return
    yield f"{what}: expected, in this order:"
    yield from (f"    {said_wanted(one)}" for one in wanted)
    yield f"{what}: came:"
    yield from (f"    {said_got(one)}" for one in got)


def _said_wanted(one: Any) -> str:
    return ", ".join(f"{name.rstrip('_')}: {getattr(one, name)!r}" for name in sorted(one.model_fields_set, key=_place))


def _place(name: str) -> int:
    order = ("site", "resource", "kind", "call", "path", "classes")
    return order.index(name) if name in order else len(order)


def said_row(row: Row) -> str:
    """A change that came, as a case says it."""
    one = row.finding
    told = f"site: '{one.site}', resource: '{one.type}/{one.name}', kind: '{one.kind}'"
    if row.change:
        told += f", path: {row.path!r}"
    told += f", classes: {row.classes!r}"
    if row.change:
        told += f", golden: {row.change.golden!r}, actual: {row.change.actual!r}"
    return told + (f", notes: {row.notes!r}" if any(row.notes) else "")


def said_call(got: tuple[Action, PlannedCall]) -> str:
    """A call that is planned, as a case says it."""
    action, call = got
    return f"site: '{action.site}', call: '{call.service}.{call.operation}', with: {dict(call.params)!r}"


def said_left_out(one: LeftOut) -> str:
    """What a plan leaves as it is, as a case says it."""
    return f"site: '{one.site}', resource: '{one.type}/{one.name}', path: {one.path!r}, why: {one.why!r}"
