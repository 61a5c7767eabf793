"""The trigger: what arrives is deployed once, whatever brings the event; what cannot be deployed yet comes again."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections import Counter
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import quote_plus

import pytest
from botocore.exceptions import ClientError
from deploy.denying import denying
from hypothesis import given, strategies as st

from auditor.deploy.functions import codedeploy_trigger
from auditor.deploy.functions.codedeploy_trigger import Arrived, Rule, arrived, handler, rules_of
from auditor.sandbox.seed import zipped
from bench.quiet_server import serving
from shipping import until, waits_to_be_continued

ROLE = "arn:aws:iam::123456789012:role/shop"
TIME = "2026-03-01T12:00:00.000Z"
RULES = [{"key": "shop/*", "application": "shop", "groups": ["web"]}]
KEY = "shop/1f2e.zip"


# -- events, as AWS sends them


def s3_record(key=KEY, bucket="artifacts", version="v1", etag="0" * 32, time=TIME, name="ObjectCreated:Put"):
    about = {"key": quote_plus(key, safe="/"), "size": 3, "eTag": etag, "versionId": version, "sequencer": "0055"}
    bucket = {"name": bucket, "ownerIdentity": {"principalId": "A"}, "arn": f"arn:aws:s3:::{bucket}"}
    about = {name: value for name, value in about.items() if value is not None}
    s3 = {"s3SchemaVersion": "1.0", "configurationId": "trigger", "bucket": bucket, "object": about}
    return {
        "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "us-east-1", "eventTime": time,
        "eventName": name, "s3": s3,
    }  # fmt: skip


def s3_event(*records):
    return {"Records": [*records]}


def eventbridge_event(key=KEY, bucket="artifacts", version="v1", etag="0" * 32, time=TIME, name="Object Created"):
    about = {"key": key, "size": 3, "etag": etag, "version-id": version, "sequencer": "0055"}
    detail = {"version": "0", "bucket": {"name": bucket}, "object": about, "reason": "PutObject"}
    return {
        "version": "0", "id": "17793124", "detail-type": name, "source": "aws.s3", "account": "123456789012",
        "time": time, "region": "us-east-1", "resources": [f"arn:aws:s3:::{bucket}"], "detail": detail,
    }  # fmt: skip


def in_sns(event):
    sns = {"Type": "Notification", "MessageId": "m", "TopicArn": "arn:aws:sns:us-east-1:123456789012:t"}
    return {"Records": [{"EventSource": "aws:sns", "Sns": {**sns, "Message": json.dumps(event)}}]}


def in_sqs(*events):
    return {
        "Records": [
            {"messageId": f"message-{number}", "eventSource": "aws:sqs", "body": json.dumps(event)}
            for number, event in enumerate(events, 1)
        ]
    }


def through_sns(event):
    """What a queue that is subscribed to a topic gets."""
    return {"Type": "Notification", "MessageId": "m", "Message": json.dumps(event)}


TEST_EVENT = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Time": TIME, "Bucket": "artifacts"}


# -- what an event tells of


@pytest.mark.parametrize(
    "event",
    [
        s3_event(s3_record()),
        in_sns(s3_event(s3_record())),
        through_sns(s3_event(s3_record())),
        eventbridge_event(),
        through_sns(eventbridge_event()),
    ],
)
def test_an_object_is_told_of_however_its_event_is_wrapped(event):
    assert [*arrived(event)] == [Arrived("artifacts", KEY, "v1", "0" * 32, TIME)]


@given(st.text(min_size=1))
def test_a_key_is_decoded_from_s3s_notification_and_taken_as_it_is_from_eventbridge(key):
    events = (s3_event(s3_record(key)), eventbridge_event(key))

    assert [one.key for event in events for one in arrived(event)] == [key, key]


def test_a_plus_in_a_notifications_key_is_a_space():
    record = s3_record()
    record["s3"]["object"]["key"] = "shop/a+b%2Bc%C3%A9.zip"

    assert [one.key for one in arrived(s3_event(record))] == ["shop/a b+cé.zip"]


def test_several_records_are_several_objects():
    event = s3_event(s3_record("shop/1.zip"), s3_record("shop/2.zip"))

    assert [one.key for one in arrived(event)] == ["shop/1.zip", "shop/2.zip"]


@pytest.mark.parametrize("version", [None, "null"])
def test_without_versions_there_is_none(version):
    assert [one.version for one in arrived(s3_event(s3_record(version=version)))] == [""]


@pytest.mark.parametrize(
    "event",
    [
        TEST_EVENT,
        through_sns(TEST_EVENT),
        s3_event(s3_record(name="ObjectRemoved:Delete")),
        s3_event(s3_record(name="ObjectTagging:Put")),
        eventbridge_event(name="Object Deleted"),
    ],
)
def test_what_creates_no_object_tells_of_none(event):
    assert [*arrived(event)] == []


@pytest.mark.parametrize("name", ["Put", "Post", "Copy", "CompleteMultipartUpload"])
def test_an_object_is_created_in_each_of_s3s_ways(name):
    assert len([*arrived(s3_event(s3_record(name=f"ObjectCreated:{name}")))]) == 1


@pytest.mark.parametrize("event", [{}, {"Records": []}, {"source": "aws.ec2"}])
def test_what_is_no_event_of_s3s_is_refused(event):
    with pytest.raises(ValueError, match=r"neither Records nor an event of aws\.s3"):
        list(arrived(event))


# -- rules


def test_rules_are_read_from_json():
    assert rules_of(json.dumps(RULES)) == (Rule("shop/*", "shop", ("web",)),)


@pytest.mark.parametrize(
    "text",
    ["", "{", "1", "[]", "{}", '[{"key": "*"}]', '["shop"]', '[{"key": "*", "application": "a", "groups": "web"}]',
     '[{"key": "*", "application": "a", "groups": []}]'],
)  # fmt: skip
def test_rules_that_cannot_be_used_are_refused(text):
    with pytest.raises(ValueError, match="RULES of the function's environment cannot be used"):
        rules_of(text)


# -- the trigger in a region


class Region:
    """A region with a bucket that keeps versions, the application `shop`, and its groups `web` and `api`."""

    def __init__(self, aws):
        self.aws, self.s3, self.codedeploy = aws, aws.client("s3"), aws.client("codedeploy")
        self.bucket = f"artifacts-{aws.account}"
        self.s3.create_bucket(Bucket=self.bucket)
        self.versions("Enabled")
        self.codedeploy.create_application(applicationName="shop", computePlatform="Server")
        for group in ("web", "api"):
            self.codedeploy.create_deployment_group(
                applicationName="shop", deploymentGroupName=group, serviceRoleArn=ROLE
            )

    @staticmethod
    def now():
        """As a push's order has it."""
        return int(datetime.now(UTC).timestamp() * 1000)

    def versions(self, status):
        self.s3.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": status})

    def put(self, key=KEY, body=b"an artifact", **metadata):
        """The members of an event about the object that is put."""
        named = {name.replace("_", "-"): value for name, value in metadata.items()}
        made = self.s3.put_object(Bucket=self.bucket, Key=key, Body=body, Metadata=named)
        return self.about(key, made.get("VersionId"), made["ETag"].strip('"'))

    def about(self, key=KEY, version=None, etag="0" * 32, after=timedelta()):
        at = (datetime.now(UTC) + after).isoformat()
        return {"key": key, "bucket": self.bucket, "version": version, "etag": etag, "time": at}

    def ids(self, group="web"):
        """Last one first. To list them moves none on."""
        made = self.codedeploy.list_deployments(applicationName="shop", deploymentGroupName=group)
        return made["deployments"]

    def deployments(self, group="web"):
        return [self.codedeploy.get_deployment(deploymentId=id_)["deploymentInfo"] for id_ in self.ids(group)]

    def keys(self, group="web"):
        return [one["revision"]["s3Location"]["key"] for one in self.deployments(group)]

    def end(self, group="web"):
        """See all of the group's deployments to their end."""
        while any(one["status"] in ("Created", "InProgress") for one in self.deployments(group)):
            pass

    def occupied(self, group="web"):
        """A deployment of something else that runs in the group."""
        revision = {"revisionType": "GitHub", "gitHubLocation": {"repository": "octo/shop", "commitId": "1f2e"}}
        made = self.codedeploy.create_deployment(applicationName="shop", deploymentGroupName=group, revision=revision)
        return made["deploymentId"]


