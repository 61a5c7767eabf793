"""The public access block of the whole account: it overrides that of every bucket, and is the same in all regions."""

from __future__ import annotations

from typing import Final

from auditor.resources._s3_order import OPEN, block_falls
from auditor.specs.spec import Call, Facet, ResourceSpec, Singleton, explicit

_ACCOUNT: Final = {"AccountId": "${account}"}

SPEC: Final = ResourceSpec(
    type="AWS::S3::AccountPublicAccessBlock",
    console="s3/settings?region={region}",
    service="s3control",
    listing=Singleton("account"),
    facets=(
        Facet(
            "public access block",
            Call(
                "GetPublicAccessBlock",
                _ACCOUNT,
                pick="PublicAccessBlockConfiguration",
                always=("PublicAccessBlockConfiguration.BlockPublicAcls",),
                actions=("s3:GetAccountPublicAccessBlock",),
            ),
            at="PublicAccessBlockConfiguration",
            absent=frozenset({"NoSuchPublicAccessBlockConfiguration"}),
            default=OPEN,
            fields=tuple(explicit(name, value) for name, value in OPEN.items()),
            write=Call(
                "PutPublicAccessBlock",
                {**_ACCOUNT, "PublicAccessBlockConfiguration": "${value}"},
                actions=("s3:PutAccountPublicAccessBlock",),
            ),
            turn=20,
            falls=block_falls,
            remove=Call("DeletePublicAccessBlock", _ACCOUNT, actions=("s3:PutAccountPublicAccessBlock",)),
        ),
    ),
)
