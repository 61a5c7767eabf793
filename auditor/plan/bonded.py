"""What AWS refuses because of a sibling, and which of two writes comes first for that: from the types' bonds. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from auditor.canonical.pairing import parent_and_own
from auditor.model.plan import Action
from auditor.model.values import ABSENT, State, Value
from auditor.plan.draft import Draft
from auditor.plan.ground import Ground, Key, Specs
from auditor.specs.bonds import Bond
from auditor.specs.spec import Facet, ResourceSpec, Singleton

Place = tuple[str, str, str]
"""A type, a native name and a facet."""
_UNREAD: Final = " (what it holds could not be read)"


@dataclass(frozen=True)
class Siblings:
    """What all facets of a site hold, before and after the drafts."""

    drafts: Mapping[Place, Draft]
    making: Mapping[Key, Draft]
    """The drafts that make a resource, by type and native name."""
    actual: Ground
    specs: Specs


def siblings(drafts: Iterable[Draft], actual: Ground, specs: Specs) -> Siblings:
    """The drafts of a site, beside what was found there."""
    held = list(drafts)
    written = {_place(one.action): one for one in held if one.action.facet}
    making = {
        (one.action.type, one.action.native): one
        for one in reversed(held)
        if one.action.verb == "create" and not one.action.facet
    }
    return Siblings(written, making, actual, specs)


def _place(action: Action) -> Place:
    return action.type, action.native, action.facet


# -- order


def first_by_bonds(one: Draft, other: Draft, specs: Specs) -> bool | None:
    """Whether the one comes before the other because one of them needs the other; None where neither does."""
    for own, its, is_one in ((one, other, True), (other, one, False)):
        bond = _bond_between(own.action, its.action, specs)
        if bond:
            return needing_first(bond, own, its) == is_one
    return _lowered_first(one, other, specs)


def _lowered_first(one: Draft, other: Draft, specs: Specs) -> bool | None:
    """Of two that are held against one sum, the one that becomes smaller makes room for the other."""
    a, b = one.action, other.action
    sums = [{_bound_to(bond, own, specs) for bond in _totals(own, specs)} for own in (a, b)]
    return one.falls if sums[0] & sums[1] and one.falls != other.falls else None


def _totals(action: Action, specs: Specs) -> list[Bond]:
    facet = _facet(specs[action.type], action.facet)
    return [bond for bond in (facet.bonds if facet else ()) if bond.total]


def _bond_between(own: Action, its: Action, specs: Specs) -> Bond | None:
    facet = _facet(specs[own.type], own.facet)
    place = _place(its)
    return next((one for one in (facet.bonds if facet else ()) if _bound_to(one, own, specs) == place), None)


def _facet(spec: ResourceSpec, name: str) -> Facet | None:
    return next((one for one in spec.facets if name and one.name == name), None)


def _bound_to(bond: Bond, own: Action, specs: Specs) -> Place:
    """Where the other facet of a bond is."""
    if not bond.type:
        return own.type, own.native, bond.facet
    if bond.type == specs[own.type].parent:
        return bond.type, parent_and_own(own.native, True)[0], bond.facet
    listing = specs[bond.type].listing if bond.type in specs else None
    return bond.type, listing.name if isinstance(listing, Singleton) else "", bond.facet


def needing_first(bond: Bond, own: Draft, its: Draft) -> bool:
    """Whether what needs is written before what it needs: where AWS takes no other order, or something goes away."""
    first = not bond.refuses(own.wanted, its.found) and not bond.binds(own.wanted, its.wanted)
    last = not bond.binds(own.found, its.wanted) and not bond.refuses(own.wanted, its.wanted)
    return first if first != last else own.falls or its.falls


# -- what cannot be written


def refusal(one: Draft, among: Siblings) -> str:
    """Why AWS refuses a write, whatever it comes before or after, because of what stays; "" where it does not."""
    facet = _facet(among.specs[one.action.type], one.action.facet)
    if facet is None or one.action.verb == "delete":
        return ""
    reasons = (*_refused(one, facet, among), *_bound(one, facet, among))
    return next((why for why in reasons if why), "")


def _refused(one: Draft, facet: Facet, among: Siblings) -> Iterator[str]:
    for bond in facet.bonds:
        place = _bound_to(bond, one.action, among.specs)
        if bond.total and one.falls:
            continue
        own = _total(place, among) if bond.total else one.wanted
        options = [(one.found, "")] if place == _place(one.action) else _options(place, bond, among)
        reasons = [why + note if (why := bond.refuses(own, value)) else "" for value, note in options]
        yield reasons[0] if reasons and all(reasons) else ""


def _bound(one: Draft, facet: Facet, among: Siblings) -> Iterator[str]:
    """What those say that need the facet, and stay."""
    for spec, needing, bond in _bonds_on(one.action, facet, among.specs):
        if bond.total:
            yield bond.binds(_total(_place(one.action), among), one.wanted)
            continue
        for name in _names(spec, one.action, among):
            options = _options((spec.type, name, needing.name), replace(bond, unknown=ABSENT), among)
            reasons = [bond.binds(value, one.wanted) for value, _ in options]
            yield reasons[0] if reasons and all(reasons) else ""


def _bonds_on(action: Action, facet: Facet, specs: Specs) -> Iterator[tuple[ResourceSpec, Facet, Bond]]:
    for spec in specs.values():
        for needing in spec.facets:
            for bond in needing.bonds:
                of_child = bond.type == action.type == spec.parent
                own = not bond.type and spec.type == action.type and needing.name != bond.facet
                if bond.facet == facet.name and (of_child or own):
                    yield spec, needing, bond


def _names(spec: ResourceSpec, action: Action, among: Siblings) -> list[str]:
    """The native names of the resources of a type that are the action's own, or its children."""
    if spec.type == action.type:
        return [action.native]
    known = {*among.actual.resources, *among.making}
    return sorted(name for type_, name in known if type_ == spec.type and name.startswith(f"{action.native}/"))


