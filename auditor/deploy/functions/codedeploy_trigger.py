"""The CodeDeploy trigger: an artifact that arrives in a region's bucket is deployed there.

One file that needs boto3 alone: CloudFormation takes it inline, as index.py. It takes S3's notifications (directly, in
SNS, in SQS, or in SNS in SQS) and EventBridge's "Object Created" (directly, or in SQS). From SQS is best: what a busy
group cannot take yet comes again, alone, for as long as the queue says. The queue needs FunctionResponseTypes
[ReportBatchItemFailures], and must be a standard one: of a FIFO queue, all after a failure would have to wait.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
Environment: RULES is a list of {"bucket": "shop-artifacts", "key": "shop/*.zip", "application": "shop", "groups":
["web"]}; the first that fits an object holds. A rule without a bucket is for any. In a key `*` stands for anything,
slashes too, and `?` and `[…]` are as in a shell.

An object of one version (in a bucket without versions: of one ETag) is deployed once to a group: what its deployments
since shortly before the event tell is not started again, however it ended. Nor is an object started after a newer one:
their order is `push-order` of the listener's metadata, or else the time of the event. Two calls at the same time cannot
both start one, as a group has one running deployment; who finds a newer one that was faster looks again.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import unquote_plus

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

Event = Mapping[str, Any]
Clients = SimpleNamespace  # s3, codedeploy, and `creating`, which tries once
BUNDLES: Final = {".zip": "zip", ".tgz": "tgz", ".tar.gz": "tgz", ".tar": "tar"}  # CodeDeploy's names by a key's end
BEFORE: Final = timedelta(minutes=15)  # that a deployment may seem to be made before its object: clocks differ
PAGE: Final = 25  # https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_BatchGetDeployments.html
_ORDER: Final = re.compile(r"auditor codedeploy-trigger (\d{13}) ")  # what a deployment's description begins with
_ENOUGH: Final = 20.0  # seconds that are left at least when a further message is begun; others come again
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
class Wanted:
    """What is to be deployed: where it is, how new it is, `own` if the listener said so, and since when it is there."""

    location: Mapping[str, str]
    order: int
    own: bool
    since: int


class Ignored(Exception):  # noqa: N818 it is an answer, not a fault
    """Nothing is to be deployed, for this reason."""


def handler(event: Event, context: Any) -> dict[str, Any]:
    """Deploy what arrived. From SQS, answers which messages are to come again: those that failed or had no time.

    Raises RuntimeError, after all records were tried, where one failed that did not come from SQS: Lambda calls again,
    and gives what failed for good to the function's destination. Raises ValueError where RULES are none.
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
    if not rules:  # all that arrives would be lost
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
    """The objects whose creation an event tells of, however it is wrapped. Raises ValueError for what is not S3's."""
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
        made, name = record["s3"]["object"], record["s3"]["bucket"]["name"]
        yield _arrived(name, unquote_plus(made["key"]), made.get("versionId"), made.get("eTag"), record["eventTime"])


def _from_eventbridge(event: Event) -> Iterator[Arrived]:
    if event["detail-type"] == "Object Created":
        made, name = event["detail"]["object"], event["detail"]["bucket"]["name"]
        # Unlike in S3's own notifications, the key is as it is.
        yield _arrived(name, made["key"], made.get("version-id"), made.get("etag"), event["time"])


def _arrived(bucket: str, key: str, version: str | None, etag: str | None, time: str) -> Arrived:
    _milliseconds(time)
    # Where versions are suspended, there is one, "null", that is written over.
    return Arrived(bucket, key, "" if version in (None, "null") else str(version), (etag or "").strip('"'), time)


def _milliseconds(time: str) -> int:
    """Raises ValueError, and OverflowError for what is long ago."""
    return int((datetime.fromisoformat(time).astimezone(UTC) - BEFORE + BEFORE).timestamp() * 1000)


def _has_time(context: Any) -> bool:
    """Whether a further message can be begun: what takes too long must not make the whole batch come again."""
    left = getattr(context, "get_remaining_time_in_millis", None)
    return left is None or left() / 1000 >= _ENOUGH


def _deployed(record: Event, rules: tuple[Rule, ...], clients: Clients) -> bool:
    """Whether all that an event tells of was deployed, or need not be. One log line each."""
    try:
        found = list(arrived(json.loads(record["body"])))
    except Exception as error:  # noqa: BLE001 whatever a message holds, the others of its batch are deployed
        _log(outcome="failed", reason=f"This is no event of S3's: {repr(error)[:200]}.")
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
        return _started(rule, _wanted(one, bundle, clients), clients)
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


