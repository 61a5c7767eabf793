"""How often an asynchronous call is tried and where its result goes, per qualifier of a function."""

from __future__ import annotations

from typing import Final

from auditor.model.values import Value
from auditor.resources._lambda import GONE, members, qualified_by
from auditor.specs.spec import Call, Facet, Listed, Listing, ResourceSpec, default, identity, ignored

_QUALIFIED: Final = {"FunctionName": "${parent}", "Qualifier": "${name}"}
_WRITTEN: Final = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")


NOWHERE: Final = {"Destination": ""}


def without_empty_destinations(value: Value) -> Value:
    """A configuration without destinations that are none: AWS says `{}` of what was not set, or nothing."""
    told = value.get("DestinationConfig") or {}
    return {**value, "DestinationConfig": {name: one for name, one in told.items() if one not in ({}, NOWHERE)}}


def put(_: Value, wanted: Value) -> tuple[Call, ...]:
    """The whole configuration: what the call leaves out goes back to its default."""
    told = members(without_empty_destinations(wanted))
    return (
        Call("PutFunctionEventInvokeConfig", {**_QUALIFIED, **{one: told[one] for one in _WRITTEN if one in told}}),
    )


def create(found: Value, wanted: Value) -> tuple[Call, ...]:
    """As it is written later."""
    return put(found, wanted["configuration"])


SPEC: Final = ResourceSpec(
    type="AWS::Lambda::EventInvokeConfig",
    console="lambda/home?region={region}#/functions/{parent}",
    service="lambda",
    parent="AWS::Lambda::Function",
    qualified=True,
    listing=Listing(
        Call("ListFunctionEventInvokeConfigs", {"FunctionName": "${parent}"}, pick="FunctionEventInvokeConfigs"),
        name=qualified_by,
        # One that says what holds without it says nothing.
        keep=(
            "MaximumRetryAttempts && MaximumRetryAttempts != `2`"
            " || MaximumEventAgeInSeconds && MaximumEventAgeInSeconds != `21600`"
            " || DestinationConfig.OnSuccess.Destination || DestinationConfig.OnFailure.Destination"
        ),
        absent=GONE,
    ),
    create=create,
    created_with=("configuration",),
    delete=Call("DeleteFunctionEventInvokeConfig", _QUALIFIED),
    turn=105,
    writes=("lambda:PutFunctionEventInvokeConfig",),
    facets=(
        Facet(
            "configuration",
            Listed(),
            shape=without_empty_destinations,
            fields=(
                identity("FunctionArn"),
                ignored("LastModified", "when it was changed"),
                default("MaximumRetryAttempts", 2),
                default("MaximumEventAgeInSeconds", 21600),
                default("DestinationConfig", {}),
            ),
            write=put,
        ),
    ),
)
