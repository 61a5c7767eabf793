"""The history as the page shows it."""

from __future__ import annotations

from auditor.history.history import Run, Seen, history
from auditor.report.page.trend import history_view

API = Seen("a", "eu-west-1", "AWS::Lambda::Function", "api", "changed", "low", False)
GONE = Seen("b", "eu-west-1", "AWS::S3::Bucket", "logs\u202e", "missing", "low", False)


def night(day, *findings):
    return Run(f"2026-11-{day:02}T01:00:00Z", "us-east-1", ("eu-west-1",), True, findings)


def test_a_run_is_a_bar_of_its_kinds_one_upon_the_other():
    told = history_view(history(night(2, API, GONE), [night(1, API)]))

    assert [(one.kind, one.x, one.y, one.height, one.says) for one in told.bars] == [
        ("changed", 0, 29.0, 27.0, "2026-11-01 01:00:00 UTC: 1 changed"),
        ("changed", 10, 29.0, 27.0, "2026-11-02 01:00:00 UTC: 1 changed"),
        ("missing", 10, 2.0, 27.0, "2026-11-02 01:00:00 UTC: 1 missing"),
    ]


def test_runs_in_which_nothing_was_found_have_no_bar():
    assert history_view(history(night(2), [night(1)])).bars == ()


def test_what_was_fixed_is_named():
    (fixed,) = history_view(history(night(2), [night(1, GONE)])).fixed

    assert (fixed.site, fixed.resource, fixed.kind) == ("eu-west-1", "AWS::S3::Bucket/logs\\u202e", "missing")


def test_the_oldest_of_what_persists_is_told():
    told = history_view(history(night(9, API), [night(2, API), night(8, API)]))

    assert (told.new, told.persisting, told.oldest) == (0, 1, "the oldest since 2026-11-02, 7 days")


def test_the_newest_sixty_runs_are_shown():
    told = history_view(history(night(1, API), [Run(f"2026-{n:04}", "us-east-1", (), True, ()) for n in range(100)]))

    assert (len(told.runs), told.width) == (60, 600)


def test_without_a_history_nothing_is_said():
    assert history_view(None) is None
