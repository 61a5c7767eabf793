"""What a call sends of what a plan does not show: as the site has it already, in the site's own words. Pure.

AWS takes many settings as a whole, so that a call for one member sends its neighbours too. These may differ from
golden's in form alone (the case of a header, an empty list), in what AWS made up (a rule's ID), or in what the settings
let differ. No change shows them, so no call may change them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from auditor.canonical.values import Wording, canonical_value, element_key
from auditor.model.pointer import overlap, pointer
from auditor.model.values import ABSENT, Value
from auditor.plan.ground import Side
from auditor.specs.field_tree import Node, Path
from auditor.specs.spec import Facet, Role


@dataclass(frozen=True)
class _Facet:
    """A facet with the value that it is to hold, and what decides over parts of it.

    `places` are those that a plan shows to change, `documents` the resource's on both sides.
    """

    facet: Facet
    node: Node
    wording: Wording
    places: tuple[str, ...]
    documents: tuple[Mapping[str, Value], ...]
    wanted: Value

    def canonical(self, value: Value) -> Value:
        shaped = self.facet.shape(value) if self.facet.shape else value
        return canonical_value(shaped, self.node, self.wording)

    def keeps(self, value: Value, exactly: bool) -> bool:
        """Whether a value differs from the wanted one nowhere that the plan shows, or `exactly` nowhere at all."""
        at = (self.facet.at,) if self.facet.at else ()
        unlike = list(_unlike(self.canonical(self.wanted), self.canonical(value), at))
        if exactly:
            return not unlike
        return not any(self._is_shown(path) for path in unlike)

    def _is_shown(self, path: Path) -> bool:
        # A place that has another name in the documents cannot be looked for in the plan.
        is_known = any(_at(one, path) is not ABSENT for one in self.documents)
        return not is_known or any(overlap(pointer(path), place) for place in self.places)


def _at(value: Value, path: Path) -> Value:
    for name in path:
        if isinstance(value, list):
            value = value[int(name)] if int(name) < len(value) else ABSENT
        else:
            value = value.get(name, ABSENT) if isinstance(value, Mapping) else ABSENT
    return value


def unchanged(found: Side, wanted: Value, golden: Side, facet: Facet, node: Node, places: Iterable[str]) -> Value:
    """`wanted`, but as it was found wherever that changes nothing at `places`, which are pointers into the document."""
    here = found.values[facet.name]
    if ABSENT in (here, wanted) or here == wanted:
        return wanted
    # The resource's own name is a symbol by now, in the defaults that hold it too.
    own = replace(golden.wording, text=_same, name="${name}")
    documents = (golden.document.fields, found.document.fields)
    return _kept(here, _Facet(facet, node, own, tuple(places), documents, wanted), node, ()).wanted


def _same(text: str) -> str:
    return text


def _unlike(one: Value, other: Value, path: Path) -> Iterator[Path]:
    """The places at which two canonical values differ."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for name in {**one, **other}:
            yield from _unlike(one.get(name, ABSENT), other.get(name, ABSENT), (*path, name))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from _unlike(left, right, (*path, str(number)))
    elif one != other:
        yield path


Place = tuple[str | int, ...]
"""Where a value stands in a raw one."""


def _kept(found: Value, held: _Facet, node: Node, at: Place, exactly: bool = False) -> _Facet:
    """The facet with what was found in the place of each part below `at` that stays as it is.

    Elements that are told apart by their place alone may have moved: of those, only the same one is kept.
    """
    exactly = exactly or (isinstance(found, list) and not (node.field and node.field.key))
    for step, here, below in _parts(found, _inside(held.wanted, at), node, held.wording):
        place = (*at, step)
        there = _inside(held.wanted, place)
        if here == there:
            continue
        other = _with(held.wanted, place, here)
        if held.keeps(other, exactly):
            held = replace(held, wanted=other)
        elif _has_parts(here, below) and _has_parts(there, below):
            held = _kept(here, held, below, place, exactly)
    return held


def _has_parts(value: Value, node: Node) -> bool:
    # Of a secret, its fingerprint and what is known of it belong together.
    is_secret = node.field is not None and node.field.role is Role.SECRET
    return isinstance(value, Mapping | list) and not is_secret


def _parts(found: Value, wanted: Value, node: Node, wording: Wording) -> Iterator[tuple[str | int, Value, Node]]:
    """The members or elements of a value, each with what was found in its place, and what its spec says."""
    if isinstance(found, Mapping) and isinstance(wanted, Mapping):
        for name in {**wanted, **found}:
            yield name, found.get(name, ABSENT), node.child(name)
    elif isinstance(found, list) and isinstance(wanted, list):
        for number, here in _twins(found, wanted, node, wording):
            yield number, here, node.child("[]")


def _twins(found: list[Value], wanted: list[Value], node: Node, wording: Wording) -> Iterator[tuple[int, Value]]:
    """What was found of each wanted element: by its content, then by its key; by its place where the order counts."""
    if not (node.field and node.field.key):
        yield from enumerate(found[: len(wanted)])
        return
    contents = [canonical_value(one, node.child("[]"), wording) for one in found]
    keys = [element_key(one, node, wording) for one in found]
    for number, element in enumerate(wanted):
        content, key = canonical_value(element, node.child("[]"), wording), element_key(element, node, wording)
        for told, mine in ((contents, content), (keys, key)):
            if told.count(mine) == 1:
                yield number, found[told.index(mine)]
                break


def _inside(value: Any, at: Place) -> Value:
    for step in at:
        value = value.get(step, ABSENT) if isinstance(value, Mapping) else value[int(step)]
    return value


def _with(value: Any, at: Place, new: Value) -> Value:
    """A raw value with another one at a place; ABSENT takes a member away."""
    if not at:
        return new
    step, rest = at[0], at[1:]
    if isinstance(value, list):
        return [_with(one, rest, new) if number == step else one for number, one in enumerate(value)]
    if not rest and new is ABSENT:
        return {name: one for name, one in value.items() if name != step}
    return {**value, step: _with(value.get(step, ABSENT), rest, new)}
