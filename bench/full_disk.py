"""A disk that is full from some moment on, for this process alone: what it writes fails as on a real one.

Nothing of the program is replaced. The system itself refuses the bytes (RLIMIT_FSIZE: "File too large" stands for "No
space left on device"), and Python's audit events, which tell of every opening before it happens, refuse new files.
"""

from __future__ import annotations

import errno
import os
import resource
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

How = Literal["files", "bytes"]
"""What a full disk has no place for: nothing at all, or new files but not what they hold."""
_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT


@dataclass
class Disk:
    """Owns how often something below `folder` was opened for writing, or made, and from which time on it is full."""

    folder: Path
    full_from: int
    how: How
    written: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def opened(self, path: str) -> None:
        """Raises OSError where there is no place for it."""
        with self.lock:
            self.written.append(path)
            full = len(self.written) >= self.full_from
        if full:
            _limit(0)
        if full and self.how == "files" and not os.path.lexists(path):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)


_disks: list[Disk] = []


@contextmanager
def filling(folder: Path, full_from: int, how: How = "bytes") -> Iterator[Disk]:
    """Within, the disk is full from the so-manyth opening for writing below `folder` on, counted from 1."""
    _hear()
    disk = Disk(folder.resolve(), full_from, how)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    _disks.append(disk)
    try:
        yield disk
    finally:
        _disks.remove(disk)
        _limit(before)


@contextmanager
def fitting(size: int) -> Iterator[None]:
    """Within, no file grows beyond so many bytes: what is being written when the disk is full is cut off there."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    _limit(size)
    try:
        yield
    finally:
        _limit(before)


def _limit(size: int) -> None:
    # Python ignores SIGXFSZ, so that a write fails by its error alone.
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


_heard: list[bool] = []


def _hear() -> None:
    # A hook cannot be taken away: there is one, and without a disk it does nothing.
    if not _heard:
        _heard.append(True)
        sys.addaudithook(_audited)


def _audited(event: str, arguments: tuple[Any, ...]) -> None:
    if not _disks or event not in {"open", "os.mkdir"}:
        return
    path = arguments[0]
    if not isinstance(path, str | bytes | os.PathLike) or (event == "open" and not arguments[2] & _WRITING):
        return
    # Nothing is looked up, which would be heard again.
    whole = Path(os.path.abspath(os.fsdecode(path)))  # noqa: PTH100 as `resolve` does
    for disk in _disks:
        # A folder that is there already is made again without a byte.
        if whole.is_relative_to(disk.folder) and not (event == "os.mkdir" and whole.is_dir()):
            disk.opened(str(whole))
