"""What it takes to bring one resource to what golden has: its actions, not yet ordered. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Final

from auditor.dangers.dangers import dangers
from auditor.model import ABSENT, Change, Value, parse_site
from auditor.planned import Action, PlannedCall, Verb
from auditor.planning.drafted_calls import place_of, planned, telling
from auditor.planning.fields import node_of
from auditor.planning.ground import Subject, facet_at, found_or_born, means_the_same
from auditor.planning.held import NotHeldError, referred
from auditor.planning.symbols import from_golden
from auditor.planning.unchanged import unchanged
from auditor.planning.unwritable import (
    UNKNOWN_TO_US,
    covers,
    field_of,
    fixed_paths,
    idle_reason,
    parted,
    unwritable,
)
from auditor.pointer import segments
from auditor.principals import deleted_principals
from auditor.references import texts_in
from auditor.spec import GOLDEN_CODE, Call, Facet
from auditor.tree import Node, Path
from auditor.wanted import InseparableError, merged
from auditor.writes import formed, making, unmaking, writing

DELETES: Final = 1000
"""Deletes come after everything else, in the opposite order."""
NO_WAY_BACK: Final = "AWS has no call that takes it back"
_CODE: Final = ("CodeSha256",)
"""Where a facet tells code by its hash."""


@dataclass(frozen=True)
class Draft:
    """An action without its id and its needs. `turn` is when it comes, among all of its site."""

    action: Action
    turn: int
    found: Value = field(default=ABSENT, repr=False)
    """What the facet holds before it, and after it, as both are written; of making a resource, all its facets'."""
    wanted: Value = field(default=ABSENT, repr=False)
    about: str = field(default="", repr=False)
    """The text of all that the calls are about, which is more than what they say: they may go by an id."""
    falls: bool = False
    """Something is taken away that others may need."""

    @property
    def rank(self) -> int:
        """When the resource or the facet is put in place, also where it is taken away."""
        return DELETES - self.turn if self.action.verb == "delete" and self.turn > DELETES // 2 else self.turn


@dataclass(frozen=True)
class Refusal:
    """Differences that nothing can be done about, and why."""

    paths: tuple[str, ...]
    why: str


Drafted = tuple[tuple[Draft, ...], tuple[Refusal, ...]]


def created(subject: Subject, native: str, site: str) -> Drafted:
    """The actions that make a resource as golden has it."""
    assert subject.golden
    spec, golden = subject.spec, subject.golden
    unknown = [facet.name for facet in spec.facets if facet.write and not golden.known(facet)]
    if spec.create is None:
        return (), (Refusal(("",), spec.uncreated or UNKNOWN_TO_US),)
    if unknown:
        why = golden.readings[unknown[0]].error
        return (), (Refusal(("",), f"golden's {unknown[0]} could not be read ({why}): nothing is made without it"),)
    try:
        values = {facet.name: _wanted(subject, facet, node, site) for facet, node in facets_of(subject)}
    except NotHeldError as error:
        return (), (Refusal(("",), str(error)),)
    given = {name: value for name, value in values.items() if value is not ABSENT}
    undo = tuple(telling(planned(one, spec), native) for one in unmaking(spec, given))
    empty = empty_action(subject, native, site, "create")
    one_way = "" if undo else f"AWS keeps a {spec.type.rpartition('::')[2]} that was made"
    first = replace(empty, undo=undo, cannot_undo=one_way)
    drafts = drafts_of(first, making(spec, given), subject, None, ABSENT, given)
    for facet, node in facets_of(subject):
        found, wanted = found_or_born(facet, subject, parse_site(site).region), values[facet.name]
        later = facet.write and facet.name not in spec.created_with and (facet.remove or wanted is not ABSENT)
        if later and not means_the_same(facet, found, golden.values[facet.name], node, golden.wording):
            drafts += drafts_of(empty, writing(facet, found, wanted), subject, facet, found, wanted)
    return tuple(drafts), ()


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
    whole = merged(here, there, kept, node, subject.golden.wording)
    if changes and subject.actual:
        whole = unchanged(subject.actual, whole, subject.golden, facet, node, (one.path for one in changes))
    unfit = facet.unfit(whole) if facet.unfit and whole is not ABSENT else ""
    if unfit:
        raise InseparableError(unfit)
    return referred(whole, here, node, place_of(facet), from_golden=True)


