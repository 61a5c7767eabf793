"""What of two documents of one resource nobody can say whether it differs, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from auditor.canonical.document import Document
from auditor.canonical.unknown import Unknown, is_proof
from auditor.canonical.wording import UNRESOLVED
from auditor.model.pointer import is_within, overlap, pointer, segments, value_at
from auditor.model.values import Change, Locale, Site
from auditor.specs.field_tree import Path

_WHATEVER_THEY_MEAN: Final = ("informational", "count", "all-or-none")
"""The ways to compare that do not ask what values mean."""


@dataclass(frozen=True)
class Pair:
    """Two documents of one resource, and how its fields are compared."""

    golden: Document
    actual: Document
    sites: tuple[Site, Site]
    same_place: bool
    """Both are of one region of one account."""
    comparators: Mapping[Path, str] = field(default_factory=dict)
    beyond: frozenset[str] = frozenset()
    """The places of facets that were not read, or that a region has not."""


def is_same_place(one: Locale, other: Locale) -> bool:
    """Whether ids mean the same in both."""
    return bool(one.region) and (one.region, one.account) == (other.region, other.account)


def undecided(pair: Pair, differing: Iterable[Change], unread: Mapping[str, str]) -> dict[str, str]:
    """The pointers to what cannot be told, each with the reason, beside what was not read (`unread`).

    What differs above such a place cannot be told either, and stands for it.
    """
    changes = tuple(differing)
    open_ = [change.path for change in changes]
    found = {path: why for place, why in _unknown(pair, open_) for path in _elements(pair, place, changes)}
    for path in open_:
        below = [place for place in found if is_within(place, path)]
        if below:
            why = found[below[0]]
            found = {place: reason for place, reason in found.items() if place not in below} | {path: why}
    return {**dict(_following(pair, open_, found, unread)), **found}


def _elements(pair: Pair, place: str, changes: tuple[Change, ...]) -> list[str]:
    """The elements of a list in order that are unknown, where all the others are alike; otherwise the place itself."""
    inside = [one for one in changes if is_within(one.path, place)]
    lists = [value_at(side.fields, segments(place)) for side in (pair.golden, pair.actual)]
    in_order = all(isinstance(one, list) for one in lists) and len(lists[0]) == len(lists[1])
    all_unknown = all(UNRESOLVED in repr((one.golden, one.actual)) for one in inside)
    return [one.path for one in inside] if in_order and inside and all_unknown else [place]


def is_decided(change: Change, places: Iterable[str]) -> bool:
    """Whether a change is in none of these places."""
    return not any(is_within(change.path, place) for place in places)


def _unknown(pair: Pair, open_: list[str]) -> Iterator[tuple[str, str]]:
    for place in sorted(pair.golden.unknown.keys() | pair.actual.unknown.keys()):
        sides = pair.golden.unknown.get(place), pair.actual.unknown.get(place)
        if _is_beyond(pair, place) or is_proof(*sides, pair.same_place):
            continue
        found = [(site, one) for site, one in zip(pair.sites, sides, strict=True) if one]
        differs = any(overlap(path, pointer(place)) for path in open_)
        if differs or any(_matters(one, pair) for _, one in found):
            site, one = next(((site, one) for site, one in found if not one.doubtful), found[0])
            yield pointer(place), f"{site}: {': '.join(text for text in (one.named, one.why) if text)}"


def _matters(one: Unknown, pair: Pair) -> bool:
    """Whether it matters what something means although both sides have the same text."""
    ways = (how for path, how in pair.comparators.items() if _leads_to(path, one.field))
    return not one.doubtful and not any(how in _WHATEVER_THEY_MEAN for how in ways)


def _leads_to(pattern: Path, place: Path) -> bool:
    pairs = zip(pattern, place, strict=False)
    return len(pattern) <= len(place) and all(one in ("*", "[]", other) for one, other in pairs)


def _is_beyond(pair: Pair, place: Path) -> bool:
    named = place[0] if place and place[0] in pair.golden.places else ""
    return named in pair.beyond


def _following(
    pair: Pair, open_: list[str], found: Mapping[str, str], unread: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    for place, sources in pair.golden.follows.items():
        differs = [path for path in open_ if overlap(path, pointer(place))]
        source = next((one for one in sources if _reason(pair, one, found, unread)), None)
        if source is not None:
            for path in differs:
                site, _, why = _reason(pair, source, found, unread).partition(": ")
                yield path, f"{site}: {pointer(source)}, which it goes with, could not be read ({why})"


def _reason(pair: Pair, place: Path, found: Mapping[str, str], unread: Mapping[str, str]) -> str:
    named = place[0] if place[0] in pair.golden.places else ""
    return unread.get(named, "") or next((why for path, why in found.items() if overlap(path, pointer(place))), "")
