"""The nightly audit as Lambda calls it: what it answers, what it leaves, and what it never says."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from webhook import webhook

from auditor.errors import AuditorError, OutOfTimeError, SettingsError, StoreError
from auditor.nightly import handler
from faults import Faults

CANARY = "canary-7c1e0b5d"
KEY = f"{CANARY}-{'k' * 40}"
FUNCTION = {"Role": "arn:aws:iam::123456789012:role/shop", "Runtime": "python3.12", "Handler": "app.handler",
            "MemorySize": 512, "Code": {"app.py": "def handler(event, context): return 1\n"}}  # fmt: skip
SETTINGS = (
    "golden: us-east-1\nregions: [us-east-1, eu-west-1]\ntypes: ['AWS::Lambda::Function']\n"
    "store: elsewhere\nnotify: [{url: '${HOOK}', when: [always]}]\n"
)
SCHEDULED = {"version": "0", "source": "aws.scheduler", "detail-type": "Scheduled Event", "detail": "{}"}


class Context:
    """What Lambda tells of a call: how long it may still take, in seconds."""

    def __init__(self, seconds=900.0):
        self.seconds = seconds

    def get_remaining_time_in_millis(self):
        return int(self.seconds * 1000)


@pytest.fixture
def hook():
    with webhook() as running:
        yield running


@pytest.fixture
def nightly(aws, hook, monkeypatch):
    """A function in two regions, not alike; settings and secrets where the stack has them. Audits."""
    own = {"AWS::Lambda::Function": {"api": FUNCTION}}
    aws.seed(us_east_1=own, eu_west_1={"AWS::Lambda::Function": {"api": {**FUNCTION, "MemorySize": 256}}})
    aws.client("s3").create_bucket(Bucket="kept")
    write_settings(aws, SETTINGS)
    secrets = aws.client("secretsmanager")
    key = secrets.create_secret(Name="key", SecretString=KEY)["ARN"]
    secrets.create_secret(Name="variables", SecretString=json.dumps({"HOOK": f"json://{hook.address}/{CANARY}"}))
    for name, value in {
        "AWS_REGION": "us-east-1",
        "AUDITOR_SETTINGS": "s3://kept/settings/auditor.yaml",
        "AUDITOR_STORE": "s3://kept/store",
        "AUDITOR_KEY_SECRET": key,
        "AUDITOR_VARIABLES_SECRET": "variables",
    }.items():
        monkeypatch.setenv(name, value)
    return lambda seconds=900.0: handler(SCHEDULED, Context(seconds))


def write_settings(aws, text):
    aws.client("s3").put_object(Bucket="kept", Key="settings/auditor.yaml", Body=text.encode())


def keys(aws, prefix="store/"):
    found = aws.client("s3").list_objects_v2(Bucket="kept", Prefix=prefix).get("Contents", ())
    return [one["Key"] for one in found]


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def test_an_event_of_the_scheduler_leaves_a_report_in_the_bucket(aws, nightly):
    page = nightly()["page"]

    assert (page.removeprefix("s3://kept/") in keys(aws), "store/reports/latest.html" in keys(aws)) == (True, True)


def test_people_are_told_at_the_address_that_the_secret_has(nightly, hook):
    nightly()

    assert [one["title"] for one in hook.got] == ["auditor: 1 open finding"]


def test_drift_is_an_answer(nightly):
    told = nightly()

    assert (told["exit_code"], told["summary"]) == (
        2,
        {"resources": 1, "changed": 1, "missing": 0, "extra": 0, "unreadable": 0, "excepted": 0},
    )


def test_regions_that_are_alike_are_an_answer_too(aws, nightly):
    aws.client("lambda", "eu-west-1").update_function_configuration(FunctionName="api", MemorySize=512)

    assert nightly()["exit_code"] == 0


def test_what_could_not_be_read_is_an_answer(nightly, monkeypatch, sandbox, free_port):
    faults = Faults(sandbox.environment()["AWS_ENDPOINT_URL"], free_port)
    faults.add({"service": "lambda", "region": "eu-west-1", "error": {"code": "AccessDeniedException", "status": 403}})
    monkeypatch.setenv("AWS_ENDPOINT_URL", faults.url)
    told = nightly()
    faults.stop()

    assert told["exit_code"] == 3


def test_the_store_is_the_stacks_whatever_the_settings_say(nightly):
    assert nightly()["page"].startswith("s3://kept/store/reports/")


def test_without_settings_the_call_fails_so_that_the_alarm_sees_it(aws, nightly):
    aws.client("s3").delete_object(Bucket="kept", Key="settings/auditor.yaml")

    with pytest.raises(StoreError, match=r"^s3://kept/settings/auditor\.yaml could not be read"):
        nightly()


def test_a_mistake_in_the_settings_is_told_with_the_object_and_its_line(aws, nightly):
    write_settings(aws, f"{SETTINGS}stroe: x\n")

    with pytest.raises(SettingsError) as refused:
        nightly()

    assert str(refused.value) == ("s3://kept/settings/auditor.yaml:6: unknown key 'stroe'. Did you mean 'store'?")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("AUDITOR_SETTINGS", "", "The environment has no AUDITOR_SETTINGS. Nothing was audited."),
        ("AUDITOR_KEY_SECRET", "nowhere", "The secret nowhere could not be read (ResourceNotFoundException)."),
        ("AUDITOR_VARIABLES_SECRET", "key", "The secret key is not JSON of variables and their values."),
    ],
)
def test_what_the_stack_lacks_is_named(nightly, monkeypatch, name, value, said):
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError) as refused:
        nightly()

    assert (said in str(refused.value), CANARY in str(refused.value)) == (True, False)


def test_the_last_line_says_what_it_came_to(nightly, capfd):
    told = nightly()

    last = lines(capfd.readouterr().err)[-1]
    assert (last["event"], last["page"], last["exit_code"]) == ("audited", told["page"], 2)


def test_cloudwatch_finds_the_metrics_in_the_log(nightly, capfd):
    nightly()

    (line,) = lines(capfd.readouterr().out)
    assert (line["_aws"]["CloudWatchMetrics"][0]["Namespace"], line["Findings"]) == ("auditor", 1)


def test_no_secret_is_said_or_stored(aws, nightly, capfd):
    nightly()

    said = "".join(capfd.readouterr())
    kept = [aws.client("s3").get_object(Bucket="kept", Key=key)["Body"].read() for key in keys(aws)]
    assert (CANARY in said, CANARY.encode() in b"".join(kept)) == (False, False)


def test_a_new_key_makes_no_new_finding(aws, nightly, capfd):
    for region, password in (("us-east-1", "one"), ("eu-west-1", "two")):
        aws.client("lambda", region).update_function_configuration(
            FunctionName="api", Environment={"Variables": {"PASSWORD": password}}
        )
    nightly()
    aws.client("secretsmanager").put_secret_value(SecretId="key", SecretString="n" * 44)
    nightly()

    last = lines(capfd.readouterr().err)[-1]
    assert (last["exit_code"], last["new"], last["fixed"]) == (2, 0, 0)


def test_a_secret_never_becomes_a_variable_of_the_process(nightly):
    nightly()

    assert [name for name, value in os.environ.items() if CANARY in value] == []


def test_a_bug_is_told_by_its_kind_and_place_and_not_by_what_it_quotes(nightly, monkeypatch, capfd):
    def broken(*_):
        raise ValueError(CANARY)

    monkeypatch.setattr("auditor.nightly.outcome", broken)

    with pytest.raises(AuditorError) as failed:
        nightly()
    said = capfd.readouterr().err
    assert (str(failed.value), "in broken" in said, CANARY in said) == (
        "ValueError: this is a bug. The audit failed; the log says where.",
        True,
        False,
    )


@pytest.fixture
def ended(aws, nightly, monkeypatch, sandbox, free_port, capfd):
    """How a night ended in which AWS answers too late, and the report of the one before."""
    nightly()
    before = report(aws)
    faults = Faults(sandbox.environment()["AWS_ENDPOINT_URL"], free_port)
    faults.add({"service": "lambda", "operation": "ListFunctions", "latency": 4000})
    monkeypatch.setenv("AWS_ENDPOINT_URL", faults.url)
    # Its first answer takes it long.
    aws.client("sts").get_caller_identity()
    try:
        with pytest.raises(OutOfTimeError) as error:
            nightly(3.0)
    finally:
        faults.stop()
    monkeypatch.setenv("AWS_ENDPOINT_URL", sandbox.environment()["AWS_ENDPOINT_URL"])
    return str(error.value), before


def report(aws):
    return aws.client("s3").get_object(Bucket="kept", Key="store/reports/latest.html")["Body"].read()


def test_an_audit_is_ended_before_lambda_ends_it_and_that_is_told(ended, hook, capfd):
    last = lines(capfd.readouterr().err)[-1]

    assert (last["event"], last["text"], hook.got[-1]["title"], ended[0][:77]) == (
        "failed",
        ended[0],
        "auditor: the audit failed",
        "The audit was not over 3 seconds after it began, and Lambda gives it no more.",
    )


def test_an_audit_that_was_ended_leaves_the_last_report_and_lets_the_next_one_in(aws, ended, nightly):
    unfinished = [key for key in keys(aws) if ".pending-" in key]

    assert (report(aws) == ended[1], unfinished, nightly()["exit_code"]) == (True, [], 2)


def test_a_container_that_is_stopped_tells_that_its_audit_failed(nightly, hook, monkeypatch, sandbox, free_port):
    faults = Faults(sandbox.environment()["AWS_ENDPOINT_URL"], free_port)
    faults.add({"service": "lambda", "operation": "ListFunctions", "latency": 8000})
    monkeypatch.setenv("AWS_ENDPOINT_URL", faults.url)
    try:
        command = [sys.executable, "-m", "auditor.nightly"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as program:
            # It says that it has begun.
            assert program.stderr.readline()
            time.sleep(1)
            program.send_signal(signal.SIGTERM)
            program.communicate(timeout=60)
    finally:
        faults.stop()

    assert (program.returncode, hook.got[-1]["title"]) == (130, "auditor: the audit failed")


def container(stdout):
    command = [sys.executable, "-m", "auditor.nightly"]
    return subprocess.run(command, stderr=subprocess.PIPE, stdout=stdout, text=True, timeout=120, check=False)


def test_a_container_whose_metrics_cannot_be_written_says_so_and_has_failed(nightly):
    with Path("/dev/full").open("wb") as full:
        told = container(full)

    last = lines(told.stderr)[-1]
    assert (told.returncode, last["event"], last["text"].partition(". ")[0]) == (
        1, "failed", "Standard output could not be written (No space left on device)",
    )  # fmt: skip


def test_a_container_whose_output_nobody_reads_ends_as_its_audit_does(nightly):
    read, written = os.pipe()
    os.close(read)
    try:
        told = container(written)
    finally:
        os.close(written)

    assert (told.returncode, lines(told.stderr)[-1]["exit_code"]) == (2, 2)
