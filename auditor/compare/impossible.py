"""What settings name that can be nothing, whatever the regions hold: where it stands, and what is near. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

from auditor.compare.exceptions import WHOLE
from auditor.model.values import DriftException, parse_site
from auditor.nearest import nearest

Problem = tuple[tuple[str | int, ...], str]
"""Where something stands in the settings, and what is wrong with it."""
_TOKEN: Final = re.compile(r"\[!?\]?[^\]]*\]|.", re.DOTALL)
_EXAMPLE: Final = "AWS::Lambda::Function/checkout"


@dataclass(frozen=True)
class Named:
    """What settings name, each under its key."""

    exceptions: tuple[DriftException, ...] = ()
    types: Mapping[str, Iterable[str]] = field(default_factory=dict)
    """Types, by the key that they stand under."""
    fields: Mapping[str, Iterable[str]] = field(default_factory=dict)
    """Globs over TYPE/FIELD, by the key that they stand under."""
    sites: Mapping[tuple[str, ...], Iterable[str]] = field(default_factory=dict)
    """Sites or regions, by the keys that they stand under."""


def impossible(named: Named, types: Collection[str], regions: Collection[str]) -> Iterator[Problem]:
    """Each name that can match nothing. `types` and `regions` are all that there are."""
    for number, one in enumerate(named.exceptions):
        yield from (((("exceptions", number, *place)), why) for place, why in _exception(one, types, regions))
    for key, names in named.types.items():
        yield from (((key, one), f"there is no such type{_near(one, types)}") for one in names if one not in types)
    for key, globs in named.fields.items():
        yield from (((key, one), why) for one in globs if (why := _field(one, types)))
    for place, sites in named.sites.items():
        strange = [one for one in sites if parse_site(one).region not in regions]
        yield from (((*place, one), f"there is no such region{_near(one, regions)}") for one in strange)


def _exception(
    exception: DriftException, types: Collection[str], regions: Collection[str]
) -> Iterator[tuple[tuple[str], str]]:
    if not any(can_begin(exception.resource, f"{type_}/") for type_ in types):
        type_, slash, _ = exception.resource.partition("/")
        why = f"there is no such type{_near(type_, types)}" if slash else f"TYPE/NAME is needed, such as {_EXAMPLE}"
        yield ("resource",), why
    if exception.path != WHOLE and not can_begin(exception.path, "/"):
        yield ("path",), f"a path begins with /: '/{exception.path}'?"
    if not any(fnmatchcase(one, exception.region) for one in regions):
        account = "; an account's site stands under 'site'" if "/" in exception.region else ""
        yield ("region",), f"there is no such region{account}{_near(exception.region, regions)}"


def _field(glob: str, types: Collection[str]) -> str:
    if any(can_begin(glob, f"{type_}/") for type_ in types):
        return ""
    type_, slash, _ = glob.partition("/")
    known = any(fnmatchcase(one, type_) for one in types)
    return f"there is no such type{_near(type_, types)}" if slash and not known else "TYPE/FIELD is needed"


def _near(name: str, known: Collection[str]) -> str:
    near = nearest(name, known)
    return f". Did you mean {near[0]}?" if near else ""


def can_begin(glob: str, prefix: str) -> bool:
    """Whether a glob matches any text that begins with `prefix` and goes on."""
    tokens = _TOKEN.findall(glob)
    reached = _spread({0}, tokens)
    for letter in prefix:
        onward = {n + 1 for n in reached if n < len(tokens) and tokens[n] != "*" and fnmatchcase(letter, tokens[n])}
        reached = _spread(onward | {n for n in reached if n < len(tokens) and tokens[n] == "*"}, tokens)
    return any(n < len(tokens) for n in reached)


def _spread(reached: set[int], tokens: list[str]) -> set[int]:
    """The places too that are reached by a star that stands for nothing."""
    found, pending = set(reached), list(reached)
    while pending:
        place = pending.pop()
        if place < len(tokens) and tokens[place] == "*" and place + 1 not in found:
            found.add(place + 1)
            pending.append(place + 1)
    return found
