"""That one piece of configuration needs another: what AWS holds a write against. Data only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from auditor.model.values import ABSENT, Value

Check = Callable[[Value, Value], str]
"""Of what the facet that needs holds and of what the other holds: why AWS refuses the two; "" where it does not."""
Fall = Callable[[Value, Value], bool]
"""Of what was found and of what is wanted: whether something is taken away that others may need or use."""


def never(_: Value, __: Value) -> str:
    """AWS never refuses it."""
    return ""


@dataclass(frozen=True)
class Bond:
    """A facet needs another one: the other is put in place before it, and taken away after it.

    Both orders, for writing and for rolling back, follow from the bond, and so does what cannot be written at all:
    where the other facet stays as AWS refuses it, the difference is left out with the words of `refuses` or `binds`.
    A bond of a facet with itself says what cannot be written because of what was found.
    """

    facet: str
    """The other facet."""
    type: str = ""
    """Its type, where it is of another resource: the parent's, or one of which a site has exactly one."""
    refuses: Check = never
    """Why the facet cannot be written so while the other one is so."""
    binds: Check = never
    """Why the other one cannot be written so while the facet is so."""
    unknown: Value = ABSENT
    """What is taken for granted of the other one where it could not be read."""
    total: bool = False
    """The other one is held against the sum over all children of its resource."""


def goes_away(_: Value, wanted: Value) -> bool:
    """It is taken away as a whole."""
    return wanted in (ABSENT, None, [], {})
