"""Takes a snapshot: reads every site into the store, sites in parallel, each its own file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from auditor.aws.site import Reader, read_site
from auditor.canonical.redact import key_id
from auditor.canonical.references import UNKNOWN
from auditor.errors import CredentialsError, EmptyAccountError
from auditor.model.values import Site, SiteSnapshot, State, Unread
from auditor.specs.spec import Singleton
from auditor.store import store
from auditor.store.storage import Storage

SITES_AT_ONCE: Final = 8
IDENTIFIED_AT_ONCE: Final = 16
Progress = Callable[[Site, int, int], None]
"""Told of each resource read: the site, how many are read there, of how many found so far."""


@dataclass(frozen=True)
class SiteSummary:
    """What reading one site came to: small, so that it can travel from where the site was read."""

    site: str
    resources: Mapping[str, int]
    """Resources read, by type."""
    unreadable: int
    """Facets that could not be read."""
    unread: tuple[Unread, ...]
    calls: Mapping[str, int]
    throttles: Mapping[str, int] = field(default_factory=dict)
    untold: Mapping[str, int] = field(default_factory=dict)
    """Why AWS did not tell what ids stand for, each with how many ids."""


@dataclass(frozen=True)
class Taken:
    """What taking a snapshot came to."""

    id: str
    summaries: tuple[SiteSummary, ...]

    @property
    def complete(self) -> bool:
        """Whether everything that was found could be read, looked for, and told what it stands for."""
        offered = (one.state is not State.NOT_OFFERED for _, one in self.unread)
        return not any(offered) and not any(one.unreadable or one.untold for one in self.summaries)

    @property
    def unread(self) -> tuple[tuple[str, Unread], ...]:
        """The listings that failed, each with its site."""
        return tuple((one.site, unread) for one in self.summaries for unread in one.unread)

    @property
    def unread_sites(self) -> Mapping[str, str]:
        """The sites of which nothing at all could be read, and why: who is asking was not told there."""
        return {one.site: one.unread[0].error for one in self.summaries if one.unread and not one.calls}

    @property
    def calls(self) -> Mapping[str, int]:
        """API calls by operation, over all sites."""
        return sum((Counter(one.calls) for one in self.summaries), Counter())

    @property
    def throttles(self) -> Mapping[str, int]:
        """How many of them AWS throttled, by operation."""
        return sum((Counter(one.throttles) for one in self.summaries), Counter())


def take(
    reader: Reader, golden: str, first: Site | None, sites: tuple[Site, ...], into: Storage, progress: Progress
) -> Taken:
    """Read the sites into a store.

    Who is asking is told first, in every site. Raises CredentialsError where nobody tells it in golden's site `first`
    (None: golden is stored), or in none, and EmptyAccountError if there is nothing anywhere, before anything is kept.
    Any other site that does not tell it is unread, and counts as that.
    """
    _identify(reader, first, sites)
    pending = store.begin(into, datetime.now(UTC))
    try:
        summaries = _read_all(reader, pending, sites, progress)
        _refuse_empty(reader, summaries)
        header = store.Header(golden, tuple(reader.specs), key_id(reader.redaction.key))
        return Taken(store.commit(pending, header, {one.site: _told(one) for one in summaries}), summaries)
    except BaseException:
        store.discard(pending)
        raise


def _identify(reader: Reader, first: Site | None, sites: tuple[Site, ...]) -> None:
    """Ask every site who is asking: golden first, so that wrong credentials are told of by one call."""
    if first:
        reader.sessions.locale(first)
    refused = [
        error for error in reader.sessions.together(IDENTIFIED_AT_ONCE, partial(_refusal, reader), sites) if error
    ]
    if refused and len(refused) == len(sites):
        raise refused[0]


def _refusal(reader: Reader, site: Site) -> CredentialsError | None:
    try:
        reader.sessions.locale(site)
    except CredentialsError as error:
        return error
    return None


def _read_all(
    reader: Reader, pending: store.Pending, sites: tuple[Site, ...], progress: Progress
) -> tuple[SiteSummary, ...]:
    return reader.sessions.together(SITES_AT_ONCE, partial(_read, reader, pending, progress), sites)


def _read(reader: Reader, pending: store.Pending, progress: Progress, site: Site) -> SiteSummary:
    taken = read_site(reader, site, partial(progress, site))
    store.write_site(pending, taken)
    return _summary(taken)


def _summary(taken: SiteSnapshot) -> SiteSummary:
    readings = [reading for resource in taken.resources for reading in resource.facets.values()]
    return SiteSummary(
        taken.site,
        dict(Counter(resource.type for resource in taken.resources)),
        sum(reading.state is State.UNREADABLE for reading in readings),
        taken.unread,
        taken.calls,
        taken.throttles,
        dict(Counter(why.removeprefix(UNKNOWN) for why in taken.locale.unresolved.values() if why.startswith(UNKNOWN))),
    )


def _told(summary: SiteSummary) -> dict[str, Any]:
    return {
        "resources": dict(summary.resources),
        "unreadable": summary.unreadable,
        "unread": [
            {"type": one.type, "parent": one.parent, "error": one.error, "state": one.state.value}
            for one in summary.unread
        ],
        "calls": dict(summary.calls),
        "untold": dict(summary.untold),
    }


def _refuse_empty(reader: Reader, summaries: tuple[SiteSummary, ...]) -> None:
    # What AWS provides is there in an empty account too; where only that is asked for, it is no sign.
    made = {
        name for name, spec in reader.specs.items() if not spec.provided and not isinstance(spec.listing, Singleton)
    }
    if not made or any(made & one.resources.keys() or one.unread for one in summaries):
        return
    sites = ", ".join(one.site for one in summaries)
    raise EmptyAccountError(
        f"There is not one resource to audit in {sites}. Nothing was stored. Is this the right account "
        f"(AWS_PROFILE), and are these the right regions? Looked for: {', '.join(sorted(made))}."
    )
