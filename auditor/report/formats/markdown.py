"""The drift as a comment on a pull request, in GitHub's Markdown (https://github.github.com/gfm/). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from auditor.model.values import Change, Drift, Finding
from auditor.report.causes import Cause, causes, without
from auditor.report.display import place, visible
from auditor.report.formats.text import bracketed, difference, shortened, shortened_path
from auditor.report.labels import suspicion
from auditor.report.ledger import gap_line
from auditor.report.wording import counted, totals, verdict

LIMIT: Final = 65_536
"""Characters that GitHub takes in a comment. Counted here are bytes, which are never fewer."""
_SENTENCE: Final = 400
_NAME: Final = 200
_VALUE: Final = 160
_FIELDS: Final = 8
_SITES: Final = 24
_RESOURCES: Final = 6
_REST: Final = 60
"""Bytes that are kept for the line that says how much was left out."""
_PUNCTUATION: Final = re.compile(r"[!-+.:-@\[-`{-~]")
"""All of ASCII's but comma, dash and slash, which mean nothing within a line."""
_WORD: Final = re.compile(r"[A-Za-z]+[.,:;?]*|[0-9][0-9,]*[:;]?")
"""What stands as it is in a sentence: it can be no markup, address, reference or name of somebody."""
_ENDING: Final = re.compile(r"[.,:;?)]*$")
_DIFFERING: Final = ("Resource", "What differs: golden → actual", "Where", "Findings", "Severity")
_UNREAD: Final = ("Could not be read", "Why", "Where", "Findings", "Severity")


@dataclass(frozen=True)
class _Row:
    """The findings of one cause. `findings` is how many it stands for."""

    text: str
    findings: int


def drift_markdown(drift: Drift) -> str:
    """Verdict, counts, warnings, and the open differences, the gravest first, in no more than LIMIT bytes.

    The findings of one cause are one row. What there is no room for is left out by whole rows, and
    counted; long values are cut: the JSON has them.
    """
    blocks = [f"## {_sentence(verdict(drift))}", *_sentences(drift)]
    blocks += _list(drift.warnings, LIMIT // 8)
    unsettled = [one for one in drift.findings if one.exception is None]
    accepted = counted(len(drift.findings) - len(unsettled), "accepted finding")
    closing = [f"Not listed: {accepted}."] if len(unsettled) < len(drift.findings) else []
    unread = [one for one in unsettled if one.kind == "unreadable"]
    blocks += _table(_UNREAD, _rows(drift, unread), (LIMIT - _size([*blocks, *closing])) // 2)
    differing = [one for one in unsettled if one.kind != "unreadable"]
    blocks += _table(_DIFFERING, _rows(drift, differing), LIMIT - _size([*blocks, *closing]))
    return "\n\n".join([*blocks, *closing]) + "\n"


def code(text: str) -> str:
    """The text as code that holds no markup: nothing in it is a link, a mention, or the end of a cell."""
    # An address is a link for its @, even when that is an entity and in code, unless a tag stands behind it.
    encoded = _PUNCTUATION.sub(lambda found: f"&#{ord(found[0])};", visible(text)).replace("&#64;", "&#64;<wbr>")
    return f"<code>{encoded}</code>"


def prose(text: str) -> str:
    """A sentence, all in it that is not a plain word or number as code."""
    return " ".join(map(_told, visible(text).split()))


def _told(word: str) -> str:
    if _WORD.fullmatch(word):
        return word
    ending = _ENDING.search(word)
    start = ending.start() if ending else len(word)
    return f"{code(word[:start])}{word[start:]}" if start else code(word)


def _sentence(text: str) -> str:
    return prose(shortened(visible(text), _SENTENCE))


def _sentences(drift: Drift) -> Iterator[str]:
    said = [totals(drift) if drift.findings else "", suspicion(drift), gap_line(drift)]
    return (_sentence(one) for one in said if one)


def _list(warnings: Iterable[str], room: int) -> list[str]:
    rows = [_Row(f"- {_sentence(one)}", 1) for one in warnings]
    fitting, rest = _fitting(rows, room)
    more = [f"- … and {counted(rest, 'more warning')}"] if rest else []
    return ["**Warnings**", "\n".join([*(one.text for one in fitting), *more])] if rows else []


def _table(header: Sequence[str], rows: Sequence[_Row], room: int) -> list[str]:
    if not rows:
        return []
    head = [f"| {' | '.join(header)} |", f"|{' --- |' * len(header)}"]
    fitting, rest = _fitting(rows, room - _size(head))
    table = ["\n".join([*head, *(one.text for one in fitting)])] if fitting else []
    return table + ([f"… and {counted(rest, 'more finding')}."] if rest else [])


def _fitting(rows: Sequence[_Row], room: int) -> tuple[Sequence[_Row], int]:
    """As many of the first rows as there is room for, and how many findings the others stand for."""
    left = room - _REST
    for number, row in enumerate(rows):
        left -= _size([row.text])
        if left < 0:
            return rows[:number], sum(one.findings for one in rows[number:])
    return rows, 0


def _size(blocks: Iterable[str]) -> int:
    return sum(len(one.encode()) + 2 for one in blocks)


def _rows(drift: Drift, findings: Iterable[Finding]) -> list[_Row]:
    return [_row(drift, one) for one in causes(findings, drift.sites)]


def _row(drift: Drift, cause: Cause) -> _Row:
    first = cause.first
    resources = [code(shortened(visible(f"{first.type}/{name}"), _NAME)) for name in cause.names]
    sites = [code(shortened(visible(site), _NAME)) for site in cause.sites]
    cells = (
        "<br>".join(_first(resources, _RESOURCES)),
        "<br>".join(_what(first, drift.golden)),
        ", ".join(_first(sites, _SITES)),
        f"{len(cause.findings):,}",
        first.severity,
    )
    return _Row(f"| {' | '.join(cells)} |", len(cause.findings))


def _first(told: list[str], most: int) -> list[str]:
    return [*told[:most], f"and {len(told) - most} more"] if len(told) > most else told


def _what(finding: Finding, golden: str) -> Iterator[str]:
    if finding.kind in ("missing", "extra"):
        has = "has it" if finding.kind == "missing" else "does not have it"
        yield f"{finding.kind}: {code(shortened(visible(golden), _NAME))} {has}{_classes(finding.classes)}"
    changes = sorted(finding.changes, key=lambda one: one.path)
    yield from (_field(change, finding.site) for change in changes[:_FIELDS])
    if len(changes) > _FIELDS:
        yield f"… and {counted(len(changes) - _FIELDS, 'more field')}"


def _field(change: Change, site: str) -> str:
    field = code(shortened(shortened_path(place(change.path), _NAME), _NAME))
    if change.unreadable:
        return f"{field}: {code(shortened(visible(without(change.unreadable, site)), _VALUE))}"
    return f"{field}: {code(difference(change, _VALUE))}{_classes(change.classes)}"


def _classes(names: Iterable[str]) -> str:
    told = bracketed(names)
    return f" {code(shortened(told, _NAME))}" if told else ""
