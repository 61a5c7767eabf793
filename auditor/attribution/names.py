"""What CloudTrail calls the operations that write, which of them write each facet, and how an event names its resource.

A facet that one call writes says so in its spec; here is what no spec says: the operations of writers that are
functions, and what else AWS has that writes the same. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from auditor.model.values import Value
from auditor.specs.spec import FUNCTION, VERSION

SOURCES: Final[Mapping[str, str]] = {
    "codedeploy": "codedeploy.amazonaws.com",
    "lambda": "lambda.amazonaws.com",
    "s3": "s3.amazonaws.com",
    "s3control": "s3.amazonaws.com",
    "service-quotas": "servicequotas.amazonaws.com",
}
"""The `eventSource` of each service, by botocore's name."""
# "eventName might include date and version information, but it is still referring to the same public API action":
# https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html. Operations since 2019 have none.
_LAMBDA: Final[Mapping[str, tuple[str, ...]]] = {
    "AddLayerVersionPermission": ("AddLayerVersionPermission20181031",),
    "AddPermission": ("AddPermission20150331v2", "AddPermission20150331"),
    "CreateAlias": ("CreateAlias20150331",),
    "CreateEventSourceMapping": ("CreateEventSourceMapping20150331",),
    "CreateFunction": ("CreateFunction20150331",),
    "DeleteAlias": ("DeleteAlias20150331",),
    "DeleteEventSourceMapping": ("DeleteEventSourceMapping20150331",),
    "DeleteFunction": ("DeleteFunction20150331",),
    "DeleteFunctionConcurrency": ("DeleteFunctionConcurrency20171031",),
    "DeleteLayerVersion": ("DeleteLayerVersion20181031",),
    "PublishLayerVersion": ("PublishLayerVersion20181031",),
    "PutFunctionConcurrency": ("PutFunctionConcurrency20171031",),
    "RemoveLayerVersionPermission": ("RemoveLayerVersionPermission20181031",),
    "RemovePermission": ("RemovePermission20150331v2", "RemovePermission20150331"),
    "TagResource": ("TagResource20170331v2", "TagResource20170331"),
    "UntagResource": ("UntagResource20170331v2", "UntagResource20170331"),
    "UpdateAlias": ("UpdateAlias20150331",),
    "UpdateEventSourceMapping": ("UpdateEventSourceMapping20150331",),
    "UpdateFunctionCode": ("UpdateFunctionCode20150331v2", "UpdateFunctionCode20150331"),
    "UpdateFunctionConfiguration": ("UpdateFunctionConfiguration20150331v2", "UpdateFunctionConfiguration20150331"),
}
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html. Where the page and the action's
# name differ, both are looked up: a name that nothing is recorded under costs one call.
_S3: Final[Mapping[str, tuple[str, ...]]] = {
    "DeleteBucketAnalyticsConfiguration": ("DeleteBucketAnalyticsConfiguration", "DeleteAnalyticsConfiguration"),
    "DeleteBucketInventoryConfiguration": ("DeleteBucketInventoryConfiguration", "DeleteInventoryConfiguration"),
    "DeleteBucketMetricsConfiguration": ("DeleteBucketMetricsConfiguration", "DeleteMetricsConfiguration"),
    "DeletePublicAccessBlock": ("DeleteBucketPublicAccessBlock",),
    "PutBucketAccelerateConfiguration": ("PutBucketAccelerateConfiguration", "PutAccelerateConfiguration"),
    "PutBucketAnalyticsConfiguration": ("PutBucketAnalyticsConfiguration", "PutAnalyticsConfiguration"),
    "PutBucketInventoryConfiguration": ("PutBucketInventoryConfiguration", "PutInventoryConfiguration"),
    "PutBucketLifecycleConfiguration": ("PutBucketLifecycle", "PutBucketLifecycleConfiguration"),
    "PutBucketMetricsConfiguration": ("PutBucketMetricsConfiguration", "PutMetricsConfiguration"),
    "PutBucketNotificationConfiguration": ("PutBucketNotification", "PutBucketNotificationConfiguration"),
    "PutObjectLockConfiguration": ("PutBucketObjectLockConfiguration", "PutObjectLockConfiguration"),
    "PutPublicAccessBlock": ("PutBucketPublicAccessBlock",),
}
_ACCOUNT_WIDE: Final[Mapping[str, tuple[str, ...]]] = {
    "DeletePublicAccessBlock": ("DeleteAccountPublicAccessBlock",),
    "PutPublicAccessBlock": ("PutAccountPublicAccessBlock",),
}
_NAMES: Final = {"lambda": _LAMBDA, "s3": _S3, "s3control": _ACCOUNT_WIDE}


