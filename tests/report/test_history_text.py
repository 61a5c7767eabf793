"""The history in a terminal and as JSON."""

from __future__ import annotations

from dataclasses import replace

from auditor.history.history import Run, Seen, history
from auditor.report.history_text import change, history_document, history_listing

API = Seen("aa", "eu-west-1", "AWS::Lambda::Function", "api", "changed", "medium", False)
WEB = replace(API, id="bb", name="web\x1b[2J")
OLD = replace(API, id="cc", name="old", excepted=True)


def night(day, *findings, complete=True):
    return Run(f"2026-11-{day:02}T01:00:00Z", "us-east-1", ("eu-west-1",), complete, findings)


TOLD = history(night(4, API, WEB, OLD, complete=False), [night(1, API, OLD), night(2, OLD), night(3, API, OLD)])


def test_the_listing_says_what_is_new_what_stays_what_is_accepted_and_the_runs():
    assert history_listing(TOLD) == (
        "Run of 2026-11-04T01:00:00Z against us-east-1, incomplete: 1 new, 1 still there, 0 fixed.\n"
        "\n"
        "New\n"
        "  eu-west-1        changed     AWS::Lambda::Function/web\\x1b[2J\n"
        "\n"
        "Still there\n"
        "  eu-west-1        changed     AWS::Lambda::Function/api  since 2026-11-03T01:00:00Z (1 day), came 2 times\n"
        "\n"
        "Accepted\n"
        "  eu-west-1        changed     AWS::Lambda::Function/old  since 2026-11-01T01:00:00Z (3 days)\n"
        "\n"
        "Runs                       changed     missing       extra  unreadable\n"
        "  2026-11-01T01:00:00Z           1           0           0           0\n"
        "  2026-11-02T01:00:00Z           0           0           0           0\n"
        "  2026-11-03T01:00:00Z           1           0           0           0\n"
        "  2026-11-04T01:00:00Z           2           0           0           0  incomplete"
    )


def test_what_was_fixed_and_what_is_not_known_any_more_are_told_apart():
    lost = replace(API, id="uu", name="web", kind="unreadable")
    told = history(night(2, lost, complete=False), [night(1, API, replace(WEB, name="web"))])

    assert change(told) == "0 new, 0 still there, 1 fixed, 1 not known any more, 1 could not be read."


def test_the_first_run_says_that_there_was_none_before():
    assert change(history(night(1, API), ())) == "1 open finding; no run before it is known."


def test_the_document_has_the_age_of_each_finding():
    assert [(one["id"], one["days"], one["new"], one["excepted"]) for one in history_document(TOLD)["findings"]] == [
        ("aa", 1, False, False),
        ("bb", 0, True, False),
        ("cc", 3, False, True),
    ]
