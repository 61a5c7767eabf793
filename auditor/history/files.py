"""The history's files: one small one a run, beside the snapshots, written whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from auditor.errors import StoreError
from auditor.history.history import SCHEMA, Run, run_document, run_from
from auditor.model.json_text import parse_json
from auditor.store.storage import Storage

FOLDER: Final = "history"
TOLD: Final = "told.json"
TOLD_SCHEMA: Final = "auditor/told/1"
MOST: Final = 120
"""So many of the newest runs are looked at: a season of nights."""
_AT_ONCE: Final = 16


def record(store: Storage, run: Run) -> None:
    """Keep a run; the same run again takes its own place. Raises StoreError where it cannot be written."""
    name = f"{FOLDER}/{run.taken.replace('-', '').replace(':', '')}.json"
    text = json.dumps(run_document(run), ensure_ascii=False, sort_keys=True, indent=1) + "\n"
    store.write(name, text.encode(errors="backslashreplace"))


@dataclass(frozen=True)
class Kept:
    """The runs that are kept, oldest first, and what there is to say of files that are none."""

    runs: tuple[Run, ...]
    warnings: tuple[str, ...]


def kept(store: Storage) -> Kept:
    """The newest runs of a store. Raises StoreError where its history cannot be looked at."""
    found = [one.name for one in store.listed(f"{FOLDER}/") if one.name.endswith(".json")]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        read = tuple(pool.map(partial(_read, store), found[-MOST:]))
    return Kept(tuple(one for one in read if isinstance(one, Run)), tuple(one for one in read if isinstance(one, str)))


def told_until(store: Storage, golden: str) -> dict[str, str]:
    """Until which run (its time) whom has been told, by how they are spoken of; nobody where that is not known."""
    try:
        until = _told(store).get(golden)
    except StoreError:
        return {}
    return {str(name): str(taken) for name, taken in until.items()} if isinstance(until, dict) else {}


def record_told(store: Storage, golden: str, until: Mapping[str, str]) -> None:
    """Keep the same, beside that of other goldens. Raises StoreError where it cannot be written."""
    told = {**_told(store), "schema": TOLD_SCHEMA, golden: dict(until)}
    store.write(TOLD, (json.dumps(told, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode())


def _told(store: Storage) -> dict[str, Any]:
    """What the file of who was told holds; nothing where it is none. Raises StoreError where it cannot be read."""
    try:
        document = parse_json(store.read(TOLD)) if store.holds(TOLD) else {}
    except ValueError:
        document = {}
    return document if isinstance(document, dict) else {}


def _read(store: Storage, name: str) -> Run | str:
    """A run, or why a file is none: one night that is lost does not take the others with it."""
    try:
        document = parse_json(store.read(name))
        if document["schema"] == SCHEMA:
            return run_from(document)
    except StoreError as error:
        return str(error)
    except (ValueError, KeyError, TypeError):
        pass
    return (
        f"{store.address}/{name} is no run of the history (schema {SCHEMA}). Nothing is known of that run. Restore the "
        "file, or take it away."
    )
