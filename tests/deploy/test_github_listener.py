"""The listener: what it believes, what it ships for it, and what it says where something fails."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import json
import time
import urllib.request
import zipfile
from dataclasses import asdict
from os import environ
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
from botocore.exceptions import ClientError
from deploy.github_server import FILES, SHA, github_server, tarball
from hypothesis import given, strategies as st

from auditor.deploy.bundle import HANDLER, bundle
from auditor.deploy.functions import github_listener
from auditor.deploy.functions.github_listener import handler
from auditor.deploy.functions.rules import parse_rules
from auditor.deploy.functions.webhook import request_of, settings_of, shipments
from auditor.errors import ArtifactError, DeployError, GitHubError, SettingsError

SECRET = "it-is-a-secret"
TOKEN = "ghp_0123456789"
REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")
BUCKETS = {region: f"shop-{region}" for region in REGIONS}
RULES = [
    {"repository": "acme/shop", "ref": "refs/heads/main", "application": "shop"},
    {"repository": "acme/shop", "ref": "refs/tags/v*", "application": "shop-tags"},
    {"repository": "acme/shop", "ref": "refs/tags/v*", "event": "release", "application": "shop"},
]
PUSH = {
    "ref": "refs/heads/main", "after": SHA, "deleted": False, "head_commit": {"id": SHA},
    "before": "0" * 40, "repository": {"full_name": "acme/shop", "pushed_at": 1790000000},
}  # fmt: skip
RELEASE = {
    "action": "published", "release": {"tag_name": "v1", "published_at": "2026-09-21T14:13:20Z"},
    "repository": {"full_name": "acme/shop"},
}  # fmt: skip
NAMED = {
    "repository": "acme/shop", "sha": SHA, "ref": "refs/heads/main", "application": "shop", "delivery": "72d3162e",
    "folder": "",
}  # fmt: skip
SHIP = {**NAMED, "before": "0" * 40, "after": SHA, "at": 1790000000, "heard": 1790000001123}
RECORDER = """
import boto3, json
def handler(event, context):
    boto3.client("s3").put_object(Bucket="heard", Key=event["ship"]["application"], Body=json.dumps(event).encode())
"""


@pytest.fixture
def github():
    with github_server() as running:
        yield running


@pytest.fixture
def listener(aws, github, monkeypatch):
    """The environment of the function, and its secret."""
    monkeypatch.setattr(github_listener, "_SECRETS", {})
    aws.client("secretsmanager").create_secret(Name="webhook", SecretString=SECRET)
    for name, value in environment(github).items():
        monkeypatch.setenv(name, value)
    return aws


@pytest.fixture
def shop(listener):
    """The same, with a bucket in each region."""
    for region, name in BUCKETS.items():
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        listener.client("s3", region).create_bucket(Bucket=name, **where)
    return listener


@pytest.fixture
def recorder(listener):
    """A function in the listener's place that keeps what it was called with."""
    listener.client("s3").create_bucket(Bucket="heard")
    made = create(listener, zipped({"index.py": RECORDER}), "index.handler", {})
    return SimpleNamespace(invoked_function_arn=made["FunctionArn"])


def environment(github):
    return {
        "WEBHOOK_SECRET": "webhook", "RULES": json.dumps(RULES), "BUCKETS": json.dumps(BUCKETS),
        "GITHUB_API_URL": github.url, "GITHUB_TOKEN": "", "COMMIT_STATUSES": "",
    }  # fmt: skip


def zipped(files):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        for name, text in files.items():
            made.writestr(name, text)
    return content.getvalue()


def create(aws, code, handler, variables):
    variables = {"AWS_ENDPOINT_URL": aws.environment["AWS_ENDPOINT_URL"], **variables}
    return aws.client("lambda").create_function(
        FunctionName="listener", Runtime="python3.12", Handler=handler, Role=f"arn:aws:iam::{aws.account}:role/shop",
        Code={"ZipFile": code}, Environment={"Variables": variables}, Timeout=60,
    )  # fmt: skip


def signature(body, secret=SECRET):
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def headers_of(body, event="push", secret=SECRET, kind="application/json"):
    return {
        "Content-Type": kind, "X-GitHub-Event": event, "X-GitHub-Delivery": "72d3162e",
        "X-Hub-Signature-256": signature(body, secret),
    }  # fmt: skip


