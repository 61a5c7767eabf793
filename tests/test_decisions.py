"""The file in which somebody decided about findings."""

from __future__ import annotations

import json

import pytest

from auditor.decisions import read_decisions
from auditor.errors import SettingsError


def written(folder, content):
    path = folder / "decisions.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_each_decision_is_known_by_its_finding(tmp_path):
    rows = [{"finding": "a1", "decision": "fix"}, {"finding": "b2", "decision": "later", "reason": "not today"}]

    path = written(tmp_path, {"schema": "auditor/decisions/1", "decisions": rows})

    assert read_decisions(path) == {"a1": "fix", "b2": "later"}


def test_a_file_without_a_decision_decides_nothing(tmp_path):
    assert read_decisions(written(tmp_path, {"schema": "auditor/decisions/1", "decisions": []})) == {}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"schema": "auditor/decisions/2", "decisions": []}, "decisions have the schema 'auditor/decisions/1'"),
        ({"schema": "auditor/decisions/1", "decisions": {"a1": "fix"}}, "and a list 'decisions'"),
        ({"schema": "auditor/decisions/1"}, "and a list 'decisions'"),
        ({"schema": "auditor/decisions/1", "decisions": [{"finding": "a1"}]}, "{'finding': 'a1'} is no decision"),
        ({"schema": "auditor/decisions/1", "decisions": ["a1"]}, "'a1' is no decision"),
        (
            {"schema": "auditor/decisions/1", "decisions": [{"finding": "a1", "decision": "mend"}]},
            "one of fix, accept, golden, later. Nothing was planned.",
        ),
        (
            {"schema": "auditor/decisions/1", "decisions": [{"finding": "", "decision": "fix"}]},
            "it needs a 'finding' and a 'decision'",
        ),
        ("[", "decisions.json"),
        ("[1, 2]", "decisions.json"),
        ("", "decisions.json"),
    ],
)
def test_a_file_that_holds_anything_else_is_refused(tmp_path, content, message):
    with pytest.raises(SettingsError) as refused:
        read_decisions(written(tmp_path, content))

    assert message in str(refused.value)


def test_a_finding_that_is_decided_twice_in_two_ways_is_refused(tmp_path):
    rows = [{"finding": "a1", "decision": "fix"}, {"finding": "a1", "decision": "later"}]

    with pytest.raises(SettingsError, match="a1 is decided twice"):
        read_decisions(written(tmp_path, {"schema": "auditor/decisions/1", "decisions": rows}))
