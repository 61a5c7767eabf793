"""Roles of other accounts, which ministack gives in the caller's own. Knows nothing of the auditor.

The credentials of a role are those of its account: an access key of 12 digits is one here. Its trust policy says who
may have it: which account asks, and with which external id.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import unquote

from auditor.sandbox.extension import Fields, Ministack, Refused, State
from auditor.sandbox.opt_in import is_disabled

_ROLE: Final = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/(?:.*/)?([^/]+)")
_HOUR: Final = 3600


async def assume_role(state: State, asked: Fields, ministack: Ministack) -> Fields:
    """Credentials of the role's account, where its trust policy lets the caller have them."""
    arn, seconds = asked["RoleArn"], asked.get("DurationSeconds", _HOUR)
    found = _ROLE.fullmatch(arn)
    if not found:
        raise Refused("ValidationError", message=f"{arn} is invalid")
    account, name = found.groups()
    if is_disabled(account, state.region):
        raise Refused("RegionDisabledException", 403, f"STS is not activated in this region for account:{account}.")
    role = await _role(ministack.of(account), name)
    if role.get("Arn") != arn or not _trusted(role, state.account, asked.get("ExternalId")):
        who = f"arn:aws:iam::{state.account}:user/sandbox"
        told = f"User: {who} is not authorized to perform: sts:AssumeRole on resource: {arn}"
        raise Refused("AccessDenied", 403, told)
    if seconds > role.get("MaxSessionDuration", _HOUR):
        told = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        raise Refused("ValidationError", message=told)
    return _given(account, name, asked["RoleSessionName"], datetime.now(UTC) + timedelta(seconds=seconds))


async def _role(ministack: Ministack, name: str) -> Fields:
    try:
        role: Fields = (await ministack("GetRole", {"RoleName": name}, "iam"))["Role"]
    except Refused:
        return {}
    return role


def _given(account: str, role: str, session: str, until: datetime) -> Fields:
    # Its token is the session's name, as CloudTrail's events have it here.
    keys = {"AccessKeyId": account, "SecretAccessKey": "sandbox", "SessionToken": session, "Expiration": until}
    arn = f"arn:aws:sts::{account}:assumed-role/{role}/{session}"
    return {"Credentials": keys, "AssumedRoleUser": {"AssumedRoleId": f"AROA{account}:{session}", "Arn": arn}}


def _trusted(role: Fields, caller: str, external_id: str | None) -> bool:
    policy = json.loads(unquote(role["AssumeRolePolicyDocument"]))
    return any(_allows(one, caller, external_id) for one in policy["Statement"])


def _allows(statement: Fields, caller: str, external_id: str | None) -> bool:
    principal = statement.get("Principal", {})
    trusted = _listed(principal.get("AWS") if isinstance(principal, dict) else principal)
    wanted = statement.get("Condition", {}).get("StringEquals", {}).get("sts:ExternalId")
    return (
        statement["Effect"] == "Allow"
        and "sts:AssumeRole" in _listed(statement["Action"])
        and any(one in ("*", caller) or one.split(":")[4:5] == [caller] for one in trusted)
        and (wanted is None or external_id in _listed(wanted))
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


HANDLERS: Final = {"sts": {"AssumeRole": assume_role}}
