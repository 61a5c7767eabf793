"""The history's files: one small one a run, beside the snapshots, written whole."""

from __future__ import annotations

import json
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Kept:
    """The runs that are kept, oldest first, and what there is to say of files that are none."""

    runs: tuple[Run, ...]
    warnings: tuple[str, ...]


def kept(store: Path) -> Kept:
    """The newest runs of a store. Raises StoreError where its history cannot be looked at."""
    found = [_read(path) for path in _files(store)]
    return Kept(
        tuple(one for one in found if isinstance(one, Run)), tuple(one for one in found if isinstance(one, str))
    )


def _files(store: Path) -> list[Path]:
    folder = store / FOLDER
    try:
        return sorted(folder.glob("*.json"))[-MOST:] if folder.is_dir() else []
    except OSError as error:
        raise StoreError(f"{folder} could not be read ({error.strerror}). Nothing is known of earlier runs.") from None


def _read(path: Path) -> Run | str:
    """A run, or why a file is none: one night that is lost does not take the others with it."""
    try:
        document = json.loads(text_of(path))
        if document["schema"] == SCHEMA:
            return run_from(document)
    except StoreError as error:
        return str(error)
    except (ValueError, KeyError, TypeError):
        pass
    return (
        f"{path} is no run of the history (schema {SCHEMA}). Nothing is known of that run. Restore the file, or "
        "take it away."
    )
