"""Filters by tags, and other small structures, in a few words: what an element without a name is known by. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Final

from auditor.model.values import Value

AND: Final = " & "
_FORMS: Final = {("Key",): "KEY_ONLY", ("Value",): "VALUE_ONLY", ("Key", "Value"): "KEY_AND_VALUE"}
_UNHEEDED: Final = {"KEY_ONLY": "Value", "VALUE_ONLY": "Key"}
_ODD: Final = frozenset(' =&"()')


def plain_filter(tag: Mapping[str, Value]) -> dict[str, Value]:
    """A filter by the key alone without the empty value beside it, and the other way round: it says the same.

    https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_EC2TagFilter.html
    """
    unheeded = _UNHEEDED.get(tag.get("Type") or "", "")
    return {name: part for name, part in tag.items() if part is not None and (name != unheeded or part != "")}


def filter_words(tag: Mapping[str, Value]) -> str:
    """A filter of CodeDeploy's: `env=prod`, `env` by the key alone, `=prod` by the value alone.

    Two filters that select otherwise read otherwise.
    """
    told = plain_filter(tag)
    equals = "=" if "Value" in told else ""
    words = _part(told.get("Key")) + equals + _part(told.get("Value"))
    type_ = told.get("Type")
    form = _FORMS.get(tuple(name for name in ("Key", "Value") if name in told))
    return words if type_ in (None, form) else f"{words} ({type_})"


def set_words(tags: Iterable[Mapping[str, Value]]) -> str:
    """Filters that an instance must match all: `env=prod & role=web`, in whatever order they are."""
    return AND.join(sorted(map(filter_words, tags)))


def is_filter(value: Value) -> bool:
    """Whether a value is a filter by a tag, which says of what type it is."""
    return isinstance(value, Mapping) and "Type" in value and {"Type"} < value.keys() <= {"Key", "Value", "Type"}


def words(value: Value) -> str:
    """Any small value by what it holds, `prefix=logs/ & suffix=.jpg`; "" of what holds nothing."""
    if isinstance(value, Mapping):
        if value.keys() in ({"Name", "Value"}, {"Key", "Value"}):
            return f"{_part(value.get('Name', value.get('Key')))}={_part(value['Value'])}"
        return AND.join(filter(None, (words(value[name]) for name in sorted(value))))
    if isinstance(value, list):
        return AND.join(sorted(filter(None, map(words, value))))
    return "" if value is None else _part(value)


def _part(text: Value) -> str:
    """A text as it is, or in quotes where it could be taken for more than itself."""
    if text is None:
        return ""
    if not isinstance(text, str):
        return json.dumps(text)
    return text if text and text.isprintable() and not _ODD & set(text) else json.dumps(text, ensure_ascii=False)
