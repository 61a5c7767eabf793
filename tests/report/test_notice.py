"""What is told of an audit, in how many characters there are."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from auditor.history.history import history, run_of
from auditor.model.values import Change, Drift, DriftException, Finding
from auditor.notify.notice import audit_notice, failure_notice, fitted, inert, occasions
from auditor.report.content import Report

FUNCTION = "AWS::Lambda::Function"
SITES = ("eu-west-1", "ap-southeast-2")
API = Finding("aa", "eu-west-1", FUNCTION, "api", "changed", "medium", (Change("/MemorySize", 512, 256),))
SYDNEY = replace(API, id="ab", site="ap-southeast-2")
GONE = Finding("bb", "eu-west-1", "AWS::S3::Bucket", "assets-${region}", "missing", "high")
UNREAD = Finding("cc", "eu-west-1", FUNCTION, "*", "unreadable", "high")


def drift(day, *findings, complete=True):
    return Drift("us-east-1", SITES, f"2026-11-{day:02}T01:00:00Z", complete, {FUNCTION: 20}, findings)


def nights(*drifts):
    return Report(drifts[-1], history(run_of(drifts[-1]), [run_of(one) for one in drifts[:-1]]))


def told(*drifts, room=10_000):
    return audit_notice(nights(*drifts), "https://reports.example/1.html")(room)


def of(*drifts):
    made = nights(*drifts)
    return sorted(occasions(made.history))


def test_new_fixed_and_unknown_are_told_each_by_cause():
    found = told(drift(1, GONE), drift(2, API, SYDNEY, UNREAD, complete=False))

    assert found.body == (
        "Incomplete: not everything could be read, and eu-west-1 and ap-southeast-2 differ from us-east-1: "
        "2 findings in 20 resources.\n"
        "Since last time: 2 new, 0 still there, 1 fixed, 1 could not be read.\n"
        "Report: https://reports.example/1.html\n"
        "\n"
        "New\n"
        "- AWS::Lambda::Function api: MemorySize differs in eu-west-1 and ap-southeast-2 (medium)\n"
        "\n"
        "Fixed\n"
        "- AWS::S3::Bucket assets-${region}: was missing in eu-west-1\n"
        "\n"
        "Unknown\n"
        "- AWS::Lambda::Function *: could not be read in eu-west-1 (high)"
    )


@pytest.mark.parametrize(
    ("drifts", "title", "level"),
    [
        ([drift(1), drift(2, API)], "auditor: 1 new, 0 fixed", "warning"),
        ([drift(1, API), drift(2)], "auditor: 0 new, 1 fixed", "success"),
        ([drift(1, API), drift(2, API)], "auditor: 0 new, 0 fixed", "info"),
        ([drift(1), drift(2, complete=False)], "auditor: not everything is known", "failure"),
        ([drift(1, API)], "auditor: 1 open finding", "info"),
    ],
)
def test_the_title_says_what_matters_most(drifts, title, level):
    found = told(*drifts)

    assert (found.title, found.level) == (title, level)


def test_no_value_is_told_only_the_field():
    assert "512" not in told(drift(1), drift(2, API)).body


@pytest.mark.parametrize(
    ("drifts", "expected"),
    [
        ([drift(1), drift(2, API)], ["new"]),
        ([drift(1, API), drift(2)], ["fixed"]),
        ([drift(1, API), drift(2, API)], []),
        ([drift(1, API)], []),
        ([drift(1), drift(2, complete=False)], ["unknown"]),
        ([drift(1, complete=False), drift(2, complete=False)], []),
        ([drift(1, complete=False)], ["unknown"]),
        ([drift(1), drift(2, replace(API, exception=DriftException("*", "so it is")))], []),
    ],
)
def test_there_is_something_to_tell_where_something_became_otherwise(drifts, expected):
    assert of(*drifts) == expected


def test_a_history_that_cannot_be_read_makes_the_state_unknown():
    assert occasions(None) == {"unknown"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("@everyone", "@\u2060everyone"),
        ("<!channel>", "<\u2060!channel>"),
        ("[here](http://bad.example)", "[here]\u2060(http:\u2060//bad.example)"),
        ("a\nb", "a\\nb"),
        ("\u202eapi", "\\u202eapi"),
        ("assets-${region}", "assets-${region}"),
    ],
)
def test_a_name_mentions_nobody_and_leads_nowhere(name, expected):
    assert inert(name) == expected


def test_a_name_is_made_inert_wherever_it_is_told():
    bad = replace(API, name="@here", changes=(Change("/Rules/<!here>/Status", 1, 2),))
    body = told(drift(1), drift(2, bad)).body

    assert ("@here" in body, "<!here>" in body) == (False, False)


def test_what_there_is_no_room_for_is_counted():
    many = [replace(API, id=f"f{number}", changes=(Change(f"/Field{number}", 1, 2),)) for number in range(500)]

    body = told(drift(1), drift(2, *many), room=500).body

    assert (len(body) <= 500, body.split("\n")[-1]) == (True, "… and 496 more lines: see the report")


LINES = st.lists(st.text(max_size=30), min_size=1, max_size=20)


@given(LINES, LINES, st.integers(1, 400))
def test_a_message_is_never_longer_than_there_is_room(head, details, room):
    assert len(fitted(head, details, room)) <= room


def test_an_audit_that_failed_says_why():
    found = failure_notice("AWS does not know who is asking.")(10_000)

    assert (found.title, found.body, found.level) == (
        "auditor: the audit failed",
        "Nothing is known of the regions: the audit failed.\nAWS does not know who is asking.",
        "failure",
    )
