"""Whatever a plan leaves out tells a reason of its own, and what is said of AWS is true of AWS's own models."""

from __future__ import annotations

import pytest

from auditor.aws.shapes import MODELS
from auditor.canonical.values import DROPPED
from auditor.model.values import ABSENT
from auditor.resources import load_specs
from auditor.specs.spec import Call, Listing

SPECS = load_specs()
FACETS = [pytest.param(spec, facet, id=f"{spec.type}.{facet.name}") for spec in SPECS.values() for facet in spec.facets]
MAPPING_UPDATES = ("AmazonManagedKafkaEventSourceConfig", "SelfManagedKafkaEventSourceConfig")


@pytest.mark.parametrize(("spec", "facet"), FACETS)
def test_a_facet_that_nothing_writes_tells_why_or_each_of_its_fields_does(spec, facet):
    fields = [one for one in facet.fields if one.role not in DROPPED]
    told = [one.path for one in fields if one.immutable or one.follows or (one.read_only and one.unwritten)]
    silent = [one.path for one in fields if not any(one.path.startswith(path) for path in told)]

    assert (facet.write or facet.unwritten or (fields and not silent)) or silent == []


@pytest.mark.parametrize(("spec", "facet"), FACETS)
def test_what_aws_sets_tells_who_can_set_it(spec, facet):
    assert [one.path for one in facet.fields if one.read_only and not one.unwritten] == []


@pytest.mark.parametrize(("spec", "facet"), FACETS)
def test_a_facet_that_one_call_writes_can_be_taken_away_or_tells_why_not(spec, facet):
    alone = isinstance(facet.write, Call) and facet.remove is None and facet.default is ABSENT

    assert not alone or facet.unwritten


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_a_type_of_which_none_is_made_or_deleted_tells_why(spec):
    many = isinstance(spec.listing, Listing)

    assert not many or ((spec.create or spec.uncreated) and (spec.delete or spec.undeleted))


@pytest.mark.parametrize(
    ("type_", "operation"),
    [
        ("AWS::Lambda::Function", "UpdateFunctionConfiguration"),
        ("AWS::Lambda::EventSourceMapping", "UpdateEventSourceMapping"),
        ("AWS::Lambda::CapacityProvider", "UpdateCapacityProvider"),
        ("AWS::CodeDeploy::DeploymentGroup", "UpdateDeploymentGroup"),
    ],
)
def test_what_is_called_recreate_only_is_no_parameter_of_the_update(type_, operation):
    spec = SPECS[type_]
    taken = MODELS.get_service_model(spec.service).operation_model(operation).input_shape.members
    fixed = [one.path for facet in spec.facets for one in facet.fields if one.immutable and "." not in one.path]

    assert [path for path in fixed if path in taken] == []
