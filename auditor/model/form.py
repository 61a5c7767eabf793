"""Whether what was read from a file has the form that its dataclass says, through and through. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints


def is_formed(value: object, hint: Any) -> bool:
    """Whether a value is of a type: a dataclass, a tuple, a mapping, a union, a literal, or a plain one."""
    origin, arguments = _taken_apart(hint)
    if hint is Any or origin is Literal:
        return hint is Any or (isinstance(value, str) and value in arguments)
    if origin in (Union, UnionType):
        return any(is_formed(value, one) for one in arguments)
    if origin is tuple:
        return isinstance(value, tuple) and all(is_formed(one, arguments[0]) for one in value)
    if origin is Mapping:
        inner = value.items() if isinstance(value, Mapping) else [(None, None)]
        return all(isinstance(name, str) and is_formed(one, arguments[1]) for name, one in inner)
    if is_dataclass(hint):
        kind = hint if isinstance(hint, type) else type(hint)
        return isinstance(value, kind) and all(is_formed(getattr(value, name), of) for name, of in _fields(kind))
    return type(value) is hint


@cache
def _taken_apart(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    return get_origin(hint), get_args(hint)


@cache
def _fields(kind: type) -> tuple[tuple[str, Any], ...]:
    hints = get_type_hints(kind)
    return tuple((one.name, hints[one.name]) for one in fields(kind))
