"""Which fields the documents of a type can have, by botocore's models and the type's spec. Pure; AWS is not asked."""

from __future__ import annotations

from functools import reduce
from typing import Final

from auditor.aws.shapes import Shape, facet_shapes
from auditor.compare.field_places import EVERY, OPEN, Places, is_place, merged, planted, without
from auditor.specs.field_tree import Path, places as classified, tree
from auditor.specs.spec import Facet, ResourceSpec, Role

_PLAIN: Final = frozenset({"boolean", "integer", "long", "float", "double", "timestamp"})
"""Kinds of values that have no fields. A text may: a policy is one."""
_DROPPED: Final = (Role.IDENTITY, Role.IGNORED, Role.CAPABILITY)


def places_in(spec: ResourceSpec) -> Places:
    """The places of a type's documents that are compared.

    A field that botocore does not know of is in no answer, so that what is not here is in no document.
    """
    return reduce(merged, (_of_facet(spec, facet) for facet in spec.facets), Places())


def _of_facet(spec: ResourceSpec, facet: Facet) -> Places:
    found = reduce(merged, (_of_shape(one, ()) for one in facet_shapes(spec, facet)), Places())
    fields = [(_path(path), one.role) for path, one in classified(tree(facet.fields))]
    for path, role in fields:
        if role is Role.POLICY or not is_place(found, path):
            # What a spec names beside the models, it makes itself, in a form of its own.
            found = planted(found, path, OPEN)
    for path, role in fields:
        if role in _DROPPED:
            found = without(found, path)
    return Places({facet.at: found}) if facet.at else found


def _path(path: Path) -> Path:
    return tuple(EVERY if one == "[]" else one for one in path)


def _of_shape(shape: Shape, above: tuple[str, ...]) -> Places:
    kind, name = getattr(shape, "type_name", ""), getattr(shape, "name", "")
    within = (*above, name) if name else above
    if kind == "structure" and shape.members and name not in above:
        return Places({one: _of_shape(member, within) for one, member in shape.members.items()})
    if kind == "list":
        return Places({EVERY: _of_shape(shape.member, within)})
    if kind == "map":
        return Places({EVERY: _of_shape(shape.value, within)})
    return Places() if kind in _PLAIN else OPEN
