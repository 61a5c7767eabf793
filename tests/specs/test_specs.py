"""Every spec against botocore's own models of AWS: nothing it names can be misspelt."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest

from auditor.aws.shapes import MODELS, element, facet_shapes, followed, item_shape, members, operation, picked
from auditor.resources import load_specs
from auditor.specs.spec import COMPARATORS, Batch, Call, Field, Follow, Listing, ResourceSpec, Role, facet_calls

ROOT = Path(__file__).parents[2]
SPECS = load_specs()
MODULES = sorted(path.stem for path in (ROOT / "auditor" / "resources").glob("[a-z]*.py"))
KNOWN = {"name", "parent", "names", "picked", "region", "account", "partition"}
LISTED = {name: spec for name, spec in SPECS.items() if isinstance(spec.listing, Listing)}
# What AWS calls the member of an answer that continues a listing.
CONTINUES = re.compile(r"(next_?)?(continuation_?)?(token|marker)", re.IGNORECASE)
# These mean that nothing is known, so they never mean "not configured".
UNKNOWN = re.compile(r"denied|forbidden|unauthor|throttl|toomany|slowdown|timeout|internal|^\d+$", re.IGNORECASE)


def calls() -> list[Any]:
    found = []
    for spec in SPECS.values():
        named = [("listing", spec.listing.call)] if isinstance(spec.listing, Listing) else []
        named += [("lookup", call) for call in spec.lookups]
        named += [(facet.name, call) for facet in spec.facets for call in facet_calls(facet)]
        found += [
            pytest.param(call.service or spec.service, call, id=f"{spec.type}.{name}.{call.operation}")
            for name, call in named
        ]
    return found


def writes() -> list[Any]:
    named = [
        (spec, name, call)
        for spec in SPECS.values()
        for name, call in [
            ("create", spec.create),
            ("delete", spec.delete),
            *((facet.name, one) for facet in spec.facets for one in (facet.write, facet.remove)),
        ]
        if isinstance(call, Call)
    ]
    return [
        pytest.param(call.service or spec.service, call, id=f"{spec.type}.{name}.{call.operation}")
        for spec, name, call in named
    ]


def facets() -> list[Any]:
    pairs = [(spec, facet) for spec in SPECS.values() for facet in spec.facets]
    return [pytest.param(spec, facet, id=f"{spec.type}.{facet.name}") for spec, facet in pairs]


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
        "AWS::CodeDeploy::GitHubConnection",
        "AWS::CodeDeploy::OnPremisesInstance",
        "AWS::Lambda::AccountSettings",
        "AWS::Lambda::Alias",
        "AWS::Lambda::CapacityProvider",
        "AWS::Lambda::CodeSigningConfig",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Lambda::Function",
        "AWS::Lambda::LayerVersion",
        "AWS::Lambda::Url",
        "AWS::Lambda::Version",
        "AWS::S3::AccountPublicAccessBlock",
        "AWS::S3::Bucket",
        "AWS::ServiceQuotas::Quota",
        "AWS::ServiceQuotas::Service",
    ]


@pytest.mark.parametrize(("service", "call"), calls())
def test_an_operation_is_one_that_aws_has(service, call):
    assert call.operation in MODELS.get_service_model(service).operation_names


@pytest.mark.parametrize(("service", "call"), calls())
def test_every_parameter_is_one_that_the_operation_takes(service, call):
    taken = operation(service, call).input_shape

    assert set(call.params) <= set(taken.members if taken else ())


@pytest.mark.parametrize(("service", "call"), calls())
def test_every_parameter_that_the_operation_demands_is_given(service, call):
    taken = operation(service, call).input_shape

    assert set(taken.required_members if taken else ()) <= set(call.params)


@pytest.mark.parametrize(("service", "call"), writes())
def test_every_write_is_an_operation_with_these_parameters(service, call):
    assert call.operation in MODELS.get_service_model(service).operation_names
    taken = operation(service, call).input_shape

    assert (set(call.params) <= set(taken.members), call.spread or set(taken.required_members) <= set(call.params)) == (
        True,
        True,
    )


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
    paginators = MODELS.get_paginator_model(service)._paginator_config

    assert not continues or call.tokens or call.operation in paginators


@pytest.mark.parametrize(("service", "call"), calls())
def test_placeholders_in_parameters_are_known(service, call):
    assert set(re.findall(r"\$\{(\w*)\}", str(dict(call.params)))) <= KNOWN


@pytest.mark.parametrize("spec", LISTED.values(), ids=LISTED)
def test_a_listing_only_asks_for_what_it_can_know(spec):
    filled = str(dict(spec.listing.call.params)) + spec.listing.keep

    assert set(re.findall(r"\$\{(\w*)\}", filled)) <= {"region", "account", *(["parent"] if spec.parent else [])}


@pytest.mark.parametrize("spec", LISTED.values(), ids=LISTED)
def test_an_items_name_and_what_decides_over_keeping_it_are_in_the_item(spec):
    wrong: list[str] = []
    items = item_shape(spec, wrong)
    picked(spec.listing.name if isinstance(spec.listing.name, str) else "@", items, wrong)
    picked(spec.listing.keep or "@", items, wrong)

    assert wrong == []


@pytest.mark.parametrize(("spec", "facet"), facets())
def test_every_field_of_a_facet_is_one_that_aws_has(spec, facet):
    wrong: list[str] = []
    shapes = facet_shapes(spec, facet, wrong)
    # What a function makes of a value is beyond what the models tell.
    fields = () if facet.shape else facet.fields
    mistakes = [mistake for shape in shapes for field in fields for mistake in field_mistakes(shape, field)]

    assert wrong + mistakes == []


def sensitive(shape: Any, seen: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The paths below a shape at which botocore's models say that a value is sensitive."""
    if shape is None or getattr(shape, "name", "") in seen:
        return []
    if getattr(shape, "metadata", {}).get("sensitive"):
        return [()]
    below = (*seen, getattr(shape, "name", ""))
    if shape.type_name == "structure":
        return [(name, *path) for name, one in shape.members.items() for path in sensitive(one, below)]
    if shape.type_name == "list":
        return [("[]", *path) for path in sensitive(shape.member, below)]
    return [("*", *path) for path in sensitive(shape.value, below)] if shape.type_name == "map" else []


