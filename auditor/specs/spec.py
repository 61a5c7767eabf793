"""The vocabulary in which a resource type is described: calls, facets and fields. Data only.

Text in parameters is canonical: `${name}` (the resource's own name), `${parent}`, `${names}` (a batch),
`${region}`, `${account}` and `${partition}` are filled in when the call is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from auditor.model.values import ABSENT, Locale, Value
from auditor.specs.bonds import Bond, Fall
from auditor.specs.calls import GOLDEN_CODE, Batch, Call, Follow, Listed, Writer

__all__ = ["GOLDEN_CODE", "Batch", "Call", "Follow", "Listed", "Writer"]
"""What the calls of specs are made of is imported from here, with all else that a spec is written in."""


class Role(StrEnum):
    """What a field means to the comparison."""

    COMPARED = "compared"
    IDENTITY = "identity"
    IGNORED = "ignored"
    SECRET = "secret"  # noqa: S105 a role, not a password
    CAPABILITY = "capability"
    """Grants access by being known (a presigned URL, a password): removed on reading, never compared."""
    POLICY = "policy"
    """A JSON policy document, compared by meaning."""


@dataclass(frozen=True)
class Field:
    """How one field is treated. A field that no spec mentions is compared as it is.

    `path` is dotted, relative to its facet; `[]` stands for a list's elements, `*` for a map's values.
    `key` makes a list unordered: its elements are keyed by these (dotted) fields of theirs, by their
    own text with `("",)`, or by their content with `("#",)`.
    `align` says that keys are names of convenience: elements with equal content are the same element.
    `compare` is how two values are held against each other where equality is wrong, see COMPARATORS.
    """

    path: str
    role: Role = Role.COMPARED
    why: str = ""
    key: tuple[str, ...] = ()
    align: bool = False
    default: Value = ABSENT
    reference: str = ""
    immutable: bool = False
    """It is set when the resource is made, and never again."""
    decides: tuple[str, ...] = ()
    """Of an immutable one: the members of the document that depend on it."""
    immutable_presence: bool = False
    """Whether there is one at all is set when the resource is made; the members of one that is there can change."""
    read_only: bool = False
    """AWS sets it, or nobody can."""
    follows: tuple[str, ...] = ()
    """The fields of the resource that it changes with; it is not written itself."""
    unwritten: str = ""
    """Why no call writes it, or not in this direction: what is told where it is left out."""
    explicit: bool = False
    """AWS keeps what a write leaves out, so that the default is written too."""
    compare: str = "equal"
    known_by: Callable[[Value], str] | None = None
    """Of a list with a key: what an element is known by whose key is made up in each region, "" for any other."""


COMPARATORS: Final[Mapping[str, str]] = {
    "equal": "both have the same value",
    "count": "both lists have as many elements",
    "all-or-none": "both are set, or neither is",
    "ignore-case": "both texts are the same but for capitals",
    "at-least": "the region has golden's number, or a higher one",
    "within N%": "the region's number is no further from golden's than N percent",
    "equal-unless-scaled": "both have the same value, or Application Auto Scaling sets that of one of them",
    "informational": "never a difference",
}
"""How two values can be compared, and when they then count as alike."""


@dataclass(frozen=True)
class Facet:
    """A piece of configuration with its own calls.

    `at` is where its value stands in the resource's document (a field name; "" = its members are the document's own).
    `absent` lists the exact error codes that mean "not configured"; every other error means "unknown". `unknown` is a
    JMESPath over the call's whole answer: what it finds is the reason why an answer that came with HTTP 200 tells
    nothing. `default` is the value that absence is equal to. `not_offered` lists the exact codes that mean that the
    region has no such feature. `when` is a JMESPath over the listing's item: where it finds nothing, AWS is not asked,
    and the facet is absent. `shape` brings a raw value into the form that `fields` describes; it is pure.

    `write` puts a raw value in place: a call with `${value}` among its parameters, or one that is spread, or a
    function where it takes several. `remove` takes the configuration away. Without them the facet is only read.
    `turn` is when it is put in place, among all writes of a site: lower numbers first, 0 for the type's own turn.
    `bonds` are what it needs, `falls` tells of a change that takes away what others may need: auditor.plan.order
    follows from them. `one_way` says of what was found and what is wanted why there is no way back, or "".
    """

    name: str
    source: Call | Batch | Listed | Follow
    at: str = ""
    absent: frozenset[str] = frozenset()
    unknown: str = ""
    default: Value = ABSENT
    fields: tuple[Field, ...] = ()
    not_offered: frozenset[str] = frozenset()
    when: str = ""
    shape: Callable[[Value], Value] | None = None
    write: Call | Writer | None = None
    remove: Call | None = None
    born: Value | Callable[[str], Value] = ABSENT
    """What a new resource has of AWS's own accord; a function of the region where that is not the same in all."""
    turn: int = 0
    bonds: tuple[Bond, ...] = ()
    falls: Fall | None = None
    scaled: str = ""
    """What Application Auto Scaling calls it (`function:${parent}:${name}`), where it may set it."""
    one_way: Callable[[Value, Value], str] | None = None
    becomes: Callable[[Value, Value], Value] | None = None
    """What it holds after it was written, of what was found and what is wanted, where that is not what was wanted."""
    unfit: Callable[[Value], str] | None = None
    """Why AWS would not take a raw value, or not mean by it what its parts meant; "" where it does."""
    unwritten: str = ""
    """Why no call writes it, or not in this direction: what is told where it is left out."""
    by_statement: bool = False
    """It is a policy whose statements are written one by one: one that AWS does not take leaves out itself alone."""


