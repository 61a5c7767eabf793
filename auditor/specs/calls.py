"""How AWS is asked and told: the calls that specs are made of. Data only; `specs.spec` has the placeholders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from auditor.model.values import Value


@dataclass(frozen=True)
class Call:
    """One AWS operation, by botocore's name for it (`GetBucketCors`), and what to take of its answer.

    `pick` is a JMESPath expression over the answer, pages joined. `tokens` names the (answer, request)
    members that continue a listing for which botocore has no paginator.
    """

    operation: str
    params: Mapping[str, Value] = field(default_factory=dict)
    pick: str = "@"
    service: str = ""
    """botocore's service name where it is not the type's own."""
    tokens: tuple[str, str] | None = None
    actions: tuple[str, ...] = ()
    """The IAM actions that it takes, where that is not the one named like the operation."""
    spread: bool = False
    """Of a write: the members of the value are parameters of the operation, beside `params`."""
    wait: str = ""
    """Of a write: what is waited for after it, by its name in auditor.aws.waits."""
    once: bool = False
    """Of a write: it makes another thing each time, and is never sent twice."""
    tells: Mapping[str, str] = field(default_factory=dict)
    """Of a write: the symbols that its answer gives a meaning, each with the JMESPath to it."""
    always: tuple[str, ...] | None = None
    """The members (dotted) that AWS never leaves out of its answer, where these are not those that are picked. What
    lacks one of them is no answer."""
    turn: int = 0
    """Of a write: when it comes, where that is not when its facet or its type does (see Facet.turn)."""


GOLDEN_CODE: Final = "${golden:/Code}"
"""In the parameters of a write: the code that golden has, as bytes."""
Writer = Callable[[Value, Value], tuple[Call, ...]]
"""What takes a facet from one raw value (ABSENT: not configured) to another: calls, in order. Pure; calls nothing."""


@dataclass(frozen=True)
class Batch:
    """One operation that answers for up to `size` names at once (`${names}` in its parameters).

    `pick` of the call yields a list; `key` is the JMESPath of an item's name. A name that the answer
    leaves out, or a batch that fails as a whole, is asked for alone by `alone`.
    """

    call: Call
    size: int
    key: str
    alone: Call


@dataclass(frozen=True)
class Listed:
    """The value is (a part of) the listing's item: no call of its own."""

    pick: str = "@"


@dataclass(frozen=True)
class Follow:
    """A call about something that an earlier facet of the resource names.

    `${picked}` in its parameters is what `pick` (JMESPath) finds in that facet's value; where it finds nothing,
    there is nothing to ask for, and the facet is absent.
    """

    facet: str
    pick: str
    call: Call
