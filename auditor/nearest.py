"""What somebody may have meant who named what is not there. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Final

_SIGNS: Final = re.compile(r"[*?\[\]]|\$\{[^{}]*\}")
"""What a glob has beside letters, and the symbols of a name."""
_MOST: Final = 3


def nearest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """The names that are most like one; a glob's own signs and symbols count for nothing."""
    folded = {_folded(one): one for one in known}
    return tuple(folded[one] for one in get_close_matches(_folded(name), folded, n=_MOST, cutoff=0.6))


def _folded(name: str) -> str:
    return _SIGNS.sub("", name).lower()


def hint(name: str, known: Collection[str]) -> str:
    """What there is, in a sentence that follows another: the nearest names, or where none is near, the first ones."""
    near = nearest(name, known)
    if near:
        return f" Nearest: {', '.join(near)}."
    if not known:
        return " There is none."
    few = sorted(known)[:_MOST]
    more = f" and {len(known) - len(few):,} more" if len(known) > len(few) else ""
    return f" There is: {', '.join(few)}{more}."


def resource_hint(glob: str, resources: Collection[tuple[str, str]]) -> str:
    """The same of resources (type and name) for a glob over `TYPE/NAME`, or over names."""
    wanted = glob.partition("/")[2] or glob
    near = nearest(wanted, {name for _, name in resources})
    if near:
        ids = sorted(f"{type_}/{name}" for type_, name in resources if name in near)
        return f" Nearest: {', '.join(ids[:_MOST])}."
    return hint(glob, {f"{type_}/{name}" for type_, name in resources})
