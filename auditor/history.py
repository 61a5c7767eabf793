"""Findings over time: what is new, what persists and since when, what was fixed. Pure.

What is unknown in a run neither breaks a finding's age nor counts as fixed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from auditor.compare import EVERY
from auditor.model import KINDS, Drift, Finding

SCHEMA: Final = "auditor/history/1"


@dataclass(frozen=True)
class Seen:
    """A finding as a run saw it, without its values."""

    id: str
    site: str
    type: str
    name: str
    kind: str
    severity: str
    excepted: bool


@dataclass(frozen=True)
class Run:
    """One audit: when its sites were read (UTC, ISO 8601), and what it found."""

    taken: str
    golden: str
    sites: tuple[str, ...]
    complete: bool
    findings: tuple[Seen, ...]

    def count(self, kind: str) -> int:
        """How many open findings of a kind there were."""
        return sum(one.kind == kind and not one.excepted for one in self.findings)


@dataclass(frozen=True)
class History:
    """A run against those before it. Without one before it, nothing is new, and nothing was fixed."""

    previous: str
    """When the run before this one was; "" where there was none."""
    since: Mapping[str, str]
    """By finding: the run since which it has been there without a break; this one's for what is new."""
    times: Mapping[str, int]
    """By finding: how often it has come; more than once is flapping."""
    new: frozenset[str]
    fixed: tuple[Seen, ...]
    """What was open in the run before, and is alike now."""
    unsure: tuple[Seen, ...]
    """What was open in the run before, and of which nothing is known now."""
    runs: tuple[Run, ...]
    """Oldest first, this one last."""

    @property
    def arrived(self) -> tuple[Seen, ...]:
        """What is open and new."""
        return tuple(one for one in self.runs[-1].findings if not one.excepted and one.id in self.new)

    @property
    def staying(self) -> tuple[Seen, ...]:
        """What is open and not new."""
        return tuple(one for one in self.runs[-1].findings if not one.excepted and one.id not in self.new)


def run_of(drift: Drift) -> Run:
    """What is kept of a drift."""
    return Run(drift.read or drift.taken, drift.golden, drift.sites, drift.complete, tuple(map(_seen, drift.findings)))


def history(now: Run, before: Iterable[Run]) -> History:
    """A run held against those that were read earlier, with the same golden; others are left out."""
    earlier = sorted((one for one in before if one.taken < now.taken and one.golden == now.golden), key=_when)
    ids = [frozenset(one.id for one in run.findings) for run in earlier]
    told = {one.id: _told(one, now.taken, earlier, ids) for one in now.findings}
    since = {name: stretch for name, (stretch, _) in told.items()}
    gone = _gone(now, earlier[-1]) if earlier else ()
    return History(
        previous=earlier[-1].taken if earlier else "",
        since=since,
        times={name: times for name, (_, times) in told.items()},
        new=frozenset(name for name, when in since.items() if earlier and when == now.taken),
        fixed=tuple(one for one in gone if not _unknown(now, one)),
        unsure=tuple(one for one in gone if _unknown(now, one)),
        runs=(*earlier, now),
    )


def run_document(run: Run) -> dict[str, Any]:
    """A run as plain JSON values (`auditor/history/1`)."""
    counts = {kind: run.count(kind) for kind in KINDS}
    excepted = sum(one.excepted for one in run.findings)
    return {"schema": SCHEMA, **asdict(run), "summary": counts | {"excepted": excepted}}


def run_from(document: Mapping[str, Any]) -> Run:
    """The same, back. Raises KeyError or TypeError for what is no such document."""
    findings = tuple(Seen(**one) for one in document["findings"])
    return Run(document["taken"], document["golden"], tuple(document["sites"]), document["complete"], findings)


def _when(run: Run) -> str:
    return run.taken


def _seen(finding: Finding) -> Seen:
    excepted = finding.exception is not None
    return Seen(finding.id, finding.site, finding.type, finding.name, finding.kind, finding.severity, excepted)


def _told(seen: Seen, now: str, earlier: Sequence[Run], ids: Sequence[frozenset[str]]) -> tuple[str, int]:
    """Since when a finding has been there, and how often it has come."""
    since, times, there, unbroken = now, 1, True, True
    for run, held in zip(reversed(earlier), reversed(ids), strict=True):
        if seen.id in held:
            since = run.taken if unbroken else since
            times += not there
            there = True
        elif not _unknown(run, seen):
            there = unbroken = False
    return since, times


def _gone(now: Run, last: Run) -> tuple[Seen, ...]:
    # What differs otherwise now was not fixed: it is a new finding in the place of the old one.
    there = {(one.site, one.type, one.name, one.kind) for one in now.findings}
    return tuple(
        one for one in last.findings if not one.excepted and (one.site, one.type, one.name, one.kind) not in there
    )


def _unknown(run: Run, seen: Seen) -> bool:
    """Whether a run cannot tell whether a finding was there."""
    if seen.site not in run.sites:
        return True
    if run.complete or seen.kind == "unreadable":
        return False
    return any(
        one.kind == "unreadable"
        and (one.site, one.type) == (seen.site, seen.type)
        and (one.name == seen.name or one.name.endswith(EVERY))
        for one in run.findings
    )
