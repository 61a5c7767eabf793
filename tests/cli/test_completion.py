"""Shell completion, in the shells themselves: keys are pressed, and what the command line became is looked at."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest

from auditor.commands import complete as complete_command
from auditor.runs import journal

SETTINGS = "golden: us-east-1\nregions: [us-east-1, eu-west-1]\n"
TYPED = 60
"""Seconds that a shell may take, on a machine that does other things."""


@pytest.fixture
def folder(clean_environment, tmp_path, monkeypatch):
    """A folder with settings, two snapshots and a run, and the program on the path."""
    (tmp_path / "auditor.yaml").write_text(SETTINGS)
    for id_ in ("20261124T010203Z", "20261123T010203Z"):
        (tmp_path / "snapshots" / id_).mkdir(parents=True)
        (tmp_path / "snapshots" / id_ / "manifest.json").write_text("{}")
    journal.begin(tmp_path / "snapshots", datetime(2026, 11, 25, 1, 2, 3, tzinfo=UTC), "{}", {}, b"k" * 32).close()
    program = tmp_path / "bin" / "auditor"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m auditor "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("TERM", "dumb")
    # Whoever asks AWS is found out.
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    return tmp_path


def script(shell):
    return subprocess.run(["auditor", "completion", shell], check=True, capture_output=True, text=True).stdout


def typed(shell, setup, line, folder):
    """The arguments of the program after `line` was typed in a terminal, and tab, and return; what was shown."""
    if shutil.which(shell[0]) is None:
        pytest.skip(f"{shell[0]} is not installed")
    (folder / "setup").write_text(setup)
    process, terminal = pty.fork()
    if process == 0:
        os.execvp(shell[0], shell)
    try:
        # Run instead of the program, it writes down what it was given; `env auditor` is still the program.
        os.write(terminal, b"auditor() { printf '%s\\n' \"$@\" > given; mv given arguments; }; . ./setup\r")
        shown = awaited(terminal, lambda text: "set-up-is-done" in text.replace("echo set-up-is-done", ""))
        os.write(terminal, f"{line}\t".encode())
        time.sleep(0.2)
        os.write(terminal, b"\r")
        shown += awaited(terminal, lambda _: (folder / "arguments").exists())
        return (folder / "arguments").read_text().splitlines(), shown
    finally:
        os.kill(process, 9)
        os.waitpid(process, 0)
        os.close(terminal)


def awaited(terminal, done):
    shown, deadline = "", time.monotonic() + TYPED
    while not done(shown):
        assert time.monotonic() < deadline, shown
        if select.select([terminal], [], [], 0.1)[0]:
            shown += os.read(terminal, 65536).decode(errors="replace")
    return shown


def in_bash(line, folder):
    setup = f"PS1='$ '\n{script('bash')}\necho set-up-is-done\n"
    return typed(["bash", "--norc", "--noprofile", "-i"], setup, line, folder)


def in_zsh(line, folder):
    setup = f"PS1='$ '\nautoload -Uz compinit; compinit -u\n{script('zsh')}\necho set-up-is-done\n"
    return typed(["zsh", "-f", "-i"], setup, line, folder)


def in_fish(line, folder):
    if shutil.which("fish") is None:
        pytest.skip("fish is not installed")
    (folder / "auditor.fish").write_text(script("fish"))
    command = ["fish", "--no-config", "-c", f"source auditor.fish; complete -C '{line}'"]
    told = subprocess.run(command, capture_output=True, text=True, timeout=TYPED, check=True)
    return [one.split("\t")[0] for one in told.stdout.splitlines()], told.stderr


COMPLETED = [
    ("auditor snaps", ["snapshot"]),
    ("auditor diff --strict --gol", ["diff", "--strict", "--golden"]),
    ("auditor diff --format js", ["diff", "--format", "json"]),
    ("auditor diff 20261124", ["diff", "20261124T010203Z"]),
    ("auditor report latest 20261123", ["report", "latest", "20261123T010203Z"]),
    ("auditor snapshot --region eu-", ["snapshot", "--region", "eu-west-1"]),
    ("auditor diff --golden us-", ["diff", "--golden", "us-east-1"]),
    ("auditor plan --site eu", ["plan", "--site", "eu-west-1"]),
    ("auditor plan --type AWS::Lambda::Ac", ["plan", "--type", "AWS::Lambda::AccountSettings"]),
    ("auditor types AWS::S3::B", ["types", "AWS::S3::Bucket"]),
    ("auditor resume 2026", ["resume", "20261125T010203Z"]),
    ("auditor rollback 2026", ["rollback", "20261125T010203Z"]),
    ("auditor init --region sa-", ["init", "--region", "sa-east-1"]),
]


@pytest.mark.parametrize(("line", "expected"), COMPLETED)
def test_bash_completes(folder, line, expected):
    assert in_bash(line, folder)[0] == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("auditor diff --golden=us-", ["diff", "--golden=us-east-1"]),
        ("auditor types 'AWS::S3::B", ["types", "AWS::S3::Bucket"]),
        ("auditor diff --config other.yaml --region ap-", ["diff", "--config", "other.yaml", "--region", "ap-south-1"]),
        ("auditor resume --store kept 2026", ["resume", "--store", "kept", "2026"]),
    ],
)
def test_bash_completes_words_as_they_are_meant(folder, line, expected):
    (folder / "other.yaml").write_text("regions: [ap-south-1]\n")

    assert in_bash(line, folder)[0] == expected


@pytest.mark.parametrize(("line", "expected"), [COMPLETED[0], COMPLETED[3], COMPLETED[8], COMPLETED[10]])
def test_zsh_completes(folder, line, expected):
    assert in_zsh(line, folder)[0] == expected


@pytest.mark.parametrize(("line", "expected"), [COMPLETED[0], COMPLETED[3], COMPLETED[8], COMPLETED[10]])
def test_fish_completes(folder, line, expected):
    assert in_fish(line, folder)[0] == expected[-1:]


def test_snapshots_are_offered_newest_first(folder):
    # fish sorts what it is given; what the program answers is looked at itself.
    asked = {**os.environ, "_AUDITOR_COMPLETE": "zsh_complete", "COMP_WORDS": "auditor diff ", "COMP_CWORD": "2"}
    told = subprocess.run(["auditor"], env=asked, capture_output=True, text=True, check=True).stdout.splitlines()

    assert told[1::3] == ["latest", "20261124T010203Z", "20261123T010203Z"]


@pytest.mark.parametrize("content", ["regions: [", "regions: 7\nstore: [1]\n", "\x00"])
def test_a_settings_file_that_is_wrong_is_no_matter_while_completing(folder, content):
    (folder / "auditor.yaml").write_text(content)
    (folder / "snapshots" / "runs").chmod(0)

    asked = {**os.environ, "_AUDITOR_COMPLETE": "zsh_complete", "COMP_CWORD": "3"}
    told = [
        subprocess.run(["auditor"], env={**asked, "COMP_WORDS": words}, capture_output=True, text=True, check=False)
        for words in ("auditor diff --golden x", "auditor diff --strict 2", "auditor resume --strict 2")
    ]

    assert [(one.returncode, one.stderr) for one in told] == [(0, "")] * 3


def test_only_shells_that_are_known_have_a_script(run, clean_environment):
    assert run("completion", "powershell").code == 1


def test_a_glob_is_no_site_to_complete(folder):
    (folder / "sites.yaml").write_text("regions: ['*/us-east-1', eu-west-1]\n")

    assert complete_command.sites(folder / "sites.yaml", {}) == ("eu-west-1",)
