"""The CodeDeploy trigger: an artifact that arrives in a region's bucket is deployed there.

One file that needs boto3 alone: CloudFormation takes it inline, as index.py.

It takes S3's notifications (directly, in SNS, in SQS, or in SNS in SQS) and EventBridge's "Object Created" (directly,
or in SQS). From SQS is best: what a busy group cannot take yet comes again, alone, for as long as the queue says.
The queue needs FunctionResponseTypes [ReportBatchItemFailures], and must be a standard one: of a FIFO queue, all that
comes after a failure would have to wait.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html

Environment: RULES is a list of {"bucket": "shop-artifacts", "key": "shop/*.zip", "application": "shop", "groups":
["web"]}; the first that fits an object holds. A rule without a bucket is for any. In a key `*` stands for anything,
slashes too, and `?` and `[…]` are as in a shell.

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
from botocore.exceptions import ClientError

Event = Mapping[str, Any]
BUNDLES: Final = {".zip": "zip", ".tgz": "tgz", ".tar.gz": "tgz", ".tar": "tar"}
"""What CodeDeploy calls a bundle, by how its key ends."""
BEFORE: Final = timedelta(minutes=15)
"""How long before an event's time a deployment of its object may seem to have been made: clocks differ."""
PAGE: Final = 25
"""https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_BatchGetDeployments.html"""
_DESCRIPTION: Final = 256
"""Characters that are surely taken."""
_ENOUGH: Final = 20.0
"""Seconds that are left of the function's time at least when a further message is begun; others come again."""
_QUOTED: Final = 200
"""Characters that the log has of an error that a message's content made."""
_SHIPPED_BY: Final = "auditor-deploy"
"""Who starts the deployments of its artifacts itself, in waves."""
_READING: Final = Config(connect_timeout=3, read_timeout=8, retries={"mode": "standard", "total_max_attempts": 3})
# CreateDeployment makes another deployment each time. Where its answer is lost, the next call looks for it.
_CREATING: Final = Config(connect_timeout=3, read_timeout=15, retries={"total_max_attempts": 1})


@dataclass(frozen=True)
class Rule:
    """Where the objects whose keys look like `key` are deployed to, those of `bucket` ("" for any bucket)."""

    key: str
    application: str
    groups: tuple[str, ...]
    bucket: str = ""


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


def handler(event: Event, context: Any) -> dict[str, Any]:
    """Deploy what arrived. From SQS, answers which messages are to come again: those that failed, whatever they hold,
    and those that there was no time for.

    Raises RuntimeError, after all records were tried, where one of them failed and they did not come from SQS: Lambda
    then calls again, and gives what failed for good to the function's destination or dead-letter queue. Raises
    ValueError where RULES are none.
    """
    rules = rules_of(os.environ.get("RULES", ""))
    clients = _clients()
    records = event.get("Records") or ()
    if records and all(record.get("eventSource") == "aws:sqs" for record in records):
        failed = [one["messageId"] for one in records if not (_has_time(context) and _deployed(one, rules, clients))]
        return {"batchItemFailures": [{"itemIdentifier": id_} for id_ in failed]}
    if not _deployed({"body": json.dumps(event)}, rules, clients):
        raise RuntimeError("Not everything that arrived was deployed. The log says what and why. Lambda calls again.")
    return {}


def rules_of(text: str) -> tuple[Rule, ...]:
    """The rules of this JSON. Raises ValueError where they cannot be used."""
    try:
        rules = tuple(_rule(one) for one in json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
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
    return Rule(str(one["key"]), str(one["application"]), tuple(map(str, one["groups"])), str(one.get("bucket", "")))


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
    _since(time)
    return Arrived(bucket, key, _version(version), (etag or "").strip('"'), time)


def _since(time: str) -> datetime:
    """From when on a deployment may be that of an event. Raises ValueError, and OverflowError for before the year 1."""
    return datetime.fromisoformat(time).astimezone(UTC) - BEFORE


def _version(told: str | None) -> str:
    # Where versions are suspended, there is one, "null", that is written over.
    return "" if told in (None, "null") else str(told)


def _has_time(context: Any) -> bool:
    """Whether a further message can be begun: what takes too long must not make the whole batch come again."""
    left = getattr(context, "get_remaining_time_in_millis", None)
    return left is None or left() / 1000 >= _ENOUGH


def _deployed(record: Event, rules: tuple[Rule, ...], clients: Clients) -> bool:
    """Whether all that an event tells of was deployed, or need not be. One log line each."""
    try:
        found = list(arrived(json.loads(record["body"])))
    except Exception as error:  # noqa: BLE001 whatever a message holds, the others of its batch are deployed
        # Nested too deeply, say, or of a year that cannot be.
        _log(outcome="failed", reason=f"This is no event of S3's: {repr(error)[:_QUOTED]}.")
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
        return _started(one, rule, _location(one, bundle, clients), clients)
    except Ignored as ignored:
        return {"outcome": "ignored", "reason": str(ignored)}
    except Exception as error:  # noqa: BLE001 one object that nobody foresaw keeps no other one waiting
        return {"outcome": "failed", "reason": _reason(error)}


def _ruled(one: Arrived, rules: tuple[Rule, ...]) -> tuple[Rule, str]:
    of_bucket = [rule for rule in rules if rule.bucket in ("", one.bucket)]
    rule = next((rule for rule in of_bucket if fnmatchcase(one.key, rule.key)), None)
    if rule is None:
        raise Ignored("No rule is for this key." if of_bucket else "No rule is for this bucket.")
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
        except Exception as error:  # noqa: BLE001 the other groups are tried all the same
            told["errors"][group] = _reason(error)
    outcome = "failed" if told["errors"] else "started" if told["started"] else "there"
    return {"outcome": outcome, "application": rule.application, **told}


def _found(one: Arrived, where: Mapping[str, str], location: Mapping[str, str], clients: Clients) -> str:
    """The deployment that this object has in a group already; "" where it has none."""
    since = {"start": _since(one.time)}
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
