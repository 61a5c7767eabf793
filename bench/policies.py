"""What can be done to a JSON policy: what changes its meaning, and what does not. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from auditor.model.values import Value
from bench.cases import ANY, Expected, Pointer

Edit = Callable[[Any], None]


def _set(*path: str | int, to: Value) -> Edit:
    def edit(policy: Any) -> None:
        for step in path[:-1]:
            policy = policy[step]
        policy[path[-1]] = to

    return edit


def _drop(*path: str | int) -> Edit:
    def edit(policy: Any) -> None:
        for step in path[:-1]:
            policy = policy[step]
        del policy[path[-1]]

    return edit


_FIRST: Final = ("Statement", 0)
_READERS: Final = "arn:aws:iam::${account}:role/reader"
_NEW: Final = {"Sid": "New", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}

MEANT: Final[Mapping[str, tuple[Edit, Pointer, int]]] = {
    "effect": (_set(*_FIRST, "Effect", to="Deny"), ("Statement", "Read", "Effect"), 1),
    "an action more": (
        _set(*_FIRST, "Action", to=["s3:GetObject", "s3:ListBucket", "s3:PutObject"]),
        ("Statement", "Read", "Action"),
        1,
    ),
    "an action fewer": (_set(*_FIRST, "Action", to=["s3:GetObject"]), ("Statement", "Read", "Action"), 1),
    "a resource fewer": (
        _set(*_FIRST, "Resource", to="arn:aws:s3:::thing-${region}"),
        ("Statement", "Read", "Resource"),
        1,
    ),
    "a principal fewer": (_set(*_FIRST, "Principal", "AWS", to=_READERS), ("Statement", "Read", "Principal", "AWS"), 1),
    "anybody": (_set(*_FIRST, "Principal", to="*"), ("Statement", "Read", "Principal", "AWS"), 1),
    "a condition's value": (
        _set(*_FIRST, "Condition", "StringEquals", "aws:SourceAccount", to="111122223333"),
        ("Statement", "Read", "Condition", ANY, ANY),
        1,
    ),
    "without a condition": (_drop(*_FIRST, "Condition"), ("Statement", "Read", "Condition"), 1),
    "golden's region": (
        _set("Statement", 1, "Resource", to="arn:aws:sqs:us-east-1:${account}:queue"),
        ("Statement", ANY),
        2,
    ),
    "a statement without a Sid": (_set("Statement", 1, "NotAction", to="s3:DeleteObject"), ("Statement", ANY), 2),
    "a statement more": (lambda policy: policy["Statement"].append(_NEW), ("Statement", "New"), 1),
    "a statement fewer": (_drop("Statement", 1), ("Statement", ANY), 1),
    "another version": (_set("Version", to="2008-10-17"), ("Version",), 1),
    "no version": (_drop("Version"), ("Version",), 1),
}
"""What changes the meaning: the edit, where it must be shown, and in how many changes."""

ALIKE: Final[Mapping[str, Edit]] = {
    "statements in another order": lambda policy: policy["Statement"].reverse(),
    "actions in another order": _set(*_FIRST, "Action", to=["s3:ListBucket", "s3:GetObject"]),
    "resources in another order": _set(
        *_FIRST, "Resource", to=["arn:aws:s3:::thing-${region}/*", "arn:aws:s3:::thing-${region}"]
    ),
    "actions in another case": _set(*_FIRST, "Action", to=["S3:getobject", "s3:listBucket"]),
    "a condition operator in another case": _set(
        *_FIRST, "Condition", to={"stringequals": {"aws:SourceAccount": "${account}"}}
    ),
    "a condition key in another case": _set(
        *_FIRST, "Condition", to={"StringEquals": {"AWS:SOURCEACCOUNT": "${account}"}}
    ),
    "a condition's value as a list": _set(
        *_FIRST, "Condition", to={"StringEquals": {"aws:SourceAccount": ["${account}"]}}
    ),
    "an account's id for the ARN of its root": _set(*_FIRST, "Principal", "AWS", to=[_READERS, "111122223333"]),
    "a list of one action": _set("Statement", 1, "NotAction", to=["s3:PutObject"]),
    "a list of one resource": _set("Statement", 1, "Resource", to=["arn:aws:sqs:${region}:${account}:queue"]),
    "anybody, spelt out": _set("Statement", 1, "Principal", to={"AWS": "*"}),
    "anybody, as a list": _set("Statement", 1, "Principal", to={"AWS": ["*"]}),
    "a truth value for its text": _set("Statement", 1, "Condition", to={"Bool": {"aws:SecureTransport": False}}),
    "another Sid": _set(*_FIRST, "Sid", to="Other"),
    "no Sid": _drop(*_FIRST, "Sid"),
    "another Id": _set("Id", to="other"),
    "no Id": _drop("Id"),
    "members in another order": lambda policy: policy.update(
        Statement=[dict(reversed(one.items())) for one in policy["Statement"]]
    ),
}
"""What says the same in other words."""


def changes(document: str, pointer: Pointer) -> Iterator[tuple[str, Value, Expected | None]]:
    """Each edit of a policy, what it then says, and what must be found."""
    for what, (edit, below, most) in MEANT.items():
        yield what, _edited(document, edit), Expected((*pointer, *below), most)
    for what, alike in ALIKE.items():
        yield what, _edited(document, alike), None


def _edited(document: str, edit: Edit) -> str:
    policy = json.loads(document)
    edit(policy)
    return json.dumps(policy)
