"""Reads some resources of a site again: those that are about to be written, and those that were."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

from auditor.aws.calls import Caller
from auditor.aws.meanings import meaning_calls
from auditor.aws.pacing import Pacer
from auditor.aws.read import read_batches, read_one
from auditor.aws.resolve import lookup_calls
from auditor.aws.roles import PRINCIPAL_CALLS
from auditor.aws.sessions import Sessions
from auditor.aws.site import BUCKETS, NO_NAMES, Reader, told
from auditor.aws.some import list_some
from auditor.model.values import Locale, Resource, Site, SiteSnapshot, Unread, Value
from auditor.specs.spec import Call, Follow, Listed, ResourceSpec

_CHANGED: Final = frozenset({"ListLayerVersions", "GetLayerVersion", "ListCodeSigningConfigs"})
"""What a run itself changes, so that it is asked anew each time."""
_REMEMBERED: Final = frozenset(
    (service, call.operation)
    for service, call in (*lookup_calls(), *meaning_calls(), ("s3", BUCKETS), *PRINCIPAL_CALLS)
    if call.operation not in _CHANGED
)
TAGS: Final = frozenset({"tags", "tagging"})


class RememberingCaller(Caller):
    """A caller that asks what local ids mean no more than once: nothing that a plan does changes that."""

    def __init__(self, sessions: Sessions, site: Site, locale: Locale, pacer: Pacer) -> None:
        super().__init__(sessions, site, locale, pacer)
        self._answers: dict[str, list[Mapping[str, Any]]] = {}
        self._asking = threading.Lock()

    def pages(self, service: str, call: Call, values: Mapping[str, Value]) -> Iterator[Mapping[str, Any]]:
        """As a caller's, but from memory where the same was asked before."""
        # One bucket is looked for by its name: it may have come to be in the meantime.
        if (call.service or service, call.operation) not in _REMEMBERED or "Prefix" in call.params:
            return super().pages(service, call, values)
        key = f"{service}.{call.operation}{sorted(call.params.items())!r}{sorted(values.items())!r}"
        with self._asking:
            if key not in self._answers:
                self._answers[key] = list(super().pages(service, call, values))
            return iter(self._answers[key])


@dataclass(frozen=True)
class Part:
    """Some resources of a site."""

    snapshot: SiteSnapshot
    """Redacted, as a snapshot of the whole site is."""
    raw: Mapping[tuple[str, str], Resource] = field(repr=False)
    """By type and native name, as AWS told them: secrets are among it. In memory only."""


def read_part(
    reader: Reader,
    caller: Caller,
    pool: Executor,
    wanted: Mapping[str, Iterable[str]],
    names: Mapping[str, str] = NO_NAMES,
) -> Part:
    """The resources with these native names, by type; what could not be listed is in the snapshot's `unread`."""
    answers = [list_some(reader.specs[type_], natives, caller) for type_, natives in wanted.items()]
    found = [one for answer in answers if not isinstance(answer, Unread) for one in answer]
    unread = tuple(answer for answer in answers if isinstance(answer, Unread))
    batches = read_batches(found, caller, pool)
    resources = tuple(pool.map(partial(read_one, caller, batches), found))
    raw = {(one.type, one.name): one for one in resources}
    return Part(told(reader, caller, pool, resources, unread, names), raw)


def with_facets(reader: Reader, type_: str, places: frozenset[str]) -> Reader:
    """A reader of no more than what tells the fields at some places of a type's document."""
    spec = reader.specs[type_]
    named = {facet.name for facet in spec.facets if facet.at in places or isinstance(facet.source, Listed)}
    if type_ in reader.pairing.tags:
        named |= TAGS
    named |= {f.source.facet for f in spec.facets if f.name in named and isinstance(f.source, Follow)}
    return replace(reader, specs={**reader.specs, type_: _only(spec, named)})


def _only(spec: ResourceSpec, names: set[str]) -> ResourceSpec:
    return replace(spec, facets=tuple(facet for facet in spec.facets if facet.name in names))
