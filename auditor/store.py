"""Snapshots to and from a folder: written whole, read only if every byte is as it was written."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from auditor import __version__
from auditor.errors import StoreError
from auditor.files import age, sync
from auditor.model import Locale, Reading, Resource, SiteSnapshot, State, Unread

MANIFEST: Final = "manifest.json"
SEAL: Final = "sha256"
"""The manifest's own digest: that of the manifest without it."""
MANIFEST_SCHEMA: Final = "auditor/snapshot/1"
SITE_SCHEMA: Final = "auditor/site/1"
LATEST: Final = "latest"
_PENDING: Final = ".pending-"
_STALE_SECONDS: Final = 24 * 60 * 60


@dataclass(frozen=True)
class Header:
    """What a snapshot says of itself beside its sites."""

    golden: str
    types: tuple[str, ...]
    key_id: str
    """Names the key of its fingerprints (see redact.key_id)."""


@dataclass(frozen=True)
class Pending:
    """A snapshot that is being written: a folder that no reader looks at until it is committed."""

    store: Path
    id: str
    taken: str
    folder: Path


@dataclass(frozen=True)
class Stored:
    """A committed snapshot. `files` maps each site to its file's name and sha256."""

    id: str
    folder: Path
    taken: str
    header: Header
    files: Mapping[str, tuple[str, str]]


def begin(store: Path, now: datetime) -> Pending:
    """Start a snapshot, named by the time in UTC. Raises StoreError where the store cannot be written."""
    with _refusing(store, "written"):
        store.mkdir(parents=True, exist_ok=True)
        _sweep(store)
        id_ = now.strftime("%Y%m%dT%H%M%SZ")
        folder = Path(tempfile.mkdtemp(prefix=f"{_PENDING}{id_}-", dir=store))
        return Pending(store, id_, now.strftime("%Y-%m-%dT%H:%M:%SZ"), folder)


def write_site(pending: Pending, snapshot: SiteSnapshot) -> None:
    """Write one site's file. Sites can be written from several threads, processes or machines."""
    document = {"schema": SITE_SCHEMA, **asdict(snapshot)}
    with _refusing(pending.store, "written"):
        _write(pending.folder / _file_name(snapshot.site), document)


def commit(pending: Pending, header: Header, summaries: Mapping[str, Mapping[str, Any]]) -> str:
    """Make the snapshot visible to readers, all of it at once, and return its id.

    `summaries` are told in the manifest, by site: counts by type, calls, errors.
    """
    with _refusing(pending.store, "written"):
        files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in pending.folder.iterdir()}
        sites = {
            site: {**summary, "file": _file_name(site), "sha256": files[_file_name(site)]}
            for site, summary in summaries.items()
        }
        manifest = {
            "schema": MANIFEST_SCHEMA,
            "tool_version": __version__,
            "taken": pending.taken,
            **asdict(header),
            "sites": sites,
        }
        _write(pending.folder / MANIFEST, {**manifest, SEAL: _sha256(manifest)})
        return _renamed(pending)


def discard(pending: Pending) -> None:
    """Leave nothing of a snapshot that was not committed."""
    shutil.rmtree(pending.folder, ignore_errors=True)


def snapshots(store: Path) -> tuple[str, ...]:
    """The ids of all committed snapshots, oldest first."""
    if not store.is_dir():
        return ()
    with _refusing(store, "read"):
        found = (one.name for one in store.iterdir() if (one / MANIFEST).is_file() and one.name[0] != ".")
        return tuple(sorted(found, key=age))


def open_snapshot(store: Path, which: str) -> Stored:
    """A committed snapshot by id, by the path of its folder or of a file in it, or the newest by "latest".

    Raises StoreError where there is no such snapshot, or its manifest is not one that this program wrote.
    """
    path = Path(which)
    given = path.parent if path.is_file() else path
    if path.is_file() and not (given / MANIFEST).is_file():
        raise StoreError(
            f"{which}: the {MANIFEST} that tells whether it is whole does not lie beside it. It was not used."
        )
    folder = given if (given / MANIFEST).is_file() else store / _chosen(store, which)
    content = _read(folder / MANIFEST)
    manifest = _parsed(folder / MANIFEST, content, MANIFEST_SCHEMA)
    unsealed = {name: value for name, value in manifest.items() if name != SEAL}
    if _sha256(unsealed) != manifest.get(SEAL) or _rendered(manifest) != content:
        raise _changed(folder / MANIFEST, "its own")
    header = Header(manifest["golden"], tuple(manifest["types"]), manifest["key_id"])
    files = {site: (str(told["file"]), str(told["sha256"])) for site, told in manifest["sites"].items()}
    return Stored(folder.name, folder, manifest["taken"], header, files)


