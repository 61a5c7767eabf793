"""S3 buckets: replication, access, reports and metadata, from AWS's answers to the document that is compared."""

from __future__ import annotations

import pytest

from auditor.compare.changes import changes
from auditor.resources.s3_bucket import SPEC
from made import answered, whole

OWNER = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
OTHER = "2a33349e7e606a8ad2e30e3c84521f9377450cf09083e162e0a9b1480ce0f972"


def made(**answers):
    """The document of a bucket of which the answers are these (by facet, `_` for a space), the rest absent."""
    return whole(SPEC, "assets-us-east-1", answered(SPEC, answers))


def fields(**answers):
    return made(**answers).fields


def replication(*rules):
    return {"replication": {"ReplicationConfiguration": {"Role": "arn:aws:iam::1:role/r", "Rules": list(rules)}}}


def copied(**members):
    return {"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::copy"}, **members}


def acl(owner, *more):
    own = {"Grantee": {"Type": "CanonicalUser", "ID": owner}, "Permission": "FULL_CONTROL"}
    return {"acl": {"Owner": {"ID": owner, "DisplayName": "me"}, "Grants": [own, *more]}}


def inventory(**members):
    one = {"Id": "weekly", "IsEnabled": True, "OptionalFields": ["Size", "ETag"], **members}
    return {"inventory": {"InventoryConfigurationList": [one], "IsTruncated": False}}


def metadata(**journal):
    told = {
        "DestinationResult": {"TableBucketArn": "arn:aws:s3tables:us-east-1:1:bucket/aws-s3"},
        "JournalTableConfigurationResult": {"RecordExpiration": {"Expiration": "ENABLED", "Days": 7}, **journal},
    }
    return {"metadata": {"GetBucketMetadataConfigurationResult": {"MetadataConfigurationResult": told}}}


def test_replication_rules_with_equal_content_are_the_same_whatever_they_are_called():
    golden, actual = made(**replication(copied(ID="a"))), made(**replication(copied(ID="b")))

    assert changes(golden, actual) == ()


def test_a_rule_that_does_not_mention_existing_objects_does_not_replicate_them():
    off = copied(ID="a", ExistingObjectReplication={"Status": "Disabled"})

    assert fields(**replication(copied(ID="a"))) == fields(**replication(off))


def test_a_replication_rules_tags_have_no_order():
    tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    one, other = ({"Filter": {"And": {"Tags": given}}} for given in (tags, tags[::-1]))

    assert fields(**replication(copied(**one))) == fields(**replication(copied(**other)))


def test_another_destination_is_a_difference():
    moved = copied(ID="a", Destination={"Bucket": "arn:aws:s3:::elsewhere"})
    golden, actual = made(**replication(copied(ID="a"))), made(**replication(moved))

    assert [one.path for one in changes(golden, actual)] == ["/ReplicationConfiguration/Rules/a/Destination/Bucket"]


def test_who_else_was_let_in_is_a_difference_by_itself():
    everybody = {"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"},
                 "Permission": "READ"}  # fmt: skip

    (found,) = changes(made(**acl(OWNER)), made(**acl(OWNER, everybody)))

    assert found.path.startswith("/AccessControlPolicy/Grants/Group|http:")


def test_the_owner_of_a_bucket_is_not_compared():
    named = {"acl": {**acl(OWNER)["acl"], "Owner": {"ID": OTHER}}}

    assert fields(**acl(OWNER)) == fields(**named)


def test_an_inventory_is_named_by_its_id_and_its_fields_have_no_order():
    turned = inventory(OptionalFields=["ETag", "Size"])

    assert fields(**turned)["InventoryConfigurationList"] == {
        "weekly": {"IsEnabled": True, "OptionalFields": {"ETag": "ETag", "Size": "Size"}}
    }


def test_an_inventory_that_is_missing_is_one_difference():
    (found,) = changes(made(**inventory()), made())

    assert found.path == "/InventoryConfigurationList/weekly"


@pytest.mark.parametrize(
    ("name", "kind", "own"),
    [
        ("analytics", "Analytics", {"StorageClassAnalysis": {}}),
        ("metrics", "Metrics", {"Filter": {"Prefix": "in/"}}),
        ("intelligent_tiering", "IntelligentTiering", {"Status": "Enabled"}),
    ],
)
def test_the_other_reports_are_named_by_their_id_too(name, kind, own):
    told = fields(**{name: {f"{kind}ConfigurationList": [{"Id": "all", **own}]}})

    assert told[f"{kind}ConfigurationList"] == {"all": own}


def test_the_tiers_of_intelligent_tiering_have_no_order():
    tiers = [{"AccessTier": "ARCHIVE_ACCESS", "Days": 90}, {"AccessTier": "DEEP_ARCHIVE_ACCESS", "Days": 180}]
    one, other = (
        {"intelligent_tiering": {"IntelligentTieringConfigurationList": [{"Id": "a", "Tierings": given}]}}
        for given in (tiers, tiers[::-1])
    )

    assert fields(**one) == fields(**other)


def test_where_and_how_far_metadata_tables_are_is_not_compared():
    ready = metadata(TableStatus="ACTIVE", TableArn="arn:1", TableName="journal")

    assert fields(**ready) == fields(**metadata(TableStatus="CREATING", Error={"ErrorCode": "x"}))


def test_the_bucket_that_aws_keeps_metadata_in_is_not_compared():
    assert "DestinationResult" not in fields(**metadata())["MetadataConfiguration"]


def test_how_long_a_journal_is_kept_is_compared():
    longer = metadata(RecordExpiration={"Expiration": "ENABLED", "Days": 30})

    assert [one.path for one in changes(made(**metadata()), made(**longer))] == [
        "/MetadataConfiguration/JournalTableConfigurationResult/RecordExpiration/Days"
    ]


def test_a_lock_without_a_rule_is_not_one_with_a_rule():
    plain = {"ObjectLockEnabled": "Enabled"}
    ruled = {**plain, "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 3}}}
    golden, actual = (made(object_lock={"ObjectLockConfiguration": one}) for one in (plain, ruled))

    assert [one.path for one in changes(golden, actual)] == ["/ObjectLockConfiguration/Rule"]
