"""What an answer of AWS tells of a facet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import jmespath

from auditor.aws.answers import parsing
from auditor.aws.errors import UnusableAnswerError, reason
from auditor.canonical.policy import is_policy
from auditor.model.values import Reading, State, Value
from auditor.specs.spec import Facet, Role

EMPTY: Final[tuple[Value, ...]] = (None, "", [], {})
"""What a value is where there is none."""


def joined(pages: list[Mapping[str, Any]]) -> dict[str, Any]:
    """The pages of an answer, one at least, as one: their lists follow one another."""
    whole = dict(pages[0])
    for page in pages[1:]:
        for name, value in page.items():
            whole[name] = whole[name] + value if isinstance(whole.get(name), list) else value
    return whole


def taken(facet: Facet, pick: str, answer: Value) -> Reading:
    """A facet's reading, taken from an answer by `pick`: unreadable where its spec could make nothing of it."""
    try:
        with parsing(f"what was asked of '{facet.name}'"):
            return _taken(facet, pick, answer)
    except UnusableAnswerError as error:
        return Reading(State.UNREADABLE, error=reason(error))


def _taken(facet: Facet, pick: str, answer: Value) -> Reading:
    if facet.unknown and (why := picked(facet.unknown, answer)):
        return Reading(State.UNREADABLE, error=_said(why))
    value = plain(picked(pick, answer))
    if value in EMPTY:
        return Reading(State.ABSENT)
    if any(one.role is Role.POLICY and not one.path for one in facet.fields) and not is_policy(value):
        raise UnusableAnswerError(f"the answer to what was asked of '{facet.name}' is no policy")
    if facet.shape:
        facet.shape(value)
    return Reading(State.READ, value)


def _said(why: Value) -> str:
    # The message beside the code may hold what is sensitive, as the models of AWS say.
    return str(why.get("ErrorCode", "Error")) if isinstance(why, dict) else str(why)


def picked(expression: str, value: Value) -> Value:
    """What a JMESPath expression finds in a value."""
    return value if expression == "@" else jmespath.search(expression, value)


def plain(value: Value) -> Value:
    """A botocore answer as JSON has it: times as ISO 8601 text in UTC."""
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [plain(element) for element in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value
