"""From stored site snapshots to the drift against golden, one site at a time. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from auditor.compare import Documents, Judgement, Side, compare
from auditor.document import documents
from auditor.exceptions import expired
from auditor.model import Drift, DriftException, Finding, Site, SiteSnapshot
from auditor.selection import Selector, selected
from auditor.spec import ResourceSpec


@dataclass(frozen=True)
class Scope:
    """What is compared and how it is judged."""

    specs: Mapping[str, ResourceSpec]
    include: tuple[Selector, ...] = ()
    exclude: tuple[Selector, ...] = ()
    patterns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    judgement: Judgement = field(default_factory=Judgement)


def drift(
    golden_site: Site,
    label: str,
    taken: str,
    golden: SiteSnapshot,
    others: Iterable[tuple[Site, Callable[[], SiteSnapshot]]],
    scope: Scope,
) -> Drift:
    """The drift of `others` against golden; each is loaded only when its turn comes.

    `label` is what golden is called in the result, `taken` when it was read.
    """
    made = cache(lambda wide: documents(golden, scope.specs, wide, scope.patterns))
    wanted = _side(golden_site, golden, made(False), {}, scope)
    names, complete = set(wanted.documents), not wanted.unread
    findings: list[Finding] = []
    sites: list[str] = []
    for actual, found in _compared(golden_site, golden, made, others, scope):
        findings += found
        names |= actual.documents.keys()
        complete = complete and not actual.unread
        sites.append(str(actual.site))
    complete = complete and not any(one.kind == "unreadable" for one in findings)
    inventory = dict(sorted(Counter(type_ for type_, _ in names).items()))
    warnings = tuple(_warnings(findings, complete, scope.judgement))
    return Drift(label, tuple(sites), taken, complete, inventory, tuple(findings), warnings)


def _compared(
    golden_site: Site,
    golden: SiteSnapshot,
    made: Callable[[bool], Documents],
    others: Iterable[tuple[Site, Callable[[], SiteSnapshot]]],
    scope: Scope,
) -> Iterator[tuple[Side, tuple[Finding, ...]]]:
    for site, load in others:
        snapshot = load()
        wide = snapshot.locale.partition != golden.locale.partition
        wanted = _side(golden_site, golden, made(wide), {}, scope)
        here = documents(snapshot, scope.specs, wide, scope.patterns)
        actual = _side(site, snapshot, here, made(wide), scope)
        yield actual, compare(wanted, actual, scope.judgement)


def _side(site: Site, snapshot: SiteSnapshot, made: Documents, golden: Documents, scope: Scope) -> Side:
    unread = tuple(one for one in snapshot.unread if one.type in scope.specs)
    return Side(site, selected(made, scope.include, scope.exclude, golden), unread)


def _warnings(findings: Iterable[Finding], complete: bool, judgement: Judgement) -> Iterator[str]:
    used = {one.exception for one in findings if one.exception}
    for exception in judgement.exceptions:
        if expired(exception, judgement.on):
            yield f"The exception on {_named(exception)} ended on {exception.until} and counts no more."
        elif exception not in used and complete:
            # While something is unread, it may be that which the exception covers.
            yield f"The exception on {_named(exception)} covers nothing any more; it can be deleted."


def _named(exception: DriftException) -> str:
    return f"{exception.resource} {exception.path}" if exception.path != "*" else exception.resource
