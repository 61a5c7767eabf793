"""From two sites' canonical documents to findings. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from itertools import groupby
from typing import Final

from auditor.canonical.document import Document, emptied
from auditor.canonical.policy import digest
from auditor.canonical.references import UNKNOWN
from auditor.canonical.undecided import Pair, is_decided, is_same_place, undecided
from auditor.canonical.unknown import could_be
from auditor.compare.changes import changes, statements
from auditor.compare.classes import classified, runs_same_code, unresolved
from auditor.compare.exceptions import accepted, apart
from auditor.compare.severity import severity
from auditor.model.pointer import overlap, pointer
from auditor.model.values import (
    ABSENT,
    Change,
    DriftException,
    Finding,
    Kind,
    Locale,
    Severity,
    Site,
    State,
    Unread,
    Value,
)
from auditor.specs.field_tree import Path

Documents = Mapping[tuple[str, str], Document]
NOWHERE: Final = Locale("", "", "")
EVERY: Final = "*"
"""The name in a finding of a type of which nothing at all is known."""


@dataclass(frozen=True)
class Side:
    """One site's documents, and the listings that failed there."""

    site: Site
    documents: Documents
    unread: tuple[Unread, ...] = ()
    locale: Locale = NOWHERE


@dataclass(frozen=True)
class Judgement:
    """What decides over differences once they are found."""

    exceptions: tuple[DriftException, ...] = ()
    on: str = ""
    """The day that exceptions are judged on, `2026-11-24`."""
    severities: Mapping[str, Severity] = field(default_factory=dict)
    comparators: Mapping[tuple[str, Path], str] = field(default_factory=dict)
    """How fields are compared, by a glob over types and the field's place; they win over those of the specs."""


def compare(golden: Side, actual: Side, judgement: Judgement) -> tuple[Finding, ...]:
    """Every finding of one site, ordered by type, name and kind."""
    findings: list[Finding] = list(_unread_findings(golden, actual))
    for key in sorted(golden.documents.keys() | actual.documents.keys()):
        findings += _resource(golden, actual, key, judgement)
    named = (_called(one, golden, actual) for one in findings)
    told = (classified(one, golden.locale, actual.locale, _runs_same_code(one, golden, actual)) for one in named)
    graded = (replace(one, severity=severity(one, judgement.severities)) for one in told)
    return tuple(sorted((_identified(one) for one in graded), key=lambda one: (one.type, one.name, one.kind, one.id)))


def _runs_same_code(finding: Finding, golden: Side, actual: Side) -> bool:
    key = finding.type, finding.name
    wanted, found = golden.documents.get(key), actual.documents.get(key)
    return wanted is not None and found is not None and runs_same_code(wanted.fields, found.fields)


def _resource(golden: Side, actual: Side, key: tuple[str, str], judgement: Judgement) -> Iterator[Finding]:
    wanted, found = golden.documents.get(key), actual.documents.get(key)
    unsure = next((side for side in (wanted, found) if side and side.name == side.unsure[0]), None)
    if wanted and found and unsure:
        where = golden.site if unsure is wanted else actual.site
        yield _finding(actual.site, key, "unreadable", (Change("", unreadable=f"{where}: {': '.join(unsure.unsure)}"),))
    elif wanted and found:
        yield from _both(wanted, found, golden, actual, judgement)
    elif wanted and not wanted.optional and not _unlisted(actual.unread, key):
        yield from _alone(wanted, golden, actual, actual.site, "missing", judgement)
    elif found and not found.optional and not _unlisted(golden.unread, key):
        yield from _alone(found, actual, golden, actual.site, "extra", judgement)


