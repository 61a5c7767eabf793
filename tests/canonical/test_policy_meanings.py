"""Two policies that say the same are equal however their statements are cut, and no others are."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from itertools import product

import pytest
from hypothesis import given, strategies as st

from auditor.canonical.document import Document
from auditor.canonical.policy import MOST_MEANINGS, canonical_policy, meanings, without_contained
from auditor.compare.changes import changes

PRINCIPALS = ("111111111111", "222222222222")
ACTIONS = ("s3:GetObject", "s3:PutObject")
RESOURCES = ("arn:aws:s3:::a/*", "arn:aws:s3:::b/*")
WIDER = ("s3:*", "s3:Get*", "*")
PATTERNS = ("arn:aws:s3:::a/x/*", "arn:aws:s3:::*", "arn:aws:s3:::?/*", "*")
OBJECTS = ("arn:aws:s3:::a/y", "arn:aws:s3:::a/x/y", "arn:aws:s3:::b/y", "arn:aws:s3:::bb/y")
CONDITIONS = ({}, {"Bool": {"aws:SecureTransport": "true"}})
ALIGNABLE = frozenset({("Policy", "Statement")})


def some(values):
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)


STATEMENTS = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Deny"]),
        "Principal": some(PRINCIPALS).map(lambda names: {"AWS": names}),
        "Action": some((*ACTIONS, *WIDER)),
        "Resource": some((*RESOURCES, *PATTERNS)),
        "Condition": st.sampled_from(CONDITIONS),
    },
    optional={"Sid": st.sampled_from(["One", "Two", "Three"])},
)
POLICIES = st.lists(STATEMENTS, min_size=1, max_size=3)


def document(statements):
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    fields = {"Policy": canonical_policy(text, str)}
    return Document("AWS::S3::Bucket", "b", "b", fields, alignable=ALIGNABLE)


def differing(one, other):
    return [change.path for change in changes(document(one), document(other))]


def decisions(statements):
    """Of each request there can be, whether the policy allows it: explicit denial wins."""
    return {request: _decided(statements, *request) for request in product(PRINCIPALS, ACTIONS, OBJECTS, (True, False))}


def _decided(statements, who, what, where, secure):
    effects = {
        one["Effect"]
        for one in statements
        if who in one["Principal"]["AWS"] and _matches(what, one["Action"]) and _matches(where, one["Resource"])
        if secure or not one["Condition"]
    }
    return "Deny" not in effects and "Allow" in effects


def _matches(name, patterns):
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def cut(statement):
    """A statement for each combination of what one names."""
    whole = (statement["Principal"]["AWS"], statement["Action"], statement["Resource"])
    return [
        {**statement, "Sid": f"Part{number}", "Principal": {"AWS": who}, "Action": what, "Resource": where}
        for number, (who, what, where) in enumerate(product(*whole))
    ]


@given(POLICIES, st.randoms())
def test_a_policy_whose_statements_are_cut_and_stand_in_another_order_is_the_same(statements, chance):
    parts = [part for number, one in enumerate(statements) for part in cut({**one, "Sid": f"S{number}"})]
    chance.shuffle(parts)
    assert differing(statements, parts) == []


@given(POLICIES)
def test_a_statement_that_is_there_twice_says_nothing_more(statements):
    assert differing(statements, [*statements, {**statements[0], "Sid": "Again"}]) == []


@given(POLICIES, POLICIES)
def test_policies_that_are_equal_decide_every_request_alike(one, other):
    assert decisions(one) == decisions(other) or differing(one, other)


@given(POLICIES, STATEMENTS)
def test_of_a_statement_that_says_more_there_is_a_difference_either_way(statements, more):
    says = {
        text
        for one in canonical_policy(json.dumps({"Statement": statements}), str)["Statement"].values()
        for text in meanings(one)
    }
    (new,) = canonical_policy(json.dumps({"Statement": [more]}), str)["Statement"].values()
    both = bool(differing(statements, [*statements, more])), bool(differing([*statements, more], statements))
    same = without_contained(says | meanings(new)) == without_contained(frozenset(says))
    assert both == ((False, False) if same else (True, True))


CONTAINED = (
    {"Action": "s3:GetObject"},
    {"Action": "S3:getobject"},
    {"Resource": "arn:aws:s3:::a/x/*"},
    {"Resource": "arn:aws:s3:::a/$${aws:username}"},
    {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
)
BESIDE = (
    {"Effect": "Deny"},
    {"Principal": {"AWS": "222222222222"}},
    {"Principal": "*"},
    {"Action": "s3-object-lambda:GetObject"},
    {"Resource": "arn:aws:s3:::a*"},
    {"Resource": "arn:aws:s3:::b/*"},
    {"Action": None, "NotAction": "s3:GetObject"},
    {"Resource": None, "NotResource": "arn:aws:s3:::a/*"},
)
WHOLE = {"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "s3:*", "Resource": "arn:aws:s3:::a/*"}


def beside(members):
    return {name: value for name, value in {**WHOLE, **members, "Sid": "Other"}.items() if value is not None}


@pytest.mark.parametrize("part", CONTAINED)
def test_a_statement_that_another_one_contains_says_nothing(part):
    assert (differing([WHOLE], [WHOLE, beside(part)]), differing([WHOLE, beside(part)], [WHOLE])) == ([], [])


@pytest.mark.parametrize("other", BESIDE)
def test_a_statement_that_is_not_contained_for_certain_says_something(other):
    assert [] not in (differing([WHOLE], [WHOLE, beside(other)]), differing([WHOLE, beside(other)], [WHOLE]))


def test_a_question_mark_matches_no_variable_and_a_condition_contains_none():
    narrow = {**WHOLE, "Resource": "arn:aws:s3:::a/??"}
    conditional = {**WHOLE, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}
    variable = {**WHOLE, "Sid": "B", "Resource": "arn:aws:s3:::a/$x"}
    assert [] not in (differing([narrow], [narrow, variable]), differing([conditional], [conditional, WHOLE]))


def test_a_part_alone_is_not_the_whole():
    part = {**WHOLE, "Action": "s3:GetObject"}
    assert [] not in (differing([WHOLE], [part]), differing([part], [WHOLE]))


def test_of_statements_cut_otherwise_only_what_one_side_alone_says_differs():
    read, write = ({"Effect": "Allow", "Principal": "*", "Action": name, "Resource": "*"} for name in ACTIONS)
    golden = [{**read, "Sid": "All", "Action": list(ACTIONS)}]
    here = [{**read, "Sid": "Read"}, {**write, "Sid": "Write"}, {**read, "Sid": "List", "Action": "s3:ListBucket"}]
    assert differing(golden, here) == ["/Policy/Statement/List"]


def test_what_a_statement_names_by_exclusion_is_not_taken_apart():
    one = {"Effect": "Deny", "Principal": "*", "NotAction": list(ACTIONS), "Resource": "*"}
    assert differing([one], [{**one, "NotAction": ACTIONS[0]}, {**one, "NotAction": ACTIONS[1]}]) != []


def test_a_statement_of_long_lists_is_taken_whole():
    names = [f"arn:aws:s3:::{number}" for number in range(MOST_MEANINGS)]
    (statement,) = canonical_policy(
        json.dumps({"Statement": {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": names}}),
        str,
    )["Statement"].values()
    assert len(meanings(statement)) == 1