def read_site(stored: Stored, site: str, types: Iterable[str] = ()) -> SiteSnapshot:
    """One site of a snapshot. Of those of `types` that the snapshot does not hold, nothing is known.

    Raises StoreError if the site is not in it, or a byte of its file changed.
    """
    if site not in stored.files:
        raise StoreError(
            f"Snapshot {stored.id} holds no site {site}; it holds {', '.join(sorted(stored.files))}. "
            "Nothing was compared."
        )
    name, sha256 = stored.files[site]
    content = _read(stored.folder / name)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise _changed(stored.folder / name, "the manifest's")
    snapshot = _site(_parsed(stored.folder / name, content, SITE_SCHEMA))
    lacking = (Unread(one, f"snapshot {stored.id} does not hold it") for one in types if one not in stored.header.types)
    return replace(snapshot, unread=(*snapshot.unread, *lacking))


def _site(document: Mapping[str, Any]) -> SiteSnapshot:
    resources = (
        Resource(one["type"], one["name"], {name: _reading(told) for name, told in one["facets"].items()})
        for one in document["resources"]
    )
    return SiteSnapshot(
        document["site"],
        Locale(**document["locale"]),
        tuple(resources),
        tuple(Unread(**{**one, "state": State(one["state"])}) for one in document["unread"]),
        document["calls"],
        # Files of before they were counted have none.
        document.get("throttles", {}),
    )


def _reading(told: Mapping[str, Any]) -> Reading:
    return Reading(State(told["state"]), told["value"], told["error"])


def _chosen(store: Path, which: str) -> str:
    known = snapshots(store)
    if which == LATEST and known:
        return known[-1]
    if which in known:
        return which
    held = f"It holds {', '.join(known[-3:])}" if known else "It holds none"
    raise StoreError(f"{store} has no snapshot '{which}'. {held}. Take one with 'auditor snapshot'.")


def _parsed(path: Path, content: bytes, schema: str) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except ValueError:
        document = None
    found = document.get("schema") if isinstance(document, dict) else None
    if not isinstance(document, dict) or found != schema:
        raise StoreError(
            f"{path} is of schema {found!r}, and this program (auditor {__version__}) reads {schema!r}. It was not "
            "used. Read it with the version that wrote it, or take a new snapshot."
        )
    return document


def _changed(path: Path, whose: str) -> StoreError:
    return StoreError(
        f"{path} is not what was written: its sha256 differs from {whose}. It was not used. "
        "Restore the file from a backup, or take a new snapshot."
    )


def _read(path: Path) -> bytes:
    with _refusing(path, "read"):
        return path.read_bytes()


def _write(path: Path, document: Mapping[str, Any]) -> None:
    with path.open("wb") as file:
        file.write(_rendered(document))
        file.flush()
        os.fsync(file.fileno())


def _rendered(document: Mapping[str, Any]) -> bytes:
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, indent=1) + "\n"
    # A lone surrogate is not UTF-8; its escape is JSON's too, and carries it.
    return text.encode(errors="backslashreplace")


def _sha256(document: Mapping[str, Any]) -> str:
    return hashlib.sha256(_rendered(document)).hexdigest()


def _renamed(pending: Pending) -> str:
    number, id_ = 1, pending.id
    sync(pending.folder)
    pending.folder.chmod(0o755)
    while True:
        try:
            # rename() refuses a folder that has something in it, so two runs of one second get two names.
            pending.folder.rename(pending.store / id_)
        except OSError:
            if not (pending.store / id_).exists():
                raise
            number += 1
            id_ = f"{pending.id}-{number}"
        else:
            sync(pending.store)
            return id_


def _sweep(store: Path) -> None:
    for left in store.glob(f"{_PENDING}*"):
        # Another run may commit, and so rename, what is looked at here.
        with suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(left, ignore_errors=True)


def _file_name(site: str) -> str:
    return site.replace("/", "__") + ".json"


@contextmanager
def _refusing(path: Path, what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{path} could not be {what} ({error.strerror or error}). No snapshot was {what}. "
            "Check the path, its permissions and the space left, or choose another with --store."
        ) from None
