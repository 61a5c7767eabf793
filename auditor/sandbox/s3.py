"""What ministack's S3 lacks or gets wrong, so that it answers as AWS does. Knows nothing of the auditor.

ministack 1 serves no inventories, metrics, analytics or tiering (deleting one deletes the bucket), no metadata, ABAC or
policy status; its replication and lifecycle rules lose fields; its new buckets are open to the public.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from auditor.sandbox.buckets import create_bucket, delete_bucket
from auditor.sandbox.extension import PASS, Fields, Handler, Handlers, Ministack, Refused, Simple, State, stored

_BUCKET: Final = ("Bucket",)
_VERBS: Final = ("Put", "Get", "Delete")


async def is_there(ministack: Ministack, operation: str, name: str) -> bool:
    """Whether ministack answers this question about a bucket."""
    try:
        await ministack(operation, {"Bucket": name})
    except Refused:
        return False
    return True


def of_account(handler: Simple) -> Simple:
    """The handler, over what is kept for the account in all its regions at once."""
    return lambda state, asked: handler(state.everywhere, asked)


def in_bucket(handler: Simple) -> Handler:
    """The handler, of a bucket that there is: raises NoSuchBucket."""

    async def checked(state: State, asked: Fields, ministack: Ministack) -> Fields:
        await ministack("GetBucketLocation", {"Bucket": asked["Bucket"]})
        return handler(state, asked)

    return checked


def _configurations(kind: str) -> dict[str, Handler]:
    key, absent = ("Bucket", "Id"), Refused("NoSuchConfiguration", 404, "The specified configuration does not exist.")
    *made, listed = stored(kind, key, f"{kind}Configuration", absent, strict=True)
    by_id = {f"{verb}Bucket{kind}Configuration": in_bucket(one) for verb, one in zip(_VERBS, made, strict=True)}
    return {**by_id, f"ListBucket{kind}Configurations": in_bucket(listed)}


def put_lifecycle(state: State, asked: Fields) -> Fields:
    """A rule without an ID is given one; two transitions to one class are refused. ministack drops rules' Prefix."""
    rules = asked.get("LifecycleConfiguration", {}).get("Rules", [])
    for rule in rules:
        classes = [one["StorageClass"] for one in rule.get("Transitions", ())]
        if len(set(classes)) < len(classes):
            raise Refused(
                "InvalidRequest", 400, "'StorageClass' must be different for 'Transition' actions in same 'Rule'"
            )
    size = asked.get("TransitionDefaultMinimumObjectSize", "all_storage_classes_128K")
    whole = {"Rules": [_named(rule) for rule in rules], "TransitionDefaultMinimumObjectSize": size}
    state.of("lifecycle")[(asked["Bucket"],)] = whole
    return {"TransitionDefaultMinimumObjectSize": size}


def kept(kind: str, absent: Refused | Fields) -> Simple:
    """The handler that answers with what is kept of this kind as a whole; what `absent` is, where nothing was put."""

    def get(state: State, asked: Fields) -> Fields:
        found: Fields | Refused = state.of(kind).get((asked["Bucket"],), absent)
        if isinstance(found, Refused):
            raise found
        return found

    return get


def _named(rule: Mapping[str, Any]) -> Fields:
    return {"ID": uuid.uuid4().hex, **rule}


async def put_replication(state: State, asked: Fields, ministack: Ministack) -> Fields:
    """Only a versioned bucket can be replicated. ministack drops filters, priorities and most of the destination."""
    if (await ministack("GetBucketVersioning", {"Bucket": asked["Bucket"]})).get("Status") != "Enabled":
        raise Refused("InvalidRequest", 400, "Versioning must be 'Enabled' on the bucket to apply a replication")
    wanted = asked["ReplicationConfiguration"]
    state.of("replication")[(asked["Bucket"],)] = {**wanted, "Rules": [_named(rule) for rule in wanted["Rules"]]}
    return {}


def get_abac(state: State, asked: Fields) -> Fields:
    """Off where nobody turned it on."""
    return {"AbacStatus": kept("abac", {"Status": "Disabled"})(state, asked)}


async def get_policy_status(_: State, asked: Fields, ministack: Ministack) -> Fields:
    """Public is what lets everybody in unconditionally; AWS knows some conditions that it takes for none."""
    policy = (await ministack("GetBucketPolicy", {"Bucket": asked["Bucket"]}))["Policy"]
    return {"PolicyStatus": {"IsPublic": lets_everybody_in(policy)}}


