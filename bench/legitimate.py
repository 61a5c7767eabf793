"""Pairs that differ legitimately by what the specs say: what is dropped, and defaults that somebody spelt out. Pure.

That ignored and identity fields change, and that lists without an order are in another one, is among the mutations.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.values import ABSENT, Reading, State, Value
from auditor.specs.field_tree import tree
from auditor.specs.spec import Facet, ResourceSpec
from bench import generate
from bench.cases import Case
from bench.mutate import replaced
from bench.sites import Pair, Readings, name_of
from bench.variants import PLAIN, VARIANTS

ABSENCE = Reading(State.ABSENT)


def pairs(spec: ResourceSpec) -> Iterator[Case]:
    """Each default of a type, spelt out on one side and left out on the other."""
    variant = VARIANTS.get(spec.type, PLAIN)[0]
    base = generate.readings(spec, variant)
    for facet in spec.facets:
        yield from _whole(spec, facet, base)
        if base[facet.name].state is State.READ:
            yield from _fields(spec, facet, base)


def _whole(spec: ResourceSpec, facet: Facet, base: Readings) -> Iterator[Case]:
    if facet.default not in (ABSENT, [], {}):
        spelt = {**base, facet.name: Reading(State.READ, facet.default)}
        yield from both_ways(spec, f"{facet.name} default", spelt, {**base, facet.name: ABSENCE})


def _fields(spec: ResourceSpec, facet: Facet, base: Readings) -> Iterator[Case]:
    value = base[facet.name].value
    for place in generate.places(generate.full_shape(spec, facet), value, tree(facet.fields)):
        field = place.nodes[-1].field
        if field is None or field.default is ABSENT or not place.at:
            continue
        spelt = replaced(value, place.at, _named(field.default, spec))
        bare = replaced(value, place.at, ABSENT)
        told = [{**base, facet.name: Reading(State.READ, one)} for one in (spelt, bare)]
        yield from both_ways(spec, f"{facet.name}/{place.path} default", told[0], told[1])
        none = {**base, facet.name: Reading(State.READ, replaced(value, place.at, None))}
        yield Case(f"{spec.type}/{facet.name}/{place.path} null for absent", Pair(spec, told[1], none))


def _named(value: Value, spec: ResourceSpec) -> Value:
    # A default can hold the resource's own name.
    if isinstance(value, dict):
        return {name: _named(one, spec) for name, one in value.items()}
    return value.replace("${name}", name_of(spec).rpartition("/")[2]) if isinstance(value, str) else value


def both_ways(spec: ResourceSpec, what: str, one: Readings, other: Readings) -> Iterator[Case]:
    """The pair, and the pair with golden and the other site exchanged."""
    yield Case(f"{spec.type}/{what} in golden", Pair(spec, one, other))
    yield Case(f"{spec.type}/{what} in the other site", Pair(spec, other, one))
