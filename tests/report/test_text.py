"""The table in the terminal."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from auditor.model.values import ABSENT, Attribution, Change, Coverage, Drift, DriftException, Finding
from auditor.report.formats.text import drift_table, pair, shortened, shortened_path

FUNCTION, BUCKET = "AWS::Lambda::Function", "AWS::S3::Bucket"
CHECKOUT = Finding(
    "a", "eu-west-1", FUNCTION, "checkout", "changed", "medium",
    (Change("/Timeout", 30, "30"), Change("/Environment/Variables/KEY", {"secret": "9f1c2a4be6"}, {"secret": "77aa"}),
     Change("/MemorySize", ABSENT, 256)),
)  # fmt: skip
DRIFT = Drift(
    "us-east-1", ("eu-west-1", "ap-southeast-2"), "2026-11-24T01:02:03Z", False, {FUNCTION: 14, BUCKET: 1},
    (
        CHECKOUT,
        Finding("b", "eu-west-1", BUCKET, "assets-${region}", "extra", "low"),
        Finding("c", "eu-west-1", FUNCTION, "canary", "changed", "low", (Change("/MemorySize", 512, 256),),
                DriftException("*", "half size, OPS-112", until="2027-01-31")),
        Finding("d", "ap-southeast-2", FUNCTION, "checkout", "missing", "high"),
        Finding("e", "ap-southeast-2", BUCKET, "assets-${region}", "unreadable", "high",
                (Change("", unreadable="ap-southeast-2: AccessDenied"),)),
    ),
)  # fmt: skip
HOSTILE = "\x1b[2J\x1b]0;owned\x07\r\u202egpj.exe"


def lines_of(finding, width=120):
    """The lines of the changes of a finding."""
    table = drift_table(replace(DRIFT, findings=(finding,)), colour=False, width=width)
    return [line for line in table.split("\n") if line.startswith("    ")]


def test_the_table_says_verdict_findings_acceptances_and_totals():
    assert (
        drift_table(DRIFT, colour=False, width=120)
        == """\
Incomplete: not everything could be read, and eu-west-1 and ap-southeast-2 differ from us-east-1: \
3 findings in 15 resources.

AWS::Lambda::Function/checkout
  eu-west-1       changed     medium
    /Environment/Variables/KEY  secret 9f1c2a4b → secret 77aa
    /MemorySize                 not set → 256
    /Timeout                    30 → "30"
  ap-southeast-2  missing     high    us-east-1 has it; ap-southeast-2 does not.

AWS::S3::Bucket/assets-${region}
  eu-west-1       extra       low     eu-west-1 has it; us-east-1 does not.
  ap-southeast-2  unreadable  high
    (whole)  unreadable: ap-southeast-2: AccessDenied

Accepted differences

AWS::Lambda::Function/canary
  eu-west-1       changed
    /MemorySize  512 → 256
    accepted: half size, OPS-112 (until 2027-01-31)

