"""What hangs on the published versions of functions: who may call one, and how many environments are kept ready.

Versions are told by their content: numbers count up in each region. Those are looked at that have provisioned
concurrency, and those that something read refers to by their number; of others AWS is not asked who may call them.

AWS also keeps runtime management and the scaling of managed instances by version. They are not read here: its number
does not tell whether a version is an image, which has no runtime to manage, and a refusal would leave it unread.
https://docs.aws.amazon.com/lambda/latest/api/API_GetRuntimeManagementConfig.html
"""

from __future__ import annotations

from typing import Final

from auditor.model.values import Value
from auditor.resources._lambda import GONE, VERSIONS, qualifier
from auditor.resources._lambda_order import RESERVED_FIRST
from auditor.resources._lambda_qualified import POLICY, provisioned_concurrency
from auditor.specs.spec import FUNCTION, VERSION, Call, Listed, Listing, ResourceSpec


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
        POLICY,
        provisioned_concurrency(Listed("RequestedProvisionedConcurrentExecutions"), RESERVED_FIRST),
    ),
)
