"""From what was read of a resource to its canonical document. Pure; no I/O.

A document holds what is compared and nothing else: volatile fields are dropped, defaults filled in, lists
that have no order keyed, policies in one form, secrets in the shape `${secret:FINGERPRINT}`, and every
text canonical. Two sites that are set up alike have equal documents.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as made_by
from typing import Final

from auditor.canonical import canonicalise, substitute
from auditor.errors import PairingError
from auditor.model import ABSENT, Locale, Reading, Resource, SiteSnapshot, State, Value
from auditor.policy import canonical_policy, digest, unused
from auditor.spec import Facet, Field, ResourceSpec, Role

_PLACEHOLDER: Final = re.compile(r"\{(stem|region|region_short|account)\}")
DROPPED: Final = frozenset({Role.IDENTITY, Role.IGNORED, Role.CAPABILITY})


@dataclass(frozen=True)
class Document:
    """The canonical form of one resource in one site.

    `unreadable` maps the place (`Facet.at`) of each facet that could not be read to the reason; place ""
    are the fields that stand at no facet's place. `alignable` are the places of maps whose keys are names of
    convenience.
    """

    type: str
    name: str
    native: str
    fields: Mapping[str, Value]
    unreadable: Mapping[str, str] = made_by(default_factory=dict)
    alignable: frozenset[tuple[str, ...]] = frozenset()
    places: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Node:
    """A place in a facet's tree of fields: what its spec says of it, and of the places below."""

    field: Field | None = None
    children: Mapping[str, Node] = made_by(default_factory=dict)

    def child(self, segment: str) -> Node:
        """The node of a member, or an empty one: a field that nobody classified is compared."""
        return self.children.get(segment) or self.children.get("*") or UNCLASSIFIED


UNCLASSIFIED: Final = Node()


@dataclass(frozen=True)
class Wording:
    """How one resource's values are worded canonically: its site, its name, its parent's name there."""

    locale: Locale
    wide: bool
    name: str
    parent: str

    def text(self, value: str) -> str:
        """Canonical text."""
        return canonicalise(value, self.locale, self.wide)


def documents(
    snapshot: SiteSnapshot,
    specs: Mapping[str, ResourceSpec],
    wide: bool = False,
    patterns: Mapping[str, tuple[str, ...]] | None = None,
) -> dict[tuple[str, str], Document]:
    """The site's documents by (type, canonical name), of the types that `specs` holds.

    `patterns` are those of `names:` in auditor.yaml, by type. Raises PairingError where two resources of the
    site come to the same canonical name.
    """
    found: dict[tuple[str, str], Document] = {}
    trees = {name: [tree(facet.fields) for facet in spec.facets] for name, spec in specs.items()}
    named = patterns or {}
    for resource in snapshot.resources:
        if resource.type not in specs:
            continue
        patterned = named.get(resource.type, ())
        made = document(resource, specs[resource.type], snapshot.locale, wide, trees[resource.type], patterned)
        key = (made.type, made.name)
        if key in found:
            raise PairingError(
                f"{snapshot.site}: {found[key].native} and {resource.name} would both be compared as "
                f"{made.type}/{made.name}. Nothing was compared; tell them apart under `names:`."
            )
        found[key] = made
    return found


def document(
    resource: Resource,
    spec: ResourceSpec,
    locale: Locale,
    wide: bool = False,
    trees: Iterable[Node] | None = None,
    patterns: Iterable[str] = (),
) -> Document:
    """The canonical document of one resource; `trees` are those of its spec's facets, where they are at hand."""
    wording = Wording(locale, wide, resource.name.rpartition("/")[2], resource.name.rpartition("/")[0])
    fields: dict[str, Value] = {}
    unreadable: dict[str, str] = {}
    alignable: set[tuple[str, ...]] = set()
    for facet, node in zip(spec.facets, trees or [tree(facet.fields) for facet in spec.facets], strict=True):
        reading = resource.facets[facet.name]
        if reading.state is State.UNREADABLE:
            unreadable[facet.at] = reading.error
            continue
        place(facet, facet_value(facet, reading, node, wording), fields)
        alignable |= {(facet.at, *path) if facet.at else path for path in alignable_paths(node)}
    name = canonical_name(resource.name, locale, patterns)
    places = frozenset(facet.at for facet in spec.facets)
    return Document(resource.type, name, resource.name, fields, unreadable, frozenset(alignable), places)


