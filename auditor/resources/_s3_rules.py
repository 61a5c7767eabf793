"""The sub-configurations of a bucket that are rules: what happens to objects, and who is told or sent a copy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from auditor.model.values import Value
from auditor.resources._s3_calls import BUCKET, delete, put, read
from auditor.resources._s3_forms import OFF_BY_DEFAULT, acting, notified, plain_filter, replicated, rule_of
from auditor.resources._s3_order import VERSIONED_FIRST, WITHOUT_MFA
from auditor.specs.bonds import goes_away
from auditor.specs.spec import Call, Facet, Field, default, ignored, unordered

_KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "LambdaFunctionConfigurations": ("LambdaFunctionArn", "lambda"),
    "QueueConfigurations": ("QueueArn", "sqs"),
    "TopicConfigurations": ("TopicArn", "sns"),
}


def with_filters(value: Value) -> Value:
    """A lifecycle configuration in which every rule has a Filter.

    `Prefix` of a rule is how `Filter.Prefix` was written before there were filters, and an empty filter is a rule
    for the whole bucket, as is an empty prefix.
    """
    return {**value, "Rules": [_with_filter(rule) for rule in value.get("Rules", ())]}


def _with_filter(rule: Mapping[str, Any]) -> dict[str, Any]:
    own = {name: member for name, member in rule.items() if name != "Prefix"}
    return {**own, "Filter": rule.get("Filter") or {"Prefix": rule.get("Prefix") or ""}}


def mixed_forms(value: Value) -> str:
    """Why a replication configuration cannot be written that holds rules of both forms; "" for one of a single form.

    In the older form delete markers are replicated, in the newer one only where a rule says so:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html
    """
    forms = {"Filter" in rule for rule in value.get("Rules", ())}
    if len(forms) < 2:
        return ""
    return (
        "what stays and what golden has are rules of the two forms of replication (Prefix, Filter), which S3 does not "
        "take together, and which replicate delete markers differently"
    )


def with_plain_rules(value: Value) -> Value:
    """A lifecycle configuration in which every rule has a Filter, in its shortest form."""
    rules = with_filters(value)["Rules"]
    return {**value, "Rules": [acting({**rule, "Filter": plain_filter(rule["Filter"])}) for rule in rules]}


def as_modelled(value: Value) -> Value:
    """A notification configuration whose filter rules are named as in S3's model.

    S3 writes Prefix and Suffix where its own model has them small, and an empty one for none at all.
    """
    told = {name: member for name, member in value.items() if name not in _KINDS or member}
    return {
        name: notified([_as_modelled(one) for one in member], _KINDS[name][0]) if name in _KINDS else member
        for name, member in told.items()
    }


def _as_modelled(entry: Mapping[str, Any]) -> dict[str, Any]:
    key = (entry.get("Filter") or {}).get("Key") or {}
    rules = [
        {**rule, "Name": rule.get("Name", "").lower()} for rule in key.get("FilterRules") or () if rule.get("Value")
    ]
    return {**entry, "Filter": {**(entry.get("Filter") or {}), "Key": {**key, "FilterRules": rules}}}


def write_lifecycle(_: Value, wanted: Value) -> tuple[Call, ...]:
    """The smallest size of a transitioned object is a header: left out, it goes back to the default.

    S3 takes no configuration in which one rule has a Filter and another the Prefix of old.
    """
    rules = wanted.get("Rules", [])
    is_mixed = all(any(form in rule for rule in rules) for form in ("Filter", "Prefix"))
    params = {**BUCKET, "LifecycleConfiguration": {"Rules": with_filters(wanted)["Rules"] if is_mixed else rules}}
    size = wanted.get("TransitionDefaultMinimumObjectSize")
    header = {"TransitionDefaultMinimumObjectSize": size} if size else {}
    return (Call("PutBucketLifecycleConfiguration", {**params, **header}, actions=("s3:PutLifecycleConfiguration",)),)


def write_replication(_: Value, wanted: Value) -> tuple[Call, ...]:
    """ExistingObjectReplication is still answered, but no longer taken."""
    rules = [
        {name: member for name, member in rule.items() if name != "ExistingObjectReplication"}
        for rule in wanted["Rules"]
    ]
    params = {**BUCKET, "ReplicationConfiguration": {**wanted, "Rules": rules}}
    return (Call("PutBucketReplication", params, actions=("s3:PutReplicationConfiguration", "iam:PassRole")),)


def _notifications(kind: str, destination: str, reference: str) -> tuple[Field, ...]:
    return (
        unordered(kind, destination, "Filter", align=True),
        ignored(f"{kind}[].Id", "generated where nobody gave one"),
        Field(f"{kind}[].{destination}", reference=reference),
        unordered(f"{kind}[].Events"),
        unordered(f"{kind}[].Filter.Key.FilterRules", "Name"),
    )


CORS: Final = Facet(
    "cors",
    read("GetBucketCors", action="s3:GetBucketCORS", always=("CORSRules",)),
    at="CORSConfiguration",
    absent=frozenset({"NoSuchCORSConfiguration"}),
    # The first rule that matches decides, so their order counts.
    fields=(
        ignored("CORSRules[].ID", "a label"),
        unordered("CORSRules[].AllowedHeaders", default=[]),
        unordered("CORSRules[].AllowedMethods"),
        unordered("CORSRules[].AllowedOrigins"),
        unordered("CORSRules[].ExposeHeaders", default=[]),
    ),
    turn=40,
    write=put("PutBucketCors", "CORSConfiguration", "s3:PutBucketCORS"),
    remove=delete("DeleteBucketCors", "s3:PutBucketCORS"),
)

LIFECYCLE: Final = Facet(
    "lifecycle",
    read("GetBucketLifecycleConfiguration", action="s3:GetLifecycleConfiguration", always=("Rules",)),
    at="LifecycleConfiguration",
    absent=frozenset({"NoSuchLifecycleConfiguration"}),
    shape=with_plain_rules,
    fields=(
        default("TransitionDefaultMinimumObjectSize", "all_storage_classes_128K"),
        unordered("Rules", "ID", align=True, known_by=rule_of),
        ignored("Rules[].ID", "names the rule"),
        default("Rules[].Filter.Prefix", ""),
        # S3 takes one transition a storage class ("'StorageClass' must be different for 'Transition' actions in same
        # 'Rule'"), so the class alone is the key, and a changed number of days is one change.
        unordered("Rules[].Transitions", "StorageClass"),
        unordered("Rules[].NoncurrentVersionTransitions", "StorageClass"),
        unordered("Rules[].Filter.And.Tags", "Key"),
    ),
    turn=40,
    bonds=(WITHOUT_MFA,),
    write=write_lifecycle,
    remove=delete("DeleteBucketLifecycle", "s3:PutLifecycleConfiguration"),
)

NOTIFICATION: Final = Facet(
    "notification",
    read("GetBucketNotificationConfiguration", action="s3:GetBucketNotification"),
    at="NotificationConfiguration",
    default={},
    shape=as_modelled,
    fields=tuple(
        field
        for kind, (destination, reference) in _KINDS.items()
        for field in _notifications(kind, destination, reference)
    ),
    turn=110,
    falls=goes_away,
    write=put("PutBucketNotificationConfiguration", "NotificationConfiguration", "s3:PutBucketNotification"),
    remove=put("PutBucketNotificationConfiguration", "NotificationConfiguration", "s3:PutBucketNotification", value={}),
)

_NO_LONGER: Final = "AWS sets it, and takes it no longer: S3 Batch Replication copies what is there already"

REPLICATION: Final = Facet(
    "replication",
    read(
        "GetBucketReplication",
        "ReplicationConfiguration",
        "s3:GetReplicationConfiguration",
        ("ReplicationConfiguration.Rules",),
    ),
    at="ReplicationConfiguration",
    absent=frozenset({"ReplicationConfigurationNotFoundError"}),
    # The old form (Prefix) and the new one (Filter) treat delete markers differently, so they stay apart.
    shape=replicated,
    fields=(
        Field("Role", reference="iam-role"),
        unordered("Rules", "ID", align=True, known_by=rule_of),
        ignored("Rules[].ID", "names the rule"),
        default("Rules[].Filter.Prefix", ""),
        unordered("Rules[].Filter.And.Tags", "Key"),
        unordered("Rules[].Filter.And.Not.Or.Prefixes"),
        unordered("Rules[].Filter.And.Not.Or.Tags", "Key", "Value"),
        unordered("Rules[].Filter.Not.Or.Prefixes"),
        unordered("Rules[].Filter.Not.Or.Tags", "Key", "Value"),
        # AWS answers it still, and takes it no longer.
        Field(
            "Rules[].ExistingObjectReplication", default={"Status": "Disabled"}, read_only=True, unwritten=_NO_LONGER
        ),
        Field("Rules[].Destination.Bucket", reference="s3-bucket"),
        default("Rules[].Destination.EncryptionConfiguration", {}),
        *OFF_BY_DEFAULT,
        Field("Rules[].Destination.EncryptionConfiguration.ReplicaKmsKeyID", reference="kms"),
    ),
    turn=130,
    bonds=(VERSIONED_FIRST,),
    falls=goes_away,
    unfit=mixed_forms,
    write=write_replication,
    remove=delete("DeleteBucketReplication", "s3:PutReplicationConfiguration"),
)
