"""What AWS does wrong now and then, done to the program by a proxy between it and the embedded AWS."""

from __future__ import annotations

import json

import pytest

from faults import Faults

SITES = ("--golden", "us-east-1", "--region", "us-east-1", "--region", "eu-west-1")
FUNCTION = {"Runtime": "python3.12", "Role": "arn:aws:iam::123456789012:role/x", "Handler": "a.b"}
BOTH = {"AWS::Lambda::Function": {"api": FUNCTION}, "AWS::S3::Bucket": {"shop-${region}": {}}}


@pytest.fixture
def faults(aws, monkeypatch, free_port):
    functions = {"AWS::Lambda::Function": {"api": FUNCTION}}
    aws.seed(
        us_east_1={**functions, "AWS::S3::Bucket": {"shop-us-east-1": {}}},
        eu_west_1={**functions, "AWS::S3::Bucket": {"shop-eu-west-1": {}}},
    )
    running = Faults(aws.environment["AWS_ENDPOINT_URL"], free_port)
    monkeypatch.setenv("AWS_ENDPOINT_URL", running.url)
    yield running
    running.stop()


def test_a_region_that_denies_leaves_the_others_whole_and_is_unreadable(faults, run, tmp_path):
    (tmp_path / "auditor.yaml").write_text("types: ['AWS::Lambda::Function', 'AWS::Lambda::Alias', 'AWS::S3::*']\n")
    faults.add({"service": "lambda", "region": "eu-west-1", "error": {"code": "AccessDeniedException", "status": 403}})

    told = run("diff", *SITES, "--format", "json")

    findings = [(one["kind"], one["type"], one["name"]) for one in json.loads(told.out)["findings"]]
    assert (told.code, len(faults.fired()) > 0, findings) == (
        3,
        True,
        [
            ("unreadable", "AWS::Lambda::Alias", "*"),
            ("unreadable", "AWS::Lambda::Function", "api"),
        ],
    )


def test_a_facet_that_is_denied_is_never_taken_for_absent(faults, run):
    faults.add(
        {"service": "s3", "operation": "GetBucketPolicy", "region": "eu-west-1",
         "error": {"code": "AccessDenied", "status": 403}}
    )  # fmt: skip

    told = run("diff", *SITES, "--format", "json")

    findings = [(one["kind"], one["name"], one["changes"][0]["path"]) for one in json.loads(told.out)["findings"]]
    assert (told.code, findings) == (3, [("unreadable", "shop-${region}", "/Policy")])


def test_an_incomplete_snapshot_says_so_by_its_exit_code(faults, run):
    faults.add({"service": "lambda", "region": "eu-west-1", "error": {"code": "AccessDeniedException", "status": 403}})

    assert run("snapshot", *SITES).code == 3


def test_throttling_is_waited_out(faults, run):
    faults.add(
        {"service": "lambda", "times": 4, "error": {"code": "TooManyRequestsException", "status": 429}},
        {"service": "s3", "times": 3, "error": {"code": "SlowDown", "status": 503}},
    )

    told = run("diff", *SITES)

    assert (told.code, len(faults.fired())) == (0, 7)


def test_connections_that_break_are_tried_again(faults, run):
    faults.add({"service": "s3", "times": 3, "reset": True})

    assert (run("diff", *SITES).code, len(faults.fired())) == (0, 3)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ExpiredToken", "The AWS credentials have expired (ExpiredToken). Nothing was read."),
        ("InvalidClientTokenId", "AWS does not know these credentials (InvalidClientTokenId). Nothing was read."),
    ],
)
def test_credentials_that_are_not_taken_end_the_run_before_it_began(faults, run, code, message):
    faults.add({"service": "sts", "error": {"code": code, "status": 403}})

    told = run("diff", *SITES)

    assert (told.code, message in told.err) == (1, True)
