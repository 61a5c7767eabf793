"""Each option of each command is used by it, or refused: none is taken and does nothing."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import click
import pytest

from auditor.cli.main import auditor
from auditor.cli.options import note

GIVEN = "given"
"""How commands call the options that they hand on together."""


def commands(group: click.Group = auditor, before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, one in group.commands.items():
        yield (*before, name), one
        if isinstance(one, click.Group):
            yield from commands(one, (*before, name))


COMMANDS = dict(commands())


def body_of(function: Callable[..., Any]) -> ast.FunctionDef:
    """The function without its decorators, which name options that nobody need use."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    assert isinstance(tree, ast.FunctionDef)
    tree.decorator_list = []
    return tree


def callee(call: ast.Call, scope: dict[str, Any]) -> Any:
    if isinstance(call.func, ast.Name):
        return scope.get(call.func.id)
    if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
        return getattr(scope.get(call.func.value.id), call.func.attr, None)
    return None


def is_handed_on(call: ast.Call) -> bool:
    handed = [*call.args, *(keyword.value for keyword in call.keywords)]
    return any(isinstance(node, ast.Name) and node.id == GIVEN for one in handed for node in ast.walk(one))


def used_by(function: Callable[..., Any], seen: set[Callable[..., Any]]) -> set[str]:
    """The names that a function reads: of its own parameters, and of the options that are handed on to others."""
    seen.add(function)
    tree = body_of(function)
    nodes = list(ast.walk(tree))
    told = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    told |= {node.id for node in nodes if isinstance(node, ast.Name)}
    for call in (node for node in nodes if isinstance(node, ast.Call)):
        other = callee(call, function.__globals__)
        # What is said to people looks into the context, for --json-log.
        followed = other is note or is_handed_on(call)
        if followed and inspect.isfunction(other) and other not in seen:
            told |= used_by(other, seen)
    return told


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_a_command_uses_each_of_its_options(path):
    command = COMMANDS[path]
    told = used_by(command.callback, set())

    assert [one.opts[-1] for one in command.params if one.expose_value and one.name not in told] == []


def test_an_option_that_nobody_uses_is_found():
    def command(used: str, **given: Any) -> None:
        assert used == given["also"]

    told = used_by(command, set())

    assert ("used" in told, "also" in told, "unused" in told) == (True, True, False)


@pytest.mark.parametrize(
    ("path", "option"),
    [(path, one) for path, command in COMMANDS.items() for one in command.params if getattr(one, "hidden", False)],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else one.opts[0],
)
def test_an_option_that_a_command_does_not_show_is_refused_with_a_reason(clean_environment, run, path, option):
    argument = [] if option.is_flag else ["x"]

    told = run(*path, "x", option.opts[0], *argument)

    assert (told.code, told.err.startswith(f"auditor: {option.opts[0]}: "), "Leave it out" in told.err) == (
        1,
        True,
        True,
    )


def test_every_command_that_reads_sites_takes_what_names_them():
    reading = ("diff", "report", "snapshot", "audit", "plan", "reconcile", "release", "accept")
    wanted = {
        "--config",
        "--profile",
        "--golden",
        "--region",
        "--type",
        "--store",
        "--json-log",
        "--verbose",
        "--quiet",
    }

    assert {
        name: wanted - {text for one in auditor.commands[name].params for text in one.opts} for name in reading
    } == {name: set() for name in reading}


@pytest.mark.parametrize(
    "arguments",
    [
        ("init", "--schema", "--force"),
        ("snapshot", "--region", "us-east-1", "list"),
        ("snapshot", "--strict", "verify"),
        ("iam-policy", "--explain", "--trust", "111122223333"),
        ("iam-policy", "audit", "--organization"),
        ("sandbox", "--empty", "--scenario", "s.yaml"),
        ("deploy-setup", "region", "-o", "folder"),
        ("deploy", "app", "--golden", "us-east-1"),
    ],
    ids=" ".join,
)
def test_options_of_which_one_would_do_nothing_are_refused(clean_environment, run, tmp_path, arguments):
    (tmp_path / "s.yaml").write_text("{}")

    told = run(*arguments)

    assert (told.code, told.out, "eave" in told.err) == (1, "", True), told.err
