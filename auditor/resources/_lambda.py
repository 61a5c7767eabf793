"""What several of Lambda's types have in common: their tags, and names that are the last part of an ARN."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from auditor.model.values import ABSENT, Value
from auditor.specs.spec import Call, Writer

ARN: Final = "arn:${partition}:lambda:${region}:${account}"
GONE: Final = frozenset({"ResourceNotFoundException"})
VERSIONS: Final = Call("ListVersionsByFunction", {"FunctionName": "${name}"}, pick="Versions")
"""Tells what the versions of a function are."""


def own_tags(value: Value) -> Value:
    """Tags that somebody set: without those that AWS and its console write of themselves."""
    return {name: text for name, text in value.items() if not name.startswith(("aws:", "lambda:createdBy"))}


def tags_writer(resource: str) -> Writer:
    """The writer of the tags of the thing with this ARN."""

    def write(found: Value, wanted: Value) -> tuple[Call, ...]:
        here, there = own_tags(_map(found)), own_tags(_map(wanted))
        fresh = {name: text for name, text in there.items() if here.get(name) != text}
        gone = sorted(here.keys() - there.keys())
        calls = []
        if fresh:
            calls.append(Call("TagResource", {"Resource": resource, "Tags": fresh}))
        if gone:
            calls.append(Call("UntagResource", {"Resource": resource, "TagKeys": gone}))
        return tuple(calls)

    return write


def _map(value: Value) -> dict[str, Value]:
    return dict(value) if value is not ABSENT else {}


def members(value: Value) -> dict[str, Value]:
    """The members that a raw value says something about; none of them where it is ABSENT."""
    return {name: member for name, member in _map(value).items() if member is not None}


def changed(found: Mapping[str, Value], wanted: Mapping[str, Value]) -> dict[str, Value]:
    """The members of `wanted` that `found` has not, or has otherwise."""
    return {name: value for name, value in wanted.items() if name not in found or found[name] != value}


def qualifier(arn: str) -> str:
    """The version or alias at the end of a function's ARN; `$LATEST` where there is none."""
    parts = arn.split(":")
    return parts[7] if len(parts) > 7 else "$LATEST"


def qualified_by(item: Value) -> str:
    """The name of a child of a function that belongs to one of its qualifiers: that qualifier."""
    return qualifier(str(item["FunctionArn"]))
