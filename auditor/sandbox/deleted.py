"""Policies that name who is not there: AWS takes none, and tells a unique id in place of the ARN of who was deleted.

Knows nothing of the auditor.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from auditor.sandbox.extension import PASS, Fields, Handlers, Ministack, Refused, State

_UNIQUE_ID: Final = re.compile(r"(?:AROA|AIDA|AGPA|AIPA|ANPA|ANVA|ASCA)[A-Z0-9]{12,}")
_OWN: Final = re.compile(r"arn:aws[a-z-]*:iam::(?P<account>\d{12}):(?P<kind>role|user)/(?:.*/)?(?P<name>[^/]+)")
_USER: Final = ("GetUser", "UserName", "User")
_INVALID: Final = "The provided principal was invalid. Please check the principal and try again."


async def refuse_nobody(state: State, principal: Any, ministack: Ministack) -> None:
    """Raise Refused, as Lambda does, for a permission's principal that is not there (any more)."""
    if await _is_nobody(state, principal, ministack):
        raise Refused("InvalidParameterValueException", 400, _INVALID)


async def refuse_nobody_in(state: State, policy: str, ministack: Ministack) -> None:
    """Raise Refused, as Lambda does, for a policy that names a principal that is not there (any more)."""
    await refuse_nobody(state, _principals(policy), ministack)


async def refuse_nobody_in_bucket_policy(state: State, policy: str, ministack: Ministack) -> None:
    """Raise Refused, as S3 does, for a policy that names a principal that is not there (any more).

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    if await _is_nobody(state, _principals(policy), ministack):
        raise Refused("MalformedPolicy", 400, "Invalid principal in policy")


async def _is_nobody(state: State, principal: Any, ministack: Ministack) -> bool:
    for one in _texts(principal):
        if _UNIQUE_ID.fullmatch(one) or one in _deleted(state) or not await _is_there(state, one, ministack):
            return True
    return False


async def _is_there(state: State, principal: str, ministack: Ministack) -> bool:
    """Whether a role or user of the caller's own account is there; of others nothing is known here."""
    found = _OWN.fullmatch(principal)
    if not found or found["account"] != state.account:
        return True
    operation, member, field = ("GetRole", "RoleName", "Role") if found["kind"] == "role" else _USER
    try:
        answer = await ministack(operation, {member: found["name"]}, "iam")
    except Refused:
        return False
    return bool(answer[field]["Arn"] == principal)


def _deleted(state: State) -> dict[str, str]:
    """The unique ids of the account's roles and users that were deleted, by their ARN."""
    return state.everywhere.of("deleted principals")


def with_unique_ids(state: State, policy: str) -> str:
    """A policy's text as it is told once those whom it names were deleted."""
    ids = _deleted(state)
    return re.sub('"(arn:[^"]+)"', lambda match: f'"{ids.get(match[1], match[1])}"', policy)


async def _get_bucket_policy(state: State, _: Fields, ministack: Ministack) -> Fields:
    answer = await ministack()
    return {**answer, "Policy": with_unique_ids(state, answer["Policy"])}


async def _delete_role(state: State, asked: Fields, ministack: Ministack) -> Fields:
    role = (await ministack("GetRole", {"RoleName": asked["RoleName"]}))["Role"]
    answer = await ministack()
    _deleted(state)[role["Arn"]] = role["RoleId"]
    return answer


async def _delete_user(state: State, asked: Fields, ministack: Ministack) -> Fields:
    user = (await ministack("GetUser", {"UserName": asked["UserName"]}))["User"]
    answer = await ministack()
    _deleted(state)[user["Arn"]] = user["UserId"]
    return answer


async def _created(state: State, _: Fields, ministack: Ministack) -> Fields:
    # Policies tell the old id still, in AWS: here they are told the new one's ARN again.
    answer = await ministack()
    _deleted(state).pop((answer.get("Role") or answer.get("User") or {}).get("Arn", ""), None)
    return answer


async def _add_layer_version_permission(state: State, asked: Fields, ministack: Ministack) -> Fields:
    await refuse_nobody(state, asked["Principal"], ministack)
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
    "s3": {"GetBucketPolicy": _get_bucket_policy},
    "iam": {
        "CreateRole": _created,
        "CreateUser": _created,
        "DeleteRole": _delete_role,
        "DeleteUser": _delete_user,
    },
}
