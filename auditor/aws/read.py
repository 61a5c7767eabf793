"""Reads one site: every resource of every type asked for, every facet of it. Knows no AWS type.

Three rounds, each in parallel: listings, parents before children; batches; then what each resource needs of
its own. A failed call leaves the rest whole: what it would have told is unreadable, never absent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from auditor.aws.answers import parsing
from auditor.aws.calls import Caller, fill
from auditor.aws.errors import AWS_ERRORS, code_of, reason
from auditor.aws.readings import EMPTY, joined, picked, taken
from auditor.model.values import Locale, Reading, Resource, State, Unread, Value
from auditor.specs.spec import Batch, Call, Facet, Follow, Listed, Listing, ResourceSpec, Singleton

Progress = Callable[[int, int], None]
"""Told how many resources of the site are read, of how many found so far."""


@dataclass(frozen=True)
class Found:
    """A resource that a listing named, before it is read."""

    spec: ResourceSpec
    name: str
    parent: str
    item: Value

    @property
    def full_name(self) -> str:
        """`PARENT/CHILD` for a child."""
        return f"{self.parent}/{self.name}" if self.parent else self.name

    @property
    def values(self) -> dict[str, Value]:
        """What fills the placeholders of its calls."""
        return {"name": self.name, "parent": self.parent}


Batches = Mapping[tuple[str, str, str], Value]
"""What the batches answered, by (facet, parent, name)."""


def read_resources(
    specs: Mapping[str, ResourceSpec], caller: Caller, pool: Executor, progress: Progress
) -> tuple[tuple[Resource, ...], tuple[Unread, ...]]:
    """The site's resources ordered by type and name, raw and unredacted, and the listings that failed."""
    found, unread = list_all(specs, caller, pool)
    batches = read_batches(found, caller, pool)
    resources = []
    for number, resource in enumerate(pool.map(partial(read_one, caller, batches), found), start=1):
        progress(number, len(found))
        resources.append(resource)
    return tuple(sorted(resources, key=lambda one: (one.type, one.name))), tuple(unread)


def list_all(specs: Mapping[str, ResourceSpec], caller: Caller, pool: Executor) -> tuple[list[Found], list[Unread]]:
    """Everything that the listings name; children are listed once for each parent, or once for them all."""
    found: list[Found] = []
    unread: list[Unread] = []
    generation = [(spec, "") for spec in specs.values() if not in_parents(spec)]
    while generation:
        answers = list(pool.map(lambda asked: listed(asked[0], asked[1], caller), generation))
        fresh = [one for answer in answers if not isinstance(answer, Unread) for one in answer]
        failed = [answer for answer in answers if isinstance(answer, Unread)]
        found += fresh
        unread += failed + list(_orphans(failed, specs))
        children = [spec for spec in specs.values() if in_parents(spec)]
        generation = [(spec, one.full_name) for spec in children for one in fresh if spec.parent == one.spec.type]
    return found, unread


def in_parents(spec: ResourceSpec) -> bool:
    """Whether each parent is asked for its children."""
    return bool(spec.parent) and isinstance(spec.listing, Listing) and spec.listing.parent is None


def _orphans(failed: Iterable[Unread], specs: Mapping[str, ResourceSpec]) -> Iterator[Unread]:
    # Where the parents could not be listed, nothing is known of their children either.
    for unread in failed:
        children = [
            Unread(spec.type, unread.error, unread.parent, unread.state)
            for spec in specs.values()
            if spec.parent == unread.type and in_parents(spec)
        ]
        yield from children
        yield from _orphans(children, specs)


def listed(
    spec: ResourceSpec, parent: str, caller: Caller, one: Call | None = None, name: str = ""
) -> list[Found] | Unread:
    """What a listing names in a parent ("" for none), or `one` that lists but a part of that; or why it failed."""
    listing = spec.listing
    if isinstance(listing, Singleton):
        return [Found(spec, listing.name, "", None)]
    try:
        call = one or listing.call
        items = caller.items(spec.service, call, {"parent": parent, "name": name})
        with parsing(call.operation):
            return list(_kept(spec, listing, items, parent, caller.locale))
    except AWS_ERRORS as error:
        if code_of(error) in listing.absent:
            return []
        return Unread(spec.type, reason(error), parent, caller.state_of(spec.service, error))


def _kept(spec: ResourceSpec, listing: Listing, items: list[Value], parent: str, locale: Locale) -> Iterator[Found]:
    keep = fill(listing.keep, {"region": locale.region, "account": locale.account})
    for item in items:
        for path in listing.always:
            _needed(path, item)
        if not keep or picked(keep, item):
            name = _needed(listing.name, item) if isinstance(listing.name, str) else listing.name(item)
            if name is not None:
                yield Found(spec, str(name), listing.parent(item) if listing.parent else parent, item)


