"""From a push to deployments in three regions: both functions really run, in the embedded AWS, on GitHub's payloads."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from deploy.github_server import github_server, tarball

from auditor.deploy.bundle import HANDLER, bundle
from auditor.deploy.functions import codedeploy_trigger
from shipping import APPSPEC, REGIONS, shop

__all__ = ["shop"]
PAYLOADS = Path(__file__).parent / "payloads"
REPOSITORY = "Codertocat/Hello-World"
SHA = "6113728f27ae82c7b1a177c8d03f9e96e0adf246"
KEY = f"shop/{SHA}.zip"
SECRET = "of the webhook"
FILES = {"appspec.yml": APPSPEC.encode(), "index.html": b"<h1>pushed</h1>\n"}
SECONDS = 60


@pytest.fixture
def github():
    with github_server() as running:
        running.repository = REPOSITORY
        running.refs = {SHA: SHA, "simple-tag": SHA, "0.0.1": SHA, "refs/tags/0.0.1": SHA, "tags/0.0.1": SHA}
        running.archive = tarball(FILES, top="Codertocat-Hello-World-6113728")
        yield running


@pytest.fixture
def pushed_to(shop, github, tmp_path):
    """The shop with a trigger in each region, and the listener in the first. Answers a delivery."""
    for region in REGIONS:
        trigger(shop, region)
    url = listener(shop, github, tmp_path)
    return lambda name, change=None, **more: posted(url, payload(name, change), name.partition("-")[0], **more)


def payload(name, change=None):
    """What GitHub sends; with another push in it where one is told: before, after, and how many seconds later."""
    content = (PAYLOADS / f"{name}.json").read_bytes()
    if not change:
        return content
    before, after, later = change
    told = json.loads(content)
    told["repository"]["pushed_at"] += later
    return json.dumps({**told, "before": before, "after": after, "head_commit": {"id": after}}).encode()


def function(shop, region, name, code, handler, variables):
    told = {key: value for key, value in shop.aws.environment.items() if key.startswith("AWS_ENDPOINT_URL")}
    return shop.aws.client("lambda", region).create_function(
        FunctionName=name, Runtime="python3.12", Handler=handler, Role="arn:aws:iam::123456789012:role/shop",
        Code={"ZipFile": code}, Environment={"Variables": {**told, **variables}}, Timeout=60,
    )["FunctionArn"]  # fmt: skip


def trigger(shop, region):
    from auditor.sandbox.seed import zipped  # noqa: PLC0415

    rules = [{"key": "shop/*.zip", "application": "shop", "groups": ["web"]}]
    code = zipped({"index.py": Path(codedeploy_trigger.__file__).read_text()})
    arn = function(shop, region, "trigger", code, "index.handler", {"RULES": json.dumps(rules)})
    shop.aws.client("lambda", region).add_permission(
        FunctionName="trigger", StatementId="s3", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com"
    )
    events = {"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}
    shop.aws.client("s3", region).put_bucket_notification_configuration(
        Bucket=shop.bucket(region), NotificationConfiguration={"LambdaFunctionConfigurations": [events]}
    )


def listener(shop, github, tmp_path):
    shop.aws.client("secretsmanager").create_secret(Name="webhook", SecretString=SECRET)
    bundle(tmp_path / "listener.zip")
    rules = [
        {"repository": REPOSITORY, "ref": "refs/heads/master", "application": "shop"},
        {"repository": REPOSITORY, "ref": "refs/tags/*", "event": "release", "application": "shop"},
    ]
    variables = {
        "WEBHOOK_SECRET": "webhook",
        "RULES": json.dumps(rules),
        "BUCKETS": json.dumps({region: shop.bucket(region) for region in REGIONS}),
        "GITHUB_API_URL": github.url,
    }
    function(shop, "us-east-1", "listener", (tmp_path / "listener.zip").read_bytes(), HANDLER, variables)
    client = shop.aws.client("lambda")
    # It tries again at once where AWS waits for a minute.
    client.put_function_event_invoke_config(FunctionName="listener", MaximumRetryAttempts=2)
    return client.create_function_url_config(FunctionName="listener", AuthType="NONE")["FunctionUrl"]


def posted(url, body, event, secret=SECRET):
    """What the function URL answers: the status, and the body."""
    headers = {
        "Host": urlsplit(url).netloc,
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
    }
    here = os.environ["AWS_ENDPOINT_URL"]
    try:
        with urllib.request.urlopen(urllib.request.Request(here, body, headers), timeout=30) as answer:
            return answer.status, json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read() or b"{}")


def until(found, expected):
    """What is found once it is as expected, or when a minute is over."""
    end = time.monotonic() + SECONDS
    while (last := found()) != expected and time.monotonic() < end:
        time.sleep(0.1)
    return last


def deployed(shop):
    # A deployment of the embedded AWS moves on when it is looked at.
    for region in REGIONS:
        shop.deployments(region)
    return [shop.revision(region) for region in REGIONS]


def test_a_push_is_deployed_in_every_region(shop, pushed_to):
    answer = pushed_to("push")

    found = until(
        lambda: [[one["status"] for one in shop.deployments(region)] for region in REGIONS], [["Succeeded"]] * 3
    )
    assert (answer[0], found, deployed(shop)) == (202, [["Succeeded"]] * 3, [KEY] * 3)


def test_every_region_has_identical_bytes(shop, pushed_to):
    pushed_to("push")
    until(lambda: [KEY in shop.buckets(region) for region in REGIONS], [True] * 3)

    contents = {
        shop.aws.client("s3", region).get_object(Bucket=shop.bucket(region), Key=KEY)["Body"].read()
        for region in REGIONS
    }
    assert len(contents) == 1


def test_what_the_listener_ships_is_what_the_command_would(shop, pushed_to, run):
    pushed_to("push")
    until(lambda: deployed(shop), [KEY] * 3)
    shop.folder.joinpath("index.html").write_bytes(FILES["index.html"])

    run("deploy", "app", "--yes", "--running", "wait")

    (own,) = [key for key in shop.buckets("us-east-1") if key.endswith(".zip") and key != KEY]
    assert shop.buckets("us-east-1")[own]["ETag"] == shop.buckets("us-east-1")[KEY]["ETag"]


def test_what_the_command_ships_is_deployed_once_and_not_by_the_trigger_too(shop, pushed_to, run):
    run("deploy", "app", "--yes")
    # What is pushed afterwards comes through the same triggers, so by then they have looked at it.
    pushed_to("push")
    until(lambda: [KEY in shop.buckets(region) for region in REGIONS], [True] * 3)

    assert until(lambda: [len(shop.deployments(region)) for region in REGIONS], [2, 2, 2]) == [2, 2, 2]


def test_a_wrong_signature_is_refused_and_ships_nothing(shop, pushed_to):
    assert (pushed_to("push", secret="of somebody else"), shop.buckets("us-east-1")) == ((401, {}), {})


def test_a_delivery_that_comes_twice_is_deployed_once(shop, pushed_to):
    pushed_to("push")
    until(lambda: deployed(shop), [KEY] * 3)

    pushed_to("push")

    time.sleep(1)
    assert [len(shop.deployments(region)) for region in REGIONS] == [1, 1, 1]


def test_a_ref_that_goes_back_is_deployed_again_in_every_region(shop, github, pushed_to):
    bad = "b" * 40
    github.refs[bad] = bad
    pushed_to("push")
    until(lambda: deployed(shop), [KEY] * 3)
    pushed_to("push", (SHA, bad, 60))
    until(lambda: deployed(shop), [f"shop/{bad}.zip"] * 3)

    pushed_to("push", (bad, SHA, 120))

    assert until(lambda: deployed(shop), [KEY] * 3) == [KEY] * 3


@pytest.mark.parametrize("name", ["push-tag", "push-deleted"])
def test_another_ref_and_a_deleted_one_are_answered_with_a_reason(shop, pushed_to, name):
    status, body = pushed_to(name)

    assert (status, "ignored" in body, shop.buckets("us-east-1")) == (200, True, {})


def test_a_ping_is_answered(pushed_to):
    assert pushed_to("ping") == (200, {"pong": True})


def test_an_archive_that_breaks_off_half_way_is_fetched_again(shop, github, pushed_to):
    github.halves = 1

    pushed_to("push")

    assert until(lambda: deployed(shop), [KEY] * 3) == [KEY] * 3


def test_a_region_that_refuses_the_artifact_does_not_keep_the_others_from_it(shop, pushed_to):
    s3 = shop.aws.client("s3", "eu-west-1")
    s3.delete_bucket(Bucket=shop.bucket("eu-west-1"))

    pushed_to("push")

    expected = [KEY, "", KEY]
    assert until(lambda: deployed(shop), expected) == expected