def empty_action(subject: Subject, native: str, site: str, verb: Verb) -> Action:
    """An action on a resource, without calls."""
    return Action("", site, subject.spec.type, subject.name, native, verb, "", ())


def drafts_of(
    base: Action, calls: Iterable[Call], subject: Subject, facet: Facet | None, found: Value, wanted: Value
) -> list[Draft]:
    """The calls as drafts, one for each turn that they have; a facet is taken from `found` to `wanted` by them."""
    spec = subject.spec
    drafts: list[Draft] = []
    for turn, group in groupby(calls, key=lambda call: call.turn or (facet and facet.turn) or spec.turn):
        made = tuple(telling(planned(call, spec, facet), base.native) for call in group)
        warned = (one for call in made for one in dangers(spec.type, base.verb, call, found, wanted))
        action = replace(base, facet=facet.name if facet else "", calls=made, warnings=tuple(dict.fromkeys(warned)))
        # What makes the resource is what is taken back; with it goes all that was written later.
        own = action if not drafts else replace(action, undo=(), cannot_undo="", changes=())
        drafts.append(
            Draft(own, turn, found, wanted, _about(subject, facet, found, wanted), _falls(facet, found, wanted))
        )
    return drafts


def _falls(facet: Facet | None, found: Value, wanted: Value) -> bool:
    return bool(facet and facet.falls and facet.falls(found, wanted))


def _about(subject: Subject, facet: Facet | None, found: Value, wanted: Value) -> str:
    """The text of what is written, before and after, and of what that needs of the same resource."""
    needed = {bond.facet for bond in facet.bonds if not bond.type} if facet else set()
    sides = [side for side in (subject.golden, subject.actual) if side]
    beside = [side.values[name] for side in sides for name in sorted(needed)]
    return "\n".join(text for value in (found, wanted, *beside) if value is not ABSENT for text in texts_in(value))


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
        own = [below for path in stays for at, below in [facet_at(subject.spec, path)] if at is facet]
        try:
            made = _updated_facet(subject, facet, group, own, site)
        except (InseparableError, NotHeldError) as error:
            refusals.append(Refusal(tuple(one.path for one in group), str(error)))
            continue
        drafts += made
        left += [] if made else group
    drafts, idle = _with_followers(subject, drafts, left)
    return tuple(drafts), (*refusals, *idle)


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
    undo, why = _undoing(subject, facet, node, wanted)
    base = replace(
        empty_action(subject, subject.actual.document.native, site, "update"),
        changes=tuple(changes),
        undo=undo,
        cannot_undo=why,
    )
    return drafts_of(base, calls, subject, facet, found, wanted)


def _undoing(subject: Subject, facet: Facet, node: Node, wanted: Value) -> tuple[tuple[PlannedCall, ...], str]:
    """The calls that bring back what was found, or why there are none."""
    assert subject.actual
    assert subject.golden
    found, after = subject.actual.values[facet.name], subject.golden.values[facet.name]
    one_way = facet.one_way(found, wanted) if facet.one_way else ""
    try:
        # Of a secret that is replaced, nobody keeps the old value.
        before = referred(found, after, node, place_of(facet), from_golden=False)
    except NotHeldError as error:
        return (), str(error)
    made = facet.becomes(found, wanted) if facet.becomes else wanted
    calls = tuple(planned(call, subject.spec, facet) for call in writing(facet, made, before))
    if from_golden(calls):
        return (), "the code that is there now is kept nowhere"
    if dead := dead_in(calls):
        return (), dead
    return calls, one_way or ("" if calls else NO_WAY_BACK)


def dead_in(calls: Iterable[PlannedCall]) -> str:
    """Why AWS does not take these calls back in: they name principals that were deleted; "" where none does."""
    dead = deleted_principals([call.params for call in calls])
    return (
        f"the policy that is there now names a deleted principal, {dead[0]}, which AWS takes from nobody"
        if dead
        else ""
    )


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
