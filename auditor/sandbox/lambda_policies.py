"""The resource policies of functions.

ministack keeps one list of statements for a function and all its qualifiers, drops conditions that it does not know,
cannot put a policy as one document, and answers with an empty policy where AWS answers that there is none.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, Final

from auditor.sandbox.deleted import refuse_nobody, refuse_nobody_in, with_unique_ids
from auditor.sandbox.extension import Fields, Handlers, Ministack, Refused, State
from auditor.sandbox.lambda_ import arn_of, existing, named, not_found, record_of

_CONDITIONS: Final = {
    "SourceArn": ("ArnLike", "AWS:SourceArn"),
    "SourceAccount": ("StringEquals", "AWS:SourceAccount"),
    "PrincipalOrgID": ("StringEquals", "aws:PrincipalOrgID"),
    "FunctionUrlAuthType": ("StringEquals", "lambda:FunctionUrlAuthType"),
    "InvokedViaFunctionUrl": ("Bool", "lambda:InvokedViaFunctionUrl"),
    "EventSourceToken": ("StringEquals", "lambda:EventSourceToken"),
}


async def _add_permission(state: State, asked: Fields, ministack: Ministack) -> Fields:
    name, qualifier = await existing(asked, ministack)
    await refuse_nobody(state, asked["Principal"], ministack)
    arn = arn_of(state, "function", name, qualifier)
    if any(one.get("Sid") == asked["StatementId"] for one in _statements(state, arn)):
        raise Refused("ResourceConflictException", 409, f"The statement id {asked['StatementId']} already exists.")
    _set_statements(state, arn, [*_statements(state, arn), _statement(asked, arn)])
    return {"Statement": json.dumps(_statement(asked, arn))}


def _statements(state: State, arn: str) -> list[Fields]:
    """The statements about the function, or the one of its qualifiers, of this ARN."""
    return [one for one in _policy_of(state, arn)["Statement"] if one["Resource"] in (arn, [arn])]


def _set_statements(state: State, arn: str, statements: list[Fields]) -> None:
    policy = _policy_of(state, arn)
    others = [one for one in policy["Statement"] if one not in _statements(state, arn)]
    policy["Statement"] = [*others, *statements]


def _policy_of(state: State, arn: str) -> Fields:
    policy: Fields = record_of(state, named({"FunctionName": arn})[0])["policy"]
    return policy


def _statement(asked: Fields, arn: str) -> Fields:
    statement: Fields = {
        "Sid": asked["StatementId"],
        "Effect": "Allow",
        "Principal": _principal(asked["Principal"]),
        "Action": asked["Action"],
        "Resource": arn,
    }
    for parameter, (operator, key) in _CONDITIONS.items():
        if parameter in asked:
            value = asked[parameter]
            text = str(value).lower() if isinstance(value, bool) else value
            statement.setdefault("Condition", {}).setdefault(operator, {})[key] = text
    return statement


def _principal(name: str) -> Any:
    if name == "*":
        return "*"
    if re.fullmatch(r"\d{12}", name):
        return {"AWS": f"arn:aws:iam::{name}:root"}
    return {"Service" if name.endswith((".amazonaws.com", ".amazonaws.com.cn")) else "AWS": name}


def _told(state: State, arn: str) -> Fields:
    statements = _statements(state, arn)
    if not statements:
        raise not_found("no policy is associated with the given resource.")
    text = with_unique_ids(state, json.dumps({"Version": "2012-10-17", "Id": "default", "Statement": statements}))
    return {"Policy": text, "RevisionId": hashlib.sha256(text.encode()).hexdigest()[:32]}


async def _remove_permission(state: State, asked: Fields, ministack: Ministack) -> Fields:
    arn = arn_of(state, "function", *await existing(asked, ministack))
    kept = [one for one in _statements(state, arn) if one.get("Sid") != asked["StatementId"]]
    if kept == _statements(state, arn):
        raise not_found(f"statement {asked['StatementId']} in the resource policy.")
    _set_statements(state, arn, kept)
    return {}


async def _get_policy(state: State, asked: Fields, ministack: Ministack) -> Fields:
    return _told(state, arn_of(state, "function", *await existing(asked, ministack)))


def _get_resource_policy(state: State, asked: Fields) -> Fields:
    return _told(state, asked["ResourceArn"])


async def _put_resource_policy(state: State, asked: Fields, ministack: Ministack) -> Fields:
    await refuse_nobody_in(state, asked["Policy"], ministack)
    _set_statements(state, asked["ResourceArn"], json.loads(asked["Policy"])["Statement"])
    return _told(state, asked["ResourceArn"])


def _delete_resource_policy(state: State, asked: Fields) -> Fields:
    _told(state, asked["ResourceArn"])
    _set_statements(state, asked["ResourceArn"], [])
    return {}


async def _delete_alias(state: State, asked: Fields, ministack: Ministack) -> Fields:
    arn = arn_of(state, "function", asked["FunctionName"], asked["Name"])
    answer: Fields = await ministack()
    # What was allowed of an alias is gone with it, and what was kept ready: one of the same name starts with neither.
    _set_statements(state, arn, [])
    record_of(state, named(asked)[0]).get("provisioned_concurrency", {}).pop(asked["Name"], None)
    return answer


HANDLERS: Final[Handlers] = {
    "lambda": {
        "AddPermission": _add_permission,
        "DeleteAlias": _delete_alias,
        "RemovePermission": _remove_permission,
        "GetPolicy": _get_policy,
        "GetResourcePolicy": _get_resource_policy,
        "PutResourcePolicy": _put_resource_policy,
        "DeleteResourcePolicy": _delete_resource_policy,
    }
}
