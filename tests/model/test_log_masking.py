"""What of a script's log is shown: its end, without what looks like a secret."""

from __future__ import annotations

import pytest

from auditor.model.log_masking import LINES, log_end, without_secrets


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("DB_PASSWORD=hunter2", "DB_PASSWORD=***"),
        ("export API_KEY='a b'", "export API_KEY=***"),
        ('{"client_secret": "s3cr3t", "user": "me"}', '{"client_secret": ***, "user": "me"}'),
        ("password: hunter2, next", "password: ***, next"),
        ("mysql --password hunter2 -u me", "mysql --password *** -u me"),
        ("mysql --password=hunter2", "mysql --password=***"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("postgres://me:pw@host/db", "postgres://***@host/db"),
        ("curl https://x.example/a?sig=abc&b=c done", "curl https://x.example/a?*** done"),
        ("key AKIAIOSFODNN7EXAMPLE used", "key *** used"),
        ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "***"),
        ("ghp_0123456789abcdefABCDEF", "***"),
        ("eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl", "***"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nend", "***\nend"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE\nthat is cut", "***"),
        ("MIIE\nabc\n-----END PRIVATE KEY-----\nend", "***\nend"),
    ],
)
def test_what_looks_like_a_secret_is_masked(text, shown):
    assert without_secrets(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "no space left on device",
        "commit 0f2c8b6f3f0f4a0d9f6a2b7a1c5e8d9b0a1c2d3e",
        "/opt/codedeploy-agent/deployment-root/9f1c/d-ABC/deployment-archive/scripts/start.sh: line 3: exit",
        "see https://docs.aws.amazon.com/codedeploy/latest/userguide",
        "listening on 0.0.0.0:8080",
    ],
)
def test_what_tells_why_a_script_failed_is_kept(text):
    assert without_secrets(text) == text


def test_the_last_lines_are_kept_and_long_ones_cut():
    lines = log_end("\n".join(["", *map(str, range(100)), "", "x" * 5000, ""]))

    assert (len(lines), lines[0], lines[-2], len(lines[-1])) == (LINES, str(100 - LINES + 1), "99", 301)


def test_a_key_that_begins_before_the_lines_that_are_kept_is_masked_all_the_same():
    key = "\n".join(["-----BEGIN PRIVATE KEY-----", *["MIIEabc"] * 100, "-----END PRIVATE KEY-----", "failed"])

    assert log_end(key) == ("***", "failed")


@pytest.mark.parametrize("start", ["unter2 rest", "unter2"])
def test_of_a_log_that_is_cut_the_first_word_may_be_the_rest_of_a_secret(start):
    told = log_end(f"{start}\n" + "x" * 250 + "\n" + "\n".join(["y"] * 5 + ["z" * 3900]))

    assert "unter2" not in "".join(told)
