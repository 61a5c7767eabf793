"""What somebody has accepted, and for how long."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from auditor.compare.exceptions import accepted, apart, covers, escaped, expired
from auditor.model.pointer import is_within, pointer
from auditor.model.values import ABSENT, Change, DriftException, Site

IRELAND = Site("eu-west-1", "prod")
CANARY = "AWS::Lambda::Function/api-canary"
TODAY = "2026-11-24"
# Few characters, those that globs and pointers are made of among them, so that names are often nearly alike.
NAMES = st.text("a*?[]!-/~1", max_size=5)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(pointer)


def excuse(resource="*", **members):
    return DriftException(resource, "OPS-112", **members)


@pytest.mark.parametrize("resource", ["*", CANARY, "AWS::Lambda::Function/*-canary", "AWS::Lambda::*"])
def test_a_resource_is_covered_by_a_glob_over_its_id(resource):
    assert covers(excuse(resource), CANARY, "/MemorySize", IRELAND)


@pytest.mark.parametrize("resource", ["AWS::Lambda::Function/api", "aws::lambda::*", "*-canary-*"])
def test_another_resource_is_not_covered(resource):
    assert not covers(excuse(resource), CANARY, "/MemorySize", IRELAND)


@pytest.mark.parametrize("path", ["*", "/Tags/team", "/Tags", "/Tags/", "/Tags/*", "/Ta*", "/*/team", "/T*s", "/"])
def test_a_field_is_covered_by_a_glob_and_by_everything_that_it_stands_in(path):
    assert covers(excuse(path=path), CANARY, "/Tags/team", IRELAND)


@pytest.mark.parametrize("path", ["/Tags/a[1]", "/Tags/a[1]/b"])
def test_a_field_whose_name_looks_like_a_glob_is_covered_by_its_name(path):
    assert covers(excuse(path="/Tags/a[1]"), CANARY, path, IRELAND)


@pytest.mark.parametrize("path", ["/Tag", "/Tags/t", "/Tags/team/x", "Tags/team", ""])
def test_another_field_is_not_covered(path):
    assert not covers(excuse(path=path), CANARY, "/Tags/team", IRELAND)


def test_a_resource_that_is_missing_as_a_whole_is_not_covered_by_an_exception_on_a_field():
    assert not covers(excuse(path="/MemorySize"), CANARY, "", IRELAND)


@pytest.mark.parametrize("path", ["", "*"])
def test_a_resource_that_is_missing_as_a_whole_is_covered_by_the_empty_path_and_by_all_paths(path):
    assert covers(excuse(path=path), CANARY, "", IRELAND)


@pytest.mark.parametrize("path", ["/Tags/a[*]", "/Tags/a[*]/b"])
def test_an_escaped_glob_is_not_taken_as_it_is(path):
    assert not covers(excuse(path="/Tags/a[*]"), CANARY, path, IRELAND)


@given(PATHS, PATHS)
def test_an_escaped_path_covers_itself_and_what_is_inside_it_and_nothing_else(path, other):
    assert covers(excuse(path=escaped(path)), CANARY, other, IRELAND) is is_within(other, path)


@given(PATHS)
def test_an_escaped_path_covers_itself(path):
    assert covers(excuse(path=escaped(path)), CANARY, path, IRELAND)


@given(NAMES, NAMES)
def test_an_escaped_resource_covers_itself_and_no_other(name, other):
    assert covers(excuse(escaped(name)), other, "/MemorySize", IRELAND) is (name == other)


@pytest.mark.parametrize(
    ("members", "covered"),
    [
        ({"region": "eu-*"}, True),
        ({"region": "us-*"}, False),
        ({"region": "prod/*"}, False),
        ({"site": "prod/*"}, True),
        ({"site": "prod/eu-west-1"}, True),
        ({"site": "eu-west-1"}, False),
    ],
)
def test_a_region_is_matched_alone_and_a_site_with_its_account(members, covered):
    assert covers(excuse(**members), CANARY, "/MemorySize", IRELAND) is covered


@pytest.mark.parametrize(
    ("until", "over"), [("", False), ("2026-11-23", True), ("2026-11-24", False), ("2027-01-31", False)]
)
def test_an_exception_holds_to_the_end_of_its_last_day(until, over):
    assert expired(excuse(until=until), TODAY) is over


def test_the_first_exception_that_covers_and_still_holds_is_the_one():
    over, other, holds = excuse(until="2026-11-23"), excuse("AWS::S3::*"), excuse(until="2026-12-01")

    assert accepted(CANARY, "/MemorySize", IRELAND, TODAY, [over, other, holds, excuse()]) is holds


def test_a_difference_that_nobody_accepted_has_no_exception():
    assert accepted(CANARY, "/MemorySize", IRELAND, TODAY, [excuse("AWS::S3::*")]) is None


@pytest.mark.parametrize("name", ["golden", "actual"])
def test_what_is_accepted_inside_of_a_structure_parts_it(name):
    whole = {"Version": "1", "Statement": {"a": {"Effect": "Allow"}, "b": {"Effect": "Deny"}}}
    change = Change("/Policy", **{"golden": ABSENT, "actual": ABSENT, name: whole})
    parts = apart(change, "/Policy/Statement/a".__eq__, frozenset({("Policy", "Statement")}))

    assert [(one.path, getattr(one, name)) for one in parts] == [
        ("/Policy/Statement/a", {"Effect": "Allow"}),
        ("/Policy/Statement/b", {"Effect": "Deny"}),
    ]


def test_what_stands_beside_no_keyed_list_is_told():
    change = Change("/Logging", ABSENT, {"Bucket": "logs", "Prefix": "a/"})
    parts = apart(change, "/Logging/Prefix".__eq__, frozenset())

    assert [one.path for one in parts] == ["/Logging/Bucket", "/Logging/Prefix"]


@pytest.mark.parametrize("covered", ["/Policy", "/Other", "/PolicyX/Statement"])
def test_what_is_accepted_as_a_whole_or_not_at_all_stays_one(covered):
    change = Change("/Policy", ABSENT, {"Statement": {"a": {}}})

    assert apart(change, covered.__eq__, frozenset()) == (change,)
