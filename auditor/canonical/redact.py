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
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Final

from auditor.canonical.named_ids import reasons_of
from auditor.canonical.references import named_in, unresolved_in
from auditor.canonical.stack_names import WHY, made_endings
from auditor.canonical.wording import canonicaliser
from auditor.model.json_text import parse_json
from auditor.model.values import Locale, Resource, Value
from auditor.specs.field_tree import Node, SpecTree, spec_tree
from auditor.specs.spec import ResourceSpec, Role

Text = Callable[[str], str]
"""What makes a site's text canonical."""
_ARN: Final = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]*:[\w+=,.@:/*-]+")
# No user, password, path, query or fragment: any of them can carry a credential.
_ENDPOINT: Final = re.compile(
    r"(https?://)?[a-z0-9.-]+\.(amazonaws\.com(\.cn)?|amazonaws\.eu|api\.aws|on\.aws)(:\d+)?/?"
)
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


@dataclass(frozen=True)
class Hiding:
    """What hides one site's secrets: how its text is canonical, the rules, and its site, and what may be an id."""

    text: Text
    redaction: Redaction
    locale: Locale
    doubtful: Mapping[str, str]


def hiding(locale: Locale, redaction: Redaction, doubtful: Mapping[str, str] | None = None) -> Hiding:
    """What hides a site's secrets. `doubtful` are ids, or secrets that look like ids, with why nobody knows which."""
    return Hiding(canonicaliser(locale, wide=True), redaction, locale, doubtful or {})


def redact(resource: Resource, spec: ResourceSpec, hides: Hiding, fields: SpecTree | None = None) -> Resource:
    """The resource without its secrets and without what grants access by being known.

    `fields` are its spec's, where they are at hand.
    """
    facets = {}
    for facet, node in zip(spec.facets, (fields or spec_tree(spec)).nodes, strict=True):
        reading = resource.facets[facet.name]
        # Not bound to the resource's name: what that is elsewhere is known only when two sites are compared.
        facets[facet.name] = replace(reading, value=_value(reading.value, node, hides, f"{spec.type}/{facet.at}"))
    return replace(resource, facets=facets)


def _value(value: Value, node: Node, hides: Hiding, place: str) -> Value:
    if node.field and node.field.role is Role.SECRET and value is not None:
        return _hidden(value, hides, place)
    if node.field and node.field.role is Role.POLICY and isinstance(value, str):
        return _policy(value, hides, place)
    if isinstance(value, dict):
        return {
            name: _value(member, node.child(name), hides, f"{place}/{name}")
            for name, member in value.items()
            if not _is_capability(node.child(name))
        }
    if isinstance(value, list):
        return [_value(element, node.child("[]"), hides, f"{place}/[]") for element in value]
    return value


def _is_capability(node: Node) -> bool:
    return node.field is not None and node.field.role is Role.CAPABILITY


def _hidden(value: Value, hides: Hiding, place: str) -> Value:
    name = place.rpartition("/")[2]
    held: dict[str, Value] = {"secret": fingerprint(str(value), hides.text, hides.redaction.key, place)}
    if any(fnmatchcase(name, pattern) for pattern in hides.redaction.plain):
        return {**held, "shown": value}
    if isinstance(value, str) and is_reference(value, hides.redaction.buckets):
        # The fingerprint stays beside it: in another site, or on another day, the same value may be hidden.
        return {**held, "shown": value}
    # The reasons alone, not the ids: what looks like one may be a secret.
    reasons = _reasons(name, value, hides)
    return {**held, "unresolved": reasons} if reasons else held


def _reasons(name: str, value: Value, hides: Hiding) -> list[str]:
    text = hides.text(str(value))
    told = unresolved_in(text, hides.locale) if hides.locale.unresolved else []
    doubted = named_in(value, hides.doubtful)
    made = [WHY] if made_endings(text) else []
    return sorted(
        {
            *(hides.locale.unresolved[one] for one in told),
            *(hides.doubtful[one] for one in doubted),
            *made,
            *reasons_of(name, text),
        }
    )


def _policy(document: str, hides: Hiding, place: str) -> str:
    """The policy with fingerprints for the tokens that an event source must present (lambda:EventSourceToken)."""
    if _TOKEN not in document.lower():
        return document
    try:
        return json.dumps(_without_tokens(parse_json(document), hides, place))
    except ValueError:
        return fingerprint(document, hides.text, hides.redaction.key, place)


def _without_tokens(value: Value, hides: Hiding, place: str) -> Value:
    if isinstance(value, dict):
        return {
            name: "secret:" + fingerprint(json.dumps(member), hides.text, hides.redaction.key, f"{place}/{_TOKEN}")
            if name.lower() == _TOKEN
            else _without_tokens(member, hides, place)
            for name, member in value.items()
        }
    return [_without_tokens(one, hides, place) for one in value] if isinstance(value, list) else value


def is_reference(value: str, buckets: frozenset[str] = frozenset()) -> bool:
    """Whether a value is wholly a reference, which may be shown, rather than a secret.

    An ARN, an AWS endpoint, a queue's URL, a region or a bucket of the audit; never a URL with a path,
    credentials or a signature.
    """
    shapes = (_ARN, _ENDPOINT, _QUEUE, _REGION)
    return value in buckets or any(shape.fullmatch(value) for shape in shapes)


def fingerprint(value: str, text: Text, key: bytes, place: str) -> str:
    """The keyed digest (HMAC-SHA-256, 128 bits) of a secret's canonical text, bound to the place it has.

    Bound to its place, it cannot tell that two different fields hold the same secret.
    """
    message = f"{place}\0{text(value)}"
    return hmac.new(key, message.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]


def key_id(key: bytes) -> str:
    """Names a key without telling it, so that fingerprints of different keys are never compared."""
    return hmac.new(key, b"auditor fingerprint key", hashlib.sha256).hexdigest()[:16]
