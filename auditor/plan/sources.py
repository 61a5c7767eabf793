"""Where a plan's secrets are taken from: each from its own place, into that place, and from nowhere else. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from auditor.errors import PlanError
from auditor.model.plan import Action
from auditor.model.values import ABSENT, Value
from auditor.plan.drafted_calls import place_of
from auditor.plan.fields import nodes_along
from auditor.plan.symbols import GOLDEN, OWN, symbols_in
from auditor.specs.field_tree import UNCLASSIFIED, Node, spec_tree
from auditor.specs.site_choices import CHOICE
from auditor.specs.spec import Facet, ResourceSpec, Role

_SOURCES: Final = (GOLDEN, OWN, CHOICE)
CODE: Final = "/Code"
"""Where golden's code is, as a place; it is sent as a zip."""
NOT_SENT: Final = "The call was not made. Make a new plan with 'auditor plan'."


def refuse_strange_sources(action: Action, spec: ResourceSpec) -> None:
    """Raise PlanError where what an action is to write takes anything but a secret from its own place.

    What was found takes nothing from anywhere.
    """
    for place, symbol, node in _sources(action.after, action, spec):
        is_secret = node.field is not None and node.field.role is Role.SECRET
        if not is_secret or symbol not in (f"{GOLDEN}{place}", f"{OWN}{place}"):
            raise PlanError(f"${{{symbol}}} is no source for {place or 'the whole of it'}")
    for place, symbol, _ in _sources(action.before, action, spec):
        raise PlanError(f"${{{symbol}}} is no source for {place or 'the whole of it'}")


def refuse_strange_fills(params: Mapping[str, Value], spec: ResourceSpec) -> None:
    """Raise PlanError where a parameter of a call takes a secret of another place, or code where no code is sent."""
    for path, text, symbol in _placeholders(params, ()):
        place = symbol.partition(":")[2]
        is_code = symbol == f"{GOLDEN}{CODE}"
        fits = path[-1:] == ("ZipFile",) if is_code else path[-len(_steps(place)) :] == _steps(place)
        is_free = symbol.startswith(OWN) and not is_secret(spec, place)
        if not is_free and (text != f"${{{symbol}}}" or not fits or not (is_code or is_secret(spec, place))):
            raise PlanError(f"${{{symbol}}} is no source for {'/'.join(path)}. {NOT_SENT}")


def _placeholders(value: Value, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """The places of parameters that are filled from a resource, with their whole text and the symbol."""
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from _placeholders(str(name), (*path, str(name), ""))
            yield from _placeholders(member, (*path, str(name)))
    elif isinstance(value, list):
        for one in value:
            yield from _placeholders(one, (*path, "[]"))
    elif isinstance(value, str):
        yield from ((path, value, one) for one in symbols_in(value) if one.startswith((OWN, GOLDEN)))


def _steps(place: str) -> tuple[str, ...]:
    return tuple(place.split("/")[1:])


def is_secret(spec: ResourceSpec, place: str) -> bool:
    """Whether what stands at a place of a resource is a secret."""
    *_, node = nodes_along(spec, spec_tree(spec), place)
    return node.field is not None and node.field.role is Role.SECRET


def _sources(value: Value, action: Action, spec: ResourceSpec) -> Iterator[tuple[str, str, Node]]:
    """The places of a value that take something from elsewhere, the symbol that does, and what the spec says."""
    held = dict(
        zip((one.name for one in spec.facets), zip(spec.facets, spec_tree(spec).nodes, strict=True), strict=True)
    )
    if action.facet in held:
        yield from _within(value, *_at(held, action.facet))
    elif not action.facet and isinstance(value, Mapping):
        for name, member in value.items():
            yield from _within(member, *_at(held, name))


def _at(held: Mapping[str, tuple[Facet, Node]], name: str) -> tuple[Node, str]:
    facet, node = held.get(name, (None, UNCLASSIFIED))
    return node, place_of(facet) if facet else ""


def _within(value: Value, node: Node, place: str) -> Iterator[tuple[str, str, Node]]:
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from ((place, one, UNCLASSIFIED) for one in symbols_in(name) if one.startswith(_SOURCES))
            yield from _within(member, node.child(str(name)), f"{place}/{name}")
    elif isinstance(value, list):
        for one in value:
            yield from _within(one, node.child("[]"), f"{place}/[]")
    elif value is not ABSENT:
        yield from ((place, one, node) for one in symbols_in(value) if one.startswith(_SOURCES))
