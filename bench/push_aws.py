"""What the two functions of push-to-deploy call of AWS, in memory: S3, CodeDeploy, Lambda, Secrets Manager.

Each call is answered as AWS answers it, conditional writes and groups that are busy included, and then told to a
`Watcher`, who may refuse it, lose its answer, end who called, or let others run first.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import quote_plus

from botocore.exceptions import ConnectionClosedError

from bench.faults import Reply, Send, Sent, refused

Fields = dict[str, Any]
ACTIVE: Final = ("Created", "InProgress")
_JSON: Final = {"Content-Type": "application/x-amz-json-1.1"}


class DeadError(BaseException):
    """Whoever called has ended, as a function whose time is over."""


@dataclass
class Version:
    """One object that was put. `push` is whose it is."""

    id: str
    body: bytes
    metadata: Mapping[str, str]
    push: Any
    at: float = 0.0

    @property
    def etag(self) -> str:
        """As S3 makes it of one part."""
        return hashlib.md5(self.body, usedforsecurity=False).hexdigest()

    @property
    def headers(self) -> dict[str, str]:
        """What S3 tells of it."""
        digest = base64.b64encode(hashlib.sha256(self.body).digest()).decode()
        own = {f"x-amz-meta-{name}": value for name, value in self.metadata.items()}
        modified = format_datetime(datetime.fromtimestamp(int(self.at), UTC), usegmt=True)
        own |= {"Last-Modified": modified}
        return {"ETag": f'"{self.etag}"', "x-amz-version-id": self.id, "x-amz-checksum-sha256": digest, **own}


@dataclass
class Place:
    """Owns what a region has: objects by key, last one last, messages of its queue, and its deployments."""

    name: str
    versioned: bool = True
    objects: dict[str, list[Version]] = field(default_factory=dict)
    messages: list[Fields] = field(default_factory=list)
    deployments: list[Fields] = field(default_factory=list)

    def version(self, key: str, id_: str = "") -> Version | None:
        """The object of a key, or one version of it."""
        found = [one for one in self.objects.get(key, ()) if id_ in ("", one.id)]
        return found[-1] if found else None

    def deployed(self) -> list[Version]:
        """What was deployed by people and the trigger, last one last."""
        users = [one["revision"] for one in self.deployments if one["creator"] == "user"]
        made = [one["s3Location"] for one in users if "s3Location" in one]
        found = [self.version(one["key"], one.get("version", "")) for one in made]
        return [one for one in found if one]


@dataclass
class Cloud:
    """Owns the regions; `clock` is in seconds, and `watch` is asked before and after each call.

    `watch` answers "" for nothing, "refuse", "lose" or "die".
    """

    places: Mapping[str, Place]
    clock: Callable[[], float]
    watch: Callable[[Sent, Place], str]
    invoked: Callable[[Fields], object]
    secret: str
    push: Callable[[], Any] = lambda: None
    made: Callable[[Place, Fields], object] = lambda *_: None

    def answer(self, sent: Sent, _: Send) -> Reply:
        """What AWS answers, and does."""
        place = self.places[sent.region]
        what = self.watch(sent, place)
        if what == "die":
            raise DeadError
        if what == "refuse":
            return refused("AccessDenied")(sent, _)
        reply: Reply = getattr(self, f"_{sent.operation}")(sent, place, sent.params)
        if what == "lose":
            raise ConnectionClosedError(endpoint_url=sent.request.url)
        return reply

    def _PutObject(self, sent: Sent, place: Place, params: Fields) -> Reply:  # noqa: N802 botocore's name
        there = place.version(params["Key"])
        etag = params.get("IfMatch", "").strip('"')
        if (params.get("IfNoneMatch") and there) or (etag and (not there or there.etag != etag)):
            return refused("PreconditionFailed", 412)(sent, _never)
        body = params["Body"]
        id_ = f"v{sum(map(len, place.objects.values()))}" if place.versioned else "null"
        made = Version(
            id_, body if isinstance(body, bytes) else body.read(), params.get("Metadata", {}), self.push(), self.clock()
        )
        kept = place.objects.get(params["Key"], []) if place.versioned else []
        place.objects[params["Key"]] = [*kept, made]
        if params["Key"].endswith(".zip"):
            place.messages.append(_event(params, made, self.clock()))
        return Reply(200, b"", made.headers)

    def _GetObject(self, sent: Sent, place: Place, params: Fields) -> Reply:  # noqa: N802 botocore's name
        found = place.version(params["Key"], params.get("VersionId", ""))
        # Without s3:ListBucket, which the listener has not, S3 says no more.
        return Reply(200, found.body, found.headers) if found else refused("AccessDenied")(sent, _never)

    def _HeadObject(self, _: Sent, place: Place, params: Fields) -> Reply:  # noqa: N802 botocore's name
        found = place.version(params["Key"], params.get("VersionId", ""))
        return Reply(200, b"", found.headers) if found else Reply(404, b"", {})

    def _ListDeployments(self, _: Sent, place: Place, params: Fields) -> Reply:  # noqa: N802 botocore's name
        start = params["createTimeRange"]["start"].timestamp()
        ids = [one["deploymentId"] for one in reversed(place.deployments) if one["createTime"] >= start]
        return _json({"deployments": ids})

    def _BatchGetDeployments(self, _: Sent, place: Place, params: Fields) -> Reply:  # noqa: N802 botocore's name
        wanted = params["deploymentIds"]
        return _json({"deploymentsInfo": [one for one in place.deployments if one["deploymentId"] in wanted]})

    def _CreateDeployment(self, sent: Sent, place: Place, params: Fields) -> Reply:  # noqa: N802 botocore's name
        if is_busy(place):
            return refused("DeploymentLimitExceededException", 400)(sent, _never)
        made = deployment(place, self.clock(), params["revision"], params.get("description", ""))
        self.made(place, made)
        return _json({"deploymentId": made["deploymentId"]})

    def _Invoke(self, _: Sent, __: Place, params: Fields) -> Reply:  # noqa: N802 botocore's name
        self.invoked(json.loads(params["Payload"]))
        return Reply(202, b"", {})

    def _GetSecretValue(self, _: Sent, __: Place, ___: Fields) -> Reply:  # noqa: N802 botocore's name
        return _json({"SecretString": self.secret})


def deployment(place: Place, at: float, revision: Fields, description: str = "", creator: str = "user") -> Fields:
    """A new deployment of a region's group, which runs."""
    id_ = f"d-{len(place.deployments):09}"
    made = {"deploymentId": id_, "createTime": at, "revision": revision, "description": description}
    place.deployments.append({**made, "creator": creator, "status": "InProgress"})
    return place.deployments[-1]


def is_busy(place: Place) -> bool:
    """Whether the region's group takes no deployment now."""
    return any(one["status"] in ACTIVE for one in place.deployments)


def in_sqs(messages: Iterable[Fields]) -> Fields:
    """What Lambda gets of a queue."""
    records = enumerate(messages)
    return {
        "Records": [
            {"messageId": f"m{number}", "eventSource": "aws:sqs", "body": json.dumps(body)} for number, body in records
        ]
    }


def _event(params: Fields, made: Version, now: float) -> Fields:
    about = {"key": quote_plus(params["Key"], safe="/"), "eTag": made.etag, "versionId": made.id}
    s3 = {"bucket": {"name": params["Bucket"]}, "object": about}
    return {"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "eventTime": _iso(now), "s3": s3}]}


def _iso(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _json(answer: Mapping[str, Any]) -> Reply:
    return Reply(200, json.dumps(answer).encode(), _JSON)


def _never() -> Reply:
    raise RuntimeError("a refusal sends nothing.")
