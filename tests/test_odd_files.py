"""Files that are damaged, nested, endless or odd: one error that names the file, in bounded time and memory."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from deploy.github_server import github_server

from auditor.canonical.policy import canonical_policy
from auditor.commands.settings import settings
from auditor.decisions.file import read_decisions
from auditor.deploy.github import asked
from auditor.errors import AuditorError, GitHubError, SettingsError, StoreError
from auditor.model.json_text import DEEPEST
from auditor.resources._event_patterns import canonical_pattern
from auditor.runs.files import text_of
from auditor.settings.load import settings_schema
from auditor.settings.yaml_file import parse_settings_file
from auditor.specs.public_access import is_public_policy
from bench import torture_disk
from bench.torture_trial import run

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
        monkeypatch.setattr("auditor.settings.yaml_file.MOST", 2500)
        text, why = text[:30_000] + "]", why.replace("250,000", "2,500")
    Path("auditor.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        parse_settings_file(Path("auditor.yaml"))

    assert str(refused.value).startswith(f"auditor.yaml{why}")


@pytest.mark.parametrize("read", [parse_settings_file, text_of])
def test_what_has_no_end_is_not_read_to_it(monkeypatch, read):
    monkeypatch.setattr("auditor.runs.files.LARGEST", 1000)
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


LONG = "a" * 300


def test_a_name_that_no_file_can_have_is_one_error_of_every_command():
    commands = [
        ("diff", LONG), ("diff", f"{LONG}/x"), ("snapshot", "show", LONG), ("snapshot", "verify", LONG),
        ("diff", "latest", "--golden", f"file:{LONG}"), ("diff", "latest", "--golden", f"snapshot:{LONG}"),
        ("diff", "latest", "--store", LONG), ("snapshot", "--store", LONG), ("audit", "--store", LONG),
        ("runs", "--store", LONG), ("history", "--store", LONG), ("diff", "latest", "-o", LONG), ("plan", "-o", LONG),
        ("audit", "-o", LONG), ("iam-policy", "-o", LONG), ("init", "-o", LONG), ("show", LONG),
        ("apply", LONG, "--yes"), ("rollback", LONG, "--yes"), ("diff", "--config", LONG),
        ("accept", "latest", "--config", LONG, "--decisions", "d"),
    ]  # fmt: skip
    with torture_disk.prepared(torture_disk.COMMANDS["diff"]) as folder:
        (folder / "d").write_text("schema: auditor/decisions/1\ndecisions: []\n")
        ended = {" ".join(one)[:40]: [*run(*one).wrong(1)] for one in commands}

    assert {name: wrong for name, wrong in ended.items() if wrong} == {}


@pytest.mark.parametrize("name", ["a\0b", "\ud800"])
def test_a_path_that_no_file_can_have_is_refused_with_its_line(name):
    Path("auditor.yaml").write_text(f"{SITES}store: {json.dumps(name)}\nmetrics: {{emf: {json.dumps(name)}}}\n")
    with pytest.raises(SettingsError) as refused:
        settings(Path("auditor.yaml"), {}, {}, offline=False)

    lines = [
        line for line in str(refused.value).splitlines() if "a path is needed, and no file can be called so" in line
    ]
    assert [line.partition(": ")[0] for line in lines] == ["auditor.yaml:3", "auditor.yaml:4"]


def test_a_path_that_is_not_utf_8_is_taken():
    Path("auditor.yaml").write_text(SITES)

    assert settings(Path("auditor.yaml"), {"store": "a\udcff"}, {}, offline=False).store == "a\udcff"
