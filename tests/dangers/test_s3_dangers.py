"""What is said of calls that write buckets: who reaches them, and what becomes of their objects."""

from __future__ import annotations

import pytest

from auditor.dangers.dangers import dangers
from auditor.model.plan import PlannedCall
from auditor.model.values import ABSENT

BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
ON, OFF = dict.fromkeys(BLOCKS, True), dict.fromkeys(BLOCKS, False)
EVERYBODY = {"URI": "http://acs.amazonaws.com/groups/global/AllUsers", "Type": "Group"}
LOGS = {"URI": "http://acs.amazonaws.com/groups/s3/LogDelivery", "Type": "Group"}
OWNER = {"ID": "${canonical-user}", "Type": "CanonicalUser"}
KEY = "arn:aws:kms:${region}:${account}:key/${kms:alias/shop}"


def said(operation, found, wanted, verb="update", type_="AWS::S3::Bucket", **params):
    call = PlannedCall("s3", operation, params)
    return [(one.danger, one.text) for one in dangers(type_, verb, call, found, wanted)]


def test_a_setting_that_is_turned_off_is_exposure():
    assert said("PutPublicAccessBlock", ON, {**ON, "BlockPublicPolicy": False}) == [
        ("exposure", "BlockPublicPolicy is turned off: a public policy can be put")
    ]


def test_a_setting_that_is_turned_on_is_outage():
    assert said("PutPublicAccessBlock", ABSENT, {**OFF, "IgnorePublicAcls": True}) == [
        ("outage", "IgnorePublicAcls is turned on: who is let in by a public ACL is shut out")
    ]


def test_a_block_that_is_taken_away_is_exposure_by_each_setting_that_was_on():
    found = {**OFF, "RestrictPublicBuckets": True}

    assert said("DeletePublicAccessBlock", found, ABSENT) == [
        ("exposure", "RestrictPublicBuckets is turned off: a public policy lets everybody in")
    ]


def test_the_accounts_block_holds_for_every_bucket():
    type_ = "AWS::S3::AccountPublicAccessBlock"

    assert said("PutPublicAccessBlock", ON, {**ON, "BlockPublicAcls": False}, type_=type_) == [
        ("exposure", "BlockPublicAcls is turned off in every bucket of the account: a public ACL can be set")
    ]


def test_a_new_bucket_has_every_setting_on():
    assert said("PutPublicAccessBlock", ABSENT, {**ON, "BlockPublicAcls": False}, "create") == [
        ("exposure", "BlockPublicAcls is turned off: a public ACL can be set")
    ]


def acl(*grants, owner="${canonical-user}"):
    own = {"Grantee": OWNER, "Permission": "FULL_CONTROL"}
    given = [{"Grantee": grantee, "Permission": permission} for grantee, permission in grants]
    return {"Owner": {"ID": owner}, "Grants": [own, *given]}


def test_to_grant_everybody_something_is_exposure():
    assert said("PutBucketAcl", acl(), acl((EVERYBODY, "READ"), (EVERYBODY, "WRITE"))) == [
        ("exposure", "the ACL grants READ, WRITE to everybody")
    ]


def test_to_grant_another_account_something_is_exposure():
    assert said("PutBucketAcl", acl(), acl(({"ID": "abc"}, "READ"))) == [
        ("exposure", "the ACL grants READ to another account (abc)")
    ]


def test_what_the_account_itself_and_log_delivery_are_granted_exposes_nothing():
    assert said("PutBucketAcl", acl(owner="abc"), acl((OWNER, "READ"), (LOGS, "WRITE"), owner="abc")) == []


def test_to_grant_no_longer_is_outage():
    assert said("PutBucketAcl", acl((EVERYBODY, "READ")), acl()) == [
        ("outage", "the ACL no longer grants READ to everybody")
    ]


def owned(how):
    return {"Rules": [{"ObjectOwnership": how}]}


