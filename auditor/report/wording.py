"""The sentences that page and terminal have in common. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from auditor.compare.findings import EVERY
from auditor.model.values import Attribution, Drift, DriftException, Finding
from auditor.report.display import place, visible
from auditor.report.document import summary

SNAPSHOT: Final = "snapshot:"
_NAMED_AT_MOST: Final = 4


def counted(number: int, noun: str) -> str:
    """`1 finding`, `1,204 findings`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def listed(names: Sequence[str], noun: str = "region") -> str:
    """`a`, `a and b`, `a, b and c`; of many, the first few and how many more."""
    if len(names) > _NAMED_AT_MOST:
        names = [*names[: _NAMED_AT_MOST - 1], counted(len(names) - _NAMED_AT_MOST + 1, f"other {noun}")]
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def site_noun(drift: Drift) -> str:
    """What the sites are called: regions, unless accounts have names."""
    return "site" if any("/" in name for name in drift.sites) else "region"


def compared_sites(drift: Drift) -> int:
    """How many sites take part; a golden snapshot is none."""
    return len({name for name in (drift.golden, *drift.sites) if not name.startswith(SNAPSHOT)})


def all_read(drift: Drift) -> bool:
    """Whether the drift is complete, and no finding says otherwise."""
    return drift.complete and not any(one.kind == "unreadable" for one in drift.findings)


def verdict(drift: Drift) -> str:
    """The outcome, in one breath. What is incomplete never reads as in sync."""
    if not all_read(drift):
        return _incomplete(drift)
    if differing(drift.findings):
        return f"{_difference(drift)}."
    return _in_sync(drift)


def mood(drift: Drift) -> str:
    """What the verdict comes to, in a word: `incomplete`, `drift` or `in-sync`."""
    if not all_read(drift):
        return "incomplete"
    return "drift" if differing(drift.findings) else "in-sync"


def statement(finding: Finding, golden: str) -> str:
    """What a finding says, apart from its changes."""
    site, golden = visible(finding.site), visible(golden)
    if finding.kind == "missing":
        return f"{golden} has it; {site} does not."
    if finding.kind == "extra":
        return f"{site} has it; {golden} does not."
    if finding.kind == "unreadable":
        return f"Not known whether {site} is like {golden}: {_what(finding)} could not be read."
    return f"{counted(len(finding.changes), 'field')} differ{'s' if len(finding.changes) == 1 else ''}."


def in_order(drift: Drift, findings: Iterable[Finding]) -> list[Finding]:
    """The findings by resource, those of one resource in the order of the sites."""
    return sorted(findings, key=lambda one: (one.type, one.name, drift.sites.index(one.site), one.kind, one.id))


def acceptance(exception: DriftException) -> str:
    """Why a difference was accepted, and until when."""
    return visible(exception.reason) + (f" (until {visible(exception.until)})" if exception.until else "")


def totals(drift: Drift) -> str:
    """The summary line: `41 resources in 3 regions: 7 changed, 1 missing; 2 accepted.`"""
    counts = summary(drift)
    kinds = [f"{counts[kind]:,} {kind}" for kind in ("changed", "missing", "extra", "unreadable") if counts[kind]]
    found = ", ".join(kinds) or "no open findings"
    accepted = f"; {counts['excepted']:,} accepted" if counts["excepted"] else ""
    return f"{_scope(drift)}: {found}{accepted}."


def attributed(by: Attribution, site: str) -> str:
    """Who changed something, where that was not in the finding's site, when, and by what call."""
    where = "" if by.site == site else f" in {by.site}"
    # Of an ARN, what tells who it is: the account and the name in it.
    who = by.principal.split(":", 4)[-1]
    return visible(f"last written by {who}{where}, {by.time} ({by.event})")


def authors(finding: Finding) -> list[str]:
    """Who last wrote what differs, a sentence each; of several, with the fields that each wrote."""
    if finding.attribution:
        return [attributed(finding.attribution, finding.site)]
    fields: dict[str, list[str]] = {}
    for one in sorted(finding.changes, key=lambda one: one.path):
        if one.attribution:
            fields.setdefault(attributed(one.attribution, finding.site), []).append(place(one.path).removeprefix("/"))
    return [f"{listed(paths, 'field')} {told}" for told, paths in fields.items()]


def days(since: str, now: str) -> int:
    """Whole days between two moments (ISO 8601), 0 where one is none."""
    try:
        return (date.fromisoformat(now[:10]) - date.fromisoformat(since[:10])).days
    except ValueError:
        return 0


def moment(taken: str) -> str:
    """`2026-11-24T01:02:03Z` as people read it."""
    return visible(re.sub(r"^([0-9-]{10})T([0-9:]{8})Z$", r"\1 \2 UTC", taken))


def differing(findings: Iterable[Finding]) -> list[Finding]:
    """The open findings of which it is known that something differs."""
    return [one for one in findings if one.exception is None and one.kind != "unreadable"]


def _scope(drift: Drift) -> str:
    noun = site_noun(drift)
    return f"{counted(sum(drift.inventory.values()), 'resource')} in {counted(compared_sites(drift), noun)}"


def _difference(drift: Drift) -> str:
    found = differing(drift.findings)
    sites = [visible(name) for name in drift.sites if any(one.site == name for one in found)]
    verb = "differs" if len(sites) == 1 else "differ"
    resources = counted(sum(drift.inventory.values()), "resource")
    return (
        f"{listed(sites, site_noun(drift))} {verb} from {visible(drift.golden)}: "
        f"{counted(len(found), 'finding')} in {resources}"
    )


def _incomplete(drift: Drift) -> str:
    opening = "Incomplete: not everything could be read"
    if differing(drift.findings):
        return f"{opening}, and {_difference(drift)}."
    return f"{opening}; what was read shows no open difference, what was not read may differ."


def _in_sync(drift: Drift) -> str:
    noun, resources = site_noun(drift), sum(drift.inventory.values())
    if not drift.sites:
        return f"Nothing was compared: there is no {noun} besides {visible(drift.golden)}."
    if not resources:
        return f"Nothing to compare: no resource was found in {counted(compared_sites(drift), noun)}."
    verb = "is" if resources == 1 else "are"
    like = f"as in {visible(drift.golden)}" if drift.golden.startswith(SNAPSHOT) else "alike"
    accepted = sum(one.exception is not None for one in drift.findings)
    but = f", but for {counted(accepted, 'accepted finding')}" if accepted else ""
    return f"In sync: {_scope(drift)} {verb} {like}{but}."


def _what(finding: Finding) -> str:
    if any(one.path for one in finding.changes):
        return "a part of it"
    return "the list of them" if finding.name.endswith(EVERY) else "it"