def delivery(payload, event="push", secret=SECRET, kind="application/json"):
    """An event of a function URL, payload 2.0: Lambda gives the headers' names in lower case."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    headers = {name.lower(): value for name, value in headers_of(body, event, secret, kind).items()}
    return {"version": "2.0", "headers": headers, "body": body.decode(), "requestContext": {}, "isBase64Encoded": False}


def answered(event, context=None):
    answer = handler(event, context)
    return answer["statusCode"], json.loads(answer["body"])


def body_of(client, **where):
    """What an object holds, once it is there; a test that waits in vain fails."""
    until = time.monotonic() + 60
    while True:
        try:
            return client.get_object(**where)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchKey" or time.monotonic() > until:
                raise
        time.sleep(0.05)


def heard(aws, application="shop"):
    """What the function was called with; when it was heard is of now, and is put in order."""
    told = json.loads(body_of(aws.client("s3"), Bucket="heard", Key=application))
    assert abs(told["ship"]["heard"] / 1000 - time.time()) < 60
    return {**told, "ship": {**told["ship"], "heard": SHIP["heard"]}}


def shipped(aws, key=f"shop/{SHA}.zip"):
    """The content of the object in each region that has it."""
    found = {}
    for region, name in BUCKETS.items():
        client = aws.client("s3", region)
        if client.list_objects_v2(Bucket=name, Prefix=key)["KeyCount"]:
            found[region] = client.get_object(Bucket=name, Key=key)["Body"].read()
    return found


def newest(aws, region="us-east-1"):
    """What a bucket says of its newest push."""
    where = {"Bucket": BUCKETS[region], "Key": "shop/newest-push.json"}
    return json.loads(aws.client("s3", region).get_object(**where)["Body"].read())


def failure(kind, ship=None):
    with pytest.raises(kind) as raised:
        handler({"ship": {**SHIP, **(ship or {})}}, None)
    return str(raised.value)


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


# What is believed


def test_a_ping_is_answered(listener):
    assert answered(delivery({"zen": "Keep it logically awesome."}, "ping")) == (200, {"pong": True})


@pytest.mark.parametrize("event", ["push", "ping"])
def test_a_wrong_signature_is_refused_without_a_word(listener, event):
    assert answered(delivery(PUSH, event, secret="another")) == (401, {})


def test_a_missing_signature_is_refused_without_a_word(listener):
    event = delivery(PUSH)
    del event["headers"]["x-hub-signature-256"]

    assert answered(event) == (401, {})


def test_a_missing_signature_costs_no_look_at_the_secret(listener, monkeypatch):
    monkeypatch.setenv("WEBHOOK_SECRET", "none")
    event = delivery(PUSH)
    del event["headers"]["x-hub-signature-256"]

    assert answered(event) == (401, {})


@pytest.mark.parametrize("wrong", ["sha256=", "sha1=0", "é", "\ud800", signature(b"")])
def test_what_is_no_signature_of_the_body_is_refused(listener, wrong):
    event = delivery(PUSH)
    event["headers"]["x-hub-signature-256"] = wrong

    assert answered(event) == (401, {})


def test_a_body_that_was_changed_is_refused(listener):
    event = delivery(PUSH)
    event["body"] += " "

    assert answered(event) == (401, {})


def test_a_body_that_is_no_base64_is_refused(listener):
    assert answered({**delivery(PUSH), "isBase64Encoded": True, "body": "a"}) == (401, {})


@given(st.binary())
def test_a_body_in_base64_is_the_body_as_it_was_signed(body):
    event = {"headers": {}, "body": base64.b64encode(body).decode(), "isBase64Encoded": True}

    assert request_of(event).body == body


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_a_body_in_text_is_the_body_as_it_was_signed(text):
    assert request_of({"headers": None, "body": text}).body == text.encode()


def test_an_event_from_outside_that_looks_like_the_work_is_not_taken_for_it(listener):
    assert answered({**delivery(PUSH, secret="another"), "ship": SHIP}) == (401, {})


def test_an_empty_secret_signs_nothing(listener):
    listener.client("secretsmanager").put_secret_value(SecretId="webhook", SecretString=" ")

    with pytest.raises(SettingsError, match="The secret webhook is empty"):
        handler(delivery(PUSH, secret=""), None)


def test_a_secret_that_cannot_be_read_is_an_error_that_the_log_tells(listener, monkeypatch, capsys):
    monkeypatch.setenv("WEBHOOK_SECRET", "none")
    answer = answered(delivery(PUSH))

    assert answer == (500, {"failed": "The function's log says why."})
    assert lines(capsys)[0]["reason"].startswith("ResourceNotFoundException: ")


@pytest.mark.parametrize("name", ["/shop/webhook", "arn"])
def test_the_secret_may_be_a_parameter(listener, monkeypatch, name):
    listener.client("ssm").put_parameter(Name="/shop/webhook", Value="parametric", Type="SecureString")
    arn = f"arn:aws:ssm:us-east-1:{listener.account}:parameter/shop/webhook"
    monkeypatch.setenv("WEBHOOK_SECRET", arn if name == "arn" else name)

    assert answered(delivery({}, "ping", secret="parametric"))[0] == 200


def test_the_secret_may_be_named_by_an_arn_of_another_region(listener, monkeypatch):
    made = listener.client("secretsmanager", "eu-west-1").create_secret(Name="far", SecretString="far")
    monkeypatch.setenv("WEBHOOK_SECRET", made["ARN"])

    assert answered(delivery({}, "ping", secret="far"))[0] == 200


def rotate(listener):
    handler(delivery({}, "ping"), None)
    listener.client("secretsmanager").put_secret_value(SecretId="webhook", SecretString="rotated")


def test_the_secret_is_kept_for_a_while(listener):
    rotate(listener)

    assert answered(delivery({}, "ping"))[0] == 200


def test_wrong_signatures_do_not_make_the_secret_be_read_at_once(listener):
    rotate(listener)

    assert answered(delivery({}, "ping", secret="rotated"))[0] == 401


def test_a_secret_that_was_rotated_is_read_after_a_minute(listener):
    rotate(listener)
    github_listener._SECRETS["webhook"] = (time.time() - 61, SECRET)

    assert answered(delivery({}, "ping", secret="rotated"))[0] == 200


def test_a_secret_is_not_believed_for_more_than_five_minutes(listener):
    rotate(listener)
    github_listener._SECRETS["webhook"] = (time.time() - 301, SECRET)

    assert answered(delivery({}, "ping"))[0] == 401


# What is shipped for it


def test_a_push_is_accepted(recorder):
    assert answered(delivery(PUSH), recorder) == (202, {"accepted": ["shop"]})


def test_a_push_makes_the_function_call_itself(listener, recorder):
    handler(delivery(PUSH), recorder)

    assert heard(listener) == {"ship": SHIP}


def test_without_a_context_the_function_is_known_by_its_name(listener, recorder, monkeypatch):
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "listener")
    handler(delivery(PUSH), None)

    assert heard(listener) == {"ship": SHIP}


def test_nothing_is_shipped_before_github_is_answered(recorder, github):
    handler(delivery(PUSH), recorder)

    assert github.asked == []


def test_an_annotated_tag_ships_its_commit_and_not_itself(listener, recorder):
    handler(delivery({**PUSH, "ref": "refs/tags/v1", "after": "a" * 40}), recorder)

    assert heard(listener, "shop-tags")["ship"]["sha"] == SHA


def test_a_release_leaves_its_commit_to_the_work(listener, recorder):
    handler(delivery(RELEASE, "release"), recorder)

    assert heard(listener) == {"ship": {**SHIP, "sha": "", "ref": "refs/tags/v1", "before": "", "after": ""}}


def test_a_form_is_read_as_json_is(recorder):
    body = urlencode({"payload": json.dumps(PUSH)}).encode()

    assert answered(delivery(body, kind="application/x-www-form-urlencoded"), recorder)[0] == 202


def test_api_gateways_older_payload_is_read_with_headers_in_any_case(recorder):
    body = json.dumps(PUSH).encode()
    event = {"httpMethod": "POST", "headers": headers_of(body), "body": body.decode(), "requestContext": {}}

    assert answered(event, recorder)[0] == 202


def test_a_body_in_base64_is_read(recorder):
    event = delivery(PUSH)
    event |= {"body": base64.b64encode(event["body"].encode()).decode(), "isBase64Encoded": True}

    assert answered(event, recorder)[0] == 202


def test_a_rules_repository_is_the_same_in_any_case(recorder, monkeypatch):
    monkeypatch.setenv("RULES", json.dumps([{**RULES[0], "repository": "ACME/shop"}]))

    assert answered(delivery(PUSH), recorder)[0] == 202


@pytest.mark.parametrize(
    ("payload", "event", "applications"),
    [({**PUSH, "ref": "refs/tags/v1"}, "push", ["shop-tags"]), (RELEASE, "release", ["shop"])],
)
def test_a_rule_is_for_its_own_event_alone(listener, payload, event, applications):
    ships = shipments(request_of(delivery(payload, event)), settings_of(environ).rules)

    assert [ship.application for ship in ships] == applications


def heard_of(action, prerelease, **rule):
    """Whether a release's event ships, under a rule for releases."""
    release = {"tag_name": "v1", "prerelease": prerelease}
    rules = parse_rules(json.dumps([{**RULES[2], **rule}]))
    event = delivery({**RELEASE, "action": action, "release": release}, "release")
    return not isinstance(shipments(request_of(event), rules), str)


