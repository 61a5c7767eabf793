"""When two values count as alike although they are not equal, field by field. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from auditor.model.values import ABSENT, Value
from auditor.specs.field_tree import Path
from auditor.specs.spec import COMPARATORS, SCALED

_WITHIN: Final = re.compile(r"within (\d+(?:\.\d+)?)%")


def is_comparator(how: str) -> bool:
    """Whether this names a way to compare: one of COMPARATORS, `within 10%` for instance."""
    return bool(_WITHIN.fullmatch(how)) or how in COMPARATORS


def alike(how: str, golden: Value, actual: Value) -> bool:
    """Whether two values, each of which can be ABSENT, count as alike when compared like that."""
    within = _WITHIN.fullmatch(how)
    if within:
        return _both_numbers(golden, actual) and abs(actual - golden) <= abs(golden) * float(within[1]) / 100
    return bool(_WAYS[how](golden, actual))


_WAYS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "equal": lambda golden, actual: golden == actual,
    "count": lambda golden, actual: _count(golden) == _count(actual),
    "all-or-none": lambda golden, actual: _is_set(golden) == _is_set(actual),
    "ignore-case": lambda golden, actual: _folded(golden) == _folded(actual),
    "at-least": lambda golden, actual: _both_numbers(golden, actual) and actual >= golden,
    "equal-unless-scaled": lambda golden, actual: (
        golden == actual or (SCALED in (golden, actual) and ABSENT not in (golden, actual))
    ),
    "informational": lambda golden, actual: True,  # noqa: ARG005 whatever they are
}


def settled(golden: Value, actual: Value, path: Path, how: str) -> Value:
    """`actual` with golden's value wherever the two are alike at `path`, so that no difference is left there."""
    if not path:
        return golden if alike(how, golden, actual) else actual
    if isinstance(golden, list) and isinstance(actual, list):
        pairs = zip(golden, actual, strict=False)
        return [settled(one, other, path[1:], how) for one, other in pairs] + actual[len(golden) :]
    if not isinstance(golden, dict) or not isinstance(actual, dict):
        return actual
    wild = path[0] in ("*", "[]")
    changed = {name: _settled_member(golden, actual, name, path, how) for name in (golden if wild else path[:1])}
    return type(actual)({name: value for name, value in {**actual, **changed}.items() if value is not ABSENT})


def _settled_member(golden: dict[str, Value], actual: dict[str, Value], name: str, path: Path, how: str) -> Value:
    # A whole element that one side lacks is a difference of its own, not one of a field inside it.
    here = actual.get(name, ABSENT)
    if len(path) > 1 and here is ABSENT:
        return ABSENT
    return settled(golden.get(name, ABSENT), here, path[1:], how)


def _count(value: Value) -> int:
    return len(value) if isinstance(value, dict | list) else int(_is_set(value))


def _is_set(value: Value) -> bool:
    return value is not ABSENT and value not in (None, "", [], {})


def _folded(value: Value) -> Value:
    return value.lower() if isinstance(value, str) else value


def _both_numbers(*values: Value) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
