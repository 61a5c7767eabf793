"""One site while a plan is carried out there: what is read of it again, and what its symbols mean by now."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import Any, Final

from auditor.apply.filled import Filled
from auditor.aws.calls import Caller
from auditor.aws.meanings import meanings
from auditor.aws.part import Part, read_part, with_facets
from auditor.aws.published import published
from auditor.aws.site import Reader
from auditor.canonical.document import Document, documents
from auditor.canonical.references import VERSION_PREFIXES
from auditor.canonical.wording import substitute
from auditor.compare.changes import changes
from auditor.errors import ApplyError
from auditor.model.plan import Action, Plan, PlannedOn
from auditor.model.pointer import segments
from auditor.model.values import ABSENT, Change, Unread, Value
from auditor.specs.spec import ResourceSpec

Key = tuple[str, str]
_LONGEST: Final = 80


@dataclass
class Target:
    """Owns what is known of one site during a run. Several threads use it."""

    plan: Plan
    site: str
    reader: Reader
    caller: Caller
    pool: Executor
    """What reads several things of one resource at once."""
    wide: bool
    symbols: dict[str, Value] = field(default_factory=dict)
    """What the plan said that they mean, and what answers have told since."""
    checked: set[Key] = field(default_factory=set)
    """Resources that were found as they were when the plan was made."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    filled: Filled = field(default_factory=Filled)
    """The secrets that calls were filled with."""

    def planned_on(self, action: Action) -> PlannedOn:
        """The state that an action was planned on."""
        return next(
            one
            for one in self.plan.resources
            if (one.site, one.type, one.name) == (self.site, action.type, action.name)
        )

    def tell(self, told: Mapping[str, Value]) -> None:
        """Symbols that mean something from now on."""
        with self.lock:
            self.symbols.update(told)

    def called(self, type_: str, native: str) -> str:
        """What the site calls a resource by now: one that hangs on a version, by the number that this has got."""
        return called(self.reader.vocabulary[type_], native, self.symbols)

    def look_up(self, symbols: frozenset[str], function: str) -> Mapping[str, Value]:
        """What symbols mean by now, as far as AWS tells; `function` is the native name of the one they are about."""
        versions = [one for one in symbols if one.startswith(VERSION_PREFIXES)]
        told = meanings(symbols.difference(versions), self.caller, self.pool).literals
        if not versions:
            return told
        names = names_in(self.plan, self.site)
        found = published(self.reader, self.caller, self.pool, [function], names, self.wide).numbers
        return {**told, **{one: found[one] for one in versions if one in found}}


def called(spec: ResourceSpec, native: str, symbols: Mapping[str, Value]) -> str:
    """A native name with the number of the version that something hangs on, where `symbols` tell it."""
    if not spec.qualified:
        return native
    return substitute(native, lambda symbol: str(symbols.get(symbol, "${" + symbol + "}")))


def names_in(plan: Plan, site: str) -> Mapping[str, str]:
    """The symbols of a site's paired resources by what it calls them."""
    return {native: symbol for symbol, native in plan.names.get(site, {}).items()}


@dataclass(frozen=True)
class Fresh:
    """One resource as it is now; `document` is None where there is none."""

    document: Document | None
    part: Part = field(repr=False)

    @property
    def fields(self) -> Mapping[str, Value] | None:
        """The document's fields as a plan's file has them."""
        return None if self.document is None else plain(self.document.fields)


def fresh(target: Target, type_: str, native: str, name: str, places: frozenset[str] = frozenset()) -> Fresh:
    """Read a resource again, whole, or no more than what stands at some places of its document.

    Raises ApplyError where it cannot be told whether it is there.
    """
    reader = with_facets(target.reader, type_, places) if places else target.reader
    own = target.called(type_, native)
    part = read_part(reader, target.caller, target.pool, {type_: [own]}, names_in(target.plan, target.site))
    if part.snapshot.unread:
        raise ApplyError(_untold(target, type_, name, part.snapshot.unread[0]))
    specs: Mapping[str, ResourceSpec] = {type_: reader.specs[type_]}
    made = documents(part.snapshot, specs, target.wide, reader.pairing, reader.vocabulary)
    implied = Document(type_, name, own, {}, implied=True) if specs[type_].implied else None
    return Fresh(made.get((type_, name), implied), part)


def _untold(target: Target, type_: str, name: str, unread: Unread) -> str:
    return (
        f"{target.site}: {type_}/{name} could not be read ({unread.error}). Nothing of it was written from then on. "
        "See that it can be read (auditor iam-policy reconcile), then resume the run."
    )


def differences(wanted: Mapping[str, Value] | None, document: Document) -> tuple[Change, ...]:
    """The fields in which a resource differs from a state, those of places that could not be read left out."""
    meant = replace(document, fields=wanted or {}, fingerprints={}, doubts={})
    here = replace(document, fields=plain(document.fields), fingerprints={}, doubts={})
    return changes(meant, here, frozenset(document.unreadable))


def is_part(change: Change, path: str) -> bool:
    """Whether what is at a path is among what differs: both sides can lack it in a structure that only one has."""
    below = segments(path)[len(segments(change.path)) :]
    golden, actual = change.golden, change.actual
    for name in below:
        golden, actual = (side.get(name, ABSENT) if isinstance(side, Mapping) else side for side in (golden, actual))
    return not below or golden != actual


def plain(value: Any) -> Any:
    """A value as it comes back from JSON."""
    return json.loads(json.dumps(value))


def said(change: Change, before: str, after: str) -> str:
    """A change in words, on one line: what it was in golden's place, and what it is in the site's."""
    return f"{change.path} {before} {_word(change.golden, 'one secret')}, {after} {_word(change.actual, 'another')}"


def _word(value: Value, secret: str) -> str:
    if value is ABSENT:
        return "not there"
    if isinstance(value, dict) and value.keys() == {"secret"}:
        return secret
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