@pytest.fixture
def region(aws, monkeypatch):
    monkeypatch.setenv("RULES", json.dumps(RULES))
    return Region(aws)


def rules(monkeypatch, *told):
    monkeypatch.setenv("RULES", json.dumps(told))


def logged(capfd):
    return [json.loads(line) for line in capfd.readouterr().out.splitlines()]


WRAPPED = {
    "S3": lambda about: s3_event(s3_record(**about)),
    "S3 in SNS": lambda about: in_sns(s3_event(s3_record(**about))),
    "S3 in SQS": lambda about: in_sqs(s3_event(s3_record(**about))),
    "S3 in SNS in SQS": lambda about: in_sqs(through_sns(s3_event(s3_record(**about)))),
    "EventBridge": lambda about: eventbridge_event(**about),
    "EventBridge in SQS": lambda about: in_sqs(eventbridge_event(**about)),
}


@pytest.mark.parametrize("wrapped", WRAPPED.values(), ids=WRAPPED.keys())
def test_what_arrives_is_deployed_with_its_version_and_etag(region, wrapped):
    about = region.put()

    handler(wrapped(about), None)

    assert [one["revision"] for one in region.deployments()] == [
        {
            "revisionType": "S3",
            "s3Location": {
                "bucket": region.bucket,
                "key": KEY,
                "bundleType": "zip",
                "version": about["version"],
                "eTag": about["etag"],
            },
        }
    ]


