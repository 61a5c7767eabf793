"""The account's own layers, each by its newest version and what is in it: numbers count up in each region.

There is no `delete`: a number is never used again, and functions may still name it.
"""

from __future__ import annotations

import re
from typing import Final

from auditor.model.values import ABSENT, Value
from auditor.resources._lambda import GONE, members
from auditor.resources._lambda_permissions import LAYER_CONDITIONS, Permissions, permissions_become, permissions_writer
from auditor.specs.spec import (
    GOLDEN_CODE,
    Call,
    Facet,
    Field,
    Follow,
    Listed,
    Listing,
    ResourceSpec,
    capability,
    ignored,
    policy,
)

_VERSION: Final = {"LayerName": "${name}", "VersionNumber": "${picked}"}
_NUMBER: Final = re.compile(r"(:layer:[A-Za-z0-9_-]+):\d+")
_CREATED: Final = ("Description", "LicenseInfo", "CompatibleArchitectures", "CompatibleRuntimes")


def without_number(value: str) -> str:
    """A layer version's policy that does not say which number the version has."""
    return _NUMBER.sub(r"\1", value)


_PERMISSIONS: Final = Permissions(
    "AddLayerVersionPermission", "RemoveLayerVersionPermission", _VERSION, LAYER_CONDITIONS, text=without_number
)


def create(_: Value, wanted: Value) -> tuple[Call, ...]:
    """The layer's next version, with golden's content."""
    told = members(wanted.get("version", ABSENT))
    own = {name: told[name] for name in _CREATED if told.get(name)}
    content = members(wanted.get("content", ABSENT)).get("CodeSha256", "")
    tells = {f"layer:${{name}}@{content[:12]}": "LayerVersionArn"} if content else {}
    params = {"LayerName": "${name}", "Content": {"ZipFile": GOLDEN_CODE}, **own}
    return (Call("PublishLayerVersion", params, once=True, tells=tells),)


SPEC: Final = ResourceSpec(
    type="AWS::Lambda::LayerVersion",
    console="lambda/home?region={region}#/layers/{name}",
    service="lambda",
    listing=Listing(Call("ListLayers", pick="Layers"), name="LayerName"),
    undeleted="the number of a version is never used again, and functions may still name it",
    create=create,
    created_with=("version", "content"),
    turn=60,
    writes=(
        "lambda:AddLayerVersionPermission",
        "lambda:PublishLayerVersion",
        "lambda:RemoveLayerVersionPermission",
    ),
    versioned=True,
    facets=(
        Facet(
            "version",
            Listed("LatestMatchingVersion"),
            fields=(
                ignored("Version", "counts up in each region"),
                ignored("LayerVersionArn", "made of site, name and number"),
                ignored("CreatedDate", "when it was made"),
                Field("Description", default="", immutable=True),
                Field("LicenseInfo", default="", immutable=True),
                Field("CompatibleArchitectures", key=("",), default=[], immutable=True),
                Field("CompatibleRuntimes", key=("",), default=[], immutable=True),
            ),
        ),
        Facet(
            "content",
            Follow("version", "Version", Call("GetLayerVersion", _VERSION, pick="Content")),
            at="Content",
            fields=(
                capability("Location", "a presigned URL of the content"),
                Field("CodeSha256", immutable=True),
                ignored("CodeSize", "the content is compared by its hash"),
                ignored("SigningJobArn", "of the artifact, in its region"),
                ignored("SigningProfileVersionArn", "of the artifact, in its region"),
                ignored("ResolvedS3Object", "the content is compared by its hash"),
            ),
        ),
        Facet(
            "policy",
            Follow("version", "Version", Call("GetLayerVersionPolicy", _VERSION, pick="Policy")),
            at="Policy",
            absent=GONE,
            shape=without_number,
            fields=(policy(""),),
            write=permissions_writer(_PERMISSIONS),
            becomes=permissions_become(_PERMISSIONS),
            by_statement=True,
            turn=61,
        ),
    ),
)