15 resources in 3 regions: 1 changed, 1 missing, 1 extra, 1 unreadable; 1 accepted."""
    )


def test_what_many_resources_of_a_site_are_unread_for_is_told_once():
    why = (Change("", unreadable="eu-west-1: the role was not given (AccessDenied)"),)
    unread = [Finding(f"u{n}", "eu-west-1", BUCKET, f"b{n}", "unreadable", "high", why) for n in range(5)]

    table = drift_table(replace(DRIFT, findings=tuple(unread)), colour=False, width=120)

    assert table.split("\n\n")[1:2] == [
        "Not known\n  eu-west-1       5 resources: the role was not given (AccessDenied)"
    ]


def test_in_sync_is_one_line():
    assert drift_table(replace(DRIFT, complete=True, findings=()), colour=False, width=80) == (
        "In sync: 15 resources in 3 regions are alike."
    )


def test_colours_are_all_that_colour_adds():
    coloured = drift_table(DRIFT, colour=True, width=100)

    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == drift_table(DRIFT, colour=False, width=100)


def test_there_are_colours_where_they_are_wanted():
    assert "\x1b[" in drift_table(DRIFT, colour=True, width=100)


@pytest.mark.parametrize("colour", [True, False])
def test_no_line_ends_in_a_space(colour):
    table = re.sub(r"\x1b\[[0-9;]*m", "", drift_table(DRIFT, colour=colour, width=100))

    assert [line for line in table.split("\n") if line != line.rstrip()] == []


@pytest.mark.parametrize("classes", [(), ("cross-region", "golden suspect")])
@pytest.mark.parametrize("path", ["/Environment/Variables/KEY", "/Environment/Variables/" + "N" * 40])
def test_no_change_is_wider_than_the_terminal(path, classes):
    long = (Change(path, "a" * 100_000 + "b", "a" * 100_000 + "c", classes=classes),)

    assert max(map(len, lines_of(replace(CHECKOUT, changes=long), width=80))) == 80


def test_a_field_too_long_for_its_column_has_a_line_of_its_own_and_is_whole():
    changes = Change("/Environment/Variables/" + "N" * 200, 1, 2), Change("/Timeout", 30, 3)

    assert lines_of(replace(CHECKOUT, changes=changes)) == [
        "    …/" + "N" * 200,
        "      1 → 2",
        "    /Timeout  30 → 3",
    ]


def test_classes_stand_behind_the_change_and_notes_below_it():
    change = Change("/S", "a", "b", classes=("cross-region", "a\u202e"), notes=("no subnet", "b\u202e"))

    assert lines_of(replace(CHECKOUT, changes=(change,))) == [
        "    /S  a → b  [a\\u202e, cross-region]",
        "      no subnet",
        "      b\\u202e",
    ]


def test_classes_that_do_not_fit_behind_a_value_stand_below_it():
    change = Change("/S", "a" * 30, "b" * 40, classes=("cross-region", "golden suspect"))

    assert lines_of(replace(CHECKOUT, changes=(change,)), width=90) == [
        "    /S  " + "a" * 30 + " → " + "b" * 40,
        "      [cross-region, golden suspect]",
    ]


def test_the_classes_of_a_resource_stand_behind_what_is_said_of_it():
    extra = Finding("b", "eu-west-1", BUCKET, "old", "extra", "low", classes=("golden suspect",))

    assert (
        "  eu-west-1       extra       low     eu-west-1 has it; us-east-1 does not.  [golden suspect]"
        in drift_table(replace(DRIFT, findings=(extra,)), colour=False, width=120).split("\n")
    )


def test_golden_is_doubted_below_the_verdict():
    extra = Finding("b", "eu-west-1", BUCKET, "old", "extra", "low", classes=("golden suspect",))

    assert drift_table(replace(DRIFT, findings=(extra,)), colour=False, width=120).split("\n")[1] == (
        "In 1 finding all other regions agree against us-east-1: is golden wrong?"
    )


def test_gaps_are_the_last_line():
    gap = Coverage("eu-west-1", BUCKET, "acl", {"denied": 1, "read": 2})

    assert drift_table(replace(DRIFT, coverage=(gap,)), colour=False, width=120).split("\n")[-1] == (
        "1 of 3 facets could not be read: 1 denied in eu-west-1."
    )


def test_where_all_was_read_nothing_is_said_of_it():
    read = Coverage("eu-west-1", BUCKET, "acl", {"read": 2})

    assert drift_table(replace(DRIFT, complete=True, findings=(), coverage=(read,)), colour=False, width=80) == (
        "In sync: 15 resources in 3 regions are alike."
    )


def test_nothing_that_is_read_can_rewrite_the_terminal():
    hostile = Finding(
        "a", "eu-west-1", FUNCTION + HOSTILE, "n" + HOSTILE, "changed", "low",
        (Change("/p" + HOSTILE, HOSTILE, [HOSTILE]), Change("/q", unreadable=HOSTILE)), DriftException("*", HOSTILE),
    )  # fmt: skip
    drift = replace(DRIFT, golden="g" + HOSTILE, findings=(hostile, replace(hostile, kind="missing", changes=())))

    assert set(re.findall(r"[^\n]", drift_table(drift, False, 400))) & set("\x1b\x07\r\u202e") == set()


@pytest.mark.parametrize(
    ("golden", "actual", "width", "expected"),
    [
        ("512", "256", 40, "512 → 256"),
        ("not set", "x" * 40, 30, "not set → " + "x" * 19 + "…"),
        ("x" * 40, "on", 30, "x" * 24 + "… → on"),
        ("same " * 20 + "left", "same " * 20 + "right", 33, "…same same left → …ame same right"),
        (
            "same " * 9 + "left" + " tail" * 9,
            "same " * 9 + "right" + " tail" * 9,
            33,
            "…same left tai… → …same right ta…",
        ),
        ("a" * 50, "b" * 50, 33, "a" * 14 + "… → " + "b" * 14 + "…"),
    ],
)
def test_long_values_are_cut_so_that_the_difference_is_seen(golden, actual, width, expected):
    assert pair(golden, actual, width) == expected


def test_a_text_that_fits_is_whole_and_one_that_does_not_ends_in_an_ellipsis():
    assert [shortened("abcde", 5), shortened("abcdef", 5)] == ["abcde", "abcd…"]


@pytest.mark.parametrize(
    ("path", "width", "expected"),
    [
        ("/Rules/Status", 13, "/Rules/Status"),
        ("/LifecycleConfiguration/Rules/Status", 35, "…/Rules/Status"),
        ("/LifecycleConfiguration/Rules/Status", 14, "…/Rules/Status"),
        ("/LifecycleConfiguration/Rules/Status", 13, "…/Status"),
        ("/LifecycleConfiguration/Rules/Status", 3, "…/Status"),
        ("/LifecycleConfiguration", 5, "/LifecycleConfiguration"),
        ("(whole)", 5, "(whole)"),
    ],
)
def test_of_a_long_path_the_last_fields_are_kept_whole(path, width, expected):
    assert shortened_path(path, width) == expected


def author_of(**fields):
    by = Attribution("eu-west-1", "PutBucketPolicy", "arn:aws:iam::1:user/alice", "2026-11-24T01:02:03Z", "e1")
    return lines_of(replace(DRIFT.findings[1], attribution=replace(by, **fields)))


def test_who_last_wrote_what_differs_is_told_under_the_finding():
    assert author_of() == ["    last written by 1:user/alice, 2026-11-24T01:02:03Z (PutBucketPolicy)"]


def test_where_golden_was_written_last_it_is_said_so():
    assert author_of(site="us-east-1") == [
        "    last written by 1:user/alice in us-east-1, 2026-11-24T01:02:03Z (PutBucketPolicy)"
    ]


def test_who_is_no_arn_is_told_whole():
    assert author_of(principal="cloudformation.amazonaws.com") == [
        "    last written by cloudformation.amazonaws.com, 2026-11-24T01:02:03Z (PutBucketPolicy)"
    ]


def test_a_hostile_name_of_who_wrote_it_does_nothing_to_the_terminal():
    assert [char for char in "".join(author_of(principal=HOSTILE)) if ord(char) < 32 or char == "\u202e"] == []
