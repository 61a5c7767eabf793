"""Grants as IAM policies: statements of the same resources and conditions, in documents that IAM takes. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from auditor.iam.grants import Grant
from auditor.iam.scope import Bounds, condition, kind_of, resources

LIMIT: Final = 6144
"""Characters of a managed policy, white space not counted.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""
VERSION: Final = "2012-10-17"
Statement = Mapping[str, Any]
Policy = dict[str, Any]


def policies_of(grants: Iterable[Grant], bounds: Bounds) -> tuple[Policy, ...]:
    """The policies that grant just that: one, or as many as the limit takes."""
    found: list[list[Statement]] = [[]]
    for statement in _statements(grants, bounds):
        for part in _in_parts(statement):
            if size(_document([*found[-1], part])) > LIMIT:
                found.append([])
            found[-1].append(part)
    return tuple(_document(statements) for statements in found)


def size(policy: Mapping[str, Any]) -> int:
    """Characters as IAM counts them: without white space, of which the program writes none inside of values."""
    return len(json.dumps(policy, separators=(",", ":")))


def actions(policy: Mapping[str, Any]) -> tuple[str, ...]:
    """The actions that a policy allows, sorted."""
    return tuple(sorted(action for statement in policy["Statement"] for action in statement["Action"]))


def _statements(grants: Iterable[Grant], bounds: Bounds) -> Iterator[Statement]:
    """A statement for what is read of each kind, and one for what is written."""
    given = tuple(grants)
    written = {(kind_of(grant), grant.action) for grant in given if grant.writes}
    held: dict[tuple[bool, str], set[str]] = {}
    for grant in given:
        kind = kind_of(grant)
        held.setdefault(((kind, grant.action) in written, kind), set()).add(grant.action)
    for (writes, kind), allowed in sorted(held.items()):
        yield {
            "Sid": f"Auditor{'Writes' if writes else 'Reads'}{kind.title().replace('-', '')}",
            "Effect": "Allow",
            "Action": sorted(allowed),
            "Resource": list(resources(kind, bounds)),
            **({"Condition": conditions} if (conditions := condition(kind, bounds)) else {}),
        }


def _in_parts(statement: Statement) -> Iterator[Statement]:
    """The statement, or, where it alone is larger than a policy, halves of it."""
    allowed: Sequence[str] = statement["Action"]
    if size(_document([statement])) <= LIMIT or len(allowed) == 1:
        yield statement
        return
    half = len(allowed) // 2
    for letter, part in (("a", allowed[:half]), ("b", allowed[half:])):
        yield from _in_parts({**statement, "Sid": f"{statement['Sid']}{letter}", "Action": list(part)})


def _document(statements: Sequence[Statement]) -> Policy:
    return {"Version": VERSION, "Statement": list(statements)}
