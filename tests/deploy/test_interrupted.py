"""Ctrl-C while a deployment runs: it is left running, or stopped if the person at the terminal says so."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from contextlib import suppress

import pytest
from deploy.test_deploy import run_of

from shipping import REGIONS, settings, shop, until, waits_to_be_continued

__all__ = ["shop"]
SECONDS = 60


@pytest.fixture
def waiting(shop):
    """The shop, whose deployments in the first region wait to be continued, so that they do not end by themselves."""
    settings(shop, waves=[["us-east-1"], ["eu-west-1", "ap-southeast-2"]])
    waits_to_be_continued(shop.aws.client("codedeploy"))
    return shop


@pytest.fixture
def terminal():
    """Both ends of a terminal: a person's, and the program's."""
    ours, theirs = pty.openpty()
    yield ours, theirs
    os.close(ours)
    os.close(theirs)


def interrupted(tmp_path, stdin):
    """`auditor deploy`, which was sent SIGINT once its deployment ran; the process goes on."""
    with (tmp_path / "told").open("w") as told:
        process = subprocess.Popen(
            [sys.executable, "-m", "auditor", "deploy", "app", "--yes"],
            cwd=tmp_path, env={**os.environ, "PYTHONUNBUFFERED": "1"}, stdin=stdin, stdout=told, stderr=told,
        )  # fmt: skip
    until(lambda: " Ready" in (tmp_path / "told").read_text(), SECONDS)
    process.send_signal(signal.SIGINT)
    return process


def ended(process):
    with suppress(subprocess.TimeoutExpired):
        process.wait(SECONDS)
    process.kill()
    return process.wait()


def states(shop):
    return [[one["status"] for one in shop.deployments(region)] for region in REGIONS]


def test_without_a_terminal_what_runs_is_left_running(waiting, tmp_path):
    code = ended(interrupted(tmp_path, subprocess.DEVNULL))

    said = (tmp_path / "told").read_text().splitlines()[-1]
    message = (
        f"auditor: Run {run_of(tmp_path)} was interrupted. They were left running. Nothing further was begun. "
        f"Go on with 'auditor resume {run_of(tmp_path)}'."
    )
    assert (code, said, states(waiting)) == (130, message, [["Ready"], [], []])


@pytest.mark.parametrize(("answer", "status"), [("y", "Stopped"), ("n", "Ready"), ("", "Ready")])
def test_the_person_at_the_terminal_is_asked_whether_to_stop_it(waiting, terminal, tmp_path, answer, status):
    process = interrupted(tmp_path, terminal[1])
    until(lambda: "Stop them?" in (tmp_path / "told").read_text(), SECONDS)

    os.write(terminal[0], f"{answer}\n".encode())

    code = ended(process)
    assert (code, states(waiting)) == (130, [[status], [], []])


def test_a_second_interruption_leaves_it_running(waiting, terminal, tmp_path):
    process = interrupted(tmp_path, terminal[1])
    until(lambda: "Stop them?" in (tmp_path / "told").read_text(), SECONDS)

    process.send_signal(signal.SIGINT)

    code = ended(process)
    assert (code, states(waiting)) == (130, [["Ready"], [], []])


def test_a_deployment_that_was_left_running_is_followed_further_and_not_made_again(waiting, tmp_path, run):
    ended(interrupted(tmp_path, subprocess.DEVNULL))
    client = waiting.aws.client("codedeploy")
    (id_,) = client.list_deployments(applicationName="shop", deploymentGroupName="web")["deployments"]
    client.continue_deployment(deploymentId=id_, deploymentWaitType="READY_WAIT")

    finished = run("resume", run_of(tmp_path))

    assert (finished.code, states(waiting)) == (0, [["Succeeded"]] * 3), finished.err


def test_a_deployment_that_was_stopped_is_made_anew_when_the_run_goes_on(waiting, terminal, tmp_path, run):
    process = interrupted(tmp_path, terminal[1])
    until(lambda: "Stop them?" in (tmp_path / "told").read_text(), SECONDS)
    os.write(terminal[0], b"y\n")
    ended(process)
    waiting.aws.client("codedeploy").update_deployment_group(
        applicationName="shop",
        currentDeploymentGroupName="web",
        deploymentStyle={"deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL"},
    )

    finished = run("resume", run_of(tmp_path))

    assert (finished.code, states(waiting)[0]) == (0, ["Succeeded", "Stopped"]), finished.err
