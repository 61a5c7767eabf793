"""An artifact: a folder, a zip or a tar.gz as one zip whose bytes depend on nothing but the tree in it."""

from __future__ import annotations

import base64
import hashlib
import os
import posixpath
import stat
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Final

from auditor.deploy.archive_tree import APPSPECS, tree_of, whole_of
from auditor.deploy.completeness import POINTER_SIZE, is_annexed, is_pointer, missing_modules
from auditor.deploy.entry_time import EARLIEST, entry_time
from auditor.deploy.unpack import (
    CHUNK,
    DAMAGE,
    FOLDER,
    LINK,
    PROGRAM,
    Entry,
    RefusedError,
    UnfitTreeError,
    found,
    shown,
    too_big,
)
from auditor.errors import ArtifactError

PART: Final = 16 * 1024 * 1024
"""Bytes of each part of an artifact but the last, as it is uploaded."""
_NAMED: Final = 5
"""Folders that a message names."""
_LONGEST_MEMBER: Final = 1024 * 1024
_MOST_LINKS: Final = 40
_LEVEL: Final = 6


@dataclass(frozen=True)
class Limits:
    """How much an artifact may hold: `size` in bytes of all files unpacked, and `entries` of any kind."""

    size: int
    entries: int


LIMITS: Final = Limits(size=10 * 1024**3, entries=200_000)


@dataclass(frozen=True)
class Artifact:
    """A packed artifact. `sha256` is that of the zip, in hex; `size` its bytes."""

    path: Path
    sha256: str
    size: int
    parts: tuple[str, ...]
    """The SHA-256 of each PART bytes, in base64, as S3 wants it."""
    names: frozenset[str]
    """Paths of the files and symbolic links in it, '/' separated; no folder."""
    links: Mapping[str, str] = field(default_factory=dict)
    """Where each symbolic link leads, by its path."""
    pointers: frozenset[str] = frozenset()
    """Paths of the files, and links, that only tell which object of Git LFS or git-annex belongs there."""
    missing: tuple[str, ...] = ()
    """Paths of the submodules of which nothing is in it."""
    programs: frozenset[str] = frozenset()
    """Paths of the files that may be run as they are."""
    empty: frozenset[str] = frozenset()
    """Paths of the folders with nothing in them."""


def packed(source: Path, target: Path, limits: Limits = LIMITS, folder: str | None = None) -> Artifact:
    """Make the artifact `target` of a folder, a zip or a tar.gz (which one, its content tells).

    The same tree gives the same bytes, in whatever form and order and with whatever times and owners it comes; a file
    of another content has another time. Where all is in one folder that has an AppSpec file, that folder is the tree,
    as in GitHub's archives and as CodeDeploy's agent has it; a `.git` at its top is left out. Raises ArtifactError for
    a source that is none, is damaged, holds what cannot be shipped safely, or more than `limits`, and where `target`
    cannot be written; UnfitTreeError for a whole one without such a folder, or whose parts do not fit together. Nothing
    is then left behind.
    """
    with _refusing(source, target), ExitStack() as opened:
        if source.is_dir() and target.parent.resolve().is_relative_to(source.resolve()):
            raise RefusedError(f"the artifact {target} would be part of its own source")
        read = _collected(found(source, target.parent, limits.size, limits.entries, opened), limits)
        whole = whole_of(read, is_repository=folder is not None)
        entries = tree_of(whole, folder or "")
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        os.close(handle)
        made = Path(name)
        try:
            pointers = _write(entries, made, limits)
            missing = missing_modules(whole, folder or "")
            artifact = replace(_described(made, target, entries), pointers=pointers, missing=missing)
            made.replace(target)
        except BaseException:
            made.unlink()
            raise
    return artifact


def member(artifact: Artifact, name: str) -> bytes:
    """What a file of the artifact holds; a symbolic link to it is followed.

    Raises ArtifactError where there is none, and for one of more than 1 MiB.
    """
    with _refusing(artifact.path, artifact.path), zipfile.ZipFile(artifact.path) as archive:
        place = name
        for _ in range(_MOST_LINKS):
            if place not in artifact.names:
                break
            info = archive.getinfo(place)
            if info.file_size > _LONGEST_MEMBER:
                raise RefusedError(f"{shown(name)} is of more than {_LONGEST_MEMBER} bytes")
            content = archive.read(info)
            if not stat.S_ISLNK(info.external_attr >> 16):
                return content
            place = posixpath.normpath(posixpath.join(posixpath.dirname(place), content.decode()))
        raise RefusedError(f"there is no file {shown(name)} in it")


def beginning(artifact: Artifact, name: str, size: int) -> bytes:
    """The first bytes of a file of the artifact. Raises ArtifactError where there is none."""
    with _refusing(artifact.path, artifact.path), zipfile.ZipFile(artifact.path) as archive, archive.open(name) as file:
        return file.read(size)


def appspec_name(artifact: Artifact) -> str:
    """What the artifact's AppSpec file is called. Raises ArtifactError where its top has none."""
    for name in APPSPECS:
        if name in artifact.names:
            return name
    raise ArtifactError(
        f"The artifact has no {', '.join(APPSPECS[:-1])} or {APPSPECS[-1]} at its top. Nothing was uploaded. "
        f"{_below(artifact)}Add one (https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file.html)."
    )