def _wanted(one: Arrived, bundle: str, clients: Clients) -> Wanted:
    """The object as it is, pinned. Raises Ignored where it is none to deploy, and botocore's errors."""
    version = {"VersionId": one.version} if one.version else {}
    try:
        there = clients.s3.head_object(Bucket=one.bucket, Key=one.key, **version)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            raise Ignored("The object is gone.") from None
        raise
    etag, told = there["ETag"].strip('"'), there["Metadata"]
    if one.etag not in ("", etag):
        raise Ignored("Another object has taken its place, and has an event of its own.")
    if told.get("shipped-by") == "auditor-deploy":  # in waves
        raise Ignored("'auditor deploy' ships it, and starts its deployments itself.")
    seen = one.version or there.get("VersionId", "null")
    pinned = {"version": seen} if seen != "null" else {}
    location = {"bucket": one.bucket, "key": one.key, "bundleType": bundle, "eTag": etag, **pinned}
    own, since = re.fullmatch(r"\d{13}", told.get("push-order", "")), _milliseconds(one.time)
    return Wanted(location, int(own[0]) if own else since, bool(own), min(since, int(own[0])) if own else since)


def _started(rule: Rule, wanted: Wanted, clients: Clients) -> dict[str, Any]:
    told: dict[str, dict[str, str]] = {"started": {}, "there": {}, "superseded": {}, "errors": {}}
    for group in rule.groups:
        where = {"applicationName": rule.application, "deploymentGroupName": group}
        try:
            outcome, id_ = _deployment(wanted, where, clients)
            told[outcome][group] = id_
        except Exception as error:  # noqa: BLE001 the other groups are tried all the same
            told["errors"][group] = _reason(error)
    outcome = "failed" if told["errors"] else next(name for name in told if told[name])
    return {"outcome": outcome, "application": rule.application, **told}


def _deployment(wanted: Wanted, where: Mapping[str, str], clients: Clients) -> tuple[str, str]:
    """What became of it in a group, and by which deployment: its own, or that of a newer object."""
    made = _made(wanted, where, clients)
    own, newest = [one for one in made if _is_of(one, wanted)], max(made, key=_order, default={})
    if _order(newest) <= wanted.order:
        if own:
            return "there", str(own[-1]["deploymentId"])
        started = _created(wanted.location, wanted.order, where, clients)
        newest = max(_made(wanted, where, clients), key=_order, default={})
        if _order(newest) > wanted.order:
            raise RuntimeError(f"{newest['deploymentId']}, of a newer object, was made meanwhile: look again later.")
        return "started", started
    if own and made[-1] is own[-1]:
        return "started", _created(newest["revision"]["s3Location"], _order(newest), where, clients)
    return "superseded", str(newest["deploymentId"])


def _made(wanted: Wanted, where: Mapping[str, str], clients: Clients) -> list[Mapping[str, Any]]:
    """What was deployed to a group since shortly before an object came, last one last; not what CodeDeploy began."""
    since = {"start": datetime.fromtimestamp(wanted.since / 1000, UTC) - BEFORE}
    pages = clients.codedeploy.get_paginator("list_deployments").paginate(**where, createTimeRange=since)
    ids = [id_ for page in pages for id_ in page["deployments"]]
    found: list[Mapping[str, Any]] = []
    for first in range(0, len(ids), PAGE):
        found += clients.codedeploy.batch_get_deployments(deploymentIds=ids[first : first + PAGE])["deploymentsInfo"]
    return sorted((one for one in found if one.get("creator", "user") == "user"), key=lambda one: one["createTime"])


def _order(deployment: Mapping[str, Any]) -> int:
    """How new the object of a deployment is; 0 for one of somebody else."""
    told = _ORDER.match(deployment.get("description", ""))
    return int(told[1]) if told else 0


def _is_of(deployment: Mapping[str, Any], wanted: Wanted) -> bool:
    there, own = deployment.get("revision", {}).get("s3Location", {}), wanted.location
    names = ("bucket", "key", "version" if {"version"} & (there.keys() | own.keys()) else "eTag")
    # Without versions, the same commit has the same ETag each time that it is pushed.
    other = wanted.own and _order(deployment) not in (0, wanted.order)
    return not other and all(there.get(name, "").strip('"') == own.get(name) for name in names)


def _created(location: Mapping[str, str], order: int, where: Mapping[str, str], clients: Clients) -> str:
    revision = {"revisionType": "S3", "s3Location": dict(location)}
    description = f"auditor codedeploy-trigger {order:013} {location['key']}"[:256]
    made = clients.creating.create_deployment(**where, revision=revision, description=description)
    return str(made["deploymentId"])


def _clients() -> Clients:
    session = boto3.Session()
    s3, codedeploy = session.client("s3", config=_READING), session.client("codedeploy", config=_READING)
    return Clients(s3=s3, codedeploy=codedeploy, creating=session.client("codedeploy", config=_CREATING))


def _reason(error: Exception) -> str:
    own = {"Code": type(error).__name__, "Message": error}
    told = error.response.get("Error", {}) if isinstance(error, ClientError) else own
    return f"{told.get('Code', 'Unknown')}: {told.get('Message', '')}"


def _log(**told: Any) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
