"""The sentences: grammatical with one and with many, and never too cheerful."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.model.values import Attribution, Change, Drift, DriftException, Finding
from auditor.report.wording import authors, counted, listed, statement, totals, verdict

FUNCTION = "AWS::Lambda::Function"
MANY = Drift("us-east-1", ("eu-west-1", "ap-southeast-2"), "2026-11-24T01:02:03Z", True, {FUNCTION: 41}, ())
ONE = replace(MANY, sites=("eu-west-1",), inventory={FUNCTION: 1})
IRISH = Finding("a", "eu-west-1", FUNCTION, "api", "changed", "medium", (Change("/A", 1, 2),))
AUSTRALIAN = replace(IRISH, id="b", site="ap-southeast-2")
ACCEPTED = replace(IRISH, exception=DriftException("*", "fine"))
NOT_KNOWN = (
    "Incomplete: not everything could be read; what was read shows no open difference, what was not read may differ."
)
UNREAD = replace(IRISH, kind="unreadable", changes=(Change("/A", unreadable="no"),))


@pytest.mark.parametrize(
    ("drift", "expected"),
    [
        (MANY, "In sync: 41 resources in 3 regions are alike."),
        (ONE, "In sync: 1 resource in 2 regions is alike."),
        (replace(ONE, golden="snapshot:20261124T010203Z"),
         "In sync: 1 resource in 1 region is as in snapshot:20261124T010203Z."),
        (replace(MANY, sites=("prod/eu-west-1",)), "In sync: 41 resources in 2 sites are alike."),
        (replace(MANY, findings=(ACCEPTED,)),
         "In sync: 41 resources in 3 regions are alike, but for 1 accepted finding."),
        (replace(MANY, findings=(IRISH,)), "eu-west-1 differs from us-east-1: 1 finding in 41 resources."),
        (replace(ONE, findings=(IRISH,)), "eu-west-1 differs from us-east-1: 1 finding in 1 resource."),
        (replace(MANY, findings=(AUSTRALIAN, IRISH)),
         "eu-west-1 and ap-southeast-2 differ from us-east-1: 2 findings in 41 resources."),
        (replace(MANY, findings=(AUSTRALIAN, ACCEPTED)),
         "ap-southeast-2 differs from us-east-1: 1 finding in 41 resources."),
        (replace(MANY, complete=False),
         NOT_KNOWN),
        (replace(MANY, complete=False, findings=(IRISH, UNREAD)),
         "Incomplete: not everything could be read, and eu-west-1 differs from us-east-1: 1 finding in 41 resources."),
        (replace(MANY, findings=(UNREAD,)),
         NOT_KNOWN),
        (replace(MANY, inventory={}), "Nothing to compare: no resource was found in 3 regions."),
        (replace(MANY, sites=()), "Nothing was compared: there is no region besides us-east-1."),
    ],
)  # fmt: skip
def test_the_verdict_is_one_true_sentence(drift, expected):
    assert verdict(drift) == expected


@pytest.mark.parametrize(
    ("finding", "expected"),
    [
        (IRISH, "1 field differs."),
        (replace(IRISH, changes=(Change("/A", 1, 2), Change("/B", 1, 2))), "2 fields differ."),
        (replace(IRISH, kind="missing", changes=()), "us-east-1 has it; eu-west-1 does not."),
        (replace(IRISH, kind="extra", changes=()), "eu-west-1 has it; us-east-1 does not."),
        (UNREAD, "Not known whether eu-west-1 is like us-east-1: a part of it could not be read."),
        (replace(UNREAD, changes=(Change("", unreadable="no"),)),
         "Not known whether eu-west-1 is like us-east-1: it could not be read."),
        (replace(UNREAD, name="*", changes=(Change("", unreadable="no"),)),
         "Not known whether eu-west-1 is like us-east-1: the list of them could not be read."),
    ],
)  # fmt: skip
def test_a_finding_is_said_in_words(finding, expected):
    assert statement(finding, "us-east-1") == expected


@pytest.mark.parametrize(
    ("drift", "expected"),
    [
        (replace(MANY, findings=(IRISH, AUSTRALIAN, ACCEPTED, UNREAD)),
         "41 resources in 3 regions: 2 changed, 1 unreadable; 1 accepted."),
        (replace(ONE, findings=(ACCEPTED,)), "1 resource in 2 regions: no open findings; 1 accepted."),
    ],
)  # fmt: skip
def test_the_totals_name_only_what_there_is(drift, expected):
    assert totals(drift) == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c", "d"], "a, b, c and d"),
        (["a", "b", "c", "d", "e"], "a, b, c and 2 other regions"),
    ],
)
def test_a_list_of_names_reads_as_one_and_does_not_run_on(names, expected):
    assert listed(names) == expected


def test_large_numbers_have_separators():
    assert counted(12345, "finding") == "12,345 findings"


def test_a_hostile_name_cannot_turn_the_sentence_round():
    hostile = replace(MANY, sites=("eu\u202ewest",), findings=(replace(IRISH, site="eu\u202ewest"),))

    assert verdict(hostile) == "eu\\u202ewest differs from us-east-1: 1 finding in 41 resources."


def test_of_several_authors_each_is_told_with_the_fields_that_are_theirs():
    alice, bob = (Attribution("eu-west-1", "Put", f"arn:aws:iam::1:user/{who}", "T", "e") for who in ("alice", "bob"))
    changes = (
        Change("/Access", 1, 2, attribution=bob),
        Change("/Tags/a", 1, 2, attribution=alice),
        Change("/Tags/b", 1, 2, attribution=alice),
        Change("/Unknown", 1, 2),
    )

    assert authors(Finding("a", "eu-west-1", "AWS::S3::Bucket", "x", "changed", "low", changes)) == [
        "Access last written by 1:user/bob, T (Put)",
        "Tags/a and Tags/b last written by 1:user/alice, T (Put)",
    ]
