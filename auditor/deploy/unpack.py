"""What a folder, a zip or a tar.gz holds, entry by entry, each checked to be safe to unpack.

Names, links and sizes come from strangers (a push, a download): nothing is believed that was not read.
"""

from __future__ import annotations

import gzip
import io
import os
import re
import stat
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Final, cast

from auditor.errors import ArtifactError

FILE: Final = stat.S_IFREG | 0o644
PROGRAM: Final = stat.S_IFREG | 0o755
LINK: Final = stat.S_IFLNK | 0o777
FOLDER: Final = stat.S_IFDIR | 0o755
CHUNK: Final = 1024 * 1024
"""Bytes that are in memory at once."""
DAMAGE: Final = (
    tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, struct.error, EOFError, ValueError,
    OverflowError, RecursionError, NotImplementedError,
)  # fmt: skip
"""What the libraries raise for an archive that is damaged."""
_LONGEST_NAME: Final = 4096
_TAR_HEADERS: Final = 1024 * 1024
_UNMETERED: Final = 2**63
_KINDS: Final = {stat.S_IFREG: FILE, stat.S_IFLNK: LINK, stat.S_IFDIR: FOLDER}


class RefusedError(ArtifactError):
    """Why something is not shipped; whoever knows the source adds it, and what to do next."""


class UnfitTreeError(RefusedError):
    """Why the tree of a source that could be read whole is not shipped: however often it is tried, it is the same."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, a symbolic link or a folder; `name` is its path in the tree, '/' separated."""

    name: str
    mode: int
    """FILE, PROGRAM, LINK or FOLDER: git knows no other."""
    size: int
    """Bytes of a file, or what its archive says of them."""
    chunks: Callable[[], Iterator[bytes]]
    """A file's content; empty for anything else."""
    link: str = ""
    """Where a symbolic link leads."""


def found(source: Path, beside: Path, size: int, entries: int, opened: ExitStack) -> Iterator[Entry]:
    """What is in a source, in its own order; content can be read while `opened` is open.

    What of a tar.gz is unpacked, at most `size` bytes, lies in the folder `beside` meanwhile; `entries` limits the
    headers that are read. No `.git` in a folder is looked at. Raises RefusedError, or one of DAMAGE, or
    OSError, for a source that is none, or holds what is not safe.
    """
    if source.is_dir():
        return _of_folder(source)
    if not source.is_file():
        raise RefusedError("it is no folder and no file" if source.exists() else "there is no such file or folder")
    file = opened.enter_context(source.open("rb"))
    start = file.read(4)
    file.seek(0)
    if start in {b"PK\x03\x04", b"PK\x05\x06"}:
        metered = _Metered(file, 4 * 65_536 + entries * 256)
        archive = opened.enter_context(zipfile.ZipFile(cast(IO[bytes], metered)))
        metered.left = _UNMETERED
        return _of_zip(archive)
    if start.startswith(b"\x1f\x8b"):
        unpacked = opened.enter_context(gzip.GzipFile(fileobj=file))
        # It has no name there, so that the system removes it in any case.
        spool = opened.enter_context(tempfile.TemporaryFile(dir=beside))  # noqa: SIM115
        return _of_tar(cast(IO[bytes], unpacked), spool, size)
    raise RefusedError("it is neither a folder nor a zip nor a tar.gz")


def too_big(size: int) -> RefusedError:
    """The refusal of what holds more than `size` bytes unpacked."""
    return RefusedError(f"it holds more than {size} bytes unpacked")


def shown(name: str) -> str:
    """A stranger's text for a message: escaped, and cut where it is long."""
    text = repr(name)
    return text if len(text) <= 100 else f"{text[:60]}…{text[-30:]}"


class _Metered(io.BufferedIOBase):
    """A file of which only `left` bytes are given: libraries read headers whole, however long these claim to be."""

    def __init__(self, file: IO[bytes], left: int) -> None:
        self.left, self.last, self._file = left, b"", file

    def read(self, size: int | None = -1) -> bytes:
        wanted = self.left + 1 if size is None or size < 0 else size
        # All that there is, is not known before.
        if wanted <= self.left or wanted != size:
            self.last = self._file.read(wanted)
            self.left -= len(self.last)
            if self.left >= 0:
                return self.last
        raise RefusedError("its headers are too long")

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True


def _of_folder(top: Path) -> Iterator[Entry]:
    folders = [""]
    while folders:
        within = folders.pop()
        with os.scandir(top / within) as children:
            for child in children:
                if child.name == ".git":
                    continue
                name = _name(f"{within}/{child.name}" if within else child.name)
                yield _of_path(Path(child.path), name)
                if child.is_dir(follow_symlinks=False):
                    folders.append(name)


def _of_path(path: Path, name: str) -> Entry:
    told = path.lstat()
    link = str(path.readlink()) if stat.S_ISLNK(told.st_mode) else ""
    return _entry(name, told.st_mode, told.st_size, lambda: path.open("rb"), link)


def _of_zip(archive: zipfile.ZipFile) -> Iterator[Entry]:
    for info in archive.infolist():
        raw = _zip_name(info)
        if info.flag_bits & 0x1:
            raise RefusedError(f"{shown(raw)} is encrypted")
        if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise RefusedError(f"{shown(raw)} is packed by method {info.compress_type}, neither stored nor deflated")
        mode = FOLDER if raw.endswith("/") else info.external_attr >> 16
        if name := _name(raw, stat.S_ISDIR(mode)):
            yield _of_info(archive, info, name, mode)


