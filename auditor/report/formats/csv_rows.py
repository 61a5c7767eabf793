"""The drift as a table for spreadsheets and scripts (RFC 4180). Pure."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from typing import Final

from auditor.model.values import ABSENT, Attribution, Change, Drift, Finding, Value
from auditor.report.display import is_json, visible
from auditor.report.wording import in_order

COLUMNS: Final = (
    "id", "site", "type", "name", "kind", "severity", "path", "golden", "actual", "unreadable", "classes",
    "accepted", "exception_reason", "exception_until",
    "attribution_event", "attribution_principal", "attribution_time",
)  # fmt: skip
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the beginning of a formula, the wide forms of East Asian keyboards among them
(https://owasp.org/www-community/attacks/CSV_Injection)."""
_WHOLE: Final = Change("")
"""What stands for the changes of a finding that has none."""


class _Lines(list[str]):
    """What csv writes to: a file that is none."""

    def write(self, line: str) -> None:
        self.append(line)


def drift_csv(drift: Drift) -> str:
    """A header and a row a change; a finding without changes is one row. Each line ends in CR and LF.

    A side that has no such field is an empty cell. A value is JSON, except a text that cannot be taken for
    anything else: it stands as it is. What would be a formula has an apostrophe before it.
    """
    lines = _Lines()
    writer = csv.writer(lines, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for finding in in_order(drift, drift.findings):
        writer.writerows(_rows(finding))
    return "".join(lines)


def value_cell(value: Value) -> str:
    """A value as a cell, so that two different values are two different cells."""
    if value is ABSENT:
        return ""
    if isinstance(value, str) and _bare(value):
        return _guarded(value)
    return _json(value)


def _rows(finding: Finding) -> Iterator[tuple[str, ...]]:
    for change in sorted(finding.changes, key=lambda one: one.path) or (_WHOLE,):
        sides = ("", "") if change.unreadable else (value_cell(change.golden), value_cell(change.actual))
        classes = ", ".join(sorted({*finding.classes, *change.classes}))
        yield (
            *map(_text, (finding.id, finding.site, finding.type, finding.name, finding.kind, finding.severity)),
            _text(change.path),
            *sides,
            *map(_text, (change.unreadable, classes)),
            *map(_text, (*_exception(finding), *_attribution(change.attribution or finding.attribution))),
        )


def _exception(finding: Finding) -> tuple[str, ...]:
    exception = finding.exception
    return ("no", "", "") if exception is None else ("yes", exception.reason, exception.until)


def _attribution(told: Attribution | None) -> tuple[str, ...]:
    return ("", "", "") if told is None else (told.event, told.principal, told.time)


def _text(text: str) -> str:
    return _guarded(visible(text))


def _guarded(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _bare(text: str) -> bool:
    # What begins with a quote would be taken for JSON, with an apostrophe for a formula made harmless.
    odd = text != text.strip() or not text.isprintable() or text.startswith(('"', "'")) or not text
    return not odd and not is_json(text)


def _json(value: Value) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    # What cannot be seen stands within a text only, where JSON has an escape for it.
    return text if text.isprintable() else "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in text)
