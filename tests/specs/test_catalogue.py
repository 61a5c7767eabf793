"""What is told of the resource types: their facets, and every field with its class."""

from __future__ import annotations

import pytest

from auditor.aws.shapes import members
from auditor.resources import load_specs
from auditor.specs.catalogue import Row, document, fields_text, nearest, rows, types_text, with_table
from auditor.specs.spec import (
    Call,
    Facet,
    Field,
    Listed,
    Listing,
    ResourceSpec,
    compared,
    default,
    identity,
    ignored,
    secret,
    unordered,
)

SPECS = load_specs()


def spec_of(*fields, **facet):
    call = Call("GetThing")
    return ResourceSpec("AWS::Shop::Thing", "shop", Listing(call), (Facet("settings", call, fields=fields, **facet),))


def told(*fields, known=(), **facet):
    return [row.cells for row in rows(spec_of(*fields, **facet), lambda *_: known)]


WRITE = Call("PutThing", {"Thing": "${value}"})


@pytest.mark.parametrize(
    ("field", "cells"),
    [
        (identity("Name"), ("Name", "identity", "", "pairs the resources")),
        (ignored("Made", "when it was made"), ("Made", "ignored", "", "when it was made")),
        (secret("Key"), ("Key", "secret", "no", "only a keyed fingerprint is kept")),
        (default("Size", 512), ("Size", "compared", "no", "absent means 512")),
        (Field("Subnet", reference="subnet"), ("Subnet", "compared", "no", "reference: subnet")),
        (unordered("Tags", "Key"), ("Tags", "compared", "no", "a list without order, by Key")),
        (unordered("Events"), ("Events", "compared", "no", "a list without order")),
        (unordered("Rules", "ID", align=True), ("Rules", "compared", "no", "a list without order, by content")),
        (
            compared("Size", "within 10%"),
            (
                "Size",
                "compared",
                "no",
                "within 10%: the region's number is no further from golden's than N percent",
            ),
        ),
    ],
)
def test_a_field_is_told_with_its_class_and_what_else_is_said_of_it(field, cells):
    assert told(field) == [cells]


def test_a_field_that_nobody_classified_is_compared():
    assert told(ignored("Made", "history"), known=("Made", "Size")) == [
        ("Made", "ignored", "", "history"),
        ("Size", "compared", "no", ""),
    ]


def test_a_list_that_nobody_classified_is_compared_in_order():
    assert told(known=("Layers[]",)) == [("Layers", "compared", "no", "a list, in order")]


@pytest.mark.parametrize("known", [("",), ()])
def test_a_facet_that_is_one_value_is_told_by_its_place(known):
    assert told(at="Concurrency", known=known) == [("Concurrency", "compared", "no", "")]


def test_below_what_is_ignored_nothing_is_told():
    assert told(ignored("History", "history"), known=("History.Last", "History.All[]")) == [
        ("History", "ignored", "", "history")
    ]


def test_what_an_element_is_keyed_by_is_told_with_the_list():
    assert [cells[0] for cells in told(unordered("Tags", "Key"), known=("Tags[]", "Tags[].Key", "Tags[].Value"))] == [
        "Tags",
        "Tags[].Value",
    ]


def test_fields_are_told_where_their_facet_stands():
    assert [cells[0] for cells in told(at="Cors", known=("[]", "[].Methods[]", "Id"))] == [
        "Cors",
        "Cors.Id",
        "Cors[].Methods",
    ]


@pytest.mark.parametrize(
    ("field", "writable"),
    [
        (Field("Size"), "yes"),
        (Field("Size", immutable=True), "no"),
        (Field("Size", read_only=True), "no"),
        (ignored("Size", "history"), ""),
    ],
)
def test_a_field_is_writable_where_its_facet_is_and_nothing_forbids_it(field, writable):
    assert told(field, write=WRITE)[0][2] == writable


def test_members_of_what_cannot_be_changed_cannot_be_either():
    assert [cells[2] for cells in told(Field("Hosts", immutable=True), known=("Hosts.Count",), write=WRITE)] == [
        "no",
        "no",
    ]


def test_what_is_given_to_a_new_resource_only_is_writable_when_it_is_made():
    (row,) = [one for one in rows(SPECS["AWS::CodeDeploy::Application"], members) if one.place == "computePlatform"]

    assert row == Row("computePlatform", "compared", "when made", 'absent means "Server"')


