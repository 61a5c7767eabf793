"""Who changed it: which events can have made each finding, which of them is the one, and what of it is told. Pure.

Of an event's parameters no value is ever told: they are read to see which resource it is about, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from auditor.attribution.names import CREATE, DELETE, NAMERS, SOURCES, WRITTEN_BY, event_names
from auditor.canonical.pairing import parent_and_own
from auditor.canonical.wording import localise
from auditor.errors import UnresolvedError
from auditor.model.json_text import parse_json
from auditor.model.pointer import segments
from auditor.model.values import Attribution, Change, Drift, Finding, Locale, Value
from auditor.plan.ground import facet_at
from auditor.specs.spec import Call, Facet, Listing, ResourceSpec, Writer

Specs = Mapping[str, ResourceSpec]
NOT_ASKED: Final = "~"
"""Later than any time: nothing is known of an event's history."""


@dataclass(frozen=True)
class Mark:
    """What is looked for: an event of this name, about this resource, which has this name in its site."""

    event: str
    type: str
    name: str


@dataclass(frozen=True)
class Event:
    """One call that AWS carried out and that changed something, as CloudTrail keeps it."""

    id: str
    time: str
    """UTC, ISO 8601, to the second."""
    source: str
    name: str
    principal: str
    told: Mapping[str, Value]
    """Its requestParameters, their names in small letters."""
    answered: Mapping[str, Value]
    """Its responseElements, their names as botocore has them."""


@dataclass(frozen=True)
class History:
    """What CloudTrail tells of one site."""

    events: Mapping[Mark, Event]
    """The newest event of each mark."""
    since: Mapping[str, str]
    """Since when events of each name are known: a time, or "" for all that CloudTrail keeps."""


Part = tuple[int, int]
"""A finding's place in the drift, and which of its facets: each is written by itself, and has an author of its own."""
Questions = Mapping[Part, frozenset[Mark]]
"""The events that can have made a part of a finding."""


def questions(findings: Mapping[Part, Finding], specs: Specs, locale: Locale, golden: bool) -> Questions:
    """What is to be looked up of these findings in their site or, if `golden`, in golden; `locale` is that site's."""
    asked = {number: frozenset(_marks(one, specs, locale, golden)) for number, one in findings.items()}
    return {number: marks for number, marks in asked.items() if marks}


def attributable(drift: Drift, specs: Specs) -> dict[Part, Finding]:
    """The parts of open findings of which somebody can be the author, each as a finding of one facet."""
    return {
        (number, place): part
        for number, one in enumerate(drift.findings)
        if one.exception is None and one.kind != "unreadable"
        for place, part in enumerate(_by_facet(one, specs))
    }


def _by_facet(finding: Finding, specs: Specs) -> list[Finding]:
    by_facet: dict[str, list[Change]] = {}
    for one in finding.changes:
        by_facet.setdefault(facet_at(specs[finding.type], segments(one.path))[0].name, []).append(one)
    return [replace(finding, changes=tuple(own)) for own in by_facet.values()] or [finding]


def last_event(marks: frozenset[Mark], history: History) -> Event | None:
    """The newest event of these marks; None where there is none, or where a newer one may not be known."""
    found = [history.events[mark] for mark in marks if mark in history.events]
    # CloudTrail's times are seconds; within one, a thing was made before it was changed.
    newest = max(found, key=lambda one: (one.time, not one.name.startswith("Create"), one.name), default=None)
    unseen = (history.since.get(mark.event, NOT_ASKED) for mark in marks - history.events.keys())
    return None if newest is None or any(since >= newest.time for since in unseen) else newest


def is_silent(marks: frozenset[Mark], history: History) -> bool:
    """Whether it is known that there is no such event in all that CloudTrail keeps (90 days)."""
    return not marks & history.events.keys() and all(history.since.get(mark.event) == "" for mark in marks)


def is_making(one: Attribution, finding: Finding, specs: Specs) -> bool:
    """Whether nothing is known of a changed resource but that it was made: golden may have moved since."""
    return finding.kind == "changed" and one.event in _made(specs[finding.type])


def with_golden(
    here: Mapping[Part, Attribution], golden: Mapping[Part, Attribution], findings: Mapping[Part, Finding], specs: Specs
) -> dict[Part, Attribution]:
    """The attributions of findings in their sites and, where golden was written since they were made, in golden."""
    moved = {
        number: one
        for number, one in golden.items()
        if number not in here or (not is_making(one, findings[number], specs) and one.time >= here[number].time)
    }
    return {**here, **moved}


def attribution(site: str, event: Event) -> Attribution:
    """What is told of an event that was recorded in this site."""
    return Attribution(site, event.name, event.principal, event.time, event.id)


def with_attributions(drift: Drift, told: Mapping[Part, Attribution], specs: Specs, warnings: Iterable[str]) -> Drift:
    """The drift with the attributions of the parts of its findings, and with more warnings.

    Each change has its facet's; the finding itself has one where all its parts have the same.
    """
    known = {number for number, _ in told}
    findings = tuple(
        _attributed(one, number, told, specs) if number in known else one for number, one in enumerate(drift.findings)
    )
    return replace(drift, findings=findings, warnings=(*drift.warnings, *warnings))


