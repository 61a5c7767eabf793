"""Files that are damaged, nested, endless or odd: one error that names the file, in bounded time and memory."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from deploy.github_server import github_server

from auditor.decisions import read_decisions
from auditor.deploy.github import asked
from auditor.errors import AuditorError, GitHubError, SettingsError, StoreError
from auditor.files import text_of
from auditor.json_text import DEEPEST
from auditor.policy import canonical_policy
from auditor.public_access import is_public_policy
from auditor.resources._event_patterns import canonical_pattern
from auditor.settings import settings_schema
from auditor.settings_file import parse_settings_file
from auditor.workflow import settings

SITES = "golden: us-east-1\nregions: [us-east-1, eu-west-1]\n"
ODD = [
    "", "[]", "{}", "0", "1e999",
    ".inf", ".nan", "9" * 5000, '"a\\0b"', '"\\ud800"', '"/' + "a/" * 3000 + '"', '!!int ""',
    "!!bool x", "!!set [a]", "!!seq x", '!!binary "%%%"', "2020-13-45", "!!omap [a: 1]", "!foo {a: 1}", "{<<: [1]}",
    "{? [a] : b}", "[[[[[a]]]]]", "&a [*a]", "&a {b: *a}", "*nope", "[a, 1, null, [], {}]", "{1: 2}", "{null: 1}",
    '"s3:///"', '"snapshot:../../x"', '"/dev/full"', '"${"', '"["', '[""]', "[null]", '{"*": null}',
    '{"AWS::S3::Bucket": ["("]}', "12:30:45", "1_000", "{a: 1, a: 2}", "@", "%x", '"\\U99999999"', "{", "]",
]  # fmt: skip
DEEP = "[" * 100_000


@pytest.fixture(autouse=True)
def alone(clean_environment):
    """Nothing of whoever runs the tests, in a folder of one's own."""


def crashes(texts, read):
    """What is raised that is no error of ours."""
    found = {}
    for name, text in texts.items():
        try:
            read(text)
        except AuditorError:
            pass
        except Exception as error:  # noqa: BLE001 these are looked for
            found[name] = repr(error)
    return found


@pytest.mark.parametrize("key", settings_schema()["properties"])
def test_an_odd_value_of_any_setting_is_taken_or_refused(key):
    rest = "".join(line for line in SITES.splitlines(keepends=True) if not line.startswith(f"{key}:"))

    def read(text):
        Path("auditor.yaml").write_text(text, encoding="utf-8")
        settings(Path("auditor.yaml"), {}, {}, offline=False)

    assert crashes({one: f"{rest}{key}: {one}\n" for one in ODD}, read) == {}


def test_an_odd_value_of_any_member_of_a_decision_is_taken_or_refused():
    decision = {"finding": "f", "resource": "AWS::S3::Bucket/b", "site": "eu-west-1", "kind": "changed",
                "decision": "accept", "reason": "r", "until": "2027-01-01"}  # fmt: skip
    texts = {
        f"{name}: {one}": "schema: auditor/decisions/1\ndecisions:\n- "
        + "  ".join(f"{member}: {one if member == name else json.dumps(value)}\n" for member, value in decision.items())
        for name in decision
        for one in ODD
    }

    def read(text):
        Path("decisions.yaml").write_text(text, encoding="utf-8")
        read_decisions(Path("decisions.yaml"))

    assert crashes(texts, read) == {}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: " + "[" * 200_000, ":1: nested deeper than 100 levels"),
        ("a: " + "{a: " * 50_000, ":1: nested deeper than 100 levels"),
        ("- " * 50_000, ":1: nested deeper than 100 levels"),
        ("# x\na: [" + "1, " * 300_000 + "]", ":2: more than 250,000 values"),
        ("#" * (8 * 1024 * 1024 + 1), " has more than 8,388,608 characters"),
    ],
)
def test_what_would_take_for_ever_is_refused_with_its_line(monkeypatch, text, why):
    # That many take the reader a minute, and the limit is the same for fewer.
    if "values" in why:
        monkeypatch.setattr("auditor.settings_file.MOST", 2500)
        text, why = text[:30_000] + "]", why.replace("250,000", "2,500")
    Path("auditor.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        parse_settings_file(Path("auditor.yaml"))

    assert str(refused.value).startswith(f"auditor.yaml{why}")


@pytest.mark.parametrize("read", [parse_settings_file, text_of])
def test_what_has_no_end_is_not_read_to_it(monkeypatch, read):
    monkeypatch.setattr("auditor.files.LARGEST", 1000)
    with pytest.raises((SettingsError, StoreError), match=r"/dev/zero has more than"):
        read(Path("/dev/zero"))


@pytest.mark.parametrize("deep", [DEEP, '{"Statement":' * 5000, '{"Statement":' + "[" * DEEPEST + "]" * DEEPEST + "}"])
def test_a_policy_that_is_nested_too_deeply_is_text_and_counts_as_open(deep):
    assert (canonical_policy(deep, str), is_public_policy(deep)) == (deep, True)


def test_a_pattern_that_is_nested_too_deeply_is_text():
    assert canonical_pattern(DEEP) == DEEP


def test_an_answer_of_github_that_is_nested_too_deeply_is_none():
    with github_server() as github:
        github.refs["main"] = DEEP
        with pytest.raises(GitHubError, match="answered no JSON object"):
            asked(f"{github.url}/repos/acme/shop/commits/main", "")
