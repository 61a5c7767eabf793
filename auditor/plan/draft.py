"""Drafts of actions: what the specs' writers make of a facet's value before and after, with dangers and way back. Pure.

A plan is made of them, and held against them when it is read: both ask the functions of this file for the same.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Final

from auditor.canonical.principals import deleted_principals
from auditor.canonical.references import texts_in
from auditor.dangers.dangers import dangers
from auditor.model.plan import Action, PlannedCall
from auditor.model.values import ABSENT, Value
from auditor.plan.drafted_calls import place_of, planned, telling
from auditor.plan.secret_references import NotHeldError, referred
from auditor.plan.symbols import from_golden
from auditor.specs.field_tree import Node, spec_tree
from auditor.specs.spec import Call, Facet, ResourceSpec
from auditor.specs.writes import creating, making, unmaking, writing

DELETES: Final = 1000
"""Deletes come after everything else, in the opposite order."""
NO_WAY_BACK: Final = "AWS has no call that takes it back"
Documents = tuple[Mapping[str, Value], ...]
"""The resource as golden has it, and as the site has it, as far as there are both."""
_Undoing = tuple[tuple[PlannedCall, ...], str]
"""The calls that bring back what was there, or why there are none."""


@dataclass(frozen=True)
class Draft:
    """An action without its id and its needs. `turn` is when it comes, among all of its site."""

    action: Action
    turn: int
    about: str = field(default="", repr=False)
    """The text of all that the calls are about, which is more than what they say: they may go by an id."""
    falls: bool = False
    """Something is taken away that others may need."""

    @property
    def rank(self) -> int:
        """When the resource or the facet is put in place, also where it is taken away."""
        return DELETES - self.turn if self.action.verb == "delete" and self.turn > DELETES // 2 else self.turn

    @property
    def found(self) -> Value:
        """What the facet holds before it, as it is written; of a resource that is deleted, all its facets'."""
        return self.action.before

    @property
    def wanted(self) -> Value:
        """What the facet holds after it, as it is written; of a resource that is made, all its facets'."""
        return self.action.after


def making_drafts(base: Action, spec: ResourceSpec, given: Mapping[str, Value], documents: Documents) -> list[Draft]:
    """The drafts of what makes a resource with these values, by facet: those of the facets that it is made with."""
    undo = tuple(telling(planned(one, spec), base.native) for one in unmaking(spec, given))
    one_way = "" if undo else f"AWS keeps a {spec.type.rpartition('::')[2]} that was made"
    first = replace(base, undo=undo, cannot_undo=one_way, after=given)
    return _drafts(first, making(spec, given), spec, None, documents)


def writing_drafts(
    base: Action, spec: ResourceSpec, facet: Facet, before: Value, after: Value, documents: Documents
) -> list[Draft]:
    """The drafts that take a facet from one value to another; none where its type has no way.

    They have no undo: of what is made, making it is what is taken back.
    """
    return _drafts(replace(base, before=before, after=after), writing(facet, before, after), spec, facet, documents)


def updating_drafts(
    base: Action, spec: ResourceSpec, facet: Facet, before: Value, after: Value, documents: Documents
) -> list[Draft]:
    """The same for a resource that is there: with what brings back what was found."""
    node = next(node for one, node in zip(spec.facets, spec_tree(spec).nodes, strict=True) if one is facet)
    undo, why = _undoing(spec, facet, node, before, after)
    return writing_drafts(replace(base, undo=undo, cannot_undo=why), spec, facet, before, after, documents)


def deleting_drafts(base: Action, spec: ResourceSpec, before: Mapping[str, Value], region: str) -> list[Draft]:
    """The drafts that delete a resource of which the facets hold these values, with what makes it again.

    `base` may say already why it cannot be made again.
    """
    assert spec.delete
    undo, why = ((), base.cannot_undo) if base.cannot_undo else _remaking(spec, before, region)
    whole = replace(base, undo=undo, cannot_undo=why, before=before)
    return [replace(one, turn=DELETES - one.turn) for one in _drafts(whole, (spec.delete,), spec, None, ())]


