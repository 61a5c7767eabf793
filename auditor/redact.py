"""Takes the secrets out of what was read, before anything else sees it. Pure; no I/O.

In a secret's place stands ``{"secret": fingerprint}``: a keyed digest of its canonical text that tells only
whether it equals the same secret of another site. Without the key it cannot be guessed at. A value that may be
shown stands beside it: ``{"secret": fingerprint, "shown": value}``.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Final

from auditor.canonical import canonicalise
from auditor.model import Locale, Reading, Resource, Value
from auditor.spec import ResourceSpec, Role
from auditor.tree import Node, tree

_ARN: Final = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]*:[\w+=,.@:/*-]+")
# No user, password, path, query or fragment: any of them can carry a credential.
_ENDPOINT: Final = re.compile(r"(https?://)?[a-z0-9.-]+\.(amazonaws\.com(\.cn)?|amazonaws\.eu|api\.aws)(:\d+)?/?")
_QUEUE: Final = re.compile(
    r"https://sqs\.[a-z0-9-]+\.(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|api\.aws)/\d{12}/[\w-]{1,80}(\.fifo)?"
)
_TOKEN: Final = "lambda:eventsourcetoken"  # noqa: S105 a condition key, not a token
_REGION: Final = re.compile(r"(af|ap|ca|cn|eu|eusc|il|me|mx|sa|us|us-gov|us-iso[a-z]?)-[a-z]+-\d")


@dataclass(frozen=True)
class Redaction:
    """What decides whether a value may be shown, and the key that the others are fingerprinted with.

    `plain` are globs of environment variables' names; `buckets` the names of the account's buckets.
    """

    key: bytes = field(repr=False)
    plain: tuple[str, ...] = ()
    buckets: frozenset[str] = frozenset()


def redact(resource: Resource, spec: ResourceSpec, locale: Locale, redaction: Redaction) -> Resource:
    """The resource without its secrets and without what grants access by being known."""
    facets = {}
    for facet in spec.facets:
        reading = resource.facets[facet.name]
        # Not bound to the resource's name: what that is elsewhere is known only when two sites are compared.
        place = f"{resource.type}/{facet.at}"
        facets[facet.name] = _redacted(reading, tree(facet.fields), locale, redaction, place)
    return replace(resource, facets=facets)


def _redacted(reading: Reading, node: Node, locale: Locale, redaction: Redaction, place: str) -> Reading:
    return replace(reading, value=_value(reading.value, node, locale, redaction, place))


def _value(value: Value, node: Node, locale: Locale, redaction: Redaction, place: str) -> Value:
    if node.field and node.field.role is Role.SECRET and value is not None:
        return _hidden(value, locale, redaction, place)
    if node.field and node.field.role is Role.POLICY and isinstance(value, str):
        return _policy(value, locale, redaction, place)
    if isinstance(value, dict):
        return {
            name: _value(member, node.child(name), locale, redaction, f"{place}/{name}")
            for name, member in value.items()
            if not _is_capability(node.child(name))
        }
    if isinstance(value, list):
        return [_value(element, node.child("[]"), locale, redaction, f"{place}/[]") for element in value]
    return value


def _is_capability(node: Node) -> bool:
    return node.field is not None and node.field.role is Role.CAPABILITY


def _policy(text: str, locale: Locale, redaction: Redaction, place: str) -> str:
    """The policy with fingerprints for the tokens that an event source must present (lambda:EventSourceToken)."""
    if _TOKEN not in text.lower():
        return text
    try:
        return json.dumps(_without_tokens(json.loads(text), locale, redaction, place))
    except ValueError:
        return fingerprint(text, locale, redaction.key, place)


def _without_tokens(value: Value, locale: Locale, redaction: Redaction, place: str) -> Value:
    if isinstance(value, dict):
        return {
            name: "secret:" + fingerprint(json.dumps(member), locale, redaction.key, f"{place}/{_TOKEN}")
            if name.lower() == _TOKEN
            else _without_tokens(member, locale, redaction, place)
            for name, member in value.items()
        }
    return [_without_tokens(one, locale, redaction, place) for one in value] if isinstance(value, list) else value


def _hidden(value: Value, locale: Locale, redaction: Redaction, place: str) -> Value:
    name = place.rpartition("/")[2]
    held = {"secret": fingerprint(str(value), locale, redaction.key, place)}
    plain = any(fnmatchcase(name, pattern) for pattern in redaction.plain)
    if plain or (isinstance(value, str) and is_reference(value, redaction.buckets)):
        # The fingerprint stays beside it: in another site, or on another day, the same value may be hidden.
        return {**held, "shown": value}
    return held


def is_reference(value: str, buckets: frozenset[str] = frozenset()) -> bool:
    """Whether a value is wholly a reference, which may be shown, rather than a secret.

    An ARN, an AWS endpoint, a queue's URL, a region or a bucket of the audit; never a URL with a path,
    credentials or a signature.
    """
    shapes = (_ARN, _ENDPOINT, _QUEUE, _REGION)
    return value in buckets or any(shape.fullmatch(value) for shape in shapes)


def fingerprint(value: str, locale: Locale, key: bytes, place: str) -> str:
    """The keyed digest (HMAC-SHA-256, 128 bits) of a secret's canonical text, bound to the place it has.

    Bound to its place, it cannot tell that two different fields hold the same secret.
    """
    message = f"{place}\0{canonicalise(value, locale, wide=True)}"
    return hmac.new(key, message.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]


def key_id(key: bytes) -> str:
    """Names a key without telling it, so that fingerprints of different keys are never compared."""
    return hmac.new(key, b"auditor fingerprint key", hashlib.sha256).hexdigest()[:16]
