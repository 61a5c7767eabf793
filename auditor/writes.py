"""Which calls put a wanted value in place, worded canonically. Pure; calls nothing.

Values and parameters are canonical text: `${name}` and its like are filled in when a call is made, and a literal
`${` is written `$${` (see auditor.canonical).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from auditor.model import ABSENT, Value
from auditor.spec import Call, Facet, ResourceSpec

_VALUE: Final = "${value}"


def creating(spec: ResourceSpec, wanted: Mapping[str, Value]) -> tuple[Call, ...]:
    """The calls that make a resource with these facets' values, in order; none where it cannot be made."""
    if spec.create is None:
        return ()
    later = (facet for facet in in_turn(spec) if facet.name in wanted and facet.name not in spec.created_with)
    return (*making(spec, wanted), *(call for facet in later for call in writing(facet, ABSENT, wanted[facet.name])))


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
    if facet.write is None or (wanted is ABSENT and facet.remove):
        return (facet.remove,) if facet.remove else ()
    if wanted is ABSENT and isinstance(facet.write, Call):
        wanted = facet.default
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
