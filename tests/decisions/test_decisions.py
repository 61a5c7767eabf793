"""The file in which somebody decided about findings."""

from __future__ import annotations

import json

import pytest

from auditor.decisions.file import read_decisions
from auditor.errors import SettingsError
from auditor.model.values import Decision

SCHEMA = 'schema: "auditor/decisions/1"\n'
# As the report exports it.
EXPORTED = """\
schema: "auditor/decisions/1"
golden: "us-east-1"
taken: "2026-11-24T01:02:03Z"
decisions:
  - finding: "9f1c2a4be6d0a1b2"
    resource: "AWS::Lambda::Function/api"
    site: "eu-west-1"
    kind: "changed"
    decision: "accept"
    reason: "half-size canary, OPS-112"
    until: "2027-01-31"
  - finding: "0a1b2c3d4e5f6071"
    resource: "AWS::S3::Bucket/assets-${region}"
    site: "eu-west-1"
    kind: "missing"
    decision: "fix"
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def read(tmp_path):
    """Reads decisions from a file with this text."""

    def read(text):
        (tmp_path / "decisions.yaml").write_text(text, encoding="utf-8")
        return read_decisions((tmp_path / "decisions.yaml").relative_to(tmp_path))

    return read


@pytest.fixture
def refusal(read):
    """What is said of a file with this text."""

    def refusal(text):
        with pytest.raises(SettingsError) as caught:
            read(text)
        return str(caught.value)

    return refusal


def test_what_the_report_exports_is_read_in_its_order(read):
    assert read(EXPORTED) == (
        Decision(
            "9f1c2a4be6d0a1b2",
            "accept",
            "AWS::Lambda::Function/api",
            "eu-west-1",
            "changed",
            "half-size canary, OPS-112",
            "2027-01-31",
            "us-east-1",
        ),
        Decision(
            "0a1b2c3d4e5f6071", "fix", "AWS::S3::Bucket/assets-${region}", "eu-west-1", "missing", golden="us-east-1"
        ),
    )


def test_a_file_written_by_hand_needs_no_more_than_findings_and_decisions(read):
    assert read(f"{SCHEMA}decisions: [{{finding: a1, decision: later}}]\n") == (Decision("a1", "later"),)


def test_json_is_read_too(read):
    rows = [{"finding": "a1", "decision": "golden"}]

    assert read(json.dumps({"schema": "auditor/decisions/1", "decisions": rows})) == (Decision("a1", "golden"),)


def test_a_file_without_a_decision_decides_nothing(read):
    assert read(f"{SCHEMA}decisions: []\n") == ()


def test_a_day_may_stand_without_quotes(read):
    rows = "decisions: [{finding: a1, decision: accept, reason: x, until: 2027-01-31}]\n"

    assert read(SCHEMA + rows)[0].until == "2027-01-31"


def test_a_key_with_nothing_behind_it_says_nothing(read):
    rows = "decisions:\n- finding: a1\n  decision: accept\n  reason: x\n  until:\n  kind:\n"

    assert read(SCHEMA + rows) == (Decision("a1", "accept", reason="x"),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("schema: auditor/decisions/2\ndecisions: []\n", "decisions.yaml:1: 'schema' is not 'auditor/decisions/1'"),
        ("decisions: []\n", "decisions.yaml: 'schema' is not 'auditor/decisions/1'"),
        (SCHEMA, "decisions.yaml: a list 'decisions' is needed."),
        (f"{SCHEMA}decisions:\n  a1: fix\n", "decisions.yaml:2: a list 'decisions' is needed."),
        (f"{SCHEMA}golden: 7\ndecisions: []\n", "decisions.yaml:2: 'golden' is not text: write it in quotes."),
        (
            f"{SCHEMA}decisions: []\ndecision: []\n",
            "decisions.yaml:3: unknown key 'decision'. Did you mean 'decisions'?",
        ),
        ("[1, 2]", "decisions.yaml:1: expected keys with values"),
        ("", "'schema' is not 'auditor/decisions/1'"),
        ("[", "decisions.yaml:1: "),
    ],
)
def test_a_file_that_holds_anything_else_is_refused_with_the_line(refusal, text, expected):
    assert expected in refusal(text)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("a1", "decisions.yaml:3: a decision is needed here, with at least 'finding' and 'decision'."),
        ("decision: fix", "decisions.yaml:3: 'finding' is missing: the id of the finding that is decided about."),
        ("finding: ''\n  decision: fix", "decisions.yaml:3: 'finding' is missing"),
        ("decision: fix\n  finding: 1234567812345678", "decisions.yaml:4: 'finding' is not text: write it in quotes."),
        ("finding: a1", "decisions.yaml:3: 'decision' is one of fix, accept, golden, later."),
        ("finding: a1\n  decision: mend", "decisions.yaml:4: 'decision' is one of fix, accept, golden, later."),
        (
            "finding: a1\n  decision: fix\n  kind: new",
            "decisions.yaml:5: 'kind' is one of changed, missing, extra, unr",
        ),
        ("finding: a1\n  decision: fix\n  raeson: x", "decisions.yaml:5: unknown key 'raeson'. Did you mean 'reason'?"),
        (
            "finding: a1\n  decision: fix\n  zzz: x",
            "decisions.yaml:5: unknown key 'zzz'. Known here: finding, resource",
        ),
        ("finding: a1\n  decision: accept", "decisions.yaml:3: to accept takes a 'reason': say why the difference may"),
        ("finding: a1\n  decision: accept\n  reason: ' '", "decisions.yaml:5: to accept takes a 'reason'"),
        (
            "finding: a1\n  decision: later\n  until: 2027-02-30",
            "decisions.yaml:5: 'until' is no day: write it as 2027",
        ),
        (
            "finding: a1\n  decision: later\n  until: soon",
            "decisions.yaml:5: 'until' is no day: write it as 2027-01-31.",
        ),
        (
            "finding: a1\n  decision: later\n  until: [2027]",
            "decisions.yaml:5: 'until' is not text: write it in quotes.",
        ),
    ],
)
def test_a_decision_that_is_none_is_refused_with_the_line(refusal, row, expected):
    assert expected in refusal(f"{SCHEMA}decisions:\n- {row}\n")


def test_a_refusal_says_what_was_not_done_and_what_to_do(refusal):
    told = refusal(f"{SCHEMA}decisions: [a1]\n").splitlines()[-1]

    assert told == "Nothing was done. Correct the file, or export it anew."


def test_every_mistake_is_told_at_once(refusal):
    told = refusal(f"{SCHEMA}decisions:\n- finding: a1\n- decision: fix\n").splitlines()

    assert [line.partition(": ")[0] for line in told[:-1]] == ["decisions.yaml:3", "decisions.yaml:4"]


def test_no_more_than_ten_mistakes_are_told_and_the_others_counted(refusal):
    told = refusal(f"{SCHEMA}decisions:\n" + "- a1\n" * 13).splitlines()

    assert (len(told), told[10]) == (12, "… and 3 more mistakes.")


def test_a_finding_that_is_decided_twice_alike_is_decided_once(read):
    rows = "decisions:\n- {finding: a1, decision: fix}\n- {finding: a1, decision: fix}\n"

    assert read(SCHEMA + rows) == (Decision("a1", "fix"),)


@pytest.mark.parametrize(
    "other", ["decision: later", "decision: accept, reason: y", "decision: accept, reason: x, until: 2027-01-31"]
)
def test_a_finding_that_is_decided_twice_and_not_alike_is_refused(refusal, other):
    rows = f"decisions:\n- {{finding: a1, decision: accept, reason: x}}\n- {{finding: a1, {other}}}\n"

    assert "decisions.yaml:4: a1 is decided twice, and not alike. Keep one of them." in refusal(SCHEMA + rows)
