"""What is told while sites are read."""

from __future__ import annotations

import io
import json
import re
import sys
from datetime import UTC, datetime, timedelta

import pytest

from auditor.cli.progress import event, progress_shown
from auditor.model.values import Site

IRELAND = Site("eu-west-1", "prod")


class Terminal(io.StringIO):
    """A stream that says that somebody is watching."""

    def isatty(self):
        return True


@pytest.fixture
def watched(monkeypatch):
    """What somebody at a terminal sees of a telling."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)

    def seen(count, **options):
        # Not before the test itself runs: pytest puts its own stream in place between a fixture and its test.
        stream = Terminal()
        monkeypatch.setattr(sys, "stderr", stream)
        tell(count, **options)
        return stream.getvalue()

    return seen


def timeless(line):
    """A line without the time that it tells."""
    return re.sub(r', "time": "\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"', "", line)


def tell(count, quiet=False, json_log=False):
    with progress_shown(quiet=quiet, json_log=json_log) as told:
        for done in range(1, count + 1):
            told(IRELAND, done, count)


def test_a_log_has_one_json_object_a_line_for_each_hundred_and_for_the_last(capsys):
    tell(201, json_log=True)

    assert [timeless(line) for line in capsys.readouterr().err.splitlines()] == [
        '{"event": "read", "found": 201, "resources": 100, "site": "prod/eu-west-1"}',
        '{"event": "read", "found": 201, "resources": 200, "site": "prod/eu-west-1"}',
        '{"event": "read", "found": 201, "resources": 201, "site": "prod/eu-west-1"}',
    ]


def test_an_event_is_one_line_whatever_it_holds(capsys):
    event(event="failed", message="two\nlines")

    assert timeless(capsys.readouterr().err) == '{"event": "failed", "message": "two\\nlines"}\n'


def test_an_event_tells_when_it_was(capsys):
    before = datetime.now(UTC)
    event(event="read")

    told = datetime.fromisoformat(json.loads(capsys.readouterr().err)["time"])
    assert before - timedelta(milliseconds=1) <= told <= datetime.now(UTC)


def test_results_have_stdout_to_themselves(capsys):
    tell(1, json_log=True)

    assert capsys.readouterr().out == ""


def test_where_nobody_watches_there_is_no_bar(capsys):
    tell(3)

    assert capsys.readouterr().err == ""


def test_on_a_terminal_there_is_a_bar_for_each_site(watched):
    assert "prod/eu-west-1" in watched(3)


def test_who_wants_no_colour_gets_no_bar(watched, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")

    assert watched(3) == ""


@pytest.mark.parametrize("json_log", [False, True])
def test_who_wants_quiet_gets_nothing(watched, json_log):
    assert watched(3, quiet=True, json_log=json_log) == ""
