"""Capacity providers: the instances of the account's own on which Lambda runs functions."""

from __future__ import annotations

from typing import Final

from auditor.model.values import ABSENT, Value
from auditor.resources._empty import without_empties
from auditor.resources._lambda import ARN, changed, members, own_tags, tags_writer
from auditor.specs.spec import Call, Facet, Field, Listed, Listing, ResourceSpec, identity, ignored, unordered

_PROVIDER: Final = {"CapacityProviderName": "${name}"}
_ARN: Final = f"{ARN}:capacity-provider:${{name}}"
ACTIVE: Final = "capacity_provider_active"
_UPDATED: Final = ("CapacityProviderScalingConfig", "PropagateTags", "TelemetryConfig")
_CREATED: Final = ("VpcConfig", "PermissionsConfig", "InstanceRequirements", "KmsKeyArn", *_UPDATED)


def name_of(item: Value) -> str:
    """The last part of the ARN; AWS tells no name beside it."""
    return str(item["CapacityProviderArn"]).rpartition(":")[2]


def update(found: Value, wanted: Value) -> tuple[Call, ...]:
    """One call with the members that differ and that can be changed."""
    different = {name: one for name, one in changed(members(found), members(wanted)).items() if name in _UPDATED}
    return (Call("UpdateCapacityProvider", {**_PROVIDER, **different}, wait=ACTIVE),) if different else ()


def create(_: Value, wanted: Value) -> tuple[Call, ...]:
    """The provider with its tags. Its instances cost money from then on."""
    told = members(wanted["configuration"])
    tags = own_tags(members(wanted.get("tags", ABSENT)))
    own = {name: told[name] for name in _CREATED if told.get(name)}
    return (Call("CreateCapacityProvider", {**_PROVIDER, **own, "Tags": tags}, wait=ACTIVE),)


SPEC: Final = ResourceSpec(
    type="AWS::Lambda::CapacityProvider",
    service="lambda",
    listing=Listing(Call("ListCapacityProviders", pick="CapacityProviders"), name=name_of),
    create=create,
    created_with=("configuration", "tags"),
    delete=Call("DeleteCapacityProvider", _PROVIDER),
    turn=60,
    writes=(
        "lambda:CreateCapacityProvider",
        "lambda:TagResource",
        "lambda:UntagResource",
        "lambda:UpdateCapacityProvider",
        "iam:PassRole",
    ),
    facets=(
        Facet(
            "configuration",
            Listed(),
            shape=without_empties,
            fields=(
                identity("CapacityProviderArn"),
                ignored("State", "momentary"),
                ignored("LastModified", "when it was changed"),
                Field("VpcConfig", immutable=True),
                unordered("VpcConfig.SubnetIds", reference="subnet"),
                unordered("VpcConfig.SecurityGroupIds", reference="security-group"),
                Field("PermissionsConfig", immutable=True),
                Field("PermissionsConfig.CapacityProviderOperatorRoleArn", reference="iam-role"),
                Field("InstanceRequirements", immutable=True),
                unordered("InstanceRequirements.Architectures"),
                unordered("InstanceRequirements.AllowedInstanceTypes"),
                unordered("InstanceRequirements.ExcludedInstanceTypes"),
                Field("KmsKeyArn", reference="kms", immutable=True),
                *(Field(name, unwritten=f"AWS documents no way to take it away: {name}") for name in _UPDATED),
            ),
            write=update,
        ),
        Facet(
            "tags",
            Call("ListTags", {"Resource": _ARN}, pick="Tags"),
            at="Tags",
            default={},
            shape=own_tags,
            write=tags_writer(_ARN),
        ),
    ),
)
