"""The changes that are made to a rich resource, place by place, from its spec and what it holds. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Final

from auditor.model.values import ABSENT, Value
from auditor.specs.field_tree import Node, tree
from auditor.specs.spec import Facet, Field, ResourceSpec, Role
from bench.generate import Place, full_shape, places
from bench.mutate import another, is_taken, replaced, twins
from bench.variants import Variant

RECREATE: Final = "recreate-only"
"""How a refusal begins of what is set when a resource is made."""
UNDELETED: Final = "none of this type is deleted"
"""How a refusal begins of a resource that is too many, and that no call may delete."""
DEPTH: Final = 8
"""How many elements of a list are gone into, for the members that the first ones do not have."""
_DROPPED: Final = (Role.IDENTITY, Role.IGNORED, Role.CAPABILITY)
_STATEMENTS: Final = Node(children={"Statement": Node(Field("Statement", key=("Sid",)))})


@dataclass(frozen=True)
class Hand:
    """What must be said by hand of a type's changes, by `FACET/PATH`.

    `others` are the values that AWS takes there (at `PATH[]`: an element more), `never` the changes that AWS does not
    take, with the reason, `refused` those that a plan must refuse, with how the reason begins. Keys of the last two
    are globs over `FACET/PATH WHAT`. `facets` are those that are changed, none for all.
    """

    others: Mapping[str, Value] = field(default_factory=dict)
    never: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    facets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """One change: the facet, what it then holds (ABSENT: nothing), and whether it is golden that is changed.

    `facet` "" is the resource itself: it is deleted. `anew` says that it takes making the resource again. `refused`
    is how the reason must begin if a plan must leave it, "" where it must remove the difference.
    """

    id: str
    facet: str
    value: Value = ABSENT
    golden: bool = False
    anew: bool = False
    refused: str = ""


def cases(spec: ResourceSpec, held: Mapping[str, Value], hand: Hand, region: str, golden: str) -> Iterator[Case]:
    """Every change of a resource that holds these raw values, by facet, in the site `region`."""
    for facet in (one for one in spec.facets if not hand.facets or one.name in hand.facets):
        if held[facet.name] is not ABSENT and _may_be_made(spec, facet):
            yield from _of_facet(spec, facet, held[facet.name], hand, (region, golden))
    if spec.create:
        yield _case(spec, hand, "", "", "missing", ABSENT)
        yield _case(spec, hand, "", "", "extra", ABSENT, golden=True, refused="" if spec.delete else UNDELETED)


def _may_be_made(spec: ResourceSpec, facet: Facet) -> bool:
    return bool(facet.write) or (spec.create is not None and any(one.immutable for one in facet.fields))


def _case(
    spec: ResourceSpec,
    hand: Hand,
    facet: str,
    path: str,
    what: str,
    value: Value,
    golden: bool = False,
    anew: bool = False,
    refused: str = "",
) -> Case:
    where = "/".join(one for one in (facet, path) if one)
    named = f"{where} {what}" if where else what
    why = next((reason for glob, reason in hand.refused.items() if fnmatchcase(named, glob)), refused)
    return Case(f"{spec.type}{'/' if where else ' '}{named}", facet, value, golden, anew, why)


def _of_facet(spec: ResourceSpec, facet: Facet, value: Value, hand: Hand, regions: tuple[str, str]) -> Iterator[Case]:
    done: set[str] = set()
    whole, shape, node = _opened(spec, facet, value)
    for place in (one for depth in range(DEPTH) for one in places(shape, whole, node, depth)):
        if place.path in done or not _is_written(facet, place):
            continue
        done.add(place.path)
        for what, changed in _changes(facet, place, hand, regions):
            if _is_never(hand, facet, place.path, what) or (changed is not ABSENT and twins(whole, place, changed)):
                continue
            anew = any(one.field and one.field.immutable for one in place.nodes)
            refused = RECREATE if anew and not spec.versioned else ""
            new = _closed(facet, replaced(whole, place.at, changed))
            yield _case(spec, hand, facet.name, place.path, what, new, anew=anew, refused=refused)
    if value != facet.default:
        yield from _of_whole(spec, facet, hand)


def _of_whole(spec: ResourceSpec, facet: Facet, hand: Hand) -> Iterator[Case]:
    """The facet gone in the target, and there in the target alone."""
    if facet.at and facet.write:
        for what, golden in (("gone", False), ("extra", True)):
            if not _is_never(hand, facet, "", what):
                yield _case(spec, hand, facet.name, "", what, ABSENT, golden)


def _is_never(hand: Hand, facet: Facet, path: str, what: str) -> bool:
    named = f"{facet.name}/{path} {what}" if path else f"{facet.name} {what}"
    return any(fnmatchcase(named, glob) for glob in hand.never)


def _opened(spec: ResourceSpec, facet: Facet, value: Value) -> tuple[Value, Any, Node]:
    """A facet's value, shape and fields; a policy by its statements."""
    if _is_policy(facet):
        return json.loads(value), None, _STATEMENTS
    return value, full_shape(spec, facet), tree(facet.fields)