def _alone(own: Document, here: Side, there: Side, site: Site, kind: Kind, judgement: Judgement) -> Iterator[Finding]:
    """A resource that only one side has, unless it may be one of the other side whose name nobody can tell."""
    key, (unknown, why) = (own.type, own.name), own.unsure
    if unknown:
        yield _finding(site, key, "unreadable", (Change("", unreadable=f"{here.site}: {unknown}: {why}"),))
        return
    others = (one for one in there.documents.values() if one.type == own.type and one.unsure[0])
    other = next((one for one in others if could_be(one.name, one.unsure[0], own.name)), None)
    if other:
        why = f"{there.site}: it may be {other.native}: {other.unsure[0]}: {other.unsure[1]}"
        yield _finding(site, key, "unreadable", (Change("", unreadable=why),))
        return
    if own.implied and (why := _not_read(there)):
        # What is not listed is found by what names it.
        yield _finding(site, key, "unreadable", (Change("", unreadable=f"{there.site}: {why}"),))
        return
    if own.implied:
        # There is one on the other side, or it comes to be there: what differs is what hangs on it.
        if kind == "missing":
            yield from _both(own, emptied(own), here, there, judgement)
        else:
            yield from _both(emptied(own), own, there, here, judgement)
        return
    yield from _judged(site, key, kind, (), judgement)


def _not_read(side: Side) -> str:
    """Why not all of a site was read; "" where it was."""
    failed = (one.error for one in side.unread if one.state is State.UNREADABLE)
    parts = (why for one in side.documents.values() for why in one.unreadable.values())
    return next(failed, "") or next(parts, "")


def _both(wanted: Document, found: Document, golden: Side, actual: Side, judgement: Judgement) -> Iterator[Finding]:
    key = (wanted.type, wanted.name)
    known, unknown = _differences(wanted, found, golden, actual, judgement)
    yield from _judged(actual.site, key, "changed", known, judgement)
    if unknown:
        yield _finding(actual.site, key, "unreadable", unknown)


def _unread_findings(golden: Side, actual: Side) -> Iterator[Finding]:
    # Unknown is not absent: whatever the other side has of that type may be there, or may not.
    for failed, known, where in (
        (actual.unread, golden.documents, actual.site),
        (golden.unread, actual.documents, golden.site),
    ):
        for unread in failed:
            if unread.state is State.NOT_OFFERED:
                continue
            names = [name for type_, name in known if type_ == unread.type and _below(name, unread.parent)]
            change = Change("", unreadable=f"{where}: {unread.error}")
            for name in names or [f"{unread.parent}/{EVERY}" if unread.parent else EVERY]:
                yield _finding(actual.site, (unread.type, name), "unreadable", (change,))


def _unlisted(unread: Iterable[Unread], key: tuple[str, str]) -> bool:
    return any(one.type == key[0] and _below(key[1], one.parent) for one in unread)


def _below(name: str, parent: str) -> bool:
    return not parent or name.startswith(f"{parent}/")


def _judged(
    site: Site, key: tuple[str, str], kind: Kind, changes: tuple[Change, ...], judgement: Judgement
) -> Iterator[Finding]:
    # An exception may cover some of a resource's changes: the others remain a finding of their own.
    if kind == "changed" and not changes:
        return
    resource = "/".join(key)
    excuse = [accepted(resource, change.path, site, judgement.on, judgement.exceptions) for change in changes]
    if not changes:
        excuse = [accepted(resource, "", site, judgement.on, judgement.exceptions)]
    pairs = list(zip(excuse, changes or (None,), strict=True))
    pairs.sort(key=lambda pair: "" if pair[0] is None else f"1{pair[0]!r}")
    for exception, group in groupby(pairs, key=lambda pair: pair[0]):
        held = tuple(change for _, change in group if change)
        yield replace(_finding(site, key, kind, held), exception=exception)


def _finding(site: Site, key: tuple[str, str], kind: Kind, changes: tuple[Change, ...]) -> Finding:
    return Finding("", str(site), key[0], key[1], kind, "medium", changes)


def _called(finding: Finding, golden: Side, actual: Side) -> Finding:
    key = finding.type, finding.name
    here, there = actual.documents.get(key), golden.documents.get(key)
    return replace(finding, native=here.native if here else "", golden_native=there.native if there else "")