@pytest.mark.parametrize(("spec", "facet"), facets())
def test_what_aws_calls_sensitive_is_never_shown(spec, facet):
    hidden = {
        tuple(field.path.replace("[]", ".[]").strip(".").split("."))
        for field in facet.fields
        if field.role in (Role.SECRET, Role.CAPABILITY)
    }
    hidden |= {place[:-1] for place in hidden if place[-1] == "*"}
    # The name of a key is no secret.
    paths = {
        path
        for shape in facet_shapes(spec, facet, [])
        for path in sensitive(shape)
        if "KMS" not in "".join(path).upper()
    }

    assert [path for path in paths if not any(path[: len(place)] == place for place in hidden)] == []


@pytest.mark.parametrize(("spec", "facet"), facets())
def test_every_comparator_is_one_that_is_known(spec, facet):
    named = {re.sub(r"\d+%", "N%", field.compare) for field in facet.fields}

    assert named <= set(COMPARATORS)


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_a_facet_that_follows_another_comes_after_it(spec):
    names = [facet.name for facet in spec.facets]
    followed_by = [(one.source.facet, one.name) for one in spec.facets if isinstance(one.source, Follow)]

    assert [pair for pair in followed_by if names.index(pair[0]) >= names.index(pair[1])] == []


@pytest.mark.parametrize(("spec", "facet"), facets())
def test_what_tells_that_an_answer_says_nothing_is_in_the_answer(spec, facet):
    wrong: list[str] = []
    call = facet_calls(facet)[0] if facet_calls(facet) else None
    answer = operation(spec.service, call).output_shape if call else item_shape(spec, wrong)
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
    # Those that stand at no place of their own share the document's top, each with fields that it names.
    places = [facet.at for facet in spec.facets if facet.at]

    assert sorted(set(places)) == sorted(places)


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_of_the_facets_at_the_top_all_but_the_first_name_every_field_that_they_have(spec):
    _, *others = [facet for facet in spec.facets if not facet.at] or [None]
    told = {facet.name: set(members(spec, facet)) for facet in others}
    named = {facet.name: {field.path for field in facet.fields} for facet in others}

    assert {name: fields - named[name] - {f"{one}[]" for one in named[name]} for name, fields in told.items()} == {
        name: set() for name in told
    }


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_no_two_facets_have_the_same_name(spec):
    names = [facet.name for facet in spec.facets]

    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_a_parent_is_a_type_that_is_described(spec):
    assert spec.parent in {"", *SPECS}


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_codes_that_mean_absence_can_mean_nothing_else(spec):
    codes = {code for facet in spec.facets for code in facet.absent | facet.not_offered}
    codes |= spec.listing.absent if isinstance(spec.listing, Listing) else set()

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