@pytest.mark.parametrize(
    ("action", "prerelease", "full", "early"),
    [
        # A full release comes as these two, in any order.
        ("published", False, True, True),
        ("released", False, True, False),
        # A pre-release comes as these two, or as the first alone, where it was a draft.
        ("published", True, False, True),
        ("prereleased", True, False, False),
        ("released", True, False, False),
        ("created", False, False, False),
        ("edited", False, False, False),
    ],
)
def test_a_prerelease_is_shipped_once_it_is_full_or_once_it_is_published_if_told(action, prerelease, full, early):
    assert (heard_of(action, prerelease), heard_of(action, prerelease, prereleases=True)) == (full, early)


def test_a_prerelease_is_ignored_with_a_reason(listener):
    payload = {**RELEASE, "release": {"tag_name": "v1", "prerelease": True}}

    assert answered(delivery(payload, "release")) == (
        200,
        {"ignored": "no rule takes a pre-release, or the promotion of one that it took"},
    )


def test_a_prerelease_that_is_neither_is_a_bad_request(listener):
    payload = {**RELEASE, "release": {"tag_name": "v1", "prerelease": "false"}}

    assert answered(delivery(payload, "release"))[0] == 400


def test_the_second_event_of_a_release_uploads_nothing(shop, github, capsys):
    github.refs |= {"tags/v1": "b" * 40, "b" * 40: "b" * 40}
    for action in ("published", "released"):
        payload = {**RELEASE, "action": action, "release": {"tag_name": "v1", "prerelease": False}}
        (ship,) = shipments(request_of(delivery(payload, "release")), settings_of(environ).rules)
        handler({"ship": asdict(ship)}, None)

    assert [line["uploaded"] for line in lines(capsys)] == [sorted(REGIONS), []]


