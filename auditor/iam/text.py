"""What is granted, told to people: for the terminal, and as tables in Markdown. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from auditor.iam.grants import Grant
from auditor.iam.policies import LIMIT, actions, policies_of, size
from auditor.iam.scope import Bounds, condition, kind_of, resources

_HEADINGS: Final = ("action", "does", "why", "resource", "condition")
_USES: Final = {
    "audit": "`auditor snapshot`, `diff`, `report`, `audit`, `history`, `accept`, and all that only reads",
    "reconcile": "`auditor plan`, `apply`, `resume`, `rollback`, `reconcile`: what an audit needs, and all writes",
    "deploy": "`auditor deploy`; `auditor release` needs those of `reconcile` too",
    "caller": "whoever runs the program and reads other accounts through a role in each",
}


@dataclass(frozen=True)
class Row:
    """One action on one kind of thing."""

    action: str
    does: str
    why: tuple[str, ...]
    resources: tuple[str, ...]
    condition: str


def rows(grants: Iterable[Grant], bounds: Bounds) -> tuple[Row, ...]:
    """What is granted, an action a row (two, where it is granted on two kinds of things), sorted."""
    held: dict[tuple[str, str], list[Grant]] = {}
    for grant in grants:
        held.setdefault((grant.action, kind_of(grant)), []).append(grant)
    return tuple(
        Row(
            action,
            "write" if any(one.writes for one in given) else "read",
            _reasons(given),
            resources(kind, bounds),
            _condition_text(kind, bounds),
        )
        for (action, kind), given in sorted(held.items())
    )


def explained(grants: Iterable[Grant], bounds: Bounds) -> str:
    """The rows for a terminal, and the figures."""
    given = tuple(grants)
    lines = []
    for row in rows(given, bounds):
        lines += [f"{row.action}  ({row.does})", *(f"    why        {why}" for why in row.why)]
        lines += [f"    on         {resource}" for resource in row.resources]
        lines += [f"    condition  {row.condition}"] if row.condition else []
    return "\n".join([*lines, "", figures(given, bounds)])


def figures(grants: Iterable[Grant], bounds: Bounds) -> str:
    """How many policies and actions, and how large each policy is, in a line."""
    made = policies_of(grants, bounds)
    sizes = ", ".join(f"{size(one):,}" for one in made)
    count = len({action for one in made for action in actions(one)})
    kinds = "policy" if len(made) == 1 else "policies"
    return f"{len(made)} {kinds} of {sizes} characters (IAM takes {LIMIT:,} each), {count} actions"


def tables_of(uses: Mapping[str, tuple[Grant, ...]], bounds: Bounds) -> str:
    """The figures of each use, and a table of what it is granted, in Markdown."""
    return "\n".join(part for use, grants in uses.items() for part in _section(use, grants, bounds))


def _section(use: str, grants: tuple[Grant, ...], bounds: Bounds) -> Iterator[str]:
    yield f"## {use}\n\n{_USES[use].removesuffix('.')}.\n\n{figures(grants, bounds)}.\n"
    yield f"| {' | '.join(_HEADINGS)} |\n| --- | --- | --- | --- | --- |"
    for row in rows(grants, bounds):
        where = "<br>".join(f"`{one}`" for one in row.resources)
        told = f"`{row.condition}`" if row.condition else ""
        yield f"| `{row.action}` | {row.does} | {'; '.join(row.why)} | {where} | {told} |"
    yield ""


def _reasons(given: Iterable[Grant]) -> tuple[str, ...]:
    """The reasons, those of one type and operation together: `AWS::S3::Bucket: cors (GetBucketCors)`."""
    held: dict[tuple[str, str], list[str]] = {}
    for why in dict.fromkeys(grant.why for grant in given):
        found = re.fullmatch(r"(AWS::[\w:]+): (.*?)( \(\w+\))?", why)
        type_, facet, operation = (found[1], found[2], found[3] or "") if found else ("", why, "")
        held.setdefault((type_, operation), []).append(facet)
    return tuple(
        f"{type_}: {', '.join(facets)}{operation}" if type_ else ", ".join(facets)
        for (type_, operation), facets in held.items()
    )


def _condition_text(kind: str, bounds: Bounds) -> str:
    return "; ".join(
        f"{operator} {key} = {value if isinstance(value, str) else json.dumps(value)}"
        for operator, keys in condition(kind, bounds).items()
        for key, value in keys.items()
    )
