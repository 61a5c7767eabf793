"""A snapshot is taken whole or not at all, and stops when it is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from bench.faults import FAILING, at, injected
from scripted import scripted_aws

SITES = ("--golden", "us-east-1", "--region", "us-east-1", "--region", "eu-west-1")
WHO = (
    "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account>"
    "</GetCallerIdentityResult></GetCallerIdentityResponse>"
)


@pytest.fixture
def slow(clean_environment, monkeypatch):
    """An AWS that takes a second for each answer and has a hundred functions."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")

    def answer(asked):
        if "GetCallerIdentity" in str(asked.body):
            return 200, WHO
        time.sleep(1)
        return 200, {"Functions": [{"FunctionName": f"f{number}"} for number in range(100)]}

    with scripted_aws(answer) as script:
        monkeypatch.setenv("AWS_ENDPOINT_URL", script.url)
        yield script


def test_told_to_stop_its_log_holds_nothing_but_events(slow, tmp_path):
    running = subprocess.Popen(
        [sys.executable, "-m", "auditor", "snapshot", *SITES, "--json-log"],
        cwd=tmp_path,
        env=dict(os.environ),
        stderr=subprocess.PIPE,
        text=True,
    )
    while len(slow.asked) < 10:
        time.sleep(0.05)
    running.send_signal(signal.SIGTERM)
    _, told = running.communicate(timeout=20)

    assert "" not in told.splitlines()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_told_to_stop_it_makes_no_further_call_and_leaves_nothing(slow, tmp_path, how):
    running = subprocess.Popen(
        [sys.executable, "-m", "auditor", "snapshot", *SITES],
        cwd=tmp_path,
        env=dict(os.environ),
        stderr=subprocess.PIPE,
        text=True,
    )
    while len(slow.asked) < 10:
        time.sleep(0.05)
    running.send_signal(how)
    _, told = running.communicate(timeout=20)

    left = [one for one in (tmp_path / "snapshots").rglob("*") if one.is_file()]
    assert (running.returncode, "Traceback" in told, left) == (130, False, [])


def test_what_an_id_stands_for_that_could_not_be_looked_up_makes_it_incomplete(aws, run):
    key = aws.client("kms", "eu-west-1").create_key()["KeyMetadata"]["Arn"]
    s3 = aws.client("s3", "eu-west-1")
    s3.create_bucket(Bucket="shop", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    encrypted = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    s3.put_bucket_encryption(Bucket="shop", ServerSideEncryptionConfiguration={"Rules": [encrypted]})
    with injected(FAILING["denied"], at("kms.ListAliases", "eu-west-1")):
        taken = run("snapshot", *SITES)

    shown = run("snapshot", "show")
    line = "eu-west-1: what 1 id stands for could not be looked up: AccessDenied"
    assert (taken.code, line in taken.err, line in shown.out, "incomplete" in shown.out) == (3, True, True, True)
    assert run("snapshot", *SITES).code == 0