def test_a_deployment_says_who_made_it_and_of_what_and_how_new_that_is(region):
    handler(s3_event(s3_record(**region.put(push_order="1790000000123"))), None)

    assert [one["description"] for one in region.deployments()] == [f"auditor codedeploy-trigger 1790000000123 {KEY}"]


def test_without_an_order_an_object_is_as_new_as_its_event(region):
    handler(s3_event(s3_record(**{**region.put(), "time": "2026-11-29T12:00:00.123Z"})), None)

    assert [one["description"] for one in region.deployments()] == [f"auditor codedeploy-trigger 1795953600123 {KEY}"]


def test_what_was_deployed_is_in_no_batch_of_failures(region):
    assert handler(in_sqs(s3_event(s3_record(**region.put()))), None) == {"batchItemFailures": []}


@pytest.mark.parametrize(
    ("key", "bundle"),
    [("shop/a.zip", "zip"), ("shop/a.tgz", "tgz"), ("shop/a.tar.gz", "tgz"), ("shop/a.tar", "tar")],
)
def test_a_bundles_type_is_told_by_its_key(region, key, bundle):
    handler(s3_event(s3_record(**region.put(key))), None)

    assert [one["revision"]["s3Location"]["bundleType"] for one in region.deployments()] == [bundle]


def test_a_key_with_spaces_and_signs_is_deployed(region):
    handler(s3_event(s3_record(**region.put("shop/a b+c%20é.zip"))), None)

    assert region.keys() == ["shop/a b+c%20é.zip"]


