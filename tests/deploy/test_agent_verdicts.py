"""What CodeDeploy's agent does with a bundle is told before anything is uploaded.

The bundles are in `tests/deploy/agent/`, each with what the agent (https://github.com/aws/aws-codedeploy-agent) did
with it when `python -m bench.agent_verdicts` was run: what it fails with is refused, what it ignores is a warning, and
everything else is taken, but for what has its reason beside it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.deploy.artifact_tree import Tree
from bench.agent_cases import answer, build, cases

CASES = {case.title: case for case in cases(Path(__file__).parent / "agent")}


@pytest.mark.parametrize("title", CASES)
def test_what_is_said_of_a_bundle_is_what_the_agent_does_with_it(title, tmp_path):
    case = CASES[title]

    found = answer(build(case, tmp_path))

    assert found.verdict == case.ours, found.lines
    assert [one for one in found.lines if case.why in one] or case.ours == "taken", found.lines


def test_the_cases_are_told_apart_by_their_titles():
    assert len(CASES) == len(list(cases(Path(__file__).parent / "agent")))


@pytest.mark.parametrize("agent", ["refused", "hang"])
def test_nothing_that_the_agent_fails_with_is_taken_unless_only_a_server_can_tell(agent):
    assert [
        one.title for one in CASES.values() if one.agent == agent and one.ours != "refused" and not one.server
    ] == []


def test_folders_may_lie_deeper_than_python_calls():
    deep = "a/" * 1900
    tree = Tree([f"{deep}x"])

    assert tree.copied("") == 1901
    assert sum(1 for _ in tree.beneath("")) == 1901
