"""From what was read of a resource to its canonical document. Pure; no I/O.

A document holds what is compared and nothing else: volatile fields are dropped, defaults filled in, lists
that have no order keyed, policies in one form, secrets in the shape `${secret:FINGERPRINT}`, and every
text canonical. Two sites that are set up alike have equal documents.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field as made_by, replace
from typing import Final, TypeVar

from auditor.canonical.pairing import (
    BY_NAME,
    MADE_UP,
    Pairing,
    canonical_name,
    name_references,
    native_names,
    parent_and_own,
    unread_tags,
    unsure_name,
)
from auditor.canonical.policy import digest
from auditor.canonical.references import IN_ARN, VERSION_PREFIX, version_symbol
from auditor.canonical.unknown import Unknowns, Untold, unknown_in_name, unknowns, untold
from auditor.canonical.values import Wording, facet_value, shaped
from auditor.canonical.version_names import generations
from auditor.canonical.wording import FIELD, canonicaliser
from auditor.model.values import ABSENT, Locale, Reading, Resource, SiteSnapshot, State, Value
from auditor.specs.field_tree import Node, Path, SpecTree, doubts, fingerprints, spec_tree
from auditor.specs.spec import FUNCTION, LATEST, VERSION, Facet, ResourceSpec, listed_part

Place = TypeVar("Place")
Told = TypeVar("Told")
NEVER_READ: Final = Reading(State.UNREADABLE, error="the snapshot is older than this program, and does not have it")


@dataclass(frozen=True)
class Document:
    """The canonical form of one resource in one site.

    `unreadable` maps the place (`Facet.at`) of each facet that could not be read to the reason; place ""
    are the fields that stand at no facet's place. `unoffered` are the places of what the region does not have.
    `alignable` are the places of maps whose keys are names of convenience, `comparators` those where equality is
    the wrong question.
    """

    type: str
    name: str
    native: str
    fields: Mapping[str, Value]
    unreadable: Mapping[str, str] = made_by(default_factory=dict)
    alignable: frozenset[Path] = frozenset()
    places: frozenset[str] = frozenset()
    unoffered: frozenset[str] = frozenset()
    comparators: Mapping[Path, str] = made_by(default_factory=dict)
    fingerprints: Mapping[Path, str] = made_by(default_factory=dict)
    """Of secrets, those too whose value may be shown."""
    doubts: Mapping[Path, tuple[str, ...]] = made_by(default_factory=dict)
    """Why it cannot be told what secrets hold, by their place."""
    unknown: Unknowns = made_by(default_factory=dict)
    """What AWS would not tell of, by its place."""
    follows: Mapping[Path, tuple[Path, ...]] = made_by(default_factory=dict)
    """The places that cannot be told where others cannot."""
    unsure: tuple[str, str] = ("", "")
    """What AWS would not tell of in the name, and why."""
    told: bool = False
    """The settings say what it is called."""
    rival: str = ""
    """The native name of another to which the settings give the same name."""
    optional: bool = False
    """One that a site has alone, or lacks, is no difference."""
    implied: bool = False
    """One that holds nothing is as good as none."""


def documents(
    snapshot: SiteSnapshot,
    specs: Mapping[str, ResourceSpec],
    wide: bool = False,
    pairing: Pairing = BY_NAME,
    vocabulary: Mapping[str, ResourceSpec] | None = None,
) -> dict[tuple[str, str], Document]:
    """The site's documents by (type, canonical name), of the types that `specs` holds.

    Of resources that come to one name, each after the first has a number at its end and says of the first as whose
    rival; where AWS made their names up, they are in the order of their content. Those that nothing but hosts tells
    apart which AWS made up are paired with nothing. `vocabulary` are the specs of all types: what is compared can
    refer to what is not.
    """
    names, untagged = native_names(snapshot, pairing), unread_tags(snapshot, pairing)
    locale = full_locale(snapshot, vocabulary or specs, wide, pairing)
    trees = {name: spec_tree(spec) for name, spec in specs.items()}
    text, of = canonicaliser(locale, wide), untold(locale)
    named: dict[tuple[str, str], list[Document]] = {}
    for resource in snapshot.resources:
        spec = specs.get(resource.type)
        if spec and _is_read(resource, spec):
            made = document(resource, spec, locale, wide, trees[resource.type], text, of)
            name = _paired_name(resource, spec, snapshot.locale, names, locale)
            told = (resource.type, resource.name) in names
            unsure = (
                ("", "") if told else unsure_name(resource, name, spec.parent, untagged) or unknown_in_name(name, of)
            )
            named.setdefault((made.type, name), []).append(replace(made, name=name, told=told, unsure=unsure))
    return {(one.type, one.name): one for twins in named.values() for one in _numbered(twins)}


def _is_read(resource: Resource, spec: ResourceSpec) -> bool:
    """Whether it was asked what hangs on it: of versions that others name, what they are may be all that was read."""
    return not spec.implied or any(facet.name in resource.facets for facet in spec.facets)


def full_locale(
    snapshot: SiteSnapshot, vocabulary: Mapping[str, ResourceSpec], wide: bool = False, pairing: Pairing = BY_NAME
) -> Locale:
    """The snapshot's locale with the meaning of paired names and of function versions, which it does not hold."""
    paired = {**snapshot.locale.references, **name_references(snapshot, native_names(snapshot, pairing))}
    return with_versions(replace(snapshot.locale, references=paired), snapshot.resources, vocabulary, wide)


