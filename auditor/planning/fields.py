"""What a spec says of a place in a resource's document. Pure."""

from __future__ import annotations

from typing import Any

from auditor.planning.ground import facet_at
from auditor.pointer import segments
from auditor.spec import ResourceSpec
from auditor.tree import SpecTree


def said_of(spec: ResourceSpec, tree: SpecTree, path: str, what: str) -> Any:
    """What the spec says of a field, or of the nearest one above it that says anything; () or False for nothing.

    `what` is the name of a member of Field.
    """
    facet, below = facet_at(spec, segments(path))
    node = next(node for one, node in zip(spec.facets, tree.nodes, strict=True) if one is facet)
    said = getattr(node.field, what) if node.field else ()
    for segment in below:
        node = node.children.get("[]") or node.child(segment) if node.field and node.field.key else node.child(segment)
        said = (getattr(node.field, what) if node.field else ()) or said
    return said
