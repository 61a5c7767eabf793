"""General purpose S3 buckets, each with its sub-configurations. Directory buckets are not among them."""

from __future__ import annotations

from typing import Final

from auditor.spec import (
    Call,
    Facet,
    Field,
    Listing,
    ResourceSpec,
    default,
    ignored,
    policy,
    unordered,
)

# ExpectedBucketOwner: a bucket of this name that came to belong to somebody else is not read as ours.
BUCKET: Final = {"Bucket": "${name}", "ExpectedBucketOwner": "${account}"}
OPEN: Final = {
    "BlockPublicAcls": False,
    "IgnorePublicAcls": False,
    "BlockPublicPolicy": False,
    "RestrictPublicBuckets": False,
}


# `Prefix` of a rule is how `Filter.Prefix` was written before there were filters.
_LIFECYCLE: Final = """merge(@, {
    Rules: Rules[].merge(@, {Filter: Filter || {Prefix: Prefix}, Prefix: `null`})
})"""


def _filtered(kind: str) -> str:
    # S3 writes Prefix and Suffix where its own model has them small, and an empty one for none at all.
    name = "Name == 'Prefix' && 'prefix' || Name == 'Suffix' && 'suffix' || Name"
    rules = f"(Filter.Key.FilterRules || `[]`)[?Value != ''].merge(@, {{Name: {name}}})"
    key = f"merge(Filter.Key || `{{}}`, {{FilterRules: {rules}}})"
    return f"{kind} && {{{kind}: {kind}[].merge(@, {{Filter: merge(Filter || `{{}}`, {{Key: {key}}})}})}} || `{{}}`"


_NOTIFICATION: Final = "merge(@, {}, {}, {})".format(
    _filtered("LambdaFunctionConfigurations"), _filtered("QueueConfigurations"), _filtered("TopicConfigurations")
)


def _notifications(kind: str, destination: str) -> tuple[Field, ...]:
    return (
        unordered(kind, destination, "Filter", align=True),
        ignored(f"{kind}[].Id", "generated where nobody gave one"),
        unordered(f"{kind}[].Events"),
        unordered(f"{kind}[].Filter.Key.FilterRules", "Name"),
    )


