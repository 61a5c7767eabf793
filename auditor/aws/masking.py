"""AWS's own words about a call that carries secrets, with the secrets masked, or no words at all. Pure.

AWS quotes what it refuses: whole, cut short, or encoded. What is shown must hold no part of a secret, so every form of
each is replaced, and where any part is left all the same, or could be, nothing is shown.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from urllib.parse import quote, quote_plus

from auditor.canonical.stack_names import WORDS
from auditor.model.values import Value

MASK: Final = "***"
_CERTAIN: Final = 6
"""Characters in a row that two texts hardly share by chance. A shorter secret is never replaced: it must not show."""
_LEAST: Final = 3
"""Characters of a secret's beginning, or of its end, that are taken for a part of it where they stand alone."""
_COMMON: Final = ("https", "http", "arn", "aws", "amazonaws", "com", "lambda", "function")


def masked(message: str, secrets: Iterable[Value], words: Iterable[str] = ()) -> str:
    """The message with `***` for every form of every secret; "" where a part of one may be left in it.

    `words` tell nothing of a secret where they stand alone: the call that AWS speaks of is named by them.
    """
    texts = {one for one in secrets if isinstance(one, str) and one}
    forms = {form for text in texts for form in _forms(text) if len(form) >= _CERTAIN}
    text = message
    for form in sorted(forms, key=len, reverse=True):
        text = re.sub(re.escape(form), MASK, text, flags=re.IGNORECASE)
    left = _without(text, {*words, *_COMMON}).lower()
    return "" if any(_shows(left, one.lower()) for one in texts | forms) else text


def words_of(value: Value) -> Iterator[str]:
    """The words that a structure's members are named by, and those of a text: `UpdateAlias` is Update, and Alias."""
    if isinstance(value, str):
        yield value
        yield from WORDS.findall(value)
    elif isinstance(value, Mapping):
        for name, member in value.items():
            yield from words_of(name)
            yield from words_of(member) if isinstance(member, Mapping) else ()


def _forms(secret: str) -> Iterator[str]:
    """A secret, and each of its lines, in every way in which an answer may write it."""
    for text in {secret, " ".join(secret.split()), *secret.splitlines()}:
        # A half of a character is no text, and is encoded all the same.
        data = text.encode("utf-8", "surrogatepass")
        escaped = json.dumps(text)[1:-1]
        yield from (text, escaped, json.dumps(escaped)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1])
        yield from (repr(text)[1:-1], html.escape(text), html.escape(text, quote=False), data.hex())
        yield from (quote(data), quote(data, safe=""), quote_plus(data), quote(quote(data, safe=""), safe=""))
        for shift in range(3):
            yield from _base64(data, shift)


def _base64(data: bytes, shift: int) -> tuple[str, str]:
    """The base64 that data has inside of more: without the characters that depend on its neighbours."""
    encoded = base64.b64encode(b"\0" * shift + data).decode().rstrip("=")
    whole = (shift + len(data)) * 8 // 6
    own = encoded[-(-shift * 8 // 6) : whole]
    return own, own.replace("+", "-").replace("/", "_")


def _without(text: str, words: Iterable[str]) -> str:
    known = "|".join(sorted((re.escape(one) for one in words if one), key=len, reverse=True))
    return re.sub(rf"(?<![A-Za-z0-9])(?:{known})s?(?![A-Za-z0-9])", " ", text, flags=re.IGNORECASE)


def _shows(text: str, secret: str) -> bool:
    """Whether a part of a secret is in a text."""
    if len(secret) < _CERTAIN:
        return secret in text
    if any(secret[start : start + _CERTAIN] in text for start in range(len(secret) - _CERTAIN + 1)):
        return True
    ends = {part for size in range(_LEAST, _CERTAIN) for part in (secret[:size], secret[-size:])}
    return any(re.search(rf"(?<![a-z0-9]){re.escape(one)}(?![a-z0-9])", text) for one in ends)
