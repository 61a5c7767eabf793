"""What hangs on the published versions of functions: who may call one, and how many environments are kept ready.

Versions are told by their content: numbers count up in each region. Those are looked at that have provisioned
concurrency, and those that something read refers to by their number; of others AWS is not asked who may call them.
"""

from __future__ import annotations

from typing import Final

from auditor.model import Value
from auditor.resources._lambda import ARN, GONE, VERSIONS, qualifier
from auditor.resources._lambda_order import RESERVED_FIRST, is_lowered
from auditor.resources._lambda_permissions import function_permissions, permissions_become, permissions_writer
from auditor.resources._policies import only_narrows
from auditor.spec import FUNCTION, VERSION, Call, Facet, Listed, Listing, ResourceSpec, compared, policy

_QUALIFIED: Final = {"FunctionName": "${parent}", "Qualifier": "${name}"}
_ARN: Final = f"{ARN}:function:${{parent}}:${{name}}"
_PERMISSIONS: Final = function_permissions(_QUALIFIED, _ARN)


def number_of(item: Value) -> str | None:
    """The version that has provisioned concurrency; None where an alias has it."""
    # https://docs.aws.amazon.com/lambda/latest/api/API_CreateAlias.html: an alias cannot be called like a number.
    own = qualifier(str(item["FunctionArn"]))
    return own if own.isdecimal() else None


SPEC: Final = ResourceSpec(
    type=VERSION,
    console="lambda/home?region={region}#/functions/{parent}/versions/{name}",
    service="lambda",
    parent=FUNCTION,
    qualified=True,
    implied=True,
    listing=Listing(
        Call("ListProvisionedConcurrencyConfigs", {"FunctionName": "${parent}"}, pick="ProvisionedConcurrencyConfigs"),
        name=number_of,
        absent=GONE,
    ),
    lookups=(VERSIONS,),
    uncreated="a version is published with what refers to it",
    undeleted="somebody may call a version by its number",
    turn=91,
    writes=("lambda:AddPermission", "lambda:PutResourcePolicy", "lambda:RemovePermission"),
    facets=(
        Facet(
            "policy",
            Call("GetPolicy", _QUALIFIED, pick="Policy"),
            at="Policy",
            absent=GONE,
            fields=(policy(""),),
            write=permissions_writer(_PERMISSIONS),
            becomes=permissions_become(_PERMISSIONS),
            remove=Call("DeleteResourcePolicy", {"ResourceArn": _ARN}),
            turn=100,
            falls=only_narrows,
        ),
        Facet(
            "provisioned concurrency",
            Listed("RequestedProvisionedConcurrentExecutions"),
            at="RequestedProvisionedConcurrentExecutions",
            fields=(compared("", "equal-unless-scaled"),),
            scaled="function:${parent}:${name}",
            write=Call(
                "PutProvisionedConcurrencyConfig",
                {**_QUALIFIED, "ProvisionedConcurrentExecutions": "${value}"},
                wait="provisioned_concurrency_ready",
            ),
            remove=Call("DeleteProvisionedConcurrencyConfig", _QUALIFIED),
            turn=95,
            bonds=RESERVED_FIRST,
            falls=is_lowered,
        ),
    ),
)
