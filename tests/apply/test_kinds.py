"""Resources of several kinds made as golden has them, and taken back, on the embedded AWS."""

from __future__ import annotations

import pytest
from reconciling import BUCKET, FUNCTION, calls, entries, function, region, runs, settings

NEW = {"app.py": "def handler(event, context): return 'new'\n"}
MAPPING = "AWS::Lambda::EventSourceMapping"
ALIAS = "AWS::Lambda::Alias"
LAYER = "AWS::Lambda::LayerVersion"


def code_hash(aws, where):
    return aws.client("lambda", where).get_function_configuration(FunctionName="api")["CodeSha256"]


def test_code_that_differs_becomes_goldens(aws, run, tmp_path):
    aws.seed(us_east_1=region(api=function(aws.account, Code=NEW)), eu_west_1=region(api=function(aws.account)))
    settings(tmp_path, "us-east-1", "eu-west-1", types=[FUNCTION])
    before = code_hash(aws, "eu-west-1")

    told = run("reconcile", "--yes")

    assert (told.code, before == code_hash(aws, "us-east-1"), code_hash(aws, "eu-west-1")) == (
        0,
        False,
        code_hash(aws, "us-east-1"),
    )


def test_a_function_that_is_missing_is_made_with_goldens_code_and_configuration(aws, run, tmp_path):
    aws.seed(us_east_1=region(api=function(aws.account, Code=NEW, MemorySize=512)), eu_west_1=region())
    settings(tmp_path, "us-east-1", "eu-west-1", types=[FUNCTION])

    told = run("reconcile", "--yes")

    assert (told.code, code_hash(aws, "eu-west-1"), run("diff").code) == (0, code_hash(aws, "us-east-1"), 0)


def test_a_function_that_was_made_is_deleted_when_the_run_is_taken_back(aws, run, tmp_path):
    aws.seed(us_east_1=region(api=function(aws.account)), eu_west_1=region())
    settings(tmp_path, "us-east-1", "eu-west-1", types=[FUNCTION])
    run("reconcile", "--yes")

    told = run("rollback", runs(tmp_path)[0], "--yes")

    assert (told.code, aws.client("lambda", "eu-west-1").list_functions()["Functions"]) == (0, [])


def test_code_that_was_replaced_is_said_not_to_come_back(aws, run, tmp_path):
    aws.seed(us_east_1=region(api=function(aws.account, Code=NEW)), eu_west_1=region(api=function(aws.account)))
    settings(tmp_path, "us-east-1", "eu-west-1", types=[FUNCTION])
    run("reconcile", "--yes")

    told = run("rollback", runs(tmp_path)[0], "--yes")

    assert (told.code, "the code that is there now is kept nowhere" in told.err) == (2, True)


@pytest.fixture
def published(aws, tmp_path):
    """Golden has an alias on a published version; eu-west-1 has the function only."""
    alias = {ALIAS: {"api/live": {"FunctionVersion": "1"}}}
    golden = function(aws.account, Versions=[{}])
    aws.seed(us_east_1=region(alias, api=golden), eu_west_1=region(api=function(aws.account)))
    settings(tmp_path, "us-east-1", "eu-west-1", types=[FUNCTION, ALIAS])
    return aws


def test_a_missing_alias_is_made_on_a_version_that_is_published_first(published, run, tmp_path):
    run("reconcile", "--yes")

    assert calls(tmp_path) == ["lambda.PublishVersion", "lambda.CreateAlias"]


def test_a_missing_alias_points_at_what_goldens_points_at(published, run):
    told = run("reconcile", "--yes")

    alias = published.client("lambda", "eu-west-1").get_alias(FunctionName="api", Name="live")
    assert (told.code, alias["FunctionVersion"], run("diff").code) == (0, "1", 0)


def test_an_alias_that_was_made_is_deleted_when_the_run_is_taken_back(published, run, tmp_path):
    run("reconcile", "--yes")

    run("rollback", runs(tmp_path)[0], "--yes")

    assert published.client("lambda", "eu-west-1").list_aliases(FunctionName="api")["Aliases"] == []


def test_a_missing_layer_version_is_published_with_goldens_content(aws, run, tmp_path):
    layer = {LAYER: {"common": {"Code": {"python/shop.py": "CURRENCY = 'EUR'\n"}}}}
    aws.seed(us_east_1=region(layer), eu_west_1=region())
    settings(tmp_path, "us-east-1", "eu-west-1", types=[LAYER])

    told = run("reconcile", "--yes")

    hashes = [
        aws.client("lambda", where).get_layer_version(LayerName="common", VersionNumber=1)["Content"]["CodeSha256"]
        for where in ("us-east-1", "eu-west-1")
    ]
    assert (told.code, hashes[1]) == (0, hashes[0])


