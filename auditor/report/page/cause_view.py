"""A cause and its findings, as the page shows them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from auditor.history.history import History
from auditor.model.values import Change, Drift, Finding
from auditor.report.causes import Cause, without
from auditor.report.console import console_url
from auditor.report.content import Report
from auditor.report.display import visible
from auditor.report.labels import LabelView, classes_of, labels
from auditor.report.page.change_view import ChangeView, change_views, headline
from auditor.report.page.plan_view import FixView, Remedies, fixes, left
from auditor.report.page.worddiff import Budget
from auditor.report.wording import authors, counted, days, listed, moment, site_noun, statement

_NAMED: Final = 2
"""So many fields of a cause are told in its heading."""


@dataclass(frozen=True)
class AcceptedView:
    """Why a difference is accepted, and until when ("" for ever)."""

    reason: str
    until: str


@dataclass(frozen=True)
class FindingView:
    """One resource in one site. `anchor` is unique on the page; the addresses are "" where there are none."""

    anchor: str
    id: str
    site: str
    name: str
    native: str
    """What the site calls it, "" where that is its name."""
    new: bool
    age: str
    """Since when it has been there, in words; "" where no run was before."""
    console: str
    golden_console: str
    authors: tuple[str, ...]
    """Who changed it, a sentence each, as far as that is known."""


@dataclass(frozen=True)
class CauseView:
    """The findings that have one cause."""

    anchor: str
    type: str
    service: str
    kind: str
    severity: str
    headline: str
    """What differs, in a few words."""
    names: str
    """The resources, in words."""
    where: str
    """The sites, in words."""
    says: str
    """What it is in a sentence, "" where the fields say it."""
    changes: tuple[ChangeView, ...]
    actual: str
    """The head of the column of what is found."""
    findings: tuple[FindingView, ...]
    accepted: AcceptedView | None
    labels: tuple[LabelView, ...]
    """Those of the resources and of their changes: by them it can be found."""
    new: int
    fixes: tuple[FixView, ...]
    left: tuple[str, ...]
    """Why a plan leaves it, or a part of it, as it is."""


def cause_view(
    cause: Cause, report: Report, remedies: Remedies, anchors: Mapping[int, str], budget: Budget
) -> CauseView:
    """A cause in words; `anchors` are those of its findings, by their identity (`id()`)."""
    first, exception = cause.first, cause.first.exception
    found = tuple(_finding(one, report, anchors[id(one)]) for one in cause.findings)
    return CauseView(
        anchor=f"c-{cause.id}",
        type=visible(first.type),
        service=service_of(first.type),
        kind=first.kind,
        severity=first.severity,
        headline=_headline(first),
        names=listed([visible(one) for one in cause.names], "resource"),
        where=_where(cause, report.drift),
        says=_says(cause, report.drift),
        changes=change_views(_alike(cause), budget),
        actual=visible(cause.sites[0]) if len(cause.sites) == 1 else _counted_sites(cause, report.drift),
        findings=found,
        accepted=None if exception is None else AcceptedView(visible(exception.reason), visible(exception.until)),
        labels=labels(name for each in cause.findings for name in classes_of(each)),
        new=sum(one.new for one in found),
        fixes=fixes(cause, remedies),
        left=left(cause, remedies),
    )


def service_of(type_: str) -> str:
    """The service in a type's name."""
    parts = type_.split("::")
    return visible(parts[1] if len(parts) > 1 else type_)


def _finding(finding: Finding, report: Report, anchor: str) -> FindingView:
    template = report.consoles.get(finding.type, "")
    told = report.history
    return FindingView(
        anchor=anchor,
        id=visible(finding.id),
        site=visible(finding.site),
        name=visible(finding.name),
        native="" if finding.native in ("", finding.name) else visible(finding.native),
        new=told is not None and finding.id in told.new,
        age=_age(finding, told),
        console=console_url(finding.site, finding.native, template),
        golden_console=console_url(report.drift.golden, finding.golden_native, template),
        authors=tuple(authors(finding)),
    )


def _age(finding: Finding, told: History | None) -> str:
    if told is None or not told.previous or finding.id not in told.since:
        return ""
    again = f", for the {_ordinal(told.times[finding.id])} time" if told.times[finding.id] > 1 else ""
    since, now = told.since[finding.id], told.runs[-1].taken
    if finding.id in told.new:
        return f"new{again}"
    passed = days(since, now)
    return f"since {since[:10]} ({counted(passed, 'day')}){again}" if passed else f"since {moment(since)}{again}"


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _headline(finding: Finding) -> str:
    if not finding.changes or finding.kind not in ("changed", "unreadable"):
        return finding.kind
    ordered = sorted(finding.changes, key=lambda one: one.path)
    told = list(dict.fromkeys(headline(one) for one in ordered))
    more = len(told) - _NAMED
    return "; ".join([*told[:_NAMED], *([f"{counted(more, 'more field')}"] if more > 0 else [])])


def _counted_sites(cause: Cause, drift: Drift) -> str:
    return counted(len(cause.sites), site_noun(drift))


def _where(cause: Cause, drift: Drift) -> str:
    everywhere = len(cause.sites) == len(drift.sites) > 1
    number, sites = _counted_sites(cause, drift), [visible(one) for one in cause.sites]
    told = f"in all {number}" if everywhere else f"in {listed(sites, site_noun(drift))}"
    return f"not {told}" if cause.first.kind == "missing" else told


def _says(cause: Cause, drift: Drift) -> str:
    """What a cause is, where no field says it."""
    golden, them = visible(drift.golden), "it" if len(cause.names) == 1 else "them"
    if cause.first.kind == "missing":
        return f"{golden} has {them}"
    if cause.first.kind == "extra":
        return f"{golden} does not have {them}"
    return statement(cause.first, drift.golden) if len(cause.findings) == 1 else ""


def _alike(cause: Cause) -> list[Change]:
    """The changes of a cause; where it has several sites, without the one that a reason names."""
    changes = list(cause.first.changes)
    if len(cause.sites) == 1:
        return changes
    site = cause.first.site
    return [
        replace(one, unreadable=without(one.unreadable, site), notes=tuple(without(note, site) for note in one.notes))
        for one in changes
    ]
