"""`--profile`: the credentials of that profile, whatever keys the environment has, and for that command alone."""

from __future__ import annotations

import os

from cli.test_cli import API, SITES, functions


def test_a_profile_wins_over_the_keys_of_the_environment(aws, run, tmp_path, monkeypatch):
    aws.seed(us_east_1=functions(api=API), eu_west_1=functions(api=API))
    (tmp_path / "credentials").write_text(f"[prod]\naws_access_key_id = {aws.account}\naws_secret_access_key = x\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "999999999999")
    monkeypatch.setenv("AWS_PROFILE", "other")
    before = dict(os.environ)

    told = run("diff", *SITES, "--profile", "prod", "--type", "AWS::Lambda::Function")

    assert (told.code, told.out, dict(os.environ) == before) == (
        0,
        "In sync: 1 resource in 2 regions is alike.\n",
        True,
    ), told.err


def test_a_profile_that_is_not_there_is_one_message(aws, run):
    told = run("diff", *SITES, "--profile", "nobody")

    assert (told.code, "nobody" in told.err, "Traceback" in told.err) == (1, True, False)


def test_regions_are_named_with_commas_or_one_by_one(aws, run):
    aws.seed(us_east_1=functions(api=API), eu_west_1=functions(api=API))

    told = run("diff", "--golden", "us-east-1", "--region", "us-east-1,eu-west-1", "--type", "AWS::Lambda::Function")

    assert (told.code, told.out) == (0, "In sync: 1 resource in 2 regions is alike.\n")
