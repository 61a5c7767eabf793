"""The table in the terminal."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from auditor.model import ABSENT, Change, Drift, DriftException, Finding
from auditor.report.text import drift_table, pair, shortened, shortened_middle

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


def test_no_change_is_wider_than_the_terminal():
    long = (Change("/Environment/Variables/" + "N" * 200, "a" * 100_000 + "b", "a" * 100_000 + "c"),)
    table = drift_table(replace(DRIFT, findings=(replace(CHECKOUT, changes=long),)), colour=False, width=80)

    assert max(len(line) for line in table.split("\n") if line.startswith("    ")) == 80


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


def test_of_a_long_path_the_end_is_kept():
    assert shortened_middle("/LifecycleConfiguration/Rules/Status", 16) == "/Life…les/Status"
