"""General purpose S3 buckets, each with its sub-configurations. Directory buckets are not among them."""

from __future__ import annotations

from typing import Final

from auditor.model.values import ABSENT, Value
from auditor.resources._s3_access import ACCESS, GRANT
from auditor.resources._s3_calls import BUCKET, delete, put, read
from auditor.resources._s3_encryption import ENCRYPTION
from auditor.resources._s3_names import CREATE, reserved
from auditor.resources._s3_order import (
    TAGGED_FIRST,
    TAKES_A_CODE,
    VERSIONED_FIRST_FOR_LOCK,
    is_off,
    no_longer_logs,
    once_locked,
    once_versioned,
)
from auditor.resources._s3_reports import ANALYTICS, INTELLIGENT_TIERING, INVENTORY, METADATA, METADATA_TABLE, METRICS
from auditor.resources._s3_rules import CORS, LIFECYCLE, NOTIFICATION, REPLICATION
from auditor.resources._s3_tags import without_aws_tags, write_tags
from auditor.specs.spec import Call, Facet, Field, Listed, Listing, ResourceSpec, default, explicit, ignored, unordered

_ROOT_ONLY: Final = "AWS sets it for nobody but the account's root user, with a code of their MFA device"


def write_versioning(_: Value, wanted: Value) -> tuple[Call, ...]:
    """There is no way back to never having been versioned, and MFA delete takes the root user and a code."""
    status = "Suspended" if wanted is ABSENT else wanted.get("Status", "Suspended")
    return (Call("PutBucketVersioning", {**BUCKET, "VersioningConfiguration": {"Status": status}}),)


