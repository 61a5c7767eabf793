"""What a run that is taken up again takes for its own work, and what for a stranger's."""

from __future__ import annotations

import os

import pytest
from reconciling import FUNCTION, entries, function, memory, region, runs, settings

from auditor.runs import journal
from auditor.runs.secret_key import secret_key
from auditor.sandbox.seed import zipped

GOLDEN = {"MemorySize": 512, "Tags": {"team": "shop"}}
HERE = {"MemorySize": 256, "Tags": {"team": "other"}}
LAYER = "AWS::Lambda::LayerVersion"
ROUNDED = {"python/tax.py": "RATE = 20\n"}


def ended_at(folder, event, /, **more):
    """Let the last run's journal end with its first entry of this kind, and then one that says more of its call."""
    run = runs(folder)[-1]
    told = entries(folder)
    last = next(number for number, one in enumerate(told) if one["event"] == event)
    path = folder / "snapshots" / "runs" / run / "journal.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[: last + 1]))
    if more:
        own = {name: one for name, one in {**told[last], **more}.items() if name not in ("n", "at", "sha256", "seal")}
        with journal.reopen(folder / "snapshots", run, secret_key(os.environ)) as again:
            again.write(own.pop("event"), **own)


@pytest.fixture
def half(aws, run, tmp_path):
    """A run that was ended after its first action, the memory of `api`, and before its second, its tags."""
    aws.seed(us_east_1=region(api=function(aws.account, **GOLDEN)), eu_west_1=region(api=function(aws.account, **HERE)))
    settings(tmp_path, "us-east-1", "eu-west-1", types=[FUNCTION])
    run("reconcile", "--yes")
    ended_at(tmp_path, "done")
    arn = f"arn:aws:lambda:eu-west-1:{aws.account}:function:api"
    aws.client("lambda", "eu-west-1").tag_resource(Resource=arn, Tags={"team": "other"})
    return aws


def test_what_the_run_itself_did_before_is_no_change(half, run, tmp_path):
    told = run("resume", runs(tmp_path)[-1])

    assert (told.code, told.out) == (0, "in sync\n")


def test_what_a_stranger_made_of_what_was_done_and_verified_is_refused(half, run, tmp_path):
    half.client("lambda", "eu-west-1").update_function_configuration(FunctionName="api", MemorySize=1024)

    told = run("resume", runs(tmp_path)[-1])

    assert (told.code, "/MemorySize was 256, is 1024" in told.err, memory(half)) == (3, True, 1024)


def test_what_a_stranger_changed_beside_it_is_refused(half, run, tmp_path):
    half.client("lambda", "eu-west-1").update_function_configuration(FunctionName="api", Timeout=99)

    told = run("resume", runs(tmp_path)[-1])

    assert (told.code, "/Timeout was 3, is 99" in told.err) == (3, True)


def test_a_call_that_was_seen_too_late_and_is_refused_as_done_counts_as_made(aws, run, tmp_path):
    aws.seed(us_east_1=region(api=function(aws.account)), eu_west_1=region())
    settings(tmp_path, "us-east-1", "eu-west-1", types=[FUNCTION])
    run("reconcile", "--yes")
    ended_at(tmp_path, "calling", event="settled", done=False, tells={})

    told = run("resume", runs(tmp_path)[-1])

    assert (told.code, told.out) == (0, "in sync\n")


def test_an_older_layer_version_with_the_same_content_is_not_the_one_that_was_to_be_published(aws, run, tmp_path):
    client = aws.client("lambda", "eu-west-1")
    aws.seed(us_east_1={LAYER: {"tax": {"Code": ROUNDED}}}, eu_west_1={LAYER: {"tax": {"Code": ROUNDED}}})
    client.publish_layer_version(LayerName="tax", Content={"ZipFile": zipped({"python/tax.py": "RATE = 7\n"})})
    settings(tmp_path, "us-east-1", "eu-west-1", types=[LAYER])
    run("reconcile", "--yes")
    ended_at(tmp_path, "calling")
    client.delete_layer_version(LayerName="tax", VersionNumber=3)

    told = run("resume", runs(tmp_path)[-1])

    assert (told.code, told.out) == (0, "in sync\n")
