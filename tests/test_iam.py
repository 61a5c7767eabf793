"""The policy of an audit is what the specs call, and nothing that writes."""

from __future__ import annotations

import re

from auditor.iam import audit_policy
from auditor.resources import load_specs


def actions():
    return [action for one in audit_policy(load_specs())["Statement"] for action in one["Action"]]


def test_an_audit_may_only_read():
    assert [one for one in actions() if not re.match(r"\w+:(Get|List|BatchGet)|kms:Decrypt$", one)] == []


def test_s3_names_its_actions_otherwise_than_its_operations():
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
    named = {"s3:ListAllMyBuckets", "s3:GetEncryptionConfiguration", "s3:GetBucketCORS"}
    misnamed = {"s3:ListBuckets", "s3:GetBucketEncryption", "s3:GetBucketCors"}

    assert set(actions()) & (named | misnamed) == named


def test_what_references_mean_may_be_looked_up():
    assert "lambda:ListVersionsByFunction" in actions()


def test_a_policy_for_other_types_asks_for_no_key():
    buckets = {"AWS::S3::Bucket": load_specs()["AWS::S3::Bucket"]}

    assert [one["Sid"] for one in audit_policy(buckets)["Statement"]] == ["AuditorReads"]
