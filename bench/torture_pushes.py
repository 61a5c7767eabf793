"""What arrives at the two functions that a push deploys through, damaged at random: a part of the fuzz.

One bad message never fails its batch, nothing is deployed that no rule is for, and nothing is done unsigned.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, redirect_stdout
from random import Random
from typing import Any, Final

from auditor.deploy.functions import codedeploy_trigger, github_listener
from bench.faults import Reply, Sent
from bench.instead import environment, instead
from bench.torture_damage import bent, damaged
from bench.wire import CLIENTS, on_wire, reply_of

BUCKET: Final = "shop-artifacts"
KEYS: Final = ("shop/a.zip", "shop/b.zip")
SIGNING: Final = "what GitHub signs with"
_HERE: Final = "us-east-1"
_RULE: Final = {"bucket": BUCKET, "key": "shop/*.zip", "application": "shop", "groups": ["web"]}
_LISTENS: Final = {
    "WEBHOOK_SECRET": "webhook",
    "RULES": json.dumps([{"repository": "o/r", "ref": "refs/heads/main", "application": "shop"}]),
    "BUCKETS": json.dumps({"us-east-1": BUCKET}),
}
_PUSH: Final = {
    "ref": "refs/heads/main", "after": "1" * 40, "deleted": False, "head_commit": {"id": "1" * 40},
    "repository": {"full_name": "o/r"},
}  # fmt: skip
_LONGEST: Final = 5.0


def _arrival(key: str) -> dict[str, Any]:
    thing = {"bucket": {"name": BUCKET}, "object": {"key": key, "versionId": "v1", "eTag": "e" * 32}}
    record = {"eventName": "ObjectCreated:Put", "eventTime": "2026-11-29T00:00:00.000Z", "s3": thing}
    return {"Records": [{"eventSource": "aws:s3", **record}]}


def _wrapped(event: Mapping[str, Any], chance: Random) -> dict[str, Any]:
    """The event as it is, from EventBridge, or in a message of SNS."""
    thing = event["Records"][0]["s3"]
    made = {"key": thing["object"]["key"], "version-id": "v1", "etag": "e" * 32}
    bridge = {"source": "aws.s3", "detail-type": "Object Created", "time": "2026-11-29T00:00:00Z"}
    forms: tuple[dict[str, Any], ...] = (
        dict(event),
        {**bridge, "detail": {"bucket": thing["bucket"], "object": made}},
        {"Type": "Notification", "Message": json.dumps(event)},
    )
    return chance.choice(forms)


def batch_damaged(number: int) -> Iterator[str]:
    """What is wrong with how a batch of messages is taken in which all but two are damaged."""
    chance = Random(f"batch {number}")  # noqa: S311 guards nothing
    bodies = {f"good {key}": json.dumps(_wrapped(_arrival(key), chance)) for key in KEYS}
    for turn in range(4):
        event = _wrapped(_arrival("other/x.zip"), chance)
        inside = json.dumps(bent(event, chance), ensure_ascii=True)
        outside = damaged(json.dumps(event).encode(), chance).decode(errors="replace")
        bodies[f"bad {turn}"] = chance.choice((inside, outside))
    created: list[Mapping[str, Any]] = []
    records = [{"messageId": id_, "body": body, "eventSource": "aws:sqs"} for id_, body in bodies.items()]
    chance.shuffle(records)
    begun = time.monotonic()
    rules = {"RULES": json.dumps([_RULE])}
    wire = on_wire(lambda sent: _deploying(sent, created))
    with wire, environment(rules), redirect_stdout(io.StringIO()), _wired():
        failed = {
            one["itemIdentifier"] for one in codedeploy_trigger.handler({"Records": records}, None)["batchItemFailures"]
        }
    yield from (f"it failed with the others: {one}" for one in sorted(failed) if one.startswith("good"))
    places = [one["revision"]["s3Location"] for one in created]
    yield from (f"not deployed: {key}" for key in KEYS if key not in [one["key"] for one in places])
    for one, place in zip(created, places, strict=True):
        if (one["applicationName"], one["deploymentGroupName"], place["bucket"]) != ("shop", "web", BUCKET):
            yield f"deployed, and no rule is for it: {one}"
    yield from _late(begun)


def _deploying(sent: Sent, created: list[Mapping[str, Any]]) -> Reply:
    if sent.operation == "CreateDeployment":
        created.append(sent.params)
        return reply_of(sent, {"deploymentId": f"d-{len(created):09}"})
    answers: Mapping[str, Mapping[str, Any]] = {
        "HeadObject": {"ETag": f'"{"e" * 32}"', "VersionId": "v1", "Metadata": {}},
        "ListDeployments": {"deployments": []},
    }
    return reply_of(sent, answers[sent.operation])


def _wired() -> AbstractContextManager[None]:
    """Meanwhile, the trigger asks the wire."""
    s3, codedeploy = (CLIENTS.client(service, _HERE, False) for service in ("s3", "codedeploy"))
    creating = CLIENTS.client("codedeploy", _HERE, True)
    clients = codedeploy_trigger.Clients(s3=s3, codedeploy=codedeploy, creating=creating)
    return instead((vars(codedeploy_trigger), "_clients", lambda: clients))


def push_damaged(number: int) -> Iterator[str]:
    """What is wrong with how a push is taken that is damaged, or that another one signed."""
    chance = Random(f"push {number}")  # noqa: S311 guards nothing
    body = chance.choice(
        (json.dumps(bent(_PUSH, chance)), damaged(json.dumps(_PUSH).encode(), chance).decode("latin-1"))
    )
    signed = chance.random() < 0.7
    right = hmac.new(SIGNING.encode(), body.encode(errors="replace"), hashlib.sha256).hexdigest()
    wrong = damaged(f"sha256={'0' * 64}".encode(), chance).decode("latin-1")
    headers = {
        "X-Hub-Signature-256": f"sha256={right}" if signed else wrong,
        "X-GitHub-Event": chance.choice(("push", "push", "release", "ping", "x" * 10_000, "\ud800")),
        "X-GitHub-Delivery": chance.choice(("1", "x" * 10_000)),
        "Content-Type": chance.choice(("application/json", "application/x-www-form-urlencoded", "text/x")),
    }  # fmt: skip
    shipped: list[Any] = []
    begun = time.monotonic()
    with environment(_LISTENS), redirect_stdout(io.StringIO()), _heard(shipped):
        answer = github_listener.handler({"headers": headers, "body": body, "requestContext": {}}, None)
    if answer["statusCode"] not in (200, 202, 400, 401):
        yield f"it answered {answer}"
    if not signed and (shipped or answer["statusCode"] != 401):
        yield f"nobody signed it, and it answered {answer}"
    for one in shipped:
        if (one.repository.lower(), one.application, one.ref) != ("o/r", "shop", "refs/heads/main"):
            yield f"shipped, and no rule is for it: {one}"
    yield from _late(begun)


def _heard(shipped: list[Any]) -> AbstractContextManager[None]:
    """Meanwhile, the listener knows its secret, and what it would ship is kept here."""
    space = vars(github_listener)
    secrets = {**space["_SECRETS"], "webhook": (time.time() + 3600, SIGNING)}
    return instead((space, "_call_self", lambda ship, _: shipped.append(ship)), (space, "_SECRETS", secrets))


def _late(begun: float) -> Iterator[str]:
    if time.monotonic() - begun > _LONGEST:
        yield f"it took {time.monotonic() - begun:.0f} s"
