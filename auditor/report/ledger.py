"""What was looked at, for each site: what could not be read first. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from auditor.compare.coverage import GAPS, gaps
from auditor.model.values import Coverage, Drift
from auditor.report.display import visible
from auditor.report.wording import all_read, counted, listed, site_noun

NOT_OFFERED: Final = "not offered"
UNREAD: Final = tuple(outcome for outcome in GAPS if outcome != NOT_OFFERED)
"""The gaps that leave something unknown; what a region does not offer can be neither read nor missed."""
GAP_SIGNS: Final[Mapping[str, str]] = {"denied": "\u00d7", "throttled": "~", "failed": "!", NOT_OFFERED: "\u2212"}


@dataclass(frozen=True)
class GapView:
    """One outcome of one facet that left a gap. `says` is its share: `3 of 12`."""

    outcome: str
    sign: str
    type: str
    facet: str
    says: str


@dataclass(frozen=True)
class FacetView:
    """One facet without a gap, and what reading it came to: `12 read, 3 absent`."""

    name: str
    says: str


@dataclass(frozen=True)
class TypeView:
    """The facets of one type."""

    type: str
    facets: tuple[FacetView, ...]


@dataclass(frozen=True)
class SiteView:
    """The ledger of one site; `says` sums up what has no gap."""

    site: str
    golden: bool
    gaps: tuple[GapView, ...]
    says: str
    types: tuple[TypeView, ...]


def ledger(drift: Drift) -> tuple[SiteView, ...]:
    """The sites with gaps first, else in the order of the audit; a gap is shown as one, and nowhere else."""
    by_site: dict[str, list[Coverage]] = {}
    for row in drift.coverage:
        by_site.setdefault(row.site, []).append(row)
    views = [_site(name, rows, name == drift.golden) for name, rows in by_site.items()]
    return tuple(sorted(views, key=lambda view: not view.gaps))


def coverage_line(drift: Drift) -> str:
    """How much could be read, in a sentence or two; "" where nobody kept a ledger."""
    if not drift.coverage:
        return ""
    offered = _causes(drift, (NOT_OFFERED,))
    number = _number(drift.coverage, NOT_OFFERED)
    says = _unread(drift)
    return f"{says} {counted(number, 'facet')} {'is' if number == 1 else 'are'} {offered}." if offered else says


def gap_line(drift: Drift) -> str:
    """The same, "" where there is no gap."""
    return coverage_line(drift) if gaps(drift.coverage) else ""


def _unread(drift: Drift) -> str:
    number = sum(_number(drift.coverage, outcome) for outcome in UNREAD)
    total = sum(sum(row.outcomes.values()) for row in drift.coverage)
    if number:
        return f"{number:,} of {counted(total, 'facet')} could not be read: {_causes(drift, UNREAD, counts=True)}."
    # What a reference stands for is asked outside of all facets.
    return "Everything was read." if all_read(drift) else "Every facet was read, but not all that they refer to."


def _causes(drift: Drift, outcomes: Iterable[str], counts: bool = False) -> str:
    told = []
    for outcome in outcomes:
        sites = dict.fromkeys(visible(row.site) for row in drift.coverage if row.outcomes.get(outcome))
        if sites:
            number = f"{_number(drift.coverage, outcome):,} " if counts else ""
            told.append(f"{number}{outcome} in {listed(tuple(sites), site_noun(drift))}")
    return "; ".join(told)


def _number(rows: Iterable[Coverage], outcome: str) -> int:
    return sum(row.outcomes.get(outcome, 0) for row in rows)


def _site(name: str, rows: list[Coverage], golden: bool) -> SiteView:
    whole = [row for row in rows if row not in gaps(rows)]
    counts: Counter[str] = sum((Counter(row.outcomes) for row in whole), Counter())
    found = tuple(sorted((gap for row in gaps(rows) for gap in _gaps(row)), key=lambda gap: GAPS.index(gap.outcome)))
    says = f"{counted(counts.total(), 'facet')}: {_told(counts)}" if counts else "nothing"
    return SiteView(visible(name), golden, found, says, tuple(_types(whole)))


def _gaps(row: Coverage) -> Iterator[GapView]:
    total = sum(row.outcomes.values())
    for outcome in GAPS:
        if number := row.outcomes.get(outcome):
            share = f"{number:,} of {total:,}"
            yield GapView(outcome, GAP_SIGNS[outcome], visible(row.type), visible(row.facet), share)


def _types(rows: list[Coverage]) -> Iterator[TypeView]:
    for type_, group in groupby(rows, key=lambda row: row.type):
        yield TypeView(visible(type_), tuple(FacetView(visible(row.facet), _told(row.outcomes)) for row in group))


def _told(outcomes: Mapping[str, int]) -> str:
    return ", ".join(f"{outcomes[name]:,} {name}" for name in ("read", "absent") if outcomes.get(name))
