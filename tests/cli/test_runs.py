"""`auditor runs`: which runs wrote to AWS, and what became of each."""

from __future__ import annotations

import json

import pytest
from reconciling import differing, runs as run_ids

from auditor.report.runs_text import runs_listing
from auditor.runs.lock import held, owner_now, running
from auditor.runs.summary import RunSummary, run_summary, with_rollbacks

PLAN = {"event": "run", "at": "2026-11-24T01:02:03Z", "sites": ["eu-west-1"], "undoes": "", "waves": [], "tolerate": 0}
SHIP = {**PLAN, "deployment": {"source": "app"}}
END = {"event": "end", "complete": True, "in_sync": True}
SHIPPED = {"event": "deployments ended", "complete": True}
TARGET = {"site": "eu-west-1", "group": "web"}
FORTH = {**TARGET, "event": "deploying", "previous": None, "description": "forth", "back": False}
BACK = {**FORTH, "description": "back", "back": True}
ENDED = {**TARGET, "event": "deployment ended", "status": "Succeeded", "message": ""}
FAILED = {**ENDED, "status": "Failed"}


@pytest.mark.parametrize(
    ("entries", "has_plan", "what", "state"),
    [
        ([PLAN, END], True, "apply", "done"),
        ([{**PLAN, "undoes": "r0"}, END], True, "rollback", "done"),
        ([PLAN, {**END, "in_sync": False}], True, "apply", "drift remains"),
        ([PLAN, {**END, "complete": False}], True, "apply", "incomplete"),
        ([PLAN, {"event": "calling"}], True, "apply", "interrupted"),
        ([PLAN, {**END, "complete": False}, {"event": "calling"}], True, "apply", "interrupted"),
        ([PLAN, {**END, "complete": False}, END], True, "apply", "done"),
        ([SHIP, FORTH, ENDED, SHIPPED], False, "deploy", "done"),
        ([SHIP, FORTH, FAILED, {**SHIPPED, "complete": False}], False, "deploy", "incomplete"),
        ([SHIP, FORTH, FAILED, BACK, ENDED, {**SHIPPED, "complete": False}], False, "deploy", "rolled back"),
        ([SHIP, FORTH, ENDED, SHIPPED, BACK, FAILED], False, "deploy", "incomplete"),
        ([SHIP, FORTH], False, "deploy", "interrupted"),
        ([SHIP, END], True, "release", "incomplete"),
        ([SHIP, END, FORTH, ENDED, SHIPPED], True, "release", "done"),
        ([], True, "unknown", "interrupted"),
    ],
)
def test_what_became_of_a_run_is_told_from_its_journal(entries, has_plan, what, state):
    told = run_summary("r1", tuple(entries), has_plan, alive=False)

    assert (told.what, told.state) == (what, state)


def test_a_run_whose_process_is_there_is_running():
    assert run_summary("r1", (PLAN,), has_plan=True, alive=True).state == "running"


def test_a_run_that_another_one_took_back_says_by_which():
    first, second = RunSummary("r1", "done", what="apply"), RunSummary("r2", "done", what="rollback", about="r1")

    assert [(one.state, one.by) for one in with_rollbacks([first, second])] == [("rolled back", "r2"), ("done", "")]


def test_a_rollback_that_failed_took_nothing_back():
    first, second = RunSummary("r1", "done", what="apply"), RunSummary("r2", "incomplete", what="rollback", about="r1")

    assert with_rollbacks([first, second])[0].state == "done"


def test_a_listing_says_how_to_go_on():
    told = runs_listing([RunSummary("r1", "interrupted", "2026-11-24T01:02:03Z", "deploy", ("eu-west-1",), "app")])

    assert told.splitlines() == [
        "RUN  BEGUN                 WHAT        SITES      STATE",
        "r1   2026-11-24T01:02:03Z  deploy app  eu-west-1  interrupted",
        "Go on with: auditor resume r1",
    ]


def test_there_are_no_runs_where_nothing_was_written(clean_environment, run):
    told = run("runs")

    assert (told.code, told.out, told.err) == (
        0,
        "",
        "There is no run in snapshots: nothing was written to AWS from here.\n",
    )


def test_the_runs_of_a_store_are_told_in_text_and_as_json(aws, run, tmp_path):
    differing(aws, tmp_path)
    run("reconcile", "--yes")
    (first,) = run_ids(tmp_path)
    run("rollback", first, "--yes")
    _, second = run_ids(tmp_path)

    table, document = run("runs"), json.loads(run("runs", "--format", "json").out)

    assert [line.split("  ")[0] for line in table.out.splitlines()] == ["RUN", first, second]
    assert document["schema"] == "auditor/runs/1"
    assert [(one["run"], one["what"], one["state"], one["by"], one["sites"]) for one in document["runs"]] == [
        (first, "apply", "rolled back", second, ["eu-west-1"]),
        (second, "rollback", "done", "", ["eu-west-1"]),
    ]


def test_a_journal_that_is_damaged_is_told_and_has_its_exit_code(clean_environment, run, tmp_path):
    folder = tmp_path / "snapshots" / "runs" / "20261124T010203Z"
    folder.mkdir(parents=True)
    (folder / "journal.jsonl").write_text("{}\n")

    told = run("runs")

    assert (told.code, "20261124T010203Z" in told.out, "damaged" in told.out) == (1, True, True)


def test_a_lock_that_is_held_is_of_a_run_that_is_running(tmp_path):
    with held(tmp_path, ["eu-west-1"], owner_now("20261124T010203Z")):
        during = running(tmp_path)

    assert (during, running(tmp_path)) == ({"20261124T010203Z"}, frozenset())
