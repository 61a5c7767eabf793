"""Whom the calls of a plan name: roles and users that must exist, and principals that were deleted. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids: where a policy's
principal was deleted, its unique id stands in its place. AWS takes such a principal from nobody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from auditor.canonical.policy_condition import as_list
from auditor.canonical.wording import substitute
from auditor.model.json_text import parse_json
from auditor.model.values import Value

_DELETED: Final = re.compile(r"(?:AROA|AIDA|AGPA|AIPA|ANPA|ANVA|ASCA)[A-Z0-9]{12,}")
PRINCIPAL: Final = "principal:"
"""How the symbol of a role or user begins that must be there: its ARN follows."""
_ARN: Final = re.compile(r"arn:[\w-]+:iam::\d{12}:(?:role|user)/[\w+=,.@/-]+")
_PRINCIPAL: Final = ("Principal", "NotPrincipal")
_POLICIES: Final = ("Policy", "PolicyDocument")


def deleted_in(path: Iterable[str], value: Value) -> tuple[str, ...]:
    """The deleted principals that a value holds which stands at a place of a canonical document."""
    parts = tuple(path)
    if "Statement" not in parts:
        # A whole policy, or what holds none at all.
        statements = value.get("Statement") if isinstance(value, Mapping) else None
        found = (one for part in _members(statements) for one in deleted_in(("Statement", ""), part))
        return tuple(dict.fromkeys(found))
    below = parts[parts.index("Statement") + 2 :]
    held = value if below[:1] and below[0] in _PRINCIPAL else _named(value) if not below else None
    return tuple(dict.fromkeys(one for one in _texts(held) if _DELETED.fullmatch(one)))


def deleted_principals(params: Value) -> tuple[str, ...]:
    """The deleted principals that a call's parameters would write."""
    return tuple(dict.fromkeys(one for one in principals(params) if _DELETED.fullmatch(one)))


def principals(params: Value) -> Iterator[str]:
    """Everybody whom the policies in a call's parameters let in or refuse, and a permission's own principal."""
    if isinstance(params, list):
        for one in params:
            yield from principals(one)
    if not isinstance(params, Mapping):
        return
    for name, value in params.items():
        if name in _POLICIES and isinstance(value, str):
            yield from _of_policy(value)
        elif name == "Principal" and isinstance(value, str):
            yield value
        else:
            yield from principals(value)


def required(params: Value, meaning: Callable[[str], str]) -> frozenset[str]:
    """The ARNs of roles and users that must be there before AWS takes a call; `meaning` fills symbols in.

    Those are the principals of policies, and what stands where a role is handed to AWS. Conditions and resources may
    name what is not there, by wildcards too.
    """
    return _existing((*role_fields(params), *principals(params)), meaning)


def required_by(statement: Value, meaning: Callable[[str], str]) -> frozenset[str]:
    """The same of one statement of a canonical document."""
    return _existing(_texts(_named(statement)), meaning)


def _existing(texts: Iterable[str], meaning: Callable[[str], str]) -> frozenset[str]:
    named = (text for text in texts if re.search(":(role|user)/", text))
    return frozenset(arn for arn in (substitute(text, meaning) for text in named) if _ARN.fullmatch(arn))


def account_in(arn: str) -> str:
    """The account of an ARN."""
    return arn.split(":")[4]


def role_fields(params: Value) -> Iterator[str]:
    """What the fields of a call's parameters hold that name a role (`Role`, `RoleArn`, `serviceRoleArn`)."""
    if isinstance(params, list):
        for one in params:
            yield from role_fields(one)
    if not isinstance(params, Mapping):
        return
    for name, value in params.items():
        if isinstance(value, str) and name.lower().endswith(("role", "rolearn")):
            yield value
        elif name not in ("Variables", "Tags", "tags"):
            yield from role_fields(value)


def _of_policy(text: str) -> Iterator[str]:
    try:
        document: Any = parse_json(text)
    except ValueError:
        return
    statements = document.get("Statement", []) if isinstance(document, Mapping) else []
    for statement in as_list(statements):
        yield from _texts(_named(statement))


def _named(statement: Value) -> Value:
    return [statement[name] for name in _PRINCIPAL if name in statement] if isinstance(statement, Mapping) else None


def _members(value: Value) -> list[Value]:
    return list(value.values()) if isinstance(value, Mapping) else value if isinstance(value, list) else []


def _texts(value: Value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for one in _members(value):
        yield from _texts(one)
