"""How a resource policy is brought from one form to another by adding and removing permissions. Pure.

https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html: a statement cannot be overwritten, so one whose
content changes is added under a new Sid before the old one is removed; nobody who may call is ever kept out.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from auditor.canonical.policy_condition import Text
from auditor.model.values import ABSENT, Value
from auditor.resources._policies import meanings_of, statements, steps
from auditor.specs.spec import Call, Writer

Params = dict[str, Value]
_ROOT: Final = re.compile(r"arn:[^:]+:iam::([^:]+):root")
_SID_LENGTH: Final = 100

FUNCTION_CONDITIONS: Final[Mapping[tuple[str, str], str]] = {
    ("arnlike", "aws:sourcearn"): "SourceArn",
    ("stringequals", "aws:sourceaccount"): "SourceAccount",
    ("stringequals", "aws:principalorgid"): "PrincipalOrgID",
    ("stringequals", "lambda:functionurlauthtype"): "FunctionUrlAuthType",
    ("bool", "lambda:invokedviafunctionurl"): "InvokedViaFunctionUrl",
    ("stringequals", "lambda:eventsourcetoken"): "EventSourceToken",
}
"""Operator and key of each condition that AddPermission can make, in small letters, and its parameter."""
LAYER_CONDITIONS: Final[Mapping[tuple[str, str], str]] = {("stringequals", "aws:principalorgid"): "OrganizationId"}


@dataclass(frozen=True)
class Permissions:
    """The operations that write one kind of resource policy.

    `params` name the resource. `whole` is the ARN under which the policy can be put as one document, "" where AWS
    has no such operation. `text` words each text of a statement as it is compared.
    """

    add: str
    remove: str
    params: Mapping[str, Value]
    conditions: Mapping[tuple[str, str], str] = field(default_factory=dict)
    whole: str = ""
    text: Text = str


def function_permissions(params: Mapping[str, Value], arn: str) -> Permissions:
    """How the policy of a function, or of one of its aliases, is written."""
    return Permissions("AddPermission", "RemovePermission", params, FUNCTION_CONDITIONS, arn)


def permissions_writer(kind: Permissions) -> Writer:
    """The writer of a policy of this kind. Statements that say nothing else stay as they are, whatever their Sid."""

    def write(found: Value, wanted: Value) -> tuple[Call, ...]:
        if _is_put_whole(kind, found, wanted):
            return (Call("PutResourcePolicy", {"ResourceArn": kind.whole, "Policy": wanted}),)
        missing, surplus = steps(found, wanted, kind.text)
        taken = {str(one.get("Sid", "")) for one in statements(found)}
        added = ((one, parameters(one, kind.conditions)) for one in missing)
        adding = (_adding(kind, one, params, taken) for one, params in added if params)
        removing = (_removing(kind, one) for one in surplus if "Sid" in one)
        return *adding, *removing

    return write


def permissions_become(kind: Permissions) -> Callable[[Value, Value], Value]:
    """What a policy is after it was written: a statement whose Sid was taken has another one."""

    def become(found: Value, wanted: Value) -> Value:
        if wanted is ABSENT or _is_put_whole(kind, found, wanted):
            return wanted
        here, (missing, surplus) = statements(found), steps(found, wanted, kind.text)
        taken = {str(one.get("Sid", "")) for one in here}
        kept = [one for one in here if one not in surplus]
        added = [{**one, "Sid": unused_sid(one, taken)} for one in missing if parameters(one, kind.conditions)]
        return json.dumps({**json.loads(wanted), "Statement": [*kept, *added]})

    return become


def _is_put_whole(kind: Permissions, found: Value, wanted: Value) -> bool:
    missing, surplus = steps(found, wanted, kind.text)
    inexpressible = None in [parameters(one, kind.conditions) for one in missing]
    return bool(kind.whole) and wanted is not ABSENT and (inexpressible or not all("Sid" in one for one in surplus))


def _adding(kind: Permissions, statement: Value, params: Params, taken: set[str]) -> Call:
    name = {"StatementId": unused_sid(statement, taken)}
    return Call(kind.add, {**kind.params, **name, **params})


def _removing(kind: Permissions, statement: Value) -> Call:
    return Call(kind.remove, {**kind.params, "StatementId": statement["Sid"]})


def unused_sid(statement: Mapping[str, Value], taken: set[str]) -> str:
    """The statement's Sid, or, where that is taken or there is none, one made of it and of what it says."""
    sid = str(statement.get("Sid", ""))
    if sid and sid not in taken:
        return sid
    says = "\n".join(sorted(meanings_of(statement)))
    marks = (hashlib.sha256(f"{says}{'' if n == 0 else n}".encode()).hexdigest()[:8] for n in count())
    made = (f"{sid[: _SID_LENGTH - 9]}-{mark}" if sid else mark for mark in marks)
    return next(one for one in made if one not in taken)


def parameters(statement: Mapping[str, Value], conditions: Mapping[tuple[str, str], str]) -> Params | None:
    """The parameters that add this statement, its name aside; None where adding permissions cannot express it."""
    known = {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}
    action, principal = _single(statement.get("Action")), _principal(statement.get("Principal"))
    tests = _conditions(statement.get("Condition") or {}, conditions)
    if statement.get("Effect") != "Allow" or not statement.keys() <= known:
        return None
    if not action or not principal or tests is None or not _single(statement.get("Resource")):
        return None
    return {"Action": action, "Principal": principal, **tests}


def _single(value: Value) -> str:
    alone = value[0] if isinstance(value, list) and len(value) == 1 else value
    return alone if isinstance(alone, str) else ""


def _principal(value: Value) -> str:
    if isinstance(value, str):
        return value
    if not isinstance(value, dict) or len(value) != 1 or not value.keys() <= {"AWS", "Service"}:
        return ""
    name = _single(next(iter(value.values())))
    root = _ROOT.fullmatch(name)
    return root[1] if root else name


def _conditions(condition: Mapping[str, Value], known: Mapping[tuple[str, str], str]) -> Params | None:
    found: Params = {}
    for operator, tests in condition.items():
        for key, value in tests.items():
            parameter, text = known.get((operator.lower(), key.lower())), _single(value)
            if not parameter or not text:
                return None
            found[parameter] = text == "true" if operator.lower() == "bool" else text
    return found
