"""Where output goes that cannot be printed, and what signals come to, in a process of its own from its start."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from threading import Thread

import click
import pytest

from auditor.cli.main import FORMATS, main
from auditor.cli.streams import guarded
from auditor.errors import OutputError

FULL = (
    "Standard output could not be written (No space left on device). The result was not printed whole. Check the space "
    "left where it is sent to, or write to a file with -o where the command has it."
)
INTERRUPTED = "auditor: interrupted; nothing was left half-written.\n"
pytestmark = pytest.mark.usefixtures("clean_environment")


@contextmanager
def output_to(descriptor):
    """The process's standard output and error there, in place of pytest's."""
    kept = [os.dup(one) for one in (1, 2)]
    streams = sys.stdout, sys.stderr
    try:
        for one in (1, 2):
            os.dup2(descriptor, one)
        sys.stdout, sys.stderr = (io.TextIOWrapper(io.FileIO(one, "w", closefd=False)) for one in (1, 2))
        yield
    finally:
        sys.stdout, sys.stderr = streams
        for one, own in zip((1, 2), kept, strict=True):
            os.dup2(own, one)
            os.close(own)


@contextmanager
def full_device():
    descriptor = os.open("/dev/full", os.O_WRONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def test_a_full_disk_behind_the_output_is_one_error_however_often_it_is_printed():
    told = []
    with full_device() as full, output_to(full), guarded():
        for _ in range(2):
            try:
                click.echo("result")
            except OutputError as error:
                told.append(str(error))

    assert told == [FULL, FULL]


def test_a_reader_that_has_seen_enough_is_no_error():
    there, here = os.pipe()
    os.close(there)
    with output_to(here), guarded():
        click.echo("result")
        click.echo("note", err=True)
    os.close(here)


def test_notes_that_cannot_be_told_end_nothing():
    with full_device() as full, output_to(full), guarded():
        click.echo("note", err=True)


def code_with_full_output(*arguments):
    with full_device() as full, output_to(full), pytest.raises(SystemExit) as ended:
        main([*arguments])
    return ended.value.code


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"], ["--version"], ["types"], ["types", "AWS::S3::Bucket"], ["diff", "--help"], ["iam-policy"],
        ["init", "--schema"],
    ],
)  # fmt: skip
def test_every_command_ends_with_1_where_its_result_cannot_be_printed(arguments):
    assert code_with_full_output(*arguments) == 1


def test_so_does_a_comparison_in_every_format_and_every_other_result_of_one(aws, run):
    aws.seed(us_east_1={"AWS::S3::Bucket": {f"assets-{aws.account}": {}}})
    taken = run("snapshot", "--golden", "us-east-1", "--region", "us-east-1", "--region", "eu-west-1")
    assert taken.code == 0, taken
    commands = [
        *(["diff", "latest", "--format", form] for form in ("table", *FORMATS)),
        ["report", "latest", "-o", "r.html"], ["snapshot", "list"], ["snapshot", "show", "latest"],
        ["snapshot", "verify", "latest"],
    ]  # fmt: skip

    assert {" ".join(one): (run(*one).code, code_with_full_output(*one)) for one in commands} == {
        " ".join(one): (0 if one[0] == "snapshot" else 2, 1) for one in commands
    }


def process(*arguments, **streams):
    return subprocess.Popen([sys.executable, "-m", "auditor", *arguments], **streams)


def test_what_is_left_of_the_output_is_not_told_of_twice():
    with full_device() as full, process("types", stdout=full, stderr=subprocess.PIPE, text=True) as ended:
        assert (ended.communicate()[1], ended.returncode) == (f"auditor: {FULL}\n", 1)


@pytest.mark.parametrize(("closed", "told"), [("<&- >&-", "(Bad file descriptor)"), (">&- 2>&-", "")])
def test_streams_that_are_closed_are_not_mistaken_for_files(closed, told):
    ended = subprocess.run(
        ["sh", "-c", f'exec "$0" -m auditor types {closed}', sys.executable],
        check=False, capture_output=True, text=True,
    )  # fmt: skip

    assert (ended.returncode, told in ended.stderr, "Traceback" in ended.stderr) == (1, True, False)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("options", [[], ["--json-log"]])
def test_a_signal_while_the_program_is_loaded_ends_it_as_later(sent, options):
    # Python tells of each module that it has loaded: this one is the first of many.
    command = [sys.executable, "-v", "-m", "auditor", "diff", *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as running:
        lines = iter(running.stderr.readline, "")
        next(line for line in lines if line.startswith("import 'auditor.cli.options'") or "import 'click'" in line)
        running.send_signal(sent)
        rest = running.stderr.read()

    assert (running.returncode, "Traceback" in rest) == (130, False)
    assert (
        rest.endswith(INTERRUPTED) if not options else re.search(r'\{"event": "failed", "exit_code": 130.*\}\n$', rest)
    )


def test_a_signal_that_was_ignored_stays_so():
    program = "import os, signal, auditor.__main__ as one; one._end_at_once(); os.kill(os.getpid(), signal.SIGINT)"
    ended = subprocess.run(
        ["sh", "-c", 'trap "" INT; exec "$0" -c "$1"', sys.executable, program],
        check=False, capture_output=True, text=True,
    )  # fmt: skip

    assert (ended.returncode, ended.stderr) == (0, "")


def test_who_calls_main_keeps_its_own_handler_of_sigterm(run):
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        run("types")

        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)


def test_main_runs_in_a_thread_too():
    came = []

    def called():
        try:
            main(["--version"])
        except SystemExit as ended:
            came.append(ended.code)

    thread = Thread(target=called)
    thread.start()
    thread.join(60)

    assert came == [0]
