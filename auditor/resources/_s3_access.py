"""The sub-configurations of a bucket that say who may reach it: policy, blocks, ownership and access list."""

from __future__ import annotations

from typing import Final

from auditor.model.values import ABSENT, Value
from auditor.resources._policies import only_narrows
from auditor.resources._s3_calls import BUCKET, delete, put, read
from auditor.resources._s3_order import (
    CLOSED,
    ENFORCED,
    LISTS_ARE_ON,
    OPEN,
    block_falls,
    ownership_falls,
    unblocked,
)
from auditor.specs.spec import Call, Facet, Field, explicit, ignored, policy, unordered


def write_acl(found: Value, wanted: Value) -> tuple[Call, ...]:
    """All grants at once. A new bucket has its owner's own, and takes no others while the owner owns all objects."""
    grants = [(one["Grantee"].get("Type"), one["Permission"]) for one in wanted["Grants"]]
    if found is ABSENT and grants == [("CanonicalUser", "FULL_CONTROL")]:
        return ()
    return (Call("PutBucketAcl", {**BUCKET, "AccessControlPolicy": wanted}),)


GRANT: Final = ("Grantee.Type", "Grantee.ID", "Grantee.URI", "Grantee.EmailAddress", "Permission")
"""What a grant is known by."""
ACCESS: Final = (
    Facet(
        "policy",
        read("GetBucketPolicy", "Policy"),
        at="Policy",
        absent=frozenset({"NoSuchBucketPolicy"}),
        fields=(policy(""),),
        turn=33,
        bonds=unblocked("BlockPublicPolicy", "a policy"),
        falls=only_narrows,
        write=put("PutBucketPolicy", "Policy"),
        remove=delete("DeleteBucketPolicy"),
    ),
    Facet(
        "policy status",
        read("GetBucketPolicyStatus", "PolicyStatus", always=("PolicyStatus.IsPublic",)),
        at="PolicyStatus",
        absent=frozenset({"NoSuchBucketPolicy"}),
        # It follows from the policy, but whether the world can read a bucket is worth saying in so many words.
        default={"IsPublic": False},
        fields=(
            Field(
                "IsPublic",
                default=False,
                follows=("Policy", "PublicAccessBlockConfiguration", "AccessControlPolicy"),
            ),
        ),
    ),
    Facet(
        "public access block",
        read(
            "GetPublicAccessBlock",
            "PublicAccessBlockConfiguration",
            "s3:GetBucketPublicAccessBlock",
            ("PublicAccessBlockConfiguration.BlockPublicAcls",),
        ),
        at="PublicAccessBlockConfiguration",
        absent=frozenset({"NoSuchPublicAccessBlockConfiguration"}),
        default=OPEN,
        fields=tuple(explicit(name, value) for name, value in OPEN.items()),
        born=CLOSED,
        turn=20,
        falls=block_falls,
        write=put("PutPublicAccessBlock", "PublicAccessBlockConfiguration", "s3:PutBucketPublicAccessBlock"),
        remove=delete("DeletePublicAccessBlock", "s3:PutBucketPublicAccessBlock"),
    ),
    Facet(
        "ownership controls",
        read("GetBucketOwnershipControls", "OwnershipControls", always=("OwnershipControls.Rules",)),
        at="OwnershipControls",
        absent=frozenset({"OwnershipControlsNotFoundError"}),
        default={"Rules": [{"ObjectOwnership": "ObjectWriter"}]},
        born={"Rules": [{"ObjectOwnership": ENFORCED}]},
        turn=21,
        falls=ownership_falls,
        write=put("PutBucketOwnershipControls", "OwnershipControls"),
        remove=delete("DeleteBucketOwnershipControls", "s3:PutBucketOwnershipControls"),
    ),
    # Where the bucket's owner owns all objects, S3 answers that the owner may do everything, whatever was granted:
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
    Facet(
        "acl",
        read("GetBucketAcl", always=("Owner", "Grants")),
        at="AccessControlPolicy",
        fields=(
            ignored("Owner", "the account itself"),
            # The owner's id is another one in every account, so grants that are alike are the same.
            unordered("Grants", *GRANT, align=True),
            Field("Grants[].Grantee.ID", reference="canonical-user"),
            ignored("Grants[].Grantee.DisplayName", "not every region tells it"),
        ),
        turn=32,
        bonds=(LISTS_ARE_ON, *unblocked("BlockPublicAcls", "an ACL")),
        write=write_acl,
    ),
)
