"""Every example that botocore ships for the operations that specs read with: taken, redacted and made a document.

None may crash, and nothing that botocore calls sensitive, or a spec secret or a capability, may be in what is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from auditor.aws.readings import plain, taken
from auditor.aws.shapes import MODELS, operation
from auditor.canonical.document import document
from auditor.canonical.redact import Redaction, hiding, redact
from auditor.model.values import Reading, Resource, State, Value
from auditor.specs.field_tree import Node, tree
from auditor.specs.spec import Batch, Call, Facet, Listed, Listing, ResourceSpec, Role, facet_calls
from bench.sites import GOLDEN, KEY, SPECS, name_of, worded


def _examples(service: str, name: str) -> list[Value]:
    loader = MODELS.get_component("data_loader")
    if service not in loader.list_available_services("examples-1"):
        return []
    held = loader.load_service_model(service, "examples-1")["examples"].get(name, [])
    return [one["output"] for one in held if one.get("output")]


def _read_by(spec: ResourceSpec, facet: Facet) -> Iterator[tuple[Call, bool]]:
    """The calls that tell a facet, and whether they tell it in a list."""
    source = facet.source
    if isinstance(source, Listed) and isinstance(spec.listing, Listing):
        yield spec.listing.call, True
    for call in facet_calls(facet):
        yield call, isinstance(source, Batch) and call is source.call


def checked() -> Iterator[tuple[str, str]]:
    """Every example, by what it is of, with what is wrong with what came of it; "" for nothing."""
    for spec in SPECS.values():
        for facet in spec.facets:
            for call, many in _read_by(spec, facet):
                service = call.service or spec.service
                for number, answer in enumerate(_examples(service, call.operation)):
                    name = f"{spec.type}/{facet.name} {call.operation} {number}"
                    yield name, _told(spec, facet, call, many, answer)


def _told(spec: ResourceSpec, facet: Facet, call: Call, many: bool, answer: Value) -> str:
    hidden = {str(one) for one in _sensitive(operation(spec.service, call).output_shape, answer)}
    try:
        told = (_one(spec, facet, one, hidden) for one in _readings(facet, call, many, answer))
        return "; ".join(wrong for wrong in told if wrong)
    except Exception as error:  # noqa: BLE001 whatever it is, it would end the whole run
        return f"crashed: {error!r}"


def _readings(facet: Facet, call: Call, many: bool, answer: Value) -> Iterable[Reading]:
    if not many:
        return [taken(facet, call.pick, answer)]
    items = taken(Facet(facet.name, call), call.pick, answer).value or []
    pick = facet.source.pick if isinstance(facet.source, Listed) else "@"
    return [taken(facet, pick, item) for item in items]


def _one(spec: ResourceSpec, facet: Facet, reading: Reading, hidden: set[str]) -> str:
    facets = {one.name: Reading(State.ABSENT) for one in spec.facets} | {facet.name: reading}
    resource = Resource(spec.type, worded(name_of(spec), GOLDEN), facets)
    redacted = redact(resource, spec, hiding(GOLDEN, Redaction(KEY)))
    made = document(redacted, spec, GOLDEN)
    kept = json.dumps([redacted.facets[facet.name].value, dict(made.fields)], default=str)
    secrets = hidden | {str(one) for one in _secret(reading.value, tree(facet.fields))}
    return "; ".join(f"leaks {secret!r}" for secret in sorted(secrets) if len(secret) > 3 and secret in kept)


def _sensitive(shape: Any, value: Value) -> Iterator[Value]:
    if getattr(shape, "metadata", {}).get("sensitive") and isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, member in value.items():
            inside = shape.value if shape.type_name == "map" else shape.members.get(name)
            yield from _sensitive(inside, member) if inside is not None else ()
    elif isinstance(value, list) and hasattr(shape, "member"):
        for element in value:
            yield from _sensitive(shape.member, element)


def _secret(value: Value, node: Node) -> Iterator[Value]:
    if node.field and node.field.role in (Role.SECRET, Role.CAPABILITY):
        yield from _scalars(plain(value))
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _secret(member, node.child(name))
    elif isinstance(value, list):
        for element in value:
            yield from _secret(element, node.child("[]"))


def _scalars(value: Value) -> Iterator[Value]:
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if isinstance(value, str):
        yield value
    for member in members:
        yield from _scalars(member)
