"""S3 buckets: the calls that take a sub-configuration from what was found to what is wanted."""

from __future__ import annotations

from functools import partial

import pytest

from auditor.model.values import ABSENT
from auditor.resources.s3_bucket import SPEC
from made import writes

BUCKET = {"Bucket": "${name}", "ExpectedBucketOwner": "${account}"}
TAGGED = {"AccountId": "${account}", "ResourceArn": "arn:${partition}:s3:::${name}"}
written = partial(writes, SPEC)


@pytest.mark.parametrize(
    ("wanted", "status"),
    [(ABSENT, "Suspended"), ({"Status": "Enabled", "MFADelete": "Enabled"}, "Enabled")],
)
def test_versioning_is_suspended_where_golden_has_none_and_mfa_delete_is_not_written(wanted, status):
    assert written("versioning", {"Status": "Enabled"}, wanted) == [
        ("PutBucketVersioning", {**BUCKET, "VersioningConfiguration": {"Status": status}})
    ]


def test_the_smallest_size_of_a_transition_is_sent_beside_the_rules():
    wanted = {"Rules": [{"ID": "a"}], "TransitionDefaultMinimumObjectSize": "varies_by_storage_class"}

    assert written("lifecycle", ABSENT, wanted) == [
        (
            "PutBucketLifecycleConfiguration",
            {
                **BUCKET,
                "LifecycleConfiguration": {"Rules": [{"ID": "a"}]},
                "TransitionDefaultMinimumObjectSize": "varies_by_storage_class",
            },
        )
    ]


def test_replication_of_existing_objects_is_not_sent():
    rule = {"ID": "a", "ExistingObjectReplication": {"Status": "Disabled"}}

    assert written("replication", ABSENT, {"Role": "r", "Rules": [rule]}) == [
        ("PutBucketReplication", {**BUCKET, "ReplicationConfiguration": {"Role": "r", "Rules": [{"ID": "a"}]}})
    ]


def test_inventories_are_put_and_deleted_one_by_one():
    found = [{"Id": "gone"}, {"Id": "same"}, {"Id": "changed", "IsEnabled": False}]
    wanted = [{"Id": "same"}, {"Id": "changed", "IsEnabled": True}]

    assert written("inventory", found, wanted) == [
        ("DeleteBucketInventoryConfiguration", {**BUCKET, "Id": "gone"}),
        (
            "PutBucketInventoryConfiguration",
            {**BUCKET, "Id": "changed", "InventoryConfiguration": {"Id": "changed", "IsEnabled": True}},
        ),
    ]


def test_where_golden_has_no_inventories_all_are_deleted():
    assert written("inventory", [{"Id": "gone"}], ABSENT) == [
        ("DeleteBucketInventoryConfiguration", {**BUCKET, "Id": "gone"})
    ]


def test_tags_are_changed_one_by_one_and_those_of_aws_are_left_alone():
    system = {"Key": "aws:cloudformation:stack-id", "Value": "arn:1"}
    found = [system, {"Key": "old", "Value": "1"}, {"Key": "team", "Value": "shop"}, {"Key": "data", "Value": "logs"}]
    wanted = [{"Key": "team", "Value": "web"}, {"Key": "data", "Value": "logs"}]

    assert written("tagging", found, wanted) == [
        ("UntagResource", {**TAGGED, "TagKeys": ["old"]}),
        ("TagResource", {**TAGGED, "Tags": [{"Key": "team", "Value": "web"}]}),
    ]


def test_equal_tags_need_no_call():
    tags = [{"Key": "team", "Value": "web"}]

    assert written("tagging", tags, tags) == []


JOURNAL = {"RecordExpiration": {"Expiration": "ENABLED", "Days": 7}}


def test_metadata_is_made_as_a_whole():
    wanted = {"DestinationResult": {}, "JournalTableConfigurationResult": {**JOURNAL, "TableStatus": "ACTIVE"}}

    assert written("metadata", ABSENT, wanted) == [
        (
            "CreateBucketMetadataConfiguration",
            {**BUCKET, "MetadataConfiguration": {"JournalTableConfiguration": JOURNAL}},
        )
    ]


def test_metadata_is_changed_table_by_table():
    found = {"JournalTableConfigurationResult": JOURNAL}
    wanted = {**found, "InventoryTableConfigurationResult": {"ConfigurationState": "ENABLED", "TableArn": "arn:1"}}

    assert written("metadata", found, wanted) == [
        (
            "UpdateBucketMetadataInventoryTableConfiguration",
            {**BUCKET, "InventoryTableConfiguration": {"ConfigurationState": "ENABLED"}},
        )
    ]


def test_the_old_form_of_metadata_is_made_anew():
    found, wanted = ({"S3TablesDestinationResult": {"TableBucketArn": "b", "TableName": name, "TableArn": name}}
                     for name in ("one", "other"))  # fmt: skip

    assert written("metadata table", found, wanted) == [
        ("DeleteBucketMetadataTableConfiguration", BUCKET),
        (
            "CreateBucketMetadataTableConfiguration",
            {
                **BUCKET,
                "MetadataTableConfiguration": {"S3TablesDestination": {"TableBucketArn": "b", "TableName": "other"}},
            },
        ),
    ]
