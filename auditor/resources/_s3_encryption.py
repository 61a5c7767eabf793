"""How a bucket encrypts new objects, and which encryption it refuses."""

from __future__ import annotations

from typing import Final

from auditor.model.values import Value
from auditor.resources._s3_calls import put, read
from auditor.resources._s3_forms import with_default_key
from auditor.specs.spec import Facet, Field, explicit, unordered

_UNBLOCKED: Final = {"EncryptionType": ["NONE"]}
_AES256: Final = {"SSEAlgorithm": "AES256"}
_UNBLOCKED_WHEN_NEW: Final = frozenset({"me-south-1", "me-central-1"})


def of_new_bucket(region: str) -> Value:
    """What a new bucket has: SSE-C is blocked since April 2026, but for two regions.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-s3-c-encryption-setting-faq.html
    """
    blocked = _UNBLOCKED if region in _UNBLOCKED_WHEN_NEW else {"EncryptionType": ["SSE-C"]}
    return {"Rules": [{"ApplyServerSideEncryptionByDefault": _AES256, "BlockedEncryptionTypes": blocked}]}


ENCRYPTION: Final = Facet(
    "encryption",
    read(
        "GetBucketEncryption",
        "ServerSideEncryptionConfiguration",
        "s3:GetEncryptionConfiguration",
        ("ServerSideEncryptionConfiguration.Rules",),
    ),
    at="ServerSideEncryptionConfiguration",
    absent=frozenset({"ServerSideEncryptionConfigurationNotFoundError"}),
    shape=with_default_key,
    default={"Rules": [{"ApplyServerSideEncryptionByDefault": _AES256}]},
    born=of_new_bucket,
    fields=(
        explicit("Rules[].BucketKeyEnabled", False),
        explicit("Rules[].ApplyServerSideEncryptionByDefault", _AES256),
        Field("Rules[].ApplyServerSideEncryptionByDefault.KMSMasterKeyID", reference="kms"),
        # Buckets that never blocked SSE-C say so, or say nothing; a put that says nothing leaves the block as it is:
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/blocking-unblocking-s3-c-encryption-gpb.html
        explicit("Rules[].BlockedEncryptionTypes", _UNBLOCKED),
        unordered("Rules[].BlockedEncryptionTypes.EncryptionType"),
    ),
    turn=31,
    # Nothing is deleted: whether DeleteBucketEncryption unblocks SSE-C, AWS does not say.
    write=put("PutBucketEncryption", "ServerSideEncryptionConfiguration", "s3:PutEncryptionConfiguration"),
)
