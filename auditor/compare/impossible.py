"""What settings name that can be nothing, whatever the regions hold: where it stands, and what is near. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

from auditor.compare.exceptions import WHOLE
from auditor.compare.field_places import EVERY, Places, TypePlaces, can_begin, can_match, is_place, merged, paths
from auditor.compare.severity import KINDS
from auditor.model.values import DriftException, Site, parse_site
from auditor.nearest import nearest

Problem = tuple[tuple[str | int, ...], str]
"""Where something stands in the settings, and what is wrong with it."""
_EXAMPLE: Final = "AWS::Lambda::Function/checkout"
_KINDS: Final = Places({kind: Places() for kind in KINDS})


@dataclass(frozen=True)
class Named:
    """What settings name, each under its key."""

    exceptions: tuple[DriftException, ...] = ()
    types: Mapping[str, Iterable[str]] = field(default_factory=dict)
    """Types, by the key that they stand under."""
    type_globs: Mapping[tuple[str | int, ...], str] = field(default_factory=dict)
    """Globs over types, by the keys that they stand under."""
    graded: Iterable[str] = ()
    """Globs over TYPE/FIELD and TYPE/KIND, under `severity`."""
    compared: Iterable[str] = ()
    """Globs over types, each with a field behind it, under `compare`."""
    sites: Mapping[tuple[str, ...], Iterable[str]] = field(default_factory=dict)
    """Sites or regions, by the keys that they stand under."""


@dataclass(frozen=True)
class Known:
    """All that there is to be named."""

    types: Collection[str]
    regions: Collection[str]
    places: TypePlaces
    accounts: Collection[str] | None = None
    """None where it cannot be told which there are."""

    def sites(self, regions: Iterable[str]) -> Places:
        """The names that sites of these regions can have, as the places of a tree."""
        held = Places({region: Places() for region in regions})
        accounts = (EVERY,) if self.accounts is None else self.accounts
        return Places({**held.below, **dict.fromkeys(accounts, held)})


def impossible(named: Named, known: Known) -> Iterator[Problem]:
    """Each name that can match nothing."""
    types = known.types
    for number, one in enumerate(named.exceptions):
        yield from (((("exceptions", number, *place)), why) for place, why in _exception(one, known))
    for key, names in named.types.items():
        yield from (((key, one), f"there is no such type{_near(one, types)}") for one in names if one not in types)
    for where, glob in named.type_globs.items():
        if not any(fnmatchcase(one, glob) for one in types):
            yield where, f"'{glob}' matches no resource type{_near(glob, types)}"
    yield from ((("severity", one), why) for one in named.graded if (why := _graded(one, known)))
    yield from ((("compare", one), why) for one in named.compared if (why := _compared(one, known)))
    for place, sites in named.sites.items():
        yield from (((*place, one), why) for one in sites if (why := _site(parse_site(one), known)))


def _site(site: Site, known: Known) -> str:
    if site.region not in known.regions:
        return f"there is no such region{_near(site.region, known.regions)}"
    if site.account and known.accounts is not None and site.account not in known.accounts:
        return f"'accounts' names no {site.account}{_near(site.account, known.accounts)}"
    return ""


def _exception(exception: DriftException, known: Known) -> Iterator[tuple[tuple[str], str]]:
    types = [type_ for type_ in known.types if can_begin(exception.resource, f"{type_}/")]
    if not types:
        type_, slash, _ = exception.resource.partition("/")
        why = (
            f"there is no such type{_near(type_, known.types)}" if slash else f"TYPE/NAME is needed, such as {_EXAMPLE}"
        )
        yield ("resource",), why
    if exception.path != WHOLE and not can_begin(exception.path, "/"):
        yield ("path",), f"a path begins with /: '/{exception.path}'?"
    elif types and not _covers_any(exception.path, types, known):
        yield ("path",), _no_field(exception.path, types, known)
    regions = [one for one in known.regions if fnmatchcase(one, exception.region)]
    if not regions:
        account = "; an account's site stands under 'site'" if "/" in exception.region else ""
        yield ("region",), f"there is no such region{account}{_near(exception.region, known.regions)}"
    elif not can_match(f"/{exception.site}", known.sites(regions)):
        yield ("site",), _no_site(exception, known)


def _covers_any(path: str, types: Iterable[str], known: Known) -> bool:
    # An exception covers what is inside its place, too.
    return path in (WHOLE, "*") or any(can_match(path.rstrip("/"), known.places(type_)) for type_ in types)


def _no_site(exception: DriftException, known: Known) -> str:
    there = tuple(path[1:] for path in paths(known.sites(known.regions)))
    if can_match(f"/{exception.site}", known.sites(known.regions)):
        return f"no site of this name is in a region that {exception.region} matches"
    return f"no site can be called so{_near(exception.site, there)}"


def _graded(glob: str, known: Known) -> str:
    types = [type_ for type_ in known.types if can_begin(glob, f"{type_}/")]
    if not types:
        return _no_type(glob, known)
    if any(can_match(glob, merged(known.places(type_), _KINDS), type_) for type_ in types):
        return ""
    name = glob.partition("/")[2]
    if nearest(name, KINDS):
        return f"there is no such field or kind{_near(name, KINDS)}"
    return _no_field(f"/{name}", types, known)


def _compared(glob: str, known: Known) -> str:
    type_glob, *path = glob.split("/")
    types = [type_ for type_ in known.types if fnmatchcase(type_, type_glob)]
    if not types or not any(path):
        return _no_type(glob, known)
    if path[0] == EVERY:
        return f"a field is named here; {EVERY} stands for names inside one"
    if any(is_place(known.places(type_), path) for type_ in types):
        return ""
    return _no_field("/" + "/".join(path), types, known)


def _no_type(glob: str, known: Known) -> str:
    type_, slash, _ = glob.partition("/")
    is_type = any(fnmatchcase(one, type_) for one in known.types)
    return f"there is no such type{_near(type_, known.types)}" if slash and not is_type else "TYPE/FIELD is needed"


def _no_field(path: str, types: Collection[str], known: Known) -> str:
    there = {one for type_ in types for one in paths(known.places(type_))}
    lack = f"{next(iter(types))} has no such field" if len(types) == 1 else "none of these types has such a field"
    return f"{lack} that is compared{_near(path, there)}"


def _near(name: str, known: Collection[str]) -> str:
    near = nearest(name, known)
    return f". Did you mean {near[0]}?" if near else ""
