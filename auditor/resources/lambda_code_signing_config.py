"""Code signing configurations. They have no name but a generated one, so they are paired by their description.

There is no `delete`: AWS takes the generated ARN for it, and refuses it while a function uses the configuration.
"""

from __future__ import annotations

from typing import Final

from auditor.model.values import ABSENT, Value
from auditor.resources._lambda import changed, members, own_tags, tags_writer
from auditor.specs.spec import (
    Call,
    Facet,
    Follow,
    Listed,
    Listing,
    ResourceSpec,
    default,
    explicit,
    identity,
    ignored,
    unordered,
)

_POLICIES: Final = {"UntrustedArtifactOnDeployment": "Warn"}
_WRITTEN: Final[tuple[str, ...]] = ("Description", "AllowedPublishers", "CodeSigningPolicies")


def name_of(item: Value) -> str:
    """The description. Those without one are told apart by what they say."""
    return str(item.get("Description") or "without a description")


def update(found: Value, wanted: Value) -> tuple[Call, ...]:
    """One call with the members that differ."""
    here, there = ({"CodeSigningPolicies": _POLICIES, **members(value)} for value in (found, wanted))
    different = {name: one for name, one in changed(here, there).items() if name in _WRITTEN}
    arn = {"CodeSigningConfigArn": found["CodeSigningConfigArn"]}
    return (Call("UpdateCodeSigningConfig", {**arn, **different}),) if different else ()


def create(_: Value, wanted: Value) -> tuple[Call, ...]:
    """The configuration with its tags."""
    told = members(wanted["configuration"])
    tags = own_tags(members(wanted.get("tags", ABSENT)))
    own = {name: told[name] for name in _WRITTEN if name in told}
    tells = {f"code-signing-config:{name_of(told)}": "CodeSigningConfig.CodeSigningConfigArn"}
    return (Call("CreateCodeSigningConfig", {**own, "Tags": tags}, once=True, tells=tells),)


SPEC: Final = ResourceSpec(
    type="AWS::Lambda::CodeSigningConfig",
    console="lambda/home?region={region}#/code-signing-configurations",
    service="lambda",
    listing=Listing(Call("ListCodeSigningConfigs", pick="CodeSigningConfigs"), name=name_of),
    undeleted="its ARN, which functions may still name, is another one when it is made again",
    create=create,
    created_with=("configuration", "tags"),
    unmake=Call("DeleteCodeSigningConfig", {"CodeSigningConfigArn": "${own:/CodeSigningConfigArn}"}),
    turn=60,
    writes=(
        "lambda:CreateCodeSigningConfig",
        "lambda:TagResource",
        "lambda:UntagResource",
        "lambda:UpdateCodeSigningConfig",
    ),
    facets=(
        Facet(
            "configuration",
            Listed(),
            fields=(
                ignored("CodeSigningConfigId", "generated in each region"),
                ignored("CodeSigningConfigArn", "generated in each region"),
                ignored("LastModified", "when it was changed"),
                identity("Description"),
                unordered("AllowedPublishers.SigningProfileVersionArns", reference="signer"),
                default("CodeSigningPolicies", _POLICIES),
                explicit("CodeSigningPolicies.UntrustedArtifactOnDeployment", "Warn"),
            ),
            write=update,
        ),
        Facet(
            "tags",
            Follow("configuration", "CodeSigningConfigArn", Call("ListTags", {"Resource": "${picked}"}, pick="Tags")),
            at="Tags",
            default={},
            shape=own_tags,
            write=tags_writer("${picked}"),
        ),
    ),
)
