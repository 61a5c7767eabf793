"""Bytes and JSON, damaged at random. Pure."""

from __future__ import annotations

from random import Random
from typing import Any, Final

_TOKENS: Final = (
    b"[" * 3000, b'{"a":' * 3000, b"&a [*a, *a]", b"!!int ''", b"\x00", b"\xff\xfe", b"1e999", b"-", b"..", b"%s",
    b"\xed\xa0\x80", b"9" * 5000, b"null", b"true", b'"\\ud800"', b"${region}", b"\r\n", b"<x>",
)  # fmt: skip
_ODD: Final[tuple[Any, ...]] = (
    None,
    [],
    {},
    "",
    "x",
    -1,
    10**30,
    1.5,
    True,
    "\ud800",
    "../../x",
    "${golden:/X}",
    [[[]]],
    {"": {}},
)


def damaged(content: bytes, chance: Random) -> bytes:
    """The bytes with a few of them cut, changed, doubled or put in."""
    for _ in range(chance.choice((1, 1, 2, 5))):
        at = chance.randrange(len(content) + 1)
        end = min(len(content), at + chance.choice((1, 4, 40)))
        what = chance.choice(("flip", "cut", "drop", "double", "token"))
        middle = {
            "flip": bytes(chance.randrange(256) for _ in content[at:end]),
            "cut": b"",
            "drop": b"",
            "double": content[at:end] * 2,
            "token": chance.choice(_TOKENS) + content[at:end],
        }[what]
        content = content[:at] + middle + (b"" if what == "cut" else content[end:])
    return content


def bent(value: Any, chance: Random) -> Any:
    """The same JSON with something odd in one place."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        name = chance.choice(list(value))
        if chance.random() < 0.15:
            return {key: one for key, one in value.items() if key != name}
        return {**value, name: bent(value[name], chance)}
    if isinstance(value, list) and value and chance.random() < 0.85:
        at = chance.randrange(len(value))
        return [*value[:at], bent(value[at], chance), *value[at + 1 :]]
    return chance.choice(_ODD)
