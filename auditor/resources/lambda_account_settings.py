"""Lambda's limits in a region. AWS raises them on request only, so they are compared and never written."""

from __future__ import annotations

from typing import Final

from auditor.specs.spec import Call, Facet, ResourceSpec, Singleton, compared, ignored

_LIMITS: Final = (
    "TotalCodeSize",
    "CodeSizeUnzipped",
    "CodeSizeZipped",
    "ConcurrentExecutions",
    "UnreservedConcurrentExecutions",
)

SPEC: Final = ResourceSpec(
    type="AWS::Lambda::AccountSettings",
    console="lambda/home?region={region}#/discover",
    service="lambda",
    listing=Singleton("account"),
    facets=(
        Facet(
            "settings",
            Call("GetAccountSettings", always=("AccountLimit",)),
            fields=(
                ignored("AccountUsage", "what the functions take up at the moment"),
                *(compared(f"AccountLimit.{limit}", "at-least") for limit in _LIMITS),
            ),
            unwritten="a limit of the account: AWS raises it on request (Service Quotas)",
        ),
    ),
)
