"""What kind of mistake a difference is, where its values tell: finding classes, by rule. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Final

from auditor.canonical import wording as symbols
from auditor.canonical.principals import deleted_in
from auditor.canonical.references import undescribed, unresolved_in
from auditor.canonical.strange import strange
from auditor.model.pointer import segments, value_at
from auditor.model.values import Change, Finding, Locale, Value
from auditor.specs.regions import SHORT_CODES
from auditor.specs.spec import LATEST

CROSS_REGION: Final = "cross-region"
"""A value of one region still names another: the copy-and-paste mistake that causes outages."""
GOLDEN_SUSPECT: Final = "golden suspect"
"""All the other regions agree with one another, and golden alone differs."""
STALE_ARTIFACT: Final = "stale artifact"
"""The region runs other code than golden does."""
DELETED_PRINCIPAL: Final = "deleted principal"
"""A policy lets in, or refuses, a role or user that was deleted: its unique id is all that is left."""
UNRESOLVED: Final = "unresolved reference"
"""A value names something by an id of which it cannot be told what that is elsewhere."""

CLASSES: Final = (CROSS_REGION, GOLDEN_SUSPECT, STALE_ARTIFACT, UNRESOLVED, DELETED_PRINCIPAL)
"""Every class that a finding can have."""
ONLY_DESCRIBED: Final = "the two versions differ in nothing but their descriptions"

ARTIFACTS: Final = (
    "AWS::Lambda::Function/CodeSha256",
    "AWS::Lambda::Function/Code",
    "AWS::Lambda::Function/Code/*",
    "AWS::Lambda::Alias/FunctionVersion",
    "AWS::Lambda::LayerVersion/Content*",
    "AWS::CodeDeploy::DeploymentGroup/Revision*",
)
_UNRESOLVED: Final = re.compile(rf"\$\{{{symbols.UNRESOLVED}[^{{}}]*\}}")
_REGION: Final = re.compile(r"(?<![A-Za-z0-9])(" + "|".join(map(re.escape, SHORT_CODES)) + r")(?![A-Za-z0-9])")


_DIGESTS: Final = (("CodeSha256",), ("Code", "ResolvedImageUri"), ("Content", "CodeSha256"))
"""Where a document tells code by its content."""


def runs_same_code(golden: Mapping[str, Value], actual: Mapping[str, Value]) -> bool:
    """Whether two documents tell one content of the code, whatever it is called; False where either tells none."""
    pairs = [(value_at(golden, place), value_at(actual, place)) for place in _DIGESTS]
    return any(isinstance(one, str) and one == other for one, other in pairs)


def classified(finding: Finding, golden: Locale, actual: Locale, same_code: bool = False) -> Finding:
    """The finding, each of its changes with the classes that its own values tell.

    `same_code`: the code has one content on both sides, and whatever else differs of it, no other code runs.
    """
    changes = (_classified(finding.type, one, golden, actual, same_code) for one in finding.changes)
    return replace(finding, changes=tuple(changes))


def _classified(type_: str, change: Change, golden: Locale, actual: Locale, same_code: bool) -> Change:
    sides = ((change.golden, golden), (change.actual, actual))
    name = segments(change.path)[-1:]
    notes = (*change.notes, *_strange(*sides, *name), *_strange(*sides[::-1], *name))
    classes = _of_change(type_, change, golden, actual, same_code)
    told = (ONLY_DESCRIBED,) if _only_described(change) else ()
    return replace(change, classes=(*classes, UNRESOLVED) if notes else classes, notes=(*notes, *told))


def _only_described(change: Change) -> bool:
    both = (change.golden, change.actual)
    versions = [one for one in both if isinstance(one, str) and one.startswith("${version:")]
    return len(versions) == len(both) and undescribed(versions[0]) == undescribed(versions[1])


def _strange(one: tuple[Value, Locale], other: tuple[Value, Locale], name: str = "") -> Iterator[str]:
    found = strange(*one, *other, name)
    yield from (f"{one[1].region}: {literal}: {found[literal]}" for literal in sorted(found))


def unresolved(value: Value, locale: Locale) -> tuple[str, ...]:
    """What is to be said of the literals in a value of which nobody knows what they stand for."""
    if not locale.unresolved:
        return ()
    named = unresolved_in(value, locale)
    return tuple(f"{locale.region}: {literal}: {locale.unresolved[literal]}" for literal in named)


def _of_change(type_: str, change: Change, golden: Locale, actual: Locale, same_code: bool) -> tuple[str, ...]:
    found = []
    if _regions_named(change.golden, actual) ^ _regions_named(change.actual, golden):
        found.append(CROSS_REGION)
    artifact = not same_code and any(fnmatchcase(f"{type_}{change.path}", pattern) for pattern in ARTIFACTS)
    # Whether what $LATEST is now runs other code than a version does, the alias alone does not tell.
    if artifact and LATEST not in (change.golden, change.actual) and _code(change.golden) != _code(change.actual):
        found.append(STALE_ARTIFACT)
    place = segments(change.path)
    if deleted_in(place, change.golden) or deleted_in(place, change.actual):
        found.append(DELETED_PRINCIPAL)
    return tuple(found)


def _code(value: Value) -> Value:
    # Of a function version's symbol, what stands before the slash; behind it are its settings.
    is_version = isinstance(value, str) and value.startswith("${version:")
    return value.rpartition("/")[0] if is_version else value


def _regions_named(value: Value, other: Locale) -> frozenset[str]:
    # In canonical text a site's own region is a symbol; any code that is left belongs to another one.
    if isinstance(value, str):
        value = _UNRESOLVED.sub("", value)
        names = set(_REGION.findall(value))
        short = rf"(?<![A-Za-z0-9]){re.escape(other.region_short)}(?![A-Za-z0-9])"
        if other.region_short and re.search(short, value):
            names.add(other.region)
        return frozenset(names)
    if isinstance(value, Mapping):
        return frozenset().union(*(_regions_named(one, other) for pair in value.items() for one in pair))
    return frozenset().union(*(_regions_named(one, other) for one in value)) if isinstance(value, list) else frozenset()


def with_suspects(findings: Iterable[Finding], sites: Iterable[str]) -> tuple[Finding, ...]:
    """The findings, with golden suspected wherever every other site (two at least) says the same against it."""
    held, others = tuple(findings), frozenset(sites)
    if len(others) < 2:
        return held
    where: dict[str, set[str]] = defaultdict(set)
    for finding in held:
        for said in _said(finding):
            where[said].add(finding.site)
    suspect = {said for said, by in where.items() if by == others}
    return tuple(_suspected(finding, suspect) for finding in held)


def _said(finding: Finding) -> list[str]:
    about = f"{finding.type}/{finding.name} {finding.kind}"
    if finding.kind == "unreadable":
        return []
    return [f"{about} {one.path} {one.actual!r}" for one in finding.changes] or [about]


def _suspected(finding: Finding, suspect: set[str]) -> Finding:
    said = _said(finding)
    if not finding.changes:
        return replace(finding, classes=(GOLDEN_SUSPECT,)) if said and said[0] in suspect else finding
    changes = [
        replace(change, classes=(*change.classes, GOLDEN_SUSPECT)) if text in suspect else change
        for change, text in zip(finding.changes, said, strict=False)
    ]
    return replace(finding, changes=tuple(changes)) if said else finding
