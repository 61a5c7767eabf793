"""Lambda aliases. The version one points at is compared by content: numbers count up in each region."""

from __future__ import annotations

from typing import Final

from auditor.spec import Call, Facet, Field, Listed, Listing, ResourceSpec, default, identity, ignored

SPEC: Final = ResourceSpec(
    type="AWS::Lambda::Alias",
    service="lambda",
    parent="AWS::Lambda::Function",
    listing=Listing(
        Call("ListAliases", {"FunctionName": "${parent}"}, pick="Aliases"),
        name="Name",
        absent=frozenset({"ResourceNotFoundException"}),
    ),
    lookups=(Call("ListVersionsByFunction", {"FunctionName": "${name}"}, pick="Versions"),),
    facets=(
        Facet(
            "configuration",
            Listed(),
            fields=(
                identity("Name"),
                ignored("AliasArn", "made of site, function and name"),
                ignored("RevisionId", "changes with every update"),
                default("Description", ""),
                Field("FunctionVersion", reference="version"),
                default("RoutingConfig", {}),
                Field("RoutingConfig.AdditionalVersionWeights", default={}, reference="version"),
            ),
        ),
    ),
)