def _closed(facet: Facet, value: Value) -> Value:
    return json.dumps(value) if _is_policy(facet) and value is not ABSENT else value


def _is_policy(facet: Facet) -> bool:
    return any(one.path == "" and one.role is Role.POLICY for one in facet.fields)


def _is_written(facet: Facet, place: Place) -> bool:
    """Whether a call can set what stands at a place; or could, when the resource was made."""
    said = [one.field for one in place.nodes if one.field]
    idle = any(one.role in _DROPPED or one.read_only for one in said)
    return not idle and (bool(facet.write) or any(one.immutable for one in said))


def _changes(facet: Facet, place: Place, hand: Hand, regions: tuple[str, str]) -> Iterator[tuple[str, Value]]:
    key = f"{facet.name}/{place.path}" if place.path else facet.name
    if isinstance(place.value, dict):
        yield from _of_structure(place, key, hand)
    elif isinstance(place.value, list):
        yield from _of_list(place, key, hand)
    else:
        yield from _of_scalar(place, key, hand, regions)
    if place.at and isinstance(place.at[-1], str) and not place.required and not _is_needed(place):
        yield "gone", ABSENT


def _is_needed(place: Place) -> bool:
    """Whether a member names the element of a list that it is in, or holds what its absence means."""
    above = place.nodes[-3].field if len(place.nodes) > 2 else None
    own = place.nodes[-1].field
    names = above.key if above and isinstance(place.at[-2], int) else ()
    return place.at[-1] in names or (own is not None and own.default == place.value)


def _of_scalar(place: Place, key: str, hand: Hand, regions: tuple[str, str]) -> Iterator[tuple[str, Value]]:
    other = hand.others.get(key, ABSENT)
    other = another(place, Variant()) if other is ABSENT else other
    if other is not ABSENT and other != place.value:
        yield "changed", other
    here, golden = regions
    if isinstance(place.value, str) and here in place.value:
        yield "copied from golden's region", place.value.replace(here, golden)


def _of_structure(place: Place, key: str, hand: Hand) -> Iterator[tuple[str, Value]]:
    inside = getattr(getattr(place.shape, "value", None), "type_name", "")
    more = hand.others.get(f"{key}.*", "one more" if inside == "string" else ABSENT)
    if getattr(place.shape, "type_name", "") == "map" and more is not ABSENT:
        yield "more", {**place.value, "three": more}


def _of_list(place: Place, key: str, hand: Hand) -> Iterator[tuple[str, Value]]:
    node, more = place.nodes[-1], hand.others.get(f"{key}[]", ABSENT)
    if more is not ABSENT and more not in place.value and not is_taken(more, place.value, node):
        yield "more", [*place.value, more]
    if len(place.value) > 1:
        yield "fewer", place.value[:-1]
        if not (node.field and node.field.key):
            yield "reversed", place.value[::-1]
