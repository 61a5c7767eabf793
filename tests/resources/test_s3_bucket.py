"""S3 buckets: from AWS's answers to the document that is compared."""

from __future__ import annotations

import jmespath
import pytest

from auditor.aws.calls import fill
from auditor.compare.changes import changes
from auditor.model.values import ABSENT, Reading, State
from auditor.resources.s3_bucket import SPEC
from made import IRELAND, VIRGINIA, answered, whole


def made(locale=VIRGINIA, **answers):
    """The document of a bucket of which the answers are these (by facet, `_` for a space), the rest absent."""
    return whole(SPEC, f"assets-{locale.region}", answered(SPEC, answers), locale)


def fields(locale=VIRGINIA, **answers):
    return made(locale, **answers).fields


def lifecycle(*rules):
    return {"lifecycle": {"Rules": list(rules)}}


def rule_of(**members):
    (rule,) = fields(**lifecycle({"ID": "r", "Status": "Enabled", **members}))["LifecycleConfiguration"][
        "Rules"
    ].values()
    return rule


def notification(rules=None, **members):
    filtered = {} if rules is None else {"Filter": {"Key": {"FilterRules": rules}}}
    arn = "arn:aws:lambda:us-east-1:123456789012:function:thumbnail"
    entry = {"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"], **filtered, **members}
    return {"notification": {"LambdaFunctionConfigurations": [entry]}}


def test_a_bucket_of_which_nothing_is_configured_has_s3s_defaults():
    assert fields() == {
        "AbacStatus": {"Status": "Disabled"},
        "AccelerateConfiguration": {"Status": "Suspended"},
        "AnalyticsConfigurationList": {},
        "IntelligentTieringConfigurationList": {},
        "InventoryConfigurationList": {},
        "MetricsConfigurationList": {},
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]},
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": False,
            "BlockPublicPolicy": False,
            "IgnorePublicAcls": False,
            "RestrictPublicBuckets": False,
        },
        "PolicyStatus": {"IsPublic": False},
        "RequestPaymentConfiguration": {"Payer": "BucketOwner"},
        "ServerSideEncryptionConfiguration": {
            "Rules": [
                {
                    "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
                    "BlockedEncryptionTypes": {"EncryptionType": {"NONE": "NONE"}},
                    "BucketKeyEnabled": False,
                }
            ]
        },
        "Tags": {},
        "NotificationConfiguration": {},
        "VersioningConfiguration": {"MFADelete": "Disabled", "Status": "Suspended"},
    }


