"""Findings grouped by what is behind them: the same difference, in however many places, is one cause. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

from auditor.canonical.policy import digest
from auditor.model.values import ABSENT, SEVERITIES, Change, Finding, Value

MOST: Final = 200
"""Findings of one cause that stand together; more are told as another one like it, so that no page stalls."""
_PLACED: Final = ("missing", "extra")
"""What has no changes to be told by: such resources belong together where they are so in the same sites."""
_One = TypeVar("_One")
_Key = TypeVar("_Key", bound=Hashable)


@dataclass(frozen=True)
class Cause:
    """Findings that say the same, of one type; never none. `id` is the same as long as they are."""

    id: str
    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        """One that speaks for all of them."""
        return self.findings[0]

    @property
    def names(self) -> tuple[str, ...]:
        """The resources, each once."""
        return tuple(dict.fromkeys(one.name for one in self.findings))

    @property
    def sites(self) -> tuple[str, ...]:
        """The sites, each once."""
        return tuple(dict.fromkeys(one.site for one in self.findings))


def causes(findings: Iterable[Finding], sites: Iterable[str]) -> tuple[Cause, ...]:
    """The causes, open ones first, then the gravest, then those in most places.

    Changed and unreadable resources with the same changes belong together; missing and extra ones that are missing
    from, or extra in, the same sites.
    """
    place_of = {name: number for number, name in enumerate(sites)}
    ordered = sorted(findings, key=lambda one: (one.type, one.name, place_of[one.site], one.id))
    alike = [group for _, group in grouped((one for one in ordered if one.kind not in _PLACED), _alike)]
    named = [group for _, group in grouped((one for one in ordered if one.kind in _PLACED), _named)]
    placed = grouped(named, lambda group: (_common(group[0]), tuple(one.site for one in group)))
    whole = alike + [[one for group in groups for one in group] for _, groups in placed]
    joined = [found[at : at + MOST] for found in whole for at in range(0, len(found), MOST)]
    return tuple(sorted(map(_cause, joined), key=lambda one: (*_gravest(one), place_of[one.first.site], one.id)))


def grouped(items: Iterable[_One], key: Callable[[_One], _Key]) -> list[tuple[_Key, list[_One]]]:
    """The items by key, in the order in which each key comes first."""
    groups: dict[_Key, list[_One]] = {}
    for one in items:
        groups.setdefault(key(one), []).append(one)
    return list(groups.items())


def _cause(findings: list[Finding]) -> Cause:
    return Cause(digest(sorted(one.id for one in findings), 12), tuple(findings))


def _gravest(cause: Cause) -> tuple[object, ...]:
    first = cause.first
    return (
        first.exception is not None,
        SEVERITIES.index(first.severity),
        -len(cause.findings),
        first.type,
        first.name,
    )


def _common(finding: Finding) -> tuple[Hashable, ...]:
    """What findings of one cause have in common, whatever their kind."""
    return finding.type, finding.kind, finding.severity, finding.exception, tuple(sorted(finding.classes))


def _named(finding: Finding) -> tuple[Hashable, ...]:
    return *_common(finding), finding.name


def _alike(finding: Finding) -> tuple[Hashable, ...]:
    changes = sorted(finding.changes, key=lambda one: one.path)
    return *_common(finding), tuple(_change(one, finding.site) for one in changes)


def _change(change: Change, site: str) -> tuple[Hashable, ...]:
    texts = (*(_text(one) for one in (change.golden, change.actual)), *map(_text, change.statement or ()))
    notes = tuple(without(one, site) for one in change.notes)
    return (change.path, *texts, without(change.unreadable, site), tuple(sorted(change.classes)), notes)


def without(text: str, site: str) -> str:
    """A reason without the site that it begins with: alike in all the sites of a cause."""
    return text.removeprefix(f"{site}: ")


def _text(value: Value) -> str:
    return "" if value is ABSENT else json.dumps(value, sort_keys=True, default=str)
