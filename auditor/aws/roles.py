"""IAM roles and users, which are the same in all regions: looked for, never made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from typing import Final

from auditor.aws.calls import Caller
from auditor.aws.errors import AWS_ERRORS, code_of
from auditor.canonical.principals import account_in
from auditor.specs.spec import Call

GET_ROLE: Final = Call("GetRole", {"RoleName": "${name}"}, pick="Role")
GET_USER: Final = Call("GetUser", {"UserName": "${name}"}, pick="User")
PRINCIPAL_CALLS: Final = (("iam", GET_ROLE), ("iam", GET_USER))
_NONE: Final = "NoSuchEntity"


def missing_principal(caller: Caller, arn: str) -> str:
    """AWS's code where a role or user of the caller's account is not there; "" where it is, or nobody may tell.

    What cannot be told is left to the call that names it: AWS checks it there.
    """
    if account_in(arn) != caller.locale.account:
        return ""
    try:
        asked = GET_ROLE if ":role/" in arn else GET_USER
        caller.answer("iam", asked, {"name": arn.rpartition("/")[2]})
    except AWS_ERRORS as error:
        return code_of(error) if code_of(error) == _NONE else ""
    return ""


def missing_principals(arns: Iterable[str], callers: Mapping[str, Caller], pool: Executor) -> dict[str, str]:
    """Which of these are not there, and why that is known; `callers` are known by their account. Each is asked once."""
    asked = sorted({arn for arn in arns if account_in(arn) in callers})
    codes = pool.map(lambda arn: missing_principal(callers[account_in(arn)], arn), asked)
    return {
        arn: f"there is no such thing in the account ({code}), and none is ever made here"
        for arn, code in zip(asked, codes, strict=True)
        if code
    }
