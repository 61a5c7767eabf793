"""Whom a change of a resource policy lets in, keeps out, or locks out."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st

from auditor.dangers.dangers import dangers
from auditor.dangers.policy import permissions
from auditor.model.plan import PlannedCall
from auditor.model.values import ABSENT

OBJECTS = "arn:aws:s3:::shop-${region}/*"
BUCKET = "arn:aws:s3:::shop-${region}"
READ = {"Sid": "Read", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": OBJECTS}
DENY = {"Sid": "No", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [BUCKET, OBJECTS]}
OWN = {"AWS": "arn:aws:iam::${account}:role/reader"}
PARTNER = {"AWS": "arn:aws:iam::111122223333:root"}
OPEN_READ = ("exposure", "statement Read lets anybody call s3:GetObject, and no condition narrows it")


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}) if statements else ABSENT


def said(found, wanted, verb="update", operation="PutBucketPolicy", **params):
    call = PlannedCall("s3", operation, params)
    return [(one.danger, one.text) for one in dangers("AWS::S3::Bucket", verb, call, found, wanted)]


def allowed(**other):
    """What is said of a statement that is added, `Read` but for these members."""
    return said(ABSENT, policy({**READ, **other}))


def test_to_let_anybody_in_is_exposure():
    assert allowed() == [OPEN_READ]


def test_to_let_another_account_in_is_exposure():
    assert allowed(Principal=PARTNER) == [
        ("exposure", "statement Read lets account 111122223333 call s3:GetObject, and no condition narrows it")
    ]


def test_to_let_a_role_of_another_account_in_is_exposure():
    assert allowed(Principal={"AWS": "arn:aws:iam::111122223333:role/x"}) == [
        ("exposure", "statement Read lets account 111122223333 (role/x) call s3:GetObject, and no condition narrows it")
    ]


def test_an_account_that_is_known_by_a_symbol_is_another_one():
    assert allowed(Principal={"AWS": "arn:aws:iam::${partner}:root"}) == [
        ("exposure", "statement Read lets account ${partner} call s3:GetObject, and no condition narrows it")
    ]


@pytest.mark.parametrize(("spared", "named"), [(PARTNER, "111122223333"), ("*", "*")])
def test_to_let_everybody_in_but_some_is_exposure(spared, named):
    statement = {**READ, "NotPrincipal": spared}
    del statement["Principal"]

    assert said(ABSENT, policy(statement)) == [
        (
            "exposure",
            f"statement Read lets everybody but {named} call s3:GetObject, and no condition narrows it",
        )
    ]


@pytest.mark.parametrize(
    "principal",
    [
        OWN,
        {"AWS": "arn:aws:iam::${account}:root"},
        {"AWS": "arn:aws:iam::${elb-log-account}:root"},
        {"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"},
        {"Service": "logging.s3.amazonaws.com"},
    ],
)
def test_to_let_the_account_itself_or_aws_in_is_nothing_to_tell(principal):
    assert allowed(Principal=principal) == []


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
        {"StringLike": {"AWS:SOURCEACCOUNT": ["${account}"]}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:cloudfront::${account}:distribution/*"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::shop-*"}},
        {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.0.2.1", "2001:db8::/32"]}},
        {"ForAnyValue:StringEquals": {"aws:SourceVpce": "vpce-1"}},
    ],
)
def test_a_condition_that_names_the_callers_narrows(condition):
    assert allowed(Condition=condition) == []


@pytest.mark.parametrize(
    "condition",
    [
        {"Bool": {"aws:SecureTransport": "true"}},
        {"StringEquals": {"aws:Referer": "shop"}},
        {"StringNotEquals": {"aws:SourceAccount": "111122223333"}},
        {"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1"}},
        {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-1"}},
        {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "0.0.0.0/0"]}},
        {"IpAddress": {"aws:SourceIp": "128.0.0.0/1"}},
        {"IpAddress": {"aws:SourceIp": "2000::/3"}},
        {"StringLike": {"aws:PrincipalOrgID": "*"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:*"}},
    ],
)
def test_a_condition_that_anybody_can_meet_narrows_nothing(condition):
    assert allowed(Condition=condition) == [OPEN_READ]


def test_permissions_that_were_there_are_not_told_again_under_another_name_or_spelling():
    before = policy(READ)

    assert said(before, policy({**READ, "Sid": "Other", "Action": ["S3:getobject"], "Principal": {"AWS": "*"}})) == []


def test_of_a_statement_that_grows_what_is_new_is_told():
    wanted = policy({**READ, "Action": ["s3:GetObject", "s3:GetObjectAcl"]})

    assert said(policy(READ), wanted) == [
        ("exposure", "statement Read lets anybody call s3:GetObjectAcl, and no condition narrows it")
    ]


def test_of_a_statement_that_shrinks_what_is_gone_is_told():
    found = policy({**READ, "Principal": OWN, "Action": ["s3:GetObject", "s3:PutObject"]})

    assert said(found, policy({**READ, "Principal": OWN})) == [
        (
            "outage",
            "statement Read no longer lets arn:aws:iam::${account}:role/reader call s3:PutObject as before",
        )
    ]


def test_a_statement_that_loses_a_resource_lets_in_less():
    found = policy({**READ, "Principal": OWN, "Resource": [BUCKET, OBJECTS]})

    assert [danger for danger, _ in said(found, policy({**READ, "Principal": OWN}))] == ["outage"]


def test_what_loses_its_condition_is_exposed_and_shuts_nobody_out():
    found = policy({**READ, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}})

    assert said(found, policy(READ)) == [OPEN_READ]


def test_what_gets_a_condition_shuts_out_who_does_not_meet_it():
    wanted = policy({**READ, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}})

    assert said(policy(READ), wanted) == [
        ("outage", "statement Read no longer lets anybody call s3:GetObject as before")
    ]


def test_a_policy_that_is_taken_away_lets_nobody_in_and_refuses_nobody():
    assert said(policy(READ, DENY), ABSENT, operation="DeleteBucketPolicy") == [
        ("outage", "statement Read no longer lets anybody call s3:GetObject as before"),
        ("exposure", "statement No no longer refuses s3:* to anybody as before"),
    ]


def test_a_denial_that_is_added_is_outage():
    denial = {**DENY, "Principal": PARTNER, "Action": ["s3:PutObject"]}

    assert said(ABSENT, policy(denial)) == [("outage", "statement No refuses s3:PutObject to 111122223333")]


def test_a_denial_with_a_condition_says_so():
    denial = {**DENY, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}

    assert said(ABSENT, policy(denial)) == [
        ("outage", "statement No refuses s3:* to anybody where its condition holds")
    ]


LOCKED = "it may lock the account out, so that only its root user can take the policy away"


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"Action": "s3:PutBucket*"},
        {"Action": "*", "Resource": "*"},
        {"Principal": {"AWS": "arn:aws:iam::${account}:root"}},
        {"Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}},
        {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
    ],
)
def test_a_denial_that_can_lock_the_account_out_says_so(other):
    ((danger, text),) = said(ABSENT, policy({**DENY, **other}))

    assert (danger, text.partition(": ")[2] if ": it" in text else text) == ("outage", LOCKED)


def test_a_denial_of_all_but_some_actions_or_principals_or_places_can_lock_the_account_out():
    denial = {"Sid": "No", "Effect": "Deny", "NotPrincipal": OWN, "NotAction": "s3:GetObject", "NotResource": OBJECTS}

    assert said(ABSENT, policy(denial)) == [
        (
            "outage",
            "statement No refuses all but s3:GetObject to everybody but arn:aws:iam::${account}:role/reader: " + LOCKED,
        )
    ]


@pytest.mark.parametrize("other", [{"Resource": OBJECTS}, {"Action": "s3:GetObject"}, {"Principal": PARTNER}])
def test_a_denial_that_leaves_the_policy_to_the_account_locks_nobody_out(other):
    assert LOCKED not in said(ABSENT, policy({**DENY, **other}))[0][1]


def test_of_several_actions_that_are_refused_the_one_that_locks_out_is_not_overlooked():
    denial = {**DENY, "Action": ["s3:GetObject", "s3:PutBucketPolicy"]}

    assert LOCKED in said(ABSENT, policy(denial))[0][1]


def test_a_new_bucket_shuts_nobody_out():
    denial = {**DENY, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}

    assert said(ABSENT, policy(denial), verb="create") == []


def test_a_new_bucket_can_lock_the_account_out():
    assert LOCKED in said(ABSENT, policy(DENY), verb="create")[0][1]


def test_of_many_actions_the_first_three_are_named():
    actions = [f"s3:Get{name}" for name in "ABCDE"]

    assert allowed(Action=actions) == [
        (
            "exposure",
            "statement Read lets anybody call s3:GetA, s3:GetB, s3:GetC and 2 more, and no condition narrows it",
        )
    ]


@pytest.mark.parametrize("text", ["no JSON", "[]"])
def test_a_policy_that_cannot_be_read_is_not_taken_for_none(text):
    assert said(ABSENT, text) == [("exposure", "the policy is no JSON object, so whom it lets in cannot be told")]


def test_a_token_in_a_condition_is_in_no_representation():
    (one,) = permissions(policy({**READ, "Condition": {"StringEquals": {"lambda:EventSourceToken": "hush"}}}))

    assert "hush" not in repr(one)


STATEMENTS = st.fixed_dictionaries({
    "Sid": st.sampled_from(["A", "B", "C"]),
    "Effect": st.sampled_from(["Allow", "Deny"]),
    "Principal": st.sampled_from(["*", OWN, PARTNER]),
    "Action": st.lists(st.sampled_from(["s3:GetObject", "s3:PutObject", "s3:*"]), min_size=1),
    "Resource": st.lists(st.sampled_from([BUCKET, OBJECTS]), min_size=1),
})  # fmt: skip
POLICIES = st.lists(STATEMENTS, max_size=4)


@given(POLICIES)
def test_a_policy_that_stays_gives_no_cause_whatever_the_order_of_its_statements(statements):
    assert said(policy(*statements), policy(*reversed(statements))) == []


@given(POLICIES, STATEMENTS)
def test_a_statement_more_takes_no_permission_away(statements, more):
    gone = [text for _, text in said(policy(*statements), policy(*statements, more)) if "no longer" in text]

    assert gone == []
