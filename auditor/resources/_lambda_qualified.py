"""What an alias and a published version have alike: who may call it, and its provisioned concurrency."""

from __future__ import annotations

from typing import Final

from auditor.resources._lambda import ARN, GONE
from auditor.resources._lambda_order import is_lowered
from auditor.resources._lambda_permissions import function_permissions, permissions_become, permissions_writer
from auditor.resources._policies import only_narrows
from auditor.specs.bonds import Bond
from auditor.specs.spec import Call, Facet, Listed, compared, policy

QUALIFIED: Final = {"FunctionName": "${parent}", "Qualifier": "${name}"}
"""How calls name it."""
_ARN: Final = f"{ARN}:function:${{parent}}:${{name}}"
_PERMISSIONS: Final = function_permissions(QUALIFIED, _ARN)
POLICY: Final = Facet(
    "policy",
    Call("GetPolicy", QUALIFIED, pick="Policy"),
    at="Policy",
    absent=GONE,
    fields=(policy(""),),
    write=permissions_writer(_PERMISSIONS),
    becomes=permissions_become(_PERMISSIONS),
    by_statement=True,
    remove=Call("DeleteResourcePolicy", {"ResourceArn": _ARN}),
    turn=100,
    falls=only_narrows,
)


def provisioned_concurrency(
    source: Call | Listed, bonds: tuple[Bond, ...], absent: frozenset[str] = frozenset()
) -> Facet:
    """The facet of it, read from `source`; `absent` are the error codes that mean there is none."""
    return Facet(
        "provisioned concurrency",
        source,
        at="RequestedProvisionedConcurrentExecutions",
        fields=(compared("", "equal-unless-scaled"),),
        scaled="function:${parent}:${name}",
        absent=absent,
        write=Call(
            "PutProvisionedConcurrencyConfig",
            {**QUALIFIED, "ProvisionedConcurrentExecutions": "${value}"},
            wait="provisioned_concurrency_ready",
        ),
        remove=Call("DeleteProvisionedConcurrencyConfig", QUALIFIED),
        turn=95,
        bonds=bonds,
        falls=is_lowered,
    )
