"""What names tell of how regions name the same thing: patterns to write into settings, and names to ask about. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from auditor.canonical.pairing import canonical_name
from auditor.canonical.wording import SYMBOL
from auditor.model.values import Locale

Named = Mapping[str, tuple[Locale, tuple[str, ...]]]
"""The names of one type's resources by region, with what the region calls itself."""
Groups = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Native names by canonical name and region."""
# A pattern holds what follows the region literally, and braces and quotes would mean something there.
_PLAIN: Final = re.compile(r"[A-Za-z0-9._/+@-]+")
TRIED: Final = 20
"""So many patterns are tried for a type: names that take more of them have none in common."""
_EDGES: Final = re.compile(r"\A([^A-Za-z0-9]*)(.*?)([^A-Za-z0-9]*)\Z", re.DOTALL)


@dataclass(frozen=True)
class Alike:
    """Names that look like one thing under several names, and that no pattern pairs, by region."""

    name: str
    natives: Mapping[str, str]


@dataclass(frozen=True)
class NameGuess:
    """What the names of one type come to."""

    patterns: tuple[str, ...]
    """For `names`: those without which more names would stay alone."""
    shapes: Mapping[str, tuple[int, str]]
    """How names that are paired hold their region: how many things do so, and the name of one of them."""
    alike: tuple[Alike, ...]
    groups: Groups = field(repr=False)


def guessed_names(named: Named) -> NameGuess:
    """The patterns that pair what would not be paired without, and the names that only a person can pair."""
    patterns = _patterns(named)
    groups = grouped(named, patterns)
    return NameGuess(patterns, _shapes(groups), tuple(_alike(named, groups)), groups)


def grouped(named: Named, patterns: Iterable[str] = ()) -> Groups:
    """The names as they are paired with these patterns."""
    known, groups = tuple(patterns), dict[str, dict[str, tuple[str, ...]]]()
    for region, (locale, natives) in named.items():
        for native in natives:
            inside = groups.setdefault(canonical_name(native, locale, known), {})
            inside[region] = (*inside.get(region, ()), native)
    return groups


# -- patterns


def _patterns(named: Named) -> tuple[str, ...]:
    chosen: tuple[str, ...] = ()
    groups = grouped(named)
    for pattern in _candidates(named, groups):
        with_it = grouped(named, (*chosen, pattern))
        if _pairs_more(groups, with_it):
            chosen, groups = (*chosen, pattern), with_it
    return chosen


def _candidates(named: Named, groups: Groups) -> list[str]:
    """The patterns that fit names in more than one region: those that fit most first, then those that say least."""
    alone = [_members(inside)[0] for inside in groups.values() if len(inside) == 1]
    fits: dict[str, set[tuple[str, str]]] = {}
    for region, native in alone:
        for pattern in _patterns_of(native, named[region][0]):
            fits.setdefault(pattern, set()).add((region, native))
    several = [pattern for pattern, members in fits.items() if len({region for region, _ in members}) > 1]
    said = {pattern: len(re.sub(r"\{\w+\}", "", pattern)) for pattern in several}
    return sorted(several, key=lambda one: (-len(fits[one]), said[one], one))[:TRIED]


def _patterns_of(native: str, locale: Locale) -> Iterator[str]:
    if not _PLAIN.fullmatch(native):
        return
    for symbol in ("region", "region_short"):
        literal = getattr(locale, symbol)
        for match in re.finditer(re.escape(literal), native) if literal else ():
            before, after = (_worded(part, locale) for part in (native[: match.start()], native[match.end() :]))
            if before:
                yield f"{{stem}}{{{symbol}}}{after}"
            if after:
                yield f"{before}{{{symbol}}}{{stem}}"


def _worded(part: str, locale: Locale) -> str:
    """A part of a name, with the account's place marked, which a name can have only once in a pattern."""
    return part.replace(locale.account, "{account}", 1) if locale.account else part


def _pairs_more(before: Groups, after: Groups) -> bool:
    """Whether what was paired still is, and more is paired than before."""
    home = {member: key for key, inside in after.items() for member in _members(inside)}
    kept = all(len({home[pair] for pair in _members(inside)}) == 1 for inside in before.values() if len(inside) > 1)
    return kept and _paired(after) > _paired(before)


def _members(inside: Mapping[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(region, one) for region, natives in inside.items() for one in natives]


def _paired(groups: Groups) -> int:
    return sum(len(inside) for inside in groups.values() if len(inside) > 1)


# -- how names are made


def _shapes(groups: Groups) -> dict[str, tuple[int, str]]:
    paired = {key: inside for key, inside in groups.items() if len(inside) > 1 and SYMBOL.search(key)}
    counts = Counter(_shape(key) for key in paired)
    examples = {_shape(key): min(_members(inside))[1] for key, inside in sorted(paired.items(), reverse=True)}
    return {shape: (count, examples[shape]) for shape, count in sorted(counts.items(), key=lambda one: (-one[1], one))}


def _shape(key: str) -> str:
    """A canonical name with `{stem}` for what is its own: `{stem}-{account}-{region}`."""
    return "".join(
        part[1:] if re.fullmatch(r"\$\{\w+\}", part) else _EDGES.sub(_stem, part)
        for part in re.split(r"(\$\{\w+\})", key)
    )


def _stem(match: re.Match[str]) -> str:
    return match[1] + ("{stem}" if match[2] else "") + match[3]


# -- what looks alike


def _alike(named: Named, groups: Groups) -> Iterator[Alike]:
    """Of the names that not all regions have, those that say the same but for what sounds like a region."""
    by_sound: dict[str, list[Mapping[str, tuple[str, ...]]]] = {}
    for _, inside in sorted(groups.items(), key=lambda one: (-len(one[1]), one[0])):
        if len(inside) < len(named):
            region, native = _members(inside)[0]
            by_sound.setdefault(_sound(native, named[region][0]), []).append(inside)
    for sound, several in sorted(by_sound.items()):
        natives: dict[str, str] = {}
        joined = 0
        for inside in several:
            if sound and not natives.keys() & inside.keys():
                natives |= {region: names[0] for region, names in inside.items()}
                joined += 1
        if joined > 1:
            yield Alike(sound, dict(sorted(natives.items())))


def _sound(native: str, locale: Locale) -> str:
    """A name without case, separators, the account, and all that sounds like its region."""
    parts = locale.region.split("-")
    text = native.lower()
    for spelled in ("-".join(parts), "_".join(parts), "".join(parts)):
        text = text.replace(spelled, "-")
    # us-east-1 is use1 to AWS, and ue1 or us to others.
    short = {locale.region_short, "".join(part[0] for part in parts), parts[0], locale.account}
    return "-".join(word for word in re.split(r"[^a-z0-9]+", text) if word and word not in short)
