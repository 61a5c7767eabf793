"""Looking at what the store holds: its snapshots, one of them, a resource in it, and whether all is as written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from auditor.errors import StoreError
from auditor.model.values import Resource
from auditor.report.snapshot_text import Held
from auditor.settings.load import Settings
from auditor.store import store
from auditor.store.storage import Storage
from auditor.store.store import Stored


@dataclass(frozen=True)
class Wanted:
    """Which resource is asked for: its site, "" for any, and globs of its type and name."""

    site: str = ""
    type: str = "*"
    name: str = "*"


def listed(settings_: Settings) -> tuple[Held, ...]:
    """What there is to say of each snapshot, oldest first."""
    kept_in = store.storage_at(settings_.store)
    return tuple(_held(kept_in, id_) for id_ in store.snapshots(kept_in))


def opened(settings_: Settings, which: str) -> tuple[Stored, Held]:
    """A snapshot, and what there is to say of it. Raises StoreError as `store.open_snapshot` does."""
    found = store.open_snapshot(store.storage_at(settings_.store), which)
    return found, _told(found)


def resources(stored: Stored, wanted: Wanted) -> Iterator[tuple[str, Resource]]:
    """The resources of a snapshot that are asked for, each with its site; sites are read one at a time.

    Raises StoreError for a site that it does not hold.
    """
    if wanted.site and wanted.site not in stored.files:
        raise StoreError(
            f"Snapshot {stored.id} holds no site {wanted.site}; it holds {', '.join(sorted(stored.files))}. "
            "Nothing was printed."
        )
    for site in [wanted.site] if wanted.site else sorted(stored.files):
        for one in store.read_site(stored, site).resources:
            if _fits(one.type, wanted.type) and _fits(one.name, wanted.name):
                yield site, one


def _fits(name: str, glob: str) -> bool:
    # A name can hold what a glob gives a meaning ("[").
    return name == glob or fnmatchcase(name, glob)


def verified(settings_: Settings, which: str | None) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each snapshot, or one, with what is wrong with it: every file is read. Raises StoreError if there is none."""
    kept_in = store.storage_at(settings_.store)
    if which:
        stored = store.open_snapshot(kept_in, which)
        yield stored.id, tuple(_wrong(stored))
        return
    for id_ in store.snapshots(kept_in) or [store.open_snapshot(kept_in, store.LATEST).id]:
        try:
            yield id_, tuple(_wrong(store.open_snapshot(kept_in, id_)))
        except StoreError as error:
            yield id_, (str(error),)


def _wrong(stored: Stored) -> Iterator[str]:
    for site in sorted(stored.files):
        try:
            store.read_site(stored, site)
        except StoreError as error:
            yield str(error)
    known = {store.MANIFEST, *(name for name, _ in stored.files.values())}
    for one in stored.place.listed(""):
        if one.name not in known:
            yield f"{stored.place.address}/{one.name} is no file of this snapshot: its manifest does not name it."


def _held(kept_in: Storage, id_: str) -> Held:
    try:
        return _told(store.open_snapshot(kept_in, id_))
    except StoreError:
        return Held(id_, _size(kept_in.within(id_)))


def _told(stored: Stored) -> Held:
    return Held(stored.id, _size(stored.place), stored.taken, stored.header.golden, stored.told)


def _size(place: Storage) -> int:
    return sum(one.size for one in place.listed(""))
