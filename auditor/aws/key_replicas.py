"""Whether a site can use its replica of a multi-Region key, and the keys that its aliases are of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from typing import Final

from auditor.aws.calls import Caller
from auditor.aws.errors import AWS_ERRORS, code_of, reason
from auditor.canonical.key_references import ALIAS, MULTI_REGION
from auditor.canonical.references import UNKNOWN, Pair
from auditor.specs.spec import Call

DESCRIBED: Final = Call("DescribeKey", {"KeyId": "${key}"}, pick="KeyMetadata", always=("KeyMetadata.KeyState",))


def replicas_of(symbols: Iterable[str], caller: Caller, pool: Executor) -> tuple[tuple[Pair, ...], dict[str, str]]:
    """The multi-Region keys among the symbols that the site can use, and why it cannot use the others."""
    asked = [one for one in symbols if one.startswith(f"{MULTI_REGION}:")]
    told = dict(zip(asked, pool.map(lambda one: _why_not(one.partition(":")[2], caller), asked), strict=True))
    usable = tuple((one.partition(":")[2], one) for one, why in told.items() if not why)
    return usable, {one: why for one, why in told.items() if why}


def unusable(symbols: Mapping[str, str], caller: Caller, pool: Executor) -> dict[str, str]:
    """Why the site cannot use the keys of its aliases, by the aliases' symbols; `symbols` are those of literals.

    A key that is disabled, or about to be deleted, encrypts nothing, and yet S3 and Lambda take it.
    https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
    """
    asked = {literal: symbol for literal, symbol in symbols.items() if symbol.startswith(f"{ALIAS}:")}
    told = dict(zip(asked.values(), pool.map(lambda one: _why_not(one, caller), asked), strict=True))
    return {symbol: why for symbol, why in told.items() if why}


def _why_not(key: str, caller: Caller) -> str:
    try:
        told = caller.answer("kms", DESCRIBED, {"key": key})["KeyMetadata"]
    except AWS_ERRORS as error:
        absent = code_of(error) == "NotFoundException"
        missing = f"the key {key} has no replica in {caller.site}" if key.startswith("mrk-") else f"there is no {key}"
        return missing if absent else UNKNOWN + reason(error)
    state = told["KeyState"]
    return "" if state == "Enabled" else f"the key {key} is {state} in {caller.site}"
