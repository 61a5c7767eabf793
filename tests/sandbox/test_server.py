"""The embedded AWS starts fast, listens on 127.0.0.1 only, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import boto3
import psutil
import pytest

from auditor.errors import SandboxError
from auditor.sandbox.server import Sandbox


def child(running):
    return psutil.Process(running._process.pid)


def gone(pids, seconds=10):
    deadline = time.monotonic() + seconds
    while any(psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_it_listens_on_the_loopback_address_only(sandbox):
    listening = {one.laddr.ip for one in child(sandbox).net_connections() if one.status == "LISTEN"}

    assert listening == {"127.0.0.1"}


def test_two_can_run_side_by_side(sandbox):
    with Sandbox() as other:
        assert other.environment()["AWS_ENDPOINT_URL"] != sandbox.environment()["AWS_ENDPOINT_URL"]


def test_stopping_leaves_no_process_and_no_file():
    running = Sandbox()
    running.start()
    pid, folder = child(running).pid, child(running).cwd()
    running.stop()

    assert (gone([pid]), Path(folder).exists()) == (True, False)


def test_a_server_that_cannot_be_started_leaves_no_file(sandbox, tmp_path, free_port):
    taken = sandbox.environment()["AWS_ENDPOINT_URL"].rpartition(":")[2]
    command = [sys.executable, "-m", "auditor.sandbox.serve", taken, str(free_port)]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}

    # In a session of its own, as the sandbox starts it: it ends with its whole group.
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, start_new_session=True
    ) as started:
        code = started.wait(timeout=60)

    assert (code != 0, list(tmp_path.iterdir())) == (True, [])


def test_a_parent_that_is_killed_takes_it_along():
    code = (
        "import time; from auditor.sandbox.server import Sandbox; s = Sandbox(); s.start(); "
        "print(s._process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    pid = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()

    assert gone([pid])


def test_a_port_that_is_taken_is_refused_by_number(sandbox):
    port = int(sandbox.environment()["AWS_ENDPOINT_URL"].rpartition(":")[2])

    with pytest.raises(SandboxError, match=f"Port {port} on 127.0.0.1 cannot be used"):
        Sandbox(port).start()


def test_inside_it_no_variable_of_the_outside_is_left(sandbox, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "production")
    with sandbox.entered():
        inside = os.environ.get("AWS_PROFILE")

    assert (inside, os.environ["AWS_PROFILE"]) == (None, "production")


def test_accounts_are_kept_apart(aws):
    aws.client("s3").create_bucket(Bucket="only-here")
    other = boto3.Session("999999999999", "x").client("s3", region_name="us-east-1")

    assert other.list_buckets()["Buckets"] == []


def test_the_command_prints_what_a_shell_needs_and_ends_when_interrupted(tmp_path):
    command = [sys.executable, "-m", "auditor", "sandbox", "--empty"]
    served = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
    lines = [served.stdout.readline() for _ in range(7)]
    served.stderr.readline()
    served.send_signal(signal.SIGINT)
    served.communicate(timeout=20)

    assert (lines[0].startswith("export AWS_ENDPOINT_URL=http://127.0.0.1:"), lines[-1], served.returncode) == (
        True,
        "unset AWS_PROFILE AWS_SESSION_TOKEN\n",
        130,
    )
