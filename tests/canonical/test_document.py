"""Two sites that are set up alike have equal documents."""

from __future__ import annotations

import pytest

from auditor.canonical.document import document
from auditor.model.values import Locale, Reading, Resource, State
from auditor.specs.spec import (
    Call,
    Facet,
    Field,
    Listed,
    Listing,
    ResourceSpec,
    default,
    identity,
    ignored,
    policy,
    secret,
    unordered,
)

VIRGINIA = Locale("us-east-1", "use1", "123456789012")
IRELAND = Locale("eu-west-1", "euw1", "123456789012")
THING = "AWS::Test::Thing"


def fields(value, *facet_fields, at="", facet_default=None, locale=VIRGINIA, name="thing", state=State.READ):
    options = {} if facet_default is None else {"default": facet_default}
    facet = Facet("one", Listed(), at=at, fields=facet_fields, **options)
    spec = ResourceSpec(THING, "test", Listing(Call("ListThings")), (facet,), parent=THING if "/" in name else "")
    return document(Resource(THING, name, {"one": Reading(state, value)}), spec, locale).fields


def test_a_field_that_no_spec_mentions_is_compared():
    assert fields({"Brand": {"New": "us-east-1"}}) == {"Brand": {"New": "${region}"}}


def test_volatile_and_identifying_fields_are_left_out():
    assert fields({"Id": "x", "Arn": "y", "A": 1}, identity("Id"), ignored("Arn", "has the id")) == {"A": 1}


def test_an_absent_field_has_its_default():
    assert fields({}, default("MemorySize", 128)) == {"MemorySize": 128}


def test_a_default_below_an_absent_parent_adds_nothing():
    assert fields({"A": 1}, default("Vpc.Ipv6", False)) == {"A": 1}


def test_a_default_may_hold_the_resources_own_name():
    value = fields({}, default("LogGroup", "/aws/lambda/${name}"), name="api-use1")

    assert value == {"LogGroup": "/aws/lambda/api-${region_short}"}


def test_an_absent_facet_has_the_facets_default():
    value = fields(None, at="Block", facet_default={"Acls": False}, state=State.ABSENT)

    assert value == {"Block": {"Acls": False}}


def test_an_absent_facet_without_a_default_has_no_place():
    assert fields(None, at="Block", state=State.ABSENT) == {}


@pytest.mark.parametrize(
    ("value", "field", "expected"),
    [
        (["b", "a"], unordered("L"), {"a": "a", "b": "b"}),
        ([{"ID": "r", "Days": 1}], unordered("L", "ID"), {"r": {"ID": "r", "Days": 1}}),
        ([{"Key": "team", "Value": "web"}], unordered("L", "Key"), {"team": "web"}),
        (
            [{"n": {"k": "x"}}, {"n": {"k": "x"}}],
            unordered("L", "n.k"),
            {"x": {"n": {"k": "x"}}, "x#2": {"n": {"k": "x"}}},
        ),
        (["b", "a"], Field("L"), ["b", "a"]),
    ],
)
def test_a_list_without_order_is_keyed_and_one_with_order_is_kept(value, field, expected):
    assert fields({"L": value}, field) == {"L": expected}


def test_a_list_without_order_is_the_same_however_it_comes():
    one = fields({"L": [{"A": 1}, {"A": 2}]}, unordered("L", "#"))
    other = fields({"L": [{"A": 2}, {"A": 1}]}, unordered("L", "#"))

    assert one == other


def test_a_key_may_be_a_field_that_is_not_compared():
    assert fields({"L": [{"Id": "a", "B": 1}]}, unordered("L", "Id"), ignored("L[].Id", "generated")) == {
        "L": {"a": {"B": 1}}
    }


def test_a_secret_shows_as_its_fingerprint():
    assert fields({"V": {"P": {"secret": "ab12"}}}, secret("V.*")) == {"V": {"P": "${secret:ab12}"}}


def test_a_policy_is_parsed_and_worded_canonically():
    text = '{"Version": "2012-10-17", "Statement": [{"Sid": "A", "Resource": "arn:aws:s3:::x-us-east-1/*"}]}'

    assert fields({"Policy": text}, policy("Policy"))["Policy"]["Statement"] == {
        "A": {"Resource": "arn:aws:s3:::x-${region}/*"}
    }


def test_a_reference_shows_what_it_means_in_its_site():
    locale = Locale("us-east-1", "use1", "1", references={"field:version:checkout:7": "version:abc"})
    field = Field("FunctionVersion", reference="version")

    assert fields({"FunctionVersion": "7"}, field, locale=locale, name="checkout/live") == {
        "FunctionVersion": "${version:abc}"
    }


def test_a_facet_that_could_not_be_read_is_unreadable_at_its_place():
    facet = Facet("one", Listed(), at="Policy")
    spec = ResourceSpec(THING, "test", Listing(Call("ListThings")), (facet,))
    made = document(Resource(THING, "x", {"one": Reading(State.UNREADABLE, error="denied")}), spec, VIRGINIA)

    assert made.unreadable == {"Policy": "denied"}
