"""Snapshots to and from a store: written whole, read only if every byte is as it was written."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Final

from auditor import __version__
from auditor.errors import StoreError
from auditor.model.json_text import rendered
from auditor.model.values import SiteSnapshot, Unread
from auditor.runs.files import ID, TIME, age, time_after, time_in
from auditor.store.bucket import BucketStorage, bucket_storage
from auditor.store.site_file import PACKED, file_name, parsed, refusing_form, site_content, site_of
from auditor.store.storage import Folder, Storage

MANIFEST: Final = "manifest.json"
SEAL: Final = "sha256"
"""The manifest's own digest: that of the manifest without it."""
MANIFEST_SCHEMA: Final = "auditor/snapshot/1"
LATEST: Final = "latest"
IN_S3: Final = "s3://"
_PENDING: Final = ".pending-"
"""Begins the name of the file that says whose an id is, until its snapshot is committed."""
_REMOVING: Final = ".removing-"
"""Begins the name of the file that says that a snapshot is to be removed: whoever finds it goes on with that."""
_PATH: Final = re.compile(r"[/.]")
_STALE: Final = timedelta(days=1)


@dataclass(frozen=True)
class Header:
    """What a snapshot says of itself beside its sites."""

    golden: str
    types: tuple[str, ...]
    key_id: str
    """Names the key of its fingerprints (see redact.key_id)."""


@dataclass(frozen=True)
class Pending:
    """A snapshot that is being written: no reader takes it for one until it is committed, its manifest last."""

    store: Storage
    id: str
    taken: str


@dataclass(frozen=True)
class Stored:
    """A committed snapshot, and its own place. `files` maps each site to its file's name and sha256."""

    id: str
    place: Storage
    taken: str
    header: Header
    files: Mapping[str, tuple[str, str]]
    told: Mapping[str, Mapping[str, Any]]
    """What reading each site came to: counts by type, calls, errors."""


def storage_at(address: str | Path) -> Storage:
    """The place at `address`: s3://BUCKET/PREFIX, or a folder."""
    return bucket_at(str(address)) if str(address).startswith(IN_S3) else Folder(Path(address))


def bucket_at(address: str) -> BucketStorage:
    """The place in S3 at s3://BUCKET/PREFIX."""
    bucket, _, prefix = address.removeprefix(IN_S3).partition("/")
    return bucket_storage(bucket, prefix)


def begin(store: Storage, now: datetime) -> Pending:
    """Start a snapshot, named by the time in UTC. Raises StoreError where the store cannot be written.

    Where the clock is not past the newest snapshot, the new one is named one second after that: ids and times tell the
    order in which snapshots were taken, whatever a clock does, and no two nights of a history are of the same second.
    """
    now = now.astimezone(UTC)
    _sweep(store, now)
    time_ = time_after(_newest_first(store), now, apart=True)
    id_ = time_.strftime(TIME)
    ids = (id_ if number == 1 else f"{id_}-{number}" for number in count(1))
    return Pending(store, next(one for one in ids if _claimed(store, one)), time_.strftime("%Y-%m-%dT%H:%M:%SZ"))


def write_site(pending: Pending, snapshot: SiteSnapshot) -> None:
    """Write one site's file. Sites can be written from several threads, processes or machines."""
    pending.store.write(f"{pending.id}/{file_name(snapshot.site)}", site_content(snapshot))


def commit(pending: Pending, header: Header, summaries: Mapping[str, Mapping[str, Any]]) -> str:
    """Make the snapshot visible to readers, all of it at once, and return its id.

    `summaries` are told in the manifest, by site: counts by type, calls, errors.
    """
    place = pending.store.within(pending.id)
    sites = {
        site: {**summary, "file": file_name(site), "sha256": _digest(place.read(file_name(site)))}
        for site, summary in summaries.items()
    }
    manifest = {
        "schema": MANIFEST_SCHEMA,
        "tool_version": __version__,
        "taken": pending.taken,
        **asdict(header),
        "sites": sites,
    }
    pending.store.write(f"{pending.id}/{MANIFEST}", rendered({**manifest, SEAL: _digest(rendered(manifest))}))
    pending.store.remove(_PENDING + pending.id)
    return pending.id


def discard(pending: Pending) -> None:
    """Leave nothing of a snapshot that was not committed."""
    # What cannot be removed now, the next run sweeps.
    with suppress(StoreError):
        _remove_all(pending.store, pending.id)
        pending.store.remove(_PENDING + pending.id)


def remove(store: Storage, id_: str) -> None:
    """Remove a snapshot; ended in the middle, the next run that writes goes on with it."""
    store.write(_REMOVING + id_, b"")
    _removed(store, id_)


