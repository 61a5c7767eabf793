"""Why a difference is left as it is though somebody wants it gone: what AWS sets once, or never, or not alone. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from auditor.model.pointer import is_within, pointer, segments
from auditor.model.values import ABSENT, Change
from auditor.plan.fields import nodes_along, said_of
from auditor.plan.ground import Subject, facet_at
from auditor.specs.field_tree import Node
from auditor.specs.spec import SCALED

RECREATE: Final = (
    "recreate-only: it is set when the resource is made, and never again (to make it anew is for a person)"
)
PRESENCE: Final = (
    "recreate-only: it is set when the resource is made whether there is one "
    "(what one says can change; to make the resource anew is for a person)"
)
BELONGS: Final = "whether there is such a thing depends on what is set when the resource is made, which differs"
UNKNOWN_TO_US: Final = "this version of auditor writes no such field: mend it by hand, or accept it"


def field_of(subject: Subject, path: str, what: str) -> Any:
    """What the spec says of a field, or of the nearest one above it that says anything (see said_of)."""
    return said_of(subject.spec, subject.tree, path, what)


def node_at(subject: Subject, path: str) -> Node:
    """The place of a path in its facet's tree of fields."""
    *_, node = nodes_along(subject.spec, subject.tree, path)
    return node


def fixed_paths(subject: Subject, changes: Iterable[Change]) -> tuple[str, ...]:
    """The paths among the changes at which something is set once and for all."""
    return tuple(one.path for one in changes if _is_fixed(subject, one))


def _is_fixed(subject: Subject, change: Change) -> bool:
    fixed = field_of(subject, change.path, "immutable") or _all_immutable(subject, change)
    return bool(fixed or _is_presence(subject, change))


def parted(subject: Subject, change: Change) -> tuple[Change, ...]:
    """The change, or one for each member of a structure that only one side has, where not all of them can be written.

    Where none of them can, it is one change still.
    """
    value = change.golden if change.actual is ABSENT else change.actual
    lonely = ABSENT in (change.golden, change.actual)
    node = node_at(subject, change.path)
    if not lonely or not isinstance(value, Mapping) or not _holds_fixed(node) or unwritable(subject, change, ()):
        return (change,)
    members = tuple(part for name in value for part in parted(subject, _member(change, name)))
    if all(unwritable(subject, one, ()) for one in members):
        return (change,)
    return members if any(unwritable(subject, one, ()) for one in members) else (change,)


def _member(change: Change, name: str) -> Change:
    golden, actual = (ABSENT if side is ABSENT else side[name] for side in (change.golden, change.actual))
    return Change(pointer([*segments(change.path), name]), golden, actual)


def _holds_fixed(node: Node) -> bool:
    below = node.children.values()
    return any((one.field and one.field.immutable) or _holds_fixed(one) for one in below)


def unwritable(subject: Subject, change: Change, fixed: Iterable[str]) -> str:
    """Why no call is made of a change; "" where its facet's writer is to say. `fixed` are paths that stay different."""
    facet, _ = facet_at(subject.spec, segments(change.path))
    own = field_of(subject, change.path, "unwritten")
    why = own or facet.unwritten
    if field_of(subject, change.path, "immutable") or _all_immutable(subject, change):
        return str(own or RECREATE)
    if _is_presence(subject, change):
        return str(own or PRESENCE)
    first = segments(change.path)[0]
    root = next((one for one in fixed if first in field_of(subject, one, "decides")), "")
    if root:
        return f"it depends on {root}, which differs and is set when the resource is made"
    if any(segments(path)[0] in facet.when for path in fixed):
        return BELONGS
    is_scaled = bool(facet.scaled) and SCALED in (change.golden, change.actual)
    if is_scaled or field_of(subject, change.path, "read_only"):
        return "Application Auto Scaling sets it" if is_scaled else str(why or "AWS sets it")
    unwritten = not facet.write and not field_of(subject, change.path, "follows")
    return str(why or UNKNOWN_TO_US) if unwritten else ""


def _is_presence(subject: Subject, change: Change) -> bool:
    field = node_at(subject, change.path).field
    return bool(field and field.immutable_presence and ABSENT in (change.golden, change.actual))


def _all_immutable(subject: Subject, change: Change) -> bool:
    value = change.golden if change.actual is ABSENT else change.actual
    if ABSENT not in (change.golden, change.actual) or not isinstance(value, Mapping) or not value:
        return False
    paths = (pointer([*segments(change.path), name]) for name in value)
    return all(field_of(subject, path, "immutable") for path in paths)


def idle_reason(subject: Subject, change: Change) -> str:
    """Why a writer made no call of a change."""
    facet, _ = facet_at(subject.spec, segments(change.path))
    why = field_of(subject, change.path, "unwritten") or facet.unwritten
    sources = field_of(subject, change.path, "follows")
    return str(why or (f"it follows from {' or '.join(sources)}" if sources else UNKNOWN_TO_US))


def covers(changes: Iterable[Change], sources: Iterable[str]) -> bool:
    """Whether one of the changes is at or below one of these fields."""
    return any(is_within(one.path, f"/{source}") for one in changes for source in sources)