@pytest.mark.parametrize(
    ("found", "wanted", "verb", "told"),
    [
        (owned("BucketOwnerEnforced"), ABSENT, "update",
         [("exposure", "object ownership becomes ObjectWriter: ACLs count again")]),
        (ABSENT, owned("BucketOwnerPreferred"), "update",
         [("outage", "new objects of others belong to another account (object ownership BucketOwnerPreferred)")]),
        (ABSENT, owned("BucketOwnerEnforced"), "create", []),
        (ABSENT, owned("BucketOwnerPreferred"), "create",
         [("exposure", "object ownership becomes BucketOwnerPreferred: ACLs count again")]),
        (ABSENT, owned("BucketOwnerEnforced"), "update",
         [("outage", "object ownership becomes BucketOwnerEnforced: who is let in by an ACL is shut out")]),
    ],
)  # fmt: skip
def test_ownership_decides_whether_acls_count(found, wanted, verb, told):
    assert said("PutBucketOwnershipControls", found, wanted, verb) == told


def cors(*origins):
    return {"CORSRules": [{"AllowedOrigins": list(origins)}]}


@pytest.mark.parametrize(
    ("found", "wanted", "told"),
    [
        (ABSENT, cors("https://a"), []),
        (cors("https://a"), cors("*"), [("exposure", "CORS lets the pages of every origin call here")]),
        (cors("https://a", "https://b"), cors("https://b"),
         [("outage", "CORS no longer lets the pages of https://a call here")]),
    ],
)  # fmt: skip
def test_cors_is_told_by_the_origins(found, wanted, told):
    assert said("PutBucketCors", found, wanted) == told


INDEX = {"IndexDocument": {"Suffix": "index.html"}}
REDIRECT = {"RedirectAllRequestsTo": {"HostName": "shop.example"}}


@pytest.mark.parametrize(
    ("found", "wanted", "told"),
    [
        (ABSENT, INDEX, []),
        (INDEX, ABSENT, [("outage", "the bucket's website answers no more")]),
        (INDEX, REDIRECT, [("outage", "every visitor of the bucket's website is sent to shop.example")]),
        (INDEX, {**INDEX, "ErrorDocument": {"Key": "e"}},
         [("outage", "visitors of the bucket's website get another ErrorDocument at once")]),
    ],
)  # fmt: skip
def test_a_website_is_told_by_what_its_visitors_get(found, wanted, told):
    assert said("PutBucketWebsite", found, wanted) == told


@pytest.mark.parametrize(
    ("operation", "found", "wanted", "told"),
    [
        ("PutBucketAbac", ABSENT, {"Status": "Enabled"}, [
            ("exposure", "permissions that ask for the bucket's tags begin to hold"),
            ("outage", "denials that ask for the bucket's tags begin to hold, and PutBucketTagging is refused"),
        ]),
        ("PutBucketAbac", {"Status": "Enabled"}, {"Status": "Disabled"}, [
            ("exposure", "denials that ask for the bucket's tags hold no longer"),
            ("outage", "permissions that ask for the bucket's tags hold no longer"),
        ]),
        ("PutBucketRequestPayment", ABSENT, {"Payer": "Requester"}, [
            ("outage", "anonymous requests are refused, and so is who does not offer to pay (x-amz-request-payer)"),
        ]),
        ("PutBucketRequestPayment", {"Payer": "Requester"}, {"Payer": "BucketOwner"}, [
            ("cost", "the bucket's owner pays for requests and transfer that the requesters paid for"),
        ]),
        ("PutBucketAccelerateConfiguration", ABSENT, {"Status": "Enabled"}, [
            ("cost", "transfers through the accelerate endpoint are billed by the gigabyte"),
        ]),
        ("PutBucketAccelerateConfiguration", {"Status": "Enabled"}, {"Status": "Suspended"}, [
            ("outage", "the bucket's accelerate endpoint answers no more"),
        ]),
        ("PutBucketLogging", {"LoggingEnabled": {"TargetBucket": "logs"}}, ABSENT, [
            ("irreversible", "accesses are no longer logged to logs"),
        ]),
        ("PutBucketLogging", ABSENT, {"LoggingEnabled": {"TargetBucket": "logs"}}, []),
    ],
)  # fmt: skip
def test_a_switch_is_told_by_the_way_it_goes(operation, found, wanted, told):
    assert said(operation, found, wanted) == told


