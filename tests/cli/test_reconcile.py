"""The commands that plan, apply, resume and take back, as their user runs them, on the embedded AWS."""

from __future__ import annotations

import io
import json
import re
import socket
import subprocess
import sys

import pytest
from reconciling import FUNCTION, alike, calls, differing, entries, function, memory, runs, settings

from auditor.runs.lock import Owner, held, owner_now

YES = "Say --yes where nobody is to be asked."


class Terminal(io.TextIOWrapper):
    """What somebody types at a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def typed(monkeypatch):
    """Makes standard input a terminal at which a text is typed, then its end; standard error is that terminal too."""

    def typed(text):
        monkeypatch.setattr(sys, "stdin", Terminal(io.BytesIO(text.encode())))
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)

    return typed


@pytest.fixture
def planned(aws, run, tmp_path):
    """A plan in plan.json that makes the memory of `api` in eu-west-1 512 MB."""
    differing(aws, tmp_path)
    run("plan", "-o", "plan.json")
    return aws


def change(aws):
    """Change what the plan is about, behind its back."""
    aws.client("lambda", "eu-west-1").update_function_configuration(FunctionName="api", MemorySize=300)


def a_dead_pid():
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def test_a_plan_that_has_something_to_do_ends_with_code_2(aws, run, tmp_path):
    differing(aws, tmp_path)

    assert run("plan").code == 2


def test_a_plan_that_has_nothing_to_do_ends_with_code_0(aws, run, tmp_path):
    alike(aws, tmp_path)

    assert run("plan").code == 0


def test_quiet_says_nothing_where_there_is_nothing_to_do(aws, run, tmp_path):
    alike(aws, tmp_path)

    told = [run(command, "-q") for command in ("plan", "reconcile")]

    assert [(one.code, one.out, one.err) for one in told] == [(0, "", "")] * 2


def test_planning_changes_nothing(planned):
    assert memory(planned) == 256


def test_a_plan_can_be_made_of_a_snapshot_without_aws(aws, run, tmp_path, monkeypatch):
    differing(aws, tmp_path)
    run("snapshot")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")

    made = json.loads(run("plan", "latest", "--format", "json").out)

    assert [call["params"] for one in made["actions"] for call in one["calls"]] == [
        {"FunctionName": "${name}", "MemorySize": 512}
    ]


def test_the_plan_that_is_printed_as_json_is_the_file(aws, run, tmp_path):
    differing(aws, tmp_path)

    told = run("plan", "-o", "plan.json", "--format", "json")

    assert told.out == (tmp_path / "plan.json").read_text()


def test_the_plan_says_how_to_carry_it_out(aws, run, tmp_path):
    differing(aws, tmp_path)

    assert run("plan", "-o", "plan.json").err == "Carry it out with: auditor apply plan.json\n"


def test_a_plan_names_each_field_with_what_it_is_and_what_it_will_be(planned, run):
    told = run("show", "plan.json").out
    assert "~ MemorySize: 256 -> 512" in told
    assert (
        '      lambda UpdateFunctionConfiguration\n        FunctionName: "${name}"\n        MemorySize: 512\n' in told
    )


def test_a_plan_that_another_key_sealed_is_shown_with_a_warning(planned, run, monkeypatch):
    monkeypatch.setenv("AUDITOR_FINGERPRINT_KEY", "another key that is long enough to be one")
    told = run("show", "plan.json")

    assert "~ MemorySize: 256 -> 512" in told.out
    assert "warning: plan.json was sealed with another key than the one here" in told.err


def test_a_plan_is_shown_as_json_as_it_stands_in_its_file(planned, run, tmp_path):
    assert run("show", "plan.json", "--format", "json").out == (tmp_path / "plan.json").read_text()


def test_a_plan_is_shown_as_commands_of_the_aws_cli(planned, run):
    assert "aws lambda update-function-configuration --region eu-west-1" in (
        run("show", "plan.json", "--format", "aws-cli").out
    )


def test_what_is_shown_can_go_to_a_file(planned, run, tmp_path):
    run("show", "plan.json", "--format", "aws-cli", "-o", "plan.sh")

    assert (tmp_path / "plan.sh").read_text().startswith("#!/usr/bin/env bash\n")


def test_a_plan_that_is_carried_out_ends_with_code_0_and_in_sync(planned, run):
    told = run("apply", "plan.json", "--yes")

    assert (told.code, told.out, memory(planned)) == (0, "in sync\n", 512)


def test_applying_tells_each_outcome_and_how_to_take_it_back(planned, run, tmp_path):
    told = run("apply", "plan.json", "--yes").err.splitlines()

    assert told[-2:] == [
        "eu-west-1: update AWS::Lambda::Function/api (configuration): done",
        f"Run {runs(tmp_path)[0]}. Take it back with: auditor rollback {runs(tmp_path)[0]}",
    ]


def test_applying_shows_the_plan_and_asks_first(planned, run, typed):
    typed("n\n")

    assert re.search(r"MemorySize: 256 -> 512\n(.*\n)*Carry this out\? \[y/N\]:", run("apply", "plan.json").err)


def test_a_no_calls_nothing_and_says_so(planned, run, typed, tmp_path):
    typed("n\n")

    told = run("apply", "plan.json")

    assert (told.code, told.err.splitlines()[-1], (tmp_path / "snapshots").exists(), memory(planned)) == (
        1,
        "Carry this out? [y/N]: Nothing was called.",
        False,
        256,
    )


def test_a_yes_carries_it_out(planned, run, typed):
    typed("y\n")

    assert (run("apply", "plan.json").code, memory(planned)) == (0, 512)


def test_where_nobody_can_be_asked_nothing_is_called_without_yes(planned, run, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"y\n")))

    told = run("apply", "plan.json")

    assert (told.code, told.err.splitlines()[-1], memory(planned)) == (
        1,
        "auditor: Nobody can be asked: standard input or standard error is no terminal. Nothing was called. " + YES,
        256,
    )


def test_an_end_of_what_is_typed_is_no_yes(planned, run, typed):
    typed("")

    told = run("apply", "plan.json")

    assert (told.code, told.err.splitlines()[-1], memory(planned)) == (1, "Nothing was called.", 256)


def test_what_is_asked_is_shown_even_if_quiet(planned, run, typed):
    typed("n\n")

    assert "MemorySize: 256 -> 512" in run("apply", "plan.json", "-q").err


def test_quiet_says_nothing_where_all_was_carried_out(planned, run):
    told = run("apply", "plan.json", "--yes", "-q")

    assert (told.code, told.out, told.err) == (0, "", "")


def test_quiet_still_tells_what_failed(planned, run):
    change(planned)

    told = run("apply", "plan.json", "--yes", "-q")

    assert (told.code, "FAILED" in told.err) == (3, True)


def test_a_log_as_json_has_an_object_for_each_outcome_and_one_for_the_end(planned, run, tmp_path):
    told = [json.loads(line) for line in run("apply", "plan.json", "--yes", "--json-log").err.splitlines()]
    for one in told:
        del one["time"]

    assert told == [
        {
            "event": "action",
            "site": "eu-west-1",
            "type": FUNCTION,
            "name": "api",
            "verb": "update",
            "facet": "configuration",
            "outcome": "done",
            "why": "",
        },
        {"event": "end", "run": runs(tmp_path)[0], "complete": True, "in_sync": True, "remaining": []},
    ]


def test_a_log_as_json_says_why_something_failed(planned, run):
    change(planned)

    told = json.loads(run("apply", "plan.json", "--yes", "--json-log").err.splitlines()[0])

    assert (told["outcome"], "changed since the plan was made" in told["why"]) == ("failed", True)


def test_a_log_as_json_of_a_reconciliation_is_json_from_its_first_line_to_its_last(aws, run, tmp_path):
    differing(aws, tmp_path)

    told = [json.loads(line)["event"] for line in run("reconcile", "--yes", "--json-log").err.splitlines()]

    assert told == ["read", "read", "action", "end"]


def test_reconciling_plans_and_carries_out_in_one(aws, run, tmp_path):
    differing(aws, tmp_path)

    told = run("reconcile", "--yes")

    assert (told.code, told.out, memory(aws)) == (0, "in sync\n", 512)


def test_reconciling_asks_too(aws, run, tmp_path, typed):
    differing(aws, tmp_path)
    typed("n\n")

    assert (run("reconcile").code, memory(aws)) == (1, 256)


def test_reconciling_with_nothing_to_do_asks_nothing(aws, run, tmp_path, typed):
    alike(aws, tmp_path)
    typed("")

    assert run("reconcile").code == 0


@pytest.fixture
def with_one_too_many(aws, tmp_path):
    """As `differing`, and eu-west-1 has a function that golden has not."""
    differing(aws, tmp_path)
    aws.seed(eu_west_1={FUNCTION: {"more": function(aws.account)}})
    return aws


def test_reconciling_ends_with_code_2_where_drift_was_left_out(with_one_too_many, run):
    told = run("reconcile", "--yes")

    assert (told.code, told.out) == (2, "in sync, but for 1 difference that the plan left out\n")


def test_reconciling_ends_with_code_2_where_all_that_differs_is_left_out(with_one_too_many, run):
    run("reconcile", "--yes")

    assert run("reconcile", "--yes").code == 2


def test_a_difference_that_was_accepted_leaves_a_reconciliation_at_code_0(with_one_too_many, run, tmp_path):
    accepted = [{"resource": "*/more", "reason": "debugging"}]
    settings(tmp_path, "us-east-1", "eu-west-1", types=[FUNCTION], exceptions=accepted)

    assert run("reconcile", "--yes").code == 0


def test_what_could_not_be_read_makes_code_3_of_a_plan(aws, run, tmp_path):
    alike(aws, tmp_path)
    part = run("snapshot").out.strip()
    settings(tmp_path, "us-east-1", "eu-west-1", types=[FUNCTION, "AWS::S3::Bucket"])
    aws.seed(us_east_1={"AWS::S3::Bucket": {"seen": {}}})
    whole = run("snapshot").out.strip()

    assert run("plan", whole, part).code == 3


def test_promoting_a_site_makes_golden_follow_it(aws, run, tmp_path):
    differing(aws, tmp_path)

    told = run("reconcile", "--promote", "eu-west-1", "--only", "api", "--yes")

    assert (told.code, memory(aws, where="us-east-1"), memory(aws)) == (0, 256, 256)


def test_promoting_takes_up_what_is_named_and_nothing_else(aws, run, tmp_path):
    differing(aws, tmp_path)
    other = function(aws.account)
    aws.seed(us_east_1={FUNCTION: {"b": other}}, eu_west_1={FUNCTION: {"b": {**other, "Timeout": 9}}})

    made = json.loads(run("plan", "--promote", "eu-west-1", "--only", "api", "--format", "json").out)

    assert [(one["site"], one["resource"]) for one in made["actions"]] == [("us-east-1", f"{FUNCTION}/api")]


def test_only_that_no_resource_is_called_is_refused_with_what_is_near(aws, run, tmp_path):
    differing(aws, tmp_path)

    told = run("plan", "--only", "appi")

    reason = "--only appi: no resource that is compared is called so. Nothing was planned. Nearest: "
    assert (told.code, told.out, f"{reason}{FUNCTION}/api." in told.err) == (1, "", True), told.err


def test_only_what_does_not_differ_is_said_to(aws, run, tmp_path):
    alike(aws, tmp_path)

    told = run("plan", "--only", "api")

    assert (told.code, "warning: --only api: nothing that differs is called so.\n" in told.err) == (0, True)


def test_deleting_is_done_if_asked_for(with_one_too_many, run):
    run("reconcile", "--yes", "--allow-delete")

    assert run("diff").code == 0


def decisions(folder, *rows, schema="auditor/decisions/1"):
    (folder / "decisions.json").write_text(json.dumps({"schema": schema, "decisions": list(rows)}))


def found(run):
    return {one["name"]: one["id"] for one in json.loads(run("diff", "--format", "json").out)["findings"]}


def test_only_what_was_decided_to_be_fixed_is_planned(with_one_too_many, run, tmp_path):
    ids = found(run)
    rows = [{"finding": ids["api"], "decision": "later"}, {"finding": ids["more"], "decision": "fix"}]
    decisions(tmp_path, *rows)

    made = json.loads(run("plan", "--allow-delete", "--decisions", "decisions.json", "--format", "json").out)

    assert ([one["resource"] for one in made["actions"]], [one["why"] for one in made["left_out"]]) == (
        [f"{FUNCTION}/more"],
        ["decided: later"],
    )


def test_a_decision_about_a_finding_that_has_changed_since_is_refused_by_name(aws, run, tmp_path):
    differing(aws, tmp_path)
    row = {"finding": found(run)["api"], "resource": f"{FUNCTION}/api", "site": "eu-west-1", "decision": "fix"}
    decisions(tmp_path, row)
    change(aws)

    told = run("plan", "--decisions", "decisions.json", "-o", "plan.json")

    assert (told.code, told.out, told.err, (tmp_path / "plan.json").exists()) == (
        1,
        "",
        (
            "auditor: 1 decision is about what has changed since:\n"
            "  AWS::Lambda::Function/api in eu-west-1 (decided: fix): it differs otherwise now\n"
            "Nothing was planned. Look at a new report, and decide again.\n"
        ),
        False,
    )


def test_where_nothing_was_decided_nothing_is_planned(aws, run, tmp_path):
    differing(aws, tmp_path)
    decisions(tmp_path)

    assert run("plan", "--decisions", "decisions.json").code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["plan", "--max-changes", "0"], "0 is not in the range x>=1"),
        (["plan", "--without", "harm"], "'harm' is not one of"),
        (["plan", "--promote", "us-east-1"], "A region is needed that is not golden itself: eu-west-1."),
        (["plan", "latest"], "has no snapshot 'latest'"),
        (["plan", "--decisions", "absent.json"], "'absent.json' does not exist"),
        (["plan", "--decisions", "auditor.yaml"], "'schema' is not 'auditor/decisions/1'"),
        (["show", "absent.json"], "absent.json could not be read"),
        (["show", "auditor.yaml"], "auditor.yaml is of schema None"),
        (["show"], "Missing argument 'PLAN'"),
        (["show", "plan.json", "--format", "yaml"], "'yaml' is not one of"),
        (["apply", "absent.json", "--yes"], "absent.json could not be read"),
        (["apply", "auditor.yaml", "--yes"], "auditor.yaml is of schema None"),
        (["apply", "plan.json", "--tolerate", "-1"], "-1 is not in the range x>=0"),
        (["resume", "20261124T010203Z"], "has no run '20261124T010203Z'. It holds none."),
        (["resume"], "Missing argument 'RUN'"),
        (["resume", "../x"], "has no run '../x'"),
        (["rollback", "20261124T010203Z"], "has no run '20261124T010203Z'. It holds none."),
        (["rollback"], "Missing argument 'RUN'"),
        (["rollback", "plan.json", "--yes"], "has no run 'plan.json'"),
        (["reconcile", "--yes", "--promote", "mars-1"], "--promote mars-1: golden (us-east-1) cannot follow it."),
        (["reconcile", "--yes", "--only"], "Option '--only' requires an argument"),
        (["reconcile", "plan.json"], "Got unexpected extra argument (plan.json)"),
    ],
)
def test_wrong_use_gets_one_message_and_code_1_before_anything_is_read(
    clean_environment, run, tmp_path, arguments, message
):
    settings(tmp_path, "us-east-1", "eu-west-1")

    told = run(*arguments)

    assert (told.code, message in told.err, told.out, "Traceback" in told.err) == (1, True, "", False)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["plan", "--site", "mars-1"], "--site mars-1: nothing that a plan could write to is called so."),
        (["plan", "--site", "us-east-1"], "There is: eu-west-1."),
        (["plan", "--type", "AWS::Lambda::Functoin"], "'AWS::Lambda::Functoin' matches no resource type."),
        (["plan", "-o", "auditor.yaml/plan.json"], "auditor.yaml/plan.json could not be written"),
        (
            ["reconcile", "--yes", "--wave", "mars-1"],
            "mars-1 is not among the regions (eu-west-1, us-east-1).",
        ),
        (["reconcile", "--yes", "--store", "auditor.yaml"], "auditor.yaml/runs could not be written"),
    ],
)
def test_what_only_reading_shows_to_be_wrong_gets_one_message_too(aws, run, tmp_path, arguments, message):
    differing(aws, tmp_path)

    told = run(*arguments)

    assert (told.code, message in told.err, told.out, memory(aws)) == (1, True, "", 256)


def test_a_site_that_another_run_works_on_is_refused_with_its_owner_and_age(planned, run, tmp_path):
    with held(tmp_path / "snapshots", ["eu-west-1"], owner_now("20261124T010203Z")):
        told = run("apply", "plan.json", "--yes")

    host = re.escape(socket.gethostname())
    owner = rf"eu-west-1 is locked by \S+@{host} \(pid \d+\) for run 20261124T010203Z, since .*, less than a minute ago"
    assert (told.code, bool(re.search(owner, told.err)), memory(planned)) == (1, True, 256)


def test_a_run_that_was_refused_the_lock_leaves_nothing_behind(planned, run, tmp_path):
    with held(tmp_path / "snapshots", ["eu-west-1"], owner_now("20261124T010203Z")):
        run("apply", "plan.json", "--yes")

    assert runs(tmp_path) == []


@pytest.fixture
def dead(planned, tmp_path):
    """The lock of a run on eu-west-1 whose process is dead."""
    owner = Owner("20261124T010203Z", "kim", socket.gethostname(), a_dead_pid(), "2026-11-24T01:02:03Z")
    holding = held(tmp_path / "snapshots", ["eu-west-1"], owner)
    with holding:
        yield planned


def test_the_lock_of_a_dead_run_is_not_taken_unasked(dead, run):
    told = run("apply", "plan.json", "--yes")

    assert (told.code, "take the lock over with --take-over" in told.err, memory(dead)) == (1, True, 256)


def test_the_lock_of_a_dead_run_is_taken_over_if_asked(dead, run):
    assert (run("apply", "plan.json", "--yes", "--take-over").code, memory(dead)) == (0, 512)


def test_the_lock_is_given_back_at_the_end(planned, run, tmp_path):
    run("apply", "plan.json", "--yes")

    assert [one.name for one in (tmp_path / "snapshots" / "locks").glob("*.json")] == []


def test_each_call_is_written_down_before_it_is_made_and_the_run_ends_with_its_verdict(planned, run, tmp_path):
    run("apply", "plan.json", "--yes")

    told = [(one["event"], one.get("operation")) for one in entries(tmp_path)]
    assert told == [
        ("run", None),
        ("action", None),
        ("calling", "lambda.UpdateFunctionConfiguration"),
        ("called", None),
        ("done", None),
        ("end", None),
    ]


def test_a_run_keeps_the_plan_that_it_carries_out(planned, run, tmp_path):
    run("apply", "plan.json", "--yes")

    kept = tmp_path / "snapshots" / "runs" / runs(tmp_path)[0] / "plan.json"
    assert kept.read_text() == (tmp_path / "plan.json").read_text()


def test_taking_a_run_back_brings_the_former_value_back(planned, run, tmp_path):
    run("apply", "plan.json", "--yes")

    told = run("rollback", runs(tmp_path)[0], "--yes")

    assert (told.code, told.out, memory(planned)) == (0, "as it was before\n", 256)


def test_taking_back_can_be_taken_back(planned, run, tmp_path):
    run("apply", "plan.json", "--yes")
    run("rollback", runs(tmp_path)[0], "--yes")

    told = run("rollback", runs(tmp_path)[1], "--yes")

    assert (told.code, told.out, memory(planned)) == (0, "as it was before\n", 512)


def test_taking_back_asks_too(planned, run, tmp_path, typed):
    run("apply", "plan.json", "--yes")
    typed("n\n")

    assert (run("rollback", runs(tmp_path)[0]).code, memory(planned)) == (1, 512)


def test_quiet_says_nothing_where_all_was_taken_back(planned, run, tmp_path):
    run("apply", "plan.json", "--yes")

    told = run("rollback", runs(tmp_path)[0], "--yes", "-q")

    assert (told.code, told.out, told.err) == (0, "", "")


def test_the_plan_that_takes_a_run_back_can_go_to_a_file_and_calls_nothing(planned, run, tmp_path):
    run("apply", "plan.json", "--yes")

    told = run("rollback", runs(tmp_path)[0], "-o", "back.json")

    assert (told.code, memory(planned), len(runs(tmp_path))) == (2, 512, 1)


def test_the_plan_that_takes_a_run_back_is_applied_like_any_other(planned, run, tmp_path):
    run("apply", "plan.json", "--yes")
    run("rollback", runs(tmp_path)[0], "-o", "back.json")

    told = run("apply", "back.json", "--yes")

    assert (told.code, told.out, memory(planned)) == (0, "as it was before\n", 256)


def test_a_run_that_did_nothing_has_nothing_to_take_back(planned, run, tmp_path):
    change(planned)
    run("apply", "plan.json", "--yes")

    told = run("rollback", runs(tmp_path)[0], "--yes")

    assert (told.code, "there is nothing that could be taken back of run" in told.err) == (0, True)


def test_what_was_changed_since_a_run_is_not_taken_back(planned, run, tmp_path):
    run("apply", "plan.json", "--yes")
    change(planned)

    told = run("rollback", runs(tmp_path)[0], "--yes")

    assert (told.code, "it was changed since the run (/MemorySize)" in told.err, memory(planned)) == (2, True, 300)


def test_resuming_a_run_that_was_done_calls_nothing_and_is_in_sync(planned, run, tmp_path):
    run("apply", "plan.json", "--yes")

    told = run("resume", runs(tmp_path)[0])

    assert (told.code, told.out, calls(tmp_path)) == (0, "in sync\n", ["lambda.UpdateFunctionConfiguration"])