@pytest.fixture
def mapped(aws, run, tmp_path):
    """Golden's function is called for a queue; a run makes the same in eu-west-1."""

    def whole(where, mapped):
        queue = f"arn:aws:sqs:{where}:{aws.account}:jobs"
        own = f"arn:aws:lambda:{where}:{aws.account}:function:api"
        mapping = {f"api/{queue}": {"FunctionArn": own, "EventSourceArn": queue, "BatchSize": 5}}
        more = {MAPPING: mapping} if mapped else {}
        return region({"AWS::SQS::Queue": {"jobs": {}}}, more, api=function(aws.account))

    aws.seed(us_east_1=whole("us-east-1", True), eu_west_1=whole("eu-west-1", False))
    settings(tmp_path, "us-east-1", "eu-west-1", types=[FUNCTION, MAPPING])
    run("plan", "-o", "plan.json")
    run("apply", "plan.json", "--yes")
    return aws


def mappings(aws):
    return aws.client("lambda", "eu-west-1").list_event_source_mappings()["EventSourceMappings"]


def test_a_missing_event_source_mapping_is_made_first_and_enabled_last(mapped, tmp_path):
    assert calls(tmp_path) == ["lambda.CreateEventSourceMapping", "lambda.UpdateEventSourceMapping"]


def test_an_event_source_mapping_is_enabled_at_the_end(mapped):
    assert [(one["State"], one["BatchSize"]) for one in mappings(mapped)] == [("Enabled", 5)]


def test_an_event_source_mapping_that_was_made_is_deleted_when_the_run_is_taken_back(mapped, run, tmp_path):
    told = run("rollback", runs(tmp_path)[0], "--yes")

    assert (told.code, told.out, mappings(mapped)) == (0, "as it was before\n", []), told.err


@pytest.fixture
def buckets(aws, tmp_path):
    """Golden has one bucket, eu-west-1 has two more: one empty, one not."""
    more = {"full-eu-west-1": {}, "empty-eu-west-1": {}}
    aws.seed(us_east_1={BUCKET: {"kept-us-east-1": {}}}, eu_west_1={BUCKET: {"kept-eu-west-1": {}, **more}})
    aws.client("s3", "eu-west-1").put_object(Bucket="full-eu-west-1", Key="a", Body=b"a")
    settings(tmp_path, "us-east-1", "eu-west-1", types=[BUCKET])
    return aws


def bucket_names(aws):
    return sorted(one["Name"] for one in aws.client("s3").list_buckets()["Buckets"])


def test_nothing_is_deleted_unless_asked(buckets, run):
    run("reconcile", "--yes")

    assert bucket_names(buckets) == ["empty-eu-west-1", "full-eu-west-1", "kept-eu-west-1", "kept-us-east-1"]


def test_a_bucket_that_is_not_empty_is_not_deleted_and_the_message_says_so(buckets, run):
    told = run("reconcile", "--yes", "--allow-delete", "--tolerate", "1")

    refusal = "delete AWS::S3::Bucket/full-${region}: FAILED: eu-west-1: s3.DeleteBucket was refused (BucketNotEmpty"
    assert (told.code, refusal in told.err, "full-eu-west-1" in bucket_names(buckets)) == (3, True, True)


def test_a_call_that_aws_refused_is_written_down_as_refused(buckets, run, tmp_path):
    run("reconcile", "--yes", "--allow-delete", "--tolerate", "1")

    assert len([one for one in entries(tmp_path) if one["event"] == "refused"]) == 1


def test_a_bucket_that_was_deleted_is_made_again_when_the_run_is_taken_back(buckets, run, tmp_path):
    buckets.client("s3", "eu-west-1").delete_object(Bucket="full-eu-west-1", Key="a")
    run("reconcile", "--yes", "--allow-delete")

    told = run("rollback", runs(tmp_path)[0], "--yes")

    assert (told.code, bucket_names(buckets)) == (
        0,
        ["empty-eu-west-1", "full-eu-west-1", "kept-eu-west-1", "kept-us-east-1"],
    )


def test_a_missing_bucket_is_made_under_the_regions_own_name(aws, run, tmp_path):
    aws.seed(us_east_1={BUCKET: {"shop-us-east-1": {"Tags": {"team": "shop"}}}})
    settings(tmp_path, "us-east-1", "eu-west-1", types=[BUCKET])

    told = run("reconcile", "--yes")

    assert (told.code, aws.client("s3", "eu-west-1").get_bucket_tagging(Bucket="shop-eu-west-1")["TagSet"]) == (
        0,
        [{"Key": "team", "Value": "shop"}],
    )
