"""What somebody is told before a call is made, and that no operation goes unconsidered."""

from __future__ import annotations

import re
from pathlib import Path

import boto3
import pytest

import auditor.resources
from auditor.dangers.dangers import HARMLESS, RULES, dangers
from auditor.model.plan import DANGERS, PlannedCall
from auditor.model.values import ABSENT
from auditor.resources import load_specs
from auditor.specs.writes import writing

SOURCES = sorted(Path(auditor.resources.__file__).parent.glob("*.py"))
TEXT = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
VERBS = "Put|Delete|Create|Update|Add|Remove|Tag|Untag|Publish"
OPERATIONS = {
    service: set(boto3.client(service, region_name="us-east-1").meta.service_model.operation_names)
    for service in ("s3", "s3control", "lambda", "codedeploy")
}
KNOWN = set().union(*OPERATIONS.values())


def said(operation, found=ABSENT, wanted=ABSENT, **params):
    call = PlannedCall("lambda", operation, params)
    return [(one.danger, one.text) for one in dangers("AWS::Lambda::Function", "update", call, found, wanted)]


def named():
    """The operations that the resource types name: whole, and made of parts (`f"PutBucket{kind}Configuration"`)."""
    whole = {match[1] for match in re.finditer(rf'"((?:{VERBS})[A-Z]\w+)"', TEXT)}
    parts = re.findall(rf'f"((?:{VERBS})[A-Z]\w+)\{{\w+\}}(\w*)"', TEXT)
    # Those are all of S3's own.
    made = {name for name in OPERATIONS["s3"] for begin, end in parts if re.fullmatch(rf"{begin}\w+{end}", name)}
    return (whole & KNOWN) | made


def test_operations_that_are_made_of_parts_are_found_in_the_source():
    assert {"PutBucketMetricsConfiguration", "UpdateBucketMetadataJournalTableConfiguration"} <= named()


def test_every_operation_that_a_type_can_be_written_with_has_been_considered():
    assert sorted(named() - RULES.keys() - HARMLESS.keys()) == []


def test_no_operation_is_both_harmless_and_dangerous():
    assert sorted(RULES.keys() & HARMLESS.keys()) == []


def test_every_operation_that_is_considered_is_one_of_aws():
    assert sorted((RULES.keys() | HARMLESS.keys()) - KNOWN) == []


def test_an_operation_that_nobody_considered_is_not_taken_for_harmless():
    assert said("PutThing") == [("outage", "what PutThing does to who uses it is not known here")]


def test_there_is_nothing_to_say_of_tags():
    assert said("TagResource", {"team": "a"}, {"team": "b"}, Tags={"team": "b"}) == []


def test_the_same_is_said_once():
    rules = [{"ID": name, "Status": "Enabled", "Expiration": {"Days": 9}} for name in "ab"]

    assert said("PutBucketLifecycleConfiguration", ABSENT, {"Rules": rules}) == [
        ("irreversible", "all objects are deleted after 9 days")
    ]


@pytest.mark.parametrize(
    ("operation", "danger"),
    [
        ("DeleteApplication", "irreversible"),
        ("DeleteBucket", "irreversible"),
        ("DeleteDeploymentGroup", "irreversible"),
        ("DeleteFunction", "irreversible"),
        ("DeleteGitHubAccountToken", "irreversible"),
        ("DeleteLayerVersion", "irreversible"),
        ("DeleteResourcesByExternalId", "irreversible"),
        ("DeleteBucketMetadataConfiguration", "irreversible"),
        ("DeleteBucketMetadataTableConfiguration", "irreversible"),
        ("CreateBucketMetadataTableConfiguration", "cost"),
        ("DeleteAlias", "outage"),
    ],
)
def test_some_calls_are_dangerous_whatever_the_values_are(operation, danger):
    assert [found for found, _ in said(operation)] == [danger]


@pytest.mark.parametrize(
    ("type_", "facet", "found", "wanted", "told"),
    [
        ("AWS::Lambda::Function", "configuration", {"Timeout": 60, "Handler": "a"}, {"Timeout": 5, "Handler": "a"},
         [("outage", "Timeout is lowered from 60 to 5: calls that take longer are cut off")]),
        ("AWS::Lambda::Function", "environment", {"Variables": {"A": {"secret": "1"}}}, ABSENT,
         [("outage", "the environment variables A change at once for whoever calls $LATEST")]),
        ("AWS::Lambda::Function", "concurrency", 9, 3,
         [("outage", "more than 3 calls at a time are throttled (9 so far)")]),
        ("AWS::Lambda::EventSourceMapping", "configuration",
         {"UUID": "u", "EventSourceArn": "arn:aws:sqs:r:a:q", "State": "Disabled"},
         {"EventSourceArn": "arn:aws:sqs:r:a:q", "State": "Enabled"},
         [("outage", "arn:aws:sqs:r:a:q starts to be consumed: two regions may process one stream or mirrored queue")]),
        ("AWS::Lambda::Url", "configuration", {"FunctionArn": "a:b:c", "AuthType": "NONE"},
         {"FunctionArn": "a:b:c", "AuthType": "AWS_IAM"},
         [("outage", "the URL refuses who does not sign (AuthType AWS_IAM)")]),
        ("AWS::CodeDeploy::DeploymentGroup", "configuration",
         {"autoScalingGroups": [{"name": "a", "hook": "h"}]}, {"autoScalingGroups": []},
         [("outage", "the next deployment reaches other hosts: autoScalingGroups, a removed")]),
        ("AWS::S3::Bucket", "metrics", [{"Id": "x"}], [{"Id": "x"}, {"Id": "y"}],
         [("cost", "metrics y are billed as CloudWatch's custom metrics are")]),
    ],
)  # fmt: skip
def test_what_the_types_write_is_understood(type_, facet, found, wanted, told):
    spec = load_specs()[type_]
    calls = writing(next(one for one in spec.facets if one.name == facet), found, wanted)
    planned = [PlannedCall(spec.service, call.operation, call.params) for call in calls]

    assert [(one.danger, one.text) for call in planned for one in dangers(type_, "update", call, found, wanted)] == told


@pytest.mark.parametrize("operation", sorted(RULES))
def test_every_rule_bears_values_of_which_nothing_is_known(operation):
    assert {danger for danger, _ in said(operation)} <= set(DANGERS)