def test_all_records_of_an_event_are_deployed(region, monkeypatch):
    rules(
        monkeypatch,
        {"key": "shop/*", "application": "shop", "groups": ["web"]},
        {"key": "api/*", "application": "shop", "groups": ["api"]},
    )
    records = [s3_record(**region.put(key)) for key in ("shop/1.zip", "api/1.zip")]

    handler(s3_event(*records), None)

    assert (region.keys("web"), region.keys("api")) == (["shop/1.zip"], ["api/1.zip"])


def test_the_first_rule_that_fits_a_key_holds(region, monkeypatch):
    rules(
        monkeypatch,
        {"key": "shop/*.zip", "application": "shop", "groups": ["web"]},
        {"key": "*", "application": "shop", "groups": ["api"]},
    )

    handler(s3_event(s3_record(**region.put())), None)

    assert (region.keys("web"), region.keys("api")) == ([KEY], [])


def test_a_rule_may_name_several_groups(region, monkeypatch):
    rules(monkeypatch, {"key": "*", "application": "shop", "groups": ["web", "api"]})

    handler(s3_event(s3_record(**region.put())), None)

    assert (region.keys("web"), region.keys("api")) == ([KEY], [KEY])


# -- what is left alone


def ignored(region, capfd, event):
    """Why nothing was deployed."""
    capfd.readouterr()
    handler(event, None)
    assert (region.ids("web"), region.ids("api")) == ([], [])
    return [(one["outcome"], one["reason"]) for one in logged(capfd)]


def test_a_key_without_a_rule_is_ignored(region, capfd):
    event = s3_event(s3_record(**region.put("other/1.zip")))

    assert ignored(region, capfd, event) == [("ignored", "No rule is for this key.")]


def test_a_key_that_is_no_bundle_is_ignored(region, capfd):
    event = s3_event(s3_record(**region.put("shop/notes.txt")))

    assert ignored(region, capfd, event) == [
        ("ignored", "CodeDeploy takes no bundle of this name; it takes .zip, .tgz, .tar.gz, .tar.")
    ]


def test_what_the_command_ships_is_left_to_it(region, capfd):
    event = s3_event(s3_record(**region.put(shipped_by="auditor-deploy")))

    assert ignored(region, capfd, event) == [
        ("ignored", "'auditor deploy' ships it, and starts its deployments itself.")
    ]


def test_what_the_listener_ships_is_deployed(region):
    handler(s3_event(s3_record(**region.put(shipped_by="github-listener"))), None)

    assert region.keys() == [KEY]


def test_whose_version_it_was_is_told_by_that_version(region, capfd):
    about = region.put(shipped_by="auditor-deploy")
    region.put(body=b"another", shipped_by="github-listener")

    assert [outcome for outcome, _ in ignored(region, capfd, s3_event(s3_record(**about)))] == ["ignored"]


def test_a_version_that_is_gone_is_ignored(region, capfd):
    about = region.put()
    region.put(body=b"another")
    region.s3.delete_object(Bucket=region.bucket, Key=KEY, VersionId=about["version"])

    assert ignored(region, capfd, s3_event(s3_record(**about))) == [("ignored", "The object is gone.")]


def test_an_object_that_is_gone_is_ignored(region, capfd):
    assert ignored(region, capfd, s3_event(s3_record(**region.about()))) == [("ignored", "The object is gone.")]


def test_an_object_that_another_took_the_place_of_is_ignored(region, capfd):
    region.versions("Suspended")
    about = {**region.put(body=b"first"), "version": None}
    region.put(body=b"second")

    assert ignored(region, capfd, s3_event(s3_record(**about))) == [
        ("ignored", "Another object has taken its place, and has an event of its own.")
    ]


@pytest.mark.parametrize("event", [TEST_EVENT, in_sqs(TEST_EVENT), s3_event(s3_record(name="ObjectRemoved:Delete"))])
def test_what_creates_no_object_is_ignored(region, capfd, event):
    assert ignored(region, capfd, event) == [("ignored", "No object was created.")]


# -- once


