"""What comparing takes for said where golden says nothing is written, or the call is one that replaces all there is."""

from __future__ import annotations

import pytest

from auditor.canonical.values import DROPPED
from auditor.model.values import ABSENT
from auditor.resources import load_specs
from auditor.specs.field_tree import tree
from auditor.specs.writes import writing
from bench.generate import full_shape, full_value, places
from bench.mutate import another, replaced
from bench.variants import PLAIN, VARIANTS

API = "https://docs.aws.amazon.com/AmazonS3/latest/API/API_"
# "Replaces", by AWS's page of each: what is left out is not there afterwards.
REPLACES = {
    "PutBucketLogging": f"{API}PutBucketLogging.html",
    "PutBucketLifecycleConfiguration": f"{API}PutBucketLifecycleConfiguration.html",
    "PutBucketReplication": f"{API}PutBucketReplication.html",
    "PutFunctionEventInvokeConfig": "https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html",
    # A structure that is given replaces the one that is there, member by member of the operation.
    "UpdateAlias": "https://docs.aws.amazon.com/lambda/latest/api/API_UpdateAlias.html",
    "UpdateFunctionUrlConfig": "https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionUrlConfig.html",
}
REPLACED = ("ec2TagSet", "onPremisesTagSet", "loadBalancerInfo")
"""Structures of lists that UpdateDeploymentGroup replaces: what is left out of them is not there afterwards.

https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_UpdateDeploymentGroup.html
"""


def defaults():
    for spec in load_specs().values():
        variant = VARIANTS.get(spec.type, PLAIN)[0]
        for facet in (one for one in spec.facets if one.write):
            value = full_value(spec, facet, variant)
            for place in places(full_shape(spec, facet), value, tree(facet.fields)):
                field = place.nodes[-1].field
                fixed = any(node.field and (node.field.immutable or node.field.read_only) for node in place.nodes)
                own = field and field.default is not ABSENT and place.at and field.role not in DROPPED and not fixed
                # A structure that says what holds without it says nothing to take away.
                idle = own and isinstance(place.value, dict) and place.value == field.default
                if own and not idle:
                    yield pytest.param(facet, value, place, variant, id=f"{spec.type}.{facet.name}/{place.path}")


def without(value, at):
    if len(at) == 1:
        return {name: one for name, one in value.items() if name != at[0]}
    inside = without(value[at[0]], at[1:])
    if isinstance(value, list):
        return [*value[: at[0]], inside, *value[at[0] + 1 :]]
    return {**value, at[0]: inside}


def members(value):
    if isinstance(value, dict):
        for name, one in value.items():
            yield name
            yield from members(one)
    elif isinstance(value, list):
        for one in value:
            yield from members(one)


@pytest.mark.parametrize(("facet", "value", "place", "variant"), list(defaults()))
def test_a_default_that_golden_does_not_say_is_written_or_comes_of_replacing_all(facet, value, place, variant):
    field = place.nodes[-1].field
    other = (
        another(place, variant) if place.value == field.default and not isinstance(place.value, dict | list) else ABSENT
    )
    site = value if other is ABSENT else replaced(value, place.at, other)
    calls = writing(facet, site, without(value, place.at))
    said = {name for call in calls for name in members(dict(call.params))}

    # Of a structure that is replaced as a whole, the whole is said.
    assert (
        place.at[-1].removesuffix("Result") in said
        or (place.at[0] in REPLACED and place.at[0] in said)
        or field.follows
        or {call.operation for call in calls} & set(REPLACES)
    )
