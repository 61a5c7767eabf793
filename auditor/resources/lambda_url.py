"""Function URLs, each of a function's unpublished version (`$LATEST`) or of one of its aliases.

There is no `delete`: a URL that is made again has another host, so one that is too many is reported only.
"""

from __future__ import annotations

from typing import Final

from auditor.model.values import Value
from auditor.resources._lambda import GONE, changed, members, qualified_by, qualifier
from auditor.specs.spec import Call, Facet, Listed, Listing, ResourceSpec, default, identity, ignored, unordered

_HEADERS: Final = ("AllowHeaders", "ExposeHeaders")
_WRITTEN: Final = ("AuthType", "Cors", "InvokeMode")


def lowered(value: Value) -> Value:
    """A URL's configuration with the names of headers in small letters, in which HTTP does not tell them apart."""
    cors = {name: one for name, one in (value.get("Cors") or {}).items() if one}
    headers = {name: [header.lower() for header in cors[name]] for name in _HEADERS if name in cors}
    return {**value, "Cors": {**cors, **headers}}


def update(found: Value, wanted: Value) -> tuple[Call, ...]:
    """One call with the members that differ; a `Cors` of nothing takes it away."""
    here, there = ({"InvokeMode": "BUFFERED", **members({"Cors": {}, **value})} for value in (found, wanted))
    different = {name: one for name, one in changed(here, there).items() if name in _WRITTEN}
    return (Call("UpdateFunctionUrlConfig", {**_function(wanted), **different}),) if different else ()


def create(_: Value, wanted: Value) -> tuple[Call, ...]:
    """The URL; who may call it is in the policy of the function or the alias, which is written before."""
    told = members(wanted["configuration"])
    return (
        Call("CreateFunctionUrlConfig", {**_function(told), **{one: told[one] for one in _WRITTEN if one in told}}),
    )


def unmake(found: Value, _: Value) -> tuple[Call, ...]:
    """Takes the URL away again; whoever knows it by then cannot reach it any more."""
    return (Call("DeleteFunctionUrlConfig", _function(found["configuration"])),)


def _function(value: Value) -> dict[str, Value]:
    # The operations take the name of an alias, and none at all for the unpublished version.
    of = qualifier(str(value["FunctionArn"]))
    return {"FunctionName": "${parent}", **({"Qualifier": of} if of != "$LATEST" else {})}


SPEC: Final = ResourceSpec(
    type="AWS::Lambda::Url",
    console="lambda/home?region={region}#/functions/{parent}",
    service="lambda",
    parent="AWS::Lambda::Function",
    listing=Listing(
        Call("ListFunctionUrlConfigs", {"FunctionName": "${parent}"}, pick="FunctionUrlConfigs"),
        name=qualified_by,
        absent=GONE,
    ),
    undeleted="a URL that is made again has another host",
    create=create,
    created_with=("configuration",),
    unmake=unmake,
    turn=101,
    writes=(
        "lambda:CreateFunctionUrlConfig",
        "lambda:DeleteFunctionUrlConfig",
        "lambda:UpdateFunctionUrlConfig",
    ),
    facets=(
        Facet(
            "configuration",
            Listed(),
            shape=lowered,
            fields=(
                identity("FunctionArn"),
                ignored("FunctionUrl", "generated in each region"),
                ignored("CreationTime", "when it was made"),
                ignored("LastModifiedTime", "when it was changed"),
                default("InvokeMode", "BUFFERED"),
                default("Cors", {}),
                unordered("Cors.AllowHeaders"),
                unordered("Cors.AllowMethods"),
                unordered("Cors.AllowOrigins"),
                unordered("Cors.ExposeHeaders"),
            ),
            write=update,
        ),
    ),
)
