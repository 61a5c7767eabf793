"""One audit a store at a time: a file lock that the system releases with its process, however that ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from auditor.errors import LockedError, StoreError

NAME: Final = ".audit-lock"


@contextmanager
def alone(store: Path) -> Iterator[None]:
    """Nobody else audits into this store within. Raises LockedError where somebody does, StoreError without a store."""
    try:
        store.mkdir(parents=True, exist_ok=True)
        handle = os.open(store / NAME, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise StoreError(
            f"{store} could not be written ({error.strerror}). Nothing was read. Check the path, its permissions and "
            "the space left, or choose another with --store."
        ) from None
    try:
        _take(handle, store)
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
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"pid {os.getpid()}\n".encode(), 0)