MONOREPO = {f"services/{name}/{file}": content for name in ("api", "web") for file, content in FILES.items()}


def test_a_rules_folder_is_shipped_alone_under_a_key_of_its_own(shop, github, monkeypatch):
    monkeypatch.setenv("COMMIT_STATUSES", "true")
    github.archive = tarball(MONOREPO)
    for name in ("api", "web"):
        handler({"ship": {**SHIP, "folder": f"services/{name}"}}, None)

    client = shop.client("s3", "eu-west-1")
    found = [one["Key"] for one in client.list_objects_v2(Bucket="shop-eu-west-1", Prefix=f"shop/{SHA}")["Contents"]]
    content = io.BytesIO(client.get_object(Bucket="shop-eu-west-1", Key=found[0])["Body"].read())
    contexts = {one["context"] for one in github.statuses if "us-east-1" in one["context"]}
    assert (found, set(zipfile.ZipFile(content).namelist()), contexts) == (
        [f"shop/{SHA}/services/api.zip", f"shop/{SHA}/services/web.zip"],
        set(FILES),
        {"auditor/us-east-1/services/api", "auditor/us-east-1/services/web"},
    )


def test_the_folder_of_a_rule_goes_with_the_work(recorder, listener, monkeypatch):
    monkeypatch.setenv("RULES", json.dumps([{**RULES[0], "folder": "services/web"}]))
    handler(delivery(PUSH), recorder)

    assert heard(listener) == {"ship": {**SHIP, "folder": "services/web"}}