def _drafts(
    base: Action, calls: Iterable[Call], spec: ResourceSpec, facet: Facet | None, documents: Documents
) -> list[Draft]:
    """The calls as drafts, one for each turn that they have."""
    about = "\n".join(_about(base, spec, facet, documents))
    falls = bool(facet and facet.falls and facet.falls(base.before, base.after))
    drafts: list[Draft] = []
    for turn, group in groupby(calls, key=lambda call: call.turn or (facet and facet.turn) or spec.turn):
        made = tuple(telling(planned(call, spec, facet), base.native) for call in group)
        warned = (one for call in made for one in dangers(spec.type, base.verb, call, base.before, base.after))
        action = replace(base, facet=facet.name if facet else "", calls=made, warnings=tuple(dict.fromkeys(warned)))
        # What makes the resource is what is taken back; with it goes all that was written later.
        own = action if not drafts else replace(action, undo=(), cannot_undo="", changes=())
        drafts.append(Draft(own, turn, about, falls))
    return drafts


def _about(base: Action, spec: ResourceSpec, facet: Facet | None, documents: Documents) -> Iterator[str]:
    """The text of what is written, before and after, and of what that needs of the same resource."""
    needed = {bond.facet for bond in facet.bonds if not bond.type} if facet else set()
    beside = (value for document in documents for value in _held_by(spec, needed, document))
    for value in (base.before, base.after, *beside):
        if value is not ABSENT:
            yield from texts_in(value)


def _held_by(spec: ResourceSpec, facets: Container[str], document: Mapping[str, Value]) -> Iterator[Value]:
    """What some facets of a resource hold, as its document has it."""
    places = {one.at for one in spec.facets if one.name in facets}
    others = {one.at for one in spec.facets}
    for name, value in sorted(document.items()):
        if name in places or ("" in places and name not in others):
            yield value


def _undoing(spec: ResourceSpec, facet: Facet, node: Node, before: Value, after: Value) -> _Undoing:
    one_way = facet.one_way(before, after) if facet.one_way else ""
    try:
        # Of a secret that is replaced, nobody keeps the old value.
        back = referred(before, after, node, place_of(facet), from_golden=False)
    except NotHeldError as error:
        return (), str(error)
    made = facet.becomes(before, after) if facet.becomes else after
    calls = tuple(planned(call, spec, facet) for call in writing(facet, made, back))
    if from_golden(calls):
        return (), "the code that is there now is kept nowhere"
    if dead := _dead_in(calls):
        return (), dead
    return calls, one_way or ("" if calls else NO_WAY_BACK)


def _remaking(spec: ResourceSpec, before: Mapping[str, Value], region: str) -> _Undoing:
    nodes = zip(spec.facets, spec_tree(spec).nodes, strict=True)
    try:
        held = {
            facet.name: referred(before.get(facet.name, ABSENT), ABSENT, node, place_of(facet), from_golden=False)
            for facet, node in nodes
        }
    except NotHeldError as error:
        return (), str(error)
    given = {name: value for name, value in held.items() if value is not ABSENT}
    refused = next(filter(None, (_refused_anew(facet, given) for facet in spec.facets)), "")
    if refused:
        return (), refused
    calls = tuple(planned(call, spec) for call in creating(spec, given, region))
    if from_golden(calls):
        return (), "its code is kept nowhere"
    if dead := _dead_in(calls):
        return (), dead
    return calls, "" if calls else NO_WAY_BACK


def _refused_anew(facet: Facet, given: Mapping[str, Value]) -> str:
    """Why AWS does not take what a facet held, which it could come to hold only before the rest; "" where it does."""
    own = given.get(facet.name, ABSENT)
    if own is not ABSENT and not writing(facet, ABSENT, own):
        # It comes with the resource, as the ACL of a bucket that only its owner may use: nothing is to be refused.
        return ""
    beside = ((bond, given.get(bond.facet, ABSENT)) for bond in facet.bonds if not bond.type and own is not ABSENT)
    return next((why for bond, value in beside if (why := bond.refuses(own, value))), "")


def _dead_in(calls: Iterable[PlannedCall]) -> str:
    """Why AWS does not take these calls back in: they name principals that were deleted; "" where none does."""
    dead = deleted_principals([call.params for call in calls])
    return (
        f"the policy that is there now names a deleted principal, {dead[0]}, which AWS takes from nobody"
        if dead
        else ""
    )
