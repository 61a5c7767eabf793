"""The sandbox takes no policy that names a deleted principal by its unique id, as AWS takes none."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from auditor.sandbox.deleted import refuse_deleted_in
from auditor.sandbox.extension import Refused


def policy(bucket, principal):
    one = {"Effect": "Deny", "Principal": principal, "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [one]})


@pytest.mark.parametrize("unique", ["AROA27HJSWAHEPTTLIWSO", "AIDA27HJSWAHEPTTLIWSO"])
def test_a_bucket_policy_that_names_a_deleted_principal_is_refused(aws, unique):
    client, name = aws.client("s3", "us-east-1"), f"deleted-{aws.account}-{unique[:4].lower()}"
    client.create_bucket(Bucket=name)
    with pytest.raises(ClientError, match=r"MalformedPolicy.*Invalid principal in policy"):
        client.put_bucket_policy(Bucket=name, Policy=policy(name, {"AWS": ["123456789012", unique]}))
    client.put_bucket_policy(Bucket=name, Policy=policy(name, {"AWS": "123456789012"}))


def test_a_functions_policy_that_names_a_deleted_principal_is_refused():
    with pytest.raises(Refused, match="InvalidParameterValueException"):
        refuse_deleted_in(policy("b", {"AWS": "AROA27HJSWAHEPTTLIWSO"}))
    refuse_deleted_in(policy("b", {"AWS": "123456789012"}))


def test_a_layers_permission_for_a_deleted_principal_is_refused(aws):
    with pytest.raises(ClientError, match="InvalidParameterValueException"):
        aws.client("lambda", "us-east-1").add_layer_version_permission(
            LayerName="l",
            VersionNumber=1,
            StatementId="s",
            Action="lambda:GetLayerVersion",
            Principal="AROA27HJSWAHEPTTLIWSO",
        )
