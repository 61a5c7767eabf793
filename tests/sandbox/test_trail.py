"""The embedded CloudTrail: what writes is kept as AWS keeps it, by account and region, and found by one attribute."""

from __future__ import annotations

import json

import boto3
import pytest
from botocore.exceptions import ClientError

from auditor.sandbox import trail

CODE = {"ZipFile": b"PK\x05\x06" + b"\0" * 18}
API = {
    "FunctionName": "api",
    "Runtime": "python3.12",
    "Role": "arn:aws:iam::123456789012:role/shop",
    "Handler": "app.handler",
    "Code": CODE,
}


def events(aws, region="us-east-1", /, **asked):
    attributes = [{"AttributeKey": key, "AttributeValue": value} for key, value in asked.items()]
    answer = aws.client("cloudtrail", region).lookup_events(LookupAttributes=attributes)
    return [json.loads(one["CloudTrailEvent"]) for one in answer["Events"]]


def names(told):
    return [one["eventName"] for one in told]


@pytest.fixture
def function(aws):
    """The client of Lambda in us-east-1, where there is a function `api`."""
    client = aws.client("lambda")
    client.create_function(**API)
    return client


def test_operations_of_lambda_carry_the_date_of_their_api(aws, function):
    function.update_function_configuration(FunctionName="api", MemorySize=256)
    function.put_function_concurrency(FunctionName="api", ReservedConcurrentExecutions=1)
    function.put_function_recursion_config(FunctionName="api", RecursiveLoop="Allow")

    assert names(events(aws, EventSource="lambda.amazonaws.com")) == [
        "PutFunctionRecursionConfig",
        "PutFunctionConcurrency20171031",
        "UpdateFunctionConfiguration20150331v2",
        "CreateFunction20150331",
    ]


def test_what_only_reads_is_not_kept(aws, function):
    function.get_function(FunctionName="api")

    assert names(events(aws)) == ["CreateFunction20150331"]


def test_an_event_holds_the_parameters_without_code_and_variables(aws, function):
    function.update_function_configuration(
        FunctionName="api", MemorySize=256, Environment={"Variables": {"PASSWORD": "correct-horse"}}
    )

    event = events(aws, EventName="UpdateFunctionConfiguration20150331v2")[0]
    assert event["requestParameters"] == {"functionName": "api", "memorySize": 256}


def test_buckets_are_named_as_s3_names_them(aws):
    client = aws.client("s3")
    client.create_bucket(Bucket="assets")
    client.put_object(Bucket="assets", Key="a", Body=b"a")
    client.put_bucket_lifecycle_configuration(
        Bucket="assets",
        LifecycleConfiguration={
            "Rules": [{"ID": "a", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}]
        },
    )

    told = events(aws, ResourceName="assets")
    assert [(one["eventName"], one["requestParameters"]["bucketName"]) for one in told] == [
        ("PutBucketLifecycle", "assets"),
        ("CreateBucket", "assets"),
    ]


def test_what_is_done_with_codedeploy_is_kept_too(aws):
    aws.client("codedeploy").create_application(applicationName="shop", computePlatform="Lambda")

    event = events(aws, EventName="CreateApplication")[0]
    assert (event["eventSource"], event["requestParameters"]) == (
        "codedeploy.amazonaws.com",
        {"applicationName": "shop", "computePlatform": "Lambda"},
    )


def test_a_session_token_is_the_name_of_who_calls(aws):
    boto3.Session(aws.account, "sandbox", "alice").client("s3").create_bucket(Bucket="assets")

    event = events(aws, EventName="CreateBucket")[0]
    assert event["userIdentity"]["arn"] == f"arn:aws:sts::{aws.account}:assumed-role/sandbox/alice"


def test_a_call_that_was_refused_says_so(aws, function):
    with pytest.raises(ClientError):
        function.update_function_configuration(FunctionName="nothing", MemorySize=256)

    assert events(aws, EventName="UpdateFunctionConfiguration20150331v2")[0]["errorCode"] == "ResourceNotFoundException"


def test_each_region_has_a_history_of_its_own(aws, function):
    assert events(aws, "eu-west-1") == []


def test_pages_follow_on_one_another(aws):
    client = aws.client("s3")
    for number in range(5):
        client.create_bucket(Bucket=f"assets-{number}")

    pages = aws.client("cloudtrail").get_paginator("lookup_events").paginate(PaginationConfig={"PageSize": 2})

    buckets = [[event["Resources"][0]["ResourceName"] for event in page["Events"]] for page in pages]
    assert buckets == [["assets-4", "assets-3"], ["assets-2", "assets-1"], ["assets-0"]]


def test_only_one_attribute_can_be_looked_up(aws):
    with pytest.raises(ClientError, match="InvalidLookupAttributesException"):
        events(aws, EventName="CreateBucket", ResourceName="assets")


def test_the_history_does_not_grow_without_bound():
    assert trail._KEPT.maxlen == 20_000
