"""A settings file as values, with the line that each came from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from auditor.errors import SettingsError


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


def parse_settings_file(path: Path) -> SettingsFile:
    """The file's values. Raises SettingsError, with the line, for what is not YAML, and for a key written twice."""
    try:
        with path.open(encoding="utf-8") as file:
            values = _yaml().load(file)
    except OSError as error:
        raise SettingsError(f"{path} could not be read ({error.strerror}). Nothing was read from AWS.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not UTF-8 text. Nothing was read from AWS.") from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise SettingsError(f"{path}:{line}: {_problem(error)}. Nothing was read from AWS.") from None
    except ValueError:
        # Its message quotes the file.
        raise SettingsError(
            f"{path}: a value is not of the type that its !!tag says. Nothing was read from AWS."
        ) from None
    except YAMLError as error:
        raise SettingsError(f"{path} is not YAML: {error}. Nothing was read from AWS.") from None
    if values is None:
        values = {}
    if not isinstance(values, Mapping):
        raise SettingsError(f"{path}:1: expected keys with values ('golden: us-east-1'). Nothing was read from AWS.")
    return SettingsFile(path, values)


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.Constructor = _Constructor
    return yaml


def _problem(error: MarkedYAMLError) -> str:
    # What stands in quotes is of the file, and may be a secret: the values of a key written twice, for instance.
    problem = str(error.problem)
    if isinstance(error, DuplicateKeyError):
        return "the key '" + problem.partition('"')[2].partition('"')[0] + "' is written twice"
    return re.sub(r"\"[^\"]*\"|(?<=alias )'[^']*'", "…", problem)
