"""What botocore's models say of the values that specs speak of. Pure; AWS is not asked.

Where a function takes `wrong`, it adds to it what a spec names and the models do not have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any, Final

import jmespath

from auditor.aws.descriptions import describing_session
from auditor.specs.spec import Batch, Call, Facet, Listed, Listing, ResourceSpec, facet_calls

Shape = Any
"""One of botocore's shapes, or what looks like one; None where it cannot be told."""
MODELS: Final = describing_session()
"""Where botocore's models are: its session, with the credentials of nobody."""


def operation(service: str, call: Call) -> Any:
    """botocore's model of the operation of a call that a spec of this service makes.

    Raises botocore's OperationNotFoundError where the service has no such operation.
    """
    return MODELS.get_service_model(call.service or service).operation_model(call.operation)


def members(spec: ResourceSpec, facet: Facet) -> tuple[str, ...]:
    """The paths of all fields below a facet's value, as specs write them: `alarms[].name`, `Variables.*`.

    A list has a path of its own, `alarms[]`; that of the value itself, where it has no fields, is "". Of what a
    facet's `shape` makes of the value nothing is known: these are the paths before it.
    """
    return tuple(_paths(facet_shapes(spec, facet)[0], "", ()))


def _paths(shape: Shape, path: str, seen: tuple[str, ...]) -> Iterator[str]:
    kind, name = getattr(shape, "type_name", ""), getattr(shape, "name", "")
    below = (*seen, name) if name else seen
    if kind == "structure" and name not in seen and shape.members:
        for member, one in shape.members.items():
            yield from _paths(one, f"{path}.{member}" if path else member, below)
    elif kind == "list":
        yield f"{path}[]"
        if getattr(shape.member, "type_name", "") in ("structure", "list", "map"):
            yield from _paths(shape.member, f"{path}[]", below)
    elif kind == "map":
        yield from _paths(shape.value, f"{path}.*" if path else "*", below)
    elif kind:
        yield path


def facet_shapes(spec: ResourceSpec, facet: Facet, wrong: list[str] | None = None) -> list[Shape]:
    """What a facet's value looks like, once for each of the calls that can tell it; at least one."""
    source = facet.source
    if isinstance(source, Listed):
        return [picked(source.pick, item_shape(spec, wrong), wrong)]
    shapes = [_answered(spec, call, wrong) for call in facet_calls(facet)]
    return [element(shapes[0], wrong), *shapes[1:]] if isinstance(source, Batch) else shapes


def item_shape(spec: ResourceSpec, wrong: list[str] | None = None) -> Shape:
    """What an item of a type's listing looks like; None where nothing is listed."""
    return element(_answered(spec, spec.listing.call, wrong), wrong) if isinstance(spec.listing, Listing) else None


def _answered(spec: ResourceSpec, call: Call, wrong: list[str] | None) -> Shape:
    return picked(call.pick, operation(spec.service, call).output_shape, wrong)


def picked(expression: str, shape: Shape, wrong: list[str] | None = None) -> Shape:
    """The shape of what a JMESPath expression finds in values of a shape; None where that cannot be told."""
    return _told(jmespath.compile(expression).parsed, shape, [] if wrong is None else wrong)


def followed(shape: Shape, path: str, wrong: list[str] | None = None) -> Shape:
    """The shape of what a field's path, as specs write it, leads to from values of a shape."""
    for segment in [one for one in path.replace("[]", ".[]").split(".") if one]:
        shape = element(shape, wrong) if segment == "[]" else _member(shape, segment, wrong)
    return shape


def element(shape: Shape, wrong: list[str] | None = None) -> Shape:
    """The shape of a list's elements."""
    if shape is not None and shape.type_name != "list":
        _note(wrong, f"{_name(shape)} is no list")
        return None
    return shape.member if shape is not None else None


def _member(shape: Shape, name: str, wrong: list[str] | None) -> Shape:
    if getattr(shape, "type_name", "") == "map":
        return shape.value
    inside = getattr(shape, "members", {})
    if shape is not None and name not in inside:
        _note(wrong, f"{name} is not in {_name(shape)}")
    return inside.get(name)


def _note(wrong: list[str] | None, mistake: str) -> None:
    if wrong is not None:
        wrong.append(mistake)


def _name(shape: Shape) -> str:
    return str(getattr(shape, "name", shape.type_name))


def _told(node: Mapping[str, Any], shape: Shape, wrong: list[str]) -> Shape:
    return _WALKS.get(node["type"], _unknown)(node, shape, wrong)


def _all_told(node: Mapping[str, Any], shape: Shape, wrong: list[str]) -> list[Shape]:
    return [_told(child, shape, wrong) for child in node["children"]]


def _unknown(node: Mapping[str, Any], shape: Shape, wrong: list[str]) -> Shape:
    _all_told(node, shape, wrong)


def _same(_: Mapping[str, Any], shape: Shape, __: list[str]) -> Shape:
    return shape


def _chain(node: Mapping[str, Any], shape: Shape, wrong: list[str]) -> Shape:
    for child in node["children"]:
        shape = _told(child, shape, wrong)
    return shape


def _projection(node: Mapping[str, Any], shape: Shape, wrong: list[str]) -> Shape:
    left, *right = node["children"]
    inside = element(_told(left, shape, wrong), wrong)
    # What is taken of an element, and, of a filter, what decides over it.
    shapes = [_told(child, inside, wrong) for child in right]
    return SimpleNamespace(type_name="list", member=shapes[0])


def _flattened(node: Mapping[str, Any], shape: Shape, wrong: list[str]) -> Shape:
    found = _chain(node, shape, wrong)
    inside = element(found, wrong)
    return inside if getattr(inside, "type_name", "") == "list" else found


def _function(node: Mapping[str, Any], shape: Shape, wrong: list[str]) -> Shape:
    given = _all_told(node, shape, wrong)
    if node["value"] == "merge":
        return _structure((name, one) for part in given for name, one in getattr(part, "members", {}).items())
    return _first(given) if node["value"] == "not_null" else None


def _selected(node: Mapping[str, Any], shape: Shape, wrong: list[str]) -> Shape:
    return _structure((pair["value"], _told(pair["children"][0], shape, wrong)) for pair in node["children"])


def _structure(members: Iterable[tuple[str, Shape]]) -> Shape:
    return SimpleNamespace(type_name="structure", members=dict(members))


def _first(shapes: Iterable[Shape]) -> Shape:
    return next((one for one in shapes if one is not None), None)


_WALKS: Final[Mapping[str, Callable[[Mapping[str, Any], Shape, list[str]], Shape]]] = {
    "field": lambda node, shape, wrong: _member(shape, node["value"], wrong),
    "current": _same,
    "identity": _same,
    "slice": _same,
    "subexpression": _chain,
    "pipe": _chain,
    "index_expression": _chain,
    "index": lambda _, shape, wrong: element(shape, wrong),
    "projection": _projection,
    "filter_projection": _projection,
    "flatten": _flattened,
    "function_expression": _function,
    "and_expression": lambda node, shape, wrong: _all_told(node, shape, wrong)[-1],
    "or_expression": lambda node, shape, wrong: _first(_all_told(node, shape, wrong)),
    "multi_select_dict": _selected,
}
