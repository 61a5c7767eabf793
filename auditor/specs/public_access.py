"""What S3 and Lambda take for public: whom a policy or an access list lets in without being named. Pure.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html, "The meaning of
public", says which conditions narrow what a policy lets everybody do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from auditor.model.json_text import parse_json
from auditor.model.values import ABSENT, Value

_NARROWING: Final = frozenset({
    "aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:sourceaccount",
    "aws:sourcearn", "aws:sourceip", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourcevpc", "aws:sourcevpce",
    "aws:userid", "lambda:eventsourcetoken", "s3:dataaccesspointaccount", "s3:dataaccesspointarn",
})  # fmt: skip
_POSITIVE: Final = re.compile(
    r"(foranyvalue:)?(stringequals|stringequalsignorecase|stringlike|arnequals|arnlike|ipaddress)"
)
# Ranges that S3 takes for everybody: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
_BROAD: Final = re.compile(r"[\d.]+/[0-7]|[0-9a-fA-F:]+/([12]?\d|3[01])")
PUBLIC_GROUPS: Final[Mapping[str, str]] = {
    "http://acs.amazonaws.com/groups/global/AllUsers": "everybody",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers": "whoever has an AWS account",
}
"""The groups of an access list that stand for the public, in words."""


def is_narrow(condition: str) -> bool:
    """Whether a condition (as JSON) holds only for callers that somebody named."""
    return any(
        _POSITIVE.fullmatch(operator.lower())
        and key.lower() in _NARROWING
        and all(map(_is_fixed, _texts(value)))
        for operator, tests in (parse_json(condition) if condition else {}).items()
        for key, value in (tests.items() if isinstance(tests, dict) else ())
    )  # fmt: skip


def is_public_policy(policy: Value) -> bool:
    """Whether a policy's text (ABSENT: no policy) lets everybody in; one that nobody can read counts as if it did."""
    if policy is ABSENT:
        return False
    try:
        statements = _listed(parse_json(policy)["Statement"])
        return any(_is_open(one) for one in statements)
    except (ValueError, TypeError, KeyError, AttributeError):
        return True


def _is_open(statement: Mapping[str, Any]) -> bool:
    everybody = "NotPrincipal" in statement or "*" in _principals(statement.get("Principal"))
    condition = json.dumps(statement["Condition"]) if statement.get("Condition") else ""
    return statement.get("Effect") == "Allow" and everybody and not is_narrow(condition)


def _principals(principal: Value) -> Iterator[Value]:
    if isinstance(principal, dict):
        for names in principal.values():
            yield from _listed(names)
    else:
        yield from _listed(principal)


def _listed(value: Value) -> list[Any]:
    return value if isinstance(value, list) else [value]


def is_public_acl(acl: Value) -> bool:
    """Whether an access list (ABSENT: none) grants anything to everybody."""
    grants = acl.get("Grants") or () if isinstance(acl, dict) else ()
    return any((one.get("Grantee") or {}).get("URI") in PUBLIC_GROUPS for one in grants)


def _texts(value: Value) -> list[str]:
    return [str(one) for one in (value.values() if isinstance(value, dict) else _listed(value))]


def _is_fixed(value: str) -> bool:
    parts = value.split(":", 5)
    if parts[0] == "arn":
        return len(parts) == 6 and (bool(parts[4].strip("*?")) or not parts[5].startswith(("*", "?")))
    return not value.startswith(("*", "?")) and not _BROAD.fullmatch(value)
