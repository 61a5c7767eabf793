"""The sandbox's S3 answers as AWS documents, where ministack does not."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

EVERYBODY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}],
}
CLOSED = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
RULE = {
    "ID": "copy",
    "Priority": 1,
    "Filter": {"And": {"Prefix": "in/", "Tags": [{"Key": "a", "Value": "b"}]}},
    "Status": "Enabled",
    "DeleteMarkerReplication": {"Status": "Disabled"},
    "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
    "Destination": {"Bucket": "arn:aws:s3:::copy", "EncryptionConfiguration": {"ReplicaKmsKeyID": "arn:1"}},
}
REPLICATION = {"Role": "arn:aws:iam::123456789012:role/copy", "Rules": [RULE]}
S3_TABLES = {"TableBucketArn": "arn:aws:s3tables:eu-west-1:1:bucket/x", "TableName": "t"}
CONFIGURATIONS = {
    "inventory": {
        "IsEnabled": True,
        "IncludedObjectVersions": "All",
        "Schedule": {"Frequency": "Daily"},
        "OptionalFields": ["Size", "ETag"],
        "Destination": {
            "S3BucketDestination": {"Bucket": "arn:aws:s3:::c", "Format": "CSV", "Encryption": {"SSES3": {}}}
        },
    },
    "analytics": {"StorageClassAnalysis": {}},
    "metrics": {"Filter": {"Prefix": "in/"}},
    "intelligent_tiering": {"Status": "Enabled", "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]},
}


class Bucket:
    """One bucket's operations, without saying its name each time."""

    def __init__(self, client, name):
        self.client, self.name = client, name

    def __getattr__(self, operation):
        def call(**parameters):
            answer = getattr(self.client, operation)(Bucket=self.name, **parameters)
            return {name: value for name, value in answer.items() if name != "ResponseMetadata"}

        return call


@pytest.fixture
def bucket(aws):
    client = aws.client("s3", "eu-west-1")
    name = f"b-{aws.account}"
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return Bucket(client, name)


def code_of(call, **parameters):
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    return raised.value.response["Error"]["Code"]


@pytest.mark.parametrize("constraint", [{}, {"LocationConstraint": "eu-west-2"}])
def test_a_bucket_is_made_where_the_request_goes(aws, constraint):
    client = aws.client("s3", "eu-west-1")
    more = {"CreateBucketConfiguration": constraint} if constraint else {}

    assert code_of(client.create_bucket, Bucket="lost", **more) == "IllegalLocationConstraintException"


def test_us_east_1_is_the_one_region_that_is_not_named(aws):
    where = {"LocationConstraint": "us-east-1"}
    client = aws.client("s3")

    assert code_of(client.create_bucket, Bucket="lost", CreateBucketConfiguration=where) == "InvalidLocationConstraint"


def test_a_bucket_is_made_once(bucket):
    where = {"LocationConstraint": "eu-west-1"}

    assert code_of(bucket.create_bucket, CreateBucketConfiguration=where) == "BucketAlreadyOwnedByYou"


def test_a_bucket_in_another_region_is_not_made_in_us_east_1(aws):
    where = {"LocationConstraint": "eu-west-1"}
    made = code_of(aws.client("s3").create_bucket, Bucket="lost", CreateBucketConfiguration=where)

    assert made == "IllegalLocationConstraintException"


def test_eu_is_an_old_name_of_eu_west_1(aws):
    client = aws.client("s3", "eu-west-1")
    client.create_bucket(Bucket=f"old-{aws.account}", CreateBucketConfiguration={"LocationConstraint": "EU"})

    [listed] = client.list_buckets(MaxBuckets=10)["Buckets"]
    assert listed["BucketRegion"] == "eu-west-1"


def test_ones_own_bucket_of_another_region_is_not_made_in_us_east_1(aws, bucket):
    assert code_of(aws.client("s3").create_bucket, Bucket=bucket.name) == "BucketAlreadyOwnedByYou"


