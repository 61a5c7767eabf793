"""Every operation that a type's file names, to read or to write, is one that the sandbox knows."""

from __future__ import annotations

import re
from pathlib import Path

import botocore.session
import pytest
from botocore.exceptions import ClientError

from auditor.resources import load_specs

RESOURCES = Path(__file__).parents[2] / "auditor" / "resources"
SESSION = botocore.session.get_session()
FILES = {
    "codedeploy": ("codedeploy",),
    "lambda": ("lambda",),
    "s3": ("s3", "s3control"),
    "servicequotas": ("service-quotas",),
}
# S3 Control has operations of the names of S3's own, which are not meant.
S3CONTROL = {"GetPublicAccessBlock", "PutPublicAccessBlock", "DeletePublicAccessBlock", "TagResource", "UntagResource"}
ARNS = {
    "lambda": "arn:aws:lambda:us-east-1:123456789012:function:x",
    "codedeploy": "arn:aws:codedeploy:us-east-1:123456789012:application:x",
    "s3control": "arn:aws:s3:::shop",
}
NAMES = {
    "Bucket": "shop",
    "AccountId": "123456789012",
    "UUID": "0" * 36,
    "Policy": '{"Version": "2012-10-17", "Statement": []}',
    "CodeSigningConfigArn": "a",
}
# What answers an operation that nobody serves.
UNSERVED = re.compile(r"^(5\d\d|404|405)$|NotImplemented|InternalFailure|InternalError|UnknownOperation|InvalidAction")


def operations():
    for path in RESOURCES.glob("*.py"):
        services = FILES.get(path.stem.strip("_").partition("_")[0], ())
        for service in services:
            known = set(SESSION.get_service_model(service).operation_names)
            named = known & set(re.findall(r'"([A-Z][A-Za-z]+)"', path.read_text()))
            yield from ((service, name) for name in (named & S3CONTROL if service == "s3control" else named))


def filled(shape, service, name=""):
    """The least that a shape demands, or makes sense with."""
    if shape.name == "Tag":
        return {"Key": "team", "Value": "shop"}
    if shape.type_name == "structure":
        return {one: filled(shape.members[one], service, one) for one in shape.required_members}
    if shape.type_name == "list":
        return [filled(shape.member, service)]
    if name in ("Resource", "ResourceArn"):
        return ARNS[service]
    if shape.type_name == "map":
        return {}
    numbers = {"integer": 1, "long": 1, "float": 1.0, "double": 1.0, "boolean": True, "timestamp": 0, "blob": b"x"}
    return numbers.get(shape.type_name, (getattr(shape, "enum", None) or [NAMES.get(name, "x")])[0])


def test_the_operations_of_all_services_are_looked_at():
    assert {service for service, _ in operations()} == {spec.service for spec in load_specs().values()}


@pytest.mark.parametrize(("service", "operation"), sorted(set(operations())))
def test_the_sandbox_knows_the_operation(aws, service, operation):
    if service == "s3" and operation != "CreateBucket":
        aws.client("s3").create_bucket(Bucket="shop")
    client = aws.client(service)
    model = client.meta.service_model.operation_model(operation)
    method = next(name for name, api in client.meta.method_to_api_mapping.items() if api == operation)

    try:
        getattr(client, method)(**(filled(model.input_shape, service) if model.input_shape else {}))
        code = ""
    except ClientError as error:
        code = error.response["Error"]["Code"]

    assert not UNSERVED.search(code)
