"""What AWS leaves out, tells empty and tells as null is the same, but where there being one says something.

Of the services that answer in JSON: in S3's XML no list is empty, nothing is null, and an element without members is
one that somebody put there (EventBridgeConfiguration, SimplePrefix, SSES3, a Filter of everything).
"""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

from auditor.canonical.values import DROPPED, Wording
from auditor.model.values import Locale
from auditor.plan.ground import means_the_same
from auditor.resources import load_specs
from auditor.specs.field_tree import tree
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


def lists_and_structures(*services):
    found = {}
    for spec in (one for one in load_specs().values() if one.service in services):
        for variant in VARIANTS.get(spec.type, PLAIN):
            for facet in spec.facets:
                value = full_value(spec, facet, variant)
                for place in places(full_shape(spec, facet), value, tree(facet.fields)):
                    dropped = any(node.field and node.field.role in DROPPED for node in place.nodes)
                    named = place.at and isinstance(place.at[-1], str) and isinstance(place.value, list | dict)
                    if named and not dropped:
                        found.setdefault(f"{spec.type} {facet.name} {place.path}", (facet, value, place))
    return found


JSON_PLACES = lists_and_structures("lambda", "codedeploy")
S3_PLACES = lists_and_structures("s3")
PLACES = {**JSON_PLACES, **S3_PLACES}


def alike(name, said):
    facet, value, place = PLACES[name]
    empty = type(place.value)() if said == "empty" else None
    sides = without(value, place.at), replaced(value, place.at, empty)
    return means_the_same(facet, *sides, tree(facet.fields), WORDING)


def is_told(name):
    return any(fnmatchcase(name, glob) for globs in PRESENT.values() for glob in globs)


@pytest.mark.parametrize("said", ["empty", "null"])
def test_nothing_is_said_by_what_is_empty_or_null(said):
    assert [name for name in JSON_PLACES if not is_told(name) and not alike(name, said)] == []


@pytest.mark.parametrize("glob", [glob for globs in PRESENT.values() for glob in globs])
def test_what_is_told_apart_is(glob):
    names = [name for name in JSON_PLACES if fnmatchcase(name, glob)]
    assert names
    assert not any(alike(name, "empty") for name in names)


S3 = "https://docs.aws.amazon.com/AmazonS3/latest/API/API_"
_FILTER = ("Filter", "Filter.Tag", "Filter.And")
_NOTICE = ("", "[].Events", "[].Filter", "[].Filter.Key", "[].Filter.Key.FilterRules")
_KINDS = ("TopicConfigurations", "QueueConfigurations", "LambdaFunctionConfigurations")
EMPTY_IN_S3 = {
    f"{S3}GetBucketEncryption.html": ["encryption Rules"],
    f"{S3}CORSRule.html": [f"cors CORSRules[].{one}" for one in ("AllowedHeaders", "ExposeHeaders")],
    f"{S3}LifecycleRule.html": [
        "lifecycle Rules",
        *(
            f"lifecycle Rules[].{one}"
            for one in ("Expiration", "Transitions", "NoncurrentVersionTransitions", *_FILTER)
        ),
    ],
    f"{S3}LoggingEnabled.html": ["logging LoggingEnabled.TargetGrants"],
    f"{S3}NotificationConfiguration.html": [f"notification {kind}{one}" for kind in _KINDS for one in _NOTICE],
    # A rule with a Filter is of another form than one without; see the deletion of markers.
    f"{S3}ReplicationRule.html": [
        "replication Rules",
        *(f"replication Rules[].{one}" for one in (*_FILTER[1:], "Filter.Not", "SourceSelectionCriteria")),
        "replication Rules[].Destination.EncryptionConfiguration",
    ],
    f"{S3}IntelligentTieringConfiguration.html": [f"intelligent tiering [].{one}" for one in (*_FILTER, "Tierings")],
    f"{S3}InventoryConfiguration.html": [f"inventory [].{one}" for one in ("Filter", "OptionalFields")],
    f"{S3}AnalyticsConfiguration.html": [f"analytics [].{one}" for one in _FILTER],
    f"{S3}MetricsConfiguration.html": [f"metrics [].{one}" for one in _FILTER],
}
"""Lists and elements of a bucket's configuration of which an empty one is the same as none, and no others are."""


def test_of_s3_an_empty_element_is_nothing_only_where_that_is_known():
    alike_ones = {name.partition(" ")[2] for name in S3_PLACES if alike(name, "empty")}

    assert alike_ones == {name for names in EMPTY_IN_S3.values() for name in names}


def test_a_tag_without_a_value_is_a_tag():
    facet = load_specs()["AWS::Lambda::CapacityProvider"].facets[0]
    one, other = ({"PropagateTags": {"Mode": "Explicit", "ExplicitTags": tags}} for tags in ({"team": ""}, {}))
    assert not means_the_same(facet, one, other, tree(facet.fields), WORDING)


def test_there_are_places_to_look_at():
    assert len(PLACES) > 80
