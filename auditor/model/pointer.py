"""JSON Pointers (RFC 6901): places in a resource's document. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from auditor.model.values import ABSENT, Value


def pointer(segments_: Iterable[str]) -> str:
    """The pointer to a place."""
    return "".join("/" + one.replace("~", "~0").replace("/", "~1") for one in segments_)


def segments(path: str) -> tuple[str, ...]:
    """The segments of a pointer; `segments(pointer(place)) == place`."""
    return tuple(one.replace("~1", "/").replace("~0", "~") for one in path.split("/")[1:])


def value_at(value: Value, place: Iterable[str]) -> Value:
    """What stands at a place below maps; ABSENT where there is no such place."""
    for name in place:
        value = value.get(name, ABSENT) if isinstance(value, Mapping) else ABSENT
    return value


def is_within(path: str, place: str) -> bool:
    """Whether a pointer leads to a place, or to something inside it."""
    return f"{path}/".startswith(f"{place}/")


def overlap(one: str, other: str) -> bool:
    """Whether two pointers lead to one place, or one into the other's."""
    return is_within(one, other) or is_within(other, one)
