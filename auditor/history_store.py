"""The history's files: one small one a run, beside the snapshots, written whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from auditor.errors import StoreError
from auditor.files import text_of, write_whole
from auditor.history import SCHEMA, Run, run_document, run_from

FOLDER: Final = "history"
MOST: Final = 120
"""So many of the newest runs are looked at: a season of nights."""


def record(store: Path, run: Run) -> Path:
    """Keep a run; the same run again takes its own place. Raises StoreError where it cannot be written."""
    path = store / FOLDER / f"{run.taken.replace('-', '').replace(':', '')}.json"
    write_whole(path, json.dumps(run_document(run), ensure_ascii=False, sort_keys=True, indent=1) + "\n")
    return path


def runs(store: Path) -> tuple[Run, ...]:
    """The newest runs that are kept, oldest first. Raises StoreError for a file that is none."""
    return tuple(_read(path) for path in _files(store))


def _files(store: Path) -> Iterator[Path]:
    folder = store / FOLDER
    found = sorted(folder.glob("*.json")) if folder.is_dir() else []
    yield from found[-MOST:]


def _read(path: Path) -> Run:
    try:
        document = json.loads(text_of(path))
        if document["schema"] == SCHEMA:
            return run_from(document)
    except (ValueError, KeyError, TypeError):
        pass
    raise StoreError(
        f"{path} is no run of the history (schema {SCHEMA}). Nothing is known of what was found before. "
        "Restore the file, or take it away: its run is then forgotten."
    )
