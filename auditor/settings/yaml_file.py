"""A settings file as values, with the line that each came from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)

from auditor.errors import SettingsError

LARGEST: Final = 8 * 1024 * 1024
"""Characters that a file may have."""
MOST: Final = 250_000
"""Values that a file may have, keys among them: those of ten thousand decisions. ruamel takes a minute for as many."""
DEEPEST: Final = 100
"""Levels that a file may be nested: ruamel takes its time for many, and Python's stack ends at some hundreds."""
# What ruamel's constructors raise for a value that its !!tag does not fit: `!!int ""`, `!!set` of a scalar.
_ILL_TAGGED: Final = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class _Constructor(RoundTripConstructor):
    """Leaves days as text: one that does not exist is found where the line can be told."""


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", RoundTripConstructor.construct_scalar)


@dataclass(frozen=True)
class Place:
    """Where a value stands in the file; line 0 where that is not known."""

    line: int


@dataclass(frozen=True)
class SettingsFile:
    """A file that was read. `values` keep ruamel's marks, so that their lines can be told; they may hold secrets."""

    path: Path
    values: Mapping[str, Any] = field(repr=False)

    def place(self, path: tuple[Any, ...]) -> Place:
        """The line (counted from 1) of the innermost key of `path` that the file has."""
        line, node = 0, self.values
        for segment in path:
            try:
                position = node.lc.data[segment]  # type: ignore[attr-defined]
                line, node = position[0] + 1, node[segment]
            except (AttributeError, KeyError, IndexError, TypeError):
                break
        return Place(line)


@dataclass(frozen=True)
class Part:
    """A node of a YAML text, from the character at `start` to the one before `end`.

    A block ends with the last thing that is written in it, before the comments and blank lines that follow.
    """

    form: Literal["map", "list", "value", "alias"]
    flow: bool
    start: int
    end: int
    column: int
    text: str = ""
    """A value as YAML means it."""
    parts: tuple[Part, ...] = ()
    """A list's items; a map's keys and values in turn."""


def parse_settings_file(path: Path) -> SettingsFile:
    """The file's values. Raises SettingsError, with the line, for what is not YAML, and for a key written twice."""
    return parse_settings_text(path, settings_text(path))


def settings_text(path: Path) -> str:
    """The file's text, each line break as it is there. Raises SettingsError where it cannot be read."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            text = file.read(LARGEST + 1)
    except OSError as error:
        raise SettingsError(f"{path} could not be read ({error.strerror}). Nothing was read from AWS.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not UTF-8 text. Nothing was read from AWS.") from None
    if len(text) > LARGEST:
        raise SettingsError(
            f"{path} has more than {LARGEST:,} characters, the most that is read. Nothing was read from AWS. Split it."
        )
    return text


def parse_settings_text(path: Path, text: str) -> SettingsFile:
    """The values of the text of a file at `path`. Raises SettingsError as `parse_settings_file` does."""
    try:
        _refuse_endless(path, text)
        values = _yaml().load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise SettingsError(f"{path}:{line}: {_problem(error)}. Nothing was read from AWS.") from None
    except YAMLError as error:
        raise SettingsError(f"{path} is not YAML: {error}. Nothing was read from AWS.") from None
    except _ILL_TAGGED:
        # Its message quotes the file.
        raise SettingsError(
            f"{path}: a value is not of the type that its !!tag says. Nothing was read from AWS."
        ) from None
    if values is None:
        values = {}
    if not isinstance(values, Mapping):
        raise SettingsError(f"{path}:1: expected keys with values ('golden: us-east-1'). Nothing was read from AWS.")
    return SettingsFile(path, values)


def _refuse_endless(path: Path, text: str) -> None:
    """Raises SettingsError for what would take for ever, or too much memory, before its values are made."""
    depth = 0
    for count, event in enumerate(_yaml().parse(text)):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > DEEPEST or count > MOST:
            what = f"more than {MOST:,} values" if count > MOST else f"nested deeper than {DEEPEST} levels"
            raise SettingsError(f"{path}:{event.start_mark.line + 1}: {what}. Nothing was read from AWS.")


def parts_of(text: str) -> tuple[Part | None, int]:
    """The node that a YAML text consists of, None for none, and where the document ends, a `...` left out.

    The text is one that `parse_settings_text` takes.
    """
    events: Iterator[Any] = iter(_yaml().parse(text))
    root, end = None, len(text)
    for event in events:
        if isinstance(event, DocumentEndEvent) and event.explicit:
            end = event.start_mark.index
        if isinstance(event, NodeEvent):
            root = _part(event, events)
    return root, end


def _part(event: Any, events: Iterator[Any]) -> Part:
    start, end, column = event.start_mark.index, event.end_mark.index, event.start_mark.column
    if isinstance(event, AliasEvent):
        return Part("alias", False, start, end, column)
    if isinstance(event, ScalarEvent):
        return Part("value", False, start, end, column, event.value)
    held = []
    last = next(events)
    while isinstance(last, NodeEvent):
        held.append(_part(last, events))
        last = next(events)
    # What is not written (a key without a value) is said to stand wherever the next thing does.
    written = [one.end for one in held if one.end > one.start]
    ended = last.end_mark.index if event.flow_style else max(written, default=end)
    form: Literal["map", "list"] = "map" if isinstance(event, MappingStartEvent) else "list"
    return Part(form, bool(event.flow_style), start, ended, column, "", tuple(held))


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.Constructor = _Constructor
    return yaml


def _problem(error: MarkedYAMLError) -> str:
    # What stands in quotes is of the file, and may be a secret: the values of a key written twice, for instance.
    problem = str(error.problem)
    if isinstance(error, DuplicateKeyError):
        key = problem.partition('"')[2].partition('"')[0]
        # An address is of a webhook, and may be a secret.
        return "an address is written twice, as a key" if ":/" in key else f"the key '{key}' is written twice"
    return re.sub(r"\"[^\"]*\"|(?<=alias )'[^']*'", "…", problem)
