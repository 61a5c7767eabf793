"""What fills the placeholders of a planned call: names, symbols, and secrets that are held in memory only."""

from __future__ import annotations

import base64
import hashlib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final

from auditor.apply.target import Fresh, Target, fresh
from auditor.aws.part import Part
from auditor.canonical.document import full_locale
from auditor.canonical.pairing import parent_and_own
from auditor.canonical.wording import canonicalise, localise
from auditor.errors import ApplyError, UnresolvedError
from auditor.model.plan import Action, PlannedCall
from auditor.model.values import Resource, State, Value
from auditor.plan.sources import CODE, is_secret, refuse_strange_fills
from auditor.plan.symbols import GOLDEN, OWN, is_given, symbols_in
from auditor.specs.spec import ResourceSpec

LARGEST: Final = 50 * 1024 * 1024
"""Bytes of a zip that Lambda takes in a call; larger ones go through a bucket.
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html#function-configuration-deployment-and-execution
"""
_SECONDS: Final = 60


@dataclass(frozen=True)
class Golden:
    """Golden's resources that a plan follows, with their secrets, in memory only."""

    site: str
    part: Part = field(repr=False)

    def resource(self, type_: str, native: str) -> Resource:
        """One of them, as AWS told it."""
        return self.part.raw[(type_, native)]

    def canonical(self, text: str, vocabulary: Mapping[str, ResourceSpec], wide: bool) -> str:
        """A text of golden's, canonical."""
        return canonicalise(text, full_locale(self.part.snapshot, vocabulary, wide), wide)


def held(call: PlannedCall) -> bool:
    """Whether a call's parameters hold what must not be told: AWS quotes parameters in its messages."""
    return any(True for _ in _held(call))


def _held(call: PlannedCall) -> Iterator[str]:
    return (one for one in symbols_in(call.params) if one.startswith((OWN, GOLDEN)))


def values(target: Target, action: Action, call: PlannedCall, golden: Golden | None) -> dict[str, Value]:
    """Everything that a call's parameters name. Raises ApplyError for what is not there any more.

    Raises PlanError where a parameter would hold what was read for another one (see refuse_strange_fills). The
    resource itself is read again where they name what it holds, or what is worded for its site.
    """
    spec = target.reader.vocabulary[action.type]
    parent, own = parent_and_own(target.called(action.type, action.native), bool(spec.parent))
    refuse_strange_fills(call.params, spec)
    known = {symbol: one for symbol, one in target.symbols.items() if not is_given(symbol)}
    made: dict[str, Value] = {**known, "name": own, "parent": parent}
    # Read once, and only if it is needed: golden's code is the same whatever the resource is by now.
    read = cache(lambda: fresh(target, action.type, action.native, action.name))
    for symbol in _held(call):
        kind, place = symbol.split(":", 1)
        if kind == "own":
            made[symbol] = _own(target, action, place, read())
        elif golden is None:
            raise ApplyError(
                f"{target.site}: {action.type}/{action.name} takes {place} from golden, which was not read."
            )
        else:
            made[symbol] = _golden(target, action, place, golden, read)
        if is_secret(spec, place):
            target.filled.add(made[symbol])
    return made


def _own(target: Target, action: Action, place: str, now: Fresh) -> Value:
    # AWS makes some names up, so it is the one that the document came of.
    native = now.document.native if now.document else action.native
    resource = now.part.raw.get((action.type, native))
    return _at(target.reader.vocabulary[action.type], resource, place, f"{target.site}: {action.type}/{action.name}")


def _golden(target: Target, action: Action, place: str, golden: Golden, read: Callable[[], Fresh]) -> Value:
    native = target.planned_on(action).golden
    resource = golden.resource(action.type, native)
    if place == CODE:
        return _code(resource, f"{golden.site}: {action.type}/{action.name}")
    value = _at(target.reader.vocabulary[action.type], resource, place, f"{golden.site}: {action.type}/{action.name}")
    return _worded(str(value), golden, target, read(), place)


def _worded(value: str, golden: Golden, target: Target, now: Fresh, place: str) -> str:
    """A secret of golden's as the target would write it: what belongs to golden's region belongs to the target's."""
    text = golden.canonical(value, target.reader.vocabulary, target.wide)
    locale = full_locale(now.part.snapshot, target.reader.vocabulary, target.wide)
    known = {str(literal): symbol for symbol, literal in target.symbols.items()}
    try:
        return localise(text, replace(locale, references={**known, **locale.references}))
    except UnresolvedError:
        # Not even the symbol is told: it is a part of the secret.
        raise ApplyError(
            f"{target.site}: golden's {place} names something that is not known there. It was not written. "
            "auditor.yaml can say under `symbols:` what it is called."
        ) from None


def _at(spec: ResourceSpec, resource: Resource | None, place: str, whose: str) -> Value:
    segments = place.split("/")[1:]
    for facet in spec.facets:
        reading = resource.facets.get(facet.name) if resource else None
        if reading is None or reading.state is not State.READ or (facet.at and facet.at != segments[0]):
            continue
        found = _inside(reading.value, segments[1:] if facet.at else segments)
        if found is not None:
            return found
    raise ApplyError(f"{whose} does not tell its {place} any more. Nothing was written with it. Plan again.")


def _inside(value: Value, segments: list[str]) -> Value:
    for segment in segments:
        value = value.get(segment) if isinstance(value, dict) else None
    return value


def _code(resource: Resource, whose: str) -> bytes:
    """The code of a function or layer version, fetched from where AWS keeps it and checked against its hash."""
    told = [one.value for one in resource.facets.values() if isinstance(one.value, dict)]
    where = next((str(one["Location"]) for one in told if one.get("Location")), "")
    wanted = next((str(one["CodeSha256"]) for one in told if one.get("CodeSha256")), "")
    if not where.startswith(("https://", "http://")):
        raise ApplyError(f"{whose}: AWS does not say where its code is. It was not shipped.")
    try:
        with urllib.request.urlopen(where, timeout=_SECONDS) as answer:  # noqa: S310 AWS's own URL, checked above
            content: bytes = answer.read(LARGEST + 1)
    except OSError as error:
        if isinstance(error, urllib.error.HTTPError):
            # It holds the connection.
            error.close()
        # The URL grants access by being known: neither it nor what quotes it is told.
        why = type(error).__name__
        raise ApplyError(f"{whose}: its code could not be fetched ({why}). It was not shipped.") from None
    if len(content) > LARGEST:
        raise ApplyError(f"{whose}: its code is larger than the 50 MB that Lambda takes in a call. Deploy it instead.")
    if base64.b64encode(hashlib.sha256(content).digest()).decode() != wanted:
        raise ApplyError(f"{whose}: its code is not what its CodeSha256 says. It was not shipped.")
    return content
