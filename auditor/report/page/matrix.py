"""The table of resources by site, and how much of each type is alike. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from auditor.compare.findings import EVERY
from auditor.model.values import SEVERITIES, Drift, Finding
from auditor.report.display import visible
from auditor.report.wording import counted

SIGNS: Final[Mapping[str, str]] = {
    "alike": "=", "changed": "≠", "missing": "\u2212", "extra": "+", "unreadable": "?", "unknown": "?",
}  # fmt: skip
_LISTED: Final = frozenset({"changed", "missing"})


@dataclass(frozen=True)
class MarkView:
    """The state of a resource in a site; `anchor` is the finding that says so ("" where there is none)."""

    state: str
    sign: str
    word: str
    anchor: str = ""
    accepted: bool = False


@dataclass(frozen=True)
class RowView:
    """One resource, with the marks of each site in the order of the sites."""

    type: str
    name: str
    cells: tuple[tuple[MarkView, ...], ...]


@dataclass(frozen=True)
class MatrixView:
    """Only resources with findings have a row, the gravest first; `more` of them have none here."""

    rows: tuple[RowView, ...]
    more: int
    states: tuple[MarkView, ...]
    """The legend: each state that occurs."""


@dataclass(frozen=True)
class TypeLine:
    """How much of a type is alike in all the sites, in words."""

    type: str
    says: str
    clean: bool


MOST_CELLS: Final = 4_000
"""Beyond so many, the table is cut: all that it would say is said by the findings."""
Anchored = tuple[Finding, str]
Places = set[tuple[str, str]]
"""Sites and types."""


def matrix(drift: Drift, anchors: Mapping[int, str]) -> MatrixView:
    """The resources that differ by site; `anchors` are those of the findings, by their identity (`id()`)."""
    ordered = sorted(drift.findings, key=lambda one: (_weight(one), one.type, one.name))
    resources = dict.fromkeys((one.type, one.name) for one in ordered)
    held: dict[tuple[str, str], list[Anchored]] = {key: [] for key in resources}
    for finding in sorted(drift.findings, key=lambda one: (one.exception is not None, one.kind)):
        held[finding.type, finding.name].append((finding, anchors[id(finding)]))
    unlisted, most = _unlisted(drift), max(1, MOST_CELLS // max(1, len(drift.sites)))
    rows = tuple(_row(drift, key, group, unlisted) for key, group in list(held.items())[:most])
    found = {mark.state for row in rows for cell in row.cells for mark in cell}
    legend = tuple(MarkView(state, SIGNS[state], state) for state in SIGNS if state in found)
    return MatrixView(rows, max(0, len(held) - most), legend)


def _weight(finding: Finding) -> tuple[bool, int]:
    return finding.exception is not None, SEVERITIES.index(finding.severity)


def type_lines(drift: Drift) -> tuple[TypeLine, ...]:
    """For each type, how many of its resources have no finding in any site."""
    named = sorted({(one.type, one.name) for one in drift.findings})
    differing = {type_: [name for _, name in group] for type_, group in groupby(named, key=lambda key: key[0])}
    types = sorted(drift.inventory.keys() | differing.keys())
    return tuple(_type_line(type_, drift.inventory.get(type_, 0), differing.get(type_, [])) for type_ in types)


def _type_line(type_: str, number: int, differing: list[str]) -> TypeLine:
    unlisted = any(name.endswith(EVERY) for name in differing)
    alike = max(0, number - sum(not name.endswith(EVERY) for name in differing))
    says = f"{alike:,} of {number:,} in sync"
    if number and alike == number:
        says = f"all {number:,} in sync" if number > 1 else "1 in sync"
    if unlisted:
        says = f"{counted(number, 'resource')} known; not all could be listed" if number else "could not be listed"
    return TypeLine(visible(type_), says, clean=not differing)


def _row(drift: Drift, key: tuple[str, str], group: list[Anchored], unlisted: Places) -> RowView:
    # Where a listing failed, only what golden has becomes a finding: an extra of another site may be there too.
    in_golden = any(one.kind in _LISTED for one, _ in group)
    unknown = {site for site, type_ in unlisted if type_ == key[0] and not in_golden}
    cells = tuple(_cell(site, group, site in unknown) for site in drift.sites)
    return RowView(visible(key[0]), visible(key[1]), cells)


def _cell(site: str, group: list[Anchored], unknown: bool) -> tuple[MarkView, ...]:
    here = tuple(
        MarkView(one.kind, SIGNS[one.kind], _word(one), anchor, one.exception is not None)
        for one, anchor in group
        if one.site == site
    )
    state = "unknown" if unknown else "alike"
    return here or (MarkView(state, SIGNS[state], state),)


def _unlisted(drift: Drift) -> Places:
    unread = (one for one in drift.findings if one.kind == "unreadable")
    return {(one.site, one.type) for one in unread if any(not change.path for change in one.changes)}


def _word(finding: Finding) -> str:
    if finding.exception is not None:
        return f"{finding.kind}, accepted"
    fields = len(finding.changes)
    return f"{finding.kind} {fields}" if finding.kind == "changed" and fields > 1 else finding.kind