def canonical_name(name: str, locale: Locale, patterns: Iterable[str] = ()) -> str:
    """A resource's name, the same in every region and partition.

    `patterns` say where a name holds its region: `{stem}-{region}`, `{stem}{region_short}`; the first that
    matches decides. Without a match, names are treated as any text.
    """
    for pattern in patterns:
        match = re.fullmatch(_pattern(pattern, locale), name)
        if match:
            symbols = {name: "${" + name + "}" for name in ("region", "region_short", "account")}
            return pattern.format(stem=canonicalise(match["stem"], locale), **symbols)
    return canonicalise(name, locale)


def _pattern(pattern: str, locale: Locale) -> str:
    known = {"region": locale.region, "region_short": locale.region_short, "account": locale.account}
    parts = _PLACEHOLDER.split(pattern)
    return "".join(
        re.escape(part) if number % 2 == 0 else "(?P<stem>.+)" if part == "stem" else re.escape(known[part])
        for number, part in enumerate(parts)
    )


def place(facet: Facet, value: Value, fields: dict[str, Value]) -> None:
    """Put a facet's canonical value where it belongs in the resource's document."""
    if value is ABSENT:
        return
    if facet.at:
        fields[facet.at] = value
    else:
        fields.update(value)


def facet_value(facet: Facet, reading: Reading, node: Node, wording: Wording) -> Value:
    """The canonical value of a facet that was read; ABSENT where it is not configured and has no default."""
    value = facet.default if reading.state is State.ABSENT else reading.value
    return ABSENT if value is ABSENT else canonical_value(value, node, wording)


def tree(fields: Iterable[Field]) -> Node:
    """The fields of a facet by their place, so that a value and its spec are walked together."""
    root = Node()
    for one in fields:
        root = _planted(root, _segments(one.path), one)
    return root


def _segments(path: str) -> list[str]:
    return [segment for part in path.split(".") for segment in part.replace("[]", ".[]").split(".") if segment]


def _planted(node: Node, segments: list[str], leaf: Field) -> Node:
    if not segments:
        return replace(node, field=leaf)
    child = _planted(node.children.get(segments[0], Node()), segments[1:], leaf)
    return replace(node, children={**node.children, segments[0]: child})


def alignable_paths(node: Node, path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """The places below a node whose keys are names of convenience; a policy's statements are such."""
    found = set()
    if node.field and node.field.align:
        found.add(path)
    if node.field and node.field.role is Role.POLICY:
        found.add((*path, "Statement"))
    for segment, child in node.children.items():
        found |= alignable_paths(child, (*path, segment))
    return found


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
    fingerprint = fingerprint_of(value)
    return f"${{secret:{fingerprint}}}" if fingerprint else canonical_value(value, UNCLASSIFIED, wording)


def fingerprint_of(value: Value) -> str:
    """The fingerprint that stands in a secret's place, or "" for a value that may be shown."""
    if isinstance(value, dict) and value.keys() == {"secret"}:
        return str(value["secret"])
    return ""


def _scalar(value: Value, node: Node, wording: Wording) -> Value:
    if not isinstance(value, str):
        return value
    return _reference(value, node, wording) or wording.text(value)


def _reference(value: str, node: Node, wording: Wording) -> str:
    if not (node.field and node.field.reference):
        return ""
    symbol = wording.locale.references.get(f"{node.field.reference}:{wording.parent}:{value}")
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
