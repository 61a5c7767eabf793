"""One audit a store at a time.

In a folder it is a file lock, which the system releases with its process, however that ends. In a bucket it is a
lease: numbered objects, each made if there is none of its name, so that of two that want the next number one gets it.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from auditor.errors import LockedError, StoreError
from auditor.json_text import parse_json
from auditor.storage import Folder, Storage

NAME: Final = ".audit-lock"
LEASE: Final = timedelta(hours=6)
"""After so long a lease counts as left behind by a run that was killed."""
_ENDED: Final = b""


@contextmanager
def alone(store: Storage) -> Iterator[None]:
    """Nobody else audits into this store within. Raises LockedError where somebody does, StoreError without a store."""
    with _file_held(store.path) if isinstance(store, Folder) else _lease_held(store):
        yield


@contextmanager
def _file_held(folder: Path) -> Iterator[None]:
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
        yield
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
def _lease_held(store: Storage) -> Iterator[None]:
    name = _leased(store, datetime.now(UTC))
    try:
        yield
    finally:
        # What cannot be ended now, runs out.
        with suppress(StoreError):
            store.write(name, _ENDED)


def _leased(store: Storage, now: datetime) -> str:
    """The name of the lease that was got."""
    before = _leases(store)
    if before and (left := _going_on(store, before[-1], now)):
        raise _refusal(store, left)
    name = f"{NAME}/{int(before[-1].rpartition('/')[2]) + 1 if before else 1:09}"
    until = json.dumps({"until": (now + LEASE).isoformat(timespec="seconds"), "process": os.urandom(8).hex()})
    # Who was slow may have made a number that the others are past.
    if not store.create(name, until.encode()) or _leases(store)[-1] != name:
        raise _refusal(store, "that begins just now")
    for old in before:
        store.remove(old)
    return name


def _leases(store: Storage) -> list[str]:
    # A name that is no number is somebody's own file.
    return [one.name for one in store.listed(f"{NAME}/") if one.name.rpartition("/")[2].isdecimal()]


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