@pytest.mark.parametrize(
    "answers",
    [
        {
            "public_access_block": {
                "PublicAccessBlockConfiguration": {
                    "BlockPublicAcls": False,
                    "IgnorePublicAcls": False,
                    "BlockPublicPolicy": False,
                    "RestrictPublicBuckets": False,
                }
            }
        },
        {"public_access_block": {"PublicAccessBlockConfiguration": {"BlockPublicAcls": False}}},
        {"versioning": {}},
        {"versioning": {"Status": "Suspended"}},
        {"ownership_controls": {"OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}}},
        {"logging": {}},
        {"notification": {}},
        {"tagging": {"TagSet": []}},
        {"abac": {"AbacStatus": {"Status": "Disabled"}}},
        {"accelerate": {}},
        {"accelerate": {"Status": "Suspended", "RequestCharged": "requester"}},
        {"inventory": {"IsTruncated": False}},
        {"policy_status": {"PolicyStatus": {"IsPublic": False}}},
        {"request_payment": {"Payer": "BucketOwner"}},
        {
            "encryption": {
                "ServerSideEncryptionConfiguration": {
                    "Rules": [
                        {
                            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
                            "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]},
                        }
                    ]
                }
            }
        },
    ],
    ids=lambda answers: str(answers)[:60],
)
def test_saying_the_default_is_equal_to_saying_nothing(answers):
    assert fields(**answers) == fields()


def test_an_open_public_access_block_is_not_the_same_as_a_closed_one():
    block = {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}}

    assert fields(public_access_block=block)["PublicAccessBlockConfiguration"]["BlockPublicAcls"] is True


def test_lifecycle_rules_with_equal_content_are_the_same_whatever_they_are_called():
    expire = {"Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 30}}
    golden = made(**lifecycle({"ID": "expire-logs", **expire}))
    actual = made(**lifecycle({"ID": "NTgxYmUzYjQ", **expire}))

    assert changes(golden, actual) == ()


def test_lifecycle_rules_have_no_order():
    one, two = {"ID": "a", "Expiration": {"Days": 1}}, {"ID": "b", "Expiration": {"Days": 2}}

    assert fields(**lifecycle(one, two)) == fields(**lifecycle(two, one))


@pytest.mark.parametrize("filtered", [{}, {"Prefix": ""}, {"Filter": {}}, {"Filter": {"Prefix": ""}}])
def test_a_rule_for_the_whole_bucket_is_the_same_however_it_says_so(filtered):
    assert rule_of(**filtered) == {"Status": "Enabled", "Filter": {"Prefix": ""}}


def test_a_prefix_is_the_same_in_the_old_form_and_in_the_new():
    assert rule_of(Prefix="logs/") == rule_of(Filter={"Prefix": "logs/"})


def test_a_transition_is_named_by_its_storage_class():
    assert rule_of(Transitions=[{"StorageClass": "GLACIER", "Days": 30}])["Transitions"] == {
        "GLACIER": {"Days": 30, "StorageClass": "GLACIER"}
    }


def test_a_rules_tags_are_a_map():
    filtered = {"And": {"Prefix": "logs/", "Tags": [{"Key": "team", "Value": "web"}]}}

    assert rule_of(Filter=filtered)["Filter"]["And"] == {"Prefix": "logs/", "Tags": {"team": "web"}}


def test_an_empty_eventbridge_configuration_means_that_it_is_on():
    on = made(notification={**notification()["notification"], "EventBridgeConfiguration": {}})
    off = made(**notification())

    assert [(one.path, one.golden, one.actual) for one in changes(on, off)] == [
        ("/NotificationConfiguration/EventBridgeConfiguration", {}, ABSENT)
    ]


def test_eventbridge_alone_is_something_configured():
    assert fields(notification={"EventBridgeConfiguration": {}})["NotificationConfiguration"] == {
        "EventBridgeConfiguration": {}
    }


def test_a_notifications_id_is_generated_and_not_compared():
    assert fields(**notification(Id="a")) == fields(**notification(Id="b"))


def test_how_s3_writes_the_name_of_a_filter_rule_does_not_matter():
    written = made(**notification([{"Name": "Prefix", "Value": "in/"}, {"Name": "Suffix", "Value": ".png"}]))
    modelled = made(**notification([{"Name": "suffix", "Value": ".png"}, {"Name": "prefix", "Value": "in/"}]))

    assert changes(written, modelled) == ()


@pytest.mark.parametrize("rules", [[], [{"Name": "Prefix", "Value": ""}, {"Name": "Suffix", "Value": ""}]])
def test_a_filter_that_lets_everything_through_is_no_filter(rules):
    assert fields(**notification(rules)) == fields(**notification())


def test_a_prefix_is_not_a_suffix():
    one, other = [{"Name": "Prefix", "Value": "x"}], [{"Name": "Suffix", "Value": "x"}]

    assert fields(**notification(one)) != fields(**notification(other))


def test_a_notification_names_its_function_canonically():
    (entry,) = fields(**notification())["NotificationConfiguration"]["LambdaFunctionConfigurations"].values()

    assert entry["LambdaFunctionArn"] == "arn:aws:lambda:${region}:${account}:function:thumbnail"


def test_the_order_of_cors_rules_is_meaningful_and_that_of_their_members_is_not():
    get = {"AllowedMethods": ["GET", "HEAD"], "AllowedOrigins": ["*"]}
    put = {"AllowedMethods": ["PUT"], "AllowedOrigins": ["*"]}
    turned = {"AllowedMethods": ["HEAD", "GET"], "AllowedOrigins": ["*"]}

    assert (
        fields(cors={"CORSRules": [get, put]}) == fields(cors={"CORSRules": [turned, put]}),
        fields(cors={"CORSRules": [get, put]}) == fields(cors={"CORSRules": [put, get]}),
    ) == (True, False)


def test_logs_have_the_simple_prefix_where_nothing_is_said():
    logging = {"LoggingEnabled": {"TargetBucket": "logs-us-east-1", "TargetPrefix": "assets/"}}

    assert fields(logging=logging)["BucketLoggingStatus"] == {
        "LoggingEnabled": {
            "TargetBucket": "logs-${region}",
            "TargetGrants": {},
            "TargetObjectKeyFormat": {"SimplePrefix": {}},
            "TargetPrefix": "assets/",
        }
    }


def test_tags_are_a_map_without_those_that_aws_sets():
    tags = [{"Key": "team", "Value": "web"}, {"Key": "aws:cloudformation:stack-id", "Value": "arn:1"}]

    assert fields(tagging={"TagSet": tags})["Tags"] == {"team": "web"}


def test_two_regions_policies_are_the_same_where_only_the_buckets_differ():
    policy = '{"Version": "2012-10-17", "Statement": [{"Sid": "A", "Resource": "arn:aws:s3:::assets-%s/*"}]}'

    one = fields(policy={"Policy": policy % "us-east-1"})

    assert one == fields(IRELAND, policy={"Policy": policy % "eu-west-1"})


def test_directory_buckets_are_not_listed():
    answer = {"Buckets": [{"Name": "assets"}, {"Name": "fast--use1-az4--x-s3"}]}

    assert jmespath.search(SPEC.listing.call.pick, answer) == [{"Name": "assets"}]


def test_only_the_buckets_of_the_site_are_kept():
    keep = fill(SPEC.listing.keep, {"region": "eu-west-1"})
    buckets = [{"Name": "a", "BucketRegion": "eu-west-1"}, {"Name": "b", "BucketRegion": "us-east-1"}]

    assert [one["Name"] for one in buckets if jmespath.search(keep, one)] == ["a"]


def test_actions_in_another_case_are_no_difference():
    one = '{"Statement": [{"Sid": "A", "Action": "s3:GetObject"}]}'
    other = '{"Statement": [{"Sid": "A", "Action": "S3:getobject"}]}'

    golden, actual = (whole(SPEC, "b", {"policy": Reading(State.READ, text)}) for text in (one, other))

    assert changes(golden, actual) == ()