@pytest.mark.parametrize(
    ("name", "namespace", "code"),
    [
        ("app-{}-us-east-1-an", "", "MissingNamespaceHeader"),
        ("app-{}-us-east-1-an", "global", "MissingNamespaceHeader"),
        ("app-{}-eu-west-1-an", "account-regional", "InvalidNamespaceHeader"),
        ("app-{}", "account-regional", "InvalidNamespaceHeader"),
    ],
)
def test_the_accounts_namespace_and_the_name_go_together(aws, name, namespace, code):
    more = {"BucketNamespace": namespace} if namespace else {}

    assert code_of(aws.client("s3").create_bucket, Bucket=name.format(aws.account), **more) == code


def test_a_bucket_that_holds_old_versions_only_is_not_empty(bucket):
    bucket.put_bucket_versioning(VersioningConfiguration={"Status": "Enabled"})
    bucket.put_object(Key="a", Body=b"1")
    bucket.delete_object(Key="a")

    assert code_of(bucket.delete_bucket) == "BucketNotEmpty"


def test_a_new_bucket_is_closed_to_the_public(bucket):
    assert bucket.get_public_access_block()["PublicAccessBlockConfiguration"] == CLOSED


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ("get_bucket_policy", "NoSuchBucketPolicy"),
        ("get_bucket_policy_status", "NoSuchBucketPolicy"),
        ("get_bucket_cors", "NoSuchCORSConfiguration"),
        ("get_bucket_lifecycle_configuration", "NoSuchLifecycleConfiguration"),
        ("get_bucket_replication", "ReplicationConfigurationNotFoundError"),
        ("get_bucket_website", "NoSuchWebsiteConfiguration"),
        ("get_bucket_tagging", "NoSuchTagSet"),
        ("get_object_lock_configuration", "ObjectLockConfigurationNotFoundError"),
        ("get_bucket_metadata_configuration", "MetadataConfigurationNotFound"),
        ("get_bucket_metadata_table_configuration", "MetadataConfigurationNotFound"),
    ],
)
def test_what_is_not_configured_is_refused_with_its_code(bucket, operation, code):
    assert code_of(getattr(bucket, operation)) == code


@pytest.mark.parametrize(
    ("operation", "answer"),
    [
        ("get_bucket_versioning", {}),
        ("get_bucket_logging", {}),
        ("get_bucket_notification_configuration", {}),
        ("get_bucket_accelerate_configuration", {}),
        ("get_bucket_request_payment", {"Payer": "BucketOwner"}),
        ("get_bucket_abac", {"AbacStatus": {"Status": "Disabled"}}),
    ],
)
def test_what_is_not_configured_has_its_default(bucket, operation, answer):
    assert getattr(bucket, operation)() == answer


@pytest.mark.parametrize(
    "operation",
    ["get_bucket_request_payment", "get_bucket_abac", "get_bucket_replication", "get_bucket_lifecycle_configuration",
     "get_bucket_policy_status", "get_bucket_metadata_configuration", "list_bucket_inventory_configurations",
     "get_bucket_acl"],
)  # fmt: skip
def test_of_a_bucket_that_is_not_there_nothing_is_told(aws, operation):
    assert code_of(getattr(aws.client("s3"), operation), Bucket="nowhere") == "NoSuchBucket"


@pytest.mark.parametrize("kind", CONFIGURATIONS)
def test_a_report_is_put_told_listed_and_deleted_and_the_bucket_stays(bucket, kind):
    member = "".join(part.title() for part in kind.split("_")) + "Configuration"
    one = {"Id": "all", **CONFIGURATIONS[kind]}

    getattr(bucket, f"put_bucket_{kind}_configuration")(Id="all", **{member: one})
    told = getattr(bucket, f"get_bucket_{kind}_configuration")(Id="all")[member]
    listed = getattr(bucket, f"list_bucket_{kind}_configurations")()[f"{member}List"]
    getattr(bucket, f"delete_bucket_{kind}_configuration")(Id="all")

    left = getattr(bucket, f"list_bucket_{kind}_configurations")()
    gone = code_of(getattr(bucket, f"delete_bucket_{kind}_configuration"), Id="all")
    assert (told, listed, left, gone) == (one, [one], {}, "NoSuchConfiguration")