def is_empty(document: Document) -> bool:
    """Whether it is known that it holds nothing, and could as well not be there."""
    return document.implied and not document.fields and not document.unreadable


def emptied(document: Document) -> Document:
    """One of the same name that holds nothing."""
    return Document(
        document.type,
        document.name,
        "",
        {},
        alignable=document.alignable,
        places=document.places,
        comparators=document.comparators,
        follows=document.follows,
        implied=True,
    )


def _numbered(twins: list[Document]) -> list[Document]:
    # Several versions of one content: those count on which something hangs, or else the newest.
    newest = max(twins, key=lambda one: (len(one.native), one.native))
    twins = [one for one in twins if not is_empty(one)] or [newest]
    if len(twins) > 1 and MADE_UP in twins[0].name:
        # Nobody can tell which of them is which of golden's.
        return [replace(one, name=one.native) for one in twins]
    first, *others = sorted(twins, key=lambda one: digest(one.fields)) if len(twins) > 1 else twins
    rival = first.native if any(one.told for one in twins) else ""
    numbered = (replace(one, name=f"{one.name}#{number}", rival=rival) for number, one in enumerate(others, start=2))
    return [first, *numbered]


def with_versions(
    locale: Locale, resources: Iterable[Resource], vocabulary: Mapping[str, ResourceSpec], wide: bool = True
) -> Locale:
    """The site's locale with each function version among the resources as a reference to its content.

    Numbers count up by themselves in every region; two versions are the same where code and configuration are.
    """
    # $LATEST is no version: what points at it moves with every change of the function.
    versions = [one for one in resources if one.type == VERSION and not one.name.endswith(f"/{LATEST}")]
    function = vocabulary.get(FUNCTION)
    if function is None or not versions:
        return locale
    for ready in generations(versions, locale):
        found: dict[str, str] = {}
        for resource in ready:
            parent, number = parent_and_own(resource.name, is_child=True)
            content = version_content(resource, parent, function, locale, wide)
            found[f"{FIELD}version:{parent}:{number}"] = f"version:{content}"
            # In an ARN, the function's name is beside it.
            found[f"function:{parent}:{number}"] = IN_ARN + version_symbol(parent, content, locale)
        locale = replace(locale, references={**locale.references, **found})
    return locale


def version_content(resource: Resource, function: str, spec: ResourceSpec, locale: Locale, wide: bool = True) -> str:
    """What a function, or a version of it, is: its code, a slash, and a digest of its configuration.

    A digest of its description follows after a dot, where it has one: of versions that differ in nothing else this
    can be told, and one can be published with another description than its function has.
    """
    made = document(replace(resource, name=function), listed_part(spec), locale, wide)
    code = str(made.fields.get("CodeSha256", ""))[:12].replace("/", "_")
    # By fingerprint: whether a value may be shown is another question in every site.
    fields = made.fields
    for path, secret in made.fingerprints.items():
        fields = _replaced(fields, path, secret)
    described = fields.get("Description")
    settings = digest({**fields, "Description": ""})
    return f"{code}/{settings}{f'.{digest(described)}' if described else ''}"