def test_the_same_event_twice_starts_one_deployment(region):
    event = s3_event(s3_record(**region.put()))
    handler(event, None)
    region.end()

    handler(event, None)

    assert region.keys() == [KEY]


def test_what_was_deployed_already_is_told(region, capfd):
    event = s3_event(s3_record(**region.put()))
    handler(event, None)
    (id_,) = region.ids()
    logged(capfd)

    handler(event, None)

    assert [(one["outcome"], one["there"]) for one in logged(capfd)] == [("there", {"web": id_})]


def test_what_failed_is_not_started_again_by_the_same_event(region):
    about = region.put()
    event = s3_event(s3_record(**about))
    handler(event, None)
    region.s3.delete_object(Bucket=region.bucket, Key=KEY, VersionId=about["version"])
    region.end()
    # The object is there again, as it was, for who only looks at key and ETag.
    region.put()

    handler(event, None)

    assert [one["status"] for one in region.deployments()] == ["Failed"]


OLDER, NEWER = "shop/aaaa.zip", "shop/bbbb.zip"


@pytest.mark.parametrize("ordered", [False, True])
def test_what_is_older_is_not_deployed_over_what_is_newer(region, capfd, ordered):
    orders = [{"push_order": f"{region.now() + number:013}"} if ordered else {} for number in range(2)]
    older = in_sqs(s3_event(s3_record(**region.put(OLDER, **orders[0]))))
    newer = in_sqs(s3_event(s3_record(**region.put(NEWER, **orders[1]))))
    handler(newer, None)
    region.end()
    logged(capfd)

    answer = handler(older, None)

    told = [(one["outcome"], one["superseded"]) for one in logged(capfd)]
    assert (answer, region.keys(), told) == (
        {"batchItemFailures": []}, [NEWER], [("superseded", {"web": region.ids()[0]})]
    )  # fmt: skip


def test_the_order_of_pushes_counts_and_not_that_of_uploads(region):
    now = region.now()
    for key, order in ((NEWER, now + 1), (OLDER, now)):
        handler(s3_event(s3_record(**region.put(key, push_order=f"{order:013}"))), None)
        region.end()

    assert region.keys() == [NEWER]


@pytest.mark.parametrize("versions", ["Enabled", "Suspended"])
def test_a_commit_that_is_pushed_again_is_deployed_again(region, versions):
    region.versions(versions)
    now = region.now()
    for number, key in enumerate((OLDER, NEWER, OLDER)):
        handler(s3_event(s3_record(**region.put(key, push_order=f"{now + number:013}"))), None)
        region.end()

    assert region.keys() == [OLDER, NEWER, OLDER]


def test_what_codedeploy_rolled_back_to_is_not_what_was_deployed_last(region):
    back = {"enabled": True, "events": ["DEPLOYMENT_STOP_ON_REQUEST"]}
    region.codedeploy.update_deployment_group(
        applicationName="shop", currentDeploymentGroupName="web", autoRollbackConfiguration=back
    )
    older, newer = ({**region.put(key), "version": None} for key in (OLDER, NEWER))
    handler(s3_event(s3_record(**older)), None)
    region.end()
    waits_to_be_continued(region.codedeploy)
    handler(s3_event(s3_record(**newer)), None)
    region.codedeploy.stop_deployment(deploymentId=region.ids()[0], autoRollbackEnabled=True)
    region.end()

    handler(s3_event(s3_record(**older)), None)

    assert len([one for one in region.deployments() if one["creator"] == "user"]) == 2


def test_another_version_of_the_same_key_is_deployed(region):
    for _ in range(2):
        handler(s3_event(s3_record(**region.put())), None)
        region.end()

    assert region.keys() == [KEY, KEY]


def test_without_versions_the_same_bytes_are_deployed_once(region):
    region.versions("Suspended")
    for _ in range(2):
        handler(s3_event(s3_record(**{**region.put(), "version": None})), None)
        region.end()

    assert region.keys() == [KEY]


