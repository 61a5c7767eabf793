"""How a value, a path or a name is put before people, on a page or in a terminal. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Literal

from auditor.model.values import ABSENT, Value
from auditor.specs.tag_words import is_filter, set_words

Form = Literal["absent", "secret", "text", "block", "sentence"]
NOT_SET: Final = "not set"
ROOT: Final = "(whole)"
"""The path of a change that is about all of a resource."""
_INLINE: Final = 60
_FINGERPRINT: Final = 8
_VERSION: Final = re.compile(r"(?<!\$)\$\{version:(?:[^/{}~@]*@)?([^/{}~]{1,8})[^/{}~]*(?:/|~1)([^/{}~]+)\}")
"""The symbol of a function's version, its code's hash and its settings' digest; in a JSON Pointer, `/` is `~1`."""


@dataclass(frozen=True)
class Shown:
    """A value as text. A `block` has lines of its own; only there is a line break not escaped."""

    form: Form
    text: str


def shown(value: Value) -> Shown:
    """The value as people read it; two different values never look the same unless they are long secrets.

    The text is raw: pass it through `visible` before it reaches a terminal or a page.
    """
    if value is ABSENT:
        return Shown("absent", NOT_SET)
    if _is_secret(value):
        return Shown("secret", _secret(value))
    if tags := tags_text(value):
        return Shown("text", tags)
    if isinstance(value, str):
        text = version_words(value) if _VERSION.fullmatch(value) else value if _plain(value) else _json(value)
        return Shown("block" if "\n" in value else "text", text)
    compact = _json(_named(value))
    if isinstance(value, dict | list) and len(compact) > _INLINE:
        return Shown("block", json.dumps(_named(value), ensure_ascii=False, sort_keys=True, indent=2))
    return Shown("text", compact)


def one_line(value: Value) -> str:
    """The value as text that can neither break the line nor rewrite the terminal."""
    if isinstance(value, dict | list) and not _is_secret(value) and not tags_text(value):
        return visible(_in_brackets(_json(_named(value))))
    return visible(_in_brackets(shown(value).text))


def visible(text: str, keep: str = "") -> str:
    """The text with what cannot be seen escaped: controls, escape sequences, marks that turn the writing direction.

    Characters in `keep` stay.
    """
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or one in keep else escaped(one) for one in text)


def escaped(text: str) -> str:
    """Each character as Python writes it: `\\x1b`, `\\u202e`."""
    return text.encode("unicode_escape", "backslashreplace").decode("ascii")


def printable_runs(text: str, keep: str = "") -> list[tuple[bool, str]]:
    """The text in runs of characters that can be seen (True), and that cannot."""
    if text.isprintable() or text.translate(dict.fromkeys(map(ord, keep))).isprintable():
        return [(True, text)]
    runs = groupby(text, key=lambda one: one.isprintable() or one in keep)
    return [(seen, "".join(run)) for seen, run in runs]


def place(path: str) -> str:
    """A change's path as shown."""
    return visible(_in_brackets(path)) or ROOT


def tags_text(value: Value) -> str:
    """A filter by a tag, or those that belong together, as `tags env=prod & role=web`; "" of anything else."""
    filters = [value] if is_filter(value) else list(value.values()) if isinstance(value, dict) else []
    return f"tags {set_words(filters)}" if filters and all(map(is_filter, filters)) else ""


def version_words(symbol: str) -> str:
    """The symbol of a function's version in words, `code rq1azPS+ · settings 86f1fbd8`; other text as it is."""
    return _VERSION.sub(r"code \1 · settings \2", symbol) if "${version:" in symbol else symbol


def _in_brackets(text: str) -> str:
    return _VERSION.sub(r"(code \1 · settings \2)", text)


def _is_secret(value: Value) -> bool:
    return isinstance(value, dict) and value.keys() == {"secret"} and isinstance(value["secret"], str)


def _secret(value: Value) -> str:
    return f"secret {value['secret'][:_FINGERPRINT]}"


def _named(value: Value) -> Value:
    if _is_secret(value):
        return f"({_secret(value)})"
    if isinstance(value, dict):
        return {name: _named(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_named(element) for element in value]
    return value


def _plain(text: str) -> bool:
    # Without quotes, "512" would look like the number, and "" like nothing at all.
    odd = text != text.strip() or text in ("", NOT_SET) or text.startswith(("secret ", "code ", "tags ", '"'))
    return not odd and not is_json(text)


def is_json(text: str) -> bool:
    """Whether a text would be taken for the JSON of some value, and so needs its quotes."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _json(value: Value) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
