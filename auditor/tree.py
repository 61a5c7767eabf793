"""A facet's fields as a tree, so that a value and what its spec says of it are walked together. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as made_by
from typing import Final

from auditor.model import Value
from auditor.spec import Field, Role

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


def alignable_paths(node: Node) -> set[Path]:
    """The places below a node whose keys are names of convenience; a policy's statements are such."""
    aligned = {path for path, field in places(node) if field.align}
    return aligned | {(*path, "Statement") for path, field in places(node) if field.role is Role.POLICY}


def comparators(node: Node) -> dict[Path, str]:
    """How the fields below a node are compared, where equality is the wrong question."""
    return {path: field.compare for path, field in places(node) if field.compare != "equal"}


def fingerprints(value: Value, node: Node, path: Path) -> Iterator[tuple[Path, str]]:
    """The fingerprint of each secret in a facet's value, shown or not, by its place in the document."""
    if node.field and node.field.role is Role.SECRET and isinstance(value, dict) and "secret" in value:
        yield path, f"${{secret:{value['secret']}}}"
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from fingerprints(member, node.child(name), (*path, name))
