"""Members that say nothing: AWS's JSON answers have some of them empty, or null, where nobody set them. Pure."""

from __future__ import annotations

from typing import Final

from auditor.model.values import Value

_NOTHING: Final[tuple[Value, ...]] = (None, [], {})


def without_empties(value: Value, *also: Value) -> Value:
    """A value without members, at any depth, that are empty or null: they say what their absence says.

    A text of nothing may be somebody's (a tag's value): it is left out only where it is among `also`.
    """
    if isinstance(value, list):
        return [without_empties(element, *also) for element in value]
    if not isinstance(value, dict):
        return value
    made = {name: without_empties(member, *also) for name, member in value.items()}
    return {name: member for name, member in made.items() if member not in (*_NOTHING, *also)}
