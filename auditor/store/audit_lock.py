"""One audit a store at a time.

In a folder it is a file lock, which the system releases with its process, however that ends. In a bucket it is a
lease: numbered objects, each made if there is none of its name, so that of two that want the next number one gets it.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from auditor.errors import LockedError, StoreError
from auditor.model.json_text import parse_json
from auditor.store.storage import Folder, Storage

NAME: Final = ".audit-lock"
LEASE: Final = timedelta(hours=6)
"""After so long a lease counts as left behind by a run that was killed."""
_ENDED: Final = b""
_LEASE: Final = re.compile(r"\.audit-lock/[0-9]{9,}")
Check = Callable[[], None]
"""Raises LockedError where another audit has begun meanwhile, as this one took too long."""


@contextmanager
def alone(store: Storage) -> Iterator[Check]:
    """Nobody else audits into this store within. Raises LockedError where somebody does, StoreError without a store.

    A lease runs out: ask the check that is given before what another audit may have written is written over.
    """
    with _file_held(store.path) if isinstance(store, Folder) else _lease_held(store) as check:
        yield check


@contextmanager
def _file_held(folder: Path) -> Iterator[Check]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / NAME, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise StoreError(
            f"{folder} could not be written ({error.strerror}). Nothing was read. Check the path, its permissions and "
            "the space left, or choose another with --store."
        ) from None
    try:
        _take(handle, folder)
        # It does not run out.
        yield lambda: None
    finally:
        os.close(handle)


def _take(handle: int, store: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        who = os.pread(handle, 100, 0).decode(errors="replace").strip()
        raise LockedError(
            f"An audit is going on in {store} ({who or 'by whom is not known'}). Nothing was read. Wait for its end, "
            "or audit into another store with --store."
        ) from None
    # The lock holds without it: on a full disk, who else comes is told of nobody by name.
    with suppress(OSError):
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"pid {os.getpid()}\n".encode(), 0)


@contextmanager
def _lease_held(store: Storage) -> Iterator[Check]:
    now = datetime.now(UTC)
    before = _leases(store)
    if before and (left := _going_on(store, before[-1], now)):
        raise _refusal(store, left)
    name = f"{NAME}/{_number(before[-1]) + 1 if before else 1:09}"
    until = (now + LEASE).isoformat(timespec="seconds")
    content = json.dumps({"until": until, "process": os.urandom(8).hex()}).encode()
    try:
        # Who was slow may have made a number that the others are past.
        if not store.create(name, content) or _leases(store)[-1:] != [name]:
            raise _refusal(store, "that begins just now")
        _remove(store, before)
        yield lambda: _refuse_lost(store, name)
    finally:
        _end(store, name, content)


def _remove(store: Storage, leases: list[str]) -> None:
    for old in leases:
        # The newest counts: what cannot be removed is only in the way of who lists the bucket.
        with suppress(StoreError):
            store.remove(old)


def _end(store: Storage, name: str, content: bytes) -> None:
    # What cannot be ended now, runs out. One of the same name that is another's is left to it.
    with suppress(StoreError):
        if store.holds(name) and store.read(name) == content:
            store.write(name, _ENDED)


def _refuse_lost(store: Storage, name: str) -> None:
    newer = [one for one in _leases(store) if _number(one) > _number(name)]
    if newer:
        raise LockedError(
            f"This audit took longer than {LEASE // timedelta(hours=1)} hours, and another has begun meanwhile "
            f"({store.address}/{newer[-1]}). No report and no history were written, and no snapshot was removed; its "
            "snapshot is kept. Audit fewer regions or types, or into another store with --store."
        )


def _leases(store: Storage) -> list[str]:
    # A name of another form is somebody's own file.
    return sorted((one.name for one in store.listed(f"{NAME}/") if _LEASE.fullmatch(one.name)), key=_number)


def _number(lease: str) -> int:
    return int(lease.rpartition("/")[2])


def _going_on(store: Storage, name: str, now: datetime) -> str:
    """Until when a lease is held, in words; "" where it was ended, or ran out."""
    try:
        content = store.read(name)
    except StoreError:
        if store.holds(name):
            raise
        # Who took the next one has removed it just now.
        return "that begins just now"
    if content == _ENDED:
        return ""
    try:
        until = datetime.fromisoformat(str(parse_json(content)["until"])).astimezone(UTC)
    except (ValueError, KeyError, TypeError, OverflowError):
        return f"{store.address}/{name}, which says not until when"
    return f"{store.address}/{name}, until {until:%Y-%m-%d %H:%M} UTC at most" if now < until else ""


def _refusal(store: Storage, who: str) -> LockedError:
    return LockedError(
        f"An audit is going on in {store.address} ({who}). Nothing was read. Wait for its end, or audit into another "
        "store with --store."
    )
