"""What is seen of deployments while they go on, and of what failed on which instance."""

from __future__ import annotations

import io
import json
import re
import sys
import time

import pytest

from auditor.cli.watch import watching
from auditor.model.stages import Stage, Step
from shipping import APPSPEC, shop

__all__ = ["shop"]

LOG = ["LifecycleEvent - ApplicationStart", "Script - start.sh", "[stdout]DB_PASSWORD=***", "[stdout]no space"]


@pytest.fixture
def broken(shop):
    """A shop whose script fails in every region."""
    (shop.folder / "appspec.yml").write_text(f"{APPSPEC}hooks: {{ApplicationStart: [{{location: start.sh}}]}}\n")
    script = shop.folder / "start.sh"
    script.write_text("#!/bin/sh\necho DB_PASSWORD=hunter2\necho no space\nexit 3\n")
    script.chmod(0o755)
    return shop


def test_what_failed_is_told_by_instance_with_the_end_of_its_log(broken, run):
    finished = run("deploy", "app", "--yes", "--region", "us-east-1")

    why = "i-00000000000000001 failed at ApplicationStart (ScriptFailed, start.sh): Script at specified location: "
    assert finished.code == 3
    assert [line.strip() for line in finished.out.splitlines()[2:]] == [
        f"{why}start.sh failed with exit code 3", *(f"| {line}" for line in LOG),
    ]  # fmt: skip
    assert "hunter2" not in finished.out + finished.err
    assert finished.err.count(why) == 1


def test_a_pipe_has_one_line_for_each_state_and_nothing_that_moves(shop, run):
    finished = run("deploy", "app", "--yes", "--region", "eu-west-1")

    told = [line.split()[1:] for line in finished.err.splitlines() if line.startswith("eu-west-1 ")]
    assert [words[-1] for words in told[1:]] == ["InProgress", "Succeeded", "deployed"]
    assert "\x1b" not in finished.err + finished.out


def test_a_log_has_an_event_for_each_change_with_numbers_and_one_for_each_failure(broken, run):
    finished = run("deploy", "app", "--yes", "--json-log", "--region", "eu-west-1")

    events = [json.loads(line) for line in finished.err.splitlines()]
    going = [one for one in events if one["event"] == "deployment" and "status" in one]
    (failed,) = (one for one in events if one["event"] == "target failed")
    assert [(one["status"], one["targets"], one.get("at")) for one in going] == [
        ("InProgress", {"Succeeded": 1, "InProgress": 1}, {"i-00000000000000002": "DownloadBundle"}),
        ("Failed", {"Failed": 1, "Skipped": 1}, None),
    ]
    assert {
        name: failed[name] for name in ("site", "group", "target", "lifecycleEventName", "errorCode", "logTail")
    } == {
        "site": "eu-west-1",
        "group": "web",
        "target": "i-00000000000000001",
        "lifecycleEventName": "ApplicationStart",
        "errorCode": "ScriptFailed",
        "logTail": LOG,
    }


class Terminal(io.StringIO):
    """A stream that says that somebody is watching."""

    def isatty(self):
        return True


def test_the_lines_stop_before_somebody_is_asked_after_an_interruption(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    monkeypatch.setattr(sys, "stderr", stream := Terminal())

    with watching({"json_log": False, "quiet": False}) as watch:
        watch.tell(Step("eu-west-1", "web", "d-1 InProgress", Stage("d-1", "InProgress", {"InProgress": 2})))
        is_to_stop = watch.ask_to_stop(("eu-west-1 d-1",))
        drawn = len(stream.getvalue())
        time.sleep(0.4)

        assert (is_to_stop, drawn > 0, len(stream.getvalue())) == (False, True, drawn)


def test_a_terminal_has_one_line_a_site_that_changes_and_the_results_stay(shop, run, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys, "stderr", stream := Terminal())

    finished = run("deploy", "app", "--yes")

    seen = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue())
    assert finished.code == 0
    for site in ("us-east-1", "eu-west-1", "ap-southeast-2"):
        assert re.search(rf"{site} +\d:\d\d:\d\d .*web Succeeded, 2 of 2 instances", seen)
        assert re.search(rf"{site} +web +deployed", seen)
    assert "was deployed to 3 of 3" in finished.out
    assert "Succeeded" not in finished.out
