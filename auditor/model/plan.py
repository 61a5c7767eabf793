"""The frozen values of a plan: what will be called, why, and what is left alone. No behaviour, no I/O.

Parameters are canonical text: `${name}`, `${parent}`, `${region}` and the site's symbols (`Plan.symbols`) are filled
in when a call is made. Two symbols stand for what is kept in memory only: `${golden:PLACE}` for what golden holds
there (a secret, or the code: `${golden:/Code}`), and `${own:PLACE}` for what the resource itself holds at the time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from auditor.model.values import ABSENT, Change, Value

Verb = Literal["create", "update", "delete"]
Danger = Literal["exposure", "outage", "cost", "irreversible"]
VERBS: Final[tuple[Verb, ...]] = ("create", "update", "delete")
DANGERS: Final[tuple[Danger, ...]] = ("exposure", "outage", "cost", "irreversible")


@dataclass(frozen=True)
class PlannedCall:
    """One call of AWS's API, by botocore's names."""

    service: str
    operation: str
    params: Mapping[str, Value]
    wait: str = ""
    """What is waited for after it: the name of an entry of auditor.aws.waits."""
    once: bool = False
    """It makes another thing each time: it is not sent again before reading has told that nothing came of it."""
    tells: Mapping[str, str] = field(default_factory=dict)
    """The symbols that its answer gives a meaning, each with the JMESPath to it."""


@dataclass(frozen=True)
class Warned:
    """What somebody should know before a call is made."""

    danger: Danger
    text: str


@dataclass(frozen=True)
class Action:
    """One facet of one resource (or the resource itself) taken from what it is to what it should be."""

    id: str
    site: str
    type: str
    name: str
    """Canonical."""
    native: str
    """What the site calls it: `PARENT/CHILD` for a child."""
    verb: Verb
    facet: str
    """The facet that is written; "" for making or deleting the resource itself."""
    calls: tuple[PlannedCall, ...]
    changes: tuple[Change, ...] = ()
    """The fields that differ, and that are alike afterwards."""
    needs: tuple[str, ...] = ()
    """The ids of actions of the same site that come first."""
    undo: tuple[PlannedCall, ...] = ()
    cannot_undo: str = ""
    """Why there is no way back; "" where `undo` is it, or where undoing another action undoes this one too."""
    reason: tuple[str, ...] = ()
    """The ids of the findings that it removes."""
    warnings: tuple[Warned, ...] = ()
    before: Value = ABSENT
    """What the facet holds before it, as it is written, in canonical text, with fingerprints for secrets; of a
    resource that is deleted, that of its facets by name. ABSENT: nothing is configured."""
    after: Value = ABSENT
    """What it is to hold, with places for secrets; of a resource that is made, that of its facets by name. The calls
    are what the facet's writer makes of the two, and nothing else is carried out."""
    inverse: bool = False
    """It takes another action back: its calls are that one's undo, `before` is that one's `after`."""


@dataclass(frozen=True)
class LeftOut:
    """A difference that the plan does not remove, and why not."""

    site: str
    type: str
    name: str
    path: str
    """A JSON Pointer; "" for the resource as a whole."""
    why: str
    finding: str = ""


@dataclass(frozen=True)
class PlannedOn:
    """A resource that is touched: the state that the plan was made on, and the one that it is to have.

    `fields` and `wanted` are documents; None: there was, or is to be, no such resource.
    """

    site: str
    type: str
    name: str
    native: str
    fingerprint: str
    """That of `fields`."""
    fields: Mapping[str, Value] | None
    wanted: Mapping[str, Value] | None
    golden: str = ""
    """What golden calls it; "" where golden has no such resource."""


@dataclass(frozen=True)
class Plan:
    """The ordered actions that make sites equal to golden."""

    golden: str
    taken: str
    """When golden was read, UTC."""
    accounts: Mapping[str, str]
    """The account id of each site, golden's among them."""
    actions: tuple[Action, ...]
    left_out: tuple[LeftOut, ...] = ()
    resources: tuple[PlannedOn, ...] = ()
    """Every resource that is touched."""
    symbols: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What the symbols in the actions' parameters mean, by site."""
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What paired resources are called, by site and symbol, golden's among them."""
    wide: tuple[str, ...] = ()
    """The sites in another partition than golden's: their text has symbols for partition and DNS suffix too."""
    key_id: str = ""
    """Names the key of the fingerprints (see auditor.canonical.redact.key_id)."""
    undoes: str = ""
    """The run that a plan takes back; "" for a plan that follows golden."""
