"""The role in each account: who may assume it, and the stack that makes it. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from auditor.errors import SettingsError
from auditor.iam.policies import VERSION, Policy

SESSION_SECONDS: Final = 3600
"""What every role gives a session; to one that another role's session assumes, at most.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use.html
"""
MOST_POLICIES: Final = 10
"""Managed policies of a role, by default: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
_ACCOUNT: Final = re.compile(r"\d{12}")
_PRINCIPAL: Final = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:(root|role/[\w+=,.@/-]+|user/[\w+=,.@/-]+)")
_EXTERNAL_ID: Final = re.compile(r"[\w+=,.@:/-]{2,1224}")
_ROLE_NAME: Final = re.compile(r"[\w+=,.@-]{1,64}")
_ROLE_PATH: Final = re.compile(r"/?([\w+=,.@-]+/)*[\w+=,.@-]{1,64}", re.ASCII)
_NOTHING: Final = "Nothing was printed."


def trust_policy(trusted: Iterable[str], external_id: str, partition: str) -> Policy:
    """Who may assume the role: accounts (12 digits), roles or users (ARNs). Raises SettingsError for anything else."""
    if external_id and not _EXTERNAL_ID.fullmatch(external_id):
        raise SettingsError(
            f"The external id is not one: 2 to 1,224 letters, digits and '+=,.@:/-_' are. {_NOTHING} Give another "
            "with --external-id."
        )
    condition = {"Condition": {"StringEquals": {"sts:ExternalId": external_id}}} if external_id else {}
    return {"Version": VERSION, "Statement": [{**_assuming(trusted, partition), **condition}]}


def _assuming(trusted: Iterable[str], partition: str) -> dict[str, Any]:
    named = [_principal(one, partition) for one in trusted]
    if not named:
        raise SettingsError(f"Nothing says who is trusted. {_NOTHING} Say --trust ACCOUNT_OR_ROLE_ARN.")
    principal = {"AWS": named[0] if len(named) == 1 else named}
    return {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}


def _principal(one: str, partition: str) -> str:
    if _ACCOUNT.fullmatch(one):
        return f"arn:{partition}:iam::{one}:root"
    if not _PRINCIPAL.fullmatch(one):
        raise SettingsError(
            f"--trust: '{one}' is neither an account's id of 12 digits nor the ARN of a role or user. {_NOTHING}"
        )
    if one.split(":")[1] != partition:
        raise SettingsError(
            f"--trust: '{one}' is of the partition {one.split(':')[1]}, and the policy of {partition}. No role is "
            f"assumed across partitions. {_NOTHING} Name a region of its partition with --region."
        )
    return one


def role_named(name: str) -> str:
    """A role's name with its path, if it has one, as ARNs have it; "" for none. Raises SettingsError for another."""
    if name and not _ROLE_PATH.fullmatch(name):
        raise SettingsError(
            f"--role-name: '{name}' is no name of a role. {_NOTHING} Letters and digits are one, with its path if it "
            "has one: audit/auditor."
        )
    return name.removeprefix("/")


def stack_set(
    use: str, policies: Sequence[Policy], trusted: Sequence[str], role_name: str, partition: str, longest: int
) -> str:
    """The CloudFormation template of a stack set that makes the role in every account, as JSON.

    `longest` is how many seconds a session may last. Roles are global, so it is deployed to one region of each account.
    The external id is a parameter that is never shown. Raises SettingsError for what is no name of a role, and where a
    role takes fewer policies than there are.
    """
    if not _ROLE_NAME.fullmatch(role_name):
        raise SettingsError(f"--role-name: '{role_name}' is no name of a role. {_NOTHING} Letters and digits are one.")
    if len(policies) > MOST_POLICIES:
        raise SettingsError(f"A role takes {MOST_POLICIES} policies, and these are {len(policies)}. {_NOTHING}")
    named = {f"Policy{number}": one for number, one in enumerate(policies, start=1)}
    made = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"The role that auditor takes on in this account ({use}).",
        "Parameters": _parameters(role_name),
        "Conditions": {"HasExternalId": {"Fn::Not": [{"Fn::Equals": [{"Ref": "ExternalId"}, ""]}]}},
        "Resources": {
            **{name: _managed(f"{use}, {name[6:]} of {len(named)}", one) for name, one in named.items()},
            "Role": _role(use, _assuming(trusted, partition), longest, list(named)),
        },
        "Outputs": {
            "RoleArn": {"Description": "For 'accounts' in auditor.yaml", "Value": {"Fn::GetAtt": ["Role", "Arn"]}}
        },
    }
    return json.dumps(made, indent=2)


def _parameters(role_name: str) -> dict[str, Any]:
    return {
        "RoleName": {
            "Type": "String",
            "Description": "The role's name, the same in every account.",
            "Default": role_name,
            "AllowedPattern": r"^[\w+=,.@-]{1,64}$",
        },
        "ExternalId": {
            "Type": "String",
            "NoEcho": True,
            "Description": "What who assumes the role has to name ('external_id' in auditor.yaml); empty for nothing.",
            "Default": "",
            "AllowedPattern": r"^$|^[\w+=,.@:/-]{2,1224}$",
        },
    }


def _managed(what: str, policy: Policy) -> dict[str, Any]:
    return {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {"Description": f"What auditor may do here: {what}", "PolicyDocument": policy},
    }


def _role(use: str, assuming: dict[str, Any], longest: int, names: Sequence[str]) -> dict[str, Any]:
    asked = {"StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}}
    statement = {
        **assuming,
        "Condition": {"Fn::If": ["HasExternalId", asked, {"Ref": "AWS::NoValue"}]},
    }
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": {"Ref": "RoleName"},
            "Description": f"What auditor takes on in this account ({use})",
            "MaxSessionDuration": longest,
            "AssumeRolePolicyDocument": {"Version": VERSION, "Statement": [statement]},
            "ManagedPolicyArns": [{"Ref": name} for name in names],
        },
    }
