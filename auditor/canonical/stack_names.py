"""Names that CloudFormation makes up, `STACK-LOGICALID-RANDOM`: another one in each region. Pure.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from auditor.canonical.wording import SYMBOL
from auditor.model.values import Value

WHY: Final = (
    "it ends a name as CloudFormation does, at random, and is another one in each region; `symbols` in the settings "
    "can say what it stands for"
)
_UUID: Final = re.compile(r"(?<![0-9a-fA-F])[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}(?![0-9a-fA-F])")
_ENDING: Final = re.compile(r"(?<![A-Za-z0-9])([A-Za-z0-9]+)(?=-([A-Za-z0-9]{12,13})(?![A-Za-z0-9]))")
_LOGICAL_ID: Final = re.compile(r"[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*")
# The CDK ends a logical id in eight hexadecimal digits.
_OF_THE_CDK: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*[0-9a-fA-F]{8}")
WORDS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
"""Finds the words in a name that is written together, and its numbers."""
_TIME: Final = re.compile(r"(?:19|20)\d{6}T\d{3,4}Z?")
LABELS: Final = frozenset({"Sid", "StatementId", "Id", "ID"})
"""Members that name an element to nobody but itself."""


def made_endings(value: Value) -> frozenset[str]:
    """The random ends of names in a canonical value, beside what its symbols stand for."""
    return frozenset(ending for text in _texts(value) for ending in _endings(SYMBOL.sub(" ", text)))


def ends_at_random(name: str) -> bool:
    """Whether a whole name is one that CloudFormation made up."""
    return any(name.endswith(f"-{one}") for one in _endings(name))


def _endings(text: str) -> Iterator[str]:
    # Most texts have no such thing, and a plain search is fast.
    if "-" not in text:
        return
    for match in _ENDING.finditer(_UUID.sub(" ", text)):
        if _is_random(match[2], match[1]):
            yield match[2]


def _is_random(ending: str, before: str) -> bool:
    letters, digits = re.search("[A-Za-z]", ending), re.search(r"\d", ending)
    if not letters or _TIME.fullmatch(ending):
        return False
    words = WORDS.findall(ending)
    if ending.upper() == ending:
        # A word in capitals after a word of mixed case is none that people choose.
        return len(words) > 2 if digits else bool(_LOGICAL_ID.fullmatch(before))
    if ending.lower() == ending:
        is_hex = not re.search("[g-z]", ending)
        return bool(digits) and (bool(_OF_THE_CDK.fullmatch(before)) or (not is_hex and len(words) > 4))
    # Words that people choose are longer than that.
    return len(words) * 3 > len(ending)


def _texts(value: Value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, member in value.items():
            if name not in LABELS:
                yield from _texts(member)
    elif isinstance(value, list):
        for element in value:
            yield from _texts(element)
