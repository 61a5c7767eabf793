"""Which fields documents can have, type by type, and whether a glob over their paths can match any. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

EVERY: Final = "*"
"""Stands for any key of a map, and for any element of a list."""
_TOKEN: Final = re.compile(r"\[!?\]?[^\]]*\]|.", re.DOTALL)
States = frozenset[int]
"""How far into a glob one can be: the places of tokens that may come next."""


@dataclass(frozen=True)
class Places:
    """A place in a document, with those below it. Of what is below an open one, nothing is known."""

    below: Mapping[str, Places] = field(default_factory=dict)
    is_open: bool = False


OPEN: Final = Places(is_open=True)
TypePlaces = Callable[[str], Places]
"""Tells the places of a type's documents, by the type's name."""


def merged(one: Places, other: Places) -> Places:
    """The places of both."""
    below = {**one.below}
    for name, place in other.below.items():
        below[name] = merged(below[name], place) if name in below else place
    return Places(below, one.is_open or other.is_open)


def planted(places: Places, path: Sequence[str], leaf: Places) -> Places:
    """The places with one more, at a path; what stands on the way is added where it is not there."""
    if not path:
        return merged(places, leaf)
    child = planted(places.below.get(path[0], Places()), path[1:], leaf)
    return Places({**places.below, path[0]: child}, places.is_open)


def without(places: Places, path: Sequence[str]) -> Places:
    """The places without one, and without what is below it."""
    if not path or path[0] not in places.below:
        return places
    others = {name: one for name, one in places.below.items() if name != path[0]}
    if len(path) == 1:
        return Places(others, places.is_open)
    return Places({**others, path[0]: without(places.below[path[0]], path[1:])}, places.is_open)


def paths(places: Places, above: str = "") -> Iterator[str]:
    """The paths of all places below one."""
    for name, one in places.below.items():
        yield f"{above}/{name}"
        yield from paths(one, f"{above}/{name}")


def is_place(places: Places, path: Sequence[str]) -> bool:
    """Whether a path of names leads to a place; `*` and `[]` in it stand for every name."""
    if not path or places.is_open:
        return True
    wild = path[0] in (EVERY, "[]")
    found = places.below.values() if wild else (places.below[one] for one in (path[0], EVERY) if one in places.below)
    return any(is_place(one, path[1:]) for one in found)


def can_match(glob: str, places: Places, before: str = "") -> bool:
    """Whether a glob over `before` and a path behind it can match the path of any place."""
    tokens = tuple(_TOKEN.findall(glob))
    return _reaches_end(places, _advanced(_spread({0}, tokens), before, tokens), tokens)


def can_begin(glob: str, prefix: str) -> bool:
    """Whether a glob matches any text that begins with `prefix` and goes on."""
    tokens = tuple(_TOKEN.findall(glob))
    return any(n < len(tokens) for n in _advanced(_spread({0}, tokens), prefix, tokens))


def _reaches_end(places: Places, states: States, tokens: tuple[str, ...]) -> bool:
    if len(tokens) in states:
        return True
    inside = _advanced(states, "/", tokens)
    if not inside:
        return False
    if places.is_open:
        return True
    return any(_reaches_end(one, _through(name, inside, tokens), tokens) for name, one in places.below.items())


def _through(name: str, states: States, tokens: tuple[str, ...]) -> States:
    """How far one is behind a name; behind any name that there may be, for EVERY."""
    if name != EVERY:
        return _advanced(states, name.replace("~", "~0").replace("/", "~1"), tokens)
    reached: set[int] = set()
    pending = set(states)
    while pending:
        reached |= pending
        onward = {n + 1 for n in pending if n < len(tokens) and tokens[n] not in ("*", "/")}
        pending = set(_spread(onward, tokens)) - reached
    return frozenset(reached)


def _advanced(states: Iterable[int], text: str, tokens: tuple[str, ...]) -> States:
    reached = frozenset(states)
    for letter in text:
        if not reached:
            break
        stays = {n for n in reached if n < len(tokens) and tokens[n] == "*"}
        onward = {n + 1 for n in reached - stays if n < len(tokens) and fnmatchcase(letter, tokens[n])}
        reached = _spread(onward | stays, tokens)
    return reached


def _spread(reached: Iterable[int], tokens: tuple[str, ...]) -> States:
    """The places too that are reached by a star that stands for nothing."""
    found = set(reached)
    pending = list(found)
    while pending:
        place = pending.pop()
        if place < len(tokens) and tokens[place] == "*" and place + 1 not in found:
            found.add(place + 1)
            pending.append(place + 1)
    return frozenset(found)
