"""Which words of two long texts differ, and what else in them deserves a mark. Pure, and bounded in time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import compress, count, groupby
from operator import itemgetter, ne
from typing import Final, Literal

from auditor.report.display import escaped, printable_runs, version_words

Role = Literal["", "symbol", "literal", "escape"]
SYMBOL: Final = r"(?<!\$)\$\{[^{}\n]*\}"
LITERAL: Final = "$${"
"""How a `${` is written that begins no symbol."""
LINE_BREAKS: Final = "\n\t"
_TOKEN: Final = re.compile(rf"{SYMBOL}|\$\$\{{|\w+|\s+|.", re.DOTALL)
_SYMBOL: Final = re.compile(rf"({SYMBOL}|\$\$\{{)")
_MOST_TOKENS: Final = 200
"""Beyond so many words on a side, what lies between the common beginning and end is marked as one."""
_MOST_STEPS: Final = 6_000_000
"""Pairs of words that all the diffs of a page may look at, which take about a second."""
_MOST_ROLES: Final = 200
_ALIKE: Final = 0.3
"""Two texts with less than this in common are simply two texts: marks would cover nearly all of them."""

Stretch = tuple[bool, str]
"""A stretch of a text, and whether it differs from the other text."""


@dataclass(frozen=True)
class Piece:
    """A stretch of a value that can be shown as it is: nothing in it is invisible."""

    text: str
    differs: bool = False
    role: Role = ""
    symbol: str = ""
    """The name of the symbol that the text stands for; "" for any other text."""


class Budget:
    """The work that the diffs of one page may still be: who comes first is served first, and the rest is bounded."""

    def __init__(self, steps: int = _MOST_STEPS) -> None:
        self._left = steps

    def grants(self, steps: int) -> bool:
        """Whether so many steps are left; if so, they are spent."""
        granted = steps <= self._left
        self._left -= steps if granted else 0
        return granted


def word_diff(golden: str, actual: str, budget: Budget | None = None) -> tuple[list[Stretch], list[Stretch]]:
    """Both texts in stretches; joined, they are the texts again. Texts with little in common bear no marks.

    What would be over the budget is marked as one stretch from the first difference to the last.
    """
    left, right = _TOKEN.findall(golden), _TOKEN.findall(actual)
    start = _common(left, right)
    end = _common(left[start:][::-1], right[start:][::-1])
    cut = slice(start, len(left) - end), slice(start, len(right) - end)
    marked = _between(left[cut[0]], right[cut[1]], budget or Budget())
    head, tail = (False, "".join(left[:start])), (False, "".join(left[len(left) - end :]))
    sides = [_joined([head, *side, tail]) for side in marked]
    if _alike(sides) < _ALIKE:
        return [(False, golden)], [(False, actual)]
    return sides[0], sides[1]


def pieces(stretches: Iterable[Stretch], keep: str = "") -> tuple[Piece, ...]:
    """The stretches, their symbols and escaped characters apart; characters in `keep` are not escaped."""
    found = [
        piece
        for differs, text in stretches
        for part in (_SYMBOL.split(text) if "${" in text else [text])
        if part
        for piece in _visible(part, differs, keep)
    ]
    return tuple(found) if len(found) <= _MOST_ROLES else tuple(_coarse(found))


def _common(left: list[str], right: list[str]) -> int:
    return next(compress(count(), map(ne, left, right)), min(len(left), len(right)))


def _between(left: list[str], right: list[str], budget: Budget) -> tuple[list[Stretch], list[Stretch]]:
    if max(len(left), len(right)) > _MOST_TOKENS or not budget.grants(len(left) * len(right)):
        return [(True, "".join(left))], [(True, "".join(right))]
    golden: list[Stretch] = []
    actual: list[Stretch] = []
    for tag, start, end, other, until in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        golden += [(tag != "equal", one) for one in left[start:end]]
        actual += [(tag != "equal", one) for one in right[other:until]]
    return golden, actual


def _joined(tokens: list[Stretch]) -> list[Stretch]:
    runs = groupby(filter(itemgetter(1), tokens), key=itemgetter(0))
    return [(differs, "".join(map(itemgetter(1), run))) for differs, run in runs]


def _alike(sides: list[list[Stretch]]) -> float:
    same = sum(len(text) for side in sides for differs, text in side if not differs)
    return same / max(1, sum(len(text) for side in sides for _, text in side))


def _visible(text: str, differs: bool, keep: str) -> Iterator[Piece]:
    if text == LITERAL:
        yield Piece(text, differs, "literal")
        return
    symbol = text[2:-1] if _SYMBOL.fullmatch(text) else ""
    role: Role = "symbol" if symbol else ""
    for seen, run in printable_runs(version_words(text) if role else text, keep):
        yield Piece(run, differs, role, symbol) if seen else Piece(escaped(run), differs, "escape")


def _coarse(found: list[Piece]) -> Iterator[Piece]:
    # A hostile value can alternate; a page of a hundred thousand marks helps nobody.
    for differs, run in groupby(found, key=lambda piece: piece.differs):
        yield Piece("".join(piece.text for piece in run), differs)
