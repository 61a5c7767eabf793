"""From what was read of a resource to its canonical document. Pure; no I/O.

A document holds what is compared and nothing else: volatile fields are dropped, defaults filled in, lists
that have no order keyed, policies in one form, secrets in the shape `${secret:FINGERPRINT}`, and every
text canonical. Two sites that are set up alike have equal documents.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as made_by
from typing import Final

from auditor.canonical import FIELD, canonicaliser, substitute
from auditor.model import ABSENT, Locale, Members, Reading, Resource, SiteSnapshot, State, Value
from auditor.pairing import BY_NAME, Pairing, canonical_name, name_references, native_names, parent_and_own
from auditor.policy import canonical_policy, digest, unused
from auditor.references import key_form
from auditor.references import wording as word
from auditor.spec import FUNCTION, VERSION, Facet, ResourceSpec, Role, listed_part
from auditor.tree import UNCLASSIFIED, Node, Path, SpecTree, doubts, fingerprints, spec_tree

NEVER_READ: Final = Reading(State.UNREADABLE, error="the snapshot is older than this program, and does not have it")
DROPPED: Final = frozenset({Role.IDENTITY, Role.IGNORED, Role.CAPABILITY})


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
    told: bool = False
    """The settings say what it is called."""
    rival: str = ""
    """The native name of another to which the settings give the same name."""
    optional: bool = False
    """One that a site has alone, or lacks, is no difference."""


@dataclass(frozen=True)
class Wording:
    """How one resource's values are worded canonically: its site, its name, its parent's name there."""

    locale: Locale
    text: Callable[[str], str]
    """Canonical text."""
    parent: str
    name: str


def documents(
    snapshot: SiteSnapshot,
    specs: Mapping[str, ResourceSpec],
    wide: bool = False,
    pairing: Pairing = BY_NAME,
    vocabulary: Mapping[str, ResourceSpec] | None = None,
) -> dict[tuple[str, str], Document]:
    """The site's documents by (type, canonical name), of the types that `specs` holds.

    Of resources that come to one name, each after the first has a number at its end and says of the first as whose
    rival; where AWS made their names up, they are in the order of their content. `vocabulary` are the specs of all
    types: what is compared can refer to what is not.
    """
    names = native_names(snapshot, pairing)
    paired = {**snapshot.locale.references, **name_references(snapshot, names)}
    locale = with_versions(replace(snapshot.locale, references=paired), snapshot.resources, vocabulary or specs, wide)
    trees = {name: spec_tree(spec) for name, spec in specs.items()}
    text = canonicaliser(locale, wide)
    named: dict[tuple[str, str], list[Document]] = {}
    for resource in snapshot.resources:
        if resource.type in specs:
            spec = specs[resource.type]
            made = document(resource, spec, locale, wide, trees[resource.type], text)
            name = _paired_name(resource, spec, snapshot.locale, names)
            told = (resource.type, resource.name) in names
            named.setdefault((made.type, name), []).append(replace(made, name=name, told=told))
    return {(one.type, one.name): one for twins in named.values() for one in _numbered(twins)}


def _numbered(twins: list[Document]) -> list[Document]:
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
    versions = [one for one in resources if one.type == VERSION]
    function = vocabulary.get(FUNCTION)
    if function is None or not versions:
        return locale
    found: dict[str, str] = {}
    for resource in versions:
        parent, number = parent_and_own(resource.name, is_child=True)
        made = document(replace(resource, name=parent), listed_part(function), locale, wide)
        code = str(made.fields.get("CodeSha256", ""))[:12].replace("/", "_")
        content = f"{code}/{digest(made.fields)}"
        found[f"{FIELD}version:{parent}:{number}"] = f"version:{content}"
        # In an ARN, the function's name is beside it.
        found[f"function:{parent}:{number}"] = f"function-version:{word(parent, locale)}@{content}"
    return replace(locale, references={**locale.references, **found})


def _paired_name(resource: Resource, spec: ResourceSpec, locale: Locale, names: Mapping[tuple[str, str], str]) -> str:
    """The resource's name by the settings' pairing; a child's begins with its parent's."""
    parent, own = parent_and_own(resource.name, bool(spec.parent))
    told = names.get((resource.type, resource.name))
    if told or not parent:
        return told or canonical_name(own, locale)
    return f"{names.get((spec.parent, parent)) or canonical_name(parent, locale)}/{canonical_name(own, locale)}"


def document(
    resource: Resource,
    spec: ResourceSpec,
    locale: Locale,
    wide: bool = False,
    fields: SpecTree | None = None,
    text: Callable[[str], str] | None = None,
) -> Document:
    """The canonical document of one resource.

    `fields` are its spec's, and `text` is the site's canonicaliser, where they are at hand.
    """
    canonical, told = text or canonicaliser(locale, wide), fields or spec_tree(spec)
    wording = Wording(locale, canonical, *parent_and_own(resource.name, bool(spec.parent)))
    parts = [_part(facet, node, resource, wording) for facet, node in zip(spec.facets, told.nodes, strict=True)]
    return Document(
        resource.type,
        canonical_name(resource.name, locale),
        resource.name,
        {name: value for part in parts for name, value in part.fields.items()},
        {place: why for part in parts for place, why in part.unreadable.items()},
        told.alignable,
        told.places,
        frozenset().union(*(part.unoffered for part in parts)),
        told.comparators,
        {path: secret for part in parts for path, secret in part.fingerprints.items()},
        {path: why for part in parts for path, why in part.doubts.items()},
        optional=spec.optional,
    )


def _part(facet: Facet, node: Node, resource: Resource, wording: Wording) -> Document:
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
    )


def facet_value(facet: Facet, reading: Reading, node: Node, wording: Wording) -> Value:
    """The canonical value of a facet that was read; ABSENT where it is not configured and has no default."""
    value = facet.default if reading.state is State.ABSENT else reading.value
    if facet.shape and reading.state is State.READ:
        value = facet.shape(value)
    return ABSENT if value is ABSENT else canonical_value(value, node, wording)


def canonical_value(value: Value, node: Node, wording: Wording) -> Value:
    """Any raw value in its canonical form, as the spec's tree of fields says."""
    role = node.field.role if node.field else Role.COMPARED
    if role is Role.SECRET:
        return _secret(value, wording)
    if role is Role.POLICY and isinstance(value, str):
        return canonical_policy(value, wording.text)
    if isinstance(value, dict):
        return _map(value, node, wording)
    if isinstance(value, list):
        return _list(value, node, wording)
    return _scalar(value, node, wording)