def test_a_repository_without_an_appspec_at_its_top_is_refused_with_the_folders_that_have_one(shop, github):
    github.archive = tarball(MONOREPO)

    assert "there is one in 'services/api', 'services/web'" in handler({"ship": SHIP}, None)["refused"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"prerelease": True}, "unknown key 'prerelease' (did you mean prereleases?)"),
        ({"prereleases": "true", "event": "release"}, "'prereleases' is not true or false, without quotation marks"),
        ({"prereleases": True}, "'prereleases' is for the event 'release' alone"),
        ({"path": "services/web"}, "unknown key 'path'"),
        ({"folder": "../web"}, "'folder' leads upwards; write it from the repository's top, as services/web"),
        ({"folder": "/web"}, "'folder' is absolute"),
        ({"folder": "web/"}, "'folder' has a part that is empty"),
        ({"folder": None}, "'folder' is no text"),
        ({"event": "published"}, "'event' is not push or release"),
    ],
)
def test_a_rule_that_cannot_be_followed_is_named_with_its_number(change, why):
    usable = {"WEBHOOK_SECRET": "webhook", "BUCKETS": json.dumps(BUCKETS)}

    with pytest.raises(SettingsError) as caught:
        settings_of({**usable, "RULES": json.dumps([RULES[0], {**RULES[1], **change}])})
    assert f"(RULES/1: {why}" in str(caught.value)


def test_one_application_has_one_folder_of_a_repository():
    rules = [{**RULES[0], "folder": folder} for folder in ("services/api", "services/web")]

    with pytest.raises(ValueError, match=r"^RULES/1: the application shop would get two folders of a repository$"):
        parse_rules(json.dumps(rules))


def test_a_repositorys_name_is_the_same_in_any_case(recorder):
    assert answered(delivery({**PUSH, "repository": {"full_name": "Acme/Shop"}}), recorder)[0] == 202


def test_a_push_is_shipped_as_every_application_that_a_rule_names(recorder, monkeypatch):
    monkeypatch.setenv("RULES", json.dumps([{**RULES[0], "application": name} for name in ("till", "shop", "till")]))

    assert answered(delivery(PUSH), recorder) == (202, {"accepted": ["shop", "till"]})


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"ref": "refs/heads/next"}, "no rule is for this ref and event"),
        ({"ref": "refs/heads/main2"}, "no rule is for this ref and event"),
        ({"repository": {"full_name": "acme/other"}}, "no rule is for this repository"),
        ({"deleted": True, "head_commit": None}, "the ref was deleted"),
        ({"after": "0" * 40, "head_commit": None}, "the ref was deleted"),
    ],
)
def test_a_push_of_something_else_is_ignored_with_a_reason(listener, change, why):
    assert answered(delivery({**PUSH, **change})) == (200, {"ignored": why})


@pytest.mark.parametrize(
    ("event", "payload", "why"),
    [
        ("issues", PUSH, "only push and release are heard"),
        ("release", {**RELEASE, "action": "created"}, "only a published release is shipped"),
        ("release", {**RELEASE, "action": {}}, "only a published release is shipped"),
        ("release", {**RELEASE, "release": {"tag_name": "2"}}, "no rule is for this ref and event"),
    ],
)
def test_another_event_is_ignored_with_a_reason(listener, event, payload, why):
    assert answered(delivery(payload, event)) == (200, {"ignored": why})


@pytest.mark.parametrize("body", [b"", b"no", b"[]", b'"push"', b"[" * 100_000, b"payload={}"])
def test_a_body_that_is_no_json_object_is_a_bad_request(listener, body):
    assert answered(delivery(body)) == (400, {"refused": "The body is no JSON object."})


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"after": None}, "There is no after."),
        ({"ref": 1}, "There is no ref."),
        ({"repository": []}, "There is no repository.full_name."),
        ({"head_commit": {"id": "../x"}}, "The commit is no SHA."),
    ],
)
def test_a_push_that_github_would_not_send_is_a_bad_request(listener, change, why):
    assert answered(delivery({**PUSH, **change})) == (400, {"refused": why})


def test_a_call_of_itself_that_fails_is_an_error_for_github_to_show(listener, monkeypatch):
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "none")

    assert answered(delivery(PUSH)) == (500, {"failed": "The function's log says why."})


