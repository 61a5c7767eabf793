"""Lambda aliases. The version one points at is compared by content: numbers count up in each region.

A CodeDeploy deployment in progress changes RoutingConfig; who writes an alias looks for one first.
"""

from __future__ import annotations

from typing import Final

from auditor.model.values import ABSENT, Value
from auditor.resources._lambda import GONE, VERSIONS, changed, members
from auditor.resources._lambda_order import SETTLED_FIRST
from auditor.resources._lambda_qualified import POLICY, QUALIFIED, provisioned_concurrency
from auditor.specs.spec import Call, Facet, Field, Listed, Listing, ResourceSpec, default, identity, ignored

_ALIAS: Final = {"FunctionName": "${parent}", "Name": "${name}"}
_CLEARED: Final = {"Description": "", "RoutingConfig": {"AdditionalVersionWeights": {}}}
_WRITTEN: Final = ("FunctionVersion", "Description", "RoutingConfig")
SETTLED: Final = "alias_settled"


def weights(value: Value) -> Value:
    """The share of its calls that an alias gives to a second version; nothing where there is none."""
    return (value.get("RoutingConfig") or {}).get("AdditionalVersionWeights")


def update(found: Value, wanted: Value) -> tuple[Call, ...]:
    """One call with the members that differ: the weights and the version shift together, or not at all."""
    here, there = ({**_CLEARED, **members(value)} for value in (found, wanted))
    different = {name: value for name, value in changed(here, there).items() if name in _WRITTEN}
    # While an alias with provisioned concurrency moves, AWS gives it weights of its own.
    wait = "" if weights(there) else SETTLED
    return (Call("UpdateAlias", {**_ALIAS, **different}, wait=wait),) if different else ()


def create(_: Value, wanted: Value) -> tuple[Call, ...]:
    """The alias, as its configuration says."""
    told = members(wanted.get("configuration", ABSENT))
    return (Call("CreateAlias", {**_ALIAS, **{name: told[name] for name in _WRITTEN if name in told}}),)


SPEC: Final = ResourceSpec(
    type="AWS::Lambda::Alias",
    console="lambda/home?region={region}#/functions/{parent}/aliases/{name}",
    service="lambda",
    parent="AWS::Lambda::Function",
    listing=Listing(
        Call("ListAliases", {"FunctionName": "${parent}"}, pick="Aliases"),
        name="Name",
        absent=GONE,
    ),
    lookups=(VERSIONS,),
    create=create,
    created_with=("configuration",),
    delete=Call("DeleteAlias", _ALIAS),
    turn=90,
    writes=(
        "lambda:AddPermission",
        "lambda:CreateAlias",
        "lambda:PutResourcePolicy",
        "lambda:RemovePermission",
        "lambda:UpdateAlias",
    ),
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
            write=update,
        ),
        POLICY,
        provisioned_concurrency(
            Call("GetProvisionedConcurrencyConfig", QUALIFIED, pick="RequestedProvisionedConcurrentExecutions"),
            SETTLED_FIRST,
            absent=frozenset({"ProvisionedConcurrencyConfigNotFoundException"}),
        ),
    ),
)
