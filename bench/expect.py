"""Where a change of a raw value must be shown, told from the spec's own words and not from the comparison. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from auditor.model.values import ABSENT, Value
from auditor.specs.spec import Facet, Field, Role
from bench.cases import ANY, Expected, Pointer
from bench.generate import Place
from bench.variants import Variant

_DROPPED: Final = (Role.IDENTITY, Role.IGNORED, Role.CAPABILITY)
MANY: Final = 10_000


@dataclass(frozen=True)
class Meaning:
    """What a place is to the comparison: where it is shown, and in how many changes; or why it never is."""

    pointer: Pointer
    most: int = 1
    legitimate: str = ""


def meaning(facet: Facet, value: Value, place: Place, variant: Variant) -> Meaning:
    """What a change at this place comes to. `value` is the facet's, `place` one of its places."""
    if any(place.path == one or place.path.startswith((f"{one}.", f"{one}[")) for one in variant.lifeless):
        return Meaning((), legitimate="means nothing beside the others")
    if any(field.compare == "informational" for field in _fields(place)):
        return Meaning((), legitimate="informational")
    keyed = _keying(place)
    if keyed is not None:
        depth, field = keyed
        dropped = any(one.role in _DROPPED for one in _fields(place))
        if not (dropped and field.align):
            return Meaning(_pointer(facet, value, place, depth), most=2)
    if any(field.role in _DROPPED for field in _fields(place)):
        return Meaning((), legitimate="dropped")
    if place.path in variant.wide:
        return Meaning(_pointer(facet, value, place, len(place.at) - 1), most=MANY)
    return Meaning(_renamed(_pointer(facet, value, place, len(place.at)), place, variant))


def _fields(place: Place) -> Iterator[Field]:
    return (node.field for node in place.nodes if node.field)


def _renamed(pointer: Pointer, place: Place, variant: Variant) -> Pointer:
    if place.path not in variant.renamed:
        return pointer
    return (*pointer[:-1], *variant.renamed[place.path].split("."))


def _keying(place: Place) -> tuple[int, Field] | None:
    """How deep the outermost list lies whose elements are named by what stands at the place, and its field."""
    for depth, node in enumerate(place.nodes[:-1]):
        if node.field and node.field.key and isinstance(place.at[depth], int):
            inside = ".".join(str(one) for one in place.at[depth + 1 :])
            keys = node.field.key
            if keys == ("#",) or any(_touches(inside, key) for key in keys):
                return depth, node.field
    return None


def _touches(inside: str, key: str) -> bool:
    return inside == key or bool(inside and key and f"{inside}.".startswith(f"{key}.")) or key.startswith(f"{inside}.")


def _pointer(facet: Facet, value: Value, place: Place, depth: int) -> Pointer:
    segments = [facet.at] if facet.at else []
    for number, step in enumerate(place.at[:depth]):
        field = place.nodes[number].field
        if field and field.role in (Role.POLICY, Role.SECRET):
            break
        if isinstance(step, int) and field and field.key:
            segments.append(_key(value[step], field))
            if _is_tag(value[step], field):
                break
        else:
            segments.append(str(step))
        value = value[step]
    return tuple(segments)


def _is_tag(element: Value, field: Field) -> bool:
    # {"Key": "team", "Value": "shop"} is shown as /Tags/team.
    named = {name.lower() for name in element} if isinstance(element, dict) else set()
    return field.key in (("Key",), ("key",)) and named <= {"key", "value"} and bool(named)


def _key(element: Value, field: Field) -> str:
    parts = [_part(element, key) for key in field.key]
    return ANY if ANY in parts else "|".join(part for part in parts if part)


def _part(element: Value, key: str) -> str:
    if key == "#":
        return ANY
    for name in key.split(".") if key else ():
        element = element.get(name) if isinstance(element, dict) else None
    return element if isinstance(element, str) else "" if element is None else ANY


def expected(told: Meaning, below: int = 0, above: int = 0) -> Expected | None:
    """What must be found for a change of that meaning; None for a legitimate one."""
    if told.legitimate:
        return None
    return Expected(told.pointer, max(told.most, below or 1), above)


def shown_apart(facet: Facet, place: Place) -> bool:
    """Whether what is taken away is shown member by member, because its absence means a structure or a list."""
    defaults = (facet.default, *(field.default for field in _fields(place)))
    return isinstance(place.value, dict | list) and any(isinstance(one, dict | list) for one in defaults)


def says_nothing(place: Place, variant: Variant) -> bool:
    """Whether to leave out what stands at a place says the same as the place itself."""
    if place.path in variant.implied:
        return True
    field = place.nodes[-1].field
    return bool(field) and field.default is not ABSENT and field.default == place.value  # type: ignore[union-attr]
