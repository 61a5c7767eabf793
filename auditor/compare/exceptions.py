"""Which differences somebody has accepted: the one function that report, plan and deploy gate ask. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Final

from auditor.model.pointer import pointer, segments
from auditor.model.values import ABSENT, Change, DriftException, Site, Value

WHOLE: Final = ""
"""The path of an exception that covers whether the resource is there, and none of its fields."""
_ESCAPE: Final = re.compile(r"\[[*?\[/]\]")


def accepted(
    resource: str, path: str, site: Site, on: str, exceptions: Iterable[DriftException]
) -> DriftException | None:
    """The first exception that covers the difference on that day (`2026-11-24`), or None.

    An exception whose `until` lies before the day counts no more.
    """
    return next((one for one in exceptions if not expired(one, on) and covers(one, resource, path, site)), None)


def covers(exception: DriftException, resource: str, path: str, site: Site) -> bool:
    """Whether the exception's globs match, its end date aside."""
    return (
        fnmatchcase(resource, exception.resource)
        and _within(path, exception.path)
        and fnmatchcase(site.region, exception.region)
        and fnmatchcase(str(site), exception.site)
    )


def _within(path: str, pattern: str) -> bool:
    if pattern == WHOLE:
        return path == WHOLE
    below = pattern.rstrip("/") + "/"
    # A name may hold what a glob takes for its own (`a[1]`): said as it is, it is covered too.
    as_it_is = not _ESCAPE.search(pattern) and f"{path}/".startswith(below)
    return as_it_is or fnmatchcase(path, pattern) or fnmatchcase(path, f"{below}*")


Place = tuple[str, ...]


def apart(change: Change, is_accepted: Callable[[str], bool], keyed: frozenset[Place]) -> tuple[Change, ...]:
    """The change, or one for each part of a structure that only one side has, where some parts of it are accepted.

    `keyed` are the places of lists that are keyed. What stands beside such a list of which elements are accepted (a
    policy's version) is there with them, and is no change of its own.
    """
    value = change.actual if change.golden is ABSENT else change.golden
    own = tuple(segments(change.path))
    if ABSENT not in (change.golden, change.actual) or not _parts(value) or is_accepted(change.path):
        return (change,)
    places = tuple(_accepted_places(own, value, is_accepted))
    if not places:
        return (change,)
    is_frame = any(one[: len(own) + 1] in keyed for one in places if len(one) > len(own) + 1)
    parts = [(name, part) for name, part in _parts(value) if not is_frame or isinstance(part, (Mapping, list))]
    alone = (_alone(change, (*own, name), part) for name, part in parts)
    return tuple(part for one in alone for part in apart(one, is_accepted, keyed))


def _alone(change: Change, place: Place, part: Value) -> Change:
    golden, actual = (ABSENT if side is ABSENT else part for side in (change.golden, change.actual))
    return Change(pointer(place), golden, actual)


def _parts(value: Value) -> list[tuple[str, Value]]:
    """The members of a structure, or the elements of a list in order."""
    if isinstance(value, list):
        return [(str(number), one) for number, one in enumerate(value)]
    return list(value.items()) if isinstance(value, Mapping) else []


def _accepted_places(place: Place, value: Value, is_accepted: Callable[[str], bool]) -> Iterator[Place]:
    """The topmost places inside a value that are accepted."""
    for name, part in _parts(value):
        inner = (*place, name)
        if is_accepted(pointer(inner)):
            yield inner
        else:
            yield from _accepted_places(inner, part, is_accepted)


def escaped(text: str) -> str:
    """The glob that a text alone matches; of a path, the glob that covers it and what is inside it."""
    glob = re.sub(r"([*?[])", r"[\1]", text)
    # A field may have no name: without the slash at the end, the glob would be that of the field around it.
    return f"{glob[:-1]}[/]" if glob.endswith("/") else glob


def expired(exception: DriftException, on: str) -> bool:
    """Whether the exception's last day lies before that day."""
    return bool(exception.until) and exception.until < on


def exception_fields(exception: DriftException) -> dict[str, str]:
    """An exception as a settings file and the JSON have it; what it leaves open is not said."""
    where = {"path": exception.path, "region": exception.region, "site": exception.site}
    narrowed = {name: glob for name, glob in where.items() if glob != "*"}
    until = {"until": exception.until} if exception.until else {}
    return {"resource": exception.resource, **narrowed, "reason": exception.reason, **until}
