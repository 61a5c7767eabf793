"""A canary in a secret's place is in nothing that the program writes, wherever it writes it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from auditor.store.site_file import unpacked

CANARY = "canary-7c1e0b5d"
SITES = ("--golden", "us-east-1", "--region", "us-east-1", "--region", "eu-west-1")


@pytest.fixture
def shop(aws):
    def function(number):
        return {
            "AWS::Lambda::Function": {
                "api": {
                    "Runtime": "python3.12",
                    "Role": "arn:aws:iam::123456789012:role/shop",
                    "Handler": "app.handler",
                    "Environment": {
                        "Variables": {
                            "PASSWORD": f"{CANARY}-{number}",
                            "DATABASE": f"postgres://u:{CANARY}@db.us-east-1.rds.amazonaws.com/{number}",
                            "SIGNED": f"https://b.s3.amazonaws.com/k?X-Amz-Signature={CANARY}{number}",
                        }
                    },
                    "Versions": [{"Environment": {"Variables": {"OLD": CANARY}}}],
                }
            },
            "AWS::Lambda::Alias": {"api/live": {"FunctionVersion": "1"}},
        }

    aws.seed(us_east_1=function(1), eu_west_1=function(2))
    return aws


def files(folder):
    """What every file holds, unpacked."""
    return [unpacked(one.name, one.read_bytes()) for one in folder.rglob("*") if one.is_file()]


@pytest.mark.parametrize(
    "arguments",
    [
        ("snapshot",),
        ("diff", "--format", "table"),
        ("diff", "--format", "json"),
        ("report", "-o", "report.html"),
    ],
)
def test_no_secret_is_in_any_file_or_stream(shop, tmp_path, arguments):
    finished = subprocess.run(
        [sys.executable, "-m", "auditor", *arguments, *SITES, "-v", "--json-log"],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        env=dict(os.environ),
        timeout=120,
    )

    written = [finished.stdout, finished.stderr, *files(tmp_path)]
    assert (finished.returncode in (0, 2), [text for text in written if CANARY.encode() in text]) == (True, [])


def test_the_presigned_location_of_the_code_is_not_stored(shop, tmp_path, run):
    run("snapshot", *SITES)

    assert [text for text in files(tmp_path) if b"X-Amz-" in text] == []


def test_different_secrets_are_told_to_differ(shop, run):
    assert "/Environment/Variables/PASSWORD" in run("diff", *SITES).out
