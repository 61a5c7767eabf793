"""Writes files whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from auditor.errors import StoreError


def write_whole(path: Path, text: str) -> None:
    """Replace the file by one that holds `text` (UTF-8), as `write_bytes` does."""
    # A lone surrogate is not UTF-8; its escape is JSON.
    write_bytes(path, text.encode(errors="backslashreplace"))


def write_bytes(path: Path, content: bytes) -> None:
    """Replace the file by one that holds `content`; a reader sees the old one or the new one.

    A link is followed; what is no regular file (a pipe, a device) is written to. Raises StoreError where that
    cannot be done; the old file is then as it was.
    """
    try:
        target = path.resolve()
        if target.exists() and not target.is_file():
            target.write_bytes(content)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        _replace(target, content)
    except OSError as error:
        raise StoreError(
            f"{path} could not be written ({error.strerror}). Nothing of it was left behind. "
            "Choose another place for it."
        ) from None


def append_line(path: Path, line: str) -> None:
    """Add a line to a file, made if need be, by one write. Raises StoreError where that cannot be done."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab", buffering=0) as file:
            file.write(f"{line}\n".encode(errors="backslashreplace"))
    except OSError as error:
        raise StoreError(
            f"{path} could not be added to ({error.strerror}). Nothing was added. Choose another place for it."
        ) from None


def text_of(path: Path) -> str:
    """What a file holds. Raises StoreError where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise StoreError(f"{path} could not be read ({why}). Nothing was done. Name a file that is there.") from None


def sync(folder: Path) -> None:
    """Make sure that what was made, renamed or removed in a folder is so on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def age(id_: str) -> tuple[str, int]:
    """What sorts ids that are times (`20261124T010203Z`, `20261124T010203Z-2`), the oldest first."""
    # The tenth of one second is newer than the second.
    time_, _, number = id_.partition("-")
    return time_, int(number) if number.isdecimal() else 1


def _replace(target: Path, content: bytes) -> None:
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    made = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        made.chmod(mode)
        made.replace(target)
    except BaseException:
        made.unlink()
        raise


def _umask() -> int:
    # There is no way to ask for it but to set it.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
