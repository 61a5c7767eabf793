"""Whatever place a document has is one that settings may name, with all the values that AWS's models have."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from auditor.aws.type_places import places_in
from auditor.canonical.document import document
from auditor.canonical.redact import Redaction, hiding, redact
from auditor.compare.field_places import is_place, paths
from auditor.model.values import Reading, Resource, State, Value
from bench import generate
from bench.sites import GOLDEN, KEY, SPECS, name_of, worded
from bench.variants import PLAIN, VARIANTS

FULL = [(spec, variant) for spec in SPECS.values() for variant in VARIANTS.get(spec.type, PLAIN)]


def places_of(value: Value, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in inside:
        yield (*above, str(name))
        yield from places_of(member, (*above, str(name)))


@pytest.mark.parametrize(("spec", "variant"), FULL, ids=[f"{spec.type} {variant.name}" for spec, variant in FULL])
def test_every_place_of_a_full_document_is_known(spec, variant):
    told = generate.readings(spec, variant)
    facets = {name: Reading(one.state, worded(one.value, GOLDEN)) for name, one in told.items()}
    absent = {facet.name: Reading(State.ABSENT) for facet in spec.facets}
    resource = Resource(spec.type, worded(name_of(spec), GOLDEN), {**absent, **facets})
    made = document(redact(resource, spec, hiding(GOLDEN, Redaction(KEY))), spec, GOLDEN)
    known = places_in(spec)

    found = list(places_of(made.fields))

    assert [place for place in found if not is_place(known, place)] == []
    assert bool(found) == bool(spec.facets)


@pytest.mark.parametrize(
    ("type_", "place", "known"),
    [
        ("AWS::Lambda::Function", ("Environment", "Variables", "ANY"), True),
        ("AWS::Lambda::Function", ("Environment", "Varaibles", "ANY"), False),
        ("AWS::Lambda::Function", ("LastModified",), False),
        ("AWS::Lambda::Function", ("MemorySize", "MB"), False),
        ("AWS::Lambda::Function", ("Policy", "Statement", "any", "Condition"), True),
        ("AWS::S3::Bucket", ("Tags", "any"), True),
        ("AWS::S3::Bucket", ("LifecycleConfiguration", "Rules", "any", "Status"), True),
        ("AWS::S3::Bucket", ("LifecycleConfiguration", "Rules", "any", "State"), False),
    ],
)
def test_places_are_those_of_the_models_and_specs_less_what_is_never_compared(type_, place, known):
    assert is_place(places_in(SPECS[type_]), place) == known


def test_all_places_are_places():
    known = places_in(SPECS["AWS::CodeDeploy::DeploymentGroup"])

    assert len(list(paths(known))) > 80
    assert [path for path in paths(known) if not is_place(known, path.split("/")[1:])] == []