def lets_everybody_in(text: str) -> bool:
    """Whether a policy is public."""
    statements = json.loads(text).get("Statement", [])
    listed = statements if isinstance(statements, list) else [statements]
    allowed = [one for one in listed if one.get("Effect") == "Allow" and not one.get("Condition")]
    return any(one.get("Principal") in ("*", {"AWS": "*"}) for one in allowed)


def canonical_user(account: str) -> str:
    """The id that the account has as an owner."""
    return hashlib.sha256(account.encode()).hexdigest()


async def get_acl(state: State, asked: Fields, ministack: Ministack) -> Fields:
    """The owner has the same id everywhere, and alone may do all where the bucket's owner owns all objects:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
    """
    answer = await ministack()
    owner = canonical_user(state.account)
    own = {"Grantee": {"Type": "CanonicalUser", "ID": owner}, "Permission": "FULL_CONTROL"}
    grants = [_of(owner, state.account, grant) for grant in answer["Grants"]]
    return {"Owner": {"ID": owner}, "Grants": [own] if await is_enforced(asked, ministack) else grants}


def _of(owner: str, account: str, grant: Mapping[str, Any]) -> Fields:
    # ministack calls the owner owner-id, or by the account's number.
    grantee = {name: value for name, value in grant["Grantee"].items() if name != "DisplayName"}
    return {**grant, "Grantee": {**grantee, "ID": owner} if grantee.get("ID") in ("owner-id", account) else grantee}


async def is_enforced(asked: Fields, ministack: Ministack) -> bool:
    """Whether the bucket's owner owns all objects, so that there are no ACLs."""
    try:
        controls = await ministack("GetBucketOwnershipControls", {"Bucket": asked["Bucket"]})
    except Refused as refused:
        if refused.code == "OwnershipControlsNotFoundError":
            return False
        raise
    return bool(controls["OwnershipControls"]["Rules"][0]["ObjectOwnership"] == "BucketOwnerEnforced")


_NO_METADATA: Final = Refused("MetadataConfigurationNotFound", 404, "The metadata configuration does not exist")


_metadata: Final = kept("metadata", _NO_METADATA)


def update_metadata(table: str) -> Simple:
    """Replace one table's settings; those of its encryption stay."""

    def update(state: State, asked: Fields) -> Fields:
        _metadata(state, asked)[table] = asked[table]
        return {}

    return update


def get_metadata(state: State, asked: Fields) -> Fields:
    """Every table with its state; the destination is a bucket that AWS keeps."""
    bucket = f"arn:aws:s3tables:{state.region}:{state.account}:bucket/aws-s3"
    tables = {
        f"{table}Result": {
            **settings,
            "TableStatus": "ACTIVE",
            "TableArn": f"{bucket}/table/{uuid.uuid4()}",
        }
        for table, settings in _metadata(state, asked).items()
    }
    destination = {"TableBucketType": "aws", "TableBucketArn": bucket, "TableNamespace": f"b_{asked['Bucket']}"}
    result = {"MetadataConfigurationResult": {"DestinationResult": destination, **tables}}
    return {"GetBucketMetadataConfigurationResult": result}


def get_metadata_table(state: State, asked: Fields) -> Fields:
    """The old form; of a bucket that has the new one it may not be asked for."""
    if (asked["Bucket"],) in state.of("metadata"):
        raise Refused("MethodNotAllowed", 405, "The specified method is not allowed against this resource.")
    found = kept("metadata table", _NO_METADATA)(state, asked)
    target = {**found["S3TablesDestination"], "TableNamespace": "aws_s3_metadata"}
    target["TableArn"] = f"{target['TableBucketArn']}/table/{target['TableName']}"
    result = {"MetadataTableConfigurationResult": {"S3TablesDestinationResult": target}, "Status": "ACTIVE"}
    return {"GetBucketMetadataTableConfigurationResult": result}


async def put_notification(state: State, asked: Fields, ministack: Ministack) -> Fields:
    """A function that the bucket may not invoke is refused; ministack takes it."""
    for one in asked["NotificationConfiguration"].get("LambdaFunctionConfigurations", ()):
        if not asked.get("SkipDestinationValidation"):
            await _demand_permission(one["LambdaFunctionArn"], asked["Bucket"], state.account, ministack)
    return PASS


