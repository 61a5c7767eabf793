"""What the embedded AWS refuses because of what a sibling has, as AWS does."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from botocore.exceptions import ClientError

OPEN = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), False)
CLOSED = dict.fromkeys(OPEN, True)
PUBLIC = json.dumps(
    {
        "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::siblings/*"}
        ]
    }
)
ROLE = "arn:aws:iam::123456789012:role/r"


@pytest.fixture
def s3(aws):
    client = aws.client("s3", "us-east-1")
    client.create_bucket(Bucket="siblings")
    return client


@pytest.fixture
def functions(aws):
    """A Lambda client; the function `f` has two versions, and the alias `live` points at the first."""
    client = aws.client("lambda", "us-east-1")
    client.create_function(
        FunctionName="f", Role=ROLE, Runtime="python3.12", Handler="a.b", Code={"ZipFile": _zip("1")}, Publish=True
    )
    client.update_function_code(FunctionName="f", ZipFile=_zip("2"), Publish=True)
    client.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    return client


def _zip(text):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a.py", text)
    return content.getvalue()


def refused(call, **params):
    """The code with which a call is refused; "" where it is taken."""
    try:
        call(**params)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return ""


def versioning(client, status, **more):
    return refused(client.put_bucket_versioning, Bucket="siblings", VersioningConfiguration={"Status": status, **more})


def provisioned(client, number, qualifier="live"):
    params = {"FunctionName": "f", "Qualifier": qualifier, "ProvisionedConcurrentExecutions": number}
    return refused(client.put_provisioned_concurrency_config, **params)


def test_a_public_policy_is_refused_by_the_bucket_s_block(s3):
    closed = refused(s3.put_bucket_policy, Bucket="siblings", Policy=PUBLIC)
    s3.put_public_access_block(Bucket="siblings", PublicAccessBlockConfiguration=OPEN)

    assert (closed, refused(s3.put_bucket_policy, Bucket="siblings", Policy=PUBLIC)) == ("AccessDenied", "")


def test_a_public_policy_is_refused_by_the_account_s_block(aws, s3):
    s3.put_public_access_block(Bucket="siblings", PublicAccessBlockConfiguration=OPEN)
    whole = aws.client("s3control", "us-east-1")
    whole.put_public_access_block(AccountId=aws.account, PublicAccessBlockConfiguration=CLOSED)

    assert refused(s3.put_bucket_policy, Bucket="siblings", Policy=PUBLIC) == "AccessDenied"


def test_a_public_acl_is_refused_by_the_block(s3):
    s3.put_bucket_ownership_controls(
        Bucket="siblings", OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    )
    closed = refused(s3.put_bucket_acl, Bucket="siblings", ACL="public-read")
    s3.put_public_access_block(Bucket="siblings", PublicAccessBlockConfiguration=OPEN)

    assert (closed, refused(s3.put_bucket_acl, Bucket="siblings", ACL="public-read")) == ("AccessDenied", "")


def test_acls_are_not_turned_off_while_they_let_others_in(s3):
    enforced = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    s3.put_bucket_ownership_controls(
        Bucket="siblings", OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    )
    s3.put_public_access_block(Bucket="siblings", PublicAccessBlockConfiguration=OPEN)
    s3.put_bucket_acl(Bucket="siblings", ACL="public-read")
    public = refused(s3.put_bucket_ownership_controls, Bucket="siblings", OwnershipControls=enforced)
    s3.put_bucket_acl(Bucket="siblings", ACL="private")

    assert (public, refused(s3.put_bucket_ownership_controls, Bucket="siblings", OwnershipControls=enforced)) == (
        "InvalidBucketAclWithObjectOwnership", "",
    )  # fmt: skip


def test_mfa_delete_is_kept_and_takes_a_code(s3):
    config = {"Status": "Enabled", "MFADelete": "Enabled"}
    s3.put_bucket_versioning(Bucket="siblings", MFA="arn:aws:iam::1:mfa/root 123456", VersioningConfiguration=config)

    assert (s3.get_bucket_versioning(Bucket="siblings")["MFADelete"], versioning(s3, "Suspended")) == (
        "Enabled", "AccessDenied",
    )  # fmt: skip


def test_a_bucket_with_mfa_delete_takes_no_lifecycle(s3):
    config = {"Status": "Enabled", "MFADelete": "Enabled"}
    s3.put_bucket_versioning(Bucket="siblings", MFA="arn:aws:iam::1:mfa/root 123456", VersioningConfiguration=config)
    rules = {"Rules": [{"ID": "a", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}]}

    assert refused(s3.put_bucket_lifecycle_configuration, Bucket="siblings", LifecycleConfiguration=rules) == (
        "InvalidBucketState"
    )


def test_what_is_reserved_is_not_below_what_is_provisioned(functions):
    provisioned(functions, 10)

    assert [
        refused(functions.put_function_concurrency, FunctionName="f", ReservedConcurrentExecutions=number)
        for number in (9, 10)
    ] == ["InvalidParameterValueException", ""]


def test_what_is_provisioned_is_not_above_what_is_reserved(functions):
    functions.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=10)

    assert [provisioned(functions, 11), provisioned(functions, 10), provisioned(functions, 1, "2")] == [
        "InvalidParameterValueException", "", "InvalidParameterValueException",
    ]  # fmt: skip


def test_nothing_is_provisioned_for_an_alias_with_weights(functions):
    functions.update_alias(FunctionName="f", Name="live", RoutingConfig={"AdditionalVersionWeights": {"2": 0.1}})

    assert provisioned(functions, 1) == "InvalidParameterValueException"


def test_nothing_is_provisioned_for_what_is_not_published(functions):
    functions.create_alias(FunctionName="f", Name="dev", FunctionVersion="$LATEST")

    assert {provisioned(functions, 1, "dev"), provisioned(functions, 1, "$LATEST")} == {
        "InvalidParameterValueException"
    }


def test_an_alias_on_what_is_not_published_takes_no_weights(functions):
    weights = {"AdditionalVersionWeights": {"2": 0.1}}
    params = {"FunctionName": "f", "FunctionVersion": "$LATEST", "RoutingConfig": weights}

    assert [
        refused(functions.update_alias, Name="live", **params),
        refused(functions.create_alias, Name="dev", **params),
    ] == ["InvalidParameterValueException"] * 2


def test_an_alias_with_provisioned_concurrency_moves_bit_by_bit(functions):
    provisioned(functions, 1)
    functions.update_alias(FunctionName="f", Name="live", FunctionVersion="2")
    during = (provisioned(functions, 2), functions.get_alias(FunctionName="f", Name="live")["RoutingConfig"])

    assert (during, provisioned(functions, 2)) == (
        ("InvalidParameterValueException", {"AdditionalVersionWeights": {"1": 1.0}}), "",
    )  # fmt: skip


def test_a_function_s_urls_go_with_it(functions):
    functions.create_function_url_config(FunctionName="f", AuthType="AWS_IAM")
    functions.create_function_url_config(FunctionName="f", Qualifier="live", AuthType="AWS_IAM")
    functions.delete_function(FunctionName="f")
    functions.create_function(FunctionName="f", Role=ROLE, Runtime="python3.12", Handler="a.b",
                              Code={"ZipFile": _zip("1")})  # fmt: skip

    assert functions.list_function_url_configs(FunctionName="f")["FunctionUrlConfigs"] == []
