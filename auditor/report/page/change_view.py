"""One field that differs, both sides of it, as the page shows it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from auditor.canonical.policy import STATEMENT
from auditor.canonical.references import VERSION_PREFIX
from auditor.canonical.wording import SYMBOL
from auditor.model.pointer import pointer, segments
from auditor.model.values import ABSENT, Change, Value
from auditor.report.display import Form, Shown, one_line, place, shown, visible
from auditor.report.formats.text import shortened
from auditor.report.labels import LabelView, labels
from auditor.report.page.worddiff import LINE_BREAKS, Budget, Piece, pieces, word_diff
from auditor.report.statements import sentence

LONG: Final = 16
"""From this length on, the words in which two values differ are marked."""
_HEADLINE: Final = 32
"""Characters of a value that the heading of a cause has room for."""


@dataclass(frozen=True)
class SideView:
    """What one side of a change shows."""

    form: Form
    pieces: tuple[Piece, ...]
    symbol: str = ""
    """The name of the symbol that the value is, all of it, where it is told in other words."""


@dataclass(frozen=True)
class ChangeView:
    """One field: both sides, or why a side could not be read."""

    path: str
    golden: SideView
    actual: SideView
    unreadable: str = ""
    secret: bool = False
    """Both sides are secrets: all that is known is that they differ."""
    labels: tuple[LabelView, ...] = ()
    notes: tuple[str, ...] = ()


def change_views(changes: Iterable[Change], budget: Budget | None = None) -> tuple[ChangeView, ...]:
    """The fields in order; those of one statement of a policy together, as what the whole statement says."""
    ordered = sorted(changes, key=lambda one: one.path)
    return tuple(change_view(one, budget) for one in _by_statement(ordered))


def change_view(change: Change, budget: Budget | None = None) -> ChangeView:
    """Both sides of a change, the words in which long ones differ marked, as far as the budget goes."""
    golden, actual = _told(change)
    texts = [(False, golden.text)], [(False, actual.text)]
    secret = golden.form == actual.form == "secret"
    if not secret and _comparable(change.golden, change.actual) and min(len(golden.text), len(actual.text)) >= LONG:
        texts = word_diff(golden.text, actual.text, budget)
    sides = [
        SideView(one.form, pieces(text, LINE_BREAKS if one.form in ("block", "sentence") else ""), _symbol(value))
        for one, text, value in zip((golden, actual), texts, (change.golden, change.actual), strict=True)
    ]
    notes = tuple(visible(one) for one in change.notes)
    unread = visible(change.unreadable)
    return ChangeView(place(change.path), sides[0], sides[1], unread, secret, labels(change.classes), notes)


def headline(change: Change) -> str:
    """A change in a few words: `MemorySize 512 → 256`."""
    field = place(change.path).removeprefix("/")
    if change.unreadable:
        return f"{field} could not be read"
    if change.statement:
        return f"{pointer(_statement_place(change.path)).removeprefix('/')}: {_what_became(*change.statement)}"
    sides = [shortened(one_line(side), _HEADLINE) for side in (change.golden, change.actual)]
    return f"{field} {sides[0]} → {sides[1]}" if sides[0] != sides[1] else f"{field} differs"


def _symbol(value: Value) -> str:
    whole = SYMBOL.fullmatch(value) if isinstance(value, str) else None
    return whole[1] if whole and value.startswith(f"${{{VERSION_PREFIX}") else ""


def _what_became(golden: Value, actual: Value) -> str:
    if golden is ABSENT:
        return "a statement too many"
    return "the statement is missing" if actual is ABSENT else "the statement differs"


def _told(change: Change) -> tuple[Shown, Shown]:
    if change.statement and not change.unreadable:
        golden, actual = (_statement(one) for one in change.statement)
        # Two statements that read alike are told apart as JSON.
        if golden != actual:
            return golden, actual
    return shown(change.golden), shown(change.actual)


def _statement(value: Value) -> Shown:
    return shown(value) if value is ABSENT else Shown("sentence", sentence(value))


def _comparable(golden: Value, actual: Value) -> bool:
    return golden is not ABSENT and actual is not ABSENT


def _statement_place(path: str) -> tuple[str, ...]:
    parts = segments(path)
    return parts[: parts.index(STATEMENT) + 2]


def _by_statement(changes: Iterable[Change]) -> Iterator[Change]:
    def where(change: Change) -> str:
        return pointer(_statement_place(change.path)) if change.statement else change.path

    for path, group in groupby(changes, key=where):
        members = list(group)
        if members[0].statement and not members[0].unreadable:
            yield _whole(path, members)
        else:
            yield from members


def _whole(path: str, members: list[Change]) -> Change:
    golden, actual = members[0].statement or (ABSENT, ABSENT)
    return replace(
        members[0],
        path=path,
        golden=golden,
        actual=actual,
        classes=tuple(sorted({name for one in members for name in one.classes})),
        notes=tuple(dict.fromkeys(note for one in members for note in one.notes)),
    )
