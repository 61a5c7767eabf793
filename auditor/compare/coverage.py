"""The ledger of what was looked at: for each site, type and facet, what reading it came to. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from auditor.canonical.references import UNKNOWN
from auditor.model.values import Coverage, SiteSnapshot, State
from auditor.specs.spec import ResourceSpec

LISTING: Final = "listing"
"""The facet under which it is told how finding the resources of a type went."""
REFERENCES: Final = "references"
"""The type under which it is told how looking local ids up went, where AWS did not tell."""
GAPS: Final = ("denied", "throttled", "failed", "not offered")
"""The outcomes that leave something unknown, or without its like."""
_DENIED: Final = ("AccessDenied", "UnauthorizedOperation", "AuthorizationError", "Forbidden", "403", "KMSAccessDenied")
_THROTTLED: Final = ("Throttl", "TooManyRequests", "SlowDown", "RequestLimitExceeded", "ProvisionedThroughput", "503")


def coverage(snapshot: SiteSnapshot, specs: Mapping[str, ResourceSpec]) -> tuple[Coverage, ...]:
    """The ledger of one site, ordered by type and facet; a listing that worked counts as one read."""
    counts: Counter[tuple[str, str, str]] = Counter(_outcomes(snapshot, specs))
    rows = sorted({(type_, facet) for type_, facet, _ in counts})
    return tuple(
        Coverage(snapshot.site, *row, {key[2]: number for key, number in sorted(counts.items()) if key[:2] == row})
        for row in rows
    )


def gaps(rows: Iterable[Coverage]) -> tuple[Coverage, ...]:
    """The rows in which anything was not read for another reason than that it is not configured."""
    return tuple(row for row in rows if any(row.outcomes.get(outcome) for outcome in GAPS))


def _outcomes(snapshot: SiteSnapshot, specs: Mapping[str, ResourceSpec]) -> Iterator[tuple[str, str, str]]:
    for why in snapshot.locale.unresolved.values():
        if why.startswith(UNKNOWN):
            yield REFERENCES, LISTING, outcome(State.UNREADABLE, why.removeprefix(UNKNOWN))
    failed = {one.type for one in snapshot.unread}
    yield from ((name, LISTING, "read") for name in specs if name not in failed)
    for unread in snapshot.unread:
        if unread.type in specs:
            yield unread.type, LISTING, outcome(unread.state, unread.error)
    for resource in snapshot.resources:
        spec = specs.get(resource.type)
        for name, reading in resource.facets.items() if spec else ():
            # Of a version that others name, what it is was read as well.
            if spec and not (spec.implied and all(facet.name != name for facet in spec.facets)):
                yield resource.type, name, outcome(reading.state, reading.error)


def outcome(state: State, error: str) -> str:
    """What a reading came to: read, absent, denied, throttled, failed or not offered."""
    if state is not State.UNREADABLE:
        return state.value
    if error.startswith(_DENIED):
        return "denied"
    return "throttled" if error.startswith(_THROTTLED) else "failed"
