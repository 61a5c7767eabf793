"""Event filter patterns in one form: what lists alternatives has no order, what states a range has one. Pure.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from auditor.model.json_text import parse_json
from auditor.model.values import Value

_EITHER: Final = "$or"
"""Under which whole patterns stand as alternatives."""
_RANGE: Final = "numeric"
"""Of a test: operators and numbers in turn, `[">", 0, "<=", 100]`."""


def canonical_pattern(pattern: str) -> str:
    """A filter's pattern, which is JSON, with its members and its alternatives sorted."""
    try:
        return _text(_pattern(parse_json(pattern)))
    except ValueError:
        return pattern


def _text(value: Value) -> str:
    return json.dumps(value, sort_keys=True)


def _pattern(value: Value) -> Value:
    if isinstance(value, Mapping):
        return {name: _alternatives(member, is_either=name == _EITHER) for name, member in value.items()}
    return value


def _alternatives(value: Value, is_either: bool) -> Value:
    if not isinstance(value, list):
        return _pattern(value)
    return sorted((_pattern(one) if is_either else _test(one) for one in value), key=_text)


def _test(value: Value) -> Value:
    """One thing that a field may be: a literal, or a test by its operator (`{"anything-but": ["a", "b"]}`)."""
    if isinstance(value, list):
        return sorted((_test(one) for one in value), key=_text)
    if isinstance(value, Mapping):
        return {name: operand if name == _RANGE else _test(operand) for name, operand in value.items()}
    return value
