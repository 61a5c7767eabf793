"""Which permissions are added and removed: by what statements say, whatever they are called, however they are put."""

from __future__ import annotations

import json
from functools import partial

import pytest
from hypothesis import given, strategies as st

from auditor.model.values import ABSENT
from auditor.resources._lambda_permissions import unused_sid
from auditor.resources._policies import meanings_of, only_narrows, statements
from auditor.resources.lambda_function import SPEC
from auditor.resources.lambda_layer_version import SPEC as LAYER
from made import writes

written, layer_written = partial(writes, SPEC, "policy"), partial(writes, LAYER, "policy")
OWN = "arn:aws:lambda:${region}:${account}:function:${name}"


def statement(sid="s", **more):
    own = {"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "lambda:InvokeFunction", "Resource": OWN}
    return {"Sid": sid, **own, **more}


def text(*all_):
    return json.dumps({"Version": "2012-10-17", "Statement": list(all_)})


MORE = statement("more", Principal={"Service": "sns.amazonaws.com"})


def added(found, wanted):
    """The statements that are named to be added and to be removed."""
    calls = writes(SPEC, "policy", found, wanted)
    return [(operation.removesuffix("Permission"), params["StatementId"]) for operation, params in calls]


@pytest.mark.parametrize(
    "same",
    [
        {"Principal": {"AWS": "arn:aws:iam::111111111111:root"}},
        {"Principal": {"AWS": ["111111111111"]}},
        {"Action": ["lambda:InvokeFunction"]},
        {"Action": "lambda:invokefunction"},
        {"Condition": {}},
    ],
)
def test_what_says_the_same_stays_when_another_statement_is_added(same):
    assert added(text(statement(**same)), text(statement("t"), MORE)) == [("Add", "more")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"StringEquals": {"AWS:SourceAccount": "1"}}, {"stringequals": {"aws:SourceAccount": ["1"]}}),
        (
            {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}},
            {"Bool": {"lambda:InvokedViaFunctionUrl": ["True"]}},
        ),
    ],
)
def test_a_condition_in_other_words_is_the_same(one, other):
    assert added(text(statement(Condition=one)), text(statement(Condition=other), MORE)) == [("Add", "more")]


def test_of_one_statement_for_two_what_is_cut_otherwise_stays():
    both = statement(Principal={"AWS": ["111111111111", "222222222222"]})
    cut = [statement("a"), statement("b", Principal={"AWS": "222222222222"})]

    assert added(text(*cut), text(both, MORE)) == [("Add", "more")]
    assert added(text(both), text(*cut, MORE)) == [("Add", "more")]


def test_a_statement_that_says_too_much_goes_after_what_it_said_rightly_was_added():
    broad = statement("broad", Principal={"AWS": ["111111111111", "222222222222"]})

    assert added(text(broad), text(statement("broad")))[1] == ("Remove", "broad")
    assert added(text(broad), text(statement("a"))) == [("Add", "a"), ("Remove", "broad")]


def test_of_two_wanted_statements_that_say_the_same_one_is_added():
    assert added(ABSENT, text(statement("a"), statement("b"))) == [("Add", "a")]


def test_a_layer_s_permission_stays_though_its_version_has_another_number():
    def allow(sid, number, **more):
        arn = "arn:aws:lambda:${region}:${account}:layer:lib:" + number
        return statement(sid, **{"Action": "lambda:GetLayerVersion", "Resource": arn, **more})

    calls = layer_written(text(allow("a", "3")), text(allow("a", "8"), allow("b", "8", Principal="*")))
    assert [(operation, params["StatementId"]) for operation, params in calls] == [("AddLayerVersionPermission", "b")]


def test_a_name_is_never_one_that_is_taken():
    first = unused_sid(statement(), {"s"})
    second = unused_sid(statement(), {"s", first})

    assert len({"s", first, second}) == 3
    assert unused_sid(statement(Principal={"AWS": ["arn:aws:iam::111111111111:root"]}), {"s"}) == first


@pytest.mark.parametrize(
    ("found", "wanted", "narrows"),
    [
        ([statement(), MORE], [statement(Principal={"AWS": "arn:aws:iam::111111111111:root"})], True),
        ([statement()], [statement(Effect="Deny", Principal="*"), statement()], True),
        ([statement(Effect="Deny", Principal="*"), statement()], [statement()], False),
        ([statement()], [MORE], False),
        ([statement()], [statement("other")], False),
    ],
)
def test_a_policy_narrows_where_somebody_may_do_less_and_nobody_more(found, wanted, narrows):
    assert only_narrows(text(*found), text(*wanted)) is narrows


NAMES = st.lists(st.sampled_from(["111111111111", "222222222222"]), min_size=1, max_size=2, unique=True)
STATEMENTS = st.builds(
    lambda sid, names, action: statement(sid, Principal={"AWS": names}, Action=action),
    st.sampled_from(["a", "b", "c"]),
    NAMES,
    st.lists(st.sampled_from(["lambda:InvokeFunction", "lambda:GetFunction"]), min_size=1, max_size=2, unique=True),
)
POLICIES = st.lists(STATEMENTS, min_size=1, max_size=3, unique_by=lambda one: one["Sid"])


def said(all_):
    return {meaning for one in all_ for meaning in meanings_of(one)}


@given(POLICIES, POLICIES)
def test_a_policy_says_what_is_wanted_after_its_calls_and_no_less_in_between(found, wanted):
    state = {one["Sid"]: one for one in found}
    both = said(found) & said(wanted)
    for operation, params in written(text(*found), text(*wanted)):
        if operation == "PutResourcePolicy":
            state = {one["Sid"]: one for one in statements(params["Policy"])}
        elif operation == "AddPermission":
            sid, who = params["StatementId"], params["Principal"]
            assert sid not in state
            state[sid] = statement(sid, Principal={"AWS": who}, Action=params["Action"])
        else:
            del state[params["StatementId"]]
        assert both <= said(state.values())

    assert said(state.values()) == said(wanted)
