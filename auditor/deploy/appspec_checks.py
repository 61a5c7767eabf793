"""Checks of which AppSpec rules are put together, each from a value to what is wrong with it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeGuard

Place = tuple[str | int, ...]
"""Keys and positions from the top down to a value."""


@dataclass(frozen=True)
class Problem:
    """Where something is wrong, and what was expected. What is only ignored is a `warning`."""

    place: Place
    what: str
    warning: bool = False


Check = Callable[[Any, Place], Iterator[Problem]]
Ignored = Callable[[str], str]
"""Why an unknown key is no error; "" where it is one."""


def never(_: str) -> str:
    """Every unknown key is an error."""
    return ""


def mapping(
    fields: Mapping[str, Check], needed: Collection[str], optional: Collection[str] = (), ignored: Ignored = never
) -> Check:
    """Keys with values; `optional` ones may be there and empty."""

    def check(value: Any, place: Place) -> Iterator[Problem]:
        if not isinstance(value, Mapping):
            yield Problem(place, f"expected keys with values ({', '.join(fields)}), found {shown(value)}")
            return
        for name in (one for one in fields if one in needed and value.get(one, "") is None and one in optional):
            yield Problem((*place, name), "expected a value, found nothing")
        for name in (one for one in fields if one in needed and one not in value):
            yield Problem(place, f"expected the key '{name}', which is missing")
        for name, one in value.items():
            if name not in fields:
                yield _unknown(name, fields, (*place, name), ignored)
            elif one is not None or name not in optional:
                yield from fields[name](one, (*place, name))

    return check


def _unknown(name: Any, fields: Mapping[str, Check], place: Place, ignored: Ignored) -> Problem:
    if why := ignored(str(name)):
        return Problem(place, why, warning=True)
    return Problem(place, f"unknown key{near(name, fields)}; expected one of {', '.join(fields)}")


def listed(check: Check) -> Check:
    """A list of what `check` takes."""

    def checked(value: Any, place: Place) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield Problem(place, f"expected a list, found {shown(value)}")
            return
        for number, one in enumerate(value):
            yield from check(one, (*place, number))

    return checked


def value_that(test: Callable[[Any], Any], expected: str) -> Check:
    """A value that passes a test."""

    def check(value: Any, place: Place) -> Iterator[Problem]:
        if not test(value):
            yield Problem(place, f"{expected}, found {shown(value)}")

    return check


def one_of(*known: str) -> Check:
    """One of some texts."""
    return value_that(lambda value: value in known, f"expected {' or '.join(known)}")


def is_text(value: Any) -> TypeGuard[str]:
    """Whether a value is a text with something in it."""
    return isinstance(value, str) and bool(value.strip())


def is_whole(value: Any, least: int, most: int) -> bool:
    """Whether a value is a whole number within bounds."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def near(name: Any, known: Collection[str]) -> str:
    """A question after the known name that is most like this one; "" where none is."""
    spelled = {one.casefold(): one for one in known}
    found = get_close_matches(str(name).casefold(), spelled, n=1)
    return f" (did you mean {spelled[found[0]]}?)" if found else ""


def is_slip(name: str, known: Collection[str]) -> bool:
    """Whether a name is a known one but for its case, or for one or two letters."""
    return any(_distance(_letters(name), _letters(one)) <= (2 if len(one) > 6 else 1) for one in known)


def _letters(name: str) -> str:
    return re.sub(r"[\s_-]", "", name.casefold())


def _distance(one: str, other: str) -> int:
    # Levenshtein's.
    if abs(len(one) - len(other)) > 2:
        return 3
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, start=1):
        before, row = row, [number]
        for at, wanted in enumerate(other, start=1):
            row.append(min(before[at] + 1, row[-1] + 1, before[at - 1] + (letter != wanted)))
    return row[-1]


def shown(value: Any) -> str:
    """A value for a message, cut where it is long."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


TEXT = value_that(is_text, "expected text")
