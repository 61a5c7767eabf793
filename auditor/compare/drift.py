"""From stored site snapshots to the drift against golden, one site at a time. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from auditor.canonical.document import Document, documents, full_locale, is_empty
from auditor.canonical.pairing import BY_NAME, Pairing, canonical_name
from auditor.canonical.policy import digest
from auditor.canonical.symbols import spoken, symbols_in
from auditor.compare.classes import with_suspects
from auditor.compare.coverage import coverage
from auditor.compare.exceptions import expired
from auditor.compare.findings import Documents, Judgement, Side, compare
from auditor.compare.idle import Seen, exception_text, idle_exceptions, idle_selectors
from auditor.compare.idle_names import idle_names, names_used
from auditor.compare.selection import Selector, matched, selected
from auditor.errors import PairingError
from auditor.model.values import Coverage, Drift, Finding, Site, SiteSnapshot, State, Unread
from auditor.specs.spec import ResourceSpec


@dataclass(frozen=True)
class Scope:
    """What is compared and how it is judged."""

    specs: Mapping[str, ResourceSpec]
    include: tuple[Selector, ...] = ()
    exclude: tuple[Selector, ...] = ()
    pairing: Pairing = BY_NAME
    judgement: Judgement = field(default_factory=Judgement)
    vocabulary: Mapping[str, ResourceSpec] | None = None
    """The specs of all types, those that are not compared among them."""
    plain: tuple[str, ...] = ()
    """Globs of the environment variables that may be shown."""


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
    made = cache(lambda wide: documents(golden, scope.specs, wide, scope.pairing, scope.vocabulary))
    wanted = _side(golden_site, golden, made(False), {}, scope)
    parts = list(_compared(golden_site, golden, made, others, scope))
    findings, sites, known = _told(parts), tuple(one.site for one in parts), _complete(wanted, parts)
    seen = _seen(golden, made(False), wanted.documents, {}, scope).among(one.seen for one in parts)
    found = Drift(label, sites, taken, known, seen.counted, findings)
    return replace(
        found,
        warnings=tuple(_warnings(findings, sites, seen, known, scope)),
        coverage=_ledger(golden, parts, scope),
        symbols={label: _spoken(findings, golden, scope, wide=False)} | {one.site: one.symbols for one in parts},
        types=tuple(sorted(scope.specs)),
        selection=_selection(scope),
        unlisted=tuple((one.site, type_) for one in parts for type_ in one.unlisted),
        names=seen.selected,
        left=seen.left,
    )


@dataclass(frozen=True)
class _Compared:
    """What is kept of a site once it was compared."""

    site: str
    seen: Seen
    known: bool
    read: bool
    """False where not even who is asking could be told there, so that the site says nothing for or against golden."""
    findings: tuple[Finding, ...]
    coverage: tuple[Coverage, ...]
    symbols: Mapping[str, str]
    unlisted: tuple[str, ...]
    """The types of which not all could be listed, there or in golden."""


def _told(parts: Iterable[_Compared]) -> tuple[Finding, ...]:
    held = tuple(parts)
    return with_suspects((found for one in held for found in one.findings), [one.site for one in held if one.read])


def _seen(snapshot: SiteSnapshot, made: Documents, chosen: Documents, golden: Documents, scope: Scope) -> Seen:
    selectors = (*scope.include, *scope.exclude)
    held = matched(made, selectors, golden) if selectors else frozenset()
    used = names_used(snapshot, made, scope.pairing, scope.plain)
    return Seen(_counted(chosen), frozenset(made.keys() - chosen.keys()), held, used)


def _counted(made: Documents) -> frozenset[tuple[str, str]]:
    return frozenset(key for key, one in made.items() if not is_empty(one))


def _ledger(golden: SiteSnapshot, parts: Iterable[_Compared], scope: Scope) -> tuple[Coverage, ...]:
    return (*coverage(golden, scope.specs), *(row for one in parts for row in one.coverage))


def _selection(scope: Scope) -> str:
    return digest([repr(scope.include), repr(scope.exclude)]) if scope.include or scope.exclude else ""


def _complete(wanted: Side, parts: Iterable[_Compared]) -> bool:
    return _known(wanted) and all(one.known for one in parts)


def _known(side: Side) -> bool:
    return not any(map(_is_failure, side.unread)) and not any(one.unreadable for one in side.documents.values())


def _is_failure(unread: Unread) -> bool:
    return unread.state is not State.NOT_OFFERED


def _compared(
    golden_site: Site,
    golden: SiteSnapshot,
    made: Callable[[bool], Documents],
    others: Iterable[tuple[Site, Callable[[], SiteSnapshot]]],
    scope: Scope,
) -> Iterator[_Compared]:
    for site, load in others:
        snapshot = load()
        wide = snapshot.locale.partition != golden.locale.partition
        wanted = _side(golden_site, golden, made(wide), {}, scope)
        here = documents(snapshot, scope.specs, wide, scope.pairing, scope.vocabulary)
        actual = _side(site, snapshot, here, made(wide), scope)
        found = compare(wanted, actual, scope.judgement)
        means = _spoken(found, snapshot, scope, wide)
        seen, rows = _seen(snapshot, here, actual.documents, made(wide), scope), coverage(snapshot, scope.specs)
        known = _known(actual) and not any(_is_untold(one, wanted) for one in found)
        lost = {one.type for side in (wanted, actual) for one in side.unread if _is_failure(one)}
        yield _Compared(str(site), seen, known, bool(snapshot.locale.account), found, rows, means, tuple(sorted(lost)))


def _is_untold(finding: Finding, golden: Side) -> bool:
    # What is missing cannot be made while golden's own values are unknown.
    lacking = golden.documents[finding.type, finding.name] if finding.kind == "missing" else None
    return finding.kind == "unreadable" or bool(lacking and lacking.unknown)


def _spoken(findings: Iterable[Finding], snapshot: SiteSnapshot, scope: Scope, wide: bool) -> dict[str, str]:
    """What the symbols in the findings mean in a site."""
    symbols = symbols_in(findings)
    told = spoken(symbols, snapshot.locale)
    if symbols <= told.keys():
        return told
    # Paired names and versions are not in the snapshot's locale, and take some work.
    return spoken(symbols, full_locale(snapshot, scope.vocabulary or scope.specs, wide, scope.pairing))


def _side(site: Site, snapshot: SiteSnapshot, made: Documents, golden: Documents, scope: Scope) -> Side:
    unread = tuple(
        replace(one, parent=canonical_name(one.parent, snapshot.locale))
        for one in snapshot.unread
        if one.type in scope.specs
    )
    chosen = selected(made, scope.include, scope.exclude, golden)
    for one in chosen.values():
        _refuse_rival(site, one, golden)
    return Side(site, chosen, unread, snapshot.locale)


def _refuse_rival(site: Site, one: Document, golden: Documents) -> None:
    if not one.rival:
        return
    name = one.name.rpartition("#")[0]
    third = golden.get((one.type, name))
    raise PairingError(
        f"{site}: {one.rival} and {one.native} would both be compared with "
        f"{f'{third.native} of golden' if third else name} ({one.type}). Nothing was compared; tell them apart under "
        "`names:` or `pairs:`, or leave one out under `select:`."
    )


def _warnings(
    findings: Iterable[Finding], sites: tuple[str, ...], seen: Seen, complete: bool, scope: Scope
) -> Iterator[str]:
    used = {one.exception for one in findings if one.exception}
    for exception in scope.judgement.exceptions:
        if expired(exception, scope.judgement.on):
            yield f"The exception on {exception_text(exception)} ended on {exception.until} and counts no more."
    if complete:
        # While something is unread, it may be that which is meant.
        unused = [one for one in scope.judgement.exceptions if one not in used]
        yield from idle_exceptions(unused, scope.judgement.on, sites, scope.specs, seen)
        yield from idle_selectors(scope.include, scope.exclude, seen)
        yield from idle_names(scope.pairing, scope.plain, scope.specs, seen.used, seen.all)