SPEC: Final = ResourceSpec(
    type="AWS::S3::Bucket",
    service="s3",
    # BucketRegion is sent only if the request has a parameter.
    listing=Listing(
        Call(
            "ListBuckets",
            {"MaxBuckets": 1000},
            pick="Buckets[?!ends_with(Name, '--x-s3')]",
            actions=("s3:ListAllMyBuckets",),
        ),
        name="Name",
        keep="BucketRegion=='${region}'",
    ),
    facets=(
        Facet(
            "versioning",
            Call("GetBucketVersioning", BUCKET),
            at="VersioningConfiguration",
            # For new objects, never enabled and suspended are the same.
            default={"Status": "Suspended", "MFADelete": "Disabled"},
            fields=(default("Status", "Suspended"), Field("MFADelete", default="Disabled", read_only=True)),
        ),
        Facet(
            "encryption",
            Call(
                "GetBucketEncryption",
                BUCKET,
                pick="ServerSideEncryptionConfiguration",
                actions=("s3:GetEncryptionConfiguration",),
            ),
            at="ServerSideEncryptionConfiguration",
            absent=frozenset({"ServerSideEncryptionConfigurationNotFoundError"}),
            default={"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]},
            fields=(
                default("Rules[].BucketKeyEnabled", False),
                default("Rules[].ApplyServerSideEncryptionByDefault", {"SSEAlgorithm": "AES256"}),
                # Buckets that never blocked SSE-C say so, or say nothing.
                default("Rules[].BlockedEncryptionTypes", {"EncryptionType": ["NONE"]}),
                unordered("Rules[].BlockedEncryptionTypes.EncryptionType"),
            ),
        ),
        Facet(
            "policy",
            Call("GetBucketPolicy", BUCKET, pick="Policy"),
            at="Policy",
            absent=frozenset({"NoSuchBucketPolicy"}),
            fields=(policy(""),),
        ),
        Facet(
            "public access block",
            Call(
                "GetPublicAccessBlock",
                BUCKET,
                pick="PublicAccessBlockConfiguration",
                actions=("s3:GetBucketPublicAccessBlock",),
            ),
            at="PublicAccessBlockConfiguration",
            absent=frozenset({"NoSuchPublicAccessBlockConfiguration"}),
            default=OPEN,
            fields=tuple(default(name, value) for name, value in OPEN.items()),
        ),
        Facet(
            "ownership controls",
            Call("GetBucketOwnershipControls", BUCKET, pick="OwnershipControls"),
            at="OwnershipControls",
            absent=frozenset({"OwnershipControlsNotFoundError"}),
            default={"Rules": [{"ObjectOwnership": "ObjectWriter"}]},
        ),
        Facet(
            "cors",
            Call("GetBucketCors", BUCKET, actions=("s3:GetBucketCORS",)),
            at="CORSConfiguration",
            absent=frozenset({"NoSuchCORSConfiguration"}),
            # The first rule that matches decides, so their order counts.
            fields=(
                ignored("CORSRules[].ID", "a label"),
                unordered("CORSRules[].AllowedHeaders"),
                unordered("CORSRules[].AllowedMethods"),
                unordered("CORSRules[].AllowedOrigins"),
                unordered("CORSRules[].ExposeHeaders"),
            ),
        ),
        Facet(
            "lifecycle",
            Call("GetBucketLifecycleConfiguration", BUCKET, pick=_LIFECYCLE, actions=("s3:GetLifecycleConfiguration",)),
            at="LifecycleConfiguration",
            absent=frozenset({"NoSuchLifecycleConfiguration"}),
            fields=(
                default("TransitionDefaultMinimumObjectSize", "all_storage_classes_128K"),
                unordered("Rules", "ID", align=True),
                ignored("Rules[].ID", "names the rule"),
                default("Rules[].Filter.Prefix", ""),
                # AWS allows one transition a storage class, so a changed number of days is one change.
                unordered("Rules[].Transitions", "StorageClass"),
                unordered("Rules[].NoncurrentVersionTransitions", "StorageClass"),
                unordered("Rules[].Filter.And.Tags", "Key"),
            ),
        ),
        Facet(
            "logging",
            Call("GetBucketLogging", BUCKET),
            at="BucketLoggingStatus",
            fields=(
                default("LoggingEnabled.TargetObjectKeyFormat", {"SimplePrefix": {}}),
                unordered("LoggingEnabled.TargetGrants", "#", align=True, default=[]),
                ignored("LoggingEnabled.TargetGrants[].Grantee.DisplayName", "not every region tells it"),
            ),
        ),
        Facet(
            "notification",
            Call(
                "GetBucketNotificationConfiguration", BUCKET, pick=_NOTIFICATION, actions=("s3:GetBucketNotification",)
            ),
            at="NotificationConfiguration",
            fields=(
                *_notifications("LambdaFunctionConfigurations", "LambdaFunctionArn"),
                *_notifications("QueueConfigurations", "QueueArn"),
                *_notifications("TopicConfigurations", "TopicArn"),
            ),
        ),
        Facet(
            "tagging",
            Call("GetBucketTagging", BUCKET, pick="TagSet[?!starts_with(Key, 'aws:')]"),
            at="Tags",
            absent=frozenset({"NoSuchTagSet"}),
            default=[],
            fields=(unordered("", "Key"),),
        ),
        Facet(
            "website",
            Call("GetBucketWebsite", BUCKET),
            at="WebsiteConfiguration",
            absent=frozenset({"NoSuchWebsiteConfiguration"}),
        ),
    ),
)
