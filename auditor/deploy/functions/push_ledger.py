"""The newest push of an application, as each bucket keeps it: what a push may still be put there, and as which number.

One small object beside the artifacts. It is written on condition alone, so that of two pushes at the same time the
second one finds the first: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from auditor.aws.errors import AWS_ERRORS, code_of, reason
from auditor.deploy.fanout import OVERTAKEN, PERHAPS_ABSENT, Bucket
from auditor.deploy.functions.push_order import Head, is_newer, is_same
from auditor.deploy.functions.webhook import Ship
from auditor.deploy.source_folder import key_of
from auditor.errors import DeployError

ORDER: Final = "push-order"
"""The name, in an object's metadata, of the number that the trigger orders pushes by."""
SHIPPED_BY: Final = "github-listener"
SUPERSEDED: Final = 0
"""The number of a push that a newer one has overtaken."""
EARLIER: Final = -1
"""The number of a push that was put there before anybody kept the order."""
_SCHEMA: Final = "auditor/newest-push/1"
_TRIES: Final = 20
_KEPT: Final = 200
"""How many pushes that were the newest once are remembered."""


@dataclass(frozen=True)
class _Newest:
    """What a bucket has; `etag` is "" where it has nothing yet. `older` are the marks of pushes that were it before."""

    ship: Ship | None = None
    number: int = 0
    etag: str = ""
    older: tuple[str, ...] = ()


def is_superseded_everywhere(buckets: Iterable[Bucket], ship: Ship, head: Head) -> bool:
    """Whether every bucket is known to have a newer push already. Raises GitHubError."""
    try:
        found = (_newest(bucket, ship.application) for bucket in buckets)
        return all(
            one.ship is not None and ship.sha != one.ship.sha and _is_overtaken(ship, one, head) for one in found
        )
    except (*AWS_ERRORS, DeployError):
        return False


def claims(
    buckets: Sequence[Bucket], ship: Ship, head: Head, now: int
) -> tuple[list[Bucket], tuple[str, ...], dict[str, str]]:
    """The buckets that a push is to be put into, with its number as metadata; the sites that have a newer one; and, by
    site, why nothing is known. Raises GitHubError."""
    numbers: dict[str, int] = {}
    failed: dict[str, str] = {}
    for bucket in buckets:
        try:
            numbers[bucket.site] = claimed(bucket, ship, head, now)
        except AWS_ERRORS as error:
            failed[bucket.site] = reason(error)
        except DeployError as error:
            failed[bucket.site] = str(error)
    own = [replace(one, metadata=_told(ship, numbers[one.site])) for one in buckets if numbers.get(one.site)]
    return own, tuple(site for site, number in numbers.items() if number == SUPERSEDED), failed


def _told(ship: Ship, number: int) -> dict[str, str]:
    """What the object that is to be there has as its metadata."""
    return {"commit": ship.sha} if number == EARLIER else {ORDER: f"{number:013}"}


def claimed(bucket: Bucket, ship: Ship, head: Head, now: int) -> int:
    """The number of a push in this bucket, which is greater than that of each older one; or SUPERSEDED, or EARLIER.

    The same push has the same number each time, and a later push of the commit that is the newest already has that
    one's: there is nothing to deploy. `now` is in milliseconds, so that numbers go on where the object was lost. Raises
    botocore's errors, DeployError and GitHubError.
    """
    for _ in range(_TRIES):
        newest = _newest(bucket, ship.application)
        if newest.ship and is_same(ship, newest.ship):
            return newest.number
        if newest.ship is None and _is_earlier(bucket, ship):
            return EARLIER
        again = newest.ship is not None and ship.sha == newest.ship.sha
        if _is_overtaken(ship, newest, head):
            return newest.number if again else SUPERSEDED
        number = newest.number if again else max(now, newest.number + 1)
        if _is_written(bucket, ship, number, newest):
            return number
    raise DeployError(
        f"{bucket.name}: {_key(ship.application)} could not be written, as it was another one each time. Nothing was "
        "uploaded there. See who else writes it, and that it may be read."
    )


def _is_earlier(bucket: Bucket, ship: Ship) -> bool:
    """Whether the listener put the commit there since it was pushed, so that this is the push, sent again."""
    try:
        there = bucket.call(
            "HeadObject", {"Bucket": bucket.name, "Key": key_of(ship.application, ship.sha, ship.folder)}
        )
    except AWS_ERRORS as error:
        if code_of(error) in PERHAPS_ABSENT:
            return False
        raise
    ours = {"commit": ship.sha, "shipped-by": SHIPPED_BY}.items() <= there.get("Metadata", {}).items()
    return bool(ours and ship.at <= there["LastModified"].timestamp())


def _is_overtaken(ship: Ship, newest: _Newest, head: Head) -> bool:
    # What was the newest once, and is not any more, is older, whenever it is heard again.
    return newest.ship is not None and (_mark(ship) in newest.older or not is_newer(ship, newest.ship, head))


def _mark(ship: Ship) -> str:
    told = (ship.repository, ship.ref, ship.sha, ship.before, ship.at, ship.delivery)
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def _key(application: str) -> str:
    # No name of a bundle: a notification for all of the prefix is not taken for an artifact.
    return f"{application}/newest-push.json"


def _newest(bucket: Bucket, application: str) -> _Newest:
    try:
        answer = bucket.call("GetObject", {"Bucket": bucket.name, "Key": _key(application)})
        return _read(answer["Body"].read(), answer["ETag"])
    except AWS_ERRORS as error:
        if code_of(error) in PERHAPS_ABSENT:
            return _Newest()
        raise
    except (KeyError, TypeError, ValueError, RecursionError):
        raise DeployError(
            f"{bucket.name}: {_key(application)} is not as it was written, so that nothing tells which push is the "
            "newest. Nothing was uploaded there. Delete it, and redeliver the newest push."
        ) from None


def _read(content: bytes, etag: str) -> _Newest:
    found = json.loads(content)
    if found["schema"] != _SCHEMA or type(found["number"]) is not int or type(found["older"]) is not list:
        raise ValueError
    return _Newest(_ship(found["push"]), found["number"], etag, tuple(map(str, found["older"])))


def _ship(found: Mapping[str, Any]) -> Ship:
    ship = Ship(**found)
    if any(type(value) is not type(getattr(_EMPTY, name)) for name, value in asdict(ship).items()):
        raise TypeError
    return ship


_EMPTY: Final = Ship("", "", "", "", "")


def _is_written(bucket: Bucket, ship: Ship, number: int, last: _Newest) -> bool:
    condition = {"IfMatch": last.etag} if last.etag else {"IfNoneMatch": "*"}
    older = [*last.older, *([_mark(last.ship)] if last.ship else [])][-_KEPT:]
    told = {"schema": _SCHEMA, "number": number, "push": asdict(ship), "older": older}
    body = json.dumps(told, indent=1, sort_keys=True).encode()
    sent = {"Bucket": bucket.name, "Key": _key(ship.application), "Body": body, "ContentType": "application/json"}
    try:
        bucket.call("PutObject", {**sent, **condition})
    except AWS_ERRORS as error:
        if code_of(error) in OVERTAKEN:
            return False
        raise
    return True
