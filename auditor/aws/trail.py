"""Asks CloudTrail who changed what drifted: one lookup an event's name and site, shared by all findings there.

LookupEvents finds by one attribute only. By a resource's name it would find reading too, this program's own among it,
which is most of what happens to a resource; CodeDeploy's events name no resource. So it is asked by the event's name,
and which resource an event is about is read of its parameters.
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from auditor.attribution.events import (
    NOT_ASKED,
    Event,
    History,
    Mark,
    Part,
    Specs,
    attributable,
    attribution,
    events_of,
    is_making,
    is_silent,
    last_event,
    mark_of,
    questions,
    with_attributions,
    with_golden,
)
from auditor.aws.calls import Caller
from auditor.aws.errors import AWS_ERRORS, reason
from auditor.aws.pacing import Pacer
from auditor.aws.sessions import Sessions
from auditor.errors import CredentialsError
from auditor.model.values import Attribution, Drift, Finding, Locale, Site, parse_site
from auditor.specs.spec import Call

SERVICE: Final = "cloudtrail"
LOOKUP: Final = Call(
    "LookupEvents",
    {"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "${event}"}], "MaxResults": 50},
    pick="Events",
)
PAGES: Final = 20
"""Of one lookup: 1000 events."""
CALLS: Final = 240
"""Of one site: two minutes, at two calls a second."""
_SITES_AT_ONCE: Final = 8


@dataclass(frozen=True)
class Trail:
    """How CloudTrail is reached, and how much is asked of it."""

    sessions: Sessions
    pacer: Pacer
    pages: int = PAGES
    calls: int = CALLS


_Asked = tuple[Site, Mapping[Part, Finding], bool]
"""A site, the findings that are looked up in it, and whether it is looked at as golden."""


@dataclass(frozen=True)
class _Answered:
    """What one site's history comes to."""

    told: Mapping[Part, Attribution]
    silent: frozenset[Part]
    """The findings of which nothing was recorded, which is known."""
    warnings: tuple[str, ...]


def attributed(drift: Drift, golden: Site | None, specs: Specs, trail: Trail) -> Drift:
    """The drift with who last wrote what differs, where CloudTrail knows.

    Where a finding's site recorded nothing, or no more than that the resource was made, it may be `golden` that moved,
    so that is asked next (None: it is not read live). Nothing is raised for what AWS answers; the warnings tell what
    could not be looked up.
    """
    open_ = attributable(drift, specs)
    sites = {name: {number: one for number, one in open_.items() if one.site == name} for name in drift.sites}
    asked = [(parse_site(name), own, False) for name, own in sites.items() if own]
    answers = _in_parallel(asked, specs, trail)
    here = {number: one for answer in answers for number, one in answer.told.items()}
    made = {number for number, one in here.items() if is_making(one, open_[number], specs)}
    doubtful = {number: open_[number] for number in made.union(*(one.silent for one in answers))}
    there = _in_parallel([(golden, doubtful, True)] if golden and doubtful else [], specs, trail)
    moved = {number: one for answer in there for number, one in answer.told.items()}
    warnings = (warning for answer in (*answers, *there) for warning in answer.warnings)
    return with_attributions(drift, with_golden(here, moved, open_, specs), specs, warnings)


def _in_parallel(asked: Iterable[_Asked], specs: Specs, trail: Trail) -> list[_Answered]:
    pool = ThreadPoolExecutor(_SITES_AT_ONCE)
    try:
        return list(pool.map(lambda one: _answered(one, specs, trail), asked))
    except BaseException:
        trail.sessions.stopping.set()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _answered(asked: _Asked, specs: Specs, trail: Trail) -> _Answered:
    site, findings, golden = asked
    try:
        locale = trail.sessions.locale(site)
    except CredentialsError as error:
        return _Answered({}, frozenset(), (_untold(site, str(error)),))
    sought = questions(findings, specs, locale, golden)
    history, warnings = _history(frozenset[Mark]().union(*sought.values()), site, locale, specs, trail)
    events = {number: last_event(marks, history) for number, marks in sought.items()}
    told = {number: attribution(str(site), event) for number, event in events.items() if event}
    silent = frozenset(number for number, marks in sought.items() if is_silent(marks, history))
    return _Answered(told, silent, warnings)


def _history(
    marks: frozenset[Mark], site: Site, locale: Locale, specs: Specs, trail: Trail
) -> tuple[History, tuple[str, ...]]:
    """What CloudTrail tells of these marks, the names that most of them have first."""
    caller = Caller(trail.sessions, site, locale, trail.pacer)
    names = sorted(Counter(one.event for one in marks).items(), key=lambda two: (-two[1], two[0]))
    events: dict[Mark, Event] = {}
    since: dict[str, str] = {}
    try:
        for name, _ in names:
            left = trail.calls - sum(caller.counts().values())
            if left > 0:
                wanted = frozenset(one for one in marks if one.event == name)
                found, since[name] = _looked_up(name, wanted, caller, specs, min(left, trail.pages))
                events |= found
    except AWS_ERRORS as error:
        return History(events, since), (_untold(site, reason(error)),)
    cut = {one.event for one in marks - events.keys() if since.get(one.event) != ""}
    return History(events, since), tuple(_limits(site, cut, since, trail))


def _looked_up(
    name: str, wanted: frozenset[Mark], caller: Caller, specs: Specs, most: int
) -> tuple[dict[Mark, Event], str]:
    """The newest event of each mark of this name, and since when the events are known ("": all that are kept)."""
    types = [specs[type_] for type_ in sorted({one.type for one in wanted})]
    found: dict[Mark, Event] = {}
    oldest = NOT_ASKED
    for number, page in enumerate(caller.pages(SERVICE, LOOKUP, {"event": name}), start=1):
        for event in events_of(page):
            oldest = event.time
            for mark in filter(None, (mark_of(event, spec) for spec in types)):
                if mark in wanted:
                    found.setdefault(mark, event)
        if found.keys() == wanted or (number == most and page.get("NextToken")):
            return found, oldest
    return found, ""


def _untold(site: Site, why: str) -> str:
    return (
        f"{site}: CloudTrail did not tell who changed what ({why}). Not all findings could be attributed. "
        "Allow cloudtrail:LookupEvents there, or leave out --attribute."
    )


def _limits(site: Site, cut: Iterable[str], since: Mapping[str, str], trail: Trail) -> Iterator[str]:
    """What to tell of the events, by name, of which not all were looked at."""
    unasked = [name for name in cut if name not in since]
    if unasked:
        yield (
            f"{site}: CloudTrail was asked {trail.calls} times, which is the most. Not looked up were the events "
            f"{', '.join(sorted(unasked))}, so not all findings could be attributed."
        )
    for name in sorted(set(cut) - set(unasked)):
        yield (
            f"{site}: CloudTrail has more events {name} than are looked at. Those before {since[name]} were not, "
            "so not all findings could be attributed."
        )