def _secret(value: Value, wording: Wording) -> Value:
    if not isinstance(value, dict) or "secret" not in value:
        return canonical_value(value, UNCLASSIFIED, wording)
    if "shown" in value:
        return canonical_value(value["shown"], UNCLASSIFIED, wording)
    return f"${{secret:{value['secret']}}}"


def _scalar(value: Value, node: Node, wording: Wording) -> Value:
    if not isinstance(value, str):
        return value
    text = _reference(value, node, wording) or wording.text(value)
    return key_form(text) if node.field and node.field.reference == "kms" else text


def _reference(value: str, node: Node, wording: Wording) -> str:
    if not (node.field and node.field.reference):
        return ""
    symbol = wording.locale.references.get(f"{FIELD}{node.field.reference}:{wording.parent}:{value}")
    return "${" + symbol + "}" if symbol else ""


def _map(value: Mapping[str, Value], node: Node, wording: Wording) -> dict[str, Value]:
    made: dict[str, Value] = {}
    for name, member in _with_defaults(value, node, wording).items():
        child = node.child(name)
        if member is None or (child.field and child.field.role in DROPPED):
            continue
        made[_reference(name, node, wording) or name] = canonical_value(member, child, wording)
    return made


def _with_defaults(value: Mapping[str, Value], node: Node, wording: Wording) -> dict[str, Value]:
    defaults = {
        name: _default(child.field.default, wording)
        for name, child in node.children.items()
        if child.field and child.field.default is not ABSENT
    }
    return defaults | {name: member for name, member in value.items() if member is not None}


def _default(value: Value, wording: Wording) -> Value:
    # A default may hold the resource's own name: /aws/lambda/${name}.
    if isinstance(value, str):
        return substitute(value, lambda name: wording.name if name == "name" else "${" + name + "}")
    if isinstance(value, dict):
        return {name: _default(member, wording) for name, member in value.items()}
    return value


def _list(value: list[Value], node: Node, wording: Wording) -> Value:
    elements = [canonical_value(element, node.child("[]"), wording) for element in value]
    if not (node.field and node.field.key):
        return elements
    keyed: dict[str, Value] = {}
    pairs = zip((_key(raw, node, wording) for raw in value), elements, strict=True)
    for key, element in sorted(pairs, key=lambda pair: (pair[0], digest(pair[1]))):
        keyed[unused(key, keyed)] = _reduced(element, node)
    return Members(keyed) if node.field.key == ("",) else keyed


def _key(raw: Value, node: Node, wording: Wording) -> str:
    assert node.field
    # The key may be a field that is dropped from the content (a rule's ID), so it is taken from the raw.
    if node.field.key == ("#",):
        return digest(canonical_value(raw, node.child("[]"), wording))
    return "|".join(text for text in (_key_part(raw, path, wording) for path in node.field.key) if text)


def _key_part(raw: Value, path: str, wording: Wording) -> str:
    for segment in path.split(".") if path else ():
        raw = raw.get(segment) if isinstance(raw, dict) else None
    if raw is None:
        return ""
    if isinstance(raw, str):
        return wording.text(raw)
    return digest(canonical_value(raw, UNCLASSIFIED, wording))


def _reduced(element: Value, node: Node) -> Value:
    # A list of tags is a map by another name: /Tags/team, whatever the service calls it.
    assert node.field
    if not isinstance(element, dict):
        return element
    if node.field.key in (("Key",), ("key",)) and {name.lower() for name in element} <= {"key", "value"}:
        return element.get("Value", element.get("value", ""))
    return element
