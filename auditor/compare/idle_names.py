"""What settings say of names, and that no name in any site is: pairs, patterns, tags, and variables to show. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase

from auditor.canonical.document import Document
from auditor.canonical.pairing import Pairing, fits, native_in, tag_of
from auditor.model.values import SiteSnapshot
from auditor.nearest import hint
from auditor.specs.spec import FUNCTION

Used = frozenset[tuple[str, ...]]
"""The places in the settings of what was found to stand for something."""
Names = frozenset[tuple[str, str]]
"""Resources, by type and canonical name."""


def names_used(
    snapshot: SiteSnapshot, documents: Mapping[tuple[str, str], Document], pairing: Pairing, plain: Iterable[str]
) -> Used:
    """What the settings say of names that stands for something in a site."""
    variables = {path[-1] for one in documents.values() for path in one.fingerprints}
    shown = (("plain", glob) for glob in plain if any(fnmatchcase(name, glob) for name in variables))
    return frozenset((*_paired(snapshot, pairing), *shown))


def _paired(snapshot: SiteSnapshot, pairing: Pairing) -> Iterator[tuple[str, ...]]:
    site, locale = snapshot.site, snapshot.locale
    there = {(one.type, one.name) for one in snapshot.resources}
    for type_, own in pairing.pairs.items():
        yield from (
            ("pairs", type_, name) for name, one in own.items() if (type_, native_in(one, site, locale)) in there
        )
    for one in snapshot.resources:
        for pattern in pairing.patterns.get(one.type, ()):
            if fits(pattern, one.name, locale):
                yield "names", one.type, pattern
        if one.type in pairing.tags and tag_of(one, pairing.tags[one.type]):
            yield "pair_by_tag", one.type


def idle_names(pairing: Pairing, plain: Iterable[str], types: Iterable[str], used: Used, there: Names) -> Iterator[str]:
    """What is to be said of each that stands for nothing in any site; of types that are not compared, nothing."""
    known = frozenset(types)
    for type_ in sorted(known):
        of_type = {name for of, name in there if of == type_}
        for name, natives in pairing.pairs.get(type_, {}).items():
            if ("pairs", type_, name) not in used:
                near = hint(next(iter(natives.values()), name), of_type)
                yield f"pairs.{type_}.{name} stands for no resource of the sites compared.{near}"
        for pattern in pairing.patterns.get(type_, ()):
            if ("names", type_, pattern) not in used:
                yield f"names.{type_} ({pattern}) matches no name in the sites compared.{hint(pattern, of_type)}"
        if type_ in pairing.tags and ("pair_by_tag", type_) not in used:
            yield f"pair_by_tag.{type_}: no resource of the sites compared has the tag '{pairing.tags[type_]}'."
    if FUNCTION in known:
        idle = (one for one in plain if ("plain", one) not in used)
        yield from (f"plain: '{one}' matches no environment variable of the sites compared." for one in idle)
