"""A Lambda function in one site: a version published from the artifact, and the alias that is moved to it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from auditor.aws.calls import Caller
from auditor.aws.errors import AWS_ERRORS, reason
from auditor.aws.waits import wait
from auditor.aws.write import write
from auditor.deploy.fanout import Placed
from auditor.errors import DeployError, UnknownFateError
from auditor.model.plan import PlannedCall
from auditor.specs.spec import Call

ALIAS: Final = Call(
    "GetAlias", {"FunctionName": "${name}", "Name": "${alias}"}, always=("FunctionVersion", "RevisionId")
)
WRITES: Final = ("UpdateFunctionCode", "PublishVersion", "UpdateAlias")
WAITED: Final = ("function_updated_v2", "published_version_active")
"""What is waited for, by its name."""
_CODE: Final = PlannedCall(
    "lambda",
    "UpdateFunctionCode",
    {"FunctionName": "${name}", "S3Bucket": "${bucket}", "S3Key": "${key}"},
)
_PUBLISH: Final = PlannedCall(
    "lambda", "PublishVersion", {"FunctionName": "${name}", "CodeSha256": "${code}", "Description": "${description}"}
)
_MOVE: Final = PlannedCall(
    "lambda",
    "UpdateAlias",
    {"FunctionName": "${name}", "Name": "${alias}", "FunctionVersion": "${version}", "RevisionId": "${revision}"},
)


@dataclass(frozen=True)
class Alias:
    """Where an alias points. `revision` is AWS's lock against somebody else's change meanwhile."""

    function: str
    name: str
    version: str
    revision: str
    weighted: bool
    """Whether a part of the traffic goes to a second version: something is shifting it."""


def alias_of(caller: Caller, function: str, name: str) -> Alias:
    """The alias as it is now. Raises DeployError where it cannot be read."""
    try:
        answer = caller.answer("lambda", ALIAS, {"name": function, "alias": name})
    except AWS_ERRORS as error:
        raise DeployError(
            f"{caller.site}: the alias {function}:{name} could not be read ({reason(error)}). Nothing was deployed "
            "there. Name a function and an alias that are there in the AppSpec."
        ) from None
    weighted = bool((answer.get("RoutingConfig") or {}).get("AdditionalVersionWeights"))
    return Alias(function, name, str(answer["FunctionVersion"]), str(answer["RevisionId"]), weighted)


def version_of(caller: Caller, function: str, placed: Placed, sha256: str, description: str) -> str:
    """The number of the version that holds the artifact: AWS makes no second one of the same code and configuration.

    So both writes may be made twice, and are, where an answer is lost. `sha256` is hexadecimal. Raises
    WriteRefusedError, UnknownFateError, WaitError.
    """
    code = base64.b64encode(bytes.fromhex(sha256)).decode()
    pinned = {**_CODE.params, **({"S3ObjectVersion": "${object}"} if placed.version else {})}
    values = {"name": function, "bucket": placed.bucket, "key": placed.key, "object": placed.version, "code": code}
    _twice(caller, PlannedCall("lambda", _CODE.operation, pinned), values, "CodeSha256")
    wait(caller, WAITED[0], {"name": function})
    version = str(_twice(caller, _PUBLISH, {**values, "description": description}, "Version")["Version"])
    wait(caller, WAITED[1], {"name": function, "Version": version})
    return version


def _twice(caller: Caller, call: PlannedCall, values: Mapping[str, Any], needed: str) -> Mapping[str, Any]:
    try:
        return write(caller, call, values, needed=(needed,))
    except UnknownFateError:
        return write(caller, call, values, needed=(needed,))


def moved(caller: Caller, alias: Alias, version: str) -> None:
    """Point an alias to a version, unless somebody changed it meanwhile. Raises WriteRefusedError, UnknownFateError.

    Where the answer is lost, the alias itself tells; it is moved again only while it is what it was before.
    """
    values = {"name": alias.function, "alias": alias.name, "version": version, "revision": alias.revision}
    try:
        write(caller, _MOVE, values, needed=("FunctionVersion",))
    except UnknownFateError:
        now = alias_of(caller, alias.function, alias.name)
        if now.version == version:
            return
        if now != alias:
            raise
        write(caller, _MOVE, values, needed=("FunctionVersion",))
