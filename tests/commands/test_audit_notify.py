"""Whom the nightly audit tells of what, and the metrics that it leaves, on the embedded AWS."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from datetime import datetime
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from webhook import webhook

from auditor.store.audit_lock import alone
from auditor.store.storage import Folder
from faults import Faults

CANARY = "canary-7c1e0b5d"
FUNCTION = {"Role": "arn:aws:iam::123456789012:role/shop", "Runtime": "python3.12", "Handler": "app.handler",
            "Code": {"app.py": "def handler(event, context): return 1\n"}}  # fmt: skip
SHORT = "golden: us-east-1\nregions: [us-east-1, eu-west-1]\ntypes: ['AWS::Lambda::Function']\n"


class Nights:
    """A clock that tells the next night each time it is asked."""

    def __init__(self):
        self._days = itertools.count(1)

    def now(self, zone):
        return datetime(2026, 11, next(self._days), 1, tzinfo=zone)


@pytest.fixture
def shop(aws, monkeypatch):
    """A function in two regions, alike; two nights of one second are told apart, and nobody waits between tries."""
    own = {"AWS::Lambda::Function": {"api": {**FUNCTION, "MemorySize": 512}}}
    aws.seed(us_east_1=own, eu_west_1=own)
    monkeypatch.setenv("AUDITOR_FINGERPRINT_KEY", "a" * 44)
    monkeypatch.setattr("auditor.store.snapshot.datetime", Nights())
    monkeypatch.setattr("auditor.notify.send.send.__defaults__", ((0.0, 0.0),))
    return aws


@pytest.fixture
def hook():
    with webhook() as running:
        yield running


def change(aws, **settings):
    aws.client("lambda", "eu-west-1").update_function_configuration(FunctionName="api", **settings)


def settings(text):
    Path("auditor.yaml").write_text(SHORT + text)


def telling(hook, **options):
    settings("notify: [" + json.dumps({"url": f"json://{hook.address}/{CANARY}", **options}) + "]\n")


def titles(hook):
    return [one["title"] for one in hook.got]


def sample(name):
    """A metric of the Prometheus file, its samples summed; None where it has none."""
    families = text_string_to_metric_families(Path("auditor.prom").read_text())
    found = [one.value for family in families if family.name == name for one in family.samples]
    return sum(found) if found else None


def test_what_is_new_and_what_was_fixed_is_told_and_nothing_else(shop, hook, run):
    telling(hook)
    run("audit", "-q")
    change(shop, MemorySize=256)
    run("audit", "-q")
    run("audit", "-q")
    change(shop, MemorySize=512)
    run("audit", "-q")

    assert titles(hook) == ["auditor: 1 new, 0 fixed", "auditor: 0 new, 1 fixed"]


def test_the_message_leads_to_the_report_where_it_is_served(shop, hook, run):
    settings(f"notify: ['json://{hook.address}/']\nreport_url: https://reports.example/drift/\n")
    run("audit")
    change(shop, MemorySize=256)
    run("audit")

    assert "\nReport: https://reports.example/drift/20261102T010000Z.html\n" in hook.got[0]["message"]


def test_the_message_has_a_link_that_opens_the_report_in_the_bucket(shop, hook, run):
    shop.client("s3").create_bucket(Bucket="kept")
    settings(
        f"notify: [{{url: 'json://{hook.address}/', when: [always]}}]\nreport_url: presigned\nstore: s3://kept/n\n"
    )
    run("audit")

    link = next(line.removeprefix("Report: ") for line in hook.got[0]["message"].splitlines() if "Report: " in line)
    with urllib.request.urlopen(link, timeout=10) as answer:
        assert answer.read() == shop.client("s3").get_object(Bucket="kept", Key="n/reports/latest.html")["Body"].read()


def test_a_presigned_link_stands_in_the_message_alone(shop, hook, run):
    shop.client("s3").create_bucket(Bucket="kept")
    settings(
        f"notify: [{{url: 'json://{hook.address}/', when: [always]}}]\nreport_url: presigned\nstore: s3://kept/n\n"
    )
    told = run("audit", "-v", "--json-log")
    client = shop.client("s3")
    kept = [client.get_object(Bucket="kept", Key=one["Key"])["Body"].read().decode(errors="replace")
            for one in client.list_objects_v2(Bucket="kept")["Contents"]]  # fmt: skip

    assert ("X-Amz-Signature" in hook.got[0]["message"], "X-Amz-" in "".join((told.out, told.err, *kept))) == (
        True,
        False,
    )


def test_an_audit_that_found_another_at_work_has_failed(shop, hook, run):
    telling(hook)
    with alone(Folder(Path("snapshots"))):
        run("audit")

    assert titles(hook) == ["auditor: the audit failed"]


def test_what_could_not_be_told_is_told_the_next_night(shop, run):
    with webhook(200, 500, 500, 500, 200) as hook:
        settings(f"notify: [{{url: 'json://{hook.address}/', when: [always]}}]\n")
        run("audit", "-q")
        change(shop, MemorySize=256)
        run("audit", "-q")
        run("audit", "-q")

        assert titles(hook)[-1] == "auditor: 1 new, 0 fixed"


def test_what_an_audit_without_notification_found_is_told_by_the_next_one(shop, hook, run):
    telling(hook)
    run("audit", "-q")
    change(shop, MemorySize=256)
    run("audit", "-q", "--no-notify")
    run("audit", "-q")

    assert titles(hook) == ["auditor: 1 new, 0 fixed"]


def test_what_was_told_is_not_told_again(shop, hook, run):
    telling(hook)
    run("audit", "-q")
    change(shop, MemorySize=256)
    for _ in range(3):
        run("audit", "-q")

    assert titles(hook) == ["auditor: 1 new, 0 fixed"]


def test_what_is_accepted_no_longer_is_told_as_new(shop, hook, run):
    accepted = "exceptions: [{{resource: 'AWS::Lambda::Function/*', reason: 'for now', until: {}}}]\n"
    change(shop, MemorySize=256)
    notify = f"notify: ['json://{hook.address}/']\n"
    settings(notify + accepted.format("2999-01-01"))
    run("audit", "-q")
    settings(notify + accepted.format("2026-01-01"))
    run("audit", "-q")

    assert titles(hook) == ["auditor: 1 new, 0 fixed"]


def test_a_site_that_is_not_looked_at_any_more_is_told(shop, hook, run):
    telling(hook)
    run("audit", "-q", "--region", "us-east-1", "--region", "eu-west-1", "--region", "sa-east-1")
    told = run("audit", "-q")

    said = "\n\nNo longer looked at\n- sa-east-1" in hook.got[0]["message"]
    assert ("sa-east-1 was audited last time" in told.err, said) == (True, True)


def test_a_profile_of_organizations_that_is_not_there_is_told_too(shop, hook, run):
    settings(f"notify: ['json://{hook.address}/']\norganization: {{role_name: auditor, profile: nobody}}\n")

    told = run("audit", "-q")

    assert (told.code, titles(hook)) == (1, ["auditor: the audit failed"])


def test_an_audit_that_a_scheduler_ends_tells_that_it_failed(shop, hook, faults_at, tmp_path):
    telling(hook)
    environment = {**os.environ, "AWS_ENDPOINT_URL": faults_at}
    command = [sys.executable, "-m", "auditor", "audit", "--json-log"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as program:
        assert program.stderr.readline()
        time.sleep(1)
        program.send_signal(signal.SIGTERM)
        program.communicate(timeout=60)

    assert (program.returncode, titles(hook)) == (130, ["auditor: the audit failed"])


@pytest.fixture
def faults_at(shop, free_port):
    """The address of an AWS in which listing functions takes long."""
    faults = Faults(shop.environment["AWS_ENDPOINT_URL"], free_port)
    faults.add({"service": "lambda", "operation": "ListFunctions", "latency": 8000})
    yield faults.url
    faults.stop()


def test_one_who_always_wants_to_know_is_told_each_night(shop, hook, run):
    telling(hook, when=["always"])
    run("audit")

    assert titles(hook) == ["auditor: 0 open findings"]


def test_one_who_wants_only_what_is_fixed_is_not_told_what_is_new(shop, hook, run):
    telling(hook, when=["fixed"])
    run("audit")
    change(shop, MemorySize=256)
    run("audit")

    assert titles(hook) == []


def test_nobody_is_told_where_nobody_shall_be(shop, hook, run):
    telling(hook, when=["always"])
    run("audit", "--no-notify")

    assert titles(hook) == []


def test_an_audit_that_fails_is_told_and_fails_as_it_would(shop, hook, run, monkeypatch):
    telling(hook)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "")

    told = run("audit")

    assert (told.code, titles(hook), "No AWS credentials were found" in hook.got[0]["message"]) == (
        1,
        ["auditor: the audit failed"],
        True,
    )


def test_an_audit_that_can_read_less_than_the_one_before_is_told(shop, hook, run, monkeypatch, sandbox, free_port):
    telling(hook)
    run("audit")
    faults = Faults(sandbox.environment()["AWS_ENDPOINT_URL"], free_port)
    faults.add({"service": "lambda", "region": "eu-west-1", "error": {"code": "AccessDeniedException", "status": 403}})
    monkeypatch.setenv("AWS_ENDPOINT_URL", faults.url)
    told = run("audit")
    faults.stop()

    assert (told.code, titles(hook)) == (3, ["auditor: not everything is known"])


@pytest.mark.parametrize("statuses", [(500,), None], ids=["refused by the service", "no connection"])
def test_one_that_cannot_be_told_is_named_on_stderr_and_changes_nothing_else(shop, run, statuses):
    with webhook(*(statuses or (200,))) as hook:
        address = hook.address if statuses else "127.0.0.1:1"
        settings(f"notify: [{{url: 'json://u:{CANARY}@{address}/{CANARY}', when: [always]}}]\n")
        told = run("audit", "-q", "-v")
    why = "the answer was HTTP 500." if statuses else "there was no answer, or it was not taken."
    written = b"".join(one.read_bytes() for one in Path("snapshots").rglob("*") if one.is_file())

    assert (told.code, told.out, told.err.split("\n")[0], CANARY in told.err, CANARY.encode() in written) == (
        0,
        "",
        f"warning: json (1st of notify) was not told: {why} Try it with 'auditor notify --test'.",
        False,
        False,
    )


def test_one_that_hangs_does_not_hold_the_audit_up(shop, run):
    with webhook(seconds=5) as hook:
        telling(hook, when=["always"], limit=0.5)
        told = run("audit")

    warning = "warning: json (1st of notify) was not told: there was no end of it in 0.5 seconds. "
    assert (told.code, told.err) == (0, f"{warning}Try it with 'auditor notify --test'.\n")


def test_one_that_hangs_does_not_keep_the_program_from_ending(shop):
    with webhook(seconds=30) as hook:
        settings(f"notify: [{{url: 'json://{hook.address}/?rto=60', limit: 0.5}}]\n")
        begun = time.monotonic()
        command = [sys.executable, "-m", "auditor", "notify", "--test"]
        ended = subprocess.run(command, env=dict(os.environ), check=False, capture_output=True, timeout=60)

    assert (ended.returncode, ended.stderr, time.monotonic() - begun < 15) == (1, b"", True)


def test_a_test_says_of_each_whether_it_arrived(shop, hook, run):
    settings(f"notify: ['json://{hook.address}/', 'json://127.0.0.1:1/{CANARY}']\n")

    told = run("notify", "--test")

    assert (told.code, told.out, told.err, titles(hook)) == (
        1,
        "json (1st of notify): sent\njson (2nd of notify): there was no answer, or it was not taken.\n",
        "",
        ["auditor: a test"],
    )


def test_a_test_that_all_got_is_a_success(shop, hook, run):
    telling(hook)

    assert run("notify", "--test").code == 0


def test_who_is_told_is_listed_without_addresses_and_nothing_is_sent(shop, hook, run):
    telling(hook, when=["new"])

    assert (run("notify").out, titles(hook)) == ("json (1st of notify): new\n", [])


def test_without_anybody_to_tell_that_is_said(shop, run):
    settings("")

    assert run("notify", "--test").err == (
        "auditor: Nobody is to be told. Nothing was sent. Name somebody under 'notify' in auditor.yaml.\n"
    )


def test_the_metrics_are_those_of_the_last_audit(shop, run):
    settings("metrics: {prometheus: auditor.prom}\n")
    run("audit")
    change(shop, MemorySize=256)
    run("audit")

    assert [sample(f"auditor_{name}") for name in ("findings", "in_sync", "complete", "unread")] == [1, 0, 1, 0]


def test_what_aws_throttled_is_measured_though_it_was_read_in_the_end(shop, run, monkeypatch, sandbox, free_port):
    settings("metrics: {prometheus: auditor.prom}\n")
    faults = Faults(sandbox.environment()["AWS_ENDPOINT_URL"], free_port)
    faults.add({"service": "lambda", "times": 3, "error": {"code": "TooManyRequestsException", "status": 429}})
    monkeypatch.setenv("AWS_ENDPOINT_URL", faults.url)
    told = run("audit")
    faults.stop()

    assert (told.code, sample("auditor_api_throttles")) == (0, 3)


def test_a_history_that_somebody_broke_is_a_warning_and_no_failure(shop, run):
    settings("metrics: {prometheus: auditor.prom}\n")
    run("audit")
    (kept,) = Path("snapshots/history").glob("*.json")
    kept.write_text(kept.read_text().replace("2026-11-01T01:00:00Z", "2026-11-0"))

    told = run("audit", "-q")

    assert (told.code, "is no run of the history" in told.err) == (0, True)


def test_an_audit_that_failed_leaves_no_number_of_the_one_before(shop, run, monkeypatch):
    settings("metrics: {prometheus: auditor.prom}\n")
    run("audit")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "")
    run("audit")
    names = ("findings_accepted", "in_sync", "failed", "last_complete_timestamp_seconds")

    assert [sample(f"auditor_{name}") for name in names] == [None, 0, 1, 1_793_494_800]


def test_cloudwatch_gets_a_line_an_audit(shop, run):
    settings("metrics: {emf: logs/emf.log}\n")
    run("audit")
    run("audit")

    assert [json.loads(line)["InSync"] for line in Path("logs/emf.log").read_text().splitlines()] == [1, 1]


def test_the_line_for_cloudwatch_goes_to_stdout_also_of_a_quiet_audit(shop, run):
    settings("metrics: {emf: stdout}\n")

    assert json.loads(run("audit", "-q").out)["InSync"] == 1


def test_metrics_that_cannot_be_written_are_a_warning(shop, run):
    Path("file").write_text("")
    settings("metrics: {prometheus: file/auditor.prom, emf: file/emf.log}\n")

    told = run("audit", "-q")

    assert (told.code, [line.split(" (")[0] for line in told.err.splitlines()]) == (
        0,
        [
            "warning: the metrics were not written. file/auditor.prom could not be written",
            "warning: the metrics were not written. file/emf.log could not be added to",
        ],
    )
