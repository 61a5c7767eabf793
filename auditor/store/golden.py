"""Where golden is kept: in the snapshot that is compared, or in another one that was kept before."""

from __future__ import annotations

from pathlib import Path

from auditor.errors import StoreError
from auditor.settings.load import STORED_GOLDEN
from auditor.store.site_file import PACKED
from auditor.store.storage import Storage
from auditor.store.store import Stored, open_snapshot


def golden_kept(named: str, taken: Stored, store: Storage) -> tuple[Stored, str]:
    """The snapshot that golden is in, and its site there. `named` is a site of `taken`, snapshot:ID or file:PATH.

    Raises StoreError where there is no such snapshot, or it cannot be trusted.
    """
    if not named.startswith(STORED_GOLDEN):
        return taken, named
    where = named.partition(":")[2]
    kept = open_snapshot(store, where)
    return kept, _site_of(kept, where)


def _site_of(stored: Stored, which: str) -> str:
    """The site of a snapshot that serves as golden elsewhere: that of the file named, or its own golden one.

    Raises StoreError where it has none, being compared with yet another snapshot itself.
    """
    named = Path(which).name
    names = {file.removesuffix(PACKED): site for site, (file, _) in stored.files.items()}
    site = names.get(named.removesuffix(PACKED), stored.header.golden)
    if site not in stored.files:
        raise StoreError(
            f"Snapshot {stored.id} has no golden site of its own: it was compared with {site}. Nothing was compared. "
            f"Name the file of one of its sites: {', '.join(sorted(file for file, _ in stored.files.values()))}."
        )
    return site


def refuse_other_key(one: Stored, other: Stored | None) -> None:
    """Raise StoreError for two snapshots whose secrets' fingerprints cannot be compared."""
    if other is None or one.header.key_id == other.header.key_id:
        return
    raise StoreError(
        f"Snapshots {one.id} and {other.id} have fingerprints of different keys, so nothing can be said of their "
        "secrets. Nothing was compared. Take both with the same AUDITOR_FINGERPRINT_KEY."
    )
