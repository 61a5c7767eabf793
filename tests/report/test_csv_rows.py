"""The drift as CSV: one row a change, values that come back as they were, and no formula."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from hypothesis import example, given, strategies as st

from auditor.model.values import ABSENT, Attribution, Change, Drift, DriftException, Finding
from auditor.report.formats.csv_rows import drift_csv, value_cell

CHANGED = Finding(
    "9f1c", "eu-west-1", "AWS::Lambda::Function", "api", "changed", "medium",
    (Change("/Timeout", 30, ABSENT), Change("/MemorySize", 512, "256", classes=("cross-region",))),
)  # fmt: skip
DRIFT = Drift("us-east-1", ("eu-west-1",), "2026-11-24T01:02:03Z", True, {"AWS::Lambda::Function": 1}, (CHANGED,))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner, max_size=3),
)  # fmt: skip


def rows(*findings):
    text = drift_csv(replace(DRIFT, findings=findings))
    return list(csv.DictReader(io.StringIO(text, newline="")))


def value_of(cell):
    """What a script makes of a cell."""
    if cell == "":
        return ABSENT
    if cell.startswith("'"):
        return cell[1:]
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        return cell


def same(one, other):
    """Equal, and of the same type: True is not 1."""
    return one is other or json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def test_a_change_is_a_row_and_lines_end_as_the_rfc_says():
    assert drift_csv(DRIFT) == (
        "id,site,type,name,kind,severity,path,golden,actual,unreadable,classes,accepted,exception_reason,"
        "exception_until,attribution_event,attribution_principal,attribution_time\r\n"
        '9f1c,eu-west-1,AWS::Lambda::Function,api,changed,medium,/MemorySize,512,"""256""",,cross-region,no,,,,,\r\n'
        "9f1c,eu-west-1,AWS::Lambda::Function,api,changed,medium,/Timeout,30,,,,no,,,,,\r\n"
    )


def test_a_finding_without_changes_is_one_row():
    told = rows(replace(CHANGED, kind="missing", changes=(), classes=("golden suspect",)))

    assert [(one["kind"], one["path"], one["golden"], one["classes"]) for one in told] == [
        ("missing", "", "", "golden suspect")
    ]


def test_what_could_not_be_read_says_why_and_no_value():
    told = rows(replace(CHANGED, kind="unreadable", changes=(Change("/Code", 1, 2, unreadable="eu-west-1: denied"),)))

    assert [(one["golden"], one["actual"], one["unreadable"]) for one in told] == [("", "", "eu-west-1: denied")]


def test_an_acceptance_says_why_and_until_when_even_when_it_has_no_reason():
    accepted = (
        replace(CHANGED, id="a", changes=(), exception=DriftException("*", "half size", until="2027-01-31")),
        replace(CHANGED, id="b", changes=(), exception=DriftException("*", "")),
    )

    assert [(one["accepted"], one["exception_reason"], one["exception_until"]) for one in rows(*accepted)] == [
        ("yes", "half size", "2027-01-31"),
        ("yes", "", ""),
    ]


def test_who_wrote_it_last_is_told_where_it_is_known():
    by = Attribution("eu-west-1", "UpdateFunctionConfiguration20150331v2", "jo", "2026-11-23T10:00:00Z", "e-1")
    told = rows(replace(CHANGED, changes=(), attribution=by))[0]

    assert [told[f"attribution_{one}"] for one in ("event", "principal", "time")] == [
        "UpdateFunctionConfiguration20150331v2", "jo", "2026-11-23T10:00:00Z",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (ABSENT, ""),
        ("", '""'),
        (None, "null"),
        ("null", '"null"'),
        (512, "512"),
        (-5, "-5"),
        ("512", '"512"'),
        ("-5", '"-5"'),
        (True, "true"),
        ("python3.12", "python3.12"),
        ("a, b", "a, b"),
        ("=1+1", "'=1+1"),
        ("+a", "'+a"),
        ("-a", "'-a"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("'quoted", '"\'quoted"'),
        ('"quoted"', '"\\"quoted\\""'),
        (" padded", '" padded"'),
        ("\t=1", '"\\t=1"'),
        ("two\nlines", '"two\\nlines"'),
        ("\u202etxt.exe", '"\\u202etxt.exe"'),
        ("\ud800", '"\\ud800"'),
        ("é", "é"),
        ({"b": [1, "é"], "a": "\x1b"}, '{"a": "\\u001b", "b": [1, "é"]}'),
        ({"secret": "9f1c2a4b"}, '{"secret": "9f1c2a4b"}'),
    ],
)
def test_a_value_is_json_unless_it_is_a_text_that_cannot_be_mistaken(value, cell):
    assert value_cell(value) == cell


@given(VALUES)
@example("[" * 100_000)
@example("NaN")
@example("'=x")
@example("9" * 5000)
def test_a_value_comes_back_as_it_was(value):
    assert same(value_of(value_cell(value)), value)


@given(VALUES)
def test_no_cell_of_a_value_is_a_formula_unless_it_is_a_number(value):
    cell = value_cell(value)

    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")) or isinstance(value, int | float)


@pytest.mark.parametrize("hostile", ["=HYPERLINK(1)", "+1", "-1", "@x"])
def test_no_name_reason_or_path_is_a_formula(hostile):
    finding = replace(
        CHANGED, id=hostile, type=hostile, name=hostile, changes=(Change(hostile, unreadable=hostile),),
        classes=(hostile,), exception=DriftException("*", hostile, until=hostile),
        attribution=Attribution(hostile, hostile, hostile, hostile, hostile),
    )  # fmt: skip

    assert [cell for cell in rows(finding)[0].values() if cell.startswith(hostile[0])] == []
