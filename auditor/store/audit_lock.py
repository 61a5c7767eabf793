"""One audit a store at a time.

In a folder it is a file lock, which the system releases with its process, however that ends. In a bucket it is a
lease: numbered objects, each made if there is none of its name, so that of two that want the next number one gets it.
Renewing a lease is taking the next number too, so that it is lost or renewed, and never both, whatever clocks show.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from auditor.errors import LockedError, LostLeaseError, StoreError
from auditor.model.json_text import parse_json
from auditor.store.storage import Folder, Storage

NAME: Final = ".audit-lock"
LEASE: Final = timedelta(hours=6)
"""After so long a lease counts as left behind by a run that was killed."""
_ENDED: Final = b""
_LEASE: Final = re.compile(r"\.audit-lock/[0-9]{9,}")
_RENEWED: Final = LEASE / 3
"""The age at which a lease is renewed."""
_AGAIN: Final = timedelta(minutes=1)
"""How long nothing is tried after a renewal that the store did not take."""


@dataclass(frozen=True)
class Hold:
    """What keeps others out of a store. Both raise LostLeaseError where another audit has begun all the same."""

    keep: Callable[[], None]
    """To be called now and then, by any thread, so that it does not run out."""
    refuse_lost: Callable[[], None]
    """To be called before what another audit may have written is written over. StoreError where it cannot be known."""


@contextmanager
def alone(store: Storage) -> Iterator[Hold]:
    """Nobody else audits into this store within. Raises LockedError where somebody does, StoreError without a store."""
    with _file_held(store.path) if isinstance(store, Folder) else _lease_held(store) as hold:
        yield hold


@contextmanager
def _file_held(folder: Path) -> Iterator[Hold]:
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
        yield Hold(lambda: None, lambda: None)
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
def _lease_held(store: Storage) -> Iterator[Hold]:
    before = _leases(store)
    if before and (left := _going_on(store, before[-1], datetime.now(UTC))):
        raise _refusal(store, left)
    lease = _Lease(store, _number(before[-1]) if before else 0)
    try:
        if not lease.taken():
            raise _refusal(store, "that begins just now")
        _remove(store, before)
        yield Hold(lease.keep, lease.renew)
    finally:
        lease.end()


class _Lease:
    """The lease of one audit, of which threads take the next number one after the other."""

    def __init__(self, store: Storage, number: int) -> None:
        self._store, self._number = store, number
        self._process = os.urandom(8).hex()
        # Of a clock that nobody sets.
        self._due = 0.0
        self._lock = threading.Lock()

    def taken(self) -> bool:
        """Take the next number; whether it is this audit's, and the newest."""
        until = (datetime.now(UTC) + LEASE).isoformat(timespec="seconds")
        begun, number = time.monotonic(), self._number + 1
        content = json.dumps({"until": until, "process": self._process}).encode()
        name = _name(number)
        # Of an earlier try nothing may have told that it was made.
        if not self._store.create(name, content) and not self._is_own(name):
            return False
        self._number, self._due = number, begun + _RENEWED.total_seconds()
        # Who was slow may have made a number that the others are past.
        return _leases(self._store)[-1:] == [name]

    def keep(self) -> None:
        """Renew it if that is due."""
        with self._lock:
            if time.monotonic() < self._due:
                return
            try:
                self._renew()
            except StoreError:
                # The store may take it in a minute; what it does not take for good ends the audit before it writes.
                self._due = time.monotonic() + _AGAIN.total_seconds()

    def renew(self) -> None:
        """Have all of its time once more."""
        with self._lock:
            self._renew()

    def _renew(self) -> None:
        before = _name(self._number)
        if not self.taken():
            raise _lost(self._store)
        _remove(self._store, [before])

    def end(self) -> None:
        """Let the next audit begin."""
        # What cannot be ended now, runs out. One of the same name that is another's is left to it.
        with suppress(StoreError):
            for name in (_name(self._number), _name(self._number + 1)):
                if self._is_own(name):
                    self._store.write(name, _ENDED)

    def _is_own(self, name: str) -> bool:
        if not self._store.holds(name):
            return False
        try:
            return bool(parse_json(self._store.read(name))["process"] == self._process)
        except (ValueError, KeyError, TypeError):
            return False


def _remove(store: Storage, leases: list[str]) -> None:
    for old in leases:
        # The newest counts: what cannot be removed is only in the way of who lists the bucket.
        with suppress(StoreError):
            store.remove(old)


def _lost(store: Storage) -> LostLeaseError:
    return LostLeaseError(
        f"Another audit has begun in {store.address} meanwhile: this one was stopped, or could not reach its store, "
        f"until its lease of {LEASE // timedelta(hours=1)} hours had run out. No report, no history and no metrics "
        "were written, nobody was notified, and no snapshot was removed: all of that is left to the other audit. If "
        "both are wanted, audit into another store with --store."
    )


def _leases(store: Storage) -> list[str]:
    # A name of another form is somebody's own file.
    return sorted((one.name for one in store.listed(f"{NAME}/") if _LEASE.fullmatch(one.name)), key=_number)


def _name(number: int) -> str:
    return f"{NAME}/{number:09}"


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
    ahead = " by a clock that is ahead of this one; if no audit is going on, delete that object" * (until - now > LEASE)
    return f"{store.address}/{name}, until {until:%Y-%m-%d %H:%M} UTC at most{ahead}" if now < until else ""


def _refusal(store: Storage, who: str) -> LockedError:
    return LockedError(
        f"An audit is going on in {store.address} ({who}). Nothing was read. Wait for its end, or audit into another "
        "store with --store."
    )