def _attributed(finding: Finding, number: int, told: Mapping[Part, Attribution], specs: Specs) -> Finding:
    parts = [(told.get((number, place)), part) for place, part in enumerate(_by_facet(finding, specs))]
    author = {one.path: by for by, part in parts for one in part.changes}
    changes = tuple(replace(one, attribution=author[one.path]) for one in finding.changes)
    same = len({by for by, _ in parts}) == 1
    return replace(finding, changes=changes, attribution=parts[0][0] if same else None)


# -- which events


def _marks(finding: Finding, specs: Specs, locale: Locale, golden: bool) -> Iterator[Mark]:
    spec, name = specs[finding.type], finding.golden_native if golden else finding.native
    if finding.kind == "changed":
        yield from _about(_written(finding, spec), spec, name)
    elif (finding.kind == "missing") is golden:
        yield from _about(_made(spec), spec, name)
    else:
        # It is not there, so nothing but its canonical name tells what it was called.
        yield from _gone(spec, specs, _localised(finding.name, locale))


def _about(names: Iterable[str], spec: ResourceSpec, name: str) -> Iterator[Mark]:
    return (Mark(event, spec.type, name) for event in names if name)


def _gone(spec: ResourceSpec, specs: Specs, name: str) -> Iterator[Mark]:
    yield from _about(_names(spec, DELETE, spec.delete, spec.unmake), spec, name)
    if spec.parent in specs:
        # With a parent go its children.
        yield from _gone(specs[spec.parent], specs, parent_and_own(name, is_child=True)[0])


def _written(finding: Finding, spec: ResourceSpec) -> set[str]:
    """The events that write the facets that differ; what makes a resource writes them too."""
    paths = [segments(one.path) for one in finding.changes if not one.unreadable]
    differing = [facet_at(spec, path)[0] for path in paths]
    followed = [
        facet_at(spec, tuple(place.split("/")))[0]
        for facet in differing
        for field in facet.fields
        for place in field.follows
    ]
    written = {name for facet in (*differing, *followed) for name in _of_facet(spec, facet)}
    return written | _made(spec) if written or paths else set()


def _of_facet(spec: ResourceSpec, facet: Facet) -> set[str]:
    return _names(spec, facet.name, facet.write, facet.remove)


def _made(spec: ResourceSpec) -> set[str]:
    return _names(spec, CREATE, spec.create)


def _names(spec: ResourceSpec, what: str, *ways: Call | Writer | None) -> set[str]:
    calls = [(one.service or spec.service, one.operation) for one in ways if isinstance(one, Call)]
    others = [(spec.service, one) for one in WRITTEN_BY.get(spec.type, {}).get(what, ())]
    return {name for service, operation in (*calls, *others) for name in event_names(service, operation)}


def _localised(name: str, locale: Locale) -> str:
    try:
        return localise(name, locale)
    except UnresolvedError:
        return ""


# -- what an event says


def events_of(page: Mapping[str, Any]) -> list[Event]:
    """The events of a page that LookupEvents answers, without those that only read, or that AWS refused.

    An event that is not as CloudTrail documents it tells nothing.
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
    """
    return [event for one in page.get("Events", []) if (event := _event(one.get("CloudTrailEvent")))]


def _event(text: Value) -> Event | None:
    try:
        record = parse_json(text or "")
    except ValueError:
        return None
    if not isinstance(record, dict) or record.get("errorCode") or record.get("readOnly") in (True, "true"):
        return None
    named = (record.get(key) for key in ("eventID", "eventTime", "eventSource", "eventName"))
    texts = [one for one in named if isinstance(one, str)]
    if len(texts) < 4:
        return None
    id_, time, source, name = texts
    told = {key.lower(): value for key, value in _fields(record.get("requestParameters")).items()}
    answered = _capitalised(_fields(record.get("responseElements")))
    return Event(id_, time, source, name, _principal(_fields(record.get("userIdentity"))), told, answered)


def _fields(value: Value) -> dict[str, Value]:
    return value if isinstance(value, dict) else {}


def _capitalised(value: Value) -> Any:
    if isinstance(value, list):
        return [_capitalised(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {name[:1].upper() + name[1:]: _capitalised(one) for name, one in value.items()}


def _principal(identity: Mapping[str, Value]) -> str:
    """Who called: an ARN (of an assumed role's session, of the root user), or the service that did.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
    """
    told = (identity.get(name) for name in ("arn", "invokedBy", "accountId", "type"))
    return next((one for one in told if one and isinstance(one, str)), "unknown")


def mark_of(event: Event, spec: ResourceSpec) -> Mark | None:
    """The mark of an event, if it is about a resource of this type."""
    name = _resource(event, spec) if event.source == SOURCES.get(spec.service) else ""
    return Mark(event.name, spec.type, name) if name else None


def _resource(event: Event, spec: ResourceSpec) -> str:
    try:
        return NAMERS[spec.type](event.told) if spec.type in NAMERS else _listed(event.answered, spec.listing)
    except (AttributeError, IndexError, KeyError, TypeError):
        # Parameters that are not what the operation takes name nothing.
        return ""


def _listed(answered: Mapping[str, Value], listing: Any) -> str:
    """The name of what has none that an operation takes: of what was answered, as the listing has it."""
    if not isinstance(listing, Listing) or isinstance(listing.name, str):
        return ""
    item = answered.get("CodeSigningConfig") or answered
    name = (listing.name(item) if item else None) or ""
    return f"{listing.parent(item)}/{name}" if name and listing.parent else name
