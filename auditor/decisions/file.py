"""What somebody decided about findings, from the file that the report exports, or that was written by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from auditor.errors import SettingsError
from auditor.model.values import DECISIONS, KINDS, Decision
from auditor.settings.yaml_file import SettingsFile, parse_settings_file

SCHEMA: Final = "auditor/decisions/1"
KEYS: Final = ("schema", "golden", "taken", "decisions")
MEMBERS: Final = ("finding", "resource", "site", "kind", "decision", "reason", "until")
NAMED: Final = 10
"""How many mistakes are told; the others are counted."""
Problem = tuple[tuple[Any, ...], str]
"""Where in the file, and what is wrong there."""


def read_decisions(path: Path) -> tuple[Decision, ...]:
    """The decisions, one a finding, in the file's order.

    Raises SettingsError, with the line of each mistake, for a file that holds anything else, and for two decisions
    about one finding that are not alike.
    """
    file = parse_settings_file(path)
    _refuse(file, _file_problems(file.values))
    rows = file.values["decisions"]
    _refuse(file, (problem for number, row in enumerate(rows) for problem in _row_problems(number, row)))
    golden = str(file.values.get("golden") or "")
    made = [_decision(row, golden) for row in rows]
    _refuse(file, _contradictions(made))
    return tuple({one.finding: one for one in made}.values())


def _refuse(file: SettingsFile, problems: Iterable[Problem]) -> None:
    found = list(problems)
    if not found:
        return
    places = [(file.place(where).line, what) for where, what in found[:NAMED]]
    told = [f"{file.path}:{line}: {what}" if line else f"{file.path}: {what}" for line, what in places]
    more = [f"… and {len(found) - NAMED} more mistakes."] if len(found) > NAMED else []
    raise SettingsError("\n".join([*told, *more, "Nothing was done. Correct the file, or export it anew."]))


def _file_problems(values: Mapping[str, Any]) -> Iterator[Problem]:
    yield from _unknown_keys(values, KEYS, ())
    if values.get("schema") != SCHEMA:
        yield ("schema",), f"'schema' is not {SCHEMA!r}: these are no decisions that this version reads."
    yield from _no_texts(values, ("golden", "taken"), ())
    if not isinstance(values.get("decisions"), list):
        yield ("decisions",), "a list 'decisions' is needed."


def _row_problems(number: int, row: object) -> Iterator[Problem]:
    where = "decisions", number
    if not isinstance(row, Mapping):
        yield where, "a decision is needed here, with at least 'finding' and 'decision'."
        return
    yield from _unknown_keys(row, MEMBERS, where)
    wrong = list(_no_texts(row, MEMBERS, where))
    yield from wrong or _member_problems(row, where)


def _unknown_keys(values: Mapping[str, Any], known: tuple[str, ...], where: tuple[Any, ...]) -> Iterator[Problem]:
    for key in values:
        if key not in known:
            near = get_close_matches(str(key), known, n=1)
            hint = f"Did you mean '{near[0]}'?" if near else f"Known here: {', '.join(known)}."
            yield (*where, key), f"unknown key '{key}'. {hint}"


def _no_texts(values: Mapping[str, Any], names: Iterable[str], where: tuple[Any, ...]) -> Iterator[Problem]:
    for name in names:
        if not isinstance(values.get(name, ""), str | None):
            yield (*where, name), f"'{name}' is not text: write it in quotes."


def _member_problems(row: Mapping[str, Any], where: tuple[Any, ...]) -> Iterator[Problem]:
    if not row.get("finding"):
        yield (*where, "finding"), "'finding' is missing: the id of the finding that is decided about."
    if row.get("decision") not in DECISIONS:
        yield (*where, "decision"), f"'decision' is one of {', '.join(DECISIONS)}."
    if row.get("kind") and row["kind"] not in KINDS:
        yield (*where, "kind"), f"'kind' is one of {', '.join(KINDS)}."
    if row.get("decision") == "accept" and not (row.get("reason") or "").strip():
        yield (*where, "reason"), "to accept takes a 'reason': say why the difference may stay."
    if row.get("until") and not _day(row["until"]):
        yield (*where, "until"), "'until' is no day: write it as 2027-01-31."


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def _decision(row: Mapping[str, Any], golden: str) -> Decision:
    # A key with nothing behind it says nothing.
    told: dict[str, Any] = {name: row.get(name) or "" for name in MEMBERS}
    return Decision(**{**told, "until": _day(told["until"]), "golden": golden})


def _contradictions(made: list[Decision]) -> Iterator[Problem]:
    first: dict[str, Decision] = {}
    for number, one in enumerate(made):
        other = first.setdefault(one.finding, one)
        if (one.decision, one.reason, one.until) != (other.decision, other.reason, other.until):
            yield ("decisions", number), f"{one.finding} is decided twice, and not alike. Keep one of them."
