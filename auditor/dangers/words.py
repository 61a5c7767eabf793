"""What the rules about dangers share: the call that is asked about, and how values are taken and worded. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from auditor.model.plan import Danger, Verb, Warned
from auditor.model.values import Value

_NAMED: Final = 3


@dataclass(frozen=True)
class Asked:
    """One planned call, and the raw values of its facet, in canonical text, between which it stands."""

    type: str
    verb: Verb
    operation: str
    params: Mapping[str, Value]
    found: Value
    wanted: Value


Rule = Callable[[Asked], Iterable[Warned]]
"""What is to be said of a call of one operation."""


def always(danger: Danger, text: str) -> Rule:
    """The rule of an operation of which the same is to be said whatever the values are."""
    return lambda _: (Warned(danger, text),)


def members(value: Value) -> dict[str, Value]:
    """The members of a structure that it says something about; none of what is no structure."""
    return {name: one for name, one in value.items() if one is not None} if isinstance(value, Mapping) else {}


def elements(value: Value) -> list[Value]:
    """The elements of a list; none of what is no list."""
    return list(value) if isinstance(value, list) else []


def listed(names: Iterable[str]) -> str:
    """The first three names, and how many more there are."""
    each = list(dict.fromkeys(names))
    rest = f" and {len(each) - _NAMED} more" if len(each) > _NAMED else ""
    return ", ".join(each[:_NAMED]) + rest


def number(value: Value) -> float:
    """A number as it is; 0 for what is none, as where nothing is set."""
    return value if isinstance(value, int | float) else 0


def days(count: Value) -> str:
    """`1 day`, `30 days`"""
    return f"{count} day{'' if count == 1 else 's'}"
