"""Which calls put a wanted value in place, worded canonically. Pure; calls nothing.

Values and parameters are canonical text: `${name}` and its like are filled in when a call is made, and a literal
`${` is written `$${` (see auditor.canonical.wording).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from auditor.model.values import ABSENT, Value
from auditor.specs.field_tree import UNCLASSIFIED, Node, tree
from auditor.specs.spec import SCALED, Call, Facet, ResourceSpec

_VALUE: Final = "${value}"


def creating(spec: ResourceSpec, wanted: Mapping[str, Value], region: str = "") -> tuple[Call, ...]:
    """The calls that make a resource with these facets' values, in order; none where it cannot be made.

    What a new resource of the region has of its own is not written again.
    """
    if spec.create is None and not spec.implied:
        return ()
    later = [facet for facet in in_turn(spec) if facet.name in wanted and facet.name not in spec.created_with]
    pairs = [(facet, born(facet, region), formed(facet, wanted[facet.name])) for facet in later]
    calls = (call for facet, found, value in pairs if found != value for call in writing(facet, found, value))
    return (*making(spec, wanted), *calls)


def born(facet: Facet, region: str) -> Value:
    """What a facet of a new resource in a region holds; ABSENT where nothing is configured."""
    return formed(facet, facet.born(region) if callable(facet.born) else facet.born)


def formed(facet: Facet, value: Value) -> Value:
    """A raw value as it is written, with the defaults that AWS would otherwise keep as they are."""
    if value is ABSENT or not any(field.explicit for field in facet.fields):
        return value
    return spelled_out(value, tree(facet.fields))


def spelled_out(value: Value, node: Node) -> Value:
    """A value in which the explicit defaults stand where nothing is said."""
    if node is UNCLASSIFIED:
        return value
    if isinstance(value, Mapping):
        missing = {
            name: child.field.default
            for name, child in node.children.items()
            if child.field and child.field.explicit and value.get(name) is None
        }
        return {name: spelled_out(one, node.child(name)) for name, one in {**value, **missing}.items()}
    return [spelled_out(one, node.child("[]")) for one in value] if isinstance(value, list) else value


def in_turn(spec: ResourceSpec) -> list[Facet]:
    """The facets of a type in the order in which they are put in place."""
    return sorted(spec.facets, key=lambda facet: facet.turn or spec.turn)


def making(spec: ResourceSpec, wanted: Mapping[str, Value]) -> tuple[Call, ...]:
    """The calls that make a resource, with no more than the facets that it is made with."""
    given = {name: value for name, value in wanted.items() if name in spec.created_with}
    if spec.create is None:
        return ()
    return (_with_value(spec.create, given),) if isinstance(spec.create, Call) else spec.create(ABSENT, given)


def unmaking(spec: ResourceSpec, found: Mapping[str, Value]) -> tuple[Call, ...]:
    """The calls that take away what `making` has just made; none where AWS has no way."""
    way = spec.unmake or spec.delete
    if way is None:
        return ()
    return (way,) if isinstance(way, Call) else way(found, ABSENT)


def writing(facet: Facet, found: Value, wanted: Value) -> tuple[Call, ...]:
    """The calls that take a facet from one raw value to another; none where AWS has no way."""
    if facet.scaled and SCALED in (found, wanted):
        return ()
    found, wanted = formed(facet, found), formed(facet, wanted)
    if facet.write is None or (wanted is ABSENT and facet.remove):
        return (facet.remove,) if facet.remove else ()
    if wanted is ABSENT and isinstance(facet.write, Call):
        wanted = formed(facet, facet.default)
    if wanted is ABSENT and isinstance(facet.write, Call):
        return ()
    return (_with_value(facet.write, wanted),) if isinstance(facet.write, Call) else facet.write(found, wanted)


def _with_value(call: Call, value: Value) -> Call:
    params = {name: _filled(param, value) for name, param in call.params.items()}
    return replace(call, params={**params, **value} if call.spread else params)


def _filled(param: Value, value: Value) -> Any:
    if param == _VALUE:
        return value
    if isinstance(param, Mapping):
        return {name: _filled(member, value) for name, member in param.items()}
    return [_filled(element, value) for element in param] if isinstance(param, list) else param
