"""What botocore's models say that a facet's value can hold. Pure; AWS is not asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any, Final

import botocore.session
import jmespath

from auditor.spec import Batch, Call, Facet, Follow, Listed, Listing, ResourceSpec

Shape = Any
"""One of botocore's shapes, or what looks like one; None where it cannot be told."""
_MODELS: Final = botocore.session.get_session()


def members(spec: ResourceSpec, facet: Facet) -> tuple[str, ...]:
    """The paths of all fields below a facet's value, as specs write them: `alarms[].name`, `Variables.*`.

    A list has a path of its own, `alarms[]`; that of the value itself, where it has no fields, is "". Of what a
    facet's `shape` makes of the value nothing is known: these are the paths before it.
    """
    return tuple(_paths(_value(spec, facet), "", ()))


def _paths(shape: Shape, path: str, seen: tuple[str, ...]) -> Iterator[str]:
    kind, name = getattr(shape, "type_name", ""), getattr(shape, "name", "")
    below = (*seen, name) if name else seen
    if kind == "structure" and name not in seen and shape.members:
        for member, one in shape.members.items():
            yield from _paths(one, f"{path}.{member}" if path else member, below)
    elif kind == "list":
        yield f"{path}[]"
        if shape.member.type_name in ("structure", "list", "map"):
            yield from _paths(shape.member, f"{path}[]", below)
    elif kind == "map":
        yield from _paths(shape.value, f"{path}.*" if path else "*", below)
    elif kind:
        yield path


def _value(spec: ResourceSpec, facet: Facet) -> Shape:
    source = facet.source
    if isinstance(source, Listed):
        return picked(source.pick, _item(spec))
    if isinstance(source, Batch):
        return _element(_answered(spec, source.call))
    return _answered(spec, source.call if isinstance(source, Follow) else source)


def _item(spec: ResourceSpec) -> Shape:
    return _element(_answered(spec, spec.listing.call)) if isinstance(spec.listing, Listing) else None


def _answered(spec: ResourceSpec, call: Call) -> Shape:
    model = _MODELS.get_service_model(call.service or spec.service)
    return picked(call.pick, model.operation_model(call.operation).output_shape)


def picked(expression: str, shape: Shape) -> Shape:
    """The shape of what a JMESPath expression finds in values of a shape; None where that cannot be told."""
    return _told(jmespath.compile(expression).parsed, shape)


def _told(node: Mapping[str, Any], shape: Shape) -> Shape:
    return _WALKS.get(node["type"], _unknown)(node, shape)


def _unknown(_: Mapping[str, Any], __: Shape) -> Shape:
    return None


def _member(shape: Shape, name: str) -> Shape:
    return shape.value if getattr(shape, "type_name", "") == "map" else getattr(shape, "members", {}).get(name)


def _element(shape: Shape) -> Shape:
    return getattr(shape, "member", None)


def _structure(members: Mapping[str, Shape]) -> Shape:
    return SimpleNamespace(type_name="structure", members=members)


def _chain(node: Mapping[str, Any], shape: Shape) -> Shape:
    for child in node["children"]:
        shape = _told(child, shape)
    return shape


def _projection(node: Mapping[str, Any], shape: Shape) -> Shape:
    left, right = node["children"][:2]
    inside = _told(right, _element(_told(left, shape)))
    return SimpleNamespace(type_name="list", member=inside) if inside is not None else None


def _flattened(node: Mapping[str, Any], shape: Shape) -> Shape:
    found = _chain(node, shape)
    inside = _element(found)
    return inside if getattr(inside, "type_name", "") == "list" else found


def _function(node: Mapping[str, Any], shape: Shape) -> Shape:
    given = [one for one in (_told(child, shape) for child in node["children"]) if one is not None]
    if node["value"] == "merge":
        return _structure({name: one for part in given for name, one in getattr(part, "members", {}).items()})
    return given[0] if node["value"] == "not_null" and given else None


def _either(node: Mapping[str, Any], shape: Shape) -> Shape:
    return next((one for one in (_told(child, shape) for child in node["children"]) if one is not None), None)


def _selected(node: Mapping[str, Any], shape: Shape) -> Shape:
    return _structure({pair["value"]: _told(pair["children"][0], shape) for pair in node["children"]})


_WALKS: Final[Mapping[str, Callable[[Mapping[str, Any], Shape], Shape]]] = {
    "field": lambda node, shape: _member(shape, node["value"]),
    "current": lambda _, shape: shape,
    "identity": lambda _, shape: shape,
    "subexpression": _chain,
    "pipe": _chain,
    "index_expression": _chain,
    "index": lambda _, shape: _element(shape),
    "projection": _projection,
    "filter_projection": _projection,
    "flatten": _flattened,
    "function_expression": _function,
    "and_expression": lambda node, shape: _told(node["children"][-1], shape),
    "or_expression": _either,
    "multi_select_dict": _selected,
}
