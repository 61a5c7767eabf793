"""Policies that mean the same have one form."""

from __future__ import annotations

import json

import pytest

from auditor.canonical.policy import canonical_policy


def form(**statement):
    return canonical_policy(json.dumps({"Version": "2012-10-17", "Statement": [statement]}), str)["Statement"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"Action": "s3:GetObject"}, {"Action": ["s3:GetObject"]}),
        ({"Action": ["s3:Get**", "s3:PutObject"]}, {"Action": ["s3:Get*", "s3:PutObject"]}),
        ({"NotResource": "arn:aws:s3:::b/***"}, {"NotResource": "arn:aws:s3:::b/*"}),
        ({"Action": ["s3:GetObject", "s3:PutObject"]}, {"Action": ["s3:PutObject", "s3:GetObject"]}),
        ({"Principal": "*"}, {"Principal": {"AWS": "*"}}),
        ({"Principal": {"AWS": "123456789012"}}, {"Principal": {"AWS": "arn:aws:iam::123456789012:root"}}),
        ({"Condition": {"Bool": {"aws:SecureTransport": False}}},
         {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}),
        ({"Condition": {"Bool": {"aws:SecureTransport": "False"}}},
         {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}),
        ({"Principal": {"AWS": "arn:aws:iam::${elb-log-account}:root"}}, {"Principal": {"AWS": "${elb-log-account}"}}),
        ({"Condition": {"stringequalsifexists": {"AWS:SOURCEACCOUNT": "1"}}},
         {"Condition": {"StringEqualsIfExists": {"aws:SourceAccount": "1"}}}),
        ({"Condition": {"foranyvalue:stringlike": {"AWS:principalorgpaths": "o"}}},
         {"Condition": {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o"}}}),
        ({"Condition": {"ArnLike": {"AWS:SourceArn": "a"}}}, {"Condition": {"ArnLike": {"aws:SourceArn": ["a"]}}}),
    ],
)  # fmt: skip
def test_two_ways_to_write_a_statement_have_one_form(one, other):
    assert form(Sid="S", **one) == form(Sid="S", **other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"Effect": "Allow"}, {"Effect": "Deny"}),
        ({"Action": "s3:GetObject"}, {"Action": "s3:PutObject"}),
        ({"Action": "s3:*"}, {"NotAction": "s3:*"}),
        ({"NotPrincipal": "*"}, {"NotPrincipal": {"AWS": "*"}}),
        ({"Principal": {"AWS": "*"}}, {"Principal": {"Service": "*"}}),
    ],
)
def test_statements_that_mean_different_things_have_different_forms(one, other):
    assert form(Sid="S", **one) != form(Sid="S", **other)


def test_a_missing_version_is_the_old_one():
    assert canonical_policy('{"Statement": []}', str) == {"Version": "2008-10-17", "Statement": {}}


def test_a_lone_statement_is_a_list_of_one():
    assert canonical_policy('{"Statement": {"Sid": "A", "Effect": "Allow"}}', str)["Statement"] == {
        "A": {"Effect": "Allow"}
    }


@pytest.mark.parametrize("sid", [["A"], {"A": 1}, 7, True])
def test_a_sid_that_is_no_text_is_none(sid):
    assert form(Sid=sid, Effect="Allow") == form(Effect="Allow")


def test_two_statements_of_one_name_are_both_kept():
    document = json.dumps({"Statement": [{"Sid": "A", "Effect": "Allow"}, {"Sid": "A", "Effect": "Deny"}]})

    assert canonical_policy(document, str)["Statement"] == {"A": {"Effect": "Allow"}, "A#2": {"Effect": "Deny"}}


@pytest.mark.parametrize("document", ["not json", "[]", "3", ""])
def test_what_is_no_policy_is_compared_as_text(document):
    assert canonical_policy(document, str) == document


def test_actions_are_told_apart_in_small_letters_and_keep_their_spelling():
    assert form(Sid="S", Action=["s3:PutObject", "S3:getobject"])["S"]["Action"] == {
        "s3:getobject": "S3:getobject",
        "s3:putobject": "s3:PutObject",
    }


def test_a_statement_without_a_name_is_the_same_one_in_another_case():
    assert list(form(Action="s3:GetObject")) == list(form(Action="S3:getobject"))