@pytest.mark.parametrize(
    "change",
    [
        {"WEBHOOK_SECRET": ""}, {"RULES": ""}, {"RULES": "[1]"}, {"RULES": '[{"repository": "acme/shop"}]'},
        {"BUCKETS": "{}"}, {"BUCKETS": "[]"}, {"MAX_BYTES": "many"},
        {"RULES": json.dumps([{**RULES[0], "application": "../shop"}])},
        {"RULES": json.dumps([{**RULES[0], "application": ".."}])},
        {"RULES": json.dumps([{**RULES[0], "event": "issues"}])},
        {"RULES": json.dumps([{**RULES[0], "repository": "shop"}])},
        {"RULES": json.dumps([{**RULES[0], "ref": 1}])},
    ],
)  # fmt: skip
def test_an_environment_that_says_nothing_usable_is_refused(change):
    usable = {"WEBHOOK_SECRET": "webhook", "RULES": json.dumps(RULES), "BUCKETS": json.dumps(BUCKETS)}

    with pytest.raises(SettingsError, match="is missing or not as it should be"):
        settings_of({**usable, **change})


# The work


def test_the_same_bytes_are_in_every_region(shop):
    answer = handler({"ship": SHIP}, None)

    found = shipped(shop)
    assert (answer, sorted(found), len(set(found.values()))) == ({"shipped": sorted(REGIONS)}, sorted(REGIONS), 1)


def test_the_artifact_has_the_tree_at_its_top(shop):
    handler({"ship": SHIP}, None)

    with zipfile.ZipFile(io.BytesIO(shipped(shop)["eu-west-1"])) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == FILES


def test_the_object_tells_where_it_is_from(shop):
    handler({"ship": {**SHIP, "ref": "refs/heads/größe"}}, None)

    told = shop.client("s3").head_object(Bucket="shop-us-east-1", Key=f"shop/{SHA}.zip")["Metadata"]
    assert told == {
        "commit": SHA,
        "ref": "refs/heads/gr%C3%B6%C3%9Fe",
        "sha256": hashlib.sha256(shipped(shop)["us-east-1"]).hexdigest(),
        "shipped-by": "github-listener",
        "push-order": str(newest(shop)["number"]),
    }


def test_a_release_is_shipped_as_the_commit_of_its_tag(shop, github):
    github.refs |= {"tags/v1": "b" * 40, "b" * 40: "b" * 40}
    handler({"ship": {**SHIP, "sha": "", "ref": "refs/tags/v1"}}, None)

    assert sorted(shipped(shop, f"shop/{'b' * 40}.zip")) == sorted(REGIONS)


def test_a_redelivery_uploads_nothing(shop, capsys):
    handler({"ship": SHIP}, None)
    handler({"ship": SHIP}, None)

    told = [line["uploaded"] for line in lines(capsys)]
    assert told == [sorted(REGIONS), []]


def test_other_bytes_under_the_key_are_left_as_they_are(shop):
    shop.client("s3").put_object(Bucket="shop-us-east-1", Key=f"shop/{SHA}.zip", Body=b"other")
    failure(DeployError)

    assert shipped(shop)["us-east-1"] == b"other"


def without_a_bucket(shop):
    shop.client("s3", "eu-west-1").delete_bucket(Bucket="shop-eu-west-1")


def test_a_region_that_fails_fails_the_work_and_is_named(shop):
    without_a_bucket(shop)
    told = failure(DeployError)

    assert f"acme/shop@{SHA} was not uploaded to 1 of 3 regions (eu-west-1: NoSuchBucket" in told


def test_a_region_that_fails_keeps_no_other_from_its_artifact(shop, monkeypatch):
    monkeypatch.setenv("BUCKETS", json.dumps({**BUCKETS, "eu-west-1": "not-there"}))
    failure(DeployError)

    assert sorted(shipped(shop)) == ["ap-southeast-2", "us-east-1"]


def test_a_second_try_ships_to_the_region_that_failed_alone(shop, monkeypatch, capsys):
    monkeypatch.setenv("BUCKETS", json.dumps({**BUCKETS, "eu-west-1": "not-there"}))
    failure(DeployError)
    monkeypatch.setenv("BUCKETS", json.dumps(BUCKETS))
    handler({"ship": SHIP}, None)

    assert lines(capsys)[-1]["uploaded"] == ["eu-west-1"]


