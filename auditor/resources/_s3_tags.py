"""How a bucket's tags are told apart from AWS's own, and written."""

from __future__ import annotations

from typing import Any

from auditor.model.values import ABSENT, Value
from auditor.specs.spec import Call


def without_aws_tags(value: Value) -> Value:
    """The tags that are the owner's: those that begin with aws: are set by AWS, and by nobody else."""
    return [tag for tag in value if not tag.get("Key", "").startswith("aws:")]


def write_tags(found: Value, wanted: Value) -> tuple[Call, ...]:
    """Tag by tag: PutBucketTagging would have to send AWS's own tags too, and fails where ABAC is on."""
    before, after = (_own_tags(value) for value in (found, wanted))
    gone = [key for key in before if key not in after]
    new = [{"Key": key, "Value": value} for key, value in after.items() if before.get(key) != value]
    calls = (("UntagResource", "TagKeys", gone), ("TagResource", "Tags", new))
    target = {"AccountId": "${account}", "ResourceArn": "arn:${partition}:s3:::${name}"}
    return tuple(
        Call(operation, {**target, name: value}, service="s3control", actions=(f"s3:{operation}",))
        for operation, name, value in calls
        if value
    )


def _own_tags(value: Value) -> dict[str, Any]:
    return {} if value is ABSENT else {tag["Key"]: tag["Value"] for tag in without_aws_tags(value)}
