"""Writes files whole or not at all."""

from __future__ import annotations

import errno
import os
import re
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from auditor.errors import StoreError

ID: Final = re.compile(r"([0-9]{8}T[0-9]{6}Z)(-[1-9][0-9]*)?")
TIME: Final = "%Y%m%dT%H%M%SZ"
PRIVATE: Final = 0o600
"""The permissions of what tells of a whole account (snapshots, histories, plans, journals): its owner's alone."""
LARGEST: Final = 128 * 1024 * 1024
"""Characters that a plan may have at most."""
_AS_USUAL: Final = 0o666
_PERMISSIONS: Final = 0o777


def write_whole(path: Path, text: str, private: bool = False) -> None:
    """Replace the file by one that holds `text` (UTF-8), as `write_bytes` does."""
    # A lone surrogate is not UTF-8; its escape is JSON.
    write_bytes(path, text.encode(errors="backslashreplace"), private)


def write_bytes(path: Path, content: bytes, private: bool = False) -> None:
    """Replace the file by one that holds `content`; a reader sees the old one or the new one.

    A `private` file is its owner's alone. Any other has the permissions of the file that it replaces, or those that
    the umask leaves. A link is followed; what is no regular file (a pipe, a device) is written to. Raises StoreError
    where that cannot be done; the old file is then as it was.
    """
    try:
        target = path.resolve()
        if target.exists() and not target.is_file():
            target.write_bytes(content)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        _replace(target, content, private)
    except OSError as error:
        raise StoreError(
            f"{path} could not be written ({error.strerror}). Nothing of it was left behind. "
            "Choose another place for it."
        ) from None


def append_line(path: Path, line: str) -> None:
    """Add a line to a file, made if need be. Raises StoreError where it cannot be: the file is then as it was."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _append(path, f"{line}\n".encode(errors="backslashreplace"))
    except OSError as error:
        raise StoreError(
            f"{path} could not be added to ({error.strerror}). Nothing was added. Choose another place for it."
        ) from None


def _append(path: Path, content: bytes) -> None:
    made = not path.exists()
    with path.open("ab", buffering=0) as file:
        size, left = os.fstat(file.fileno()).st_size, memoryview(content)
        try:
            # A disk that is nearly full takes a part, and refuses the rest.
            while left:
                left = left[file.write(left) :]
        except BaseException:
            file.truncate(size)
            if made:
                path.unlink()
            raise


def text_of(path: Path) -> str:
    """What a file holds. Raises StoreError where it cannot be read, or has more than LARGEST characters."""
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(LARGEST + 1)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise StoreError(f"{path} could not be read ({why}). Nothing was done. Name a file that is there.") from None
    if len(text) > LARGEST:
        raise StoreError(
            f"{path} has more than {LARGEST:,} characters. Nothing was done. Name a file of this program's."
        )
    return text


def is_file(path: Path) -> bool:
    """Whether there is such a file; a name that is too long is none's. Raises OSError where that cannot be told."""
    try:
        return path.is_file()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return False
        raise


def sync(folder: Path) -> None:
    """Make sure that what was made, renamed or removed in a folder is so on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def time_in(id_: str) -> datetime | None:
    """The time in UTC that an id is (`20261124T010203Z`, `20261124T010203Z-2`); None for any other name."""
    match = ID.fullmatch(id_)
    try:
        return datetime.strptime(match[1], TIME).replace(tzinfo=UTC) if match else None
    except ValueError:
        return None


def time_after(ids: Iterable[str], now: datetime, apart: bool = False) -> datetime:
    """The time that a new id is of: now, or a second after that of `ids`, newest first, where a clock is behind it.

    With `apart` no two are of one second.
    """
    now = now.astimezone(UTC).replace(microsecond=0)
    newest = next((time_ for one in ids if (time_ := time_in(one))), None)
    if newest is None or newest < now or (newest == now and not apart):
        return now
    return newest + timedelta(seconds=1)


def age(id_: str) -> tuple[str, int]:
    """What sorts ids that are times (`20261124T010203Z`, `20261124T010203Z-2`), the oldest first."""
    # The tenth of one second is newer than the second.
    time_, _, number = id_.partition("-")
    return time_, int(number) if number.isdecimal() else 1


def create_file(path: Path, content: bytes) -> bool:
    """Make a file that is its owner's alone, if there is none of that name; False if there is.

    Raises OSError where it cannot be made; nothing of it is left then.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    except FileExistsError:
        return False
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
    except BaseException:
        path.unlink()
        raise
    return True


def _replace(target: Path, content: bytes, private: bool) -> None:
    made = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    # The system takes the umask off what is asked for here.
    handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE if private else _AS_USUAL)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if target.exists() and not private:
            made.chmod(target.stat().st_mode & _PERMISSIONS)
        made.replace(target)
    except BaseException:
        made.unlink()
        raise
