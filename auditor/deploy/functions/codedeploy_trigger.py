"""The CodeDeploy trigger: an artifact that arrives in a region's bucket is deployed there.

One file that needs boto3 alone: CloudFormation takes it inline, as index.py.

It takes S3's notifications (directly, in SNS, in SQS, or in SNS in SQS) and EventBridge's "Object Created" (directly,
or in SQS). From SQS is best: what a busy group cannot take yet comes again, alone, for as long as the queue says.
The queue needs FunctionResponseTypes [ReportBatchItemFailures], and must be a standard one: of a FIFO queue, all that
comes after a failure would have to wait.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html

Environment: RULES is a list of {"key": "shop/*.zip", "application": "shop", "groups": ["web"]}; the first that fits a
key holds. `*` stands for anything, slashes too, and `?` and `[…]` are as in a shell.

An object of one version (in a bucket without versions: of one ETag) is deployed once to a group: what its deployments
since shortly before the event tell is not started again, however it ended. Two calls at the same time for the same
object cannot both start one, as a group has one running deployment; the later one finds it when it comes again.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, Final
from urllib.parse import unquote_plus

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

Event = Mapping[str, Any]
# An answer that cannot be parsed is told by an error of a tree of its own.
AWS_ERRORS: Final = (ClientError, BotoCoreError, ResponseParserError)
BUNDLES: Final = {".zip": "zip", ".tgz": "tgz", ".tar.gz": "tgz", ".tar": "tar"}
"""What CodeDeploy calls a bundle, by how its key ends."""
BEFORE: Final = timedelta(minutes=15)
"""How long before an event's time a deployment of its object may seem to have been made: clocks differ."""
PAGE: Final = 25
"""https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_BatchGetDeployments.html"""
_DESCRIPTION: Final = 256
"""Characters that are surely taken."""
_SHIPPED_BY: Final = "auditor-deploy"
"""Who starts the deployments of its artifacts itself, in waves."""
_READING: Final = Config(connect_timeout=3, read_timeout=8, retries={"mode": "standard", "total_max_attempts": 3})
# CreateDeployment makes another deployment each time. Where its answer is lost, the next call looks for it.
_CREATING: Final = Config(connect_timeout=3, read_timeout=15, retries={"total_max_attempts": 1})


@dataclass(frozen=True)
class Rule:
    """Where the objects whose keys look like `key` are deployed to."""

    key: str
    application: str
    groups: tuple[str, ...]


@dataclass(frozen=True)
class Arrived:
    """An object that was created. `version` is "" in a bucket without versions. `time` is ISO 8601."""

    bucket: str
    key: str
    version: str
    etag: str
    time: str


@dataclass(frozen=True)
class Clients:
    """What AWS is asked with; `creating` tries once."""

    s3: Any
    codedeploy: Any
    creating: Any


class Ignored(Exception):  # noqa: N818 it is an answer, not a fault
    """Nothing is to be deployed, for this reason."""


def handler(event: Event, _context: object) -> dict[str, Any]:
    """Deploy what arrived. From SQS, answers which messages are to come again; they are those that failed.

    Raises RuntimeError, after all records were tried, where one of them failed and they did not come from SQS: Lambda
    then calls again, and gives what failed for good to the function's destination or dead-letter queue. Raises
    ValueError where RULES are none.
    """
    rules = rules_of(os.environ.get("RULES", ""))
    clients = _clients()
    records = event.get("Records") or ()
    if records and all(record.get("eventSource") == "aws:sqs" for record in records):
        failed = [record["messageId"] for record in records if not _deployed(record["body"], rules, clients)]
        return {"batchItemFailures": [{"itemIdentifier": id_} for id_ in failed]}
    if not _deployed(json.dumps(event), rules, clients):
        raise RuntimeError("Not everything that arrived was deployed. The log says what and why. Lambda calls again.")
    return {}


def rules_of(text: str) -> tuple[Rule, ...]:
    """The rules of this JSON. Raises ValueError where they cannot be used."""
    try:
        rules = tuple(_rule(one) for one in json.loads(text))
    except (ValueError, KeyError, TypeError):
        rules = ()
    # Without rules, all that arrives would be lost.
    if not rules:
        raise ValueError(
            "RULES of the function's environment cannot be used. Nothing was deployed. Write a list of "
            '{"key": "shop/*.zip", "application": "shop", "groups": ["web"]}.'
        )
    return rules


def _rule(one: Mapping[str, Any]) -> Rule:
    # A text would be taken for a list of letters.
    if not isinstance(one["groups"], list) or not one["groups"]:
        raise TypeError
    return Rule(str(one["key"]), str(one["application"]), tuple(map(str, one["groups"])))


def arrived(event: Event) -> Iterator[Arrived]:
    """The objects whose creation an event tells of, however it is wrapped. Raises ValueError where it is none of S3's.

    Other events of S3's, and its test event, tell of nothing.
    """
    if event.get("source") == "aws.s3":
        yield from _from_eventbridge(event)
    elif event.get("Type") == "Notification":
        yield from arrived(json.loads(event["Message"]))
    elif event.get("Records"):
        for record in event["Records"]:
            yield from arrived(json.loads(record["Sns"]["Message"])) if "Sns" in record else _from_s3(record)
    elif event.get("Event") != "s3:TestEvent":
        raise ValueError("neither Records nor an event of aws.s3")


def _from_s3(record: Event) -> Iterator[Arrived]:
    if record["eventName"].startswith("ObjectCreated:"):
        made, key = record["s3"]["object"], unquote_plus(record["s3"]["object"]["key"])
        name = record["s3"]["bucket"]["name"]
        yield _arrived(name, key, made.get("versionId"), made.get("eTag"), record["eventTime"])