def _identified(finding: Finding) -> Finding:
    return replace(finding, id=finding_id(finding))


def finding_id(finding: Finding) -> str:
    """Names the difference: the same as long as the same fields of the same resource differ in the same way.

    Fingerprints are left out: they change with their key, which says nothing of the difference.
    """
    what = [finding.site, finding.type, finding.name, finding.kind, list(map(_named, finding.changes))]
    return digest(what, 16)


def change_id(change: Change) -> str:
    """Names a change within its finding, as `finding_id` does."""
    return digest(_named(change), 8)


def _named(change: Change) -> list[Value]:
    # Of a reason, only whose it is: its text can hold a request's id.
    return [change.path, _plain(change.golden), _plain(change.actual), change.unreadable.partition(": ")[0]]


def _plain(value: Value) -> Value:
    if value is ABSENT:
        return ["absent"]
    if isinstance(value, str) and value.startswith("${version:"):
        # Behind the slash is a digest of fingerprints, among others.
        return value.rpartition("/")[0]
    if isinstance(value, dict):
        return "secret" if value.keys() == {"secret"} else {name: _plain(member) for name, member in value.items()}
    return value


def _differences(
    wanted: Document, found: Document, golden: Side, actual: Side, judgement: Judgement
) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    unread = _unread(wanted, golden.site) | _unread(found, actual.site)
    beyond = frozenset(unread) | wanted.unoffered | found.unoffered
    own = {path: how for (glob, path), how in judgement.comparators.items() if fnmatchcase(wanted.type, glob)}
    all_ = () if wanted.fields == found.fields else changes(wanted, found, beyond, own)
    differing = _apart(all_, found, actual, judgement)
    sites, same = (golden.site, actual.site), is_same_place(golden.locale, actual.locale)
    pair = Pair(wanted, found, sites, same, {**wanted.comparators, **own}, beyond)
    untold = undecided(pair, differing, unread)
    doubted = [
        replace(
            one,
            notes=_doubts(one, wanted, golden) + _doubts(one, found, actual),
            statement=statements(one.path, wanted, found),
        )
        for one in differing
        if is_decided(one, untold)
    ]
    told = [(one, _untold(one, golden.locale, actual.locale)) for one in doubted]
    unknown = [Change(pointer([place] if place else []), unreadable=unread[place]) for place in sorted(unread)]
    unknown += [Change(path, unreadable=untold[path]) for path in sorted(untold)]
    unknown += [Change(one.path, unreadable=why) for one, why in told if why]
    return tuple(one for one, why in told if not why), tuple(unknown)


def _apart(found: Collection[Change], of: Document, where: Side, judgement: Judgement) -> tuple[Change, ...]:
    resource = f"{of.type}/{of.name}"
    own = tuple(one for one in judgement.exceptions if fnmatchcase(resource, one.resource)) if found else ()

    def is_accepted(path: str) -> bool:
        return accepted(resource, path, where.site, judgement.on, own) is not None

    return tuple(part for one in found for part in (apart(one, is_accepted, of.alignable) if own else (one,)))


def _doubts(change: Change, document: Document, side: Side) -> tuple[str, ...]:
    """Why it cannot be told what the secrets of one side hold that differ."""
    if not document.doubts:
        return ()
    return tuple(
        f"{side.site}: {why}"
        for path, reasons in document.doubts.items()
        if overlap(pointer(path), change.path)
        for why in reasons
    )


def _untold(change: Change, golden: Locale, actual: Locale) -> str:
    """Why nothing can be said of a difference: AWS would not tell what one of its values stands for."""
    notes = (*change.notes, *unresolved(change.golden, golden), *unresolved(change.actual, actual))
    return next((note for note in notes if f": {UNKNOWN}" in note), "")


def _unread(document: Document, site: Site) -> dict[str, str]:
    return {place: f"{site}: {reason}" for place, reason in document.unreadable.items()}
