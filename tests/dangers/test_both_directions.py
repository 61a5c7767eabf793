"""Each switch that loosens or tightens something is told of, whichever way it is turned."""

from __future__ import annotations

import pytest

from auditor.dangers.dangers import dangers
from auditor.model.plan import PlannedCall
from auditor.model.values import ABSENT

BLOCKED, FREE = ({"EncryptionType": [one]} for one in ("SSE-C", "NONE"))
KMS = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/shop"}
THERE = {"Bucket": "arn:aws:s3:::there"}


def encrypted(algorithm="AES256", **rule):
    default = algorithm if isinstance(algorithm, dict) else {"SSEAlgorithm": algorithm}
    return {"Rules": [{"ApplyServerSideEncryptionByDefault": default, **rule}]}


def of_old(**rule):
    """A rule of replication in the first form, which has no Filter."""
    return {"Role": "arn:r", "Rules": [{"Status": "Enabled", "Prefix": "", "Destination": THERE, **rule}]}


def copied(destination=None, **rule):
    """A rule of replication in the present form."""
    given = {"Status": "Enabled", "Filter": {}, "Destination": {**THERE, **(destination or {})}, **rule}
    return {"Role": rule.pop("Role", "arn:r"), "Rules": [given]}


def status(name, value="Enabled"):
    return {name: {"Status": value}}


def selecting(name):
    return copied(SourceSelectionCriteria=status(name))


def cors(**rule):
    return {"CORSRules": [{"AllowedOrigins": ["https://a"], "AllowedMethods": ["GET"], **rule}]}


def logged(**told):
    return {"LoggingEnabled": {"TargetBucket": "logs", "TargetPrefix": "", **told}}


def expiring(**rule):
    return {"Rules": [{"ID": "x", "Status": "Enabled", "Filter": {}, **rule}]}


def reported(bucket, **more):
    return {"S3BucketDestination": {"Bucket": f"arn:aws:s3:::{bucket}", "Format": "CSV", **more}}


