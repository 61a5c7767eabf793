"""What was looked at: gaps first, and no cheerful sentence while there is one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.model.values import Coverage, Drift
from auditor.report.ledger import FacetView, GapView, SiteView, TypeView, coverage_line, gap_line, ledger

FUNCTION, BUCKET = "AWS::Lambda::Function", "AWS::S3::Bucket"
GOLDEN = Coverage("us-east-1", FUNCTION, "code", {"read": 4})
POLICY = Coverage("us-east-1", FUNCTION, "policy", {"absent": 3, "read": 1})
DENIED = Coverage("eu-west-1", BUCKET, "acl", {"denied": 1, "read": 2})
FAILED = Coverage("eu-west-1", BUCKET, "cors", {"failed": 1, "throttled": 1_200})
LISTED = Coverage("eu-west-1", BUCKET, "listing", {"read": 1})
ABSENT = Coverage("eu-west-1", BUCKET, "abac", {"not offered": 3})
DRIFT = Drift("us-east-1", ("eu-west-1",), "2026-11-24T01:02:03Z", True, {}, ())


def covered(*rows, **fields):
    return replace(DRIFT, coverage=rows, **fields)


@pytest.mark.parametrize(
    ("drift", "expected"),
    [
        (covered(), ""),
        (covered(GOLDEN, POLICY), "Everything was read."),
        (covered(GOLDEN, complete=False), "Every facet was read, but not all that they refer to."),
        (covered(GOLDEN, DENIED), "1 of 7 facets could not be read: 1 denied in eu-west-1."),
        (covered(DENIED, replace(DENIED, site="us-east-1"), FAILED),
         ("1,203 of 1,207 facets could not be read: "
          "2 denied in eu-west-1 and us-east-1; 1,200 throttled in eu-west-1; 1 failed in eu-west-1.")),
        (covered(GOLDEN, ABSENT), "Everything was read. 3 facets are not offered in eu-west-1."),
        (covered(replace(ABSENT, site="eu\u202e", outcomes={"not offered": 1}), LISTED),
         "Everything was read. 1 facet is not offered in eu\\u202e."),
    ],
)  # fmt: skip
def test_one_line_says_how_much_could_be_read(drift, expected):
    assert coverage_line(drift) == expected


def test_many_sites_do_not_run_on():
    rows = [replace(DENIED, site=f"r{number}") for number in range(17)]

    assert coverage_line(covered(*rows)) == (
        "17 of 51 facets could not be read: 17 denied in r0, r1, r2 and 14 other regions."
    )


def test_without_a_gap_there_is_no_line_of_gaps():
    assert (gap_line(covered(GOLDEN)), gap_line(covered(GOLDEN, DENIED))) == (
        "",
        "1 of 7 facets could not be read: 1 denied in eu-west-1.",
    )


def test_a_site_without_gaps_says_what_it_came_to():
    assert ledger(covered(GOLDEN, POLICY)) == (
        SiteView(
            "us-east-1", True, (), "8 facets: 5 read, 3 absent",
            (TypeView(FUNCTION, (FacetView("code", "4 read"), FacetView("policy", "1 read, 3 absent"))),),
        ),
    )  # fmt: skip


def test_gaps_come_apart_from_the_rest_and_the_gravest_first():
    assert ledger(covered(ABSENT, FAILED, DENIED, LISTED)) == (
        SiteView(
            "eu-west-1", False,
            (
                GapView("denied", "\u00d7", BUCKET, "acl", "1 of 3"),
                GapView("throttled", "~", BUCKET, "cors", "1,200 of 1,201"),
                GapView("failed", "!", BUCKET, "cors", "1 of 1,201"),
                GapView("not offered", "\u2212", BUCKET, "abac", "3 of 3"),
            ),
            "1 facet: 1 read",
            (TypeView(BUCKET, (FacetView("listing", "1 read"),)),),
        ),
    )  # fmt: skip


def test_sites_with_gaps_come_first():
    assert [one.site for one in ledger(covered(GOLDEN, LISTED, replace(DENIED, site="sa-east-1")))] == [
        "sa-east-1",
        "us-east-1",
        "eu-west-1",
    ]


def test_a_site_of_which_nothing_was_read_says_so():
    assert [(one.says, one.types) for one in ledger(covered(ABSENT))] == [("nothing", ())]


def test_nothing_in_the_ledger_is_invisible():
    odd = Coverage("s\u202e", "t\u202e", "f\u202e", {"read": 1})
    denied = replace(odd, outcomes={"denied": 1})

    assert ledger(covered(odd, denied)) == (
        SiteView(
            "s\\u202e", False, (GapView("denied", "\u00d7", "t\\u202e", "f\\u202e", "1 of 1"),), "1 facet: 1 read",
            (TypeView("t\\u202e", (FacetView("f\\u202e", "1 read"),)),),
        ),
    )  # fmt: skip
