"""What a spec says of a place in a resource's document. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from auditor.model.pointer import segments
from auditor.plan.ground import facet_at
from auditor.specs.field_tree import Node, SpecTree
from auditor.specs.spec import Facet, ResourceSpec


def said_of(spec: ResourceSpec, tree: SpecTree, path: str, what: str) -> Any:
    """What the spec says of a field, or of the nearest one above it that says anything; () or False for nothing.

    `what` is the name of a member of Field.
    """
    said: Any = ()
    for node in nodes_along(spec, tree, path):
        said = (getattr(node.field, what) if node.field else ()) or said
    return said


def nodes_along(spec: ResourceSpec, tree: SpecTree, path: str) -> Iterator[Node]:
    """What the spec says of a place and of those above it in its facet, from the facet on."""
    facet, below = facet_at(spec, segments(path))
    node = node_of(spec, tree, facet)
    yield node
    for segment in below:
        node = node.children.get("[]") or node.child(segment) if node.field and node.field.key else node.child(segment)
        yield node


def node_of(spec: ResourceSpec, tree: SpecTree, facet: Facet) -> Node:
    """What the spec says of a facet as a whole."""
    return next(node for one, node in zip(spec.facets, tree.nodes, strict=True) if one is facet)
