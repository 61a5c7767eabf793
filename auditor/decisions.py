"""What somebody decided about findings, from the file that the report exports."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from auditor.errors import SettingsError
from auditor.settings_file import parse_settings_file

SCHEMA: Final = "auditor/decisions/1"
KINDS: Final = ("fix", "accept", "golden", "later")


def read_decisions(path: Path) -> dict[str, str]:
    """The decision about each finding, by its id: fix, accept, golden (golden is wrong) or later.

    Raises SettingsError for a file that holds anything else, or two decisions about one finding.
    """
    file = parse_settings_file(path)
    rows = file.values.get("decisions")
    if file.values.get("schema") != SCHEMA or not isinstance(rows, list):
        raise SettingsError(
            f"{path}: decisions have the schema {SCHEMA!r} and a list 'decisions'. Nothing was planned."
        )
    wrong = [row for row in rows if not _is_decision(row)]
    if wrong:
        raise SettingsError(
            f"{path}: {dict(wrong[0]) if isinstance(wrong[0], Mapping) else wrong[0]!r} is no decision: it needs a "
            f"'finding' and a 'decision', one of {', '.join(KINDS)}. Nothing was planned."
        )
    made = {str(row["finding"]): str(row["decision"]) for row in rows}
    twice = [str(row["finding"]) for row in rows if made[str(row["finding"])] != row["decision"]]
    if twice:
        raise SettingsError(
            f"{path}: {twice[0]} is decided twice, and not alike. Nothing was planned. Keep one of them."
        )
    return made


def _is_decision(row: object) -> bool:
    return isinstance(row, Mapping) and bool(row.get("finding")) and row.get("decision") in KINDS
