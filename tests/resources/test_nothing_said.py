"""What AWS leaves out, tells empty and tells as null is the same, but where there being one says something.

Of the services that answer in JSON: in S3's XML no list is empty, nothing is null, and an element without members is
one that somebody put there (EventBridgeConfiguration, SimplePrefix, SSES3, a Filter of everything).
"""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

from auditor.canonical_values import DROPPED, Wording
from auditor.model import Locale
from auditor.planning.ground import means_the_same
from auditor.resources import load_specs
from auditor.tree import tree
from bench.generate import full_shape, full_value, places
from bench.mutate import replaced
from bench.variants import PLAIN, VARIANTS

WORDING = Wording(Locale("us-east-1", "use1", "123456789012"), str, "parent", "name")
API = "https://docs.aws.amazon.com/lambda/latest/api/API_"
_DEPLOY = "https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_"
PRESENT = {
    f"{_DEPLOY}DeploymentConfigInfo.html": [
        "AWS::CodeDeploy::DeploymentConfig configuration minimumHealthyHosts",
        "AWS::CodeDeploy::DeploymentConfig configuration zonalConfig.minimumHealthyHostsPerZone",
    ],
    f"{_DEPLOY}RevisionLocation.html": ["AWS::CodeDeploy::DeploymentGroup revision *"],
    f"{API}AccountLimit.html": ["AWS::Lambda::AccountSettings settings AccountLimit"],
    f"{API}CodeSigningConfig.html": [
        "AWS::Lambda::CodeSigningConfig configuration AllowedPublishers*",
        "AWS::Lambda::Function code signing config *",
    ],
    f"{API}TenancyConfig.html": ["AWS::Lambda::Function configuration TenancyConfig"],
    f"{API}CapacityProviderConfig.html": ["AWS::Lambda::Function configuration CapacityProviderConfig*"],
    f"{API}DurableConfig.html": ["AWS::Lambda::Function configuration DurableConfig"],
    f"{API}FunctionConfiguration.html": ["AWS::Lambda::Function package Architectures"],
}
"""Lists and structures of which an empty one is not the same as none, by the page that says what they are.

They are demanded by AWS, or of a function that is made with one, which is another one than a function without.
"""


def without(value, at):
    if len(at) == 1:
        return {name: one for name, one in value.items() if name != at[0]}
    inside = without(value[at[0]], at[1:])
    return [*value[: at[0]], inside, *value[at[0] + 1 :]] if isinstance(value, list) else {**value, at[0]: inside}


def lists_and_structures():
    found = {}
    for spec in (one for one in load_specs().values() if one.service in ("lambda", "codedeploy")):
        for variant in VARIANTS.get(spec.type, PLAIN):
            for facet in spec.facets:
                value = full_value(spec, facet, variant)
                for place in places(full_shape(spec, facet), value, tree(facet.fields)):
                    dropped = any(node.field and node.field.role in DROPPED for node in place.nodes)
                    named = place.at and isinstance(place.at[-1], str) and isinstance(place.value, list | dict)
                    if named and not dropped:
                        found.setdefault(f"{spec.type} {facet.name} {place.path}", (facet, value, place))
    return found


PLACES = lists_and_structures()


def alike(name, said):
    facet, value, place = PLACES[name]
    empty = type(place.value)() if said == "empty" else None
    sides = without(value, place.at), replaced(value, place.at, empty)
    return means_the_same(facet, *sides, tree(facet.fields), WORDING)


def is_told(name):
    return any(fnmatchcase(name, glob) for globs in PRESENT.values() for glob in globs)


@pytest.mark.parametrize("said", ["empty", "null"])
def test_nothing_is_said_by_what_is_empty_or_null(said):
    assert [name for name in PLACES if not is_told(name) and not alike(name, said)] == []


@pytest.mark.parametrize("glob", [glob for globs in PRESENT.values() for glob in globs])
def test_what_is_told_apart_is(glob):
    names = [name for name in PLACES if fnmatchcase(name, glob)]
    assert names
    assert not any(alike(name, "empty") for name in names)


def test_a_tag_without_a_value_is_a_tag():
    facet = load_specs()["AWS::Lambda::CapacityProvider"].facets[0]
    one, other = ({"PropagateTags": {"Mode": "Explicit", "ExplicitTags": tags}} for tags in ({"team": ""}, {}))
    assert not means_the_same(facet, one, other, tree(facet.fields), WORDING)


def test_there_are_places_to_look_at():
    assert len(PLACES) > 80
