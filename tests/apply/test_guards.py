"""What is looked at once more before something is written over, deleted, or gone on with."""

from __future__ import annotations

import pytest
from reconciling import differing, memory, runs, settings

from faults import Faults

APPLICATION = {"AWS::CodeDeploy::Application": {"shop": {}}}


@pytest.fixture
def denying(aws, monkeypatch, free_port):
    running = Faults(aws.environment["AWS_ENDPOINT_URL"], free_port)
    monkeypatch.setenv("AWS_ENDPOINT_URL", running.url)
    yield running
    running.stop()


def test_what_has_become_unreadable_since_the_plan_is_not_written_over(aws, denying, run, tmp_path):
    rules = {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["https://golden"]}]}
    aws.seed(
        us_east_1={"AWS::S3::Bucket": {"app-us-east-1": {"CORSConfiguration": rules}}},
        eu_west_1={"AWS::S3::Bucket": {"app-eu-west-1": {}}},
    )
    settings(tmp_path, "us-east-1", "eu-west-1")
    run("plan", "-o", "plan.json")
    by_hand = {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["https://by-hand"]}]}
    aws.client("s3", "eu-west-1").put_bucket_cors(Bucket="app-eu-west-1", CORSConfiguration=by_hand)
    denying.add({"service": "s3", "operation": "GetBucketCors", "region": "eu-west-1",
                 "error": {"code": "AccessDenied", "status": 403}})  # fmt: skip

    told = run("apply", "plan.json", "--yes")
    fired = len(denying.fired())
    denying.stop()

    assert (told.code, fired > 0, "CORSConfiguration (AccessDenied" in told.err) == (3, True, True)


def test_what_came_to_be_in_something_since_the_plan_is_not_deleted_with_it(aws, run, tmp_path):
    other = {"AWS::CodeDeploy::Application": {"shop": {}, "old": {}}}
    aws.seed(us_east_1=APPLICATION, eu_west_1=other)
    settings(tmp_path, "us-east-1", "eu-west-1")
    run("plan", "--allow-delete", "-o", "plan.json")
    client = aws.client("codedeploy", "eu-west-1")
    role = f"arn:aws:iam::{aws.account}:role/x"
    client.create_deployment_group(applicationName="old", deploymentGroupName="late", serviceRoleArn=role)

    told = run("apply", "plan.json", "--yes")

    held = "AWS::CodeDeploy::DeploymentGroup/old/late" in told.err
    assert (told.code, held, sorted(client.list_applications()["applications"])) == (3, True, ["old", "shop"])


def test_a_run_that_was_taken_back_is_not_gone_on_with(aws, run, tmp_path):
    differing(aws, tmp_path)
    run("plan", "-o", "plan.json")
    run("apply", "plan.json", "--yes")
    first = runs(tmp_path)[0]
    run("rollback", first, "--yes")

    told = run("resume", first)

    assert (told.code, f"Run {first} was taken back by run" in told.err, memory(aws)) == (1, True, 256)