def test_an_archive_that_never_comes_whole_ships_nothing(shop, github):
    github.halves = 3

    assert "did not answer whole (IncompleteRead)" in failure(GitHubError)
    assert shipped(shop) == {}


def test_an_archive_that_breaks_off_once_is_shipped(shop, github):
    github.halves = 1
    handler({"ship": SHIP}, None)

    assert sorted(shipped(shop)) == sorted(REGIONS)


def test_an_archive_that_is_not_safe_is_shipped_nowhere(shop, github):
    github.archive = tarball({**FILES, "../out": b""})

    assert "Nothing was packed or uploaded." in failure(ArtifactError)
    assert shipped(shop) == {}


SERVER = b"version: 0.0\nos: linux\n"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"4d" * 32 + b"\nsize 12345\n"
UNDEPLOYABLE = {
    "no AppSpec": ({"index.html": b""}, "The artifact has no appspec.yml"),
    "no YAML": ({"appspec.yml": b"\tnot: [yaml"}, "appspec.yml:1: it is not YAML"),
    "a script that is missing": (
        {"appspec.yml": SERVER + b"hooks: {AfterInstall: [{location: gone.sh}]}\n"}, "the path of a file",
    ),
    "a name that the agent looks for nowhere": ({"appspec.yaml": SERVER}, "looks for appspec.yml only"),
    "a pointer in place of a file": (
        {"appspec.yml": SERVER + b"files: [{source: /, destination: /srv}]\n", "model.bin": POINTER},
        "1 file ('model.bin') is a pointer of Git LFS",
    ),
    "JSON for servers": ({"appspec.json": b'{"version": 0.0, "os": "linux"}'}, "reads YAML only"),
}  # fmt: skip


@pytest.mark.parametrize(("files", "why"), UNDEPLOYABLE.values(), ids=UNDEPLOYABLE)
def test_what_the_agent_would_refuse_is_shipped_nowhere_and_not_tried_again(shop, github, files, why):
    github.archive = tarball(files)

    assert why in handler({"ship": SHIP}, None)["refused"]
    assert shipped(shop) == {}


UNFIT = {
    "no such folder": (MONOREPO, "services/wbe", "there is no folder 'services/wbe' in it. Nearest: services/web"),
    "a file": (MONOREPO, "services/web/appspec.yml", "'services/web/appspec.yml' in it is a file, and no folder"),
    "nothing in it": ({}, "", "it holds no file"),
}


@pytest.mark.parametrize(("files", "folder", "why"), UNFIT.values(), ids=UNFIT)
def test_a_folder_that_a_commit_does_not_have_is_refused_once_and_github_is_told(
    shop, github, monkeypatch, files, folder, why
):
    monkeypatch.setenv("COMMIT_STATUSES", "true")
    github.archive = tarball(files)

    assert handler({"ship": {**SHIP, "folder": folder}}, None)["refused"].startswith(why)
    states = {(one["state"], one["description"][: len(f"not uploaded: {why}")]) for one in github.statuses[3:]}
    assert (states, shipped(shop)) == ({("error", f"not uploaded: {why}")}, {})


def test_github_is_told_why_a_commit_cannot_be_deployed(shop, github, monkeypatch):
    monkeypatch.setenv("COMMIT_STATUSES", "true")
    github.archive = tarball({"appspec.yml": SERVER + b"files: [{source: gone, destination: /srv}]\n"})
    handler({"ship": SHIP}, None)

    assert {(one["state"], one["description"]) for one in github.statuses[len(REGIONS) :]} == {
        (
            "error",
            (
                "not uploaded: appspec.yml:3: files/0/source: expected the path of a file or folder of the artifact, "
                "found 'gone'."
            ),
        )
    }


def test_what_the_agent_ignores_is_logged(shop, github, capsys):
    github.archive = tarball({"appspec.yml": SERVER + b"metadata: {team: shop}\n"})
    handler({"ship": SHIP}, None)

    assert [one["reason"] for one in lines(capsys) if one["outcome"] == "warning"] == [
        "appspec.yml:3: metadata: the agent ignores it."
    ]


