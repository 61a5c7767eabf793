"""A case of the corpus: two readings of one resource, and what must be found between them. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.model.pointer import segments
from auditor.model.values import Change, Finding
from bench.sites import Pair

Pointer = tuple[str, ...]
ANY = "*"
"""A segment that names an element by its content."""


@dataclass(frozen=True)
class Expected:
    """One finding of kind `changed`: its changes stand at `pointer`, or, `above` levels of it, at what holds it.

    An element that is keyed by what changed is another element: one change that takes it away, one that puts it in.
    """

    pointer: Pointer
    most: int = 1
    above: int = 0


@dataclass(frozen=True)
class Case:
    """One pair of sites; without an expectation they differ legitimately."""

    id: str
    pair: Pair
    expected: Expected | None = None
    classes: tuple[str, ...] = ()
    """Those that every change must have."""


def verdict(case: Case, found: tuple[Finding, ...]) -> str:
    """What is wrong with what was found; "" where nothing is."""
    told = [f"{one.path} golden={one.golden!r} actual={one.actual!r}" for each in found for one in each.changes]
    if case.expected is None:
        return "; ".join(told or [f"{one.kind} {one.name}" for one in found])
    if not found:
        return f"nothing was found at /{'/'.join(case.expected.pointer)}"
    if len(found) > 1 or found[0].kind != "changed":
        return f"{len(found)} findings: {', '.join(one.kind for one in found)}: {'; '.join(told)}"
    changes = found[0].changes
    if len(changes) > case.expected.most:
        return f"{len(changes)} changes instead of {case.expected.most}: {'; '.join(told)}"
    if not all(_stands(one, case.expected) for one in changes):
        return f"not at /{'/'.join(case.expected.pointer)}: {'; '.join(told)}"
    classed = all(set(case.classes) <= set(one.classes) for one in changes)
    return "" if classed else f"not {', '.join(case.classes)}: {'; '.join(told)}"


def _stands(change: Change, expected: Expected) -> bool:
    place = segments(change.path)
    pairs = zip(place, expected.pointer, strict=False)
    return len(place) >= len(expected.pointer) - expected.above and all(wanted in (ANY, one) for one, wanted in pairs)
