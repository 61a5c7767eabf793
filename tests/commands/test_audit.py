"""The nightly audit on the embedded AWS, night after night, and its history."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from auditor.store.audit_lock import alone
from auditor.store.storage import Folder

FUNCTION = {"Role": "arn:aws:iam::123456789012:role/shop", "Runtime": "python3.12", "Handler": "app.handler",
            "Code": {"app.py": "def handler(event, context): return 1\n"}}  # fmt: skip
SITES = ("--golden", "us-east-1", "--region", "us-east-1", "--region", "eu-west-1")


class Nights:
    """A clock that tells the next night each time it is asked."""

    def __init__(self):
        self._days = itertools.count(1)

    def now(self, zone):
        return datetime(2026, 11, next(self._days), 1, tzinfo=zone)


@pytest.fixture
def nights(aws, run, tmp_path, monkeypatch):
    """Two functions in two regions, and what audits each night; two nights of one second are told apart."""
    own = {"AWS::Lambda::Function": {"api": {**FUNCTION, "MemorySize": 512}, "web": {**FUNCTION, "MemorySize": 512}}}
    aws.seed(us_east_1=own, eu_west_1=own)
    monkeypatch.setenv("AUDITOR_FINGERPRINT_KEY", "a" * 44)
    monkeypatch.setattr("auditor.store.snapshot.datetime", Nights())
    return lambda *more: run("audit", *SITES, *more)


def change(aws, name, **settings):
    aws.client("lambda", "eu-west-1").update_function_configuration(FunctionName=name, **settings)


def page(night):
    folder = Path("snapshots") / "reports"
    return (folder / f"{night}.html").exists(), (folder / f"{night}.json").exists()


def test_the_first_night_says_what_it_found_and_that_there_was_none_before(aws, nights):
    change(aws, "api", MemorySize=256)

    found = nights()

    assert found.out == (
        "eu-west-1 differs from us-east-1: 1 finding in 14 resources.\n"
        "Since last time: 1 open finding; no run before it is known.\n"
        "snapshots/reports/20261101T010000Z.html\n"
    )


def test_drift_is_exit_code_two(aws, nights):
    change(aws, "api", MemorySize=256)

    assert nights().code == 2


def test_drift_appears_persists_and_is_fixed(aws, nights):
    told = [nights().out]
    change(aws, "api", MemorySize=256)
    told += [nights().out, nights().out]
    change(aws, "api", MemorySize=512)
    told.append(nights().out)

    assert [one.split("\n")[1] for one in told] == [
        "Since last time: 0 open findings; no run before it is known.",
        "Since last time: 1 new, 0 still there, 0 fixed.",
        "Since last time: 0 new, 1 still there, 0 fixed.",
        "Since last time: 0 new, 0 still there, 1 fixed.",
    ]


def test_a_quiet_night_says_nothing(nights):
    assert (nights("-q").out, nights("-q").code) == ("", 0)


def test_page_and_json_lie_beside_the_snapshots_and_the_last_are_the_latest(nights):
    nights()
    nights()

    assert (page("20261101T010000Z"), page("20261102T010000Z"), page("latest")) == ((True, True),) * 3


def test_the_page_says_since_when_a_difference_has_been_there(aws, nights, tmp_path):
    change(aws, "api", MemorySize=256)
    nights()
    nights()

    nights("-o", "report.html")

    assert "since 2026-11-01 (2 days)" in (tmp_path / "report.html").read_text()


def test_a_report_of_a_stored_snapshot_is_held_against_the_nights_before_it(aws, nights, run, tmp_path):
    nights()
    change(aws, "api", MemorySize=256)
    nights()

    run("report", "latest", "-o", "report.html")

    assert "<strong>1</strong> new" in (tmp_path / "report.html").read_text()


def test_the_history_lists_what_is_new_what_persists_and_what_was_fixed(aws, nights, run):
    change(aws, "api", MemorySize=256)
    change(aws, "web", Timeout=9)
    nights()
    change(aws, "api", MemorySize=512)
    change(aws, "api", Timeout=8)
    nights()

    assert run("history").out == (
        "Run of 2026-11-02T01:00:00Z against us-east-1: 1 new, 1 still there, 0 fixed.\n"
        "\n"
        "New\n"
        "  eu-west-1        changed     AWS::Lambda::Function/api\n"
        "\n"
        "Still there\n"
        "  eu-west-1        changed     AWS::Lambda::Function/web  since 2026-11-01T01:00:00Z (1 day)\n"
        "\n"
        "Runs                       changed     missing       extra  unreadable\n"
        "  2026-11-01T01:00:00Z           2           0           0           0\n"
        "  2026-11-02T01:00:00Z           2           0           0           0\n"
    )


def test_the_history_as_json_says_the_same(aws, nights, run):
    nights()
    change(aws, "api", MemorySize=256)
    nights()

    told = json.loads(run("history", "--format", "json").out)

    (found,) = told.pop("findings")
    assert (told, {name: found[name] for name in ("site", "name", "since", "new", "times", "days")}) == (
        {
            "schema": "auditor/history-report/1",
            "taken": "2026-11-02T01:00:00Z",
            "golden": "us-east-1",
            "complete": True,
            "previous": "2026-11-01T01:00:00Z",
            "fixed": [],
            "unknown": [],
            "runs": [
                {"taken": f"2026-11-0{day}T01:00:00Z", "complete": True,
                 "open": {"changed": day - 1, "missing": 0, "extra": 0, "unreadable": 0}}
                for day in (1, 2)
            ],
        },
        {"site": "eu-west-1", "name": "api", "since": "2026-11-02T01:00:00Z", "new": True, "times": 1, "days": 0},
    )  # fmt: skip


def test_without_an_audit_there_is_no_history_and_what_to_do_is_said(run, aws):
    told = run("history")

    assert told.err == (
        "auditor: snapshots/ has no history: no audit was recorded there. Run 'auditor audit', or say with --store "
        "where the audits are kept.\n"
    )


def test_a_history_that_cannot_be_read_is_a_warning_in_a_report(nights, run, tmp_path):
    nights()
    (tmp_path / "snapshots" / "history" / "20261031T010000Z.json").write_text("{")

    told = run("report", "latest", "-o", "report.html")

    assert (told.code, "20261031T010000Z.json is no run of the history" in told.err) == (0, True)


def test_a_report_of_a_stored_snapshot_has_the_plan_that_would_fix_it(aws, nights, run, tmp_path):
    change(aws, "api", MemorySize=256)
    nights()

    run("report", "latest", "-o", "report.html")

    assert "Plan: 0 to create, 1 to update, 0 to delete in eu-west-1. 1 call." in (tmp_path / "report.html").read_text()


def test_a_young_snapshot_is_compared_again_and_nothing_is_read(aws, run, nights):
    nights()
    change(aws, "api", MemorySize=256)

    told = nights("--max-age", "99999d", "-v")

    assert (told.code, "API calls in all" in told.err, len(list(Path("snapshots").glob("2*")))) == (0, False, 1)


def test_an_old_snapshot_is_not_compared_again(aws, run, nights):
    nights()
    change(aws, "api", MemorySize=256)

    assert nights("--max-age", "1m").code == 2


def test_a_young_snapshot_of_other_regions_is_not_compared_again(aws, run, nights):
    nights()

    run("audit", *SITES, "--region", "sa-east-1", "--max-age", "99999d")

    assert len(list(Path("snapshots").glob("2*"))) == 2


def test_a_duration_that_is_none_is_refused(nights):
    assert "'soon' is no duration: 90m, 6h or 1d is." in nights("--max-age", "soon").err


def test_two_audits_into_one_store_do_not_run_at_once(nights):
    with alone(Folder(Path("snapshots"))):
        told = nights()

    assert told.err == (
        f"auditor: An audit is going on in snapshots (pid {os.getpid()}). Nothing was read. Wait for its end, or audit "
        "into another store with --store.\n"
    )


def test_a_store_that_cannot_be_written_is_said_before_anything_is_read(nights, tmp_path):
    (tmp_path / "file").write_text("")

    assert nights("--store", "file/store").err.startswith("auditor: file/store could not be written (Not a directory).")


def test_the_log_says_what_was_begun_and_what_it_came_to(aws, nights):
    change(aws, "api", MemorySize=256)

    events = [json.loads(line) for line in nights("--json-log").err.splitlines()]
    for one in events:
        del one["time"]

    assert (events[0], events[-1]) == (
        {"event": "audit", "golden": "us-east-1", "sites": ["us-east-1", "eu-west-1"], "store": "snapshots/"},
        {
            "event": "audited", "snapshot": "20261101T010000Z", "read": True, "complete": True, "exit_code": 2,
            "page": "snapshots/reports/20261101T010000Z.html", "new": 0, "fixed": 0, "unsure": 0,
            "removed": [],
            "summary": {"resources": 14, "changed": 1, "missing": 0, "extra": 0, "unreadable": 0, "excepted": 0},
        },
    )  # fmt: skip


def test_the_log_of_an_audit_that_fails_is_events_to_its_end(nights, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "")

    told = nights("--json-log")

    last = json.loads(told.err.splitlines()[-1])
    assert (told.code, last["event"], last["exit_code"], last["text"].partition(".")[0]) == (
        1, "failed", 1, "No AWS credentials were found",
    )  # fmt: skip


def test_a_warning_is_an_event_of_the_log(nights, tmp_path):
    (tmp_path / "snapshots" / "history").mkdir(parents=True)
    (tmp_path / "snapshots" / "history" / "20261031T010000Z.json").write_text("{}")

    events = [json.loads(line) for line in nights("--json-log").err.splitlines()]

    assert [one["text"].partition(" (")[0] for one in events if one["event"] == "warning"] == [
        "snapshots/history/20261031T010000Z.json is no run of the history"
    ]


def test_an_audit_that_is_killed_leaves_the_last_good_report(aws, nights, tmp_path):
    nights()
    before = Path("snapshots/reports/latest.html").read_bytes()
    change(aws, "api", MemorySize=256)
    program = subprocess.Popen(
        [sys.executable, "-m", "auditor", "audit", *SITES, "--json-log"], stderr=subprocess.PIPE, text=True
    )
    assert program.stderr.readline()

    program.kill()
    program.communicate(timeout=60)

    assert (Path("snapshots/reports/latest.html").read_bytes(), nights().code) == (before, 2)
