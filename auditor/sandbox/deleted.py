"""Policies that name a deleted principal by its unique id, which AWS takes from nobody. Knows nothing of the auditor.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from auditor.sandbox.extension import PASS, Fields, Handlers, Refused, State

_UNIQUE_ID: Final = re.compile(r"(?:AROA|AIDA|AGPA|AIPA|ANPA|ANVA|ASCA)[A-Z0-9]{12,}")
_INVALID: Final = "The provided principal was invalid. Please check the principal and try again."


def refuse_deleted(principal: Any) -> None:
    """Raise Refused, as Lambda does, for a permission's principal that was deleted."""
    if any(map(_UNIQUE_ID.fullmatch, _texts(principal))):
        raise Refused("InvalidParameterValueException", 400, _INVALID)


def refuse_deleted_in(policy: str) -> None:
    """Raise Refused, as Lambda does, for a policy that names a principal that was deleted."""
    refuse_deleted(_principals(policy))


def refuse_deleted_in_bucket_policy(policy: str) -> None:
    """Raise Refused, as S3 does, for a policy that names a principal that was deleted."""
    if any(map(_UNIQUE_ID.fullmatch, _texts(_principals(policy)))):
        raise Refused("MalformedPolicy", 400, "Invalid principal in policy")


def _add_layer_version_permission(_: State, asked: Fields) -> Fields:
    refuse_deleted(asked["Principal"])
    return PASS


def _principals(policy: str) -> list[Any]:
    try:
        document = json.loads(policy)
    except ValueError:
        return []
    found = document.get("Statement", []) if isinstance(document, dict) else []
    statements = [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict)]
    return [one.get(name) for one in statements for name in ("Principal", "NotPrincipal")]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in members:
        yield from _texts(one)


HANDLERS: Final[Handlers] = {
    "lambda": {"AddLayerVersionPermission": _add_layer_version_permission},
}
