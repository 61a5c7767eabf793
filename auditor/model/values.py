"""The frozen values that travel between the stages. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Literal

Value = Any
"""What JSON can hold: None, bool, int, float, str, list[Value] or dict[str, Value]."""


class Members(dict[str, str]):
    """A list of texts that has no order, keyed by what tells them apart. It equals any dict of the same items."""


class _Absent:
    """The one value that means "there is no such field"; None is a value that AWS may send."""

    def __repr__(self) -> str:
        return "ABSENT"

    def __bool__(self) -> bool:
        # A value that is not there is neither an empty one nor another: `value or {}` would take it for one.
        raise TypeError("ABSENT is neither true nor false: ask whether a value 'is ABSENT'")

    def __reduce__(self) -> str:
        # Copied, or sent to another process, it stays the one value.
        return "ABSENT"


ABSENT: Final = _Absent()

Kind = Literal["changed", "missing", "extra", "unreadable"]
Severity = Literal["high", "medium", "low"]
DecisionKind = Literal["fix", "accept", "golden", "later"]
KINDS: Final[tuple[Kind, ...]] = ("changed", "missing", "extra", "unreadable")
SEVERITIES: Final[tuple[Severity, ...]] = ("high", "medium", "low")
DECISIONS: Final[tuple[DecisionKind, ...]] = ("fix", "accept", "golden", "later")
"""Make it equal to golden; leave it, for a reason; golden is the one that is wrong; decide another day."""


@dataclass(frozen=True)
class Site:
    """One account in one region. `account` is its name in the configuration, "" for the caller's own."""

    region: str
    account: str = ""

    def __str__(self) -> str:
        return f"{self.account}/{self.region}" if self.account else self.region


def parse_site(name: str) -> Site:
    """`eu-west-1` or `prod/eu-west-1` as a Site."""
    account, _, region = name.rpartition("/")
    return Site(region, account)


@dataclass(frozen=True)
class Member:
    """An account of an organization; `own` is the one that asked."""

    id: str
    name: str
    partition: str
    own: bool = False


@dataclass(frozen=True)
class Locale:
    """What a site calls the things that differ between sites: the meaning of each symbol there.

    `references` maps a literal that cannot be derived from the others (a subnet id, a function's
    version number) to its symbol's text, e.g. ``{"subnet-0abc": "subnet:main/private/1"}``.
    """

    region: str
    region_short: str
    account: str
    partition: str = "aws"
    dns_suffix: str = "amazonaws.com"
    references: Mapping[str, str] = field(default_factory=dict)
    unresolved: Mapping[str, str] = field(default_factory=dict)
    """Literals of which it cannot be told what they stand for, and why."""
    doubtful: Mapping[str, str] = field(default_factory=dict)
    """Literals that may be ids of a kind of which AWS would not tell, or nothing of that kind, and why."""


class State(StrEnum):
    """What reading one facet came to. Unreadable is never the same as absent."""

    READ = "read"
    ABSENT = "absent"
    UNREADABLE = "unreadable"
    NOT_OFFERED = "not offered"
    """The region has no such feature, so there is nothing to read and nothing to miss."""


@dataclass(frozen=True)
class Reading:
    """One facet of one resource: its raw, redacted value, or why there is none."""

    state: State
    value: Value = None
    error: str = ""


@dataclass(frozen=True)
class Resource:
    """One thing in one site, under the name that AWS knows it by there (`PARENT/CHILD` for a child)."""

    type: str
    name: str
    facets: Mapping[str, Reading]


@dataclass(frozen=True)
class Unread:
    """A listing that failed: nothing is known about this type in this site (parent "": the whole type)."""

    type: str
    error: str
    parent: str = ""
    state: State = State.UNREADABLE


@dataclass(frozen=True)
class SiteSnapshot:
    """All that was read in one site. Values are raw but redacted: no secret is among them."""

    site: str
    locale: Locale
    resources: tuple[Resource, ...]
    unread: tuple[Unread, ...] = ()
    calls: Mapping[str, int] = field(default_factory=dict)
    """API calls made, by operation (`lambda.ListFunctions`), retries included."""
    throttles: Mapping[str, int] = field(default_factory=dict)
    """How many of these AWS throttled."""