def _needed(path: str, item: Value) -> Value:
    # Something without a name would be taken for another, or for nothing at all.
    found = picked(path, item)
    if found in EMPTY:
        raise KeyError(path)
    return found


def read_batches(found: Iterable[Found], caller: Caller, pool: Executor) -> Batches:
    """The answers of every batch facet. What is not among them is asked for alone, later."""
    asked: dict[tuple[str, str], tuple[ResourceSpec, Facet, list[str]]] = {}
    for one in found:
        for facet in one.spec.facets:
            if isinstance(facet.source, Batch):
                asked.setdefault((_batch_name(one.spec, facet), one.parent), (one.spec, facet, []))[2].append(one.name)
    chunks = [
        (spec, facet, parent, names[start : start + _size(facet)])
        for (_, parent), (spec, facet, names) in asked.items()
        for start in range(0, len(names), _size(facet))
    ]
    parts = pool.map(lambda chunk: _batch(chunk, caller), chunks)
    return {key: value for part in parts for key, value in part}


def _batch_name(spec: ResourceSpec, facet: Facet) -> str:
    return f"{spec.type}.{facet.name}"


def _size(facet: Facet) -> int:
    assert isinstance(facet.source, Batch)
    return facet.source.size


def _batch(
    chunk: tuple[ResourceSpec, Facet, str, list[str]], caller: Caller
) -> list[tuple[tuple[str, str, str], Value]]:
    spec, facet, parent, names = chunk
    assert isinstance(facet.source, Batch)
    call = facet.source.call
    try:
        items = caller.items(spec.service, call, {"names": names, "parent": parent})
    except AWS_ERRORS:
        # One name that was deleted meanwhile fails the whole batch; each is then asked for alone, and an
        # error that is not about a name shows there.
        return []
    return [((_batch_name(spec, facet), parent, str(picked(facet.source.key, item))), item) for item in items]


@dataclass(frozen=True)
class ResourceReading:
    """What reading the facets of one resource takes, and what came of those before."""

    caller: Caller
    batches: Batches
    found: Found
    answers: dict[str, Any] = field(default_factory=dict)
    readings: dict[str, Reading] = field(default_factory=dict)


def read_one(caller: Caller, batches: Batches, found: Found) -> Resource:
    """One resource with all its facets. Facets that make the same call share its answer."""
    underway = ResourceReading(caller, batches, found)
    for facet in found.spec.facets:
        asked = not facet.when or picked(facet.when, found.item)
        underway.readings[facet.name] = _reading(facet, underway) if asked else Reading(State.ABSENT)
    return Resource(found.spec.type, found.full_name, underway.readings)


def _reading(facet: Facet, underway: ResourceReading) -> Reading:
    source, found = facet.source, underway.found
    if isinstance(source, Listed):
        return taken(facet, source.pick, found.item)
    if isinstance(source, Batch):
        key = (_batch_name(found.spec, facet), found.parent, found.name)
        held = underway.batches.get(key)
        return _called(facet, source.alone, found.values, underway) if held is None else taken(facet, "@", held)
    if isinstance(source, Follow):
        return _followed(facet, source, underway)
    return _called(facet, source, found.values, underway)


def _followed(facet: Facet, source: Follow, underway: ResourceReading) -> Reading:
    first = underway.readings[source.facet]
    if first.state is not State.READ:
        return first
    found = picked(source.pick, first.value)
    if found is None:
        return Reading(State.ABSENT)
    return _called(facet, source.call, {**underway.found.values, "picked": found}, underway)


def _called(facet: Facet, call: Call, values: Mapping[str, Value], underway: ResourceReading) -> Reading:
    spec, answers = underway.found.spec, underway.answers
    key = f"{call.service}.{call.operation}{sorted(call.params.items())!r}"
    if key not in answers:
        try:
            answers[key] = joined(list(underway.caller.pages(spec.service, call, values)))
        except AWS_ERRORS as error:
            answers[key] = error
    answer = answers[key]
    try:
        # Facets that share an answer do not pick the same of it.
        None if isinstance(answer, Exception) else underway.caller.refuse_lacking(spec.service, call, answer)
    except AWS_ERRORS as error:
        answer = error
    if isinstance(answer, Exception):
        return _failed(facet, answer, underway.caller.state_of(call.service or spec.service, answer))
    return taken(facet, call.pick, answer)


def _failed(facet: Facet, error: Exception, state: State) -> Reading:
    if code_of(error) in facet.absent:
        return Reading(State.ABSENT)
    if code_of(error) in facet.not_offered:
        return Reading(State.NOT_OFFERED, error=reason(error))
    return Reading(state, error=reason(error))