def tiered(**more):
    return {"Id": "x", "Status": "Enabled", "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}], **more}


def moving(smallest):
    rule = expiring(Transitions=[{"Days": 9, "StorageClass": "STANDARD_IA"}])
    return {**rule, "TransitionDefaultMinimumObjectSize": smallest}


REPLICATION = [
    # What is found, what is wanted, and what is said of it; then of the way back.
    (copied(**status("DeleteMarkerReplication", "Disabled")), of_old(),
     "outage: what is deleted here disappears from", "cost: what is deleted here stays in"),
    (copied(), of_old(), "outage: what is deleted here disappears from", "cost: what is deleted here stays in"),
    (copied(**status("DeleteMarkerReplication")), of_old(), "", ""),
    (of_old(**status("DeleteMarkerReplication", "Disabled")), of_old(),
     "outage: what is deleted here disappears", "cost: what is deleted here stays"),
    (copied(), selecting("SseKmsEncryptedObjects"), "exposure: objects encrypted with KMS are copied",
     "outage: objects encrypted with KMS are no longer copied"),
    (copied(), selecting("ReplicaModifications"), "outage: tags, ACLs and locks of replicas",
     "outage: tags, ACLs and locks of replicas"),
    (copied(), copied(status("ReplicationTime")), "cost: copies to", "outage: copies are no longer promised"),
    (copied(), copied(status("Metrics")), "cost: metrics of the copies", ""),
    (copied({"AccessControlTranslation": {"Owner": "Destination"}}), copied(), "exposure: new copies in",
     "outage: new copies in"),
    (copied(), copied({"StorageClass": "GLACIER"}), "outage: new copies in", ""),
    (copied(), copied({"EncryptionConfiguration": {"ReplicaKmsKeyID": "k"}}), "outage: copies to", ""),
    (copied(), {**copied(), "Role": "arn:s"}, "outage: nothing is copied where the role arn:s",
     "outage: nothing is copied where the role arn:r"),
]  # fmt: skip
S3 = [
    *(("PutBucketReplication", *row) for row in REPLICATION),
    ("PutBucketEncryption", encrypted(BlockedEncryptionTypes=BLOCKED), encrypted(BlockedEncryptionTypes=FREE),
     "exposure: uploads with keys of the uploader's own", "outage: uploads with keys of the uploader's own"),
    ("PutBucketEncryption", encrypted(BlockedEncryptionTypes=BLOCKED), encrypted(),
     "exposure: uploads with keys of the uploader's own", "outage: uploads with keys of the uploader's own"),
    ("PutBucketEncryption", encrypted(KMS, BucketKeyEnabled=True), encrypted(KMS), "cost: each object", ""),
    ("PutBucketEncryption", encrypted(KMS), encrypted(), "exposure: new objects can be read", "outage: every upload"),
    ("PutBucketCors", cors(), cors(AllowedMethods=["GET", "PUT"]),
     "exposure: CORS lets pages do more here: AllowedMethods PUT (https://a)",
     "outage: CORS lets pages do less here: AllowedMethods PUT (https://a)"),
    ("PutBucketCors", cors(), cors(AllowedHeaders=["*"]), "exposure: CORS lets pages do more here: AllowedHeaders *",
     "outage: CORS lets pages do less here: AllowedHeaders *"),
    ("PutBucketCors", cors(), cors(ExposeHeaders=["x-secret"]), "exposure: CORS lets pages do more here",
     "outage: CORS lets pages do less here"),
    ("PutBucketLogging", logged(), logged(TargetBucket="other"),
     "irreversible: accesses are logged to other/, and no longer to logs/",
     "irreversible: accesses are logged to logs/, and no longer to other/"),
    ("PutBucketLogging", logged(), logged(TargetGrants=[{"Grantee": {"ID": "abc"}, "Permission": "READ"}]),
     "exposure: the logs are granted to abc", ""),
    ("PutBucketLifecycleConfiguration", expiring(), expiring(AbortIncompleteMultipartUpload={"DaysAfterInitiation": 7}),
     "irreversible: all objects are deleted where their upload in parts does not end, after 7 days",
     "cost: all objects are no longer deleted where their upload in parts does not end, after 7 days"),
    ("PutBucketInventoryConfiguration", [{"Id": "x", "Destination": reported("a")}],
     [{"Id": "x", "Destination": reported("b")}], "outage: inventory x goes to arn:aws:s3:::b/ as CSV, and",
     "outage: inventory x goes to arn:aws:s3:::a/ as CSV"),
    ("PutBucketInventoryConfiguration", [{"Id": "x", "Destination": reported("a", Encryption={"SSES3": {}})}],
     [{"Id": "x", "Destination": reported("a")}], "exposure: inventory x is encrypted in another way", ""),
    ("PutBucketIntelligentTieringConfiguration", [tiered(Filter={"Prefix": "a/"})], [tiered()],
     "outage: all objects that nobody read for 90 days must be restored from ARCHIVE_ACCESS first", ""),
    ("PutBucketLifecycleConfiguration", moving("all_storage_classes_128K"), moving("varies_by_storage_class"),
     "cost: objects of less than 128 KB are moved too", "cost: objects of less than 128 KB stay where they are"),
    ("PutBucketLogging", logged(), logged(TargetObjectKeyFormat={"PartitionedPrefix": {}}), "outage: logs are put",
     "outage: logs are put"),
]  # fmt: skip
MAPPED = {"EventSourceArn": "arn:aws:kinesis:r:a:stream/s"}
URL = {"AuthType": "AWS_IAM", "Cors": {"AllowOrigins": ["https://a"], "AllowMethods": ["GET"]}}
LAMBDA = [
    ("UpdateFunctionConfiguration", {"KMSKeyArn": "arn:k"}, {}, "exposure: the environment can be read", ""),
    ("UpdateFunctionConfiguration", {"DeadLetterConfig": {"TargetArn": "arn:q"}}, {},
     "irreversible: arn:q no longer gets the events that failed", ""),
    ("UpdateFunctionConfiguration", {"FileSystemConfigs": [{"Arn": "arn:e", "LocalMountPath": "/mnt/a"}]}, {},
     "outage: FileSystemConfigs becomes none", "outage: FileSystemConfigs becomes arn:e at /mnt/a"),
    ("UpdateFunctionConfiguration", {}, {"LoggingConfig": {"LogGroup": "/other"}},
     "irreversible: what is logged goes to /other", "irreversible: what is logged goes to its own log group"),
    ("UpdateFunctionConfiguration", {"LoggingConfig": {"LogFormat": "JSON", "ApplicationLogLevel": "DEBUG"}},
     {"LoggingConfig": {"LogFormat": "JSON", "ApplicationLogLevel": "ERROR"}},
     "irreversible: what is below ERROR is no longer logged (ApplicationLogLevel)", ""),
    ("UpdateFunctionConfiguration", {}, {"LoggingConfig": {"LogFormat": "JSON"}},
     "outage: the logs' format becomes JSON",
     "outage: the logs' format becomes Text"),
    ("UpdateFunctionConfiguration", {}, {"ImageConfig": {"Command": ["a"]}}, "outage: the image is started",
     "outage: the image is started"),
    ("UpdateEventSourceMapping", {**MAPPED, "FunctionResponseTypes": ["ReportBatchItemFailures"]},
     {**MAPPED, "FunctionResponseTypes": []}, "outage: one record of", ""),
    ("UpdateEventSourceMapping", {**MAPPED, "KMSKeyArn": "arn:k"}, {**MAPPED, "KMSKeyArn": ""},
     "exposure: the filters can be read", ""),
    ("UpdateEventSourceMapping", MAPPED, {**MAPPED, "SourceAccessConfigurations": [{"Type": "BASIC_AUTH"}]},
     "outage: arn:aws:kinesis:r:a:stream/s is read with other credentials", ""),
    ("UpdateFunctionConfiguration", {}, {"TracingConfig": {"Mode": "Active"}}, "cost: calls are traced",
     "irreversible: calls are traced only where"),
    ("UpdateFunctionConfiguration", {}, {"SnapStart": {"ApplyOn": "PublishedVersions"}}, "outage: what a version",
     "outage: versions that are published start cold"),
    ("UpdateFunctionConfiguration", {"DurableConfig": {"ExecutionTimeout": 900, "RetentionPeriodInDays": 30}},
     {"DurableConfig": {"ExecutionTimeout": 60, "RetentionPeriodInDays": 3}},
     "outage: durable executions that take longer than 60 s are ended", "cost: what durable executions did is kept"),
    ("UpdateFunctionConfiguration", {"VpcConfig": {"Ipv6AllowedForDualStack": True}}, {"VpcConfig": {}},
     "outage: what the function reaches by IPv6", ""),
    ("UpdateEventSourceMapping", {**MAPPED, "BatchSize": 10}, {**MAPPED, "BatchSize": 500},
     "outage: the function gets arn:aws:kinesis:r:a:stream/s in other batches: BatchSize 500", ""),
    ("UpdateEventSourceMapping", {**MAPPED, "ParallelizationFactor": 10}, {**MAPPED, "ParallelizationFactor": 1},
     "outage: the function gets arn:aws:kinesis:r:a:stream/s in other batches",
     "outage: the function gets arn:aws:kinesis:r:a:stream/s in other batches"),
    ("UpdateEventSourceMapping", {**MAPPED, "DocumentDBEventSourceConfig": {"FullDocument": "UpdateLookup"}},
     {**MAPPED, "DocumentDBEventSourceConfig": {"FullDocument": "Default"}}, "outage: records of", "outage: records"),
    ("UpdateFunctionUrlConfig", URL, {**URL, "Cors": {**URL["Cors"], "AllowCredentials": True}},
     "exposure: CORS lets pages call here with what the browser knows",
     "outage: CORS no longer lets pages send cookies"),
    ("UpdateFunctionUrlConfig", URL, {**URL, "Cors": {**URL["Cors"], "AllowMethods": ["*"]}},
     "exposure: CORS lets pages do more here: AllowMethods *", "outage: CORS lets pages do less here"),
]  # fmt: skip
CODEDEPLOY = [
    ("UpdateDeploymentGroup", {"serviceRoleArn": "arn:a"}, {"serviceRoleArn": "arn:b"},
     "outage: the next deployment acts as arn:b", "outage: the next deployment acts as arn:a"),
    ("UpdateDeploymentGroup", {"terminationHookEnabled": True}, {"terminationHookEnabled": False},
     "outage: instances of the Auto Scaling groups end", "outage: a hook keeps instances"),
]  # fmt: skip
ROWS = [*S3, *LAMBDA, *CODEDEPLOY]


def said(operation, found, wanted, verb="update"):
    sent = {**dict.fromkeys(found if isinstance(found, dict) else ()), **(wanted if isinstance(wanted, dict) else {})}
    sent |= {name: one[name] for name in ("Id",) for one in (wanted if isinstance(wanted, list) else ())}
    call = PlannedCall("any", operation, sent)
    return [f"{one.danger}: {one.text}" for one in dangers("AWS::Any", verb, call, found, wanted)]


@pytest.mark.parametrize(("operation", "found", "wanted", "told", "_"), ROWS)
def test_one_way_is_told(operation, found, wanted, told, _):
    assert (
        any(text.startswith(told) for text in said(operation, found, wanted))
        if told
        else not said(operation, found, wanted)
    )


@pytest.mark.parametrize(("operation", "wanted", "found", "_", "told"), [row for row in ROWS if row[4]])
def test_the_other_way_is_told(operation, found, wanted, told, _):
    assert any(text.startswith(told) for text in said(operation, found, wanted))


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (encrypted(BlockedEncryptionTypes=FREE), True),
        (encrypted(BlockedEncryptionTypes=BLOCKED), False),
        (encrypted(), False),
    ],
)
def test_a_new_bucket_takes_no_sse_c_unless_it_is_told_to(wanted, told):
    assert any("SSE-C" in text for text in said("PutBucketEncryption", ABSENT, wanted, "create")) is told


def test_a_first_form_rule_that_is_new_copies_deletions():
    assert any("disappears from" in text for text in said("PutBucketReplication", ABSENT, of_old()))
