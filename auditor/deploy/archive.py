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

from auditor.deploy.entry_time import EARLIEST, entry_time
from auditor.deploy.unpack import CHUNK, DAMAGE, FOLDER, LINK, Entry, RefusedError, found, shown, too_big
from auditor.errors import ArtifactError

PART: Final = 16 * 1024 * 1024
"""Bytes of each part of an artifact but the last, as it is uploaded."""
APPSPECS: Final = ("appspec.yml", "appspec.yaml", "appspec.json")
"""What an AppSpec file may be called, and which is taken where there are several."""
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


def packed(source: Path, target: Path, limits: Limits = LIMITS) -> Artifact:
    """Make the artifact `target` of a folder, a zip or a tar.gz (which one, its content tells).

    The same tree gives the same bytes, in whatever form and order and with whatever times and owners it comes; a file
    of another content has another time. Where all is in one folder that has an AppSpec file, that folder is the tree,
    as in GitHub's archives and as CodeDeploy's agent has it; a `.git` at its top is left out. Raises ArtifactError for
    a source that is none, is damaged, holds what cannot be shipped safely, or more than `limits`, and where `target`
    cannot be written; nothing is then left behind.
    """
    with _refusing(source, target), ExitStack() as opened:
        if source.is_dir() and target.parent.resolve().is_relative_to(source.resolve()):
            raise RefusedError(f"the artifact {target} would be part of its own source")
        entries = _tree(_collected(found(source, target.parent, limits.size, limits.entries, opened), limits))
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        os.close(handle)
        made = Path(name)
        try:
            _write(entries, made, limits)
            artifact = _described(made, target, entries)
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
        f"The artifact has no {', '.join(APPSPECS[:-1])} or {APPSPECS[-1]} at its top. Nothing was uploaded. Add "
        "one (https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file.html)."
    )


@contextmanager
def _refusing(source: Path, target: Path) -> Iterator[None]:
    nothing = "Nothing was packed or uploaded."
    try:
        yield
    except RefusedError as error:
        raise ArtifactError(f"{source}: {error}. {nothing} Correct the source, or name another.") from None
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


def _tree(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """The entries to be packed, checked against each other, in the order of their names' bytes."""
    kept = _without_git(_rerooted(_without_git(entries)))
    files = {name: entry for name, entry in kept.items() if entry.mode != FOLDER}
    if not files:
        raise RefusedError("it holds no file")
    within = {folder for name in kept for folder in _parents(name)}
    if beneath := sorted(within & files.keys()):
        raise RefusedError(f"{shown(beneath[0])} is a file or a link, and something is in it as in a folder")
    links = {name: entry.link for name, entry in files.items() if entry.mode == LINK}
    for name, link in links.items():
        if not _stays_inside(name, links):
            raise RefusedError(f"{shown(name)} is a symbolic link to {shown(link)}, out of the tree or in a circle")
    # A folder with something in it is there anyhow.
    return {name: kept[name] for name in sorted(kept, key=str.encode) if name not in within}


def _without_git(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    return {name: entry for name, entry in entries.items() if name.partition("/")[0] != ".git"}


def _rerooted(entries: Mapping[str, Entry]) -> Mapping[str, Entry]:
    tops = {name.partition("/")[0] for name in entries}
    top = min(tops, default="")
    is_folder = top not in entries or entries[top].mode == FOLDER
    if len(tops) != 1 or not is_folder or not any(f"{top}/{name}" in entries for name in APPSPECS):
        return entries
    inner = ((name.partition("/")[2], entry) for name, entry in entries.items())
    return {name: replace(entry, name=name) for name, entry in inner if name}


def _parents(name: str) -> Iterator[str]:
    at = name.rfind("/")
    while at > 0:
        yield name[:at]
        at = name.rfind("/", 0, at)


def _stays_inside(name: str, links: Mapping[str, str]) -> bool:
    # Links lead through other links: 'a' is the tree's top if 'x/y/up' leads to '../..' and 'a' to 'x/y/up'.
    here, ahead, followed = list[str](), name.split("/")[::-1], 0
    while ahead:
        part = ahead.pop()
        if part == "..":
            if not here:
                return False
            here.pop()
        elif part not in {"", "."}:
            here.append(part)
            if (link := links.get("/".join(here))) is not None:
                here.pop()
                ahead.extend(link.split("/")[::-1])
                followed += 1
        if followed > _MOST_LINKS:
            return False
    return True


def _write(entries: Mapping[str, Entry], path: Path, limits: Limits) -> None:
    left = limits.size
    if sum(entry.size for entry in entries.values()) > left:
        raise too_big(limits.size)
    with zipfile.ZipFile(path, "w") as archive:
        for entry in entries.values():
            info = _info(entry)
            with archive.open(info, "w") as file:
                left -= _copied(entry, info, file)
            if left < 0:
                raise too_big(limits.size)


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


def _copied(entry: Entry, info: zipfile.ZipInfo, file: IO[bytes]) -> int:
    copied, digest = 0, hashlib.sha256(entry.link.encode())
    file.write(entry.link.encode())
    for chunk in entry.chunks():
        copied += len(chunk)
        if copied > entry.size:
            break
        digest.update(chunk)
        file.write(chunk)
    if copied != entry.size:
        raise RefusedError(f"{shown(entry.name)} is not of the size that it says, or was changed meanwhile")
    if entry.mode != FOLDER:
        # The header is written once more when the entry is closed.
        info.date_time = entry_time(digest.digest())
    return copied


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
    return Artifact(target, whole.hexdigest(), size, tuple(parts), names, links)


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
