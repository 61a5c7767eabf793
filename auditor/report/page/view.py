"""Everything that the report's page says, in words, and no HTML. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from auditor.canonical.policy import digest
from auditor.history.history import History
from auditor.model.values import KINDS, SEVERITIES, Drift, Finding
from auditor.report.causes import causes
from auditor.report.content import Report
from auditor.report.display import visible
from auditor.report.document import summary
from auditor.report.labels import LabelView, classes_of, labels, suspects, suspicion
from auditor.report.ledger import SiteView, coverage_line, ledger
from auditor.report.page.cause_view import CauseView, cause_view, service_of
from auditor.report.page.matrix import MatrixView, TypeLine, matrix, type_lines
from auditor.report.page.plan_view import PlanView, plan_view, remedies
from auditor.report.page.symbol_table import SymbolTable, symbol_table
from auditor.report.page.trend import HistoryView, history_view
from auditor.report.page.worddiff import Budget
from auditor.report.wording import compared_sites, counted, differing, moment, mood, site_noun, verdict

PAGE: Final = 100
"""So many causes are in the page at once; a script shows the others as they are asked for."""
MOST_OPEN: Final = 8
"""With no more open causes than these, all are unfolded from the start, unless they have very many findings."""
FEW: Final = 60
"""Findings that are few enough for that."""


@dataclass(frozen=True)
class Count:
    """A number and what it counts, in the right grammatical number."""

    number: int
    label: str
    name: str


@dataclass(frozen=True)
class TopView:
    """The head of the page: what it comes to, and what it is about."""

    verdict: str
    mood: str
    """`in-sync`, `drift` or `incomplete`."""
    golden: str
    taken: str
    read: str
    """The same moment, as the drift has it."""
    sites: tuple[str, ...]
    site_noun: str
    counts: tuple[Count, ...]
    warnings: tuple[str, ...]
    suspicion: str
    """The question whether golden is wrong, "" where nothing raises it; `suspect` is the first such finding."""
    suspect: str
    coverage: str
    """How much could be read, "" where that is not known."""


@dataclass(frozen=True)
class FilterView:
    """What findings can be chosen by: the values that occur."""

    services: tuple[str, ...]
    kinds: tuple[str, ...]
    severities: tuple[str, ...]
    labels: tuple[LabelView, ...]
    """The classes that occur, explained."""
    states: tuple[str, ...]


@dataclass(frozen=True)
class ReportView:
    """The page."""

    top: TopView
    filters: FilterView
    types: tuple[TypeLine, ...]
    matrix: MatrixView
    causes: tuple[CauseView, ...]
    accepted: tuple[CauseView, ...]
    history: HistoryView | None
    plan: PlanView | None
    symbols: SymbolTable
    ledger: tuple[SiteView, ...]
    total: int
    unfolded: bool
    """Whether there is little enough to unfold it all from the start."""
    says: str
    """How many findings there are, in words."""
    undecided: int
    """The findings about which something can be decided: those that are not accepted, and not unreadable."""
    id: str
    """Names what the page tells: the same for the same findings, read at the same time."""


def report_view(report: Report) -> ReportView:
    """Word the drift: the gravest causes first, the accepted differences apart."""
    drift = report.drift
    anchors = dict(zip(map(id, drift.findings), _anchors(drift.findings), strict=True))
    views = _causes(report, anchors)
    return ReportView(
        top=_top(drift, anchors),
        filters=_filters(drift, report.history),
        types=type_lines(drift),
        matrix=matrix(drift, anchors),
        causes=tuple(one for one in views if not one.accepted),
        accepted=tuple(one for one in views if one.accepted),
        history=history_view(report.history),
        plan=plan_view(report.plan, report.no_plan, {one.id: anchors[id(one)] for one in drift.findings}),
        symbols=symbol_table(drift),
        ledger=ledger(drift),
        total=len(drift.findings),
        unfolded=sum(not one.accepted for one in views) <= MOST_OPEN and len(drift.findings) <= FEW,
        says=_says(drift),
        undecided=len(differing(drift.findings)),
        id=digest([drift.golden, _read(drift), sorted(one.id for one in drift.findings)], 16),
    )


def _top(drift: Drift, anchors: Mapping[int, str]) -> TopView:
    return TopView(
        verdict=verdict(drift),
        mood=mood(drift),
        golden=visible(drift.golden),
        taken=moment(_read(drift)),
        read=visible(_read(drift)),
        sites=tuple(visible(name) for name in drift.sites),
        site_noun=site_noun(drift),
        counts=tuple(_counts(drift)),
        warnings=tuple(visible(one) for one in drift.warnings),
        suspicion=suspicion(drift),
        suspect=next((anchors[id(one)] for one in sorted(suspects(drift), key=_weight)), ""),
        coverage=coverage_line(drift),
    )


def _says(drift: Drift) -> str:
    counts = summary(drift)
    others = {"unreadable": counts["unreadable"], "accepted": counts["excepted"]}
    more = [f"{number:,} {word}" for word, number in others.items() if number]
    return ", ".join([counted(len(differing(drift.findings)), "finding"), *more])


def _weight(finding: Finding) -> int:
    return SEVERITIES.index(finding.severity)


def _read(drift: Drift) -> str:
    return drift.read or drift.taken


def _filters(drift: Drift, told: History | None) -> FilterView:
    found = drift.findings
    states = {"open": any(one.exception is None for one in found), "accepted": any(one.exception for one in found)}
    return FilterView(
        services=tuple(sorted({service_of(one.type) for one in found})),
        kinds=tuple(kind for kind in KINDS if any(one.kind == kind for one in found)),
        severities=tuple(grade for grade in SEVERITIES if any(one.severity == grade for one in found)),
        labels=labels(name for one in found for name in classes_of(one)),
        states=tuple(name for name, there in {"new": bool(told and told.new), **states}.items() if there),
    )


def _causes(report: Report, anchors: Mapping[int, str]) -> list[CauseView]:
    budget, known = Budget(), remedies(report.plan)
    found = causes(report.drift.findings, report.drift.sites)
    return [cause_view(one, report, known, anchors, budget) for one in found]


def _anchors(findings: Iterable[Finding]) -> Iterator[str]:
    seen: dict[str, int] = {}
    for one in findings:
        anchor = "f-" + re.sub(r"[^A-Za-z0-9_-]", "-", one.id)
        seen[anchor] = seen.get(anchor, 0) + 1
        yield anchor if seen[anchor] == 1 else f"{anchor}-{seen[anchor]}"


def _counts(drift: Drift) -> Iterator[Count]:
    counts = summary(drift)
    yield _count(counts["resources"], "resource", "resources")
    yield _count(compared_sites(drift), site_noun(drift), "sites")
    for kind in KINDS:
        yield Count(counts[kind], kind, kind)
    yield Count(counts["excepted"], "accepted", "accepted")


def _count(number: int, noun: str, name: str) -> Count:
    return Count(number, counted(number, noun).partition(" ")[2], name)