def test_what_a_commit_lacks_or_holds_unmeant_is_logged(shop, github, capsys):
    modules = b'[submodule "lib"]\n\tpath = lib\n'
    github.archive = tarball({**FILES, ".gitmodules": modules, ".env": b"", "model.bin": POINTER})
    handler({"ship": SHIP}, None)

    warnings = [one["reason"].split(",")[0].split(" (")[0] for one in lines(capsys) if one["outcome"] == "warning"]
    assert warnings == [".env is in the artifact", "1 file", "1 submodule"]


@pytest.mark.parametrize(
    ("name", "most", "kind"),
    [("MAX_BYTES", "20", ArtifactError), ("MAX_ENTRIES", "1", ArtifactError), ("MAX_DOWNLOAD", "20", GitHubError)],
)
def test_an_archive_above_a_limit_is_shipped_nowhere(shop, monkeypatch, name, most, kind):
    monkeypatch.setenv(name, most)
    failure(kind)

    assert shipped(shop) == {}


@pytest.fixture
def token(shop, github, monkeypatch):
    shop.client("secretsmanager").create_secret(Name="token", SecretString=f"{TOKEN}\n")
    monkeypatch.setenv("GITHUB_TOKEN", "token")
    github.token = TOKEN


def test_a_private_repository_is_read_with_the_token(shop, token):
    handler({"ship": SHIP}, None)

    assert sorted(shipped(shop)) == sorted(REGIONS)


def test_no_secret_is_in_the_log_or_in_an_error(shop, token, github, capsys):
    handler(delivery({}, "ping"), None)
    github.errors = [401]
    told = failure(GitHubError) + capsys.readouterr().out

    assert [secret for secret in (TOKEN, SECRET) if secret in told] == []


def test_each_region_has_a_status_if_told(shop, github, monkeypatch):
    monkeypatch.setenv("COMMIT_STATUSES", "true")
    monkeypatch.setenv("BUCKETS", json.dumps({"us-east-1": BUCKETS["us-east-1"], "eu-west-1": "not-there"}))
    failure(DeployError)

    assert [(one["context"], one["state"], one["description"]) for one in github.statuses] == [
        ("auditor/us-east-1", "pending", "on its way"),
        ("auditor/eu-west-1", "pending", "on its way"),
        ("auditor/us-east-1", "success", "uploaded"),
        ("auditor/eu-west-1", "failure", "not uploaded (NoSuchBucket)"),
    ]


def test_no_status_is_given_untold(shop, github):
    handler({"ship": SHIP}, None)

    assert github.statuses == []


def test_an_artifact_that_cannot_be_made_is_an_error_of_every_region(shop, github, monkeypatch):
    monkeypatch.setenv("COMMIT_STATUSES", "true")
    github.archive = b"no archive"
    failure(ArtifactError)

    assert [one["state"] for one in github.statuses] == ["pending"] * 3 + ["error"] * 3


def test_a_status_that_github_refuses_ends_no_shipment(shop, github, monkeypatch, capsys):
    monkeypatch.setenv("COMMIT_STATUSES", "true")
    github.errors = [403]
    handler({"ship": SHIP}, None)

    assert [line["outcome"] for line in lines(capsys)] == ["no status", "shipped"]


def test_every_line_of_the_log_says_whose_it_is(shop, capsys):
    handler({"ship": SHIP}, None)

    assert lines(capsys) == [
        {**NAMED, "outcome": "shipped", "regions": sorted(REGIONS), "uploaded": sorted(REGIONS)},
    ]


# Deployed


def test_a_signed_push_to_the_deployed_functions_url_is_in_every_region(shop, github, tmp_path):
    bundle(tmp_path / "listener.zip")
    create(shop, (tmp_path / "listener.zip").read_bytes(), HANDLER, environment(github))
    made = shop.client("lambda").create_function_url_config(FunctionName="listener", AuthType="NONE")
    url = made["FunctionUrl"].removeprefix("https://").partition(".")[0]
    body = json.dumps(PUSH).encode()
    place = f"{shop.environment['AWS_ENDPOINT_URL']}/_aws/lambda-url/{url}/"
    with urllib.request.urlopen(urllib.request.Request(place, body, headers_of(body)), timeout=60) as answer:
        code = answer.status

    found = {body_of(shop.client("s3", region), Bucket=BUCKETS[region], Key=f"shop/{SHA}.zip") for region in REGIONS}
    assert (code, len(found)) == (202, 1)
