"""Findings over time: what is new, what persists and since when, what was fixed. Pure.

What is unknown in a run neither breaks a finding's age nor counts as fixed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from auditor.compare.findings import EVERY, change_id
from auditor.model.values import KINDS, Drift, Finding

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
    changes: tuple[str, ...] = ()
    """Names each change (see change_id), so that what is seen of a resource in part is known again."""


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
    unlisted: tuple[tuple[str, str], ...] = ()
    """The sites and types of which not all could be listed (see Drift.unlisted)."""

    @property
    def counts(self) -> dict[str, int]:
        """How many open findings of each kind there were."""
        found = Counter(one.kind for one in self.findings if not one.excepted)
        return {kind: found[kind] for kind in KINDS}


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
    """What came since, and what is accepted no longer."""
    fixed: tuple[Seen, ...]
    """What was open when it was last known, and is alike now."""
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
    def dropped(self) -> tuple[str, ...]:
        """The sites of the run before that this one did not look at."""
        return tuple(one for one in self.runs[-2].sites if one not in self.runs[-1].sites) if self.previous else ()

    @property
    def lost(self) -> bool:
        """Whether something is not known that was known, or looked at, in the run before."""
        if not self.previous:
            return not self.runs[-1].complete
        before = self.runs[-2]
        unread = {_place(one) for one in before.findings if one.kind == "unreadable"}
        closed = before.complete and not self.runs[-1].complete
        return closed or any(_place(one) not in unread for one in self.unread) or bool(self.unsure or self.dropped)

    @property
    def regained(self) -> bool:
        """Whether everything is known, and was not in the run before."""
        return bool(self.previous) and self.runs[-1].complete and not self.runs[-2].complete

    @property
    def unread(self) -> tuple[Seen, ...]:
        """What could not be read."""
        return tuple(one for one in self.runs[-1].findings if one.kind == "unreadable")


def run_of(drift: Drift) -> Run:
    """What is kept of a drift."""
    found, read = tuple(map(_seen, drift.findings)), drift.read or drift.taken
    return Run(read, drift.golden, drift.sites, drift.complete, found, drift.types, drift.selection, drift.unlisted)


def history(now: Run, before: Iterable[Run]) -> History:
    """A run held against those that were read earlier, with the same golden; others are left out."""
    earlier = sorted((one for one in before if one.taken < now.taken and one.golden == now.golden), key=_when)
    nights = [_night(run) for run in reversed(earlier)]
    gone, tonight = _gone(now, reversed(nights)), _night(now)
    told = {one.id: _told(one, tonight, nights) for one in now.findings}
    since = {name: stretch for name, (stretch, _) in told.items()}
    return History(
        previous=earlier[-1].taken if earlier else "",
        since=since,
        times={name: times for name, (_, times) in told.items()},
        new=frozenset(one.id for one in now.findings if earlier and _is_new(one, since, tonight, nights)),
        fixed=tuple(one for one, selection in gone if not _beyond(tonight, selection, one)),
        unsure=tuple(one for one, selection in gone if _beyond(tonight, selection, one) and one.id in nights[0].by_id),
        runs=(*earlier, now),
    )


def run_document(run: Run) -> dict[str, Any]:
    """A run as plain JSON values (`auditor/history/1`)."""
    excepted = sum(one.excepted for one in run.findings)
    return {"schema": SCHEMA, **asdict(run), "summary": run.counts | {"excepted": excepted}}


def run_from(document: Mapping[str, Any]) -> Run:
    """The same, back. Raises KeyError, TypeError or ValueError for what is no such document."""
    run = Run(
        document["taken"],
        document["golden"],
        tuple(document["sites"]),
        document["complete"],
        tuple(Seen(**{**one, "changes": tuple(one.get("changes", ()))}) for one in document["findings"]),
        tuple(document.get("types", ())),
        document.get("selection", ""),
        tuple((site, type_) for site, type_ in document.get("unlisted", ())),
    )
    texts = [
        run.taken,
        run.golden,
        *run.sites,
        *run.types,
        run.selection,
        *(one for two in run.unlisted for one in two),
    ]
    texts += [text for one in run.findings for text in (one.id, *_place(one), one.severity, *one.changes)]
    if not all(isinstance(text, str) for text in texts) or not isinstance(run.complete, bool):
        raise TypeError("a text is needed")
    datetime.fromisoformat(run.taken)
    return run


def _is_drift(seen: Seen) -> bool:
    return not seen.excepted and seen.kind != "unreadable"


def _is_new(seen: Seen, since: Mapping[str, str], tonight: _Night, nights: Iterable[_Night]) -> bool:
    if seen.kind == "unreadable":
        return False
    last = next((found for night in nights if (found := _known_again(seen, tonight, night))), None)
    # What somebody accepted for a time is open again: nobody was told of it yet.
    return since[seen.id] == tonight.run.taken or bool(last and last.excepted and not seen.excepted)


def _known_again(seen: Seen, tonight: _Night, night: _Night) -> Seen | None:
    """What a night had of it: the same, or, of a resource that is read in part by now, all that is seen still."""
    there = night.by_id.get(seen.id)
    if there or seen.kind != "changed" or _place(seen)[:3] not in tonight.unread:
        return there
    before = night.by_place.get(_place(seen))
    return before if before and set(seen.changes) <= set(before.changes) else None


def _when(run: Run) -> str:
    return run.taken


def _seen(finding: Finding) -> Seen:
    excepted = finding.exception is not None
    changes = tuple(map(change_id, finding.changes))
    return Seen(finding.id, finding.site, finding.type, finding.name, finding.kind, finding.severity, excepted, changes)


@dataclass(frozen=True)
class _Night:
    """A run, made ready for being asked about very many findings."""

    run: Run
    by_id: Mapping[str, Seen]
    by_place: Mapping[tuple[str, ...], Seen]
    unread: frozenset[tuple[str, ...]]
    """What could not be read: site, type and name."""
    unlisted: frozenset[tuple[str, ...]]
    """Where not all could be listed: site and type."""


def _night(run: Run) -> _Night:
    lost = [] if run.complete else [one for one in run.findings if one.kind == "unreadable"]
    return _Night(
        run,
        {one.id: one for one in run.findings},
        {_place(one): one for one in run.findings},
        frozenset(_place(one)[:3] for one in lost),
        frozenset(run.unlisted) | frozenset(_place(one)[:2] for one in lost if one.name.endswith(EVERY)),
    )


def _told(seen: Seen, tonight: _Night, nights: Iterable[_Night]) -> tuple[str, int]:
    """Since when a finding has been there, and how often it has come; of nights, the newest first."""
    since, times, there, unbroken = tonight.run.taken, 1, True, True
    for night in nights:
        if _known_again(seen, tonight, night):
            since = night.run.taken if unbroken else since
            times += not there
            there = True
        elif not _beyond(night, tonight.run.selection, seen):
            there = unbroken = False
    return since, times


def _gone(now: Run, nights: Iterable[_Night]) -> tuple[tuple[Seen, str], ...]:
    """What was open when it was last known, and is not there now; with what was selected then. Oldest night first."""
    known: dict[tuple[str, ...], tuple[Seen, str]] = {}
    for night in nights:
        run, seen = night.run, {_place(one): one for one in night.run.findings}
        kept = {at: one for at, one in known.items() if at not in seen and _beyond(night, one[1], one[0])}
        known = kept | {at: (one, run.selection) for at, one in seen.items() if _is_drift(one)}
    # What differs otherwise now was not fixed: it is a new finding in the place of the old one.
    there = {_place(one) for one in now.findings}
    return tuple(one for at, one in known.items() if at not in there)


def _place(seen: Seen) -> tuple[str, ...]:
    return seen.site, seen.type, seen.name, seen.kind


def _beyond(night: _Night, selection: str, seen: Seen) -> bool:
    """Whether a night cannot tell that what was seen with that selection is not there."""
    run, place = night.run, (seen.site, seen.type)
    if run.selection != selection or seen.site not in run.sites or (run.types and seen.type not in run.types):
        return True
    return seen.kind != "unreadable" and (place in night.unlisted or (*place, seen.name) in night.unread)
