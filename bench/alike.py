"""What S3 says in two ways that mean the same, or looks alike and does not. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from auditor.model.values import ABSENT, Value

BUCKET: Final = "AWS::S3::Bucket"


@dataclass(frozen=True)
class Alike:
    """Two raw values of one facet (ABSENT: not configured) that mean the same, or, with a `pointer`, do not."""

    type: str
    name: str
    facet: str
    one: Value
    other: Value
    pointer: tuple[str, ...] = ()


def _rules(name: str, *pair: dict[str, Any]) -> Alike:
    values = [{"Rules": [{"ID": "r", "Status": "Enabled", "Expiration": {"Days": 9}, **own}]} for own in pair]
    return Alike(BUCKET, f"lifecycle: {name}", "lifecycle", values[0], values[1])


def _notified(name: str, *entries: dict[str, Any]) -> Alike:
    arn = {"LambdaFunctionArn": "arn:aws:lambda:${region}:${account}:function:f"}
    values = [{"LambdaFunctionConfigurations": [{**arn, "Events": ["s3:ObjectCreated:*"], **one}]} for one in entries]
    return Alike(BUCKET, f"notification: {name}", "notification", values[0], values[1])


def _filter(*rules: tuple[str, str]) -> dict[str, Any]:
    return {"Filter": {"Key": {"FilterRules": [{"Name": name, "Value": value} for name, value in rules]}}}


def _key(key: str | None, algorithm: str = "aws:kms") -> dict[str, Any]:
    own = {"KMSMasterKeyID": key} if key else {}
    return {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm, **own}}]}


def _copied(name: str, *pair: dict[str, Any]) -> Alike:
    rule = {
        "ID": "r",
        "Status": "Enabled",
        "Priority": 1,
        "Filter": {},
        "DeleteMarkerReplication": {"Status": "Disabled"},
    }
    to = {"Destination": {"Bucket": "arn:aws:s3:::there"}}
    values = [{"Role": "r", "Rules": [{**rule, **to, **own}]} for own in pair]
    return Alike(BUCKET, f"replication: {name}", "replication", values[0], values[1])


def _to(**told: Any) -> dict[str, Any]:
    return {"Destination": {"Bucket": "arn:aws:s3:::there", **told}}


def _reported(facet: str, *pair: dict[str, Any]) -> Alike:
    values = [[{"Id": "x", **own}] for own in pair]
    return Alike(BUCKET, f"{facet}: {', '.join(pair[0])} and {', '.join(pair[1])}", facet, values[0], values[1])


_OFF: Final = {"Status": "Disabled"}
_TAG: Final = {"Key": "k", "Value": "v"}
_AES: Final = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
_TRUE: Final = {"BlockPublicAcls": False, "IgnorePublicAcls": False, "BlockPublicPolicy": False}

ALIKE_S3: Final = (
    Alike(BUCKET, "never versioned", "versioning", {"Status": "Suspended"}, ABSENT),
    Alike(BUCKET, "no MFA delete", "versioning", {"Status": "Enabled", "MFADelete": "Disabled"}, {"Status": "Enabled"}),
    Alike(BUCKET, "encrypted by S3", "encryption", {"Rules": [{**_AES, "BucketKeyEnabled": False}]}, ABSENT),
    Alike(
        BUCKET,
        "SSE-C not blocked",
        "encryption",
        {"Rules": [{**_AES, "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]}}]},
        {"Rules": [_AES]},
    ),
    Alike(BUCKET, "nothing blocked", "public access block", {**_TRUE, "RestrictPublicBuckets": False}, ABSENT),
    Alike(BUCKET, "nothing blocked, in part", "public access block", {"BlockPublicAcls": False}, _TRUE),
    Alike(BUCKET, "writers own", "ownership controls", {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}, ABSENT),
    Alike(BUCKET, "not public", "policy status", {"IsPublic": False}, ABSENT),
    Alike(
        BUCKET,
        "labels of CORS rules",
        "cors",
        {"CORSRules": [{"ID": "a", "AllowedMethods": ["GET", "PUT"]}]},
        {"CORSRules": [{"AllowedMethods": ["PUT", "GET"]}]},
    ),
    _rules("the old prefix", {"Prefix": "logs/"}, {"Filter": {"Prefix": "logs/"}}),
    _rules("the old empty prefix", {"Prefix": ""}, {"Filter": {}}),
    _rules("an empty filter", {"Filter": {}}, {"Filter": {"Prefix": ""}}),
    _rules("a generated ID", {"ID": "Zjk4", "Filter": {"Prefix": "a"}}, {"ID": "MzUy", "Filter": {"Prefix": "a"}}),
    Alike(
        BUCKET,
        "lifecycle: the smallest size",
        "lifecycle",
        {"Rules": [], "TransitionDefaultMinimumObjectSize": "all_storage_classes_128K"},
        {"Rules": []},
    ),
    _rules("And of one tag", {"Filter": {"And": {"Tags": [_TAG]}}}, {"Filter": {"Tag": _TAG}}),
    _rules("And of a prefix", {"Filter": {"And": {"Prefix": "a/"}}}, {"Filter": {"Prefix": "a/"}}),
    _rules(
        "And with an empty prefix",
        {"Filter": {"And": {"Prefix": "", "Tags": [_TAG, {"Key": "l", "Value": "w"}]}}},
        {"Filter": {"And": {"Tags": [_TAG, {"Key": "l", "Value": "w"}]}}},
    ),
    _rules(
        "markers that stay",
        {"Expiration": {"ExpiredObjectDeleteMarker": False}, "Transitions": []},
        {"Expiration": {}},
    ),
    *(
        Alike(BUCKET, f"the default key, {form}", "encryption", _key(form), _key(None))
        for form in (
            "alias/aws/s3",
            "arn:aws:kms:${region}:${account}:alias/aws/s3",
        )
    ),
    Alike(
        BUCKET,
        "the default key, twice encrypted",
        "encryption",
        _key("alias/aws/s3", "aws:kms:dsse"),
        _key(None, "aws:kms:dsse"),
    ),
    _copied("no promised time", _to(ReplicationTime={**_OFF, "Time": {"Minutes": 15}}), _to()),
    _copied("no metrics", _to(Metrics=_OFF), _to()),
    _copied("no changes of replicas", {"SourceSelectionCriteria": {"ReplicaModifications": _OFF}}, {}),
    _copied("no objects under a key", {"SourceSelectionCriteria": {"SseKmsEncryptedObjects": _OFF}}, {}),
    _copied("And of one tag", {"Filter": {"And": {"Tags": [_TAG]}}}, {"Filter": {"Tag": _TAG}}),
    *(
        _reported(facet, {"Filter": {"And": {"Tags": [_TAG]}}}, {"Filter": {"Tag": _TAG}})
        for facet in ("metrics", "analytics", "intelligent tiering")
    ),
    _reported("inventory", {"OptionalFields": [], "Filter": {"Prefix": ""}}, {"IsEnabled": None}),
    Alike(
        BUCKET,
        "CORS without headers",
        "cors",
        {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedHeaders": [], "ExposeHeaders": []}]},
        {"CORSRules": [{"AllowedMethods": ["GET"]}]},
    ),
    Alike(
        BUCKET,
        "notification: two events in one entry",
        "notification",
        {"TopicConfigurations": [{"Id": "a", "TopicArn": "t", "Events": ["x", "y"]}]},
        {
            "TopicConfigurations": [
                {"Id": "b", "TopicArn": "t", "Events": ["y"]},
                {"Id": "c", "TopicArn": "t", "Events": ["x"]},
            ]
        },
    ),
    _notified("generated IDs", {"Id": "NmE5"}, {"Id": "MzQ2"}),
    _notified(
        "names of filters",
        _filter(("Prefix", "in/"), ("Suffix", ".jpg")),
        _filter(("suffix", ".jpg"), ("prefix", "in/")),
    ),
    _notified("an empty filter", _filter(("Prefix", "")), {}),
    _notified(
        "an empty filter beside another", _filter(("Prefix", ""), ("Suffix", ".jpg")), _filter(("Suffix", ".jpg"))
    ),
    _notified("events in another order", {"Events": ["a", "b"]}, {"Events": ["b", "a"]}),
    Alike(
        BUCKET,
        "notification: none of a kind",
        "notification",
        {"TopicConfigurations": [], "EventBridgeConfiguration": {}},
        {"EventBridgeConfiguration": {}},
    ),
    Alike(BUCKET, "notification: none at all", "notification", {"TopicConfigurations": []}, ABSENT),
    Alike(
        BUCKET,
        "EventBridge is on",
        "notification",
        {"EventBridgeConfiguration": {}},
        ABSENT,
        ("NotificationConfiguration",),
    ),
    Alike(
        BUCKET,
        "logs' keys",
        "logging",
        {"LoggingEnabled": {"TargetBucket": "b", "TargetObjectKeyFormat": {"SimplePrefix": {}}}},
        {"LoggingEnabled": {"TargetBucket": "b", "TargetGrants": []}},
    ),
    Alike(
        BUCKET,
        "AWS's tags",
        "tagging",
        [{"Key": "aws:cloudformation:stack-id", "Value": "x"}, {"Key": "a", "Value": "b"}],
        [{"Key": "a", "Value": "b"}],
    ),
    Alike(BUCKET, "no tags but AWS's", "tagging", [{"Key": "aws:cloudformation:stack-id", "Value": "x"}], ABSENT),
    Alike(BUCKET, "no ABAC", "abac", {"Status": "Disabled"}, ABSENT),
    Alike(BUCKET, "no acceleration", "accelerate", {"Status": "Suspended"}, ABSENT),
    Alike(BUCKET, "the owner pays", "request payment", {"Payer": "BucketOwner"}, ABSENT),
    Alike(
        BUCKET,
        "the owner's name",
        "acl",
        {
            "Owner": {"ID": "x", "DisplayName": "me"},
            "Grants": [
                {"Grantee": {"Type": "CanonicalUser", "ID": "x", "DisplayName": "me"}, "Permission": "FULL_CONTROL"}
            ],
        },
        {
            "Owner": {"ID": "x"},
            "Grants": [{"Grantee": {"Type": "CanonicalUser", "ID": "x"}, "Permission": "FULL_CONTROL"}],
        },
    ),
    Alike(
        BUCKET,
        "replication: existing objects",
        "replication",
        {
            "Role": "r",
            "Rules": [
                {
                    "ID": "1",
                    "Status": "Enabled",
                    "Filter": {"Prefix": ""},
                    "ExistingObjectReplication": {"Status": "Disabled"},
                }
            ],
        },
        {"Role": "r", "Rules": [{"ID": "2", "Status": "Enabled", "Filter": {}}]},
    ),
)
