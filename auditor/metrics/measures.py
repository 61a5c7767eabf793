"""An audit in numbers: what is measured, before it is written in anybody's format. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from auditor.history.history import History, Run
from auditor.model.values import Drift


class Kept(NamedTuple):
    """What open findings are counted by."""

    site: str
    type: str
    severity: str
    kind: str


@dataclass(frozen=True)
class Effort:
    """What an audit took. `calls` and `throttles` are by operation, `unread` by site."""

    seconds: float
    calls: Mapping[str, int] = field(default_factory=dict)
    throttles: Mapping[str, int] = field(default_factory=dict)
    unread: Mapping[str, int] = field(default_factory=dict)
    """Listings and facets that could not be read."""


@dataclass(frozen=True)
class Measures:
    """The numbers of one audit. What is None is not known; of an audit that failed, that is nearly everything."""

    golden: str
    ended: int
    """Seconds since 1970, as are all moments here."""
    seconds: float
    failed: bool = True
    complete: bool = False
    in_sync: bool = False
    """False as well where that is not known."""
    findings: Mapping[Kept, int] | None = None
    accepted: int | None = None
    unread: Mapping[str, int] | None = None
    oldest: int | None = None
    """Seconds that the oldest open finding has been there; 0 where there is none."""
    calls: Mapping[str, int] = field(default_factory=dict)
    """By service, retries included; as are throttles."""
    throttles: Mapping[str, int] = field(default_factory=dict)
    last_complete: int | None = None
    """When the sites of the last audit that could read everything were read."""


def measured(drift: Drift, told: History | None, effort: Effort, ended: int) -> Measures:
    """The numbers of an audit that came to an end."""
    found = [one for one in drift.findings if one.exception is None]
    return Measures(
        golden=drift.golden,
        ended=ended,
        seconds=effort.seconds,
        failed=False,
        complete=drift.complete,
        in_sync=drift.complete and not found,
        findings=Counter(Kept(one.site, one.type, one.severity, one.kind) for one in found),
        accepted=len(drift.findings) - len(found),
        unread=effort.unread,
        oldest=_oldest(told) if told else None,
        calls=by_service(effort.calls),
        throttles={**dict.fromkeys(by_service(effort.calls), 0), **by_service(effort.throttles)},
        last_complete=last_complete(told.runs) if told else None,
    )


def last_complete(runs: Iterable[Run]) -> int | None:
    """When the newest complete run was; None where there is none."""
    return max((seconds_of(run.taken) for run in runs if run.complete), default=None)


def by_service(operations: Mapping[str, int]) -> dict[str, int]:
    """Counts by operation (`lambda.GetPolicy`) as counts by service."""
    counts: Counter[str] = Counter()
    for operation, count in operations.items():
        counts[operation.partition(".")[0]] += count
    return dict(sorted(counts.items()))


def seconds_of(taken: str) -> int:
    """`2026-11-24T01:02:03Z` in seconds since 1970."""
    return int(datetime.fromisoformat(taken).timestamp())


def _oldest(told: History) -> int:
    now = told.runs[-1]
    since = [told.since[one.id] for one in now.findings if not one.excepted]
    return seconds_of(now.taken) - min(map(seconds_of, since), default=seconds_of(now.taken))
