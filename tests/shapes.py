"""What botocore's models say of the values that specs speak of: AWS's shapes, and where expressions lead in them."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import botocore.session
import jmespath

from auditor.spec import Batch, Call, Facet, Follow, Listed, Listing, ResourceSpec

SESSION = botocore.session.get_session()


def operation(service: str, call: Call) -> Any:
    return SESSION.get_service_model(service).operation_model(call.operation)


def facet_calls(facet: Facet) -> tuple[Call, ...]:
    if isinstance(facet.source, Batch):
        return facet.source.call, facet.source.alone
    if isinstance(facet.source, Follow):
        return (facet.source.call,)
    return (facet.source,) if isinstance(facet.source, Call) else ()


# What a JMESPath expression leads to, told from the shapes alone.


def struct(members: dict[str, Any]) -> Any:
    return SimpleNamespace(type_name="structure", members=members)


def listed(member: Any) -> Any:
    return SimpleNamespace(type_name="list", member=member)


def member(shape: Any, name: str, wrong: list[str]) -> Any:
    """The shape of a member; one that is not there is noted, and what lies beyond it is unknown."""
    kind = getattr(shape, "type_name", "")
    if kind == "map":
        return shape.value
    if shape is not None and name not in getattr(shape, "members", {}):
        wrong.append(f"{name} is not in {getattr(shape, 'name', kind)}")
        return None
    return shape.members[name] if shape is not None else None


def element(shape: Any, wrong: list[str]) -> Any:
    if shape is not None and shape.type_name != "list":
        wrong.append(f"{shape.name} is no list")
        return None
    return shape.member if shape is not None else None


def merged(shapes: list[Any]) -> Any:
    return struct({name: one for shape in shapes if shape is not None for name, one in shape.members.items()})


def first(shapes: list[Any]) -> Any:
    return next((shape for shape in shapes if shape is not None), None)


def told(node: Any, shape: Any, wrong: list[str]) -> Any:
    """The shape that a parsed JMESPath has over a shape; None where that cannot be told."""
    return WALKS.get(node["type"], every)(node, shape, wrong)


def every(node: Any, shape: Any, wrong: list[str]) -> Any:
    for child in node["children"]:
        told(child, shape, wrong)


def same(node: Any, shape: Any, wrong: list[str]) -> Any:
    return shape


def index(node: Any, shape: Any, wrong: list[str]) -> Any:
    return element(shape, wrong)


def chain(node: Any, shape: Any, wrong: list[str]) -> Any:
    for child in node["children"]:
        shape = told(child, shape, wrong)
    return shape


def projection(node: Any, shape: Any, wrong: list[str]) -> Any:
    left, *right = node["children"]
    inside = element(told(left, shape, wrong), wrong)
    shapes = [told(child, inside, wrong) for child in right]
    return listed(shapes[0])


def flattened(node: Any, shape: Any, wrong: list[str]) -> Any:
    found = chain(node, shape, wrong)
    inside = element(found, wrong)
    return inside if getattr(inside, "type_name", "") == "list" else found


def function(node: Any, shape: Any, wrong: list[str]) -> Any:
    given = [told(child, shape, wrong) for child in node["children"]]
    return {"merge": merged, "not_null": first}.get(node["value"], lambda _: None)(given)


WALKS = {
    "field": lambda node, shape, wrong: member(shape, node["value"], wrong),
    "current": same,
    "identity": same,
    "subexpression": chain,
    "pipe": chain,
    "index_expression": chain,
    "index": index,
    "projection": projection,
    "filter_projection": projection,
    "flatten": flattened,
    "function_expression": function,
    "and_expression": lambda node, shape, wrong: [told(one, shape, wrong) for one in node["children"]][-1],
    "or_expression": lambda node, shape, wrong: first([told(one, shape, wrong) for one in node["children"]]),
    "multi_select_dict": lambda node, shape, wrong: struct(
        {pair["value"]: told(pair["children"][0], shape, wrong) for pair in node["children"]}
    ),
}


def picked(expression: str, shape: Any, wrong: list[str]) -> Any:
    return told(jmespath.compile(re.sub(r"\$\{\w+\}", "x", expression)).parsed, shape, wrong)


def listing_items(spec: ResourceSpec, wrong: list[str]) -> Any:
    if not isinstance(spec.listing, Listing):
        return None
    call = spec.listing.call
    return element(picked(call.pick, operation(spec.service, call).output_shape, wrong), wrong)


def facet_shapes(spec: ResourceSpec, facet: Facet, wrong: list[str]) -> list[Any]:
    """What a facet's value looks like, once for each of the calls that can tell it."""
    if isinstance(facet.source, Listed):
        return [picked(facet.source.pick, listing_items(spec, wrong), wrong)]
    shapes = [
        picked(call.pick, operation(call.service or spec.service, call).output_shape, wrong)
        for call in facet_calls(facet)
    ]
    return [element(shapes[0], wrong), shapes[1]] if isinstance(facet.source, Batch) else shapes


def followed(shape: Any, path: str, wrong: list[str]) -> Any:
    for segment in [one for part in path.split(".") for one in part.replace("[]", ".[]").split(".") if one]:
        shape = element(shape, wrong) if segment == "[]" else member(shape, segment, wrong)
    return shape
