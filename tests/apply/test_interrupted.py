"""Ctrl-C while a run goes on: it says how to go on, and going on finishes it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from reconciling import FUNCTION, function, memory, region, runs, settings

from faults import Faults


@pytest.fixture
def interrupted(aws, run, tmp_path, monkeypatch, free_port):
    """A run over two functions, one after the other, that was sent SIGINT while its first call was under way."""
    golden, here = (function(aws.account, MemorySize=size, Timeout=9) for size in (512, 256))
    aws.seed(us_east_1=region(a=golden, b=golden), eu_west_1=region(a=here, b=here))
    settings(tmp_path, "us-east-1", "eu-west-1", types=[FUNCTION])
    run("plan", "-o", "plan.json")
    faults = Faults(aws.environment["AWS_ENDPOINT_URL"], free_port)
    try:
        # Milliseconds.
        faults.add({"service": "lambda", "operation": "UpdateFunctionConfiguration", "latency": 4000})
        command = [sys.executable, "-m", "auditor", "apply", "plan.json", "--yes"]
        environment = {**os.environ, "AWS_ENDPOINT_URL": faults.url, "PYTHONUNBUFFERED": "1"}
        with subprocess.Popen(
            command, cwd=tmp_path, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            deadline = time.monotonic() + 60
            while not any('"calling"' in one.read_text() for one in tmp_path.rglob("journal.jsonl")):
                assert time.monotonic() < deadline
                time.sleep(0.02)
            process.send_signal(signal.SIGINT)
            told = process.communicate(timeout=60)
    finally:
        faults.stop()
    return process.returncode, *told


def test_an_interruption_gives_the_lock_back_and_names_the_run_and_how_to_go_on(interrupted, tmp_path):
    code, out, err = interrupted
    locks = list((tmp_path / "snapshots" / "locks").glob("*.json"))

    name = runs(tmp_path)[0]
    message = (
        f"auditor: Run {name} was interrupted. The calls under way were ended, nothing was begun after them, and all "
        f"of it is written down. Go on with 'auditor resume {name}', or take it back with 'auditor rollback {name}'."
    )
    assert (code, out, err.splitlines()[-1], locks) == (130, "", message, [])


def test_a_run_that_was_interrupted_is_finished_by_resuming_it(interrupted, aws, run, tmp_path):
    told = run("resume", runs(tmp_path)[0])

    assert (told.code, told.out, memory(aws, "a"), memory(aws, "b")) == (0, "in sync\n", 512, 512)