def test_a_bucket_made_again_has_nothing_of_the_one_before(bucket):
    bucket.put_bucket_request_payment(RequestPaymentConfiguration={"Payer": "Requester"})
    bucket.delete_bucket()
    bucket.create_bucket(CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})

    assert bucket.get_bucket_request_payment() == {"Payer": "BucketOwner"}


def test_lifecycle_rules_keep_their_old_form_and_the_header(bucket):
    rules = [{"ID": "a", "Prefix": "x/", "Status": "Enabled", "Expiration": {"Days": 3}}]
    bucket.put_bucket_lifecycle_configuration(
        LifecycleConfiguration={"Rules": rules}, TransitionDefaultMinimumObjectSize="varies_by_storage_class"
    )

    assert bucket.get_bucket_lifecycle_configuration() == {
        "Rules": rules,
        "TransitionDefaultMinimumObjectSize": "varies_by_storage_class",
    }


def test_a_lifecycle_rule_has_one_transition_a_storage_class(bucket):
    twice = [{"Days": 30, "StorageClass": "GLACIER"}, {"Days": 60, "StorageClass": "GLACIER"}]
    rules = {"Rules": [{"Prefix": "", "Status": "Enabled", "Transitions": twice}]}

    assert code_of(bucket.put_bucket_lifecycle_configuration, LifecycleConfiguration=rules) == "InvalidRequest"


def test_replication_needs_versioning(bucket):
    assert code_of(bucket.put_bucket_replication, ReplicationConfiguration=REPLICATION) == "InvalidRequest"


def test_replication_is_told_as_it_was_put(bucket):
    bucket.put_bucket_versioning(VersioningConfiguration={"Status": "Enabled"})
    bucket.put_bucket_replication(ReplicationConfiguration=REPLICATION)

    assert bucket.get_bucket_replication() == {"ReplicationConfiguration": REPLICATION}


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("put_bucket_replication", {"ReplicationConfiguration": REPLICATION}),
        ("put_object_lock_configuration", {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}}),
    ],
)
def test_what_is_replicated_or_locked_stays_versioned(bucket, operation, parameters):
    bucket.put_bucket_versioning(VersioningConfiguration={"Status": "Enabled"})
    getattr(bucket, operation)(**parameters)

    assert code_of(bucket.put_bucket_versioning, VersioningConfiguration={"Status": "Suspended"}) == (
        "InvalidBucketState"
    )


def test_who_is_let_in_unconditionally_makes_a_bucket_public(bucket):
    bucket.delete_public_access_block()
    bucket.put_bucket_policy(Policy=json.dumps(EVERYBODY))

    assert bucket.get_bucket_policy_status() == {"PolicyStatus": {"IsPublic": True}}


def test_a_bucket_whose_owner_owns_all_takes_no_acl(bucket):
    assert code_of(bucket.put_bucket_acl, ACL="public-read") == "AccessControlListNotSupported"