@dataclass(frozen=True)
class Attribution:
    """The last call that wrote what differs, as CloudTrail tells it."""

    site: str
    """Where it was made: the finding's site, or golden."""
    event: str
    """CloudTrail's name of it (`UpdateFunctionConfiguration20150331v2`)."""
    principal: str
    time: str
    """UTC, ISO 8601."""
    event_id: str


@dataclass(frozen=True)
class Change:
    """One field that differs. `path` is a JSON Pointer; a side that has no such field is ABSENT.

    `unreadable` is the reason why a side could not be read; then nothing is known of that side.
    """

    path: str
    golden: Value = ABSENT
    actual: Value = ABSENT
    unreadable: str = ""
    classes: tuple[str, ...] = ()
    """What kind of mistake it is, where that can be told (see auditor.compare.classes)."""
    notes: tuple[str, ...] = ()
    """What there is to say of its values: a reference that leads nowhere, and why."""
    statement: tuple[Value, Value] | None = None
    """The whole statement of a policy that the field is in, golden's and the site's; None for any other field."""
    attribution: Attribution | None = None
    """Who last wrote the facet that the field is in, where that is known."""


@dataclass(frozen=True)
class DriftException:
    """A difference that somebody has accepted."""

    resource: str
    reason: str
    path: str = "*"
    region: str = "*"
    site: str = "*"
    until: str = ""


@dataclass(frozen=True)
class Decision:
    """What somebody decided about a finding; "" for what was not said of it."""

    finding: str
    """The finding's id."""
    decision: DecisionKind
    resource: str = ""
    """`TYPE/NAME`; where it is said, as site and kind, it is to be so."""
    site: str = ""
    kind: str = ""
    reason: str = ""
    until: str = ""
    """The last day on which it is accepted, `2027-01-31`."""
    golden: str = ""
    """Against what it was decided."""


@dataclass(frozen=True)
class Finding:
    """One resource in one site that differs from golden, or of which that cannot be told.

    `name` is canonical: the same in every region. A secret in a change is ``{"secret": fingerprint}``.
    """

    id: str
    site: str
    type: str
    name: str
    kind: Kind
    severity: Severity
    changes: tuple[Change, ...] = ()
    exception: DriftException | None = None
    classes: tuple[str, ...] = ()
    """Those of the resource as a whole; each change has its own."""
    native: str = ""
    """What the site calls the resource; "" where it has none."""
    golden_native: str = ""
    """What golden calls it; "" where it has none."""
    attribution: Attribution | None = None
    """Who last wrote all that differs; None where that is not known, or not one alone (see Change.attribution)."""


@dataclass(frozen=True)
class Coverage:
    """What reading one facet of one type came to in one site: how many resources, by outcome."""

    site: str
    type: str
    facet: str
    outcomes: Mapping[str, int]


@dataclass(frozen=True)
class Drift:
    """The comparison of golden with every other site."""

    golden: str
    sites: tuple[str, ...]
    taken: str
    """When golden was read, UTC, ISO 8601 (`2026-11-24T01:02:03Z`)."""
    complete: bool
    """False as soon as anything could not be read, in golden or elsewhere."""
    inventory: Mapping[str, int]
    """Distinct resources by type, over all the sites; in sync or not."""
    findings: tuple[Finding, ...]
    warnings: tuple[str, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    """The ledger of what was looked at, in golden and elsewhere."""
    symbols: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What the symbols in the findings' values mean, by site, golden among them."""
    read: str = ""
    """When the sites that are compared were read, where that was not when golden was; as `taken`."""
    types: tuple[str, ...] = ()
    """The types that were compared, found or not."""
    selection: str = ""
    """Names what was selected of them; "" for everything."""
    unlisted: tuple[tuple[str, str], ...] = ()
    """The sites and types of which not all could be listed, there or in golden: what is not found may be there."""
    names: frozenset[tuple[str, str]] = frozenset()
    """The resources that were compared, by type and canonical name: those of the inventory."""
    left: frozenset[tuple[str, str]] = frozenset()
    """Those that the selection left out, anywhere."""
