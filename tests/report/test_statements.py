"""The statements of policies in words."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from auditor.report.statements import sentence

ALLOW = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "lambda:InvokeFunction"}


def test_a_statement_is_read_part_by_part():
    statement = {
        **ALLOW,
        "Resource": "arn:aws:lambda:${region}:${account}:function:api",
        "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:sns:${region}:${account}:orders"}},
    }

    assert sentence(statement) == (
        "Allow sns.amazonaws.com\n"
        "to lambda:InvokeFunction\n"
        "on arn:aws:lambda:${region}:${account}:function:api\n"
        "if aws:SourceArn is like arn:aws:sns:${region}:${account}:orders"
    )


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ("*", "Allow anybody"),
        ({"AWS": "*"}, "Allow anybody"),
        ({"AWS": ["111122223333", "arn:aws:iam::1:role/x"]}, "Allow 111122223333 and arn:aws:iam::1:role/x"),
        ({"AWS": "1", "Federated": "accounts.google.com"}, "Allow 1 and Federated accounts.google.com"),
    ],
)
def test_who_may_is_said_first(principal, expected):
    assert sentence({"Effect": "Allow", "Principal": principal}) == expected


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"NotPrincipal": {"AWS": "1"}}, "Deny everybody but 1"),
        ({"NotAction": ["s3:Get*", "s3:List*"]}, "to do anything but s3:Get* and s3:List*"),
        ({"NotResource": "x"}, "on anything but x"),
        ({"Sid2": {"odd": 1}}, 'Sid2: {"odd": 1}'),
    ],
)
def test_what_a_statement_excludes_is_said_and_nothing_is_left_out(fields, line):
    assert line in sentence({"Effect": "Deny", **fields}).split("\n")


@pytest.mark.parametrize(
    ("condition", "line"),
    [
        ({"Bool": {"aws:SecureTransport": "false"}}, "if aws:SecureTransport is false"),
        ({"StringEquals": {"aws:SourceAccount": ["1", "2", "3"]}}, "if aws:SourceAccount is 1, 2 or 3"),
        ({"StringNotLikeIfExists": {"k": "v"}}, "if k is not like v, or is not there"),
        ({"ForAnyValue:StringLike": {"k": "v*"}}, "if some value of k is like v*"),
        ({"ForAllValues:StringEquals": {"k": "v"}}, "if every value of k is v"),
        ({"Null": {"k": "true"}}, "if k is not there"),
        ({"Null": {"k": "false"}}, "if k is there"),
        ({"NumericLessThanEquals": {"s3:max-keys": "10"}}, "if s3:max-keys is at most 10"),
        ({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, "if aws:SourceIp is not in 10.0.0.0/8"),
        ({"Odd": {"k": "v"}}, "if k Odd v"),
        ("odd", 'if "odd"'),
    ],
)
def test_conditions_are_read_as_they_are_meant(condition, line):
    assert sentence({"Effect": "Allow", "Condition": condition}).split("\n")[-1] == line


def test_what_is_no_statement_is_json():
    assert sentence(["odd"]) == '["odd"]'


@given(
    st.recursive(
        st.text() | st.booleans() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_nothing_is_too_odd_to_be_said(value):
    assert isinstance(sentence({"Effect": value, "Principal": value, "Action": value, "Condition": value}), str)
