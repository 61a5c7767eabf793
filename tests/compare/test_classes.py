"""What kind of mistake a difference is, where its values tell."""

from __future__ import annotations

import pytest

from auditor.compare.classes import classified, with_suspects
from auditor.model.values import ABSENT, Change, Finding, Locale

VIRGINIA = Locale("us-east-1", "use1", "123456789012")
IRELAND = Locale("eu-west-1", "euw1", "123456789012")
FUNCTION = "AWS::Lambda::Function"


def finding(*changes, site="eu-west-1", kind="changed", name="api", type_=FUNCTION):
    return Finding("", site, type_, name, kind, "medium", changes)


def classes(golden, actual, path="/X", type_=FUNCTION):
    (change,) = classified(finding(Change(path, golden, actual), type_=type_), VIRGINIA, IRELAND).changes
    return change.classes


@pytest.mark.parametrize(
    ("golden", "actual"),
    [
        ("arn:aws:sns:${region}:1:x", "arn:aws:sns:us-east-1:1:x"),
        ("alarm-${region_short}", "alarm-use1"),
        ("arn:aws:sns:eu-west-1:1:x", "arn:aws:sns:${region}:1:x"),
        ({"a": ["${region}"]}, {"a": ["ap-southeast-2"]}),
        (ABSENT, "https://sqs.us-east-1.amazonaws.com"),
    ],
)
def test_a_value_that_names_another_region_is_cross_region(golden, actual):
    assert classes(golden, actual) == ("cross-region",)


@pytest.mark.parametrize(
    ("golden", "actual"),
    [(512, 256), ("a", "b"), ("us-east-10", "x"), ("because1", "x"), ("eu-central-1 a", "eu-central-1 b")],
)
def test_other_differences_are_not(golden, actual):
    assert classes(golden, actual) == ()


@pytest.mark.parametrize(
    ("type_", "path"),
    [
        (FUNCTION, "/CodeSha256"),
        (FUNCTION, "/Code/ImageUri"),
        ("AWS::Lambda::Alias", "/FunctionVersion"),
        ("AWS::CodeDeploy::DeploymentGroup", "/Revision/s3Location/key"),
    ],
)
def test_other_code_than_goldens_is_a_stale_artifact(type_, path):
    assert classes("a", "b", path, type_) == ("stale artifact",)


def test_golden_is_suspect_where_all_others_agree_against_it():
    found = [finding(Change("/A", 1, 2), Change("/B", 1, 3), site="eu-west-1"),
             finding(Change("/A", 1, 2), Change("/B", 1, 4), site="ap-southeast-2")]  # fmt: skip

    told = with_suspects(found, ["eu-west-1", "ap-southeast-2"])

    assert [[change.classes for change in one.changes] for one in told] == [[("golden suspect",), ()]] * 2


@pytest.mark.parametrize("kind", ["missing", "extra"])
def test_golden_is_suspect_where_it_alone_has_or_lacks_a_resource(kind):
    found = [finding(site=site, kind=kind) for site in ("eu-west-1", "ap-southeast-2")]

    assert [one.classes for one in with_suspects(found, ["eu-west-1", "ap-southeast-2"])] == [("golden suspect",)] * 2


@pytest.mark.parametrize(
    ("kind", "sites"),
    [
        ("missing", ["eu-west-1"]),
        ("missing", ["eu-west-1", "ap-southeast-2", "sa-east-1"]),
        ("unreadable", ["eu-west-1", "ap-southeast-2"]),
    ],
)
def test_one_region_or_some_of_them_or_what_is_unknown_cast_no_doubt_on_golden(kind, sites):
    found = [finding(site=site, kind=kind) for site in sites[:2]]

    assert {one.classes for one in with_suspects(found, sites)} == {()}