def event_names(service: str, operation: str) -> tuple[str, ...]:
    """What CloudTrail can call an operation of botocore's: the operation's name where nothing else is known."""
    return _NAMES.get(service, {}).get(operation, (operation,))


CREATE: Final = "create"
DELETE: Final = "delete"
_TAGS: Final = ("TagResource", "UntagResource")
_POLICY: Final = ("AddPermission", "RemovePermission", "PutResourcePolicy")


def _each(kind: str) -> tuple[str, ...]:
    return f"PutBucket{kind}Configuration", f"DeleteBucket{kind}Configuration"


WRITTEN_BY: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "AWS::CodeDeploy::Application": {
        CREATE: ("CreateApplication",),
        "configuration": ("UpdateApplication",),
        "tags": _TAGS,
    },
    "AWS::CodeDeploy::DeploymentConfig": {CREATE: ("CreateDeploymentConfig",)},
    "AWS::CodeDeploy::DeploymentGroup": {
        CREATE: ("CreateDeploymentGroup",),
        "configuration": ("UpdateDeploymentGroup",),
        "revision": ("CreateDeployment",),
        "tags": _TAGS,
    },
    "AWS::CodeDeploy::GitHubConnection": {DELETE: ("DeleteGitHubAccountToken",)},
    "AWS::CodeDeploy::OnPremisesInstance": {
        CREATE: ("RegisterOnPremisesInstance",),
        DELETE: ("DeregisterOnPremisesInstance",),
        "configuration": ("AddTagsToOnPremisesInstances", "RemoveTagsFromOnPremisesInstances"),
    },
    "AWS::Lambda::Alias": {CREATE: ("CreateAlias",), "configuration": ("UpdateAlias",), "policy": _POLICY},
    "AWS::Lambda::CapacityProvider": {
        CREATE: ("CreateCapacityProvider",),
        "configuration": ("UpdateCapacityProvider",),
        "tags": _TAGS,
    },
    "AWS::Lambda::CodeSigningConfig": {
        CREATE: ("CreateCodeSigningConfig",),
        DELETE: ("DeleteCodeSigningConfig",),
        "configuration": ("UpdateCodeSigningConfig",),
        "tags": _TAGS,
    },
    "AWS::Lambda::EventInvokeConfig": {
        CREATE: ("PutFunctionEventInvokeConfig",),
        "configuration": ("PutFunctionEventInvokeConfig", "UpdateFunctionEventInvokeConfig"),
    },
    "AWS::Lambda::EventSourceMapping": {
        CREATE: ("CreateEventSourceMapping",),
        DELETE: ("DeleteEventSourceMapping",),
        "configuration": ("UpdateEventSourceMapping",),
        "filters": ("UpdateEventSourceMapping",),
        "tags": _TAGS,
    },
    FUNCTION: {
        CREATE: ("CreateFunction",),
        "configuration": ("UpdateFunctionConfiguration",),
        "package": ("UpdateFunctionCode",),
        "code": ("UpdateFunctionCode",),
        "code signing config": ("PutFunctionCodeSigningConfig", "DeleteFunctionCodeSigningConfig"),
        "policy": _POLICY,
        "runtime management": ("PutRuntimeManagementConfig",),
        "tags": _TAGS,
    },
    "AWS::Lambda::LayerVersion": {
        CREATE: ("PublishLayerVersion",),
        DELETE: ("DeleteLayerVersion",),
        "version": ("DeleteLayerVersion",),
        "content": ("DeleteLayerVersion",),
        "policy": ("AddLayerVersionPermission", "RemoveLayerVersionPermission"),
    },
    "AWS::Lambda::Url": {
        CREATE: ("CreateFunctionUrlConfig",),
        DELETE: ("DeleteFunctionUrlConfig",),
        "configuration": ("UpdateFunctionUrlConfig",),
    },
    VERSION: {"policy": _POLICY},
    "AWS::S3::Bucket": {
        CREATE: ("CreateBucket",),
        "acl": ("PutBucketAcl",),
        "analytics": _each("Analytics"),
        "intelligent tiering": _each("IntelligentTiering"),
        "inventory": _each("Inventory"),
        "lifecycle": ("PutBucketLifecycleConfiguration",),
        "metadata": (
            "CreateBucketMetadataConfiguration",
            "UpdateBucketMetadataAnnotationTableConfiguration",
            "UpdateBucketMetadataInventoryTableConfiguration",
            "UpdateBucketMetadataJournalTableConfiguration",
        ),
        "metadata table": ("CreateBucketMetadataTableConfiguration",),
        "metrics": _each("Metrics"),
        "replication": ("PutBucketReplication",),
        "tagging": ("PutBucketTagging", "DeleteBucketTagging", *_TAGS),
        "versioning": ("PutBucketVersioning",),
    },
    "AWS::ServiceQuotas::Quota": {"quota": ("RequestServiceQuotaIncrease",)},
}
"""The operations that make (CREATE) or delete (DELETE) a resource of a type, or write a facet of it."""

