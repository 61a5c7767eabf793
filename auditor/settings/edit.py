"""Adds exceptions to the text of a settings file, and leaves every other character of it as it is.

What is added is one line of YAML for each exception, its values in double quotes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from auditor.errors import SettingsError
from auditor.settings.yaml_file import Part, SettingsFile, parse_settings_text, parts_of

KEY: Final = "exceptions"
_BREAK: Final = re.compile(r"\r\n|\n|\r")
_NAMED: Final[Mapping[str, str]] = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
Entry = Mapping[str, str]
"""An exception as the file has it: keys with values."""


def with_exceptions(path: Path, text: str, entries: Sequence[Entry]) -> tuple[str, SettingsFile]:
    """The text of the settings file at `path` with these exceptions after the last that it has, and its values then.

    Raises SettingsError where they cannot be added without changing what else the file says.
    """
    before = parse_settings_text(path, text).values
    added = _added(text, entries)
    try:
        after = parse_settings_text(path, added)
    except SettingsError:
        raise _impossible(path) from None
    held = before.get(KEY) or []
    if not isinstance(held, list) or after.values != {**before, KEY: [*held, *entries]}:
        raise _impossible(path)
    return added, after


def _impossible(path: Path) -> SettingsError:
    return SettingsError(
        f"{path}: its '{KEY}' are written in a way that nothing can be added to by itself. Nothing was written. Add "
        "the lines by hand that 'auditor accept --dry-run' prints."
    )


def entry_line(entry: Entry) -> str:
    """An exception as an item of a block list."""
    return "- {" + ", ".join(f"{name}: {quoted(value)}" for name, value in entry.items()) + "}"


def quoted(text: str) -> str:
    """A text in YAML's double quotes; what cannot be seen is escaped.

    https://yaml.org/spec/1.2.2/#57-escaped-characters
    """
    return '"' + "".join(_character(one) for one in text) + '"'


def _character(one: str) -> str:
    if one in _NAMED:
        return _NAMED[one]
    if one.isprintable():
        return one
    code = ord(one)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _added(text: str, entries: Sequence[Entry]) -> str:
    root, end = parts_of(text)
    if root is None or root.form == "value":
        return _lines_in(text, end, _block(0, entries))
    member = _member(root)
    if member:
        return _with_more(text, root, *member, entries)
    within = f'"{KEY}": [{", ".join(map(_json, entries))}]'
    return _flow_in(text, root, [within]) if root.flow else _lines_in(text, end, _block(root.column, entries))


def _with_more(text: str, root: Part, key: Part, value: Part, entries: Sequence[Entry]) -> str:
    """The text with more items in the list that it has, or has said to be empty."""
    empty = (value.form == "value" or value.flow) and not value.parts
    if empty and root.flow and value.form == "value":
        cut, at = _emptied(text, key, value)
        return f"{cut[:at]} [{', '.join(map(_json, entries))}]{cut[at:]}"
    if value.flow and (value.parts or root.flow or _BREAK.search(text[value.start : value.end])):
        return _flow_in(text, value, [*map(_json, entries)])
    if empty:
        return _lines_in(*_emptied(text, key, value), _block(root.column, entries)[1:])
    return _lines_in(text, value.end, _items(_dash(text, value), entries)) if value.form == "list" else text


def _member(root: Part) -> tuple[Part, Part] | None:
    pairs = zip(root.parts[::2], root.parts[1::2], strict=False)
    return next(((key, value) for key, value in pairs if key.form == "value" and key.text == KEY), None)


def _emptied(text: str, key: Part, value: Part) -> tuple[str, int]:
    """The text without the value, and where it was."""
    behind = text.index(":", key.end) + 1
    if value.end == value.start:
        return text, behind
    # The space before it stays only where a comment follows.
    start = value.start if text[value.end :].lstrip(" ").startswith("#") else len(text[: value.start].rstrip(" "))
    return text[:start] + text[value.end :], start


def _dash(text: str, value: Part) -> int:
    """The column of a block list's dashes."""
    first = value.parts[0].start
    line = max(text.rfind("\n", 0, first), text.rfind("\r", 0, first)) + 1
    found = re.fullmatch(r"( *)- +", text[line:first])
    return len(found[1]) if found else value.column


def _block(column: int, entries: Sequence[Entry]) -> list[str]:
    return [f"{' ' * column}{KEY}:", *_items(column + 2, entries)]


def _items(column: int, entries: Sequence[Entry]) -> list[str]:
    return [" " * column + entry_line(entry) for entry in entries]


def _json(entry: Entry) -> str:
    # Where a list stands in brackets, the whole file may be JSON.
    return "{" + ", ".join(f"{quoted(name)}: {quoted(value)}" for name, value in entry.items()) + "}"


def _lines_in(text: str, at: int, lines: Sequence[str]) -> str:
    """The text with more lines: at a line's begin, or else after the line that `at` is in."""
    found = _BREAK.search(text)
    newline = found[0] if found else "\n"
    more = "".join(f"{line}{newline}" for line in lines)
    if not text[:at].strip("\ufeff") or text[at - 1] in "\r\n":
        return text[:at] + more + text[at:]
    ended = _BREAK.search(text, at)
    return text[: ended.end()] + more + text[ended.end() :] if ended else text + newline + more


def _flow_in(text: str, into: Part, pieces: Sequence[str]) -> str:
    """The text with more in a list or map in brackets: on lines of their own where it has several."""
    if not into.parts:
        return text[: into.start + 1] + ", ".join(pieces) + text[into.start + 1 :]
    last = max(one.end for one in into.parts)
    found = _BREAK.search(text[into.start : into.end])
    column = into.parts[-2 if into.form == "map" else -1].column
    between = f",{found[0]}{' ' * column}" if found else ", "
    return text[:last] + "".join(between + piece for piece in pieces) + text[last:]
