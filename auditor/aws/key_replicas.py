"""Whether a site has a replica of a multi-Region key, and can use it."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Executor
from typing import Final

from auditor.aws.calls import Caller
from auditor.aws.errors import AWS_ERRORS, code_of, reason
from auditor.key_references import MULTI_REGION
from auditor.references import UNKNOWN, Pair
from auditor.spec import Call

DESCRIBED: Final = Call("DescribeKey", {"KeyId": "${key}"})


def replicas_of(symbols: Iterable[str], caller: Caller, pool: Executor) -> tuple[tuple[Pair, ...], dict[str, str]]:
    """The multi-Region keys among the symbols that the site can use, and why it cannot use the others."""
    asked = [one for one in symbols if one.startswith(f"{MULTI_REGION}:")]
    told = dict(zip(asked, pool.map(lambda one: _why_not(one.partition(":")[2], caller), asked), strict=True))
    usable = tuple((one.partition(":")[2], one) for one, why in told.items() if not why)
    return usable, {one: why for one, why in told.items() if why}


def _why_not(key: str, caller: Caller) -> str:
    try:
        told = caller.answer("kms", DESCRIBED, {"key": key})["KeyMetadata"]
    except AWS_ERRORS as error:
        absent = code_of(error) == "NotFoundException"
        return f"the key {key} has no replica in {caller.site}" if absent else UNKNOWN + reason(error)
    state = told.get("KeyState", "Enabled")
    return "" if state == "Enabled" else f"the key {key} is {state} in {caller.site}"
