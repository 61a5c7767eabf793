"""IAM roles, which are the same in all regions: looked for, never made."""

from __future__ import annotations

from typing import Final

from auditor.aws.calls import Caller
from auditor.aws.errors import AWS_ERRORS, code_of
from auditor.spec import Call

GET_ROLE: Final = Call("GetRole", {"RoleName": "${role}"})
_NONE: Final = "NoSuchEntity"


def missing_role(caller: Caller, arn: str) -> str:
    """AWS's code where a role of the caller's account is not there; "" where it is, or where nobody may tell.

    What cannot be told is left to the call that names the role: AWS checks it there.
    """
    if arn.split(":")[4] != caller.locale.account:
        return ""
    try:
        caller.answer("iam", GET_ROLE, {"role": arn.rpartition("/")[2]})
    except AWS_ERRORS as error:
        return code_of(error) if code_of(error) == _NONE else ""
    return ""
