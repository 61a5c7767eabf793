"""The policy of an audit is what the specs call, and nothing that writes."""

from __future__ import annotations

import re
from pathlib import Path

from auditor.aws.shapes import MODELS
from auditor.iam import audit_policy, reconcile_policy
from auditor.resources import load_specs
from auditor.workflow import iam_policy


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


RESOURCES = Path(__file__).parents[1] / "auditor" / "resources"
# What the files of the types name that changes something, by botocore's name of the operation.
NAMED = re.compile(r'"((?:Put|Delete|Create|Update|Add|Remove|Tag|Untag|Publish)[A-Z][A-Za-z]+)"')
# What IAM calls otherwise: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
OTHERWISE = {
    "DeleteBucketCors": "PutBucketCORS",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteBucketMetadataConfiguration": "DeleteBucketMetadataTableConfiguration",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "CreateBucketMetadataConfiguration": "CreateBucketMetadataTableConfiguration",
    "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
    "PutBucketCors": "PutBucketCORS",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "PutBucketReplication": "PutReplicationConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
}


def reconciling():
    statements = reconcile_policy(load_specs())["Statement"]
    return {action.partition(":")[2] for one in statements for action in one["Action"]}


def test_every_write_that_a_type_names_is_allowed_to_who_reconciles():
    services = [MODELS.get_service_model(name) for name in ("codedeploy", "lambda", "s3", "s3control")]
    operations = {name for service in services for name in service.operation_names}
    named = {name for path in RESOURCES.glob("*.py") for name in NAMED.findall(path.read_text())} & operations

    assert {name for name in named if OTHERWISE.get(name, name) not in reconciling()} == set()


def test_a_role_is_passed_to_the_three_services_only():
    (passing,) = [one for one in reconcile_policy(load_specs())["Statement"] if one["Action"] == ["iam:PassRole"]]

    assert passing["Condition"]["StringEquals"]["iam:PassedToService"] == [
        "codedeploy.amazonaws.com",
        "lambda.amazonaws.com",
        "s3.amazonaws.com",
    ]


def test_a_github_token_of_codedeploy_is_never_deleted():
    assert "DeleteGitHubAccountToken" not in reconciling()


def test_the_policy_of_shipping_allows_what_is_called_and_no_more():
    statements = {one["Sid"]: one["Action"] for one in iam_policy("deploy")["Statement"]}

    assert statements == {
        "AuditorLooks": [
            "codedeploy:BatchGetDeploymentTargets",
            "codedeploy:GetApplication",
            "codedeploy:GetDeployment",
            "codedeploy:GetDeploymentGroup",
            "codedeploy:ListDeploymentTargets",
            "codedeploy:ListDeployments",
            "lambda:GetAlias",
            "lambda:GetFunction",
            "s3:ListBucket",
        ],
        "AuditorShips": [
            "codedeploy:CreateDeployment",
            "codedeploy:GetApplicationRevision",
            "codedeploy:GetDeploymentConfig",
            "codedeploy:RegisterApplicationRevision",
            "codedeploy:StopDeployment",
            "lambda:PublishVersion",
            "lambda:UpdateAlias",
            "lambda:UpdateFunctionCode",
            "s3:AbortMultipartUpload",
            "s3:GetObject",
            "s3:GetObjectVersion",
            "s3:PutObject",
        ],
    }


def test_an_audit_may_look_up_who_changed_it():
    assert "cloudtrail:LookupEvents" in iam_policy()["Statement"][0]["Action"]
