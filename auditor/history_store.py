"""The history's files: one small one a run, beside the snapshots, written whole."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from auditor.errors import StoreError
from auditor.history import SCHEMA, Run, run_document, run_from
from auditor.storage import Storage

FOLDER: Final = "history"
MOST: Final = 120
"""So many of the newest runs are looked at: a season of nights."""
_AT_ONCE: Final = 16


def record(store: Storage, run: Run) -> None:
    """Keep a run; the same run again takes its own place. Raises StoreError where it cannot be written."""
    name = f"{FOLDER}/{run.taken.replace('-', '').replace(':', '')}.json"
    text = json.dumps(run_document(run), ensure_ascii=False, sort_keys=True, indent=1) + "\n"
    store.write(name, text.encode(errors="backslashreplace"))


def runs(store: Storage) -> tuple[Run, ...]:
    """The newest runs that are kept, oldest first. Raises StoreError for a file that is none."""
    found = [one.name for one in store.listed(f"{FOLDER}/") if one.name.endswith(".json")]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return tuple(pool.map(partial(_read, store), found[-MOST:]))


def _read(store: Storage, name: str) -> Run:
    try:
        document = json.loads(store.read(name).decode())
        if document["schema"] == SCHEMA:
            return run_from(document)
    except (ValueError, KeyError, TypeError):
        pass
    raise StoreError(
        f"{store.address}/{name} is no run of the history (schema {SCHEMA}). Nothing is known of what was found "
        "before. Restore the file, or take it away: its run is then forgotten."
    )