Told = Mapping[str, Value]
"""An event's requestParameters, their names in small letters."""


def _after(text: Value, *marks: str) -> str:
    """What follows the last of the marks in an ARN, or a name as it is."""
    told = str(text or "")
    return next((told.rpartition(mark)[2] for mark in marks if mark in told), told)


def _function_of(told: Told) -> tuple[str, str]:
    """A function's name and its qualifier; Lambda takes a name, an ARN or a part of one, each with or without."""
    named = told.get("functionname") or told.get("resource") or told.get("resourcearn")
    name, _, qualifier = _after(named, "function:").partition(":")
    return name, qualifier or str(told.get("qualifier") or "$LATEST")


def _function(told: Told) -> str:
    name, qualifier = _function_of(told)
    return name if qualifier.startswith("$LATEST") else f"{name}:{qualifier}"


def _of_qualifier(told: Told) -> str:
    return "/".join(_function_of(told))


def _alias(told: Told) -> str:
    name, qualifier = _function_of(told)
    return f"{name}/{told.get('name') or qualifier}"


def _application(told: Told) -> str:
    return _after(told.get("applicationname") or told.get("resourcearn"), ":application:")


def _group(told: Told) -> str:
    if told.get("resourcearn"):
        return _after(told["resourcearn"], ":deploymentgroup:")
    given = ("deploymentgroupname", "newdeploymentgroupname", "currentdeploymentgroupname")
    return f"{told.get('applicationname')}/{next((told[one] for one in given if told.get(one)), '')}"


def _instance(told: Told) -> str:
    return str(told.get("instancename") or (told.get("instancenames") or [""])[0])


NAMERS: Final[Mapping[str, Callable[[Told], str]]] = {
    "AWS::CodeDeploy::Application": _application,
    "AWS::CodeDeploy::DeploymentConfig": lambda told: str(told.get("deploymentconfigname")),
    "AWS::CodeDeploy::DeploymentGroup": _group,
    "AWS::CodeDeploy::GitHubConnection": lambda told: str(told.get("tokenname")),
    "AWS::CodeDeploy::OnPremisesInstance": _instance,
    "AWS::Lambda::Alias": _alias,
    "AWS::Lambda::CapacityProvider": lambda told: _after(
        told.get("capacityprovidername") or told.get("resource"), ":capacity-provider:"
    ),
    "AWS::Lambda::EventInvokeConfig": _of_qualifier,
    FUNCTION: _function,
    "AWS::Lambda::LayerVersion": lambda told: _after(told.get("layername"), ":layer:").partition(":")[0],
    "AWS::Lambda::Url": _of_qualifier,
    VERSION: _of_qualifier,
    "AWS::S3::AccountPublicAccessBlock": lambda _: "account",
    "AWS::S3::Bucket": lambda told: str(told.get("bucketname") or _after(told.get("resourcearn"), ":s3:::")),
    "AWS::ServiceQuotas::Quota": lambda told: f"{told.get('servicecode')}/{told.get('quotacode')}",
}
"""The name, as its site calls it, of the resource of a type that an event is about."""
