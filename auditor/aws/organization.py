"""The accounts of an AWS organization, as its management account or a delegated administrator is told of them.

https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from auditor.aws.answers import parsing
from auditor.aws.calls import Caller
from auditor.aws.errors import AWS_ERRORS, code_of, reason
from auditor.errors import CredentialsError, SettingsError
from auditor.model.values import Member
from auditor.specs.spec import Call

SERVICE: Final = "organizations"
ALL: Final = Call("ListAccounts", pick="Accounts")
OF_PARENT: Final = Call("ListAccountsForParent", {"ParentId": "${parent}"}, pick="Accounts")
UNITS_OF_PARENT: Final = Call("ListOrganizationalUnitsForParent", {"ParentId": "${parent}"}, pick="OrganizationalUnits")


def active_members(caller: Caller, units: tuple[str, ...]) -> tuple[Member, ...]:
    """The active accounts of the caller's organization, each once: those of some units and of all below, or all.

    Raises CredentialsError where Organizations refuses, SettingsError for a unit that is not there.
    """
    try:
        told = _listed(caller, units)
        with parsing("Organizations"):
            members = {one["Id"]: _member(one, caller.locale.account) for one in told if _is_active(one)}
    except AWS_ERRORS as error:
        raise _refusal(error, caller) from None
    return tuple(members[id_] for id_ in sorted(members))


def _listed(caller: Caller, units: tuple[str, ...]) -> list[dict[str, Any]]:
    if not units:
        return _all(caller, ALL, "")
    return [one for parent in _with_those_below(caller, units) for one in _all(caller, OF_PARENT, parent)]


def _with_those_below(caller: Caller, units: Iterable[str]) -> Iterator[str]:
    left, seen = list(units), set[str]()
    while left:
        unit = left.pop(0)
        if unit not in seen:
            seen.add(unit)
            yield unit
            with parsing(UNITS_OF_PARENT.operation):
                left += [one["Id"] for one in _all(caller, UNITS_OF_PARENT, unit)]


def _all(caller: Caller, call: Call, parent: str) -> list[dict[str, Any]]:
    # A page may be empty and yet not the last.
    return caller.items(SERVICE, call, {"parent": parent})


def _is_active(account: dict[str, Any]) -> bool:
    # `Status` was retired on 9 September 2026; where it is still told alone, it says the same.
    return bool(account.get("State", account.get("Status")) == "ACTIVE")


def _member(account: dict[str, Any], caller: str) -> Member:
    return Member(account["Id"], account.get("Name", ""), account["Arn"].split(":")[1], account["Id"] == caller)


def _refusal(error: Exception, caller: Caller) -> Exception:
    account, code = caller.locale.account, code_of(error)
    if code == "ParentNotFoundException":
        return SettingsError(
            f"'organization.units' names a unit that is not in the organization of account {account}. Nothing was "
            "read. See 'aws organizations list-organizational-units-for-parent'."
        )
    if code == "AWSOrganizationsNotInUseException":
        return CredentialsError(
            f"Account {account} is in no organization, so there are no accounts to expand 'organization' to. Nothing "
            "was read. Ask as the management account ('organization.profile'), or name accounts under 'accounts'."
        )
    if code.startswith("AccessDenied"):
        return CredentialsError(
            f"Organizations did not tell account {account} what accounts there are ({code}). Nothing was read. Ask as "
            "the management account or a delegated administrator ('organization.profile'), with the permissions "
            "organizations:ListAccounts, organizations:ListAccountsForParent and "
            "organizations:ListOrganizationalUnitsForParent, or name accounts under 'accounts'."
        )
    return CredentialsError(
        f"Organizations did not tell account {account} what accounts there are ({reason(error)}). Nothing was read. "
        "Try again, or name accounts under 'accounts'."
    )