def test_a_facets_fields_are_told_from_awss_own_model():
    facet = SPECS["AWS::CodeDeploy::DeploymentConfig"].facets[0]

    assert members(SPECS["AWS::CodeDeploy::DeploymentConfig"], facet) == (
        "deploymentConfigId",
        "deploymentConfigName",
        "minimumHealthyHosts.type",
        "minimumHealthyHosts.value",
        "createTime",
        "computePlatform",
        "trafficRoutingConfig.type",
        "trafficRoutingConfig.timeBasedCanary.canaryPercentage",
        "trafficRoutingConfig.timeBasedCanary.canaryInterval",
        "trafficRoutingConfig.timeBasedLinear.linearPercentage",
        "trafficRoutingConfig.timeBasedLinear.linearInterval",
        "zonalConfig.firstZoneMonitorDurationInSeconds",
        "zonalConfig.monitorDurationInSeconds",
        "zonalConfig.minimumHealthyHostsPerZone.type",
        "zonalConfig.minimumHealthyHostsPerZone.value",
    )


def test_a_list_has_a_path_of_its_own_beside_its_elements():
    spec = SPECS["AWS::CodeDeploy::Application"]

    assert members(spec, spec.facets[1]) == ("[]", "[].Key", "[].Value")


@pytest.mark.parametrize("name", SPECS)
def test_awss_model_is_known_for_every_facet_that_is_asked_for(name):
    asked = [facet for facet in SPECS[name].facets if not isinstance(facet.source, Listed)]

    assert [facet.name for facet in asked if facet.fields and not members(SPECS[name], facet)] == []


def test_every_type_is_told_with_its_facets():
    assert types_text({"AWS::Shop::Thing": spec_of()}) == "AWS::Shop::Thing  settings"


def test_a_type_without_facets_is_its_name():
    spec = SPECS["AWS::CodeDeploy::GitHubConnection"]

    assert fields_text(spec, members) == "AWS::CodeDeploy::GitHubConnection: its name is all there is"


def test_a_types_fields_are_told_in_columns():
    assert fields_text(spec_of(identity("Name"), default("Size", 1)), lambda *_: ()) == (
        "field  class     writable  notes\n"
        "Name   identity            pairs the resources\n"
        "Size   compared  no        absent means 1"
    )


def test_the_document_has_a_table_a_type():
    made = document({"AWS::Shop::Thing": spec_of(ignored("Made", "a|b"))}, lambda *_: ())

    assert made.partition("## ")[2] == (
        "AWS::Shop::Thing\n\n"
        "| field | class | writable | notes |\n"
        "| --- | --- | --- | --- |\n"
        "| `Made` | ignored |  | a\\|b |\n"
    )


def test_the_readmes_table_stands_between_its_marks():
    readme = "before\n<!-- types -->\nold\n<!-- end of types -->\nafter\n"

    assert with_table(readme, {"AWS::Shop::Thing": spec_of()}) == (
        "before\n<!-- types -->\n| type | facets |\n| --- | --- |\n| `AWS::Shop::Thing` | settings |\n"
        "<!-- end of types -->\nafter\n"
    )


def test_the_nearest_type_is_found_whatever_its_case():
    assert nearest("AWS::LAMBDA::ALIAS", SPECS) == "AWS::Lambda::Alias"


@pytest.mark.parametrize("name", ["AWS::EC2::Instance", "AWS::SQS::Queue", "Lambda", "x"])
def test_no_type_is_like_one_of_another_service_or_like_none(name):
    assert nearest(name, SPECS) == ""


@pytest.mark.parametrize("name", ["AWS::EC2::Instance", "Lambda"])
def test_what_is_no_type_and_like_none_is_told_what_is_read(clean_environment, run, name):
    assert run("types", name).err == (
        f"auditor: '{name}' is no resource type here. Only those of AWS::CodeDeploy, AWS::Lambda, AWS::S3, "
        "AWS::ServiceQuotas are: see 'auditor types'.\n"
    )


def test_the_service_of_a_type_may_be_misspelled():
    assert nearest("AWS::Lambada::Function", SPECS) == "AWS::Lambda::Function"


def test_an_unknown_type_is_one_message_with_the_nearest(clean_environment, run):
    ended = run("types", "AWS::S3::Buket")

    assert (ended.code, ended.err) == (
        1,
        "auditor: 'AWS::S3::Buket' is no resource type here. Did you mean AWS::S3::Bucket?\n",
    )


def test_the_types_and_the_fields_of_one_are_printed(clean_environment, run):
    types, fields = run("types"), run("types", "AWS::ServiceQuotas::Quota")

    assert (types.code, "AWS::S3::Bucket" in types.out, fields.out.splitlines()[0].split()) == (
        0,
        True,
        ["field", "class", "writable", "notes"],
    )
