"""What is refused before anything is written, and what goes on beside it."""

from __future__ import annotations

import json
import os

import pytest
from reconciling import (
    FUNCTION,
    applied_without_role,
    calls,
    differing,
    entries,
    failing,
    function,
    give_role,
    memory,
    names,
    region,
    runs,
    settings,
)

from auditor.plan.file import sealed_text
from auditor.runs.secret_key import secret_key


@pytest.fixture
def planned(aws, run, tmp_path):
    """A plan that makes the memory of `api` in eu-west-1 512 MB."""
    differing(aws, tmp_path)
    run("plan", "-o", "plan.json")
    return aws


def test_a_plan_whose_file_was_edited_is_refused(planned, run, tmp_path):
    path = tmp_path / "plan.json"
    path.write_text(path.read_text().replace('"MemorySize": 512', '"MemorySize": 1024'))

    told = run("apply", "plan.json", "--yes")

    assert (told.code, told.err.startswith("auditor: plan.json"), memory(planned)) == (1, True, 256)


def test_a_plan_of_another_account_is_refused_with_both_accounts(planned, run, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "999999999999")

    told = run("apply", "plan.json", "--yes")

    message = f"the plan was made for the account {planned.account}, and these credentials are of 999999999999."
    assert (told.code, message in told.err) == (1, True)


def test_a_plan_whose_fingerprints_have_another_key_is_refused(planned, run, monkeypatch):
    monkeypatch.setenv("AUDITOR_FINGERPRINT_KEY", "another key that is long enough to be one")

    told = run("apply", "plan.json", "--yes")

    assert (told.code, "was sealed with another key" in told.err, memory(planned)) == (1, True, 256)


def test_a_plan_that_says_more_than_it_was_made_for_is_refused_even_with_the_true_seal(planned, run, tmp_path):
    path = tmp_path / "plan.json"
    document = json.loads(path.read_text())
    backdoor = {"service": "iam", "operation": "CreateUser", "params": {"UserName": "backdoor"}}
    secret = {"service": "lambda", "operation": "TagResource", "params": {"Tags": {"x": "${golden:/MemorySize}"}}}
    document["actions"][0]["calls"] = [backdoor, secret, *document["actions"][0]["calls"]]
    path.write_text(sealed_text(document, secret_key(os.environ)))

    told = [run("apply", "plan.json", "--yes"), run("show", "plan.json")]
    told.append(run("show", "plan.json", "--format", "aws-cli"))

    assert [(one.code, one.out, "CreateUser" in one.err) for one in told] == [(1, "", True)] * 3
    assert (memory(planned), (tmp_path / "snapshots" / "runs").exists()) == (256, False)


@pytest.fixture
def two(aws, run, tmp_path):
    """A plan about two functions, `a` and `b`, that differ in their memory."""
    golden, here = (function(aws.account, MemorySize=size) for size in (512, 256))
    aws.seed(us_east_1=region(a=golden, b=golden), eu_west_1=region(a=here, b=here))
    settings(tmp_path, "us-east-1", "eu-west-1", types=[FUNCTION])
    run("plan", "-o", "plan.json")
    return aws


def test_what_changed_since_the_plan_is_refused_and_the_rest_is_done(two, run):
    two.client("lambda", "eu-west-1").update_function_configuration(FunctionName="a", Timeout=60)

    told = run("apply", "plan.json", "--yes", "--tolerate", "1")

    refusal = (
        f"eu-west-1: {FUNCTION}/a changed since the plan was made: /Timeout was 3, is 60. Nothing of it was written."
    )
    assert (told.code, refusal in told.err, memory(two, "a"), memory(two, "b")) == (3, True, 256, 512)


def test_a_resource_that_is_gone_since_the_plan_is_refused(two, run):
    two.client("lambda", "eu-west-1").delete_function(FunctionName="a")

    told = run("apply", "plan.json", "--yes", "--tolerate", "1")

    assert f"{FUNCTION}/a changed since the plan was made: it is gone." in told.err


def test_a_golden_that_changed_since_the_plan_is_refused_and_the_rest_is_done(two, run):
    two.client("lambda", "us-east-1").update_function_configuration(FunctionName="a", MemorySize=1024)

    told = run("apply", "plan.json", "--yes", "--tolerate", "1")

    refusal = f"us-east-1: golden's {FUNCTION}/a changed since the plan was made: /MemorySize was 512, is 1024."
    assert (told.code, refusal in told.err, memory(two, "a"), memory(two, "b")) == (3, True, 256, 512)


def test_something_that_was_made_since_the_plan_is_not_written_over(aws, run, tmp_path):
    aws.seed(us_east_1=region(api=function(aws.account)), eu_west_1=region())
    settings(tmp_path, "us-east-1", "eu-west-1", types=[FUNCTION])
    run("plan", "-o", "plan.json")
    aws.seed(eu_west_1={FUNCTION: {"api": function(aws.account, MemorySize=1024)}})

    told = run("apply", "plan.json", "--yes")

    assert (told.code, "it is there by now" in told.err, memory(aws)) == (3, True, 1024)


def test_a_function_whose_role_is_not_there_is_not_made(aws, run, tmp_path):
    failing(aws, tmp_path, "eu-west-1")

    told = applied_without_role(aws, run)

    refusal = f"needs arn:aws:iam::{aws.account}:role/ghost, which is not there (NoSuchEntity)."
    assert (told.code, refusal in told.err, names(aws)) == (3, True, ["well"])


