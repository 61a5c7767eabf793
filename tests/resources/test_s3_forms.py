"""What S3 says in several ways, brought into one."""

from __future__ import annotations

import pytest

from auditor.resources._s3_forms import is_made_up, plain_filter, replicated, rule_of

MADE_UP = "YjVkM2Y0YmUtNGI3NC00ZjQyLWEwNGItNDIyYWUxY2I0N2M4"
TAG = {"Key": "k", "Value": "v"}


@pytest.mark.parametrize(
    ("id_", "made_up"),
    [
        (MADE_UP, True),
        ("b5d3f4be-4b74-4f42-a04b-422ae1cb47c8", True),
        ("tf-s3-lifecycle-20240131123456789000000001", True),
        ("expire-logs", False),
        ("tf-s3-lifecycle-logs", False),
        ("YWJj", False),
        ("", False),
    ],
)
def test_an_id_that_nobody_chose_is_told_by_its_form(id_, made_up):
    assert is_made_up(id_) is made_up


@pytest.mark.parametrize(
    ("filter_", "plain"),
    [
        (None, {}),
        ({"Prefix": ""}, {}),
        ({"And": {"Tags": [TAG]}}, {"Tag": TAG}),
        ({"And": {"Prefix": "a/"}}, {"Prefix": "a/"}),
        ({"And": {"Prefix": "", "Tags": [TAG]}}, {"Tag": TAG}),
        ({"And": {"Prefix": "a/", "Tags": [TAG]}}, {"And": {"Prefix": "a/", "Tags": [TAG]}}),
        ({"ObjectSizeGreaterThan": 0}, {"ObjectSizeGreaterThan": 0}),
    ],
)
def test_a_filter_has_one_form(filter_, plain):
    assert plain_filter(filter_) == plain


@pytest.mark.parametrize(
    ("rule", "known"),
    [
        ({"ID": MADE_UP, "Filter": {"Prefix": "a/"}}, "prefix a/"),
        ({"ID": MADE_UP, "Prefix": "a/"}, "prefix a/"),
        ({"ID": MADE_UP, "Filter": {}}, "all objects"),
        ({"ID": MADE_UP, "Filter": {"Tag": TAG}, "Destination": {"Bucket": "b"}}, "tag k=v to b"),
        ({"ID": "mine", "Filter": {"Prefix": "a/"}}, ""),
    ],
)
def test_a_rule_is_known_by_what_it_is_for_where_nobody_named_it(rule, known):
    assert rule_of(rule) == known


def test_a_rule_of_the_first_form_is_given_no_switch_of_deletions():
    rule = {"Status": "Enabled", "Prefix": "", "Destination": {"Bucket": "b"}}

    assert replicated({"Rules": [rule]}) == {"Rules": [rule]}