def test_the_owner_of_a_bucket_has_one_id(bucket):
    bucket.put_bucket_ownership_controls(OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    before = bucket.get_bucket_acl()
    bucket.put_bucket_acl(ACL="private")

    assert bucket.get_bucket_acl() == before


def test_metadata_is_made_changed_and_told_without_its_encryption(bucket):
    journal = {"RecordExpiration": {"Expiration": "ENABLED", "Days": 7}}
    encrypted = {**journal, "EncryptionConfiguration": {"SseAlgorithm": "AES256"}}
    bucket.create_bucket_metadata_configuration(MetadataConfiguration={"JournalTableConfiguration": encrypted})
    bucket.update_bucket_metadata_inventory_table_configuration(
        InventoryTableConfiguration={"ConfigurationState": "ENABLED"}
    )

    told = bucket.get_bucket_metadata_configuration()["GetBucketMetadataConfigurationResult"]
    told = told["MetadataConfigurationResult"]
    tables = (told["JournalTableConfigurationResult"], told["InventoryTableConfigurationResult"])
    assert (tables[0]["RecordExpiration"], "EncryptionConfiguration" in tables[0], tables[1]["ConfigurationState"]) == (
        journal["RecordExpiration"],
        False,
        "ENABLED",
    )


def test_a_bucket_with_metadata_of_the_new_form_is_not_asked_for_the_old_one(bucket):
    journal = {"RecordExpiration": {"Expiration": "DISABLED"}}
    bucket.create_bucket_metadata_configuration(MetadataConfiguration={"JournalTableConfiguration": journal})

    assert code_of(bucket.get_bucket_metadata_table_configuration) == "MethodNotAllowed"


def test_metadata_of_the_old_form_is_told_with_where_it_is(bucket):
    bucket.create_bucket_metadata_table_configuration(MetadataTableConfiguration={"S3TablesDestination": S3_TABLES})

    told = bucket.get_bucket_metadata_table_configuration()["GetBucketMetadataTableConfigurationResult"]
    assert told["MetadataTableConfigurationResult"]["S3TablesDestinationResult"] == {
        **S3_TABLES,
        "TableNamespace": "aws_s3_metadata",
        "TableArn": "arn:aws:s3tables:eu-west-1:1:bucket/x/table/t",
    }


@pytest.fixture
def told_function(aws, bucket):
    """Says to a bucket that it shall invoke a function, which lets in whom `source` names."""
    function = {"thumbnail": {"Runtime": "python3.12", "Role": "arn:aws:iam::1:role/r", "Handler": "a.b", "Code": {}}}
    arn = f"arn:aws:lambda:eu-west-1:{aws.account}:function:thumbnail"

    def tell(source):
        aws.seed(eu_west_1={"AWS::Lambda::Function": function})
        if source:
            aws.client("lambda", "eu-west-1").add_permission(
                FunctionName="thumbnail",
                StatementId="bucket",
                Action="lambda:InvokeFunction",
                Principal="s3.amazonaws.com",
                SourceArn=source,
            )
        entry = {"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}
        bucket.put_bucket_notification_configuration(
            NotificationConfiguration={"LambdaFunctionConfigurations": [entry]}
        )

    return tell


@pytest.mark.parametrize("source", ["", "arn:aws:s3:::another"])
def test_a_function_that_the_bucket_may_not_invoke_is_refused(told_function, source):
    assert code_of(told_function, source=source) == "InvalidArgument"


def test_a_function_that_the_bucket_may_invoke_is_taken(told_function, bucket):
    told_function(f"arn:aws:s3:::{bucket.name}")

    assert len(bucket.get_bucket_notification_configuration()["LambdaFunctionConfigurations"]) == 1


@pytest.fixture
def control(aws, monkeypatch):
    # boto3 puts the account before the endpoint's host; this way it is the name of a user.
    endpoint = aws.environment["AWS_ENDPOINT_URL"].replace("://", "://account@")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3_CONTROL", endpoint)
    return lambda region: aws.client("s3control", region)


def test_an_account_has_one_public_access_block_for_all_regions(aws, control):
    control("us-east-1").put_public_access_block(AccountId=aws.account, PublicAccessBlockConfiguration=CLOSED)

    told = control("eu-west-1").get_public_access_block(AccountId=aws.account)
    assert told["PublicAccessBlockConfiguration"] == CLOSED


def test_an_account_without_a_public_access_block_is_refused_with_its_code(aws, control):
    client = control("us-east-1")

    assert code_of(client.get_public_access_block, AccountId=aws.account) == "NoSuchPublicAccessBlockConfiguration"


def test_a_buckets_tags_can_be_changed_one_by_one(aws, control, bucket):
    target = {"AccountId": aws.account, "ResourceArn": f"arn:aws:s3:::{bucket.name}"}
    bucket.put_bucket_tagging(Tagging={"TagSet": [{"Key": "old", "Value": "1"}, {"Key": "team", "Value": "shop"}]})

    control("eu-west-1").untag_resource(**target, TagKeys=["old"])
    control("eu-west-1").tag_resource(**target, Tags=[{"Key": "data", "Value": "logs"}])

    assert bucket.get_bucket_tagging()["TagSet"] == [
        {"Key": "team", "Value": "shop"},
        {"Key": "data", "Value": "logs"},
    ]