@dataclass(frozen=True)
class Listing:
    """How the resources of a type are found in a site (or, with a parent type, inside each parent).

    `call.pick` yields the items; `name` is the JMESPath of an item's name, or a pure function of the item (None for an
    item that is none of these); `keep` a
    JMESPath that is true for items to audit (canonical text, filled in like parameters). `absent` codes mean "none of
    these". Where one listing answers for the children of all parents, `parent` is a pure function that tells an item's
    parent. `one` lists only the resource `${name}`, or the children of `${parent}`, where the whole takes many calls.
    """

    call: Call
    name: str | Callable[[Value], str | None] = "@"
    keep: str = ""
    absent: frozenset[str] = frozenset()
    always: tuple[str, ...] = ()
    """The members that AWS never leaves out of an item, beside its name: without one, nothing of the listing counts."""
    parent: Callable[[Value], str] | None = None
    one: Call | None = None


@dataclass(frozen=True)
class Singleton:
    """There is exactly one such thing in every site, under this name."""

    name: str


@dataclass(frozen=True)
class ResourceSpec:
    """A resource type, under its CloudFormation name."""

    type: str
    service: str
    listing: Listing | Singleton
    facets: tuple[Facet, ...]
    parent: str = ""
    lookups: tuple[Call, ...] = ()
    """Calls that tell what the references in its fields mean."""
    create: Call | Writer | None = None
    """Makes the resource. Its `${value}` is what the facets named in `created_with` hold, by facet."""
    created_with: tuple[str, ...] = ()
    """The facets that `create` puts in place; the others are written after it."""
    delete: Call | None = None
    unmake: Call | Writer | None = None
    """Takes away what `create` has just made, where that is not `delete`."""
    uncreated: str = ""
    """Why none is made, where there is no `create`."""
    undeleted: str = ""
    """What would be lost, where there is no `delete`."""
    turn: int = 0
    """When it is made and written, among all the types of a site: lower numbers first."""
    writes: tuple[str, ...] = ()
    """The IAM actions of its writers that are functions."""
    qualified: bool = False
    """Its own name is, or begins before a colon with, a version or an alias of its parent, or `$LATEST`."""
    implied: bool = False
    """It is neither made nor deleted: that there is one follows from others, and one that holds nothing is none."""
    versioned: bool = False
    """What cannot be changed is made anew as the next version; the versions before stay."""
    global_name: bool = False
    """Its name exists once in the partition, whatever the region and the account: no two sites can both have it."""
    reserved: Callable[[str, Locale], str] | None = None
    """Why nobody makes a resource of this native name in a site, "" for any other name."""
    optional: bool = False
    """One that a region has alone, or lacks, is no difference: only what both have is compared."""
    provided: bool = False
    """AWS provides it: it is there in an account in which nobody made anything."""
    console: str = ""
    """Where the AWS console shows it, below its address in the region (see auditor.report.console)."""


SCALED: Final = "set by Application Auto Scaling"
"""The value of what Application Auto Scaling sets, whatever it is at the time; it is never written."""
FUNCTION: Final = "AWS::Lambda::Function"
LATEST: Final = "$LATEST"
"""What a function is now: no version, and whatever points at it moves with every deployment."""
VERSION: Final = "AWS::Lambda::Version"
"""Read only where something hangs on one, or points at it: versions are told by content, not by their numbers."""


def facet_calls(facet: Facet) -> tuple[Call, ...]:
    """The calls that tell a facet, a batch's own first; none where the listing tells it."""
    if isinstance(facet.source, Batch):
        return facet.source.call, facet.source.alone
    if isinstance(facet.source, Follow):
        return (facet.source.call,)
    return (facet.source,) if isinstance(facet.source, Call) else ()


def listed_part(spec: ResourceSpec) -> ResourceSpec:
    """What a listing alone tells of a resource: the facets that take no call of their own."""
    return replace(spec, facets=tuple(facet for facet in spec.facets if isinstance(facet.source, Listed)))


def identity(path: str) -> Field:
    """A field that resources are paired by; it is not compared."""
    return Field(path, Role.IDENTITY, "pairs the resources")


def ignored(path: str, why: str) -> Field:
    """A field that differs without meaning anything; `why` is shown by `auditor types`."""
    return Field(path, Role.IGNORED, why)


def secret(path: str) -> Field:
    """A field whose value may be compared but never shown."""
    return Field(path, Role.SECRET, "only a keyed fingerprint is kept")


def capability(path: str, why: str) -> Field:
    """A field that grants access by being known; it is removed as soon as it is read."""
    return Field(path, Role.CAPABILITY, why)


def policy(path: str) -> Field:
    """A JSON policy document, compared by meaning."""
    return Field(path, Role.POLICY)


def unordered(
    path: str,
    *key: str,
    align: bool = False,
    default: Value = ABSENT,
    reference: str = "",
    compare: str = "equal",
    known_by: Callable[[Value], str] | None = None,
) -> Field:
    """A list whose order means nothing, keyed by `key` ("" = the element's own text, "#" = its content)."""
    return Field(
        path, key=key or ("",), align=align, default=default, reference=reference, compare=compare, known_by=known_by
    )


def compared(path: str, how: str, default: Value = ABSENT) -> Field:
    """A field for which equality is the wrong question; `how` is one of COMPARATORS."""
    return Field(path, compare=how, default=default)


def default(path: str, value: Value) -> Field:
    """A field whose absence means `value`."""
    return Field(path, default=value)


def explicit(path: str, value: Value) -> Field:
    """A field whose absence means `value`, and which AWS keeps as it is where a write leaves it out."""
    return Field(path, default=value, explicit=True)
