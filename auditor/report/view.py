"""Everything that the report's page says, in words, and no HTML. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from auditor.model import ABSENT, KINDS, SEVERITIES, Change, Drift, Finding, Value
from auditor.report.display import Form, place, shown, visible
from auditor.report.document import summary
from auditor.report.labels import LabelView, classes_of, labels, suspects, suspicion
from auditor.report.ledger import SiteView, coverage_line, ledger
from auditor.report.matrix import MatrixView, TypeLine, matrix, type_lines
from auditor.report.worddiff import LINE_BREAKS, Budget, Piece, pieces, word_diff
from auditor.report.wording import all_read, compared_sites, counted, site_noun, statement, verdict

LONG: Final = 16
"""From this length on, the words in which two values differ are marked."""


@dataclass(frozen=True)
class SideView:
    """What one side of a change shows."""

    form: Form
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class ChangeView:
    """One field: both sides, or why a side could not be read."""

    path: str
    golden: SideView
    actual: SideView
    unreadable: str = ""
    secret: bool = False
    """Both sides are secrets: all that is known is that they differ."""
    labels: tuple[LabelView, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class AcceptedView:
    """Why a difference is accepted, and until when ("" for ever)."""

    reason: str
    until: str


@dataclass(frozen=True)
class FindingView:
    """One resource in one site. `says` is a sentence; `anchor` is unique on the page."""

    anchor: str
    site: str
    service: str
    kind: str
    severity: str
    says: str
    changes: tuple[ChangeView, ...]
    accepted: AcceptedView | None
    labels: tuple[LabelView, ...] = ()
    """Those of the resource as a whole; each change has its own."""
    classes: tuple[str, ...] = ()
    """All by which it can be found."""


@dataclass(frozen=True)
class ResourceView:
    """The findings of one resource, side by side in its sites."""

    type: str
    name: str
    findings: tuple[FindingView, ...]


@dataclass(frozen=True)
class Count:
    """A number and what it counts, in the right grammatical number."""

    number: int
    label: str
    name: str


@dataclass(frozen=True)
class ReportView:
    """The page."""

    verdict: str
    mood: str
    """`in-sync`, `drift` or `incomplete`."""
    golden: str
    taken: str
    sites: tuple[str, ...]
    site_noun: str
    counts: tuple[Count, ...]
    warnings: tuple[str, ...]
    types: tuple[TypeLine, ...]
    matrix: MatrixView
    resources: tuple[ResourceView, ...]
    accepted: tuple[ResourceView, ...]
    services: tuple[str, ...]
    kinds: tuple[str, ...]
    severities: tuple[str, ...]
    labels: tuple[LabelView, ...]
    """The legend of the classes that occur."""
    suspicion: str
    """The question whether golden is wrong, "" where nothing raises it; `suspect` is the first such finding."""
    suspect: str
    coverage: str
    """How much could be read, "" where that is not known."""
    ledger: tuple[SiteView, ...]
    total: int


def report_view(drift: Drift) -> ReportView:
    """Word the drift: the gravest resources first, the accepted differences apart."""
    views = _views(drift)
    return ReportView(
        verdict=verdict(drift),
        mood=_mood(drift),
        golden=visible(drift.golden),
        taken=_moment(drift.taken),
        sites=tuple(visible(name) for name in drift.sites),
        site_noun=site_noun(drift),
        counts=tuple(_counts(drift)),
        warnings=tuple(visible(one) for one in drift.warnings),
        types=type_lines(drift),
        matrix=matrix(drift, [(one, view.anchor) for one, view in views]),
        resources=_resources((one, view) for one, view in views if one.exception is None),
        accepted=_resources((one, view) for one, view in views if one.exception is not None),
        services=tuple(sorted({view.service for _, view in views})),
        kinds=tuple(kind for kind in KINDS if any(one.kind == kind for one in drift.findings)),
        severities=tuple(grade for grade in SEVERITIES if any(one.severity == grade for one in drift.findings)),
        labels=labels(name for one in drift.findings for name in classes_of(one)),
        suspicion=suspicion(drift),
        suspect=_suspect(views, drift),
        coverage=coverage_line(drift),
        ledger=ledger(drift),
        total=len(views),
    )


def _views(drift: Drift) -> list[tuple[Finding, FindingView]]:
    ordered, budget = sorted(drift.findings, key=_order(drift)), Budget()
    return [(one, _finding(one, drift, anchor, budget)) for one, anchor in zip(ordered, _anchors(ordered), strict=True)]


def _suspect(views: Iterable[tuple[Finding, FindingView]], drift: Drift) -> str:
    suspected = set(map(id, suspects(drift)))
    return next((view.anchor for one, view in views if id(one) in suspected), "")


def _order(drift: Drift) -> Callable[[Finding], tuple[object, ...]]:
    rank: dict[tuple[bool, str, str], int] = {}
    for one in drift.findings:
        key = one.exception is not None, one.type, one.name
        rank[key] = min(rank.get(key, len(SEVERITIES)), SEVERITIES.index(one.severity))
    place_of = {name: number for number, name in enumerate(drift.sites)}

    def order(one: Finding) -> tuple[object, ...]:
        accepted = one.exception is not None
        return (accepted, rank[accepted, one.type, one.name], one.type, one.name, place_of[one.site], one.kind, one.id)

    return order


def _anchors(findings: Iterable[Finding]) -> Iterator[str]:
    seen: dict[str, int] = {}
    for one in findings:
        anchor = "f-" + re.sub(r"[^A-Za-z0-9_-]", "-", one.id)
        seen[anchor] = seen.get(anchor, 0) + 1
        yield anchor if seen[anchor] == 1 else f"{anchor}-{seen[anchor]}"


def _resources(views: Iterable[tuple[Finding, FindingView]]) -> tuple[ResourceView, ...]:
    groups = groupby(views, key=lambda pair: (pair[0].type, pair[0].name))
    return tuple(
        ResourceView(visible(type_), visible(name), tuple(view for _, view in group)) for (type_, name), group in groups
    )


def _finding(finding: Finding, drift: Drift, anchor: str, budget: Budget) -> FindingView:
    exception = finding.exception
    return FindingView(
        anchor=anchor,
        site=visible(finding.site),
        service=_service(finding.type),
        kind=finding.kind,
        severity=finding.severity,
        says=statement(finding, drift.golden),
        changes=tuple(change_view(one, budget) for one in sorted(finding.changes, key=lambda one: one.path)),
        accepted=None if exception is None else AcceptedView(visible(exception.reason), visible(exception.until)),
        labels=labels(finding.classes),
        classes=tuple(one.name for one in labels(classes_of(finding))),
    )


def change_view(change: Change, budget: Budget | None = None) -> ChangeView:
    """Both sides of a change, the words in which long ones differ marked, as far as the budget goes."""
    golden, actual = shown(change.golden), shown(change.actual)
    texts = [(False, golden.text)], [(False, actual.text)]
    secret = golden.form == actual.form == "secret"
    if not secret and _comparable(change.golden, change.actual) and min(len(golden.text), len(actual.text)) >= LONG:
        texts = word_diff(golden.text, actual.text, budget)
    sides = [
        SideView(one.form, pieces(text, LINE_BREAKS if one.form == "block" else ""))
        for one, text in zip((golden, actual), texts, strict=True)
    ]
    notes = tuple(visible(one) for one in change.notes)
    unread = visible(change.unreadable)
    return ChangeView(place(change.path), sides[0], sides[1], unread, secret, labels(change.classes), notes)


def _comparable(golden: Value, actual: Value) -> bool:
    return golden is not ABSENT and actual is not ABSENT


def _service(type_: str) -> str:
    parts = type_.split("::")
    return visible(parts[1] if len(parts) > 1 else type_)


def _moment(taken: str) -> str:
    return visible(re.sub(r"^([0-9-]{10})T([0-9:]{8})Z$", r"\1 \2 UTC", taken))


def _mood(drift: Drift) -> str:
    if not all_read(drift):
        return "incomplete"
    return "drift" if any(one.exception is None for one in drift.findings) else "in-sync"


def _counts(drift: Drift) -> Iterator[Count]:
    counts = summary(drift)
    yield _count(counts["resources"], "resource", "resources")
    yield _count(compared_sites(drift), site_noun(drift), "sites")
    for kind in KINDS:
        yield Count(counts[kind], kind, kind)
    yield Count(counts["excepted"], "accepted", "accepted")


def _count(number: int, noun: str, name: str) -> Count:
    return Count(number, counted(number, noun).partition(" ")[2], name)
