"""The policy of a function, of an alias or of a published version: who may call it."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.model.values import Value
from auditor.resources._lambda import GONE
from auditor.resources._lambda_permissions import function_permissions, permissions_become, permissions_writer
from auditor.resources._policies import only_narrows
from auditor.specs.spec import Call, Facet, policy


def invocation_policy(params: Mapping[str, Value], arn: str) -> Facet:
    """The facet of it; `params` name what is called, as calls do, and `arn` likewise."""
    permissions = function_permissions(params, arn)
    return Facet(
        "policy",
        Call("GetPolicy", params, pick="Policy"),
        at="Policy",
        absent=GONE,
        fields=(policy(""),),
        write=permissions_writer(permissions),
        becomes=permissions_become(permissions),
        by_statement=True,
        remove=Call("DeleteResourcePolicy", {"ResourceArn": arn}),
        turn=100,
        falls=only_narrows,
    )
