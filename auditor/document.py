"""From what was read of a resource to its canonical document. Pure; no I/O.

A document holds what is compared and nothing else: volatile fields are dropped, defaults filled in, lists
that have no order keyed, policies in one form, secrets in the shape `${secret:FINGERPRINT}`, and every
text canonical. Two sites that are set up alike have equal documents.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as made_by
from typing import Final, NoReturn

from auditor.canonical import FIELD, canonicaliser, substitute
from auditor.errors import PairingError
from auditor.model import ABSENT, Locale, Reading, Resource, SiteSnapshot, State, Value
from auditor.pairing import BY_NAME, Pairing, canonical_name, name_references, native_names, parent_and_own
from auditor.policy import canonical_policy, digest, unused
from auditor.references import wording as word
from auditor.spec import FUNCTION, VERSION, Facet, ResourceSpec, Role, listed_part
from auditor.tree import UNCLASSIFIED, Node, Path, alignable_paths, comparators, fingerprints, tree

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
    optional: bool = False
    """One that a site has alone, or lacks, is no difference."""


@dataclass(frozen=True)
class Wording:
    """How one resource's values are worded canonically: its site, its name, its parent's name there."""

    locale: Locale
    text: Callable[[str], str]
    """Canonical text."""
    name: str
    parent: str


def documents(
    snapshot: SiteSnapshot,
    specs: Mapping[str, ResourceSpec],
    wide: bool = False,
    pairing: Pairing = BY_NAME,
    golden: Mapping[tuple[str, str], Document] | None = None,
    vocabulary: Mapping[str, ResourceSpec] | None = None,
) -> dict[tuple[str, str], Document]:
    """The site's documents by (type, canonical name), of the types that `specs` holds.

    `vocabulary` are the specs of all types: what is compared can refer to what is not.
    Raises PairingError where two resources of the site come to the same canonical name, and tells which of
    `golden`'s they would both be compared with.
    """
    names = native_names(snapshot, pairing)
    paired = {**snapshot.locale.references, **name_references(snapshot, names)}
    named = replace(snapshot.locale, references=paired)
    locale = with_versions(named, snapshot.resources, vocabulary or specs, wide)
    trees = {name: [tree(facet.fields) for facet in spec.facets] for name, spec in specs.items()}
    found: dict[tuple[str, str], Document] = {}
    text = canonicaliser(locale, wide)
    for resource in snapshot.resources:
        if resource.type not in specs:
            continue
        made = document(resource, specs[resource.type], locale, wide, trees[resource.type], text)
        key = (made.type, _paired_name(resource, specs[resource.type], snapshot.locale, names))
        if key in found:
            _refuse_twins(snapshot.site, found[key], resource.name, key, golden or {})
        found[key] = replace(made, name=key[1])
    return found


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
        content = f"{str(made.fields.get('CodeSha256', ''))[:12]}/{digest(made.fields)}"
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


def _refuse_twins(
    site: str, one: Document, other: str, key: tuple[str, str], golden: Mapping[tuple[str, str], Document]
) -> NoReturn:
    third = f"golden's {golden[key].native}" if key in golden else f"{key[0]}/{key[1]}"
    raise PairingError(
        f"{site}: {one.native} and {other} would both be compared with {third} ({key[0]}). Nothing was compared; "
        "tell them apart under `names:`, `pairs:` or `select:`."
    )


def document(
    resource: Resource,
    spec: ResourceSpec,
    locale: Locale,
    wide: bool = False,
    trees: Iterable[Node] | None = None,
    text: Callable[[str], str] | None = None,
) -> Document:
    """The canonical document of one resource.

    `trees` are those of its spec's facets, and `text` the site's canonicaliser, where they are at hand.
    """
    parent, own = parent_and_own(resource.name, bool(spec.parent))
    wording = Wording(locale, text or canonicaliser(locale, wide), own, parent)
    nodes = trees or [tree(facet.fields) for facet in spec.facets]
    parts = [_part(facet, node, resource, wording) for facet, node in zip(spec.facets, nodes, strict=True)]
    return Document(
        resource.type,
        canonical_name(resource.name, locale),
        resource.name,
        {name: value for part in parts for name, value in part.fields.items()},
        {place: why for part in parts for place, why in part.unreadable.items()},
        frozenset(path for part in parts for path in part.alignable),
        frozenset(facet.at for facet in spec.facets),
        frozenset(place for part in parts for place in part.unoffered),
        {path: how for part in parts for path, how in part.comparators.items()},
        {path: told for part in parts for path, told in part.fingerprints.items()},
        spec.optional,
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
        frozenset((*at, *path) for path in alignable_paths(node)),
        unoffered=frozenset({facet.at} if reading.state is State.NOT_OFFERED else ()),
        comparators={(*at, *path): how for path, how in comparators(node).items()},
        fingerprints=dict(fingerprints(reading.value, node, at)),
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
    return _reference(value, node, wording) or wording.text(value)


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
    return keyed


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