def test_a_plan_leaves_out_what_has_a_role_that_is_not_there_and_says_so(aws, run, tmp_path):
    failing(aws, tmp_path, "eu-west-1")
    aws.client("iam").delete_role(RoleName="ghost")

    told = run("plan", "-o", "plan.json")

    plan = json.loads((tmp_path / "plan.json").read_text())
    missing = f"missing principal: arn:aws:iam::{aws.account}:role/ghost"
    assert (missing in told.out, {one["resource"] for one in plan["actions"]}) == (True, {f"{FUNCTION}/well"})


def test_what_needs_an_action_that_failed_is_not_begun_and_is_said_not_to_be(aws, run, tmp_path):
    failing(aws, tmp_path, "eu-west-1")

    told = applied_without_role(aws, run)

    skipped = sorted(line for line in told.err.splitlines() if ": not done: " in line)
    ghost = f"{FUNCTION}/ghost"
    assert skipped == [
        f"eu-west-1: create {ghost} (concurrency): not done: it needs {ghost}, which was not done",
        f"eu-west-1: create {ghost} (recursion): not done: it needs {ghost} (concurrency), which was not done",
    ]


def test_what_was_skipped_is_in_the_journal_with_its_reason(aws, run, tmp_path):
    failing(aws, tmp_path, "eu-west-1")

    applied_without_role(aws, run)

    skipped = [one["because"] for one in entries(tmp_path) if one["event"] == "skipped"]
    assert sorted(skipped) == [
        f"it needs {FUNCTION}/ghost (concurrency), which was not done",
        f"it needs {FUNCTION}/ghost, which was not done",
    ]


@pytest.fixture
def half(aws, run, tmp_path):
    """A run that could not make one function of two, for want of its role."""
    failing(aws, tmp_path, "eu-west-1")
    applied_without_role(aws, run)
    return aws


def test_a_run_that_failed_is_resumed_when_the_reason_was_mended(half, run, tmp_path):
    give_role(half)

    told = run("resume", runs(tmp_path)[0])

    assert (told.code, told.out, names(half)) == (0, "in sync\n", ["ghost", "well"])


def test_resuming_repeats_no_call_that_was_made(half, run, tmp_path):
    give_role(half)

    run("resume", runs(tmp_path)[0])

    made = [one["action"] for one in entries(tmp_path) if one["event"] == "called"]
    assert (len(made), len(set(made))) == (4, 4)


def test_resuming_while_the_reason_is_there_fails_again(half, run, tmp_path):
    assert run("resume", runs(tmp_path)[0]).code == 3


def test_taking_a_failed_run_back_takes_back_what_it_did(half, run, tmp_path):
    told = run("rollback", runs(tmp_path)[0], "--yes")

    assert (told.code, names(half)) == (0, [])


@pytest.fixture
def three(aws, run, tmp_path):
    """A plan for two regions; eu-west-1's function changed since, so it fails there."""
    golden, here = (region(api=function(aws.account, MemorySize=size)) for size in (512, 256))
    aws.seed(us_east_1=golden, eu_west_1=here, sa_east_1=here)
    settings(tmp_path, "us-east-1", "eu-west-1", "sa-east-1", types=[FUNCTION])
    run("plan", "--suspects", "-o", "plan.json")
    return aws


def refuse_in_ireland(aws):
    aws.client("lambda", "eu-west-1").update_function_configuration(FunctionName="api", Timeout=60)


def test_a_wave_is_done_before_the_next_begins(three, run, tmp_path):
    run("apply", "plan.json", "--yes", "--wave", "sa-east-1", "--wave", "rest")

    assert [one["site"] for one in entries(tmp_path) if one["event"] == "calling"] == ["sa-east-1", "eu-west-1"]


def test_the_first_failure_stops_the_waves_after_it(three, run):
    refuse_in_ireland(three)

    told = run("apply", "plan.json", "--yes", "--wave", "eu-west-1", "--wave", "rest")

    said = f"sa-east-1: update {FUNCTION}/api (configuration): not done: an earlier wave failed"
    assert (told.code, said in told.err.splitlines(), memory(three, where="sa-east-1")) == (3, True, 256)


def test_a_failure_that_is_tolerated_stops_nothing(three, run):
    refuse_in_ireland(three)

    told = run("apply", "plan.json", "--yes", "--wave", "eu-west-1", "--wave", "rest", "--tolerate", "1")

    assert (told.code, memory(three, where="sa-east-1")) == (3, 512)


def test_a_site_that_no_wave_names_comes_last(three, run, tmp_path):
    run("apply", "plan.json", "--yes", "--wave", "sa-east-1")

    assert [one["site"] for one in entries(tmp_path) if one["event"] == "calling"] == ["sa-east-1", "eu-west-1"]


def test_the_plan_is_for_the_regions_that_differ_only(three, tmp_path):
    plan = json.loads((tmp_path / "plan.json").read_text())

    assert sorted(one["site"] for one in plan["actions"]) == ["eu-west-1", "sa-east-1"]


def test_a_resumed_run_keeps_its_waves(three, run, tmp_path):
    three.client("lambda", "eu-west-1").update_function_configuration(FunctionName="api", Timeout=60)
    run("apply", "plan.json", "--yes", "--wave", "eu-west-1", "--wave", "rest")
    three.client("lambda", "eu-west-1").update_function_configuration(FunctionName="api", Timeout=3)

    told = run("resume", runs(tmp_path)[0])

    assert (told.code, calls(tmp_path), [one["site"] for one in entries(tmp_path) if one["event"] == "calling"]) == (
        0,
        ["lambda.UpdateFunctionConfiguration"] * 2,
        ["eu-west-1", "sa-east-1"],
    )
