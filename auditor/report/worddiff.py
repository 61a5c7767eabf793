"""Which words of two long texts differ, and what else in them deserves a mark. Pure, and bounded in time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby, takewhile
from typing import Final, Literal

from auditor.report.display import escaped, printable_runs

Role = Literal["", "symbol", "escape"]
SYMBOL: Final = r"(?<!\$)\$\{[^{}\n]*\}"
LINE_BREAKS: Final = "\n\t"
_TOKEN: Final = re.compile(rf"{SYMBOL}|\w+|\s+|.", re.DOTALL)
_SYMBOL: Final = re.compile(rf"({SYMBOL})")
_MOST_TOKENS: Final = 200
"""Beyond so many words on a side, what lies between the common beginning and end is marked as one."""
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


def word_diff(golden: str, actual: str) -> tuple[list[Stretch], list[Stretch]]:
    """Both texts in stretches; joined, they are the texts again. Texts with little in common bear no marks."""
    left, right = _TOKEN.findall(golden), _TOKEN.findall(actual)
    start = _common(left, right)
    end = _common(left[start:][::-1], right[start:][::-1])
    cut = slice(start, len(left) - end), slice(start, len(right) - end)
    marked = _between(left[cut[0]], right[cut[1]])
    head, tail = [(False, one) for one in left[:start]], [(False, one) for one in left[len(left) - end :]]
    sides = [_joined([*head, *side, *tail]) for side in marked]
    if _alike(sides) < _ALIKE:
        return [(False, golden)], [(False, actual)]
    return sides[0], sides[1]


def pieces(stretches: Iterable[Stretch], keep: str = "") -> tuple[Piece, ...]:
    """The stretches, their symbols and escaped characters apart; characters in `keep` are not escaped."""
    found = [
        piece
        for differs, text in stretches
        for part in _SYMBOL.split(text)
        if part
        for piece in _visible(part, differs, keep)
    ]
    return tuple(found) if len(found) <= _MOST_ROLES else tuple(_coarse(found))


def _common(left: list[str], right: list[str]) -> int:
    return sum(1 for _ in takewhile(lambda two: two[0] == two[1], zip(left, right, strict=False)))


def _between(left: list[str], right: list[str]) -> tuple[list[Stretch], list[Stretch]]:
    if max(len(left), len(right)) > _MOST_TOKENS:
        return [(True, one) for one in left], [(True, one) for one in right]
    golden: list[Stretch] = []
    actual: list[Stretch] = []
    for tag, start, end, other, until in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        golden += [(tag != "equal", one) for one in left[start:end]]
        actual += [(tag != "equal", one) for one in right[other:until]]
    return golden, actual


def _joined(tokens: list[Stretch]) -> list[Stretch]:
    runs = groupby(tokens, key=lambda token: token[0])
    return [(differs, "".join(text for _, text in run)) for differs, run in runs]


def _alike(sides: list[list[Stretch]]) -> float:
    same = sum(len(text) for side in sides for differs, text in side if not differs)
    return same / max(1, sum(len(text) for side in sides for _, text in side))


def _visible(text: str, differs: bool, keep: str) -> Iterator[Piece]:
    role: Role = "symbol" if _SYMBOL.fullmatch(text) else ""
    for seen, run in printable_runs(text, keep):
        yield Piece(run, differs, role) if seen else Piece(escaped(run), differs, "escape")


def _coarse(found: list[Piece]) -> Iterator[Piece]:
    # A hostile value can alternate; a page of a hundred thousand marks helps nobody.
    for differs, run in groupby(found, key=lambda piece: piece.differs):
        yield Piece("".join(piece.text for piece in run), differs)
