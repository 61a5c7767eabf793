"""What the demo planted, held against what the audit found. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from auditor.model.values import Drift, Finding


@dataclass(frozen=True)
class Expected:
    """What an audit must say of one planted difference. An empty path means the resource as a whole."""

    site: str
    type: str
    name: str
    kind: str
    path: str = ""


@dataclass(frozen=True)
class Planted:
    """One difference that somebody made by hand, in words, and the findings that it must lead to."""

    says: str
    findings: tuple[Expected, ...]


@dataclass(frozen=True)
class Verdict:
    """Each planted difference with whether it was found, and what was found that nobody planted."""

    planted: tuple[tuple[Planted, bool], ...]
    surplus: tuple[Expected, ...]

    @property
    def agrees(self) -> bool:
        """All found, nothing else."""
        return not self.surplus and all(found for _, found in self.planted)


def verdict(planted: Iterable[Planted], drift: Drift) -> Verdict:
    """Hold every planted difference against every change found."""
    found = {told for finding in drift.findings for told in _told(finding)}
    entries = tuple(planted)
    wanted = {expected for entry in entries for expected in entry.findings}
    checked = tuple((entry, set(entry.findings) <= found) for entry in entries)
    return Verdict(checked, tuple(sorted(found - wanted, key=repr)))


def lines(told: Verdict) -> list[str]:
    """The verdict in words: a line a planted difference, then whether the two agree."""
    planted = [f"  {'found ' if found else 'MISSED'}  {_where(entry)}: {entry.says}" for entry, found in told.planted]
    surplus = [f"  SURPLUS {one.site}: {one.type}/{one.name} {one.kind} {one.path}" for one in told.surplus]
    count = sum(found for _, found in told.planted)
    changes = sum(len(entry.findings) for entry, _ in told.planted)
    summary = f"{len(told.planted)} differences planted, {count} found, {len(told.surplus)} surplus"
    return ["Planted by hand:", *planted, *surplus, f"{summary} ({changes} changes expected in all)."]


def _where(entry: Planted) -> str:
    return ", ".join(sorted({one.site for one in entry.findings}))


def _told(finding: Finding) -> Iterable[Expected]:
    if not finding.changes:
        yield Expected(finding.site, finding.type, finding.name, finding.kind)
    for change in finding.changes:
        yield Expected(finding.site, finding.type, finding.name, finding.kind, change.path)