def test_a_deployment_is_found_behind_many_others(region):
    event = s3_event(s3_record(**region.put()))
    handler(event, None)
    region.end()
    for _ in range(30):
        region.codedeploy.stop_deployment(deploymentId=region.occupied())

    handler(event, None)

    assert len(region.ids()) == 31


@pytest.mark.parametrize(("minutes", "count"), [(14, 1), (16, 2)])
def test_deployments_since_a_quarter_of_an_hour_before_the_event_are_looked_at(region, minutes, count):
    about = region.put()
    handler(s3_event(s3_record(**about)), None)
    region.end()

    later = (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()
    handler(s3_event(s3_record(**{**about, "time": later})), None)

    assert len(region.ids()) == count


# -- what has to come again


def test_of_a_batch_only_what_has_to_wait_comes_again(region, monkeypatch):
    rules(
        monkeypatch,
        {"key": "shop/*", "application": "shop", "groups": ["web"]},
        {"key": "api/*", "application": "shop", "groups": ["api"]},
    )
    region.occupied("web")
    events = [s3_event(s3_record(**region.put(key))) for key in ("shop/1.zip", "api/1.zip")]

    answer = handler(in_sqs(*events), None)

    assert (answer, region.keys("api")) == (
        {"batchItemFailures": [{"itemIdentifier": "message-1"}]},
        ["api/1.zip"],
    )


def test_what_had_to_wait_is_deployed_when_it_comes_again(region):
    running = region.occupied()
    event = in_sqs(s3_event(s3_record(**region.put())))
    handler(event, None)
    region.codedeploy.stop_deployment(deploymentId=running)

    answer = handler(event, None)

    (made, _) = region.ids()
    told = region.codedeploy.get_deployment(deploymentId=made)["deploymentInfo"]
    assert (answer, told["revision"]["s3Location"]["key"]) == ({"batchItemFailures": []}, KEY)


def test_outside_of_sqs_all_records_are_tried_before_lambda_is_told_to_call_again(region, monkeypatch):
    rules(
        monkeypatch,
        {"key": "shop/*", "application": "shop", "groups": ["web"]},
        {"key": "api/*", "application": "shop", "groups": ["api"]},
    )
    region.occupied("web")
    event = s3_event(*[s3_record(**region.put(key)) for key in ("shop/1.zip", "api/1.zip")])

    with pytest.raises(RuntimeError, match="Not everything that arrived was deployed"):
        handler(event, None)

    assert region.keys("api") == ["api/1.zip"]


def test_of_several_groups_only_the_one_that_was_busy_is_tried_again(region, monkeypatch):
    rules(monkeypatch, {"key": "*", "application": "shop", "groups": ["web", "api"]})
    running = region.occupied("web")
    event = in_sqs(s3_event(s3_record(**region.put())))
    handler(event, None)
    region.codedeploy.stop_deployment(deploymentId=running)
    region.end("api")

    handler(event, None)

    assert (len(region.ids("web")), len(region.ids("api"))) == (2, 1)


def test_a_busy_group_keeps_no_other_one_waiting(region, monkeypatch):
    rules(monkeypatch, {"key": "*", "application": "shop", "groups": ["web", "api"]})
    region.occupied("web")

    handler(in_sqs(s3_event(s3_record(**region.put()))), None)

    assert region.keys("api") == [KEY]


def test_why_something_has_to_come_again_is_logged(region, capfd):
    running = region.occupied()
    about = region.put()
    logged(capfd)

    handler(in_sqs(s3_event(s3_record(**about))), None)

    assert logged(capfd) == [
        {
            "bucket": region.bucket,
            "key": KEY,
            "version": about["version"],
            "etag": about["etag"],
            "time": about["time"],
            "outcome": "failed",
            "application": "shop",
            "started": {},
            "there": {},
            "superseded": {},
            "errors": {
                "web": "DeploymentLimitExceededException: The Deployment Group 'web' already has an active "
                f"Deployment '{running}'"
            },
        }
    ]


def test_there_is_one_log_line_for_each_record(region, capfd):
    records = [s3_record(**region.put("shop/1.zip")), s3_record(**region.put("other/1.zip"))]
    logged(capfd)

    handler(in_sqs(s3_event(*records), TEST_EVENT), None)

    assert [one["outcome"] for one in logged(capfd)] == ["started", "ignored", "ignored"]


def test_an_application_that_is_not_there_fails(region, monkeypatch):
    rules(monkeypatch, {"key": "*", "application": "gone", "groups": ["web"]})

    answer = handler(in_sqs(s3_event(s3_record(**region.put()))), None)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "message-1"}]}


