"""Snapshots taken, and compared with golden: live, or from the store."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from auditor.aws import trail
from auditor.aws.site import Reader
from auditor.commands.context import reader_of, scope_of, specs_of
from auditor.compare.drift import drift
from auditor.compare.idle import refuse_uncompared
from auditor.model.values import Drift, parse_site
from auditor.settings.accounts import sites_named
from auditor.settings.load import ANY, Settings
from auditor.store import store
from auditor.store.golden import golden_kept, refuse_other_key
from auditor.store.snapshot import Progress, Taken, take
from auditor.store.storage import Storage

Sides = tuple[tuple[store.Stored, str], store.Stored]
"""The snapshot that golden is in and its site there, and the snapshot that is compared with it."""


def snapshot(settings_: Settings, environ: Mapping[str, str], progress: Progress) -> Taken:
    """Read every site into the store. Raises EmptyAccountError, before anything is kept, if there is nothing."""
    return taken_in(settings_, store.storage_at(settings_.store), reader_of(settings_, environ), progress)


def live_drift(
    settings_: Settings, environ: Mapping[str, str], progress: Progress, attribute: bool = False
) -> tuple[Drift, Taken]:
    """Read every site now, compare, and keep nothing; if asked to, look up who changed what differs."""
    reader = reader_of(settings_, environ)
    with live_sides(settings_, reader, progress) as (sides, taken):
        found = drift_of(settings_, *sides)
        return attributed(found, settings_, reader) if attribute else found, taken


@contextmanager
def live_sides(settings_: Settings, reader: Reader, progress: Progress) -> Iterator[tuple[Sides, Taken]]:
    """Read every site now; what was read is there within, and nothing is kept."""
    with tempfile.TemporaryDirectory(prefix="auditor-") as folder:
        here = store.storage_at(folder)
        taken = taken_in(settings_, here, reader, progress)
        yield fresh_sides(settings_, here, taken.id), taken


def fresh_sides(settings_: Settings, into: Storage, id_: str) -> Sides:
    """Where golden is kept, for a snapshot in the store `into`, and that snapshot."""
    fresh = store.open_snapshot(into, id_)
    return golden_kept(settings_.golden, fresh, store.storage_at(settings_.store)), fresh


def attributed(found: Drift, settings_: Settings, reader: Reader) -> Drift:
    """A live drift with who last wrote what differs, as far as CloudTrail tells; what it does not is warned of."""
    return trail.attributed(found, settings_.golden_site, reader.vocabulary, trail.Trail(reader.sessions, reader.pacer))


def stored_drift(settings_: Settings, a: str, b: str | None) -> Drift:
    """Compare the golden site of snapshot `a` with its other sites, or with all the sites of snapshot `b`.

    A golden site and regions that the settings name are those of the snapshots that count.
    """
    return drift_of(settings_, *stored_sides(settings_, a, b))


def stored_sides(settings_: Settings, a: str, b: str | None) -> Sides:
    """Where golden is kept, for comparing snapshot `a`, and the snapshot whose sites are compared with it."""
    kept_in = store.storage_at(settings_.store)
    first = store.open_snapshot(kept_in, a)
    golden = golden_kept(first.header.golden if settings_.golden == ANY else settings_.golden, first, kept_in)
    return golden, store.open_snapshot(kept_in, b) if b is not None else first


def drift_of(settings_: Settings, golden: tuple[store.Stored, str], actual: store.Stored) -> Drift:
    """The drift of a snapshot's sites against golden, which is a site of a snapshot.

    Raises NothingComparedError where nothing was compared: that would read as if all were well.
    """
    kept, site = golden
    refuse_other_key(kept, actual)
    wanted = actual.files if settings_.regions == (ANY,) else _sites_of(settings_, actual)
    others = [parse_site(name) for name in wanted if kept != actual or name != site]
    specs = specs_of(settings_)
    held = {name: spec for name, spec in specs.items() if name in {*kept.header.types, *actual.header.types}}
    scope = scope_of(settings_, held)
    found = drift(
        parse_site(site),
        site if kept == actual else f"snapshot:{kept.id}",
        kept.taken,
        store.read_site(kept, site, held),
        [(other, partial(store.read_site, actual, str(other), held)) for other in others],
        scope,
    )
    refuse_uncompared(found, scope.include)
    nowhere = tuple(f"No snapshot holds {name}; it was not compared." for name in specs if name not in held)
    return replace(found, warnings=(*found.warnings, *nowhere), read=actual.taken)


def _sites_of(settings_: Settings, actual: store.Stored) -> tuple[str, ...]:
    """The sites to compare. Globs that nobody expanded, because nothing is read, stand for those of the snapshot."""
    held = dict.fromkeys(parse_site(name).account for name in actual.files)
    return tuple(one for one in sites_named(settings_.regions, held) if one in actual.files or one in settings_.regions)


def taken_in(settings_: Settings, into: Storage, reader: Reader, progress: Progress) -> Taken:
    """A snapshot of every site that the settings name, in a store."""
    return take(reader, settings_.golden, settings_.golden_site, settings_.sites, into, progress)
