"""JSON: that of anybody, parsed in bounded time and depth, and that of documents, as they are stored. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from auditor.model.values import Value

DEEPEST: Final = 100
"""Levels that a document may be nested. AWS's own and this program's have fewer than twenty."""


def parse_json(text: str | bytes) -> Value:
    """The value that a JSON text holds.

    Raises ValueError for what is not JSON (UnicodeDecodeError, for bytes that are no text, is one too), and for a
    text that is nested deeper than DEEPEST levels.
    """
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(DEEPEST):
        if not level:
            return value
        level = [child for node in level for child in _children(node) if isinstance(child, dict | list)]
    raise ValueError(_TOO_DEEP)


def rendered(document: Mapping[str, Value]) -> bytes:
    """A document as it is stored and sealed: keys sorted, UTF-8, a newline at the end."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, indent=1) + "\n"
    # A lone surrogate is not UTF-8; its escape is JSON's too, and carries it.
    return text.encode(errors="backslashreplace")


_TOO_DEEP: Final = f"it is nested deeper than {DEEPEST} levels"


def _children(node: Value) -> list[Value]:
    return list(node.values()) if isinstance(node, dict) else node
