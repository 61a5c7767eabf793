"""How a bucket's sub-configurations are asked for, put in place and taken away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from auditor.model.values import ABSENT, Value
from auditor.specs.spec import Call, Writer

# ExpectedBucketOwner: a bucket of this name that came to belong to somebody else is not taken for ours.
BUCKET: Final = {"Bucket": "${name}", "ExpectedBucketOwner": "${account}"}


def read(operation: str, pick: str = "@", action: str = "", always: tuple[str, ...] | None = None) -> Call:
    """The call that reads a sub-configuration; IAM often calls it otherwise."""
    return Call(operation, BUCKET, pick=pick, actions=(action,) if action else (), always=always)


def put(operation: str, parameter: str, *actions: str, value: Value = "${value}") -> Call:
    """The call that replaces a sub-configuration with its value."""
    return Call(operation, {**BUCKET, parameter: value}, actions=actions)


def delete(operation: str, *actions: str) -> Call:
    """The call that takes a sub-configuration away."""
    return Call(operation, BUCKET, actions=actions)


def put_each(kind: str, action: str) -> Writer:
    """A writer of what is put one by one under an Id: `kind` is its AWS name (`Inventory`)."""

    def write(found: Value, wanted: Value) -> tuple[Call, ...]:
        before, after = _by_id(found), _by_id(wanted)
        gone = [Call(f"DeleteBucket{kind}Configuration", {**BUCKET, "Id": id_}, actions=(action,))
                for id_ in before if id_ not in after]  # fmt: skip
        return (*gone, *(_put_one(kind, action, one) for id_, one in after.items() if before.get(id_) != one))

    return write


def _put_one(kind: str, action: str, one: Mapping[str, Any]) -> Call:
    params = {**BUCKET, "Id": one["Id"], f"{kind}Configuration": one}
    return Call(f"PutBucket{kind}Configuration", params, actions=(action,))


def _by_id(configurations: Value) -> dict[str, Any]:
    return {} if configurations is ABSENT else {one["Id"]: one for one in configurations}
