"""What GitHub's webhook says: who signed it, and what is to be shipped for it. No clock, no file and no network.

https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, Final
from urllib.parse import parse_qs

from auditor.deploy.archive import Limits
from auditor.deploy.functions.rules import EVENTS, Rule, RuleError, parse_rules
from auditor.errors import AuditorError, SettingsError

_COMMIT: Final = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class Settings:
    """What the environment says. The secrets are the names of such; `token` is "" for none."""

    webhook_secret: str
    token: str
    rules: tuple[Rule, ...]
    buckets: Mapping[str, str]
    """By region."""
    api: str
    statuses: bool
    limits: Limits
    most: int
    """Bytes of a downloaded archive."""


@dataclass(frozen=True)
class Ship:
    """One shipment, as the function is called with it by itself. `sha` is "" where only the tag is known.

    What follows the delivery tells which of two is the newer one, "" and 0 where nothing does: what the ref was
    `before` and `after` (an annotated tag itself, not its commit), `at` which second GitHub says that it was, and at
    which millisecond its webhook was `heard`.
    """

    repository: str
    sha: str
    ref: str
    application: str
    delivery: str
    folder: str = ""
    before: str = ""
    after: str = ""
    at: int = 0
    heard: int = 0

    @property
    def named(self) -> dict[str, str]:
        """What the log calls it by."""
        names = ("repository", "sha", "ref", "application", "delivery", "folder")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Request:
    """What came by HTTP, in whatever form of Lambda's. The names of the headers are in lower case."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def event(self) -> str:
        """The webhook's event, shortened: whoever calls may write what he likes."""
        return self.headers.get("x-github-event", "")[:100]

    @property
    def delivery(self) -> str:
        """GitHub's id of the delivery, shortened."""
        return self.headers.get("x-github-delivery", "")[:100]


class BadRequestError(AuditorError):
    """What was signed is nothing that GitHub sends."""


def settings_of(environ: Mapping[str, str]) -> Settings:
    """The settings. Raises SettingsError."""
    try:
        settings = Settings(
            environ["WEBHOOK_SECRET"],
            environ.get("GITHUB_TOKEN", ""),
            parse_rules(environ["RULES"]),
            {str(region): str(name) for region, name in json.loads(environ["BUCKETS"]).items()},
            environ.get("GITHUB_API_URL", ""),
            environ.get("COMMIT_STATUSES", "").lower() == "true",
            Limits(int(environ.get("MAX_BYTES") or 1024**3), int(environ.get("MAX_ENTRIES") or 20_000)),
            int(environ.get("MAX_DOWNLOAD") or 256 * 1024**2),
        )
        usable, why = bool(settings.webhook_secret and settings.buckets), ""
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        usable, why = False, f" ({error})" if isinstance(error, RuleError) else ""
    if not usable:
        raise SettingsError(
            f"WEBHOOK_SECRET, RULES, BUCKETS or a MAX_… is missing or not as it should be{why}. Nothing was done. "
            "Set the function's environment as auditor.deploy.functions.github_listener says."
        )
    return settings