def _replaced(fields: Mapping[str, Value], path: Path, value: Value) -> dict[str, Value]:
    inside = _replaced(fields[path[0]], path[1:], value) if len(path) > 1 else value
    return {**fields, path[0]: inside}


def _paired_name(
    resource: Resource,
    spec: ResourceSpec,
    locale: Locale,
    names: Mapping[tuple[str, str], str],
    versions: Locale,
) -> str:
    """The resource's name by the settings' pairing; a child's begins with its parent's.

    `versions` is the locale that knows the contents of versions: what hangs on one is named by it, not by its number.
    """
    parent, own = parent_and_own(resource.name, bool(spec.parent))
    told = names.get((resource.type, resource.name))
    if told or not parent:
        return told or canonical_name(own, locale)
    number, colon, rest = own.partition(":")
    by_number = spec.qualified and number.isdecimal()
    name = _version_name(parent, number, versions) + colon + canonical_name(rest, locale) if by_number else ""
    return f"{names.get((spec.parent, parent)) or canonical_name(parent, locale)}/{name or canonical_name(own, locale)}"


def _version_name(function: str, number: str, locale: Locale) -> str:
    symbol = locale.references.get(f"{FIELD}version:{function}:{number}", "")
    # Of what is unknown, an equal number somewhere else says nothing: it is named so that nothing is paired with it.
    content = symbol.removeprefix(VERSION_PREFIX) or f"unknown {number} in {locale.region} of {locale.account}"
    return "${" + version_symbol(function, content, locale) + "}"


def document(
    resource: Resource,
    spec: ResourceSpec,
    locale: Locale,
    wide: bool = False,
    fields: SpecTree | None = None,
    text: Callable[[str], str] | None = None,
    of: Untold | None = None,
) -> Document:
    """The canonical document of one resource.

    `fields` are its spec's, `text` is the site's canonicaliser and `of` what AWS would not tell of there, where they
    are at hand.
    """
    canonical, told = text or canonicaliser(locale, wide), fields or spec_tree(spec)
    wording = Wording(locale, canonical, *parent_and_own(resource.name, bool(spec.parent)))
    own = replace(of or untold(locale), parent=wording.parent)
    parts = [_part(facet, node, resource, wording, own) for facet, node in zip(spec.facets, told.nodes, strict=True)]
    return replace(
        _together(resource, parts),
        name=canonical_name(resource.name, locale),
        alignable=told.alignable,
        places=told.places,
        comparators=told.comparators,
        follows=told.follows,
        optional=spec.optional,
        implied=spec.implied,
    )


def _together(resource: Resource, parts: list[Document]) -> Document:
    """What the facets add to a resource's document, in one."""
    return Document(
        resource.type,
        "",
        resource.name,
        _whole(part.fields for part in parts),
        _whole(part.unreadable for part in parts),
        unoffered=frozenset().union(*(part.unoffered for part in parts)),
        fingerprints=_whole(part.fingerprints for part in parts),
        doubts=_whole(part.doubts for part in parts),
        unknown=_whole(part.unknown for part in parts),
    )


def _whole(parts: Iterable[Mapping[Place, Told]]) -> dict[Place, Told]:
    return {place: one for part in parts for place, one in part.items()}


def _part(facet: Facet, node: Node, resource: Resource, wording: Wording, of: Untold) -> Document:
    """What one facet adds to a resource's document."""
    reading = resource.facets.get(facet.name, NEVER_READ)
    at = (facet.at,) if facet.at else ()
    known = reading.state in (State.READ, State.ABSENT)
    value: Value = facet_value(facet, reading, node, wording) if known else ABSENT
    fields: Mapping[str, Value] = {} if value is ABSENT else {facet.at: value} if facet.at else value
    return Document(
        resource.type,
        "",
        resource.name,
        fields,
        {facet.at: reading.error} if reading.state is State.UNREADABLE else {},
        unoffered=frozenset({facet.at} if reading.state is State.NOT_OFFERED else ()),
        fingerprints=dict(fingerprints(reading.value, node, at)),
        doubts=dict(doubts(reading.value, node, at)),
        unknown=unknowns(shaped(facet, reading), node, of, at) if reading.state is State.READ else {},
    )