def snapshots(store: Storage) -> tuple[str, ...]:
    """The ids of all committed snapshots, oldest first."""
    return tuple(reversed(tuple(_newest_first(store))))


def open_snapshot(store: Storage, which: str) -> Stored:
    """A committed snapshot by id, by the address of its folder or of a file in it, or the newest by "latest".

    A file may be named without the end that tells that it is packed.

    Raises StoreError where there is no such snapshot, or its manifest is not one that this program wrote.
    """
    place = _given(which) or store.within(_chosen(store, which))
    name = f"{place.address}/{MANIFEST}"
    content = place.read(MANIFEST)
    manifest = parsed(name, content, MANIFEST_SCHEMA)
    unsealed = {name: value for name, value in manifest.items() if name != SEAL}
    if _digest(rendered(unsealed)) != manifest.get(SEAL) or rendered(manifest) != content:
        raise _changed(name, "its own")
    with refusing_form(name):
        datetime.fromisoformat(manifest["taken"])
        header = Header(str(manifest["golden"]), tuple(map(str, manifest["types"])), str(manifest["key_id"]))
        files = {site: (str(told["file"]), str(told["sha256"])) for site, told in manifest["sites"].items()}
        return Stored(place.address.rpartition("/")[2], place, manifest["taken"], header, files, manifest["sites"])


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
    content = stored.place.read(name)
    if _digest(content) != sha256:
        raise _changed(f"{stored.place.address}/{name}", "the manifest's")
    snapshot = site_of(f"{stored.place.address}/{name}", content)
    lacking = (Unread(one, f"snapshot {stored.id} does not hold it") for one in types if one not in stored.header.types)
    return replace(snapshot, unread=(*snapshot.unread, *lacking))


def _given(which: str) -> Storage | None:
    """The place of the snapshot that is named by an address, its own or that of a file in it."""
    place = storage_at(which)
    if place.holds(MANIFEST):
        return place
    folder, _, name = place.address.rpartition("/")
    beside = storage_at(folder or Path(which).parent)
    if not name or not (beside.holds(name) or beside.holds(name + PACKED)):
        return None
    if not beside.holds(MANIFEST):
        raise StoreError(
            f"{which}: the {MANIFEST} that tells whether it is whole does not lie beside it. It was not used."
        )
    return beside


def _chosen(store: Storage, which: str) -> str:
    if which != LATEST and which in store.folders() and store.holds(f"{which}/{MANIFEST}"):
        return which
    known = _newest_first(store)
    if which == LATEST and (newest := next(known, None)):
        return newest
    if which != LATEST and not ID.fullmatch(which) and _PATH.search(which):
        raise StoreError(f"{which} is no snapshot, nor a site's file in one. Nothing was compared. Check the path.")
    some = sorted((one for one, _ in zip(known, range(3), strict=False)), key=age)
    held = f"It holds {', '.join(some)}" if some else "It holds none"
    raise StoreError(f"{store.address} has no snapshot '{which}'. {held}. Take one with 'auditor snapshot'.")


def _newest_first(store: Storage) -> Iterator[str]:
    for name in sorted(store.folders(), key=age, reverse=True):
        if name[0] != "." and store.holds(f"{name}/{MANIFEST}"):
            yield name


def _claimed(store: Storage, id_: str) -> bool:
    if not store.create(_PENDING + id_, secrets.token_hex().encode()):
        return False
    # Who had the id before took the claim away after the manifest was there.
    if store.holds(f"{id_}/{MANIFEST}"):
        store.remove(_PENDING + id_)
        return False
    return True


def _sweep(store: Storage, now: datetime) -> None:
    """Take away what runs that were killed have left."""
    # A name that is no id is somebody's own file: what follows the prefix is never taken for a place to remove.
    for one in store.listed(_REMOVING):
        id_ = one.name.removeprefix(_REMOVING)
        if ID.fullmatch(id_):
            _removed(store, id_)
    for one in store.listed(_PENDING):
        id_ = one.name.removeprefix(_PENDING)
        begun = time_in(id_)
        if begun and now - begun > _STALE:
            if not store.holds(f"{id_}/{MANIFEST}"):
                _remove_all(store, id_)
            store.remove(one.name)


def _removed(store: Storage, id_: str) -> None:
    store.remove(f"{id_}/{MANIFEST}")
    _remove_all(store, id_)
    store.remove(_REMOVING + id_)


def _remove_all(store: Storage, id_: str) -> None:
    for one in store.listed(f"{id_}/"):
        store.remove(one.name)


def _changed(place: str, whose: str) -> StoreError:
    return StoreError(
        f"{place} is not what was written: its sha256 differs from {whose}. It was not used. "
        "Restore the file from a backup, or take a new snapshot."
    )


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
