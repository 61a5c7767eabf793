"""What it takes to bring one resource to what golden has: its actions, not yet ordered. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from auditor.canonical.references import texts_in
from auditor.canonical.wanted import InseparableError, merged
from auditor.model.plan import Action, Verb
from auditor.model.pointer import segments
from auditor.model.values import ABSENT, Change, Value, parse_site
from auditor.plan.draft import Documents, Draft, making_drafts, updating_drafts, writing_drafts
from auditor.plan.drafted_calls import place_of
from auditor.plan.fields import node_of
from auditor.plan.ground import Subject, facet_at, found_or_born, means_the_same
from auditor.plan.secret_references import NotHeldError, referred
from auditor.plan.unchanged import unchanged
from auditor.plan.unwritable import (
    UNKNOWN_TO_US,
    covers,
    field_of,
    fixed_paths,
    idle_reason,
    parted,
    unwritable,
)
from auditor.specs.field_tree import Node, Path
from auditor.specs.spec import GOLDEN_CODE, Facet
from auditor.specs.writes import formed, writing

_CODE: Final = ("CodeSha256",)
"""Where a facet tells code by its hash."""


@dataclass(frozen=True)
class Refusal:
    """Differences that nothing can be done about, and why."""

    paths: tuple[str, ...]
    why: str


Drafted = tuple[tuple[Draft, ...], tuple[Refusal, ...]]


def created(subject: Subject, native: str, site: str, kept: Iterable[str] = ()) -> Drafted:
    """The actions that make a resource as golden has it, without what stands at the `kept` paths."""
    assert subject.golden
    spec, golden = subject.spec, subject.golden
    unknown = [facet.name for facet in spec.facets if facet.write and not golden.known(facet)]
    if spec.create is None:
        return (), (Refusal(("",), spec.uncreated or UNKNOWN_TO_US),)
    if unknown:
        why = golden.readings[unknown[0]].error
        return (), (Refusal(("",), f"golden's {unknown[0]} could not be read ({why}): nothing is made without it"),)
    try:
        values = _values(subject, site, [segments(path) for path in kept])
    except NotHeldError as error:
        return (), (Refusal(("",), str(error)),)
    given = {name: value for name, value in values.items() if value is not ABSENT}
    empty, documents = empty_action(subject, native, site, "create"), documents_of(subject)
    drafts = making_drafts(empty, spec, given, documents)
    for facet, node in facets_of(subject):
        found, wanted = found_or_born(facet, subject, parse_site(site).region), values[facet.name]
        later = facet.write and facet.name not in spec.created_with and (facet.remove or wanted is not ABSENT)
        if later and not means_the_same(facet, found, golden.values[facet.name], node, golden.wording):
            drafts += writing_drafts(empty, spec, facet, found, wanted, documents)
    return tuple(drafts), ()


def _values(subject: Subject, site: str, kept: Iterable[Path]) -> dict[str, Value]:
    """What each facet of a new resource is to hold."""
    return {
        facet.name: _wanted(subject, facet, node, site, _below(subject, facet, kept))
        for facet, node in facets_of(subject)
    }


def facets_of(subject: Subject) -> Iterator[tuple[Facet, Node]]:
    """The facets of a resource's type, each with what is said of its fields."""
    yield from zip(subject.spec.facets, subject.tree.nodes, strict=True)


def _wanted(
    subject: Subject, facet: Facet, node: Node, site: str, kept: Iterable[Path] = (), changes: Iterable[Change] = ()
) -> Value:
    """What a facet is to hold: golden's value, but for what stays, and with references for secrets.

    What stays are the places that are `kept`, and, of what is there, all that no change shows.
    """
    assert subject.golden
    here = found_or_born(facet, subject, parse_site(site).region)
    there = formed(facet, subject.golden.values[facet.name])
    stays = list(kept)
    if stays and there is ABSENT and facet.default == {}:
        # Each member of such a map is by itself.
        there = {}
    whole = merged(here, there, stays, node, subject.golden.wording)
    if changes and subject.actual:
        whole = unchanged(subject.actual, whole, subject.golden, facet, node, (one.path for one in changes))
    unfit = facet.unfit(whole) if facet.unfit and whole is not ABSENT else ""
    if unfit:
        raise InseparableError(unfit)
    return referred(whole, here, node, place_of(facet), from_golden=True)


def empty_action(subject: Subject, native: str, site: str, verb: Verb) -> Action:
    """An action on a resource, without calls."""
    return Action("", site, subject.spec.type, subject.name, native, verb, "", ())


def documents_of(subject: Subject) -> Documents:
    """The resource's documents, golden's first."""
    return tuple(one.document.fields for one in (subject.golden, subject.actual) if one)


