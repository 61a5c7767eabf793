"""What a policy tests is equal where AWS reads it alike, and nowhere else.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import json

import pytest

from auditor.canonical.policy import canonical_policy


def policy(**members):
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
    return canonical_policy(json.dumps({"Version": "2012-10-17", "Statement": [statement | members]}), str)


def condition(operator, values, key="aws:x"):
    return policy(Condition={operator: {key: values}})


ALIKE = {
    "ArnEquals behaves as ArnLike": (condition("ArnEquals", "arn:a"), condition("ArnLike", "arn:a")),
    "ArnNotEquals behaves as ArnNotLike": (condition("ArnNotEquals", "arn:a"), condition("ArnNotLike", "arn:a")),
    "a range within another one adds nothing": (
        condition("IpAddress", ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3"]),
        condition("IpAddress", "10.0.0.0/8"),
    ),
    "two halves of a range are the range": (
        condition("NotIpAddress", ["10.0.0.0/25", "10.0.0.128/25"]),
        condition("NotIpAddress", "10.0.0.0/24"),
    ),
    "an IPv6 address has more than one spelling": (
        condition("IpAddress", "2001:db8::1"),
        condition("IpAddress", "2001:0DB8:0:0:0:0:0:1/128"),
    ),
    "a date is a moment": (
        condition("DateGreaterThan", "2020-01-01T00:00:00Z"),
        condition("DateGreaterThan", ["2020-01-01T01:00:00.000+01:00"]),
    ),
    "a date may be counted in seconds": (
        condition("DateLessThan", "1577836800"),
        condition("DateLessThan", "2020-01-01T00:00:00Z"),
    ),
    "an action that another one's wildcard covers adds nothing": (
        policy(Action=["s3:Get*", "s3:getobject"]),
        policy(Action="s3:Get*"),
    ),
    "a resource that another one's wildcard covers adds nothing": (
        policy(Resource=["arn:aws:s3:::b/*", "arn:aws:s3:::b/x/?", "arn:aws:s3:::b/x/*"]),
        policy(Resource="arn:aws:s3:::b/**"),
    ),
    "everybody covers every account": (
        policy(Principal={"AWS": ["*", "111111111111"]}),
        policy(Principal={"AWS": "*"}),
    ),
}

UNLIKE = {
    "another operator is another condition": (condition("StringLike", "a"), condition("StringEquals", "a")),
    "a wildcard of an ARN stays within its part": (
        condition("ArnLike", ["arn:aws:sns:*", "arn:aws:sns:us-east-1:111111111111:t"]),
        condition("ArnLike", "arn:aws:sns:*"),
    ),
    "both operators hold at once": (
        policy(Condition={"ArnLike": {"aws:x": "a"}, "ArnEquals": {"aws:x": "b"}}),
        policy(Condition={"ArnEquals": {"aws:x": "b"}}),
    ),
    "a question mark is one character": (
        policy(Resource=["arn:aws:s3:::b/?", "arn:aws:s3:::b/ab"]),
        policy(Resource="arn:aws:s3:::b/?"),
    ),
    "a question mark does not cover an asterisk": (
        policy(Resource=["arn:aws:s3:::b/?", "arn:aws:s3:::b/*x"]),
        policy(Resource="arn:aws:s3:::b/?"),
    ),
    "a range beside another one counts": (
        condition("IpAddress", ["10.0.0.0/8", "11.0.0.0/8"]),
        condition("IpAddress", "10.0.0.0/8"),
    ),
    "a second earlier is another moment": (
        condition("DateGreaterThan", "2020-01-01T00:00:00Z"),
        condition("DateGreaterThan", "2019-12-31T23:59:59Z"),
    ),
    "a resource's case counts": (
        policy(Resource=["arn:aws:s3:::b/A*", "arn:aws:s3:::b/ab"]),
        policy(Resource="arn:aws:s3:::b/A*"),
    ),
}


@pytest.mark.parametrize("pair", ALIKE.values(), ids=ALIKE)
def test_what_aws_reads_alike_is_equal(pair):
    assert _content(pair[0]) == _content(pair[1])


@pytest.mark.parametrize("pair", UNLIKE.values(), ids=UNLIKE)
def test_what_aws_reads_otherwise_differs(pair):
    assert _content(pair[0]) != _content(pair[1])


def _content(document):
    (statement,) = document["Statement"].values()
    return statement
