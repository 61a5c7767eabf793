"""The documents say what the program does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from auditor.cli.main import auditor
from auditor.commands import iam_policy as iam_policy_command
from auditor.commands.docs import docs
from auditor.resources import load_specs

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def test_the_policy_in_the_readme_is_the_one_that_the_program_prints():
    (printed,) = re.findall(r"```json\n(.*?)```", README, re.DOTALL)

    assert json.loads(printed) == iam_policy_command.policies("audit")[0]


@pytest.mark.parametrize("name", sorted(auditor.commands))
def test_every_command_has_help_and_is_in_the_readme(name):
    assert (bool(auditor.commands[name].help), f"auditor {name}" in README) == (True, True)


def test_every_resource_type_is_in_the_readme():
    assert [name for name in load_specs() if f"`{name}`" not in README] == []


def test_what_make_docs_writes_is_what_is_there():
    stale = [path.name for path, text in docs(ROOT).items() if not path.exists() or path.read_text() != text]

    assert stale == []


@pytest.mark.parametrize("document", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_every_file_that_a_document_links_to_exists(document):
    text = (ROOT / document).read_text()
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text) + re.findall(r"src=\"(?!https?:)([^\"]+)\"", text)

    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_file_that_the_architecture_names_exists():
    named = re.findall(r"`([\w/]+\.py)`", (ROOT / "ARCHITECTURE.md").read_text())

    assert [name for name in named if not ((ROOT / "auditor" / name).exists() or (ROOT / name).exists())] == []


def test_every_promise_names_the_tests_that_hold_it():
    text = (ROOT / "docs" / "guarantees.md").read_text()
    rows = [line for line in text.partition("## `make torture`")[0].splitlines() if line.startswith("| ")][2:]
    named = [re.findall(r"`(tests/[\w/]+\.py)`", row) for row in rows]

    assert [row for row, paths in zip(rows, named, strict=True) if not paths] == []
    assert [path for paths in named for path in paths if not (ROOT / path).exists()] == []