ODD: list[object] = [
    "{", "[]", '"text"', "{}", '{"Records": [{}]}', '{"Records": 1}', "[" * 100_000, '{"a":' * 100_000, None, 1,
    *(
        json.dumps(event)
        for event in (
            s3_event(s3_record(time="0001-01-01T00:00:00Z")), s3_event(s3_record(time="2026-13-01T00:00:00Z")),
            eventbridge_event(time="0001-01-01T00:00:00Z"), s3_event(s3_record(bucket="")),
            s3_event(s3_record(bucket={"a": 1})), s3_event(s3_record(etag=1)), eventbridge_event(key=1),
            through_sns("x"), {"Type": "Notification"}, {"source": "aws.s3"},
            s3_event({**s3_record(), "s3": {"bucket": {"name": 1}, "object": {"key": 1}}}),
        )
    ),
]  # fmt: skip


def test_messages_that_are_no_events_fail_alone_whatever_they_hold(region):
    event = in_sqs(*ODD, s3_event(s3_record(**region.put())))
    for record, body in zip(event["Records"], ODD, strict=False):
        record["body"] = body

    answer = handler(event, None)

    failed = [{"itemIdentifier": f"message-{number}"} for number in range(1, len(ODD) + 1)]
    assert (answer, region.keys()) == ({"batchItemFailures": failed}, [KEY])


class Context:
    """What Lambda says of the time that is left, each time it is asked."""

    def __init__(self, *seconds):
        self.seconds = list(seconds)

    def get_remaining_time_in_millis(self):
        return self.seconds.pop(0) * 1000


def test_what_there_is_no_time_for_comes_again_and_what_was_done_does_not(region):
    events = [s3_event(s3_record(**region.put(key))) for key in ("shop/1.zip", "shop/2.zip")]

    answer = handler(in_sqs(*events), Context(60, 19))

    assert (answer, region.keys()) == ({"batchItemFailures": [{"itemIdentifier": "message-2"}]}, ["shop/1.zip"])


def test_a_rule_that_names_a_bucket_is_for_no_other(region, monkeypatch, capfd):
    rules(monkeypatch, {**RULES[0], "bucket": "another"})
    handler(s3_event(s3_record(**region.put())), None)

    assert ([one["reason"] for one in logged(capfd)], region.ids()) == (["No rule is for this bucket."], [])


def test_without_rules_nothing_is_done(region, monkeypatch):
    monkeypatch.delenv("RULES")

    with pytest.raises(ValueError, match="RULES"):
        handler(s3_event(s3_record(**region.put())), None)


# -- an answer that does not come


class Between:
    """A server between the trigger and CodeDeploy that can lose the answers of CreateDeployment, or refuse it."""

    def __init__(self, upstream):
        self.asked, self.fault = Counter(), ""
        between = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                operation = self.headers["X-Amz-Target"].partition(".")[2]
                between.asked[operation] += 1
                fault = between.fault if operation == "CreateDeployment" else ""
                status, content = (503, b"") if fault == "refused" else forwarded(upstream, self.headers, body)
                if fault == "lost":
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        self.handler = Handler


