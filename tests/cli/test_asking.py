"""What writes to AWS asks first; where nobody can be asked, it writes only if it is told so."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from reconciling import differing, memory, runs

from auditor.cli.main import auditor
from shipping import shop  # noqa: F401 a fixture

WRITES = ("apply", "rollback", "reconcile", "deploy", "release")


def without_terminal(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The program with an empty standard input, and its standard error in a file."""
    command = [sys.executable, "-m", "auditor", *arguments]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)


def with_question_unseen(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The program at a terminal, with its standard error elsewhere: nobody would see a question."""
    ours, theirs = pty.openpty()
    try:
        os.write(ours, b"y\n")
        command = [sys.executable, "-m", "auditor", *arguments]
        return subprocess.run(command, stdin=theirs, capture_output=True, text=True, timeout=120, check=False)
    finally:
        os.close(ours)
        os.close(theirs)


def test_every_command_that_takes_yes_is_one_that_writes():
    asking = {name for name, one in auditor.commands.items() if any("--yes" in option.opts for option in one.params)}

    assert asking == set(WRITES)


@pytest.mark.parametrize("started", [without_terminal, with_question_unseen])
def test_nothing_is_shipped_where_nobody_can_be_asked(shop, started):  # noqa: F811
    told = started("deploy", "app")

    buckets = [shop.buckets(region) for region in ("us-east-1", "eu-west-1")]
    assert (told.returncode, "Say --yes" in told.stderr, "Nothing was uploaded." in told.stderr, buckets) == (
        1,
        True,
        True,
        [{}, {}],
    ), told.stderr


@pytest.mark.parametrize("command", [("reconcile",), ("apply", "plan.json"), ("rollback", "RUN")])
def test_nothing_is_written_where_nobody_can_be_asked(aws, run, tmp_path, command):
    differing(aws, tmp_path)
    run("plan", "-o", "plan.json")
    if "RUN" in command:
        run("apply", "plan.json", "--yes")
    before = memory(aws)

    told = run(*(runs(tmp_path)[-1] if one == "RUN" else one for one in command))

    assert (told.code, "Nobody can be asked" in told.err, memory(aws) == before) == (1, True, True), told.err


@pytest.mark.parametrize(
    "option",
    [
        ("--region", "eu-west-1"),
        ("--golden", "us-east-1"),
        ("--type", "AWS::S3::*"),
        ("--only", "api"),
        ("--site", "eu-west-1"),
        ("--allow-delete",),
        ("--strict",),
    ],
)
@pytest.mark.parametrize("command", ["apply", "rollback", "resume"])
def test_a_saved_plan_and_a_run_are_not_narrowed(clean_environment, run, command, option):
    Path("plan.json").write_text("no plan")

    told = run(command, "plan.json", *option)

    assert (told.code, told.err.startswith(f"auditor: {option[0]}: a saved plan, or a run, says")) == (1, True)