def _of_info(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, mode: int) -> Entry:
    link = ""
    if stat.S_ISLNK(mode):
        with archive.open(info) as file:
            link = file.read(_LONGEST_NAME + 1).decode()
    return _entry(name, mode, info.file_size, lambda: archive.open(info), link)


def _zip_name(info: zipfile.ZipInfo) -> str:
    # `filename` is cut at a NUL. Without its flag a name counts as cp437, but macOS writes UTF-8 all the same.
    if info.flag_bits & 0x800:
        return info.orig_filename
    return info.orig_filename.encode("cp437").decode("utf-8", "surrogateescape")


def _of_tar(unpacked: IO[bytes], spool: IO[bytes], size: int) -> Iterator[Entry]:
    metered, earlier = _Metered(unpacked, _TAR_HEADERS), dict[str, Entry]()
    with tarfile.TarFile(fileobj=cast(IO[bytes], metered), encoding="utf-8") as tar:
        while (told := tar.next()) is not None:
            metered.left = _UNMETERED
            if name := _name(told.name, told.isdir()):
                earlier[name] = _of_member(tar, told, name, earlier, spool, size)
                yield earlier[name]
            # tarfile keeps all that it has seen.
            tar.members = []  # type: ignore[attr-defined]
            tar.pax_headers = {}
            metered.left = _TAR_HEADERS
    # tarfile takes a header that is none for the end.
    if metered.last != bytes(tarfile.BLOCKSIZE):
        raise tarfile.ReadError("its end is missing")
    # Only behind the last byte, and behind what fills a tar up, is gzip's checksum.
    rest = 0
    while chunk := unpacked.read(CHUNK):
        rest += len(chunk)
        if rest > size + _TAR_HEADERS:
            raise too_big(size)


def _of_member(
    tar: tarfile.TarFile,
    told: tarfile.TarInfo,
    name: str,
    earlier: Mapping[str, Entry],
    spool: IO[bytes],
    size: int,
) -> Entry:
    if told.islnk():
        if (other := earlier.get(_name(told.linkname))) is None:
            raise RefusedError(f"{shown(name)} is a hard link to {shown(told.linkname)}, which is not before it")
        return replace(other, name=name)
    start = spool.tell()
    if told.isfile() and (content := tar.extractfile(told)):
        _spool(content, spool, size)
    length = spool.tell() - start
    return _entry(name, _tar_mode(told), length, lambda: _Slice(spool, start, length), told.linkname)


def _spool(content: IO[bytes], spool: IO[bytes], size: int) -> None:
    while chunk := content.read(CHUNK):
        spool.write(chunk)
        if spool.tell() > size:
            raise too_big(size)


def _tar_mode(told: tarfile.TarInfo) -> int:
    if told.isfile():
        return stat.S_IFREG | told.mode & 0o777
    return LINK if told.issym() else FOLDER if told.isdir() else stat.S_IFCHR


class _Slice(io.BufferedIOBase):
    """Some bytes of a file, which others read too."""

    def __init__(self, file: IO[bytes], start: int, size: int) -> None:
        self._file, self._start, self._left = file, start, size

    def read(self, size: int | None = -1) -> bytes:
        wanted = self._left if size is None or size < 0 else min(size, self._left)
        self._file.seek(self._start)
        content = self._file.read(wanted)
        self._start, self._left = self._start + len(content), self._left - len(content)
        return content


def _entry(name: str, mode: int, size: int, file: Callable[[], object], link: str) -> Entry:
    # Archives made on Windows tell no kind.
    kind = stat.S_IFMT(mode) or stat.S_IFREG
    if kind not in _KINDS:
        raise RefusedError(f"{shown(name)} is a device, a pipe or a socket")
    if kind == stat.S_IFLNK:
        return Entry(name, LINK, 0, lambda: iter(()), _checked_link(name, link))
    if kind == stat.S_IFDIR:
        return Entry(name, FOLDER, 0, lambda: iter(()))
    return Entry(name, PROGRAM if mode & 0o100 else FILE, size, lambda: _chunks(cast(IO[bytes], file())))


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK):
            yield chunk


def _name(raw: str, is_folder: bool = False) -> str:
    """A name without what means nothing in it; "" is the tree's own folder."""
    why = "leads upwards" if ".." in raw.split("/") else _unsafe(raw)
    name = "/".join(part for part in raw.split("/") if part not in {"", "."})
    if why or not (name or is_folder):
        raise RefusedError(f"the name {shown(raw)} {why or 'is empty'}")
    return name


def _checked_link(name: str, link: str) -> str:
    # Where '..' leads to, only the whole tree tells.
    if why := _unsafe(link) if link else "is empty":
        raise RefusedError(f"{shown(name)} is a symbolic link to {shown(link)}, which {why}")
    return link


def _unsafe(raw: str) -> str:
    if "\0" in raw:
        return "holds a NUL"
    if "\\" in raw:
        return "holds a backslash, which is a separator on Windows"
    if raw.startswith("/") or re.match("[A-Za-z]:", raw):
        return "is absolute"
    try:
        return "is too long" if len(raw.encode()) > _LONGEST_NAME else ""
    except UnicodeEncodeError:
        return "is not UTF-8"
