"""Texts of CloudFormation templates with other values in them, every other letter as it was."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

Place = tuple[str | int, ...]
"""Where a value stands in a template."""
_ROOTS: Final = (
    Path(__file__).parents[1] / "templates",  # in a wheel
    Path(__file__).parents[2] / "templates",  # in a checkout
)


def filled(text: str, values: Mapping[Place, str]) -> str:
    """The text with other values at these places, and every other letter, comments too, as it was."""
    root = composed(text)
    spans = sorted(((*span(text, at(root, place)), value) for place, value in values.items()), reverse=True)
    for start, end, value in spans:
        text = text[:start] + value + text[end:]
    return text


def composed(text: str) -> Any:
    """The text's nodes, which know where they stand."""
    return YAML(typ="safe", pure=True).compose(text)


def at(node: Any, place: Place) -> Any:
    """The node at a place below this one."""
    for step in place:
        inside = node.value if isinstance(step, int) else {key.value: value for key, value in node.value}
        node = inside[step]
    return node


def span(text: str, node: Any) -> tuple[int, int]:
    """Where a value stands, without the white space behind it, which YAML counts to a block."""
    start = node.start_mark.index
    return start, start + len(text[start : node.end_mark.index].rstrip())


def quoted(text: str) -> str:
    """A text that needs no escapes, as YAML."""
    return f'"{text}"'


def sub(text: str, quote: str = '"') -> str:
    """The same, where CloudFormation fills in what stands in ${…}."""
    return f"{'!Sub ' if '${' in text else ''}{quote}{text}{quote}"


def block(text: str, indent: int) -> str:
    """Lines as a YAML block."""
    return "|\n" + textwrap.indent(text.rstrip(), " " * indent)


def template(name: str) -> str:
    """A template's text, by its file's name."""
    path = next((root / name for root in _ROOTS if (root / name).exists()), _ROOTS[0] / name)
    return path.read_text(encoding="utf-8")
