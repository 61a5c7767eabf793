"""A facet's fields as a tree, so that a value and what its spec says of it are walked together. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field as made_by, replace
from typing import Final

from auditor.model.values import Value
from auditor.specs.spec import Field, Follow, ResourceSpec, Role

Path = tuple[str, ...]
"""A place in a document. `[]` and `*` stand for every element and every key."""


@dataclass(frozen=True)
class Node:
    """A place in a facet's tree of fields: what its spec says of it, and of the places below."""

    field: Field | None = None
    children: Mapping[str, Node] = made_by(default_factory=dict)

    def child(self, segment: str) -> Node:
        """The node of a member, or an empty one: a field that nobody classified is compared."""
        return self.children.get(segment) or self.children.get("*") or UNCLASSIFIED


UNCLASSIFIED: Final = Node()


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


def places(node: Node, path: Path = ()) -> Iterator[tuple[Path, Field]]:
    """Every classified field below a node, with its place."""
    if node.field:
        yield path, node.field
    for segment, child in node.children.items():
        yield from places(child, (*path, segment))


_ACTIONS: Final = (("Action",), ("Action", "*"), ("NotAction",), ("NotAction", "*"))
"""Where a policy's statement names actions, which IAM reads in any case."""


@dataclass(frozen=True)
class SpecTree:
    """All that a spec says of its fields' places, made ready once for many resources."""

    nodes: tuple[Node, ...]
    """A tree a facet, in the spec's order."""
    alignable: frozenset[Path]
    """The places of maps whose keys are names of convenience; a policy's statements are such."""
    comparators: Mapping[Path, str]
    """How fields are compared, where equality is the wrong question."""
    places: frozenset[str]
    """Where the facets stand in a document."""
    follows: Mapping[Path, tuple[Path, ...]]
    """The places that cannot be told where others cannot."""


def spec_tree(spec: ResourceSpec) -> SpecTree:
    """The fields of all facets by their place in the resource's document."""
    nodes = tuple(tree(facet.fields) for facet in spec.facets)
    classified = [
        ((facet.at, *path) if facet.at else path, field)
        for facet, node in zip(spec.facets, nodes, strict=True)
        for path, field in places(node)
    ]
    aligned = {path for path, field in classified if field.align}
    statements = {(*path, "Statement") for path, field in classified if field.role is Role.POLICY}
    policies = [(*path, "Statement", "*") for path, field in classified if field.role is Role.POLICY]
    compared = {(*path, *below): "ignore-case" for path in policies for below in _ACTIONS}
    compared |= {path: field.compare for path, field in classified if field.compare != "equal"}
    at = frozenset(facet.at for facet in spec.facets)
    return SpecTree(nodes, frozenset(aligned | statements), compared, at, _follows(spec, nodes))


def _follows(spec: ResourceSpec, nodes: tuple[Node, ...]) -> dict[Path, tuple[Path, ...]]:
    """What a field follows from, and the other way round where both are written, or one tells what the other means."""
    found: dict[Path, tuple[Path, ...]] = {}
    for facet, node in zip(spec.facets, nodes, strict=True):
        for path, field in places(node):
            own = (facet.at, *path) if facet.at else path
            sources = tuple(tuple(source.split("/")) for source in field.follows)
            found[own] = (*found.get(own, ()), *sources)
            together = sources if facet.write or isinstance(facet.source, Follow) else ()
            for source in together:
                found[source] = (*found.get(source, ()), own)
    return {path: sources for path, sources in found.items() if sources}


def doubts(value: Value, node: Node, path: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Why it cannot be told what secrets hold, by their place: ids that stand for nobody knows what."""
    if node is UNCLASSIFIED or not isinstance(value, dict):
        return
    if node.field and node.field.role is Role.SECRET:
        if value.get("unresolved"):
            yield path, tuple(value["unresolved"])
        return
    for name, member in value.items():
        yield from doubts(member, node.child(name), (*path, name))


def fingerprints(value: Value, node: Node, path: Path) -> Iterator[tuple[Path, str]]:
    """The fingerprint of each secret in a facet's value, shown or not, by its place in the document."""
    if node is UNCLASSIFIED:
        return
    if node.field and node.field.role is Role.SECRET and isinstance(value, dict) and "secret" in value:
        yield path, f"${{secret:{value['secret']}}}"
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from fingerprints(member, node.child(name), (*path, name))
