"""What a plan stands on: a site's resources as they were read, under the names that all sites share. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from auditor.canonical.document import Document, documents, emptied, full_locale
from auditor.canonical.pairing import BY_NAME, Pairing, parent_and_own
from auditor.canonical.values import DROPPED, Wording, canonical_value
from auditor.canonical.wanted import raw_value
from auditor.canonical.wording import canonicaliser
from auditor.compare.findings import Documents
from auditor.model.values import ABSENT, Locale, Reading, Resource, Site, SiteSnapshot, State, Value
from auditor.specs.field_tree import Node, SpecTree, spec_tree
from auditor.specs.spec import Facet, Field, ResourceSpec
from auditor.specs.writes import born, formed

Key = tuple[str, str]
"""A type and a canonical name."""
Specs = Mapping[str, ResourceSpec]


@dataclass(frozen=True)
class Ground:
    """One site, read, named and worded."""

    site: Site
    snapshot: SiteSnapshot
    documents: Documents
    locale: Locale
    """With the meaning of paired names and function versions."""
    text: Callable[[str], str]
    resources: Mapping[Key, Resource]
    """By type and native name."""
    wide: bool

    def resource(self, key: Key) -> Resource | None:
        """What was read of a resource; None where there is no such one."""
        found = self.documents.get(key)
        return self.resources[(found.type, found.native)] if found else None


def ground(
    site: Site, snapshot: SiteSnapshot, specs: Specs, vocabulary: Specs, pairing: Pairing = BY_NAME, wide: bool = False
) -> Ground:
    """A site's snapshot as planning needs it. `vocabulary` are the specs of all types, `wide` is as for `documents`."""
    locale = full_locale(snapshot, vocabulary, wide, pairing)
    made = documents(snapshot, specs, wide, pairing, vocabulary)
    resources = {(one.type, one.name): one for one in snapshot.resources}
    return Ground(site, snapshot, made, locale, canonicaliser(locale, wide), resources, wide)


@dataclass(frozen=True)
class Side:
    """One resource on one side: its document, and what its facets hold, as they are written."""

    document: Document
    readings: Mapping[str, Reading]
    values: Mapping[str, Value]
    """By facet: canonical text; ABSENT where it is not configured, or was not read."""
    wording: Wording

    def known(self, facet: Facet) -> bool:
        """Whether it was told what the facet holds."""
        return self.readings[facet.name].state in (State.READ, State.ABSENT)


def side(where: Ground, spec: ResourceSpec, key: Key, tree: SpecTree) -> Side | None:
    """A resource in a site; None where it is not there."""
    document, resource = where.documents.get(key), where.resource(key)
    if document is None or resource is None:
        return None
    wording = Wording(where.locale, where.text, *parent_and_own(resource.name, bool(spec.parent)))
    unread = Reading(State.UNREADABLE, error="it was not read")
    readings = {facet.name: resource.facets.get(facet.name, unread) for facet in spec.facets}
    pairs = zip(spec.facets, tree.nodes, strict=True)
    values = {facet.name: raw_value(readings[facet.name], node, wording) for facet, node in pairs}
    return Side(document, readings, values, wording)


@dataclass(frozen=True)
class Subject:
    """One resource that differs: what golden has, what the site has, and how its type is written."""

    spec: ResourceSpec
    tree: SpecTree
    name: str
    golden: Side | None
    actual: Side | None


def nothing_on(one: Side, name: str) -> Side:
    """The other side of something that is implied and holds nothing there: what it holds is known to be nothing."""
    document = replace(emptied(one.document), native=name)
    readings = {facet: Reading(State.ABSENT) for facet in one.readings}
    return Side(document, readings, dict.fromkeys(one.values, ABSENT), one.wording)


def subject(key: Key, specs: Specs, golden: Ground, actual: Ground) -> Subject:
    """A resource on both sides."""
    spec = specs[key[0]]
    tree = spec_tree(spec)
    return Subject(spec, tree, key[1], side(golden, spec, key, tree), side(actual, spec, key, tree))


def facet_at(spec: ResourceSpec, path: tuple[str, ...]) -> tuple[Facet, tuple[str, ...]]:
    """The facet that a field of a document belongs to, and the field's place below it."""
    named = next((facet for facet in spec.facets if facet.at and path and facet.at == path[0]), None)
    if named:
        return named, path[1:]
    own = [facet for facet in spec.facets if not facet.at]
    classified = (one for one in own if path and any(field.path == path[0] and said(field) for field in one.fields))
    return next(classified, own[0]), path


def said(field: Field) -> bool:
    """Whether a field is part of its facet's document."""
    return field.role not in DROPPED


def found_or_born(facet: Facet, subject_: Subject, region: str) -> Value:
    """What a facet holds before it is written: of a resource that is not there yet, what AWS gives a new one."""
    return formed(facet, subject_.actual.values[facet.name]) if subject_.actual else born(facet, region)


def means_the_same(facet: Facet, one: Value, other: Value, node: Node, wording: Wording) -> bool:
    """Whether two values of a facet, worded canonically, are no difference; ABSENT is what the facet's default is."""
    worded = replace(wording, text=str)
    sides = (
        facet.default if value is ABSENT else facet.shape(value) if facet.shape else value for value in (one, other)
    )
    first, second = (side if side is ABSENT else canonical_value(side, node, worded) for side in sides)
    return bool(first == second)