def updated(subject: Subject, changes: Iterable[Change], kept: Iterable[str], site: str) -> Drafted:
    """The actions that remove these changes of a resource, and leave those at the `kept` paths as they are."""
    assert subject.actual
    whole, kept = list(changes), list(kept)
    fixed = (*fixed_paths(subject, whole), *(path for path in kept if field_of(subject, path, "immutable")))
    if subject.spec.versioned and fixed:
        return _republished(subject, whole, site)
    writable, refusals = _sifted(subject, whole, fixed, site)
    stays = [segments(path) for path in (*kept, *(path for one in refusals for path in one.paths))]
    drafts: list[Draft] = []
    left: list[Change] = []
    for facet, group in _by_facet(subject, writable):
        try:
            made = _updated_facet(subject, facet, group, _below(subject, facet, stays), site)
        except (InseparableError, NotHeldError) as error:
            refusals.append(Refusal(tuple(one.path for one in group), str(error)))
            continue
        drafts += made
        left += [] if made else group
    drafts, idle = _with_followers(subject, drafts, left)
    return tuple(drafts), (*refusals, *idle)


def _below(subject: Subject, facet: Facet, paths: Iterable[Path]) -> list[Path]:
    """Those of the paths that are of a facet, as they are below it."""
    return [below for path in paths for at, below in [facet_at(subject.spec, path)] if at is facet]


def _sifted(
    subject: Subject, changes: list[Change], fixed: Iterable[str], site: str
) -> tuple[list[Change], list[Refusal]]:
    """The changes that can be written, or parts of them, and why the rest cannot."""
    parts = [part for one in changes for part in parted(subject, one)]
    reasons = [unwritable(subject, one, fixed) or _idle(subject, one, parts, site) for one in parts]
    refusals = [Refusal((one.path,), why) for one, why in zip(parts, reasons, strict=True) if why]
    return [one for one, why in zip(parts, reasons, strict=True) if not why], refusals


def _idle(subject: Subject, change: Change, others: Iterable[Change], site: str) -> str:
    """Why nothing would be written of a change by itself, where its field says that there is such a direction."""
    if not field_of(subject, change.path, "unwritten"):
        return ""
    facet, _ = facet_at(subject.spec, segments(change.path))
    stays = [facet_at(subject.spec, segments(one.path)) for one in others if one is not change]
    node = node_of(subject.spec, subject.tree, facet)
    assert subject.actual
    try:
        wanted = _wanted(subject, facet, node, site, [place for at, place in stays if at is facet])
    except (InseparableError, NotHeldError):
        return ""
    return "" if writing(facet, subject.actual.values[facet.name], wanted) else idle_reason(subject, change)


def _by_facet(subject: Subject, changes: list[Change]) -> Iterator[tuple[Facet, list[Change]]]:
    for facet in subject.spec.facets:
        own = [one for one in changes if facet_at(subject.spec, segments(one.path))[0] is facet]
        if own:
            yield facet, own


def _updated_facet(subject: Subject, facet: Facet, changes: list[Change], kept: list[Path], site: str) -> list[Draft]:
    assert subject.actual
    node = node_of(subject.spec, subject.tree, facet)
    found, wanted = subject.actual.values[facet.name], _wanted(subject, facet, node, site, kept, changes)
    calls = writing(facet, found, wanted)
    if _CODE in kept and any(GOLDEN_CODE in texts_in(call.params) for call in calls):
        raise InseparableError("Golden's code would come with it, and the code is to stay as it is.")
    base = replace(
        empty_action(subject, subject.actual.document.native, site, "update"),
        changes=tuple(changes),
    )
    return updating_drafts(base, subject.spec, facet, found, wanted, documents_of(subject))


def _with_followers(
    subject: Subject, drafts: list[Draft], left: list[Change]
) -> tuple[list[Draft], tuple[Refusal, ...]]:
    """The drafts, each with the changes that follow from its own, and refusals for those that follow from nothing."""
    idle = []
    for change in left:
        sources = field_of(subject, change.path, "follows")
        number = next((n for n, one in enumerate(drafts) if covers(one.action.changes, sources)), None)
        if number is None:
            idle.append(Refusal((change.path,), idle_reason(subject, change)))
        else:
            action = drafts[number].action
            drafts[number] = replace(drafts[number], action=replace(action, changes=(*action.changes, change)))
    return drafts, tuple(idle)


def _republished(subject: Subject, changes: list[Change], site: str) -> Drafted:
    """The next version, as golden has it: nothing of what is there is changed."""
    assert subject.actual
    anew = replace(subject, actual=None)
    drafts, refusals = created(anew, subject.actual.document.native, site)
    if refusals:
        return (), tuple(replace(one, paths=tuple(change.path for change in changes)) for one in refusals)
    updates = [replace(one, action=replace(one.action, verb="update")) for one in drafts]
    first = replace(updates[0], action=replace(updates[0].action, changes=tuple(changes)))
    return (first, *updates[1:]), ()
