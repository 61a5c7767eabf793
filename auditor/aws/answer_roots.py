"""What the outermost element of each answer of S3 is called. Data only.

botocore's models do not say it, and AWS's documentation is not always right: of the lists of analytics and
intelligent-tiering configurations S3 answers with other elements than it says there. So an unknown one is S3's where it
is in S3's namespace, in which S3 puts all that it answers today. Another operation's is never this one's.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

from __future__ import annotations

from typing import Final

_NAMESPACES: Final = ("http://s3.amazonaws.com/doc/", "http://awss3control.amazonaws.com/doc/")
_ROOTS: Final[dict[str, tuple[str, ...]]] = {
    "CompleteMultipartUpload": ("CompleteMultipartUploadResult",),
    "CreateMultipartUpload": ("InitiateMultipartUploadResult",),
    "GetBucketAbac": ("AbacStatus",),
    "GetBucketAccelerateConfiguration": ("AccelerateConfiguration",),
    "GetBucketAcl": ("AccessControlPolicy",),
    "GetBucketCors": ("CORSConfiguration",),
    "GetBucketEncryption": ("ServerSideEncryptionConfiguration",),
    "GetBucketLifecycleConfiguration": ("LifecycleConfiguration",),
    "GetBucketLocation": ("LocationConstraint",),
    "GetBucketLogging": ("BucketLoggingStatus",),
    "GetBucketMetadataConfiguration": ("GetBucketMetadataConfigurationResult",),
    "GetBucketMetadataTableConfiguration": ("GetBucketMetadataTableConfigurationResult",),
    "GetBucketNotificationConfiguration": ("NotificationConfiguration",),
    "GetBucketOwnershipControls": ("OwnershipControls",),
    "GetBucketPolicyStatus": ("PolicyStatus",),
    "GetBucketReplication": ("ReplicationConfiguration",),
    "GetBucketRequestPayment": ("RequestPaymentConfiguration",),
    "GetBucketTagging": ("Tagging",),
    "GetBucketVersioning": ("VersioningConfiguration",),
    "GetBucketWebsite": ("WebsiteConfiguration",),
    "GetObjectLockConfiguration": ("ObjectLockConfiguration",),
    "GetPublicAccessBlock": ("PublicAccessBlockConfiguration",),
    "ListBucketAnalyticsConfigurations": (
        "ListBucketAnalyticsConfigurationsResult",
        "ListBucketAnalyticsConfigurationResult",
    ),
    "ListBucketIntelligentTieringConfigurations": (
        "ListIntelligentTieringConfigurationsResult",
        "ListBucketIntelligentTieringConfigurationsOutput",
    ),
    "ListBucketInventoryConfigurations": ("ListInventoryConfigurationsResult",),
    "ListBucketMetricsConfigurations": ("ListMetricsConfigurationsResult",),
    "ListBuckets": ("ListAllMyBucketsResult",),
    "ListObjectsV2": ("ListBucketResult",),
}
_KNOWN: Final = frozenset(root for roots in _ROOTS.values() for root in roots)


def belongs_to(operation: str, root: str, namespace: str) -> bool:
    """Whether an answer of S3 with this outermost element can be an operation's."""
    return root in _ROOTS.get(operation, ()) or (root not in _KNOWN and namespace.startswith(_NAMESPACES))