def encrypted(algorithm, key=None, blocked=("NONE",)):
    own = {"SSEAlgorithm": algorithm} | ({"KMSMasterKeyID": key} if key else {})
    blocks = {"EncryptionType": list(blocked)}
    return {"Rules": [{"ApplyServerSideEncryptionByDefault": own, "BlockedEncryptionTypes": blocks}]}


@pytest.mark.parametrize(
    ("found", "wanted", "told"),
    [
        (encrypted("AES256"), encrypted("aws:kms", KEY),
         [("outage", "every upload fails where ${kms:alias/shop} is gone, disabled, or not the uploader's to use")]),
        (encrypted("AES256"), encrypted("aws:kms"),
         [("outage", "other accounts cannot read new objects: the key aws/s3 cannot be shared")]),
        (encrypted("aws:kms", KEY), encrypted("aws:kms", "${kms:alias/shop}"), []),
        (encrypted("aws:kms", KEY), ABSENT,
         [("exposure", "new objects can be read without the right to use ${kms:alias/shop}")]),
        (encrypted("AES256"), encrypted("AES256", blocked=["SSE-C"]),
         [("outage", "uploads with keys of the uploader's own (SSE-C) are refused")]),
    ],
)  # fmt: skip
def test_encryption_is_told_by_its_key(found, wanted, told):
    assert said("PutBucketEncryption", found, wanted) == told


def notified(events, *rules):
    filter_ = {"Key": {"FilterRules": [{"Name": name, "Value": value} for name, value in rules]}}
    return {"QueueConfigurations": [{"Id": "x", "QueueArn": "arn:q", "Events": events, "Filter": filter_}]}


@pytest.mark.parametrize(
    ("found", "wanted", "told"),
    [
        (ABSENT, notified(["s3:ObjectCreated:*"]), []),
        (notified(["s3:ObjectCreated:*"], ("Prefix", "in/")), {},
         [("outage", "arn:q is no longer told of s3:ObjectCreated:* (prefix in/)")]),
        (notified(["a", "b"]), notified(["b"]), [("outage", "arn:q is no longer told of a")]),
        (notified(["a"], ("Prefix", "in/")), notified(["a"], ("prefix", "in/")), []),
        ({"EventBridgeConfiguration": {}}, {}, [("outage", "EventBridge is no longer told of events")]),
    ],
)  # fmt: skip
def test_a_notification_is_told_by_who_is_no_longer_told(found, wanted, told):
    assert said("PutBucketNotificationConfiguration", found, wanted) == told


KEPT = "overwritten and deleted objects are kept, and billed, until something expires them"


@pytest.mark.parametrize(
    ("found", "wanted", "told"),
    [
        (ABSENT, {"Status": "Enabled"}, [
            ("irreversible", "a bucket that was versioned once can be suspended, and never be unversioned"),
            ("cost", KEPT),
        ]),
        ({"Status": "Suspended"}, {"Status": "Enabled"}, [("cost", KEPT)]),
        ({"Status": "Enabled"}, {"Status": "Suspended"}, [
            ("irreversible", "objects that are overwritten or deleted from then on are lost"),
        ]),
        (ABSENT, {"Status": "Suspended"}, []),
        ({"Status": "Enabled"}, {"Status": "Enabled", "MFADelete": "Disabled"}, []),
    ],
)  # fmt: skip
def test_versioning_is_told_by_where_it_comes_from(found, wanted, told):
    assert said("PutBucketVersioning", found, wanted) == told


def rules(*each):
    return {"Rules": [{"ID": f"r{number}", "Status": "Enabled", **one} for number, one in enumerate(each)]}


def expiring(days, prefix=""):
    return {"Filter": {"Prefix": prefix}, "Expiration": {"Days": days}}


