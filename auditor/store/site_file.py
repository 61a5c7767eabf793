"""A site of a snapshot as the bytes of its file: JSON, compressed; and back, refusing what unpacks to too much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Final

import zstandard

from auditor import __version__
from auditor.errors import StoreError
from auditor.model.form import is_formed
from auditor.model.json_text import parse_json, rendered
from auditor.model.values import Locale, Reading, Resource, SiteSnapshot, State, Unread

SITE_SCHEMA: Final = "auditor/site/1"
PACKED: Final = ".zst"
LARGEST: Final = 512 * 1024 * 1024
"""Bytes that a site's file may unpack to: some fifty thousand functions."""
_LEVEL: Final = 10


def file_name(site: str) -> str:
    """The name of a site's file."""
    return site.replace("/", "__") + ".json" + PACKED


def site_content(snapshot: SiteSnapshot) -> bytes:
    """What a site's file holds: the same bytes for the same snapshot."""
    text = rendered({"schema": SITE_SCHEMA, **asdict(snapshot)})
    return zstandard.ZstdCompressor(level=_LEVEL).compress(text)


def site_of(place: str, content: bytes) -> SiteSnapshot:
    """The site that a file at `place` holds, packed if its name says so. Raises StoreError for one that holds none."""
    document = parsed(place, unpacked(place, content), SITE_SCHEMA)
    with refusing_form(place):
        return _snapshot(document)


def _snapshot(document: Mapping[str, Any]) -> SiteSnapshot:
    resources = (
        Resource(one["type"], one["name"], {name: _reading(told) for name, told in one["facets"].items()})
        for one in document["resources"]
    )
    made = SiteSnapshot(
        document["site"],
        Locale(**document["locale"]),
        tuple(resources),
        tuple(Unread(**{**one, "state": State(one["state"])}) for one in document["unread"]),
        document["calls"],
        # Files of before they were counted have none.
        document.get("throttles", {}),
    )
    if not is_formed(made, SiteSnapshot):
        raise TypeError("a member has another form")
    return made


def unpacked(place: str, content: bytes) -> bytes:
    """The JSON of a file. Raises StoreError for one that unpacks to more than LARGEST, before it is all unpacked."""
    if not place.endswith(PACKED):
        return content
    pieces, size = [], 0
    try:
        for piece in zstandard.ZstdDecompressor(max_window_size=LARGEST).read_to_iter(content):
            size += len(piece)
            if size > LARGEST:
                raise StoreError(
                    f"{place} unpacks to more than {LARGEST // 1024**2} MiB, the most that is read. It was not used. "
                    "Take a new snapshot, or narrow it with 'types'."
                )
            pieces.append(piece)
    except zstandard.ZstdError as error:
        raise StoreError(f"{place} cannot be unpacked ({error}). It was not used. Take a new snapshot.") from None
    return b"".join(pieces)


def parsed(place: str, content: bytes, schema: str) -> dict[str, Any]:
    """The document that a file holds. Raises StoreError for one of another schema."""
    try:
        document = parse_json(content)
    except ValueError:
        document = None
    found = document.get("schema") if isinstance(document, dict) else None
    if not isinstance(document, dict) or found != schema:
        raise StoreError(
            f"{place} is of schema {found!r}, and this program (auditor {__version__}) reads {schema!r}. It was not "
            "used. Read it with the version that wrote it, or take a new snapshot."
        )
    return document


@contextmanager
def refusing_form(place: str) -> Iterator[None]:
    """Turns what a document that lacks a member, or has one of another form, raises into a StoreError."""
    try:
        yield
    except KeyError as error:
        why = f"it lacks {error}"
    except (TypeError, ValueError, AttributeError):
        why = "a member of it has another form"
    else:
        return
    raise StoreError(
        f"{place} is not what auditor {__version__} writes: {why}. It was not used. Restore the file from a backup, or "
        "take a new snapshot."
    )


def _reading(told: Mapping[str, Any]) -> Reading:
    return Reading(State(told["state"]), told["value"], told["error"])
