"""AWS Organizations, of which ministack has one account alone. Knows nothing of the auditor.

Accounts are made at once; at AWS it takes a minute. As there, a new account has a role that the management account may
have. `State` is told, and no `Status`, which was retired in 2026.

https://docs.aws.amazon.com/organizations/latest/APIReference/
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from auditor.sandbox.extension import Fields, Handlers, Ministack, Refused, State

_ORGANIZATIONS: Final[dict[str, Fields]] = {}
"""By the management account's id."""
_PAGE: Final = 20
_ROLE: Final = "OrganizationAccountAccessRole"


def create_organization(state: State, asked: Fields) -> Fields:
    """An organization with one root, of which the caller is the management account."""
    if _found(state.account):
        raise Refused("AlreadyInOrganizationException", message="The account is a member of an organization.")
    id_, root = f"o-{_made_up(10)}", f"r-{_made_up(4)}"
    arn = f"arn:aws:organizations::{state.account}"
    _ORGANIZATIONS[state.account] = {
        "Organization": {
            "Id": id_,
            "Arn": f"{arn}:organization/{id_}",
            "FeatureSet": asked.get("FeatureSet", "ALL"),
            "MasterAccountArn": f"{arn}:account/{id_}/{state.account}",
            "MasterAccountId": state.account,
        },
        "Root": {"Id": root, "Arn": f"{arn}:root/{id_}/{root}", "Name": "Root", "PolicyTypes": []},
        "Units": {},
        "Accounts": {},
        "Parents": {},
    }
    _add(_ORGANIZATIONS[state.account], state.account, "management", "INVITED")
    return describe_organization(state, {})


def describe_organization(state: State, _: Fields) -> Fields:
    """The caller's organization, which any member may ask about."""
    return {"Organization": _of(state)["Organization"]}


def list_roots(state: State, _: Fields) -> Fields:
    """The one root."""
    return {"Roots": [_managed(state)["Root"]]}


def create_organizational_unit(state: State, asked: Fields) -> Fields:
    """A unit below a root or another unit."""
    own = _managed(state)
    parent = _parent(own, asked)
    id_ = f"ou-{own['Root']['Id'].removeprefix('r-')}-{_made_up(8)}"
    arn = f"arn:aws:organizations::{state.account}:ou/{own['Organization']['Id']}/{id_}"
    own["Units"][id_] = {"Id": id_, "Arn": arn, "Name": asked["Name"]}
    own["Parents"][id_] = parent
    return {"OrganizationalUnit": own["Units"][id_]}


async def create_account(state: State, asked: Fields, ministack: Ministack) -> Fields:
    """An account below the root, with a role that trusts the management account."""
    own = _managed(state)
    id_ = f"{uuid.uuid4().int % 10**12:012}"
    _add(own, id_, asked["AccountName"], "CREATED")
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{state.account}:root"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = {"RoleName": asked.get("RoleName", _ROLE), "AssumeRolePolicyDocument": document}
    await ministack.of(id_)("CreateRole", role, "iam")
    status = {"Id": f"car-{_made_up(32)}", "AccountName": asked["AccountName"], "State": "SUCCEEDED", "AccountId": id_}
    return {"CreateAccountStatus": status}


def move_account(state: State, asked: Fields) -> Fields:
    """Puts an account below another parent."""
    own = _managed(state)
    if own["Parents"].get(asked["AccountId"]) != asked["SourceParentId"]:
        raise Refused("SourceParentNotFoundException", message="We can't find a source root or OU.")
    own["Parents"][asked["AccountId"]] = _parent(own, {"ParentId": asked["DestinationParentId"]})
    return {}


def close_account(state: State, asked: Fields) -> Fields:
    """Suspends an account: for 90 days it is listed, and cannot be used."""
    _managed(state)["Accounts"][asked["AccountId"]]["State"] = "SUSPENDED"
    return {}


def list_accounts(state: State, asked: Fields) -> Fields:
    """Every account, 20 at a time."""
    return _page("Accounts", _managed(state)["Accounts"].values(), asked)


def list_accounts_for_parent(state: State, asked: Fields) -> Fields:
    """The accounts right below a root or unit."""
    return _page("Accounts", _below(_managed(state), "Accounts", asked), asked)


def list_organizational_units_for_parent(state: State, asked: Fields) -> Fields:
    """The units right below a root or unit."""
    return _page("OrganizationalUnits", _below(_managed(state), "Units", asked), asked)


def _found(account: str) -> Fields:
    return next((one for one in _ORGANIZATIONS.values() if account in one["Accounts"]), {})


def _of(state: State) -> Fields:
    found = _found(state.account)
    if not found:
        raise Refused("AWSOrganizationsNotInUseException", message="Your account is not a member of an organization.")
    return found


def _managed(state: State) -> Fields:
    found = _of(state)
    if found["Organization"]["MasterAccountId"] != state.account:
        raise Refused("AccessDeniedException", message="You don't have permissions to access this resource.")
    return found


def _add(own: Fields, id_: str, name: str, how: str) -> None:
    organization = own["Organization"]
    arn = f"arn:aws:organizations::{organization['MasterAccountId']}:account/{organization['Id']}/{id_}"
    told = {"Id": id_, "Arn": arn, "Email": f"{id_}@sandbox.invalid", "Name": name, "State": "ACTIVE"}
    own["Accounts"][id_] = {**told, "JoinedMethod": how, "JoinedTimestamp": datetime.now(UTC)}
    own["Parents"][id_] = own["Root"]["Id"]


def _parent(own: Fields, asked: Fields) -> str:
    id_ = str(asked["ParentId"])
    if id_ != own["Root"]["Id"] and id_ not in own["Units"]:
        raise Refused("ParentNotFoundException", message="We can't find a root or OU with the ParentId.")
    return id_


def _below(own: Fields, kind: str, asked: Fields) -> Iterable[Fields]:
    parent = _parent(own, asked)
    return [one for id_, one in own[kind].items() if own["Parents"][id_] == parent]


def _page(kind: str, things: Iterable[Fields], asked: Fields) -> Fields:
    all_, start = list(things), int(asked.get("NextToken", 0))
    end = start + min(asked.get("MaxResults", _PAGE), _PAGE)
    return {kind: all_[start:end], **({"NextToken": str(end)} if end < len(all_) else {})}


def _made_up(length: int) -> str:
    return uuid.uuid4().hex[:length]


HANDLERS: Final[Handlers] = {
    "organizations": {
        "CloseAccount": close_account,
        "CreateAccount": create_account,
        "CreateOrganization": create_organization,
        "CreateOrganizationalUnit": create_organizational_unit,
        "DescribeOrganization": describe_organization,
        "ListAccounts": list_accounts,
        "ListAccountsForParent": list_accounts_for_parent,
        "ListOrganizationalUnitsForParent": list_organizational_units_for_parent,
        "ListRoots": list_roots,
        "MoveAccount": move_account,
    }
}
