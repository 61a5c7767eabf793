"""Which places of a resource's document hold what AWS would not tell of. Pure.

What stands there is neither equal to anything nor different from it, whatever its text is: two layers of one number
are two layers. A list is unknown as a whole as soon as one of its elements is, since any other may be its counterpart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from auditor.canonical.policy import STATEMENT
from auditor.canonical.references import UNKNOWN, unresolved_in
from auditor.canonical.values import DROPPED
from auditor.canonical.wording import FIELD
from auditor.model.json_text import parse_json
from auditor.model.values import Locale, Value
from auditor.specs.field_tree import Node, Path
from auditor.specs.spec import Role

_MAY_BE: Final = re.compile(r"it may be an? ([\w-]+): ")
_INSIDE: Final = "[]"
"""Stands for any element of a list in the place that a spec knows."""


@dataclass(frozen=True)
class Unknown:
    """What is not known of one place.

    `named` is what AWS would not tell of ("" where that is hidden), and `why` the reason. `words` are all such texts of
    the place, each with the ARN that it stands in. `doubtful` says that they may be something else, which a difference
    alone makes worth telling. `field` is the place as a spec knows it.
    """

    named: str
    why: str
    words: frozenset[str]
    field: Path
    doubtful: bool = False
    foreign: bool = False
    """Every word is an ARN of another region or account, which means the same in every site."""


Unknowns = Mapping[Path, Unknown]
"""By the place in the document."""
NOTHING: Final[Unknowns] = {}


def may_be(kind: str, why: str) -> str:
    """Why it is not known what an id is that may also be something else."""
    return f"it may be a {kind}: {UNKNOWN}{why}"


@dataclass(frozen=True)
class Untold:
    """The literals of a site that AWS would not tell of, with why, and what finds them."""

    locale: Locale
    reasons: Mapping[str, str]
    pattern: re.Pattern[str] | None
    parent: str = ""
    """The parent of the resource in question: what is unique only in its field (see FIELD) has it beside it."""


def untold(locale: Locale) -> Untold:
    """What AWS would not tell of in a site."""
    certain = {literal: why for literal, why in locale.unresolved.items() if why.startswith(UNKNOWN)}
    found = {**locale.doubtful, **certain}
    return Untold(locale, found, _pattern(tuple(sorted(found))) if found else None)


@lru_cache(maxsize=64)
def _pattern(literals: tuple[str, ...]) -> re.Pattern[str]:
    longest = sorted(literals, key=len, reverse=True)
    return re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, longest))})(?![A-Za-z0-9])")


def unknowns(value: Value, node: Node, of: Untold, at: Path) -> Unknowns:
    """The places of a facet's value, as its spec shapes it, of which AWS would not tell what they mean.

    A place inside a list or a policy is that of the whole list, or of all statements.
    """
    found: dict[Path, Unknown] = {}
    for place, one in _inside(value, node, of, at, at):
        found[place] = _joined(found[place], one) if place in found else one
    return found


def _joined(one: Unknown, other: Unknown) -> Unknown:
    # What is certain counts before what may be something else.
    first = other if one.doubtful and not other.doubtful else one
    both = one.doubtful and other.doubtful
    return Unknown(first.named, first.why, one.words | other.words, first.field, both, one.foreign and other.foreign)


def _inside(value: Value, node: Node, of: Untold, place: Path, field: Path) -> Iterator[tuple[Path, Unknown]]:
    role = node.field.role if node.field else Role.COMPARED
    if role in DROPPED:
        return
    if role is Role.SECRET and isinstance(value, dict):
        yield from ((place, one) for one in _of_secret(value, node, of, field))
    elif role is Role.POLICY and isinstance(value, str):
        yield from ((_statements(value, place), one) for one in _of_text(value, node, of, field))
    elif isinstance(value, Mapping):
        yield from _of_map(value, node, of, place, field)
    elif isinstance(value, list):
        for element in value:
            elements = _inside(element, node.child(_INSIDE), of, place, (*field, _INSIDE))
            yield from ((place, one) for _, one in elements)
    elif isinstance(value, str):
        yield from ((place, one) for one in _of_text(value, node, of, field))


def _of_map(
    value: Mapping[str, Value], node: Node, of: Untold, place: Path, field: Path
) -> Iterator[tuple[Path, Unknown]]:
    for name, member in value.items():
        # A map whose keys name what nobody knows is a list of pairs.
        yield from ((place, one) for one in _of_text(name, node, of, field))
        yield from _inside(member, node.child(name), of, (*place, name), (*field, name))


def _statements(policy: str, place: Path) -> Path:
    try:
        parsed = parse_json(policy)
    except ValueError:
        return place
    return (*place, STATEMENT) if isinstance(parsed, dict) else place


def _of_secret(value: Mapping[str, Value], node: Node, of: Untold, field: Path) -> Iterator[Unknown]:
    if "shown" in value:
        yield from _of_text(str(value["shown"]), node, of, field)
        return
    for reason in value.get("unresolved", ()):
        if UNKNOWN in reason:
            # The id itself is hidden; the fingerprint stands for it.
            yield Unknown("", reason, frozenset({str(value.get("secret"))}), field, bool(_MAY_BE.match(reason)))


def _of_text(text: str, node: Node, of: Untold, field: Path) -> Iterator[Unknown]:
    reference = node.field.reference if node.field else ""
    number = of.reasons.get(f"{FIELD}{reference}:{of.parent}:{text}") if reference else None
    if number:
        yield Unknown(text, number, frozenset({text}), field, bool(_MAY_BE.match(number)))
    for match in of.pattern.finditer(text) if of.pattern else ():
        reason = of.reasons[match[0]]
        kind = _MAY_BE.match(reason)
        # A field that is known to hold ids of one kind holds none of another.
        if kind and reference not in ("", kind[1]):
            continue
        word = text[_arn_before(text, match.start()) : match.end()]
        foreign = _is_foreign(word, of.locale)
        yield Unknown(match[0], reason, frozenset({word}), field, bool(kind and not reference), foreign)


def _arn_before(text: str, start: int) -> int:
    begin = text.rfind("arn:", 0, start + len("arn:"))
    return begin if begin >= 0 and not re.search(r"[\s\"',;]", text[begin:start]) else start


def _is_foreign(word: str, locale: Locale) -> bool:
    parts = word.split(":") if word.startswith("arn:") else []
    own = (locale.region, locale.account)
    return len(parts) > 5 and bool(parts[3] and parts[4]) and (parts[3], parts[4]) != own


def is_proof(golden: Unknown | None, actual: Unknown | None, same_place: bool) -> bool:
    """Whether both sides name the very same things, so that it need not be known what they are.

    An ARN of a third region or account means the same everywhere; any other id only in one region of one account
    (`same_place`), which golden is where it is an older snapshot of the site itself.
    """
    if golden is None or actual is None or golden.words != actual.words:
        return False
    return same_place or (golden.foreign and actual.foreign)


def unknown_in_name(name: str, of: Untold) -> tuple[str, str]:
    """What AWS would not tell of in a resource's name, and why; empty texts where there is no such thing."""
    match = of.pattern.search(name) if of.pattern else None
    # A name that is like an id of another kind is a name all the same.
    return (match[0], of.reasons[match[0]]) if match and match[0] != name.rpartition("/")[2] else ("", "")


def could_be(name: str, unknown: str, other: str) -> bool:
    """Whether a name that holds what is unknown could be another one."""
    before, _, after = name.partition(unknown)
    return other.startswith(before) and other.endswith(after) and len(other) > len(before) + len(after)


def unknown_of(written: Value, locale: Locale) -> str:
    """Why calls are not made that would write what AWS would not tell of, be it the site's own; "" for none."""
    named = (one for one in unresolved_in(written, locale) if locale.unresolved[one].startswith(UNKNOWN))
    return next((f"what is unknown is not written: {one}: {locale.unresolved[one]}" for one in named), "")
