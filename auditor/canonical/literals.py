"""Which of many literals texts hold, in a time that does not grow with how many literals there are. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_TOKEN: Final = re.compile(r"[A-Za-z0-9]+")


@dataclass(frozen=True, eq=False)
class _Same:
    """Literals that are the same only where they are the very same object."""

    literals: Iterable[str]

    def __hash__(self) -> int:
        return id(self.literals)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.literals is other.literals


def held_in(words: Iterable[str], literals: Iterable[str]) -> set[str]:
    """Those of the literals that stand in one of the texts, on token boundaries.

    `literals` is a collection that does not change: it is made ready once.
    """
    if not literals:
        return set()
    index = _index(_Same(literals))
    return {one for word in words for one in _held(word, index)}


def masked(word: str, literals: Iterable[str], mask: str = "\0") -> str:
    """A text with each of the literals that it holds replaced, the longest first."""
    for literal in sorted(held_in([word], literals), key=lambda one: (-len(one), one)):
        word = _pattern(literal).sub(mask, word)
    return word


@lru_cache(maxsize=16)
def _index(same: _Same) -> Mapping[str, tuple[str, ...]]:
    """The literals by the token that they begin with; "" where they begin with something else."""
    found: dict[str, list[str]] = defaultdict(list)
    for literal in same.literals:
        first = _TOKEN.match(literal)
        found[first[0] if first else ""].append(literal)
    return {token: tuple(those) for token, those in found.items()}


def _held(word: str, index: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for token in _TOKEN.finditer(word):
        for literal in index.get(token[0], ()):
            end = token.start() + len(literal)
            # A literal can end with what is no letter or digit.
            if word.startswith(literal, token.start()) and not _TOKEN.match(word[end : end + 1]):
                yield literal
    yield from (one for one in index.get("", ()) if _pattern(one).search(word))


@lru_cache(maxsize=4096)
def _pattern(literal: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9]){re.escape(literal)}(?![A-Za-z0-9])")
