"""For every place of every facet, the pairs that differ there alone. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from auditor.model.values import ABSENT, Reading, State, Value
from auditor.specs.field_tree import Node, tree
from auditor.specs.spec import Facet, ResourceSpec, Role
from bench import generate, policies
from bench.cases import Case, Expected
from bench.expect import MANY, Meaning, expected, meaning, says_nothing, shown_apart
from bench.generate import Label, Place, Segments
from bench.sites import GOLDEN, Pair, Readings, worded
from bench.variants import PLAIN, VARIANTS, Variant

Change = tuple[str, Value, Expected | None]
"""What was done, what then stands at the place (ABSENT: nothing), and what must be found."""
ELEMENTS: Final = (0, 1)
"""Into which elements of lists the mutations go."""
MORE: Final = 12
"""The number of an element that is added: no other has it."""


def mutations(spec: ResourceSpec) -> Iterator[Case]:
    """Every case of a type that comes of its fields: those that must be found, and those that must not."""
    for variant in VARIANTS.get(spec.type, PLAIN):
        base = generate.readings(spec, variant)
        yield Case(f"{spec.type} {variant.name} as it is", Pair(spec, base, base))
        for facet in spec.facets:
            if base[facet.name].state is State.READ:
                yield from _of_facet(spec, facet, base, variant)


def _of_facet(spec: ResourceSpec, facet: Facet, base: Readings, variant: Variant) -> Iterator[Case]:
    value = base[facet.name].value
    shape = generate.full_shape(spec, facet)
    done: set[Segments] = set()
    for depth in ELEMENTS:
        for place in generate.places(shape, value, tree(facet.fields), depth):
            if place.at in done or not variant.covers(facet.name, place.path):
                continue
            done.add(place.at)
            for what, changed, wanted in changes(facet, value, place, variant.of(facet.name)):
                if changed is not ABSENT and twins(value, place, changed):
                    continue
                actual = {**base, facet.name: reading(replaced(value, place.at, changed))}
                where = "/".join(str(one) for one in (facet.name, *place.at))
                yield Case(
                    f"{spec.type}/{where} {variant.name} {what}".replace("  ", " "), Pair(spec, base, actual), wanted
                )


def reading(value: Value) -> Reading:
    """A facet's reading; what is empty is not there, as when AWS is read."""
    return Reading(State.ABSENT) if value is ABSENT or value in (None, "", [], {}) else Reading(State.READ, value)


def changes(facet: Facet, value: Value, place: Place, variant: Variant) -> Iterator[Change]:
    """All that can be done to one place."""
    told = meaning(facet, value, place, variant)
    field = place.nodes[-1].field
    if field and field.role is Role.POLICY and isinstance(place.value, str):
        yield from policies.changes(place.value, told.pointer)
    elif isinstance(place.value, dict):
        yield from _of_structure(place, told, variant)
    elif isinstance(place.value, list):
        yield from _of_list(place, told, variant)
    else:
        yield from _of_scalar(place, told, variant)
    if place.at and isinstance(place.at[-1], str) and not place.required and place.path not in variant.always:
        below = MANY if shown_apart(facet, place) else 1
        yield "gone", ABSENT, None if says_nothing(place, variant) else expected(told, below, above=1)
    elif not place.at and facet.at:
        yield "gone", ABSENT, expected(told, below=MANY if shown_apart(facet, place) else 1)


def _of_scalar(place: Place, told: Meaning, variant: Variant) -> Iterator[Change]:
    how = place.nodes[-1].field.compare if place.nodes[-1].field else "equal"
    wanted = expected(told)
    if how == "at-least":
        yield "lowered", place.value - 1, wanted
        yield "raised", place.value + 1, None
        return
    other = another(place, variant)
    if other is not ABSENT:
        yield "changed", other, None if how == "all-or-none" else wanted
    if isinstance(place.value, str) and "${" in place.value:
        yield "copied from golden's region", worded(place.value, GOLDEN), None if how == "all-or-none" else wanted


def another(place: Place, variant: Variant) -> Value:
    """Another value of the same shape; ABSENT where there is but one."""
    if place.path in variant.others:
        return variant.others[place.path]
    if isinstance(place.value, bool):
        return not place.value
    if isinstance(place.value, int | float):
        most = getattr(place.shape, "metadata", {}).get("max", 10**9)
        return place.value + 1 if place.value < most else place.value - 1
    names = [one for one in getattr(place.shape, "enum", ()) or () if one != place.value]
    if getattr(place.shape, "enum", ()):
        return names[-1] if names else ABSENT
    if getattr(place.shape, "type_name", "") == "timestamp":
        return place.value.replace("2026", "2027")
    return f"{place.value}x" if isinstance(place.value, str) else ABSENT


def _of_structure(place: Place, told: Meaning, variant: Variant) -> Iterator[Change]:
    if getattr(place.shape, "type_name", "") == "map":
        made = generate.made(
            place.shape.value, Label("three", f"{place.path}.*", 2), place.nodes[-1].child("three"), variant
        )
        yield "more", {**place.value, "three": made}, expected(told)
    else:
        yield "a member nobody has heard of", {**place.value, "unheardof": "x"}, expected(told)


def _of_list(place: Place, told: Meaning, variant: Variant) -> Iterator[Change]:
    node = place.nodes[-1]
    more = _one_more(place, variant)
    if more is not ABSENT and not is_taken(more, place.value, node):
        yield "more", [*place.value, more], expected(told, above=1)
    yield "fewer", place.value[:-1], expected(told, above=1)
    if len(place.value) > 1:
        ordered = not (node.field and node.field.key)
        yield "reversed", place.value[::-1], expected(told, below=MANY) if ordered else None


def _one_more(place: Place, variant: Variant) -> Value:
    shape, node = place.shape.member, place.nodes[-1]
    names = [one for one in getattr(shape, "enum", ()) or () if one not in place.value]
    if getattr(shape, "enum", ()):
        return names[0] if names else ABSENT
    label = Label(place.path.rpartition(".")[2].removesuffix("[]"), place.path, 0)
    return generate.made(shape, label.element(MORE, node), node.child("[]"), variant)


def twins(value: Value, place: Place, changed: Value) -> bool:
    """Whether a change would give two elements of an unordered list one key, which AWS never has."""
    for depth, node in enumerate(place.nodes[:-1]):
        if node.field and node.field.key not in ((), ("#",)) and isinstance(place.at[depth], int):
            others = [one for number, one in enumerate(value) if number != place.at[depth]]
            if is_taken(replaced(value[place.at[depth]], place.at[depth + 1 :], changed), others, node):
                return True
        value = value[place.at[depth]]
    return False


def is_taken(element: Value, others: list[Value], node: Node) -> bool:
    """Whether one of the others has the element's key."""
    return bool(node.field and node.field.key) and _names(element, node) in [_names(one, node) for one in others]


def _names(element: Value, node: Node) -> list[Value]:
    assert node.field
    return [generate.found(element, key) for key in node.field.key]


def replaced(value: Value, at: Segments, new: Value) -> Value:
    """The value with something else at a place; ABSENT takes away what is there."""
    if not at:
        return new
    if isinstance(value, list):
        return [replaced(one, at[1:], new) if number == at[0] else one for number, one in enumerate(value)]
    if len(at) == 1 and new is ABSENT:
        return {name: one for name, one in value.items() if name != at[0]}
    return {**value, at[0]: replaced(value.get(at[0]), at[1:], new)}
