"""`auditor init` asks which region is golden where what the regions hold does not decide it."""

from __future__ import annotations

import os
import pty
import select
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from ruamel.yaml import YAML

FUNCTION = "AWS::Lambda::Function"
API = {
    "Runtime": "python3.12",
    "Role": "arn:aws:iam::123456789012:role/shop",
    "Handler": "app.handler",
    "Code": {"app.py": "x = 1\n"},
}
SECONDS = 60
INTERRUPT, END = b"\x03", b"\x04"


@pytest.fixture
def tied(aws):
    """An account whose two regions have the same in common, one of them more of its own."""
    aws.seed(us_east_1={FUNCTION: {"api": API}}, eu_west_1={FUNCTION: {"api": API, "old": API}})


def at_terminal(typed: bytes, *options: str) -> tuple[int, str]:
    """The program at a terminal where this is typed once it asks: its exit code, and what the terminal shows."""
    command = [sys.executable, "-m", "auditor", "init", "--region", "us-east-1,eu-west-1", *options]
    child, terminal = pty.fork()
    if not child:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.execv(command[0], command)
    shown, deadline = b"", time.monotonic() + SECONDS
    with suppress(OSError):  # Linux's way to say that the terminal is at its end
        while time.monotonic() < deadline:
            if select.select([terminal], [], [], 0.1)[0]:
                shown += os.read(terminal, 4096)
            if typed and b"[us-east-1]: " in shown:
                os.write(terminal, typed)
                typed = b""
    if time.monotonic() >= deadline:
        os.kill(child, signal.SIGKILL)
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown.decode()


def golden() -> str:
    return str(YAML(typ="safe").load(Path("auditor.yaml"))["golden"])


@pytest.mark.parametrize(("typed", "expected"), [(b"\n", "us-east-1"), (b"nowhere\neu-west-1\n", "eu-west-1")])
def test_the_region_that_is_typed_is_golden_and_enter_takes_the_persons_own(tied, typed, expected):
    code, shown = at_terminal(typed)

    assert (code, golden(), f"golden: {expected} (named)" in shown) == (0, expected, True), shown


@pytest.mark.parametrize(
    ("typed", "code", "message"),
    [
        (INTERRUPT, 130, "interrupted; nothing was left half-written."),
        (END, 1, "No region was named as golden. Nothing was written. Say --golden REGION."),
    ],
)
def test_who_does_not_answer_has_no_file(tied, typed, code, message):
    ended, shown = at_terminal(typed)

    assert (ended, message in shown, "Traceback" in shown, Path("auditor.yaml").exists()) == (code, True, False, False)


@pytest.mark.parametrize("options", [("-q",), ("--golden", "us-east-1")])
def test_nothing_is_asked_of_who_wants_silence_or_named_golden(tied, options):
    code, shown = at_terminal(b"", *options)

    assert (code, golden(), "Which region" in shown) == (0, "us-east-1", False)
