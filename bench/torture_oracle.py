"""What a night's report must say, from the regions' plain values alone. It shares nothing with the program.

Resources are by type and name, their values by path (`/Tags/team`), worded alike in all regions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

Values = Mapping[str, object]
Region = Mapping[tuple[str, str], Values]
"""Resources by type and name."""
Place = tuple[str, str, str]
"""Site, type and name."""


@dataclass(frozen=True)
class Blind:
    """What one refusal hides in a region: a whole type, or the values of a type whose path begins so."""

    region: str
    type: str
    path: str = ""


@dataclass(frozen=True)
class Difference:
    """What differs of one resource."""

    kind: str
    values: frozenset[tuple[str, object, object]] = frozenset()
    """Path, what golden has, what is here."""


@dataclass(frozen=True)
class Night:
    """What is open, and of which resources not all is known."""

    open: Mapping[Place, Difference]
    unread: frozenset[Place]


def night(golden: str, regions: Mapping[str, Region], blind: Iterable[Blind]) -> Night:
    """What the report of these regions says."""
    hidden, opened, unread = tuple(blind), dict[Place, Difference](), set[Place]()
    for site, own in regions.items():
        if site == golden:
            continue
        wanted = regions[golden]
        paths = {(one.type, one.path) for one in hidden if one.region in (site, golden)}
        for type_, name in sorted(wanted.keys() | own.keys()):
            place = (site, type_, name)
            if (type_, "") in paths:
                unread.add(place)
                continue
            mine = [path for kind, path in paths if kind == type_]
            # What is on one side alone is all that there is to know of it.
            unread |= {place} if mine and (type_, name) in wanted and (type_, name) in own else set()
            found = _difference(wanted.get((type_, name)), own.get((type_, name)), mine)
            if found:
                opened[place] = found
    return Night(opened, frozenset(unread))


def _difference(wanted: Values | None, own: Values | None, hidden: Iterable[str]) -> Difference | None:
    if wanted is None or own is None:
        return Difference("extra" if wanted is None else "missing")
    differing = [
        (path, wanted.get(path), own.get(path))
        for path in wanted.keys() | own.keys()
        if wanted.get(path) != own.get(path) and not any(path.startswith(f"{one}/") for one in hidden)
    ]
    return Difference("changed", frozenset(differing)) if differing else None


@dataclass
class Memory:
    """Owns what was known of each resource when all of it was known last."""

    nights: int = 0
    _known: dict[Place, Difference | None] = field(default_factory=dict)
    _glimpsed: dict[Place, set[Difference]] = field(default_factory=dict)
    """What was seen since then, in nights that did not see all."""

    def new(self, tonight: Night) -> frozenset[Place]:
        """What nobody was told of yet."""
        if not self.nights:
            return frozenset()
        return frozenset(place for place, one in tonight.open.items() if self._is_new(place, one, tonight))

    def _is_new(self, place: Place, one: Difference, tonight: Night) -> bool:
        known = self._known.get(place)
        if one == known or one in self._glimpsed.get(place, ()):
            return False
        partly = place in tonight.unread and known is not None and known.kind == one.kind
        return not (partly and known and one.values <= known.values)

    def fixed(self, tonight: Night) -> frozenset[tuple[str, str, str, str]]:
        """What was open when it was known last, and is alike now."""
        return frozenset(
            (*place, one.kind)
            for place in {*self._known, *self._glimpsed}
            for one in (self._known.get(place), *self._glimpsed.get(place, ()))
            if one and place not in tonight.unread and not _stays(one, tonight.open.get(place))
        )

    def remember(self, tonight: Night, places: Iterable[Place]) -> None:
        """A night is over; `places` are all that there are, those of golden too."""
        self.nights += 1
        for place in {*places, *self._known}:
            if place not in tonight.unread:
                self._known[place] = tonight.open.get(place)
                self._glimpsed.pop(place, None)
            elif place in tonight.open:
                self._glimpsed.setdefault(place, set()).add(tonight.open[place])


def _stays(before: Difference, now: Difference | None) -> bool:
    return now is not None and now.kind == before.kind


def places_of(golden: str, regions: Mapping[str, Region]) -> Iterator[Place]:
    """Every resource that a site has, or that golden has and it might have."""
    for site, own in regions.items():
        if site != golden:
            yield from ((site, *key) for key in own.keys() | regions[golden].keys())
