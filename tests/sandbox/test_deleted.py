"""Who was deleted: policies tell a unique id in place of the ARN, and neither is taken from anybody."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from auditor.sandbox.seed import zipped

ID = "AROA27HJSWAHEPTTLIWSO"
TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}


@pytest.fixture
def iam(aws):
    return aws.client("iam", "us-east-1")


@pytest.fixture
def s3(aws):
    client = aws.client("s3", "us-east-1")
    client.create_bucket(Bucket=name(aws))
    return client


def name(aws):
    return f"deleted-{aws.account}"


def policy(who, resource="*", action="s3:GetObject"):
    statement = {"Sid": "a", "Effect": "Allow", "Principal": {"AWS": who}, "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def principal(text):
    return json.loads(text)["Statement"][0]["Principal"]["AWS"]


def made(iam, what):
    if what == "role":
        return iam.create_role(RoleName="gone", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
    return iam.create_user(UserName="gone")["User"]


def delete(iam, what):
    iam.delete_role(RoleName="gone") if what == "role" else iam.delete_user(UserName="gone")


@pytest.mark.parametrize(("what", "begins"), [("role", "AROA"), ("user", "AIDA")])
def test_a_bucket_policy_tells_the_id_of_who_was_deleted_and_is_not_taken_again(aws, iam, s3, what, begins):
    arn = made(iam, what)["Arn"]
    s3.put_bucket_policy(Bucket=name(aws), Policy=policy(arn))
    assert principal(s3.get_bucket_policy(Bucket=name(aws))["Policy"]) == arn

    delete(iam, what)
    told = s3.get_bucket_policy(Bucket=name(aws))["Policy"]
    assert principal(told).startswith(begins)
    for text in (told, policy(arn)):
        with pytest.raises(ClientError, match=r"MalformedPolicy.*Invalid principal in policy"):
            s3.put_bucket_policy(Bucket=name(aws), Policy=text)


@pytest.fixture
def functions(aws):
    client = aws.client("lambda", "us-east-1")
    client.create_function(
        FunctionName="f",
        Runtime="python3.12",
        Handler="app.handler",
        Role=f"arn:aws:iam::{aws.account}:role/app",
        Code={"ZipFile": zipped({"app.py": ""})},
    )
    return client


def allow(client, who):
    client.add_permission(FunctionName="f", StatementId="a", Action="lambda:InvokeFunction", Principal=who)


def test_a_permission_tells_the_id_of_who_was_deleted_and_nobody_else_is_let_in_by_it(iam, functions):
    arn = made(iam, "role")["Arn"]
    allow(functions, arn)
    delete(iam, "role")

    told = functions.get_policy(FunctionName="f")["Policy"]
    assert principal(told).startswith("AROA")
    functions.remove_permission(FunctionName="f", StatementId="a")
    for who in (principal(told), arn):
        with pytest.raises(ClientError, match=r"InvalidParameterValueException.*principal was invalid"):
            allow(functions, who)


def test_a_whole_policy_that_names_who_was_deleted_is_refused(aws, functions):
    own = f"arn:aws:lambda:us-east-1:{aws.account}:function:f"
    with pytest.raises(ClientError, match="principal was invalid"):
        functions.put_resource_policy(ResourceArn=own, Policy=policy(ID, own, "lambda:InvokeFunction"))


def test_a_layer_permission_for_who_was_deleted_is_refused(functions):
    layer = functions.publish_layer_version(LayerName="lib", Content={"ZipFile": zipped({"a.py": ""})})
    with pytest.raises(ClientError, match="principal was invalid"):
        functions.add_layer_version_permission(
            LayerName="lib",
            VersionNumber=layer["Version"],
            StatementId="a",
            Action="lambda:GetLayerVersion",
            Principal=ID,
        )


def test_who_is_made_again_is_taken_again(aws, iam, s3):
    arn = made(iam, "role")["Arn"]
    delete(iam, "role")
    made(iam, "role")
    s3.put_bucket_policy(Bucket=name(aws), Policy=policy(arn))
    assert principal(s3.get_bucket_policy(Bucket=name(aws))["Policy"]) == arn


@pytest.mark.parametrize("who", ["role/never", "user/never", "role/path/never"])
def test_who_never_was_there_is_taken_in_no_policy(aws, s3, functions, who):
    arn = f"arn:aws:iam::{aws.account}:{who}"
    with pytest.raises(ClientError) as refused:
        s3.put_bucket_policy(Bucket=name(aws), Policy=policy(arn))
    with pytest.raises(ClientError) as unknown:
        allow(functions, arn)

    codes = [one.value.response["Error"]["Code"] for one in (refused, unknown)]
    assert codes == ["MalformedPolicy", "InvalidParameterValueException"]


def test_a_role_of_an_account_of_which_nothing_is_known_is_taken(aws, s3):
    s3.put_bucket_policy(Bucket=name(aws), Policy=policy("arn:aws:iam::999988887777:role/there"))