def _options(place: Place, bond: Bond, among: Siblings) -> list[tuple[Value, str]]:
    """What a facet may hold when another is written, each with a note; nothing where its type is not looked at."""
    draft = among.drafts.get(place)
    if draft:
        return [(draft.found, ""), (draft.wanted, "")]
    held = _held(place, among)
    if held is None:
        return []
    value, known = held
    return [(value, "")] if known else [(bond.unknown, _UNREAD)]


def _held(place: Place, among: Siblings) -> tuple[Value, bool] | None:
    """What a facet that is not written holds, and whether that is known; None where there is no such resource."""
    type_, name, facet = place
    resource, spec = among.actual.resources.get((type_, name)), among.specs.get(type_)
    if resource:
        reading = resource.facets.get(facet)
        known = reading is not None and reading.state in (State.READ, State.ABSENT)
        return (reading.value if reading and reading.state is State.READ else ABSENT), known
    made = among.making.get((type_, name))
    own = _facet(spec, facet) if spec else None
    if made is None or own is None or spec is None:
        return None
    given = made.wanted.get(facet, ABSENT) if facet in spec.created_with else own.born
    return given, True


def _total(place: Place, among: Siblings) -> Value:
    """What all facets that are held against the sum in a place come to when all is done; ABSENT for nothing."""
    type_, parent, name = place
    bound = {
        (spec.type, facet.name)
        for spec in among.specs.values()
        for facet in spec.facets
        if spec.parent == type_ and any(bond.total and (bond.type, bond.facet) == (type_, name) for bond in facet.bonds)
    }
    known = {*among.actual.resources, *among.making, *((kind, native) for kind, native, _ in among.drafts)}
    own = [(kind, native) for kind, native in known if native.startswith(f"{parent}/")]
    numbers = [_final((*key, facet), among) for key in own for kind, facet in bound if kind == key[0]]
    return sum(one for one in numbers if isinstance(one, int)) or ABSENT


def _final(place: Place, among: Siblings) -> Value:
    draft = among.drafts.get(place)
    held = _held(place, among)
    return draft.wanted if draft else held[0] if held else ABSENT


# -- ways back


def with_ways_back(drafts: Iterable[Draft], actual: Ground, specs: Specs) -> tuple[Draft, ...]:
    """The drafts, those without their undo that AWS would refuse once all is done, with the reason."""
    held = list(drafts)
    while True:
        among = siblings(held, actual, specs)
        reasons = [_no_way_back(one, among) if one.action.undo and one.action.facet else "" for one in held]
        if not any(reasons):
            return tuple(held)
        held = [
            replace(one, action=replace(one.action, undo=(), cannot_undo=why)) if why else one
            for one, why in zip(held, reasons, strict=True)
        ]


def _no_way_back(one: Draft, among: Siblings) -> str:
    facet = _facet(among.specs[one.action.type], one.action.facet)
    if facet is None or one.action.verb != "update":
        return ""
    own = (
        bond.refuses(one.found, value)
        for bond in facet.bonds
        if not bond.total
        for value in _when_undone(bond, one, _bound_to(bond, one.action, among.specs), True, among)
    )
    others = (
        bond.binds(value, one.found)
        for spec, needing, bond in _bonds_on(one.action, facet, among.specs)
        if not bond.total
        for name in _names(spec, one.action, among)
        for value in _when_undone(bond, one, (spec.type, name, needing.name), False, among)
    )
    return next((why for why in (*own, *others) if why), "")


def _when_undone(bond: Bond, one: Draft, place: Place, needs: bool, among: Siblings) -> list[Value]:
    """What the other facet holds when a write is taken back, which is done the other way round."""
    other = among.drafts.get(place)
    if other is None:
        return [value for value, _ in _options(place, replace(bond, unknown=ABSENT), among)]
    is_first = needing_first(bond, one, other) if needs else not needing_first(bond, other, one)
    return [other.found if is_first and other.action.undo else other.wanted]
