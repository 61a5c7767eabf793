"""Where a store's files are kept: each by its name below one place, a folder here, or a prefix of a bucket."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from auditor.errors import StoreError
from auditor.runs.files import create_file, is_file, sync, write_bytes


@dataclass(frozen=True)
class Kept:
    """A file that is kept: its name below the place, and its size in bytes."""

    name: str
    size: int


class Storage(Protocol):
    """A place for files. Names have slashes, as keys do. Everything raises StoreError where it cannot be done."""

    @property
    def address(self) -> str:
        """The place as a person names it: `snapshots`, `s3://bucket/prefix`."""

    def within(self, name: str) -> Storage:
        """The place below this one."""

    def read(self, name: str) -> bytes:
        """What a file holds."""

    def holds(self, name: str) -> bool:
        """Whether there is such a file."""

    def write(self, name: str, content: bytes) -> None:
        """Keep a file, in place of what was there: a reader sees the old one or the new one, whole."""

    def create(self, name: str, content: bytes) -> bool:
        """Keep a file if there is none of that name; False if there is. Of two that try, one gets True."""

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""

    def listed(self, beginning: str) -> tuple[Kept, ...]:
        """All files whose name begins so, by name."""

    def folders(self) -> tuple[str, ...]:
        """The first parts of the names that have several, by name."""


@dataclass(frozen=True)
class Folder:
    """A folder of this machine, as Storage."""

    path: Path

    @property
    def address(self) -> str:
        """The folder's path."""
        return str(self.path)

    def within(self, name: str) -> Folder:
        """A folder in it."""
        return Folder(self.path / name)

    def read(self, name: str) -> bytes:
        """What a file holds."""
        with _refusing(self.path / name, "read"):
            return (self.path / name).read_bytes()

    def holds(self, name: str) -> bool:
        """Whether there is such a file; what may not be looked at is not taken for absent."""
        path = self.path / name
        with _refusing(path, "looked for"):
            return is_file(path)

    def write(self, name: str, content: bytes) -> None:
        """Keep a file, its owner's alone; it is on the disk, under its name, when this returns."""
        path = self.path / name
        write_bytes(path, content, private=True)
        with _refusing(path, "written"):
            for folder in {path.parent, self.path}:
                sync(folder)

    def create(self, name: str, content: bytes) -> bool:
        """Keep a file, its owner's alone, if there is none of that name."""
        path = self.path / name
        with _refusing(self.path, "written"):
            path.parent.mkdir(parents=True, exist_ok=True)
            return create_file(path, content)

    def remove(self, name: str) -> None:
        """Remove a file, and the folder that it was the last one in."""
        path = self.path / name
        with _refusing(path, "removed"):
            path.unlink(missing_ok=True)
        if path.parent != self.path:
            with suppress(OSError):
                path.parent.rmdir()

    def listed(self, beginning: str) -> tuple[Kept, ...]:
        """All files whose name begins so."""
        folder, _, start = beginning.rpartition("/")
        with _refusing(self.path / folder, "listed"):
            return tuple(sorted(self._found(self.path / folder, start), key=lambda one: one.name))

    def folders(self) -> tuple[str, ...]:
        """The folders in it."""
        with _refusing(self.path, "listed"):
            return tuple(sorted(one.name for one in self.path.iterdir() if one.is_dir())) if self.path.is_dir() else ()

    def _found(self, folder: Path, start: str) -> Iterator[Kept]:
        for one in folder.iterdir() if folder.is_dir() else ():
            for path in (one, *(one.rglob("*") if one.is_dir() else ())) if one.name.startswith(start) else ():
                # Another run may remove what is looked at here.
                with suppress(FileNotFoundError):
                    if path.is_file():
                        yield Kept(path.relative_to(self.path).as_posix(), path.stat().st_size)


@contextmanager
def _refusing(path: Path, what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{path} could not be {what} ({error.strerror or os.fspath(path)}). It was left as it is. "
            "Check the path, its permissions and the space left, or choose another store with --store."
        ) from None
