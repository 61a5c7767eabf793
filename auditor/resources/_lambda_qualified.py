"""What an alias and a published version have alike: who may call it, and its provisioned concurrency."""

from __future__ import annotations

from typing import Final

from auditor.resources._lambda import ARN
from auditor.resources._lambda_order import is_lowered
from auditor.resources._lambda_policy import invocation_policy
from auditor.specs.bonds import Bond
from auditor.specs.spec import Call, Facet, Listed, compared

QUALIFIED: Final = {"FunctionName": "${parent}", "Qualifier": "${name}"}
"""How calls name it."""
POLICY: Final = invocation_policy(QUALIFIED, f"{ARN}:function:${{parent}}:${{name}}")


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
