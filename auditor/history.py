"""Findings over time: what is new, what persists and since when, what was fixed. Pure.

What is unknown in a run neither breaks a finding's age nor counts as fixed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
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
    types: tuple[str, ...] = ()
    """Those that were compared."""
    selection: str = ""
    """Names what was selected of them (see Drift.selection)."""

    def count(self, kind: str) -> int:
        """How many open findings of a kind there were."""
        return sum(one.kind == kind and not one.excepted for one in self.findings)


@dataclass(frozen=True)
class History:
    """A run against those before it. Without one before it, nothing is new, and nothing was fixed.

    What cannot be read is neither new, nor fixed when it can be read again.
    """

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
        return tuple(one for one in self.runs[-1].findings if _is_drift(one) and one.id in self.new)

    @property
    def staying(self) -> tuple[Seen, ...]:
        """What is open and not new."""
        return tuple(one for one in self.runs[-1].findings if _is_drift(one) and one.id not in self.new)

    @property
    def unread(self) -> tuple[Seen, ...]:
        """What could not be read."""
        return tuple(one for one in self.runs[-1].findings if one.kind == "unreadable")


def run_of(drift: Drift) -> Run:
    """What is kept of a drift."""
    found, read = tuple(map(_seen, drift.findings)), drift.read or drift.taken
    return Run(read, drift.golden, drift.sites, drift.complete, found, drift.types, drift.selection)


def history(now: Run, before: Iterable[Run]) -> History:
    """A run held against those that were read earlier, with the same golden; others are left out."""
    earlier = sorted((one for one in before if one.taken < now.taken and one.golden == now.golden), key=_when)
    ids = [frozenset(one.id for one in run.findings) for run in earlier]
    told = {one.id: _told(one, now, earlier, ids) for one in now.findings}
    since = {name: stretch for name, (stretch, _) in told.items()}
    gone = _gone(now, earlier[-1]) if earlier else ()
    return History(
        previous=earlier[-1].taken if earlier else "",
        since=since,
        times={name: times for name, (_, times) in told.items()},
        new=frozenset(one.id for one in now.findings if earlier and _is_new(one, since, now)),
        fixed=tuple(one for one in gone if not _beyond(now, earlier[-1], one)),
        unsure=tuple(one for one in gone if _beyond(now, earlier[-1], one)),
        runs=(*earlier, now),
    )


def run_document(run: Run) -> dict[str, Any]:
    """A run as plain JSON values (`auditor/history/1`)."""
    counts = {kind: run.count(kind) for kind in KINDS}
    excepted = sum(one.excepted for one in run.findings)
    return {"schema": SCHEMA, **asdict(run), "summary": counts | {"excepted": excepted}}


def run_from(document: Mapping[str, Any]) -> Run:
    """The same, back. Raises KeyError, TypeError or ValueError for what is no such document."""
    run = Run(
        document["taken"],
        document["golden"],
        tuple(document["sites"]),
        document["complete"],
        tuple(Seen(**one) for one in document["findings"]),
        tuple(document.get("types", ())),
        document.get("selection", ""),
    )
    texts = [run.taken, run.golden, *run.sites, *run.types, run.selection]
    texts += [text for one in run.findings for text in (one.id, one.site, one.type, one.name, one.kind, one.severity)]
    if not all(isinstance(text, str) for text in texts) or not isinstance(run.complete, bool):
        raise TypeError("a text is needed")
    datetime.fromisoformat(run.taken)
    return run


def _is_drift(seen: Seen) -> bool:
    return not seen.excepted and seen.kind != "unreadable"


def _is_new(seen: Seen, since: Mapping[str, str], now: Run) -> bool:
    return seen.kind != "unreadable" and since[seen.id] == now.taken


def _when(run: Run) -> str:
    return run.taken


def _seen(finding: Finding) -> Seen:
    excepted = finding.exception is not None
    return Seen(finding.id, finding.site, finding.type, finding.name, finding.kind, finding.severity, excepted)


def _told(seen: Seen, now: Run, earlier: Sequence[Run], ids: Sequence[frozenset[str]]) -> tuple[str, int]:
    """Since when a finding has been there, and how often it has come."""
    since, times, there, unbroken, selection = now.taken, 1, True, True, now.selection
    for run, held in zip(reversed(earlier), reversed(ids), strict=True):
        if seen.id in held:
            since = run.taken if unbroken else since
            times += not there
            there = True
        elif not _unknown(run, seen) and run.selection == selection:
            there = unbroken = False
    return since, times


def _gone(now: Run, last: Run) -> tuple[Seen, ...]:
    # What differs otherwise now was not fixed: it is a new finding in the place of the old one.
    there = {(one.site, one.type, one.name, one.kind) for one in now.findings}
    return tuple(
        one for one in last.findings if _is_drift(one) and (one.site, one.type, one.name, one.kind) not in there
    )


def _beyond(now: Run, last: Run, seen: Seen) -> bool:
    """Whether it is not known that what a run saw is gone: unread, or perhaps not among what was selected."""
    return now.selection != last.selection or _unknown(now, seen)


def _unknown(run: Run, seen: Seen) -> bool:
    """Whether a run cannot tell whether a finding was there."""
    if seen.site not in run.sites or (run.types and seen.type not in run.types):
        return True
    if run.complete or seen.kind == "unreadable":
        return False
    return any(
        one.kind == "unreadable"
        and (one.site, one.type) == (seen.site, seen.type)
        and (one.name == seen.name or one.name.endswith(EVERY))
        for one in run.findings
    )