def forwarded(upstream, headers, body):
    request = urllib.request.Request(upstream, body, dict(headers), method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


@pytest.fixture
def between(region, monkeypatch):
    made = Between(os.environ["AWS_ENDPOINT_URL_CODEDEPLOY"])
    with serving(made.handler) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_CODEDEPLOY", server.url)
        yield made


@pytest.mark.parametrize("fault", ["lost", "refused"])
def test_a_deployment_is_asked_for_once(region, between, fault):
    between.fault = fault

    answer = handler(in_sqs(s3_event(s3_record(**region.put()))), None)

    assert (answer["batchItemFailures"], between.asked["CreateDeployment"]) == ([{"itemIdentifier": "message-1"}], 1)


def test_a_deployment_whose_answer_was_lost_is_found_when_the_message_comes_again(region, between):
    event = in_sqs(s3_event(s3_record(**region.put())))
    between.fault = "lost"
    handler(event, None)
    between.fault = ""
    region.end()

    answer = handler(event, None)

    assert (answer, region.keys(), between.asked["CreateDeployment"]) == ({"batchItemFailures": []}, [KEY], 1)


@pytest.fixture
def denied(region, monkeypatch):
    with denying(region.aws.environment["AWS_ENDPOINT_URL"], region.bucket) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
        yield


def test_an_object_that_may_not_be_looked_at_comes_again_alone(region, denied):
    events = [s3_event(s3_record(**region.about(key))) for key in (KEY, "other/1.zip")]

    answer = handler(in_sqs(*events), None)

    assert (answer, region.ids()) == ({"batchItemFailures": [{"itemIdentifier": "message-1"}]}, [])


# -- as it is deployed: index.py, called by a queue


@pytest.fixture
def queue(region):
    """The URL of a queue between the bucket and the trigger."""
    aws, sqs, lambda_ = region.aws, region.aws.client("sqs"), region.aws.client("lambda")
    url = sqs.create_queue(QueueName="arrived", Attributes={"VisibilityTimeout": "1"})["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{aws.account}:arrived"
    code = zipped({"index.py": Path(codedeploy_trigger.__file__).read_text(encoding="utf-8")})
    lambda_.create_function(
        FunctionName="trigger", Runtime="python3.12", Handler="index.handler", Role=ROLE, Code={"ZipFile": code},
        Environment={"Variables": {"RULES": json.dumps(RULES)}}, Timeout=30,
    )  # fmt: skip
    lambda_.create_event_source_mapping(
        EventSourceArn=arn, FunctionName="trigger", FunctionResponseTypes=["ReportBatchItemFailures"]
    )
    told = {"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}
    region.s3.put_bucket_notification_configuration(
        Bucket=region.bucket, NotificationConfiguration={"QueueConfigurations": [told]}
    )
    return url


def waiting(region, url):
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    told = region.aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(map(int, told.values()))


def test_an_object_that_is_put_is_deployed_by_the_function(region, queue):
    about = region.put()

    until(region.ids)

    (made,) = region.deployments()
    location = made["revision"]["s3Location"]
    assert (location["key"], location["version"], location["eTag"]) == (KEY, about["version"], about["etag"])


def test_what_a_busy_group_cannot_take_stays_in_the_queue_until_it_can(region, queue):
    # It waits to be continued, so that nobody who looks at it moves it on.
    waits_to_be_continued(region.codedeploy)
    running = region.occupied()
    region.put()
    until(lambda: any("DeploymentLimitExceeded" in line for line in log_of(region)))
    kept = waiting(region, queue)

    region.codedeploy.stop_deployment(deploymentId=running)

    until(lambda: len(region.ids()) == 2)
    assert (kept, until(lambda: waiting(region, queue) == 0)) == (1, True)


def log_of(region):
    try:
        events = region.aws.client("logs").filter_log_events(logGroupName="/aws/lambda/trigger")["events"]
    except ClientError:
        return []
    return [one["message"] for one in events]