@pytest.mark.parametrize(
    ("found", "wanted", "told"),
    [
        (ABSENT, rules(expiring(30, "logs/")), [("irreversible", "objects under logs/ are deleted after 30 days")]),
        (rules(expiring(60)), rules(expiring(1)), [("irreversible", "all objects are deleted after 1 day")]),
        (rules(expiring(30)), rules(expiring(60)), [
            ("cost", "all objects are no longer deleted after 30 days"),
        ]),
        (rules(expiring(30)), rules(expiring(30), expiring(60, "logs/")), []),
        (rules(expiring(30)), ABSENT, [("cost", "all objects are no longer deleted after 30 days")]),
        (ABSENT, rules({"Status": "Disabled", **expiring(1)}), []),
        (ABSENT, rules({"Prefix": "old/", "Expiration": {"Date": "2027-01-31T00:00:00Z"}}),
         [("irreversible", "objects under old/ are deleted on 2027-01-31")]),
        (ABSENT, rules({"Expiration": {"ExpiredObjectDeleteMarker": True}}), []),
        (ABSENT, rules({"NoncurrentVersionExpiration": {"NoncurrentDays": 7, "NewerNoncurrentVersions": 2}}),
         [("irreversible", "earlier versions of all objects but for the newest 2 are deleted after 7 days")]),
        (rules({"NoncurrentVersionExpiration": {"NoncurrentDays": 7, "NewerNoncurrentVersions": 2}}),
         rules({"NoncurrentVersionExpiration": {"NoncurrentDays": 7}}),
         [("irreversible", "earlier versions of all objects are deleted after 7 days")]),
        (rules({"Filter": {"Tag": {"Key": "tmp", "Value": "yes"}}, "Expiration": {"Days": 5}}),
         rules({"Filter": {"And": {"Prefix": "a/", "Tags": [{"Key": "tmp", "Value": "yes"}],
                                   "ObjectSizeGreaterThan": 9}}, "Expiration": {"Days": 4}}),
         [("irreversible", "objects under a/ with ObjectSizeGreaterThan 9, tag tmp yes are deleted after 4 days"),
          ("cost", "all objects with tag tmp yes are no longer deleted after 5 days")]),
        (rules(expiring(30)), rules({"Expiration": {"Date": "2027-01-31T00:00:00Z"}}),
         [("irreversible", "all objects are deleted on 2027-01-31"),
          ("cost", "all objects are no longer deleted after 30 days")]),
        (ABSENT, rules({"Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}]}),
         [("cost", "all objects are moved to STANDARD_IA after 30 days")]),
        (ABSENT, rules({"NoncurrentVersionTransitions": [{"NoncurrentDays": 9, "StorageClass": "GLACIER"}]}),
         [("cost", "earlier versions of all objects are moved to GLACIER after 9 days"),
          ("outage", "earlier versions of all objects must be restored before they can be read, after 9 days")]),
    ],
)  # fmt: skip
def test_a_lifecycle_is_told_by_what_becomes_of_the_objects(found, wanted, told):
    assert said("PutBucketLifecycleConfiguration", found, wanted) == told


def locked(mode="", **retention):
    rule = {"Rule": {"DefaultRetention": {"Mode": mode, **retention}}} if mode else {}
    return {"ObjectLockEnabled": "Enabled", **rule}


@pytest.mark.parametrize(
    ("found", "wanted", "told"),
    [
        (ABSENT, locked(), [("irreversible", "object lock can never be turned off again")]),
        (locked(), locked("COMPLIANCE", Years=1), [
            ("irreversible", "nobody, not even root, can delete new objects for 365 days"),
        ]),
        (locked(), locked("GOVERNANCE", Days=1), [
            ("outage", "who lacks s3:BypassGovernanceRetention cannot delete new objects for 1 day"),
        ]),
        (locked("COMPLIANCE", Days=9), locked("GOVERNANCE", Days=9), [
            ("irreversible", "what is written from then on is no longer held by COMPLIANCE for 9 days"),
        ]),
        (locked("GOVERNANCE", Days=9), locked("COMPLIANCE", Days=9), [
            ("irreversible", "nobody, not even root, can delete new objects for 9 days"),
        ]),
        (locked("COMPLIANCE", Days=9), locked("COMPLIANCE", Days=7), [
            ("irreversible", "what is written from then on is no longer held by COMPLIANCE for 9 days"),
        ]),
        (locked("COMPLIANCE", Days=7), locked("COMPLIANCE", Days=9), [
            ("irreversible", "nobody, not even root, can delete new objects for 9 days"),
        ]),
        (locked("GOVERNANCE", Days=9), locked(), [
            ("irreversible", "what is written from then on is no longer held by GOVERNANCE for 9 days"),
        ]),
    ],
)  # fmt: skip
def test_an_object_lock_is_told_by_what_it_holds(found, wanted, told):
    assert said("PutObjectLockConfiguration", found, wanted) == told


def copied(bucket="arn:aws:s3:::there", status="Enabled", **other):
    return rules({"Status": status, "Filter": {"Prefix": ""}, "Destination": {"Bucket": bucket}, **other})


@pytest.mark.parametrize(
    ("found", "wanted", "told"),
    [
        (ABSENT, copied(), [("cost", "all objects are copied to arn:aws:s3:::there: transfer and storage are billed")]),
        (ABSENT, copied(status="Disabled"), []),
        (copied(Filter={"Prefix": "a/"}),
         copied(Filter={"And": {"Prefix": "a/", "Tags": [{"Key": "k", "Value": "v"}]}}),
         [("cost", "objects under a/ with tag k v are copied to arn:aws:s3:::there: transfer and storage are billed"),
          ("outage", "objects under a/ are no longer copied to arn:aws:s3:::there")]),
        (copied(), ABSENT, [("outage", "all objects are no longer copied to arn:aws:s3:::there")]),
        (copied(), copied(DeleteMarkerReplication={"Status": "Enabled"}),
         [("outage", "what is deleted here disappears from arn:aws:s3:::there too")]),
        (copied(), copied(Destination={"Bucket": "arn:aws:s3:::there", "ReplicationTime": {"Status": "Enabled"}}),
         [("cost", "copies to arn:aws:s3:::there within 15 minutes are billed by the gigabyte")]),
        (copied("arn:aws:s3:::here"), copied("arn:aws:s3:::here"),
         [("cost", "arn:aws:s3:::here is the bucket itself")]),
    ],
)  # fmt: skip
def test_replication_is_told_by_where_the_copies_go(found, wanted, told):
    assert said("PutBucketReplication", found, wanted, Bucket="here") == told


def report(**other):
    return [{"Id": "x", **other}]


DAILY, WEEKLY = {"Schedule": {"Frequency": "Daily"}}, {"Schedule": {"Frequency": "Weekly"}}
LISTS = ("cost", "inventory x lists the objects daily, billed by their number")
ARCHIVED = [{"AccessTier": "ARCHIVE_ACCESS", "Days": 90}]


@pytest.mark.parametrize(
    ("operation", "found", "wanted", "told"),
    [
        ("PutBucketInventoryConfiguration", ABSENT, report(IsEnabled=True, **DAILY), [LISTS]),
        ("PutBucketInventoryConfiguration", ABSENT, report(IsEnabled=False, **DAILY), []),
        ("PutBucketInventoryConfiguration", report(IsEnabled=True, **WEEKLY), report(IsEnabled=True, **DAILY), [LISTS]),
        ("PutBucketInventoryConfiguration", report(IsEnabled=True, Destination={}), report(IsEnabled=True), []),
        ("PutBucketAnalyticsConfiguration", ABSENT, report(),
         [("cost", "analytics x watches the objects, billed by their number")]),
        ("PutBucketAnalyticsConfiguration", report(), report(StorageClassAnalysis={}), []),
        ("PutBucketMetricsConfiguration", ABSENT, report(),
         [("cost", "metrics x are billed as CloudWatch's custom metrics are")]),
        ("PutBucketMetricsConfiguration", report(), report(Filter={}), []),
        ("PutBucketMetricsConfiguration", report(), report(Filter={"Prefix": "a/"}),
         [("outage", "metrics x count other objects, and so do the alarms on them")]),
        ("PutBucketInventoryConfiguration", report(OptionalFields=["Size"]), report(),
         [("outage", "inventory x no longer tells Size")]),
        ("PutBucketIntelligentTieringConfiguration", ABSENT, report(Status="Disabled", Tierings=ARCHIVED), []),
        ("PutBucketIntelligentTieringConfiguration",
         report(Status="Enabled", Tierings=ARCHIVED), report(Status="Enabled", Tierings=ARCHIVED, Filter={}), []),
        ("PutBucketIntelligentTieringConfiguration",
         report(Status="Enabled", Tierings=[{"AccessTier": "ARCHIVE_ACCESS", "Days": 180}]),
         report(Status="Enabled", Tierings=ARCHIVED),
         [("outage", "objects that nobody read for 90 days must be restored from ARCHIVE_ACCESS first")]),
        ("PutBucketIntelligentTieringConfiguration",
         report(Status="Disabled", Tierings=ARCHIVED), report(Status="Enabled", Tierings=ARCHIVED), [
            ("cost", "tiering x moves objects to archive tiers"),
            ("outage", "objects that nobody read for 90 days must be restored from ARCHIVE_ACCESS first"),
        ]),
        ("PutBucketIntelligentTieringConfiguration", ABSENT, report(Status="Enabled", Tierings=ARCHIVED), [
            ("cost", "tiering x moves objects to archive tiers"),
            ("outage", "objects that nobody read for 90 days must be restored from ARCHIVE_ACCESS first"),
        ]),
    ],
)  # fmt: skip
def test_a_report_or_tiering_is_told_by_what_it_costs(operation, found, wanted, told):
    assert said(operation, found, wanted, Id="x") == told


EXPIRING = {"RecordExpiration": {"Expiration": "ENABLED", "Days": 30}}


@pytest.mark.parametrize(
    ("operation", "found", "params", "told"),
    [
        ("CreateBucketMetadataConfiguration", ABSENT,
         {"MetadataConfiguration": {"JournalTableConfiguration": EXPIRING,
                                    "InventoryTableConfiguration": {"ConfigurationState": "ENABLED"}}},
         [("cost", "a table of every change to the objects is kept, and billed"),
          ("cost", "the inventory table is filled, and kept, and billed by the number of objects"),
          ("irreversible", "records of the journal table are deleted after 30 days")]),
        ("UpdateBucketMetadataJournalTableConfiguration", {"JournalTableConfigurationResult": EXPIRING},
         {"JournalTableConfiguration": EXPIRING}, []),
        ("UpdateBucketMetadataAnnotationTableConfiguration", {},
         {"AnnotationTableConfiguration": {"ConfigurationState": "ENABLED"}},
         [("cost", "the annotation table is filled, and kept, and billed by the number of objects")]),
    ],
)  # fmt: skip
def test_metadata_is_told_by_its_tables(operation, found, params, told):
    assert said(operation, found, ABSENT, **params) == told


@pytest.mark.parametrize(
    ("operation", "value"),
    [
        ("PutPublicAccessBlock", {**ON, "BlockPublicAcls": False}),
        ("PutBucketAcl", acl((EVERYBODY, "READ"))),
        ("PutBucketOwnershipControls", owned("BucketOwnerEnforced")),
        ("PutBucketCors", cors("*")),
        ("PutBucketWebsite", INDEX),
        ("PutBucketWebsite", REDIRECT),
        ("PutBucketAbac", {"Status": "Enabled"}),
        ("PutBucketAbac", {"Status": "Disabled"}),
        ("PutBucketRequestPayment", {"Payer": "Requester"}),
        ("PutBucketAccelerateConfiguration", {"Status": "Enabled"}),
        ("PutBucketAccelerateConfiguration", {"Status": "Suspended"}),
        ("PutBucketLogging", {"LoggingEnabled": {"TargetBucket": "logs"}}),
        ("PutBucketLogging", {}),
        ("PutBucketEncryption", encrypted("aws:kms", KEY, ["SSE-C"])),
        ("PutBucketNotificationConfiguration", notified(["a", "b"], ("Prefix", "in/"))),
        ("PutBucketVersioning", {"Status": "Enabled"}),
        ("PutBucketLifecycleConfiguration", rules(expiring(30), expiring(5, "logs/"))),
        ("PutObjectLockConfiguration", locked("COMPLIANCE", Days=9)),
        ("PutBucketReplication", copied(DeleteMarkerReplication={"Status": "Enabled"})),
        ("PutBucketInventoryConfiguration", report(IsEnabled=True, **DAILY)),
    ],
)
def test_of_what_stays_there_is_nothing_to_tell(operation, value):
    assert said(operation, value, value, Id="x") == []