def _from_eventbridge(event: Event) -> Iterator[Arrived]:
    if event["detail-type"] == "Object Created":
        made, name = event["detail"]["object"], event["detail"]["bucket"]["name"]
        # Unlike in S3's own notifications, the key is as it is.
        yield _arrived(name, made["key"], made.get("version-id"), made.get("etag"), event["time"])


def _arrived(bucket: str, key: str, version: str | None, etag: str | None, time: str) -> Arrived:
    datetime.fromisoformat(time)
    return Arrived(bucket, key, _version(version), (etag or "").strip('"'), time)


def _version(told: str | None) -> str:
    # Where versions are suspended, there is one, "null", that is written over.
    return "" if told in (None, "null") else str(told)


def _deployed(text: str, rules: tuple[Rule, ...], clients: Clients) -> bool:
    """Whether all that an event tells of was deployed, or need not be. One log line each."""
    try:
        found = list(arrived(json.loads(text)))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        _log(outcome="failed", reason=f"This is no event of S3's: {error!r}.")
        return False
    if not found:
        _log(outcome="ignored", reason="No object was created.")
    outcomes = [_outcome(one, rules, clients) for one in found]
    for one, outcome in zip(found, outcomes, strict=True):
        _log(**asdict(one), **outcome)
    return all(outcome["outcome"] != "failed" for outcome in outcomes)


def _outcome(one: Arrived, rules: tuple[Rule, ...], clients: Clients) -> dict[str, Any]:
    """What became of an object, as it is logged."""
    try:
        rule, bundle = _ruled(one, rules)
        location = _location(one, bundle, clients)
    except Ignored as ignored:
        return {"outcome": "ignored", "reason": str(ignored)}
    except AWS_ERRORS as error:
        return {"outcome": "failed", "reason": _reason(error)}
    return _started(one, rule, location, clients)


def _ruled(one: Arrived, rules: tuple[Rule, ...]) -> tuple[Rule, str]:
    rule = next((rule for rule in rules if fnmatchcase(one.key, rule.key)), None)
    if rule is None:
        raise Ignored("No rule is for this key.")
    bundle = next((bundle for suffix, bundle in BUNDLES.items() if one.key.endswith(suffix)), "")
    if not bundle:
        raise Ignored(f"CodeDeploy takes no bundle of this name; it takes {', '.join(BUNDLES)}.")
    return rule, bundle


def _location(one: Arrived, bundle: str, clients: Clients) -> dict[str, str]:
    """The object as it is, pinned. Raises Ignored where it is none to deploy, and botocore's errors."""
    version = {"VersionId": one.version} if one.version else {}
    try:
        there = clients.s3.head_object(Bucket=one.bucket, Key=one.key, **version)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            raise Ignored("The object is gone.") from None
        raise
    etag = there["ETag"].strip('"')
    if one.etag not in ("", etag):
        raise Ignored("Another object has taken its place, and has an event of its own.")
    if there["Metadata"].get("shipped-by") == _SHIPPED_BY:
        raise Ignored("'auditor deploy' ships it, and starts its deployments itself.")
    seen = one.version or _version(there.get("VersionId"))
    pinned = {"version": seen} if seen else {}
    return {"bucket": one.bucket, "key": one.key, "bundleType": bundle, "eTag": etag, **pinned}


def _started(one: Arrived, rule: Rule, location: Mapping[str, str], clients: Clients) -> dict[str, Any]:
    told: dict[str, dict[str, str]] = {"started": {}, "there": {}, "errors": {}}
    for group in rule.groups:
        where = {"applicationName": rule.application, "deploymentGroupName": group}
        try:
            found = _found(one, where, location, clients)
            told["there" if found else "started"][group] = found or _created(one, where, location, clients)
        except AWS_ERRORS as error:
            told["errors"][group] = _reason(error)
    outcome = "failed" if told["errors"] else "started" if told["started"] else "there"
    return {"outcome": outcome, "application": rule.application, **told}


def _found(one: Arrived, where: Mapping[str, str], location: Mapping[str, str], clients: Clients) -> str:
    """The deployment that this object has in a group already; "" where it has none."""
    since = {"start": datetime.fromisoformat(one.time).astimezone(UTC) - BEFORE}
    pages = clients.codedeploy.get_paginator("list_deployments").paginate(**where, createTimeRange=since)
    ids = [id_ for page in pages for id_ in page["deployments"]]
    for first in range(0, len(ids), PAGE):
        answer = clients.codedeploy.batch_get_deployments(deploymentIds=ids[first : first + PAGE])
        for info in answer["deploymentsInfo"]:
            if _identity(info.get("revision", {}).get("s3Location", {})) == _identity(location):
                return str(info["deploymentId"])
    return ""


def _identity(location: Mapping[str, str]) -> tuple[str | None, ...]:
    version = location.get("version")
    return location.get("bucket"), location.get("key"), version or location.get("eTag", "").strip('"')


def _created(one: Arrived, where: Mapping[str, str], location: Mapping[str, str], clients: Clients) -> str:
    revision = {"revisionType": "S3", "s3Location": dict(location)}
    description = f"auditor codedeploy-trigger {one.key}"[:_DESCRIPTION]
    made = clients.creating.create_deployment(**where, revision=revision, description=description)
    return str(made["deploymentId"])


def _clients() -> Clients:
    session = boto3.Session()
    s3, codedeploy = session.client("s3", config=_READING), session.client("codedeploy", config=_READING)
    return Clients(s3, codedeploy, session.client("codedeploy", config=_CREATING))


def _reason(error: Exception) -> str:
    if isinstance(error, ClientError):
        told = error.response.get("Error", {})
        return f"{told.get('Code', 'Unknown')}: {told.get('Message', '')}"
    return f"{type(error).__name__}: {error}"


def _log(**told: Any) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
