"""What a facet holds, as it is written: worded canonically, with some places kept as they were found."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st

from auditor.aws.calls import fill
from auditor.canonical.references import version_symbol
from auditor.canonical.values import Wording
from auditor.canonical.wanted import InseparableError, merged, raw_value, worded
from auditor.canonical.wording import SITE_SYMBOLS, canonicaliser
from auditor.model.values import ABSENT, Locale, Reading, State
from auditor.plan.symbols import meant
from auditor.resources import load_specs
from auditor.specs.field_tree import tree
from auditor.specs.spec import Field, policy, secret, unordered

HERE = Locale(
    "eu-west-1",
    "euw1",
    "123456789012",
    references={
        "subnet-0abc": "subnet:main/private/1",
        "db-AbCdEf": "secret:db",
        "field:version:shop-eu-west-1:7": "version:c0de/1234",
        "function:shop-eu-west-1:7": "function-version:shop-<region>@c0de/1234",
    },
)
TAGS = tree((unordered("", "Key"),))
VARIABLES = tree((secret("Variables.*"),))
RULES = tree((unordered("Rules", "ID"), unordered("Rules[].Transitions", "StorageClass")))
POLICY = tree((policy(""),))
ALIAS = tree((Field("FunctionVersion", reference="version"), Field("Weights", reference="version")))
PLAIN = tree(())


def wording(locale=HERE, wide=False, parent="shop-eu-west-1"):
    return Wording(locale, canonicaliser(locale, wide), parent, "live")


def filled(value, locale=HERE):
    """Canonical parameters as they are sent in the site."""
    own = {name: str(getattr(locale, name)) for name in SITE_SYMBOLS}
    return fill(value, {**meant(locale), **own})


def merging(found, wanted, *kept, node=PLAIN):
    return merged(found, wanted, kept, node, wording())


def tag(key, value):
    return {"Key": key, "Value": value}


def statement(sid, action):
    return {"Sid": sid, "Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"}


PIECES = st.sampled_from(
    ["eu-west-1", "euw1", "123456789012", "subnet-0abc", "db-AbCdEf", "${", "$${", "}", "${region}", "$", ":", "-", "a",
     "7", "arn:aws:", "shop-eu-west-1:7", "function:", "amazonaws.com", "."]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=6).map("".join) | st.text(max_size=8)
VALUES = st.recursive(
    TEXTS | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


@settings(deadline=None)
@given(VALUES, st.booleans())
def test_filled_with_the_sites_own_symbols_a_worded_value_is_the_raw_one_again(value, wide):
    assert filled(worded(value, PLAIN, wording(wide=wide))) == value


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["FunctionVersion", "Weights", "x"]), st.sampled_from(["7", "8", "$LATEST"])))
def test_filled_again_a_version_has_the_number_that_it_had(value):
    assert filled(worded(value, ALIAS, wording())) == value


def test_what_belongs_to_the_site_is_a_symbol_in_a_worded_value():
    assert worded({"Arn": "arn:aws:sqs:eu-west-1:123456789012:q", "In": ["subnet-0abc"]}, PLAIN, wording()) == {
        "Arn": "arn:aws:sqs:${region}:${account}:q", "In": ["${subnet:main/private/1}"],
    }  # fmt: skip


def test_the_names_of_members_are_escaped_and_otherwise_as_they_are():
    assert worded({"${name}-eu-west-1": 1}, PLAIN, wording()) == {"$${name}-eu-west-1": 1}


def test_a_functions_version_is_named_beside_its_function():
    assert worded({"FunctionVersion": "7"}, ALIAS, wording()) == {
        "FunctionVersion": "${version:shop-<region>@c0de/1234}"
    }


def test_a_version_that_is_the_name_of_a_member_is_a_symbol_too():
    assert worded({"Weights": {"7": 0.1}}, ALIAS, wording()) == {"Weights": {"${version:shop-<region>@c0de/1234}": 0.1}}


def test_the_versions_of_another_function_are_no_symbol():
    assert worded({"FunctionVersion": "7"}, ALIAS, wording(parent="other")) == {"FunctionVersion": "7"}


def test_the_symbol_of_a_version_holds_no_braces():
    assert version_symbol("shop-eu-west-1", "c0de/1", HERE) == "version:shop-<region>@c0de/1"


def test_a_secret_stays_a_fingerprint():
    value = {"Variables": {"A": {"secret": "eu-west-1"}}}

    assert worded(value, VARIABLES, wording()) == value


def test_a_secret_that_may_be_shown_is_worded_beside_its_fingerprint():
    assert worded({"Variables": {"A": {"secret": "f", "shown": "eu-west-1"}}}, VARIABLES, wording()) == {
        "Variables": {"A": {"secret": "f", "shown": "${region}"}}
    }


@pytest.mark.parametrize("state", [State.ABSENT, State.UNREADABLE, State.NOT_OFFERED])
def test_what_was_not_read_has_no_raw_value(state):
    assert raw_value(Reading(state, {"a": 1}), PLAIN, wording()) is ABSENT


def test_what_was_read_is_worded():
    assert raw_value(Reading(State.READ, ["eu-west-1"]), PLAIN, wording()) == ["${region}"]


@given(VALUES, VALUES)
def test_where_nothing_is_kept_the_wanted_value_is_the_merged_one(found, wanted):
    assert merging(found, wanted) == wanted


@given(VALUES | st.just(ABSENT), VALUES | st.just(ABSENT))
def test_where_the_whole_is_kept_the_found_value_is_the_merged_one(found, wanted):
    assert merging(found, wanted, ()) == found


MAPS = st.dictionaries(st.sampled_from("abcd"), st.integers() | st.dictionaries(st.sampled_from("xy"), st.integers()))


@given(MAPS, MAPS, st.sets(st.sampled_from("abcd")))
def test_every_member_comes_from_the_side_that_it_is_kept_on(found, wanted, kept):
    kept &= found.keys() | wanted.keys()
    made = merging(found, wanted, *((name,) for name in kept))

    assert (made if made is not ABSENT else {}) == {
        name: side[name] for name in "abcd" for side in [found if name in kept else wanted] if name in side
    }


def test_a_place_far_below_is_kept_alone():
    assert merging({"a": {"b": 1, "c": 1}}, {"a": {"b": 2, "c": 2}}, ("a", "b")) == {"a": {"b": 1, "c": 2}}


def test_a_kept_place_that_was_not_there_is_not_added():
    assert merging({}, {"a": 1, "b": 2}, ("a",)) == {"b": 2}


def test_where_nothing_is_left_nothing_is_configured():
    assert merging({}, {"a": 1}, ("a",)) is ABSENT


def test_an_element_is_kept_by_its_key():
    assert merging([tag("a", "1"), tag("b", "1")], [tag("b", "2"), tag("a", "2")], ("a",), node=TAGS) == [
        tag("b", "2"), tag("a", "1"),
    ]  # fmt: skip


def test_an_element_that_is_to_stay_away_is_not_added():
    assert merging([tag("b", "1")], [tag("a", "2"), tag("b", "2")], ("a",), node=TAGS) == [tag("b", "2")]


def test_what_is_below_an_element_is_kept_by_the_elements_key():
    found = {"Rules": [{"ID": "logs", "Days": 1, "Transitions": [{"StorageClass": "GLACIER", "Days": 1}]}]}
    wanted = {"Rules": [{"ID": "logs", "Days": 2, "Transitions": [{"StorageClass": "GLACIER", "Days": 2}]}]}

    assert merging(found, wanted, ("Rules", "logs", "Transitions", "GLACIER"), node=RULES) == {
        "Rules": [{"ID": "logs", "Days": 2, "Transitions": [{"StorageClass": "GLACIER", "Days": 1}]}]
    }


def test_a_statement_is_kept_by_its_sid():
    found, wanted = (
        json.dumps({"Version": "2012-10-17", "Statement": [statement("a", action), statement("b", action + "Acl")]})
        for action in ("s3:GetObject", "s3:PutObject")
    )

    assert json.loads(merging(found, wanted, ("Statement", "a"), node=POLICY))["Statement"] == [
        statement("a", "s3:GetObject"), statement("b", "s3:PutObjectAcl"),
    ]  # fmt: skip


def test_what_is_kept_is_not_written_under_another_sid_that_says_the_same():
    wanted = policy_of(statement("a", "s3:PutObject"), statement("b", ["s3:PutObject"]), statement("c", "s3:GetAcl"))

    for found in (ABSENT, policy_of(statement("z", "s3:GetObject"))):
        made = json.loads(merging(found, wanted, ("Statement", "a"), node=POLICY))
        assert made["Statement"] == [statement("c", "s3:GetAcl")]


def test_a_statement_that_is_no_list_is_kept_as_one_of_a_list():
    found, wanted = (
        json.dumps({"Version": "2012-10-17", "Statement": statement(sid, "s3:GetObject")}) for sid in ("a", "b")
    )

    assert json.loads(merging(found, wanted, ("Statement", "a"), node=POLICY))["Statement"] == [
        statement("b", "s3:GetObject"), statement("a", "s3:GetObject"),
    ]  # fmt: skip


def policy_of(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def test_a_statement_of_a_policy_that_is_not_wanted_at_all_can_stay():
    found = json.dumps(
        {"Version": "2012-10-17", "Statement": [statement("a", "s3:GetObject"), statement("b", "s3:Get*")]}
    )

    assert json.loads(merging(found, ABSENT, ("Statement", "a"), node=POLICY))["Statement"] == [
        statement("a", "s3:GetObject")
    ]


def test_a_policy_without_a_statement_is_none():
    wanted = json.dumps({"Version": "2012-10-17", "Statement": [statement("a", "s3:GetObject")]})

    assert merging(ABSENT, wanted, ("Statement", "a"), node=POLICY) is ABSENT


@pytest.mark.parametrize(
    ("found", "wanted", "kept", "node"),
    [
        ([1, 1], [2, 1], ("0",), PLAIN),
        (1, 2, ("a",), PLAIN),
        ({"a": 1}, {"a": 2}, ("b",), PLAIN),
        ([tag("a", "1"), tag("a", "2")], [], ("a",), TAGS),
        ({"a": [1]}, {"a": {}}, ("a", "b"), PLAIN),
    ],
)
def test_what_cannot_be_told_apart_is_an_error(found, wanted, kept, node):
    with pytest.raises(InseparableError):
        merging(found, wanted, kept, node=node)


def test_a_key_that_is_worded_already_is_not_worded_again():
    found, wanted = ([{"Key": "${region}", "Value": value}] for value in "12")

    assert merging(found, wanted, ("${region}",), node=TAGS) == found


@pytest.mark.parametrize("spec", load_specs().values(), ids=lambda spec: spec.type)
def test_of_every_facet_of_every_type_the_whole_can_be_kept(spec):
    nodes = [tree(facet.fields) for facet in spec.facets]

    assert [merging({"a": 1}, {"a": 2}, (), node=node) for node in nodes] == [{"a": 1}] * len(nodes)


def test_a_site_that_knows_no_references_words_its_own_symbols():
    bare = replace(HERE, references={})

    assert worded("subnet-0abc in eu-west-1", PLAIN, wording(bare)) == "subnet-0abc in ${region}"