SPEC: Final = ResourceSpec(
    type="AWS::S3::Bucket",
    console="s3/buckets/{name}?region={region}",
    service="s3",
    listing=Listing(
        Call(
            "ListBuckets",
            {"MaxBuckets": 1000},  # BucketRegion is sent only if the request has a parameter.
            pick="Buckets[?!ends_with(Name, '--x-s3')]",
            actions=("s3:ListAllMyBuckets",),
        ),
        name="Name",
        keep="BucketRegion=='${region}'",
        always=("BucketRegion",),
        one=Call("ListBuckets", {"MaxBuckets": 1000, "Prefix": "${name}"}, pick="Buckets"),
    ),
    create=CREATE,
    created_with=("location",),
    global_name=True,
    reserved=reserved,
    # Refused with BucketNotEmpty while it holds a single object; nothing here empties one.
    delete=delete("DeleteBucket"),
    turn=10,
    writes=(
        "s3:CreateBucketMetadataTableConfiguration",
        "s3:DeleteBucketMetadataTableConfiguration",
        "s3:PutAnalyticsConfiguration",
        "s3:PutBucketAcl",
        "s3:PutBucketVersioning",
        "s3:PutIntelligentTieringConfiguration",
        "s3:PutInventoryConfiguration",
        "s3:PutLifecycleConfiguration",
        "s3:PutMetricsConfiguration",
        "s3:PutReplicationConfiguration",
        "s3:TagResource",
        "s3:UntagResource",
        "s3:UpdateBucketMetadataAnnotationTableConfiguration",
        "s3:UpdateBucketMetadataInventoryTableConfiguration",
        "s3:UpdateBucketMetadataJournalTableConfiguration",
        "iam:PassRole",
    ),
    facets=(
        # The same in every site, canonically; what creates a bucket has to know it.
        Facet("location", Listed("BucketRegion"), at="BucketRegion", fields=(Field("", immutable=True),)),
        Facet(
            "versioning",
            read("GetBucketVersioning"),
            at="VersioningConfiguration",
            # For new objects, never enabled and suspended are the same.
            default={"Status": "Suspended", "MFADelete": "Disabled"},
            fields=(
                default("Status", "Suspended"),
                Field("MFADelete", default="Disabled", read_only=True, unwritten=_ROOT_ONLY),
            ),
            write=write_versioning,
            one_way=once_versioned,
            turn=30,
            bonds=(TAKES_A_CODE,),
            falls=is_off,
        ),
        ENCRYPTION,
        *ACCESS,
        CORS,
        LIFECYCLE,
        Facet(
            "logging",
            read("GetBucketLogging"),
            at="BucketLoggingStatus",
            fields=(
                Field("LoggingEnabled.TargetBucket", reference="s3-bucket"),
                default("LoggingEnabled.TargetObjectKeyFormat", {"SimplePrefix": {}}),
                unordered("LoggingEnabled.TargetGrants", *GRANT, align=True, default=[]),
                Field("LoggingEnabled.TargetGrants[].Grantee.ID", reference="canonical-user"),
                ignored("LoggingEnabled.TargetGrants[].Grantee.DisplayName", "not every region tells it"),
            ),
            turn=50,
            falls=no_longer_logs,
            write=put("PutBucketLogging", "BucketLoggingStatus"),
            remove=put("PutBucketLogging", "BucketLoggingStatus", value={}),
        ),
        NOTIFICATION,
        REPLICATION,
        Facet(
            "tagging",
            read("GetBucketTagging", "TagSet"),
            at="Tags",
            absent=frozenset({"NoSuchTagSet"}),
            default=[],
            shape=without_aws_tags,
            fields=(unordered("", "Key"),),
            write=write_tags,
            turn=31,
        ),
        Facet(
            "website",
            read("GetBucketWebsite"),
            at="WebsiteConfiguration",
            absent=frozenset({"NoSuchWebsiteConfiguration"}),
            # The first routing rule that matches decides, so their order counts.
            turn=40,
            write=put("PutBucketWebsite", "WebsiteConfiguration"),
            remove=delete("DeleteBucketWebsite"),
        ),
        Facet(
            "object lock",
            read(
                "GetObjectLockConfiguration",
                "ObjectLockConfiguration",
                "s3:GetBucketObjectLockConfiguration",
                ("ObjectLockConfiguration.ObjectLockEnabled",),
            ),
            at="ObjectLockConfiguration",
            absent=frozenset({"ObjectLockConfigurationNotFoundError"}),
            # There is no way back: what is locked once can be given another rule, but no longer be unlocked.
            turn=40,
            bonds=(VERSIONED_FIRST_FOR_LOCK,),
            unwritten="object lock cannot be turned off again (a default retention can be taken away by hand)",
            one_way=once_locked,
            write=put("PutObjectLockConfiguration", "ObjectLockConfiguration", "s3:PutBucketObjectLockConfiguration"),
        ),
        Facet(
            "abac",
            read("GetBucketAbac", "AbacStatus", always=("AbacStatus.Status",)),
            at="AbacStatus",
            default={"Status": "Disabled"},
            fields=(explicit("Status", "Disabled"),),
            turn=150,
            bonds=TAGGED_FIRST,
            falls=is_off,
            write=put("PutBucketAbac", "AbacStatus"),
            remove=put("PutBucketAbac", "AbacStatus", value={"Status": "Disabled"}),
        ),
        Facet(
            "accelerate",
            # RequestCharged is a header about the request.
            read("GetBucketAccelerateConfiguration", "Status && {Status: Status}", "s3:GetAccelerateConfiguration", ()),
            at="AccelerateConfiguration",
            default={"Status": "Suspended"},
            # What a region without transfer acceleration answers, by Terraform's provider (bucket.go); S3 does not say.
            not_offered=frozenset({"MethodNotAllowed", "UnsupportedArgument"}),
            fields=(explicit("Status", "Suspended"),),
            turn=40,
            write=put("PutBucketAccelerateConfiguration", "AccelerateConfiguration", "s3:PutAccelerateConfiguration"),
            remove=put(
                "PutBucketAccelerateConfiguration",
                "AccelerateConfiguration",
                "s3:PutAccelerateConfiguration",
                value={"Status": "Suspended"},
            ),
        ),
        Facet(
            "request payment",
            read("GetBucketRequestPayment", always=("Payer",)),
            at="RequestPaymentConfiguration",
            default={"Payer": "BucketOwner"},
            fields=(explicit("Payer", "BucketOwner"),),
            turn=40,
            write=put("PutBucketRequestPayment", "RequestPaymentConfiguration"),
            remove=put("PutBucketRequestPayment", "RequestPaymentConfiguration", value={"Payer": "BucketOwner"}),
        ),
        INTELLIGENT_TIERING,
        INVENTORY,
        ANALYTICS,
        METRICS,
        METADATA,
        METADATA_TABLE,
    ),
)
