"""Every spec against botocore's own models of AWS: nothing it names can be misspelt."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import botocore.session
import jmespath
import pytest

from auditor.resources import load_specs
from auditor.spec import Batch, Call, Facet, Field, Listed, ResourceSpec

ROOT = Path(__file__).parent.parent
SESSION = botocore.session.get_session()
SPECS = load_specs()
MODULES = sorted(path.stem for path in (ROOT / "auditor" / "resources").glob("[a-z]*.py"))
KNOWN = {"name", "parent", "names", "region", "account", "partition"}
# What AWS calls the member of an answer that continues a listing.
CONTINUES = re.compile(r"(next_?)?(continuation_?)?(token|marker)", re.IGNORECASE)
# These mean that nothing is known, so they never mean "not configured".
UNKNOWN = re.compile(r"denied|forbidden|unauthor|throttl|toomany|slowdown|timeout|internal|^\d+$", re.IGNORECASE)


def facet_calls(facet: Facet) -> tuple[Call, ...]:
    if isinstance(facet.source, Batch):
        return facet.source.call, facet.source.alone
    return (facet.source,) if isinstance(facet.source, Call) else ()


def calls() -> list[Any]:
    found = []
    for spec in SPECS.values():
        named = [("listing", spec.listing.call)]
        named += [("lookup", call) for call in spec.lookups]
        named += [(facet.name, call) for facet in spec.facets for call in facet_calls(facet)]
        found += [
            pytest.param(call.service or spec.service, call, id=f"{spec.type}.{name}.{call.operation}")
            for name, call in named
        ]
    return found


def facets() -> list[Any]:
    pairs = [(spec, facet) for spec in SPECS.values() for facet in spec.facets]
    return [pytest.param(spec, facet, id=f"{spec.type}.{facet.name}") for spec, facet in pairs]


def operation(service: str, call: Call) -> Any:
    return SESSION.get_service_model(service).operation_model(call.operation)


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


def field_mistakes(shape: Any, field: Field) -> list[str]:
    wrong: list[str] = []
    place = followed(shape, field.path, wrong)
    if field.key and not wrong:
        inside = element(place, wrong)
        for key in field.key:
            followed(inside, "" if key == "#" else key, wrong)
    return [f"{field.path}: {mistake}" for mistake in wrong]


def test_there_are_specs_to_check():
    assert sorted(SPECS) == [
        "AWS::CodeDeploy::Application",
        "AWS::CodeDeploy::DeploymentConfig",
        "AWS::CodeDeploy::DeploymentGroup",
        "AWS::Lambda::Alias",
        "AWS::Lambda::Function",
        "AWS::S3::Bucket",
    ]


@pytest.mark.parametrize(("service", "call"), calls())
def test_an_operation_is_one_that_aws_has(service, call):
    assert call.operation in SESSION.get_service_model(service).operation_names


@pytest.mark.parametrize(("service", "call"), calls())
def test_every_parameter_is_one_that_the_operation_takes(service, call):
    taken = operation(service, call).input_shape

    assert set(call.params) <= set(taken.members if taken else ())


@pytest.mark.parametrize(("service", "call"), calls())
def test_every_parameter_that_the_operation_demands_is_given(service, call):
    taken = operation(service, call).input_shape

    assert set(taken.required_members if taken else ()) <= set(call.params)


@pytest.mark.parametrize(("service", "call"), calls())
def test_what_is_picked_is_in_the_answer(service, call):
    wrong: list[str] = []
    picked(call.pick, operation(service, call).output_shape, wrong)

    assert wrong == []


@pytest.mark.parametrize(("service", "call"), calls())
def test_the_members_that_continue_a_listing_are_the_operations_own(service, call):
    answered, asked = call.tokens or (None, None)
    one = operation(service, call)

    assert call.tokens is None or (answered in one.output_shape.members and asked in one.input_shape.members)


@pytest.mark.parametrize(("service", "call"), calls())
def test_an_answer_that_can_have_more_pages_is_read_to_the_last(service, call):
    continues = [name for name in operation(service, call).output_shape.members if CONTINUES.fullmatch(name)]
    paginators = SESSION.get_paginator_model(service)._paginator_config

    assert not continues or call.tokens or call.operation in paginators


@pytest.mark.parametrize(("service", "call"), calls())
def test_placeholders_in_parameters_are_known(service, call):
    assert set(re.findall(r"\$\{(\w*)\}", str(dict(call.params)))) <= KNOWN


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_a_listing_only_asks_for_what_it_can_know(spec):
    filled = str(dict(spec.listing.call.params)) + spec.listing.keep

    assert set(re.findall(r"\$\{(\w*)\}", filled)) <= {"region", "account", *(["parent"] if spec.parent else [])}


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_an_items_name_and_what_decides_over_keeping_it_are_in_the_item(spec):
    wrong: list[str] = []
    items = listing_items(spec, wrong)
    picked(spec.listing.name, items, wrong)
    picked(spec.listing.keep or "@", items, wrong)

    assert wrong == []


@pytest.mark.parametrize(("spec", "facet"), facets())
def test_every_field_of_a_facet_is_one_that_aws_has(spec, facet):
    wrong: list[str] = []
    shapes = facet_shapes(spec, facet, wrong)
    mistakes = [mistake for shape in shapes for field in facet.fields for mistake in field_mistakes(shape, field)]

    assert wrong + mistakes == []


@pytest.mark.parametrize(("spec", "facet"), facets())
def test_what_tells_that_an_answer_says_nothing_is_in_the_answer(spec, facet):
    wrong: list[str] = []
    call = facet_calls(facet)[0] if facet_calls(facet) else None
    answer = operation(call.service or spec.service, call).output_shape if call else listing_items(spec, wrong)
    picked(facet.unknown or "@", answer, wrong)

    assert wrong == []


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_the_name_of_a_batchs_item_is_in_the_item(spec):
    wrong: list[str] = []
    for facet in [one for one in spec.facets if isinstance(one.source, Batch)]:
        picked(facet.source.key, facet_shapes(spec, facet, wrong)[0], wrong)

    assert wrong == []


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_no_two_facets_stand_at_the_same_place(spec):
    places = [facet.at for facet in spec.facets]

    assert sorted(set(places)) == sorted(places)


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_no_two_facets_have_the_same_name(spec):
    names = [facet.name for facet in spec.facets]

    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_a_parent_is_a_type_that_is_described(spec):
    assert spec.parent in {"", *SPECS}


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_codes_that_mean_absence_can_mean_nothing_else(spec):
    codes = {code for facet in spec.facets for code in facet.absent} | spec.listing.absent

    assert [code for code in codes if not code or UNKNOWN.search(code)] == []


@pytest.mark.parametrize(("spec", "facet"), facets())
def test_every_ignored_field_says_why(spec, facet):
    assert [field.path for field in facet.fields if field.role == "ignored" and not field.why] == []


@pytest.mark.parametrize("module", MODULES)
def test_each_module_describes_one_type(module):
    described = vars(importlib.import_module(f"auditor.resources.{module}")).values()

    assert len([one for one in described if isinstance(one, ResourceSpec)]) == 1


@pytest.mark.parametrize("module", MODULES)
def test_each_type_has_tests_of_its_own(module):
    path = ROOT / "tests" / "resources" / f"test_{module}.py"

    assert "\ndef test_" in (path.read_text(encoding="utf-8") if path.exists() else "")