def _below(artifact: Artifact) -> str:
    """Which folders of an artifact have an AppSpec, and how one is shipped alone; "" where none has."""
    split = (name.rpartition("/") for name in artifact.names)
    folders = sorted({folder for folder, _, name in split if name in APPSPECS}, key=lambda one: (one.count("/"), one))
    if not folders:
        return ""
    more = f" and {len(folders) - _NAMED} more" if len(folders) > _NAMED else ""
    listed = f"{', '.join(map(shown, folders[:_NAMED]))}{more}"
    return f"Below it there is one in {listed}: ship such a folder alone (of GitHub's, github:OWNER/REPO@REF//FOLDER). "


@contextmanager
def _refusing(source: Path, target: Path) -> Iterator[None]:
    nothing = "Nothing was packed or uploaded."
    try:
        yield
    except RefusedError as error:
        kind = UnfitTreeError if isinstance(error, UnfitTreeError) else ArtifactError
        raise kind(f"{source}: {error}. {nothing} Correct the source, or name another.") from None
    except DAMAGE as error:
        what = str(error) or type(error).__name__
        raise ArtifactError(f"{source} is damaged ({what}). {nothing} Make or fetch it once more.") from None
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        raise ArtifactError(
            f"{source} could not be packed into {target} ({error.strerror or error}{where}). {nothing} Check the "
            "paths, their permissions and the space left."
        ) from None


def _collected(entries: Iterable[Entry], limits: Limits) -> dict[str, Entry]:
    collected: dict[str, Entry] = {}
    for number, entry in enumerate(entries, 1):
        if number > limits.entries:
            raise RefusedError(f"it holds more than {limits.entries} entries")
        other = collected.setdefault(entry.name, entry)
        if other is not entry and not other.mode == entry.mode == FOLDER:
            raise RefusedError(f"{shown(entry.name)} is in it twice")
    return collected


def _write(entries: Mapping[str, Entry], path: Path, limits: Limits) -> frozenset[str]:
    """Write the zip; the pointers in it."""
    left, pointers = limits.size, {name for name, entry in entries.items() if is_annexed(entry.link)}
    if sum(entry.size for entry in entries.values()) > left:
        raise too_big(limits.size)
    with zipfile.ZipFile(path, "w") as archive:
        for entry in entries.values():
            info = _info(entry)
            with archive.open(info, "w") as file:
                copied, small = _copied(entry, info, file)
            left -= copied
            if left < 0:
                raise too_big(limits.size)
            if is_pointer(small):
                pointers.add(entry.name)
    return frozenset(pointers)


def _info(entry: Entry) -> zipfile.ZipInfo:
    folder = entry.mode == FOLDER
    info = zipfile.ZipInfo(f"{entry.name}/" if folder else entry.name, EARLIEST)
    info.create_system = 3
    # MS-DOS has a bit of its own for a folder.
    info.external_attr = entry.mode << 16 | (0x10 if folder else 0)
    if not folder and entry.mode != LINK:
        info.compress_type = zipfile.ZIP_DEFLATED
        # There is no public way to a level for what is written in chunks, and the default is zlib's to change.
        info._compresslevel = _LEVEL  # type: ignore[attr-defined]  # noqa: SLF001
    # From this zipfile tells whether it needs zip64.
    info.file_size = entry.size
    return info


def _copied(entry: Entry, info: zipfile.ZipInfo, file: IO[bytes]) -> tuple[int, bytes]:
    """Copy a file; its bytes' number, and what it holds where it is as small as a pointer."""
    copied, digest, small = 0, hashlib.sha256(entry.link.encode()), b""
    file.write(entry.link.encode())
    for chunk in entry.chunks():
        copied += len(chunk)
        if copied > entry.size:
            break
        digest.update(chunk)
        file.write(chunk)
        small += chunk if entry.size < POINTER_SIZE else b""
    if copied != entry.size:
        raise RefusedError(f"{shown(entry.name)} is not of the size that it says, or was changed meanwhile")
    if entry.mode != FOLDER:
        # The header is written once more when the entry is closed.
        info.date_time = entry_time(digest.digest())
    return copied, small


def _described(made: Path, target: Path, entries: Mapping[str, Entry]) -> Artifact:
    whole, part, parts, size = hashlib.sha256(), hashlib.sha256(), list[str](), 0
    with made.open("rb") as file:
        while chunk := file.read(CHUNK):
            whole.update(chunk)
            part.update(chunk)
            size += len(chunk)
            if size % PART == 0:
                parts.append(_base64(part.digest()))
                part = hashlib.sha256()
    if size % PART:
        parts.append(_base64(part.digest()))
    names = frozenset(name for name, entry in entries.items() if entry.mode != FOLDER)
    links = {name: entry.link for name, entry in entries.items() if entry.mode == LINK}
    programs = frozenset(name for name, entry in entries.items() if entry.mode == PROGRAM)
    empty = frozenset(entries) - names
    return Artifact(target, whole.hexdigest(), size, tuple(parts), names, links, programs=programs, empty=empty)


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
