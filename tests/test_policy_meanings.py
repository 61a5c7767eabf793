"""Two policies that say the same are equal however their statements are cut, and no others are."""

from __future__ import annotations

import json
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from auditor.changes import changes
from auditor.document import Document
from auditor.policy import MOST_MEANINGS, canonical_policy, meanings

PRINCIPALS = ("111111111111", "222222222222")
ACTIONS = ("s3:GetObject", "s3:PutObject")
RESOURCES = ("arn:aws:s3:::a/*", "arn:aws:s3:::b/*")
CONDITIONS = ({}, {"Bool": {"aws:SecureTransport": "true"}})
ALIGNABLE = frozenset({("Policy", "Statement")})


def some(values):
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)


STATEMENTS = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Deny"]),
        "Principal": some(PRINCIPALS).map(lambda names: {"AWS": names}),
        "Action": some(ACTIONS),
        "Resource": some(RESOURCES),
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
    return {
        request: _decided(statements, *request) for request in product(PRINCIPALS, ACTIONS, RESOURCES, (True, False))
    }


def _decided(statements, who, what, where, secure):
    effects = {
        one["Effect"]
        for one in statements
        if who in one["Principal"]["AWS"] and what in one["Action"] and where in one["Resource"]
        if secure or not one["Condition"]
    }
    return "Deny" not in effects and "Allow" in effects


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
    assert both == ((False, False) if meanings(new) <= says else (True, True))


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
