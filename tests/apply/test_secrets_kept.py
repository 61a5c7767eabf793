"""Values of environment variables reach AWS and nothing else: no file, no output, whatever comes of a run."""

from __future__ import annotations

import pytest
from reconciling import FUNCTION, differing, function, memory, region, runs, settings

from auditor.store.site_file import unpacked
from faults import Faults

GOLDEN = "hush-golden-5c1e"
HERE = "hush-here-77ab"


def with_key(account, value, **more):
    return function(account, Environment={"Variables": {"KEY": value}}, **more)


@pytest.fixture
def secret(aws, tmp_path):
    """A variable that has one value in golden, and another in eu-west-1."""
    aws.seed(us_east_1=region(api=with_key(aws.account, GOLDEN)), eu_west_1=region(api=with_key(aws.account, HERE)))
    settings(tmp_path, "us-east-1", "eu-west-1", types=[FUNCTION])
    return aws


def key_in(aws, where="eu-west-1"):
    return aws.client("lambda", where).get_function_configuration(FunctionName="api")["Environment"]["Variables"]


def leaks(folder, *told):
    """Where either value stands: in a file below the folder, or in what was printed."""
    files = [one for one in folder.rglob("*") if one.is_file()]
    found = [
        str(one)
        for one in files
        if any(value.encode() in unpacked(one.name, one.read_bytes()) for value in (GOLDEN, HERE))
    ]
    return found + [one for one in told if any(value in one for value in (GOLDEN, HERE))]


def test_a_secret_that_differs_becomes_goldens(secret, run):
    told = run("reconcile", "--yes")

    assert (told.code, key_in(secret)) == (0, {"KEY": GOLDEN})


def test_no_secret_is_left_in_a_file_or_said_by_any_command(secret, run, tmp_path):
    told = [run("plan", "-o", "plan.json", "-v")]
    told += [run("show", "plan.json", "--format", form) for form in ("text", "json", "aws-cli")]
    told += [run("apply", "plan.json", "--yes", "-v"), run("apply", "plan.json", "--yes")]
    told += [run("rollback", run_, "--yes") for run_ in runs(tmp_path)[:1]]
    told += [run("resume", runs(tmp_path)[0], "--json-log")]

    assert leaks(tmp_path, *(text for one in told for text in (one.out, one.err))) == []


@pytest.fixture
def faults(secret, monkeypatch, free_port):
    running = Faults(secret.environment["AWS_ENDPOINT_URL"], free_port)
    monkeypatch.setenv("AWS_ENDPOINT_URL", running.url)
    yield running
    running.stop()


def test_a_secret_that_aws_quotes_in_a_refusal_is_told_nowhere(faults, run, tmp_path):
    error = {"code": "InvalidParameterValueException", "status": 400, "message": f"{GOLDEN} and {HERE} will not do"}
    faults.add({"service": "lambda", "operation": "UpdateFunctionConfiguration", "error": error})

    told = run("reconcile", "--yes")

    found = leaks(tmp_path, told.out, told.err)
    assert (told.code, "InvalidParameterValueException" in told.err, found) == (3, True, [])


def test_a_secret_that_was_replaced_is_said_not_to_come_back(secret, run, tmp_path):
    run("reconcile", "--yes")

    told = run("rollback", runs(tmp_path)[0], "--yes")

    assert (told.code, "the value that /Environment/Variables/KEY has is kept nowhere" in told.err, key_in(secret)) == (
        2,
        True,
        {"KEY": GOLDEN},
    )


def test_another_variable_changes_and_the_secret_of_the_region_stays(aws, run, tmp_path):
    golden, here = ({"Variables": {"KEY": key, "LEVEL": level}} for key, level in ((GOLDEN, "INFO"), (HERE, "DEBUG")))
    accepted = [{"resource": "*/api", "path": "/Environment/Variables/KEY", "reason": "of each region"}]
    aws.seed(
        us_east_1=region(api=function(aws.account, Environment=golden)),
        eu_west_1=region(api=function(aws.account, Environment=here)),
    )
    settings(tmp_path, "us-east-1", "eu-west-1", types=[FUNCTION], plain=["LEVEL"], exceptions=accepted)

    run("reconcile", "--yes")

    assert key_in(aws) == {"KEY": HERE, "LEVEL": "INFO"}


def test_a_golden_that_was_kept_plans_what_needs_no_secret(aws, run, tmp_path):
    differing(aws, tmp_path)
    kept = run("snapshot").out.strip()

    told = run("reconcile", "--yes", "--golden", f"snapshot:{kept}", "--region", "eu-west-1")

    assert (told.code, memory(aws)) == (0, 512)


def test_a_golden_that_was_kept_leaves_out_what_needs_a_secret(secret, run, tmp_path):
    kept = run("snapshot").out.strip()

    told = run("reconcile", "--yes", "--golden", f"snapshot:{kept}", "--region", "eu-west-1")

    assert (told.code, "/KEY" in told.err, key_in(secret)) == (2, True, {"KEY": HERE})