async def _demand_permission(function: str, bucket: str, account: str, ministack: Ministack) -> None:
    name, *qualifier = function.split(":", 6)[6].split(":")
    of = {"FunctionName": name, **({"Qualifier": qualifier[0]} if qualifier else {})}
    try:
        answer = await ministack("GetPolicy", of, service="lambda")
        statements = json.loads(answer["Policy"])["Statement"]
    except Refused:
        statements = []
    if not any(_lets_in(one, f"arn:aws:s3:::{bucket}", account) for one in statements):
        raise Refused("InvalidArgument", 400, "Unable to validate the following destination configurations")


def _lets_in(statement: Mapping[str, Any], bucket: str, account: str) -> bool:
    asked = {"aws:sourcearn": bucket, "aws:sourceaccount": account}
    conditions = [pair for one in statement.get("Condition", {}).values() for pair in one.items()]
    return (
        statement["Effect"] == "Allow"
        and statement["Principal"] in ("*", {"Service": "s3.amazonaws.com"}, {"AWS": "*"})
        and statement["Action"] in ("lambda:InvokeFunction", "lambda:*")
        and all(fnmatchcase(asked.get(name.lower(), ""), pattern) for name, pattern in conditions)
    )


_NO_REPLICATION: Final = Refused("ReplicationConfigurationNotFoundError", 404, "There is no replication configuration")
_REPLICATION: Final = stored("replication", _BUCKET, "ReplicationConfiguration", _NO_REPLICATION)
_NO_RULES: Final = Refused("NoSuchLifecycleConfiguration", 404, "The lifecycle configuration does not exist")
_LIFECYCLE: Final = stored("lifecycle", _BUCKET, "LifecycleConfiguration", _NO_RULES)
_METADATA: Final = stored("metadata", _BUCKET, "MetadataConfiguration", _NO_METADATA, strict=True)
_TABLE: Final = stored("metadata table", _BUCKET, "MetadataTableConfiguration", _NO_METADATA, strict=True)
_OPEN: Final = Refused("NoSuchPublicAccessBlockConfiguration", 404, "There is no public access block configuration")
_ACCOUNT: Final = stored("account block", ("AccountId",), "PublicAccessBlockConfiguration", _OPEN)
_ABAC: Final = stored("abac", _BUCKET, "AbacStatus", _OPEN)
_PAYMENT: Final = stored("payment", _BUCKET, "RequestPaymentConfiguration", _OPEN)

HANDLERS: Final[Handlers] = {
    "s3": {
        "CreateBucket": create_bucket,
        "DeleteBucket": delete_bucket,
        **_configurations("Inventory"),
        **_configurations("Analytics"),
        **_configurations("Metrics"),
        **_configurations("IntelligentTiering"),
        "GetBucketLifecycleConfiguration": in_bucket(kept("lifecycle", _NO_RULES)),
        "DeleteBucketLifecycle": in_bucket(_LIFECYCLE[2]),
        "PutBucketReplication": put_replication,
        "GetBucketReplication": in_bucket(_REPLICATION[1]),
        "DeleteBucketReplication": in_bucket(_REPLICATION[2]),
        "PutBucketRequestPayment": in_bucket(_PAYMENT[0]),
        "GetBucketRequestPayment": in_bucket(kept("payment", {"Payer": "BucketOwner"})),
        "PutBucketAbac": in_bucket(_ABAC[0]),
        "GetBucketAbac": in_bucket(get_abac),
        "GetBucketAcl": get_acl,
        "GetBucketPolicyStatus": get_policy_status,
        "PutBucketNotificationConfiguration": put_notification,
        "CreateBucketMetadataConfiguration": in_bucket(_METADATA[0]),
        "GetBucketMetadataConfiguration": in_bucket(get_metadata),
        "DeleteBucketMetadataConfiguration": in_bucket(_METADATA[2]),
        **{
            f"UpdateBucketMetadata{table}TableConfiguration": in_bucket(update_metadata(f"{table}TableConfiguration"))
            for table in ("Journal", "Inventory", "Annotation")
        },
        "CreateBucketMetadataTableConfiguration": in_bucket(_TABLE[0]),
        "GetBucketMetadataTableConfiguration": in_bucket(get_metadata_table),
        "DeleteBucketMetadataTableConfiguration": in_bucket(_TABLE[2]),
    },
    "s3control": {
        f"{verb}PublicAccessBlock": of_account(handler) for verb, handler in zip(_VERBS, _ACCOUNT, strict=False)
    },
}