def request_of(event: Mapping[str, Any]) -> Request:
    """The request in an event of a function URL, or of API Gateway (payload 1.0 or 2.0).

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    headers = {str(name).lower(): str(value) for name, value in (event.get("headers") or {}).items()}
    body = str(event.get("body") or "").encode(errors="replace")
    if event.get("isBase64Encoded"):
        try:
            body = base64.b64decode(body)
        except ValueError:
            # Nobody signed that.
            body = b""
    return Request(headers, body)


def is_signed(request: Request, secret: str) -> bool:
    """https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries"""
    signature = request.headers.get("x-hub-signature-256", "")
    right = "sha256=" + hmac.new(secret.encode(), request.body, hashlib.sha256).hexdigest()
    return bool(secret) and hmac.compare_digest(right.encode(), signature.encode(errors="replace"))


def shipments(request: Request, rules: tuple[Rule, ...]) -> tuple[Ship, ...] | str:
    """What is to be shipped, one for each application; or why nothing is. Raises BadRequestError."""
    payload = _payload(request)
    if request.event not in EVENTS:
        return "only push and release are heard"
    found = _pushed(payload, request.delivery) if request.event == "push" else _released(payload, request.delivery)
    if isinstance(found, str):
        return found
    # GitHub takes a repository's name in any case.
    heard = [rule for rule in rules if rule.repository.lower() == found.repository.lower()]
    if not heard:
        return "no rule is for this repository"
    fit = [rule for rule in heard if rule.event == request.event and fnmatchcase(found.ref, rule.ref)]
    if not fit:
        return "no rule is for this ref and event"
    meant = {(rule.application, rule.folder) for rule in fit if request.event == "push" or _is_meant(payload, rule)}
    ships = tuple(replace(found, application=application, folder=folder) for application, folder in sorted(meant))
    return ships or "no rule takes a pre-release, or the promotion of one that it took"


def _is_meant(payload: Mapping[str, Any], rule: Rule) -> bool:
    """Whether a rule takes a release that was published, or promoted.

    A release is published once, also as a pre-release, and promoted to a full one with 'released' alone. What is full
    from the start comes as both, in any order: the second one finds its artifact there.
    """
    prerelease = payload["release"].get("prerelease", False)
    if not isinstance(prerelease, bool):
        raise BadRequestError("The release's prerelease is neither true nor false.")
    return bool(payload["action"] == "published") if rule.prereleases else not prerelease


def _payload(request: Request) -> Mapping[str, Any]:
    try:
        text = request.body.decode()
        if request.headers.get("content-type", "").lower().startswith("application/x-www-form-urlencoded"):
            text = parse_qs(text)["payload"][0]
        payload = json.loads(text)
    except (ValueError, KeyError, RecursionError):
        payload = None
    if not isinstance(payload, dict):
        raise BadRequestError("The body is no JSON object.")
    return payload


def _pushed(payload: Mapping[str, Any], delivery: str) -> Ship | str:
    after = _text(payload, "after")
    if payload.get("deleted") or not after.strip("0"):
        return "the ref was deleted"
    # For an annotated tag, `after` is the tag itself and not its commit.
    sha = _text(payload, "head_commit", "id") if payload.get("head_commit") else after
    if not _COMMIT.fullmatch(sha):
        raise BadRequestError("The commit is no SHA.")
    name, ref, before = _text(payload, "repository", "full_name"), _text(payload, "ref"), payload.get("before")
    at = _seconds(payload["repository"].get("pushed_at"))
    before = before if isinstance(before, str) else ""
    return Ship(name, sha, ref, "", delivery, before=before, after=after, at=at)


def _released(payload: Mapping[str, Any], delivery: str) -> Ship | str:
    # https://docs.github.com/en/webhooks/webhook-events-and-payloads#release: 'released' is a promotion too, whose
    # published_at is the pre-release's, and tells nothing of when it was promoted.
    if payload.get("action") not in ("published", "released"):
        return "only a published release is shipped"
    ref = f"refs/tags/{_text(payload, 'release', 'tag_name')}"
    # A promotion leaves the time of publishing as it was; the webhook's own time tells where GitHub says no other.
    at = _seconds(payload["release"].get("published_at" if payload["action"] == "published" else "updated_at"))
    return Ship(_text(payload, "repository", "full_name"), "", ref, "", delivery, at=at)


def _seconds(value: object) -> int:
    """The second since 1970; 0 for what tells none. In a push GitHub writes it as a number, elsewhere as ISO 8601."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else datetime.fromtimestamp(value, UTC)  # type: ignore[arg-type]
        return max(0, int(moment.timestamp()))
    except (TypeError, ValueError, OverflowError, OSError):
        return 0


def _text(payload: Mapping[str, Any], *names: str) -> str:
    value: Any = payload
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    if not value or not isinstance(value, str):
        raise BadRequestError(f"There is no {'.'.join(names)}.")
    return value
