"""Snapshots as a person reads of them in a terminal, and a stored resource as JSON. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from auditor.model.values import Resource, State
from auditor.report.display import visible
from auditor.report.wording import counted

_ROW: Final = "{:<18}  {:<20}  {:<16}  {:>5}  {:>9}  {:>9}  {}"
_UNITS: Final = ("B", "KiB", "MiB", "GiB")
_STEP: Final = 1024


@dataclass(frozen=True)
class Held:
    """What is told of a snapshot without reading its sites. Of a damaged one only `id` and `size` are known."""

    id: str
    size: int
    """Of all its files, in bytes."""
    taken: str = ""
    golden: str = ""
    told: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What its manifest says of each site: counts by type, calls, errors."""

    @property
    def damaged(self) -> bool:
        """Whether its manifest is not one that was written."""
        return not self.taken

    @property
    def resources(self) -> int:
        """How many there are in all sites."""
        return sum(sum(one.get("resources", {}).values()) for one in self.told.values())

    @property
    def complete(self) -> bool:
        """Whether everything could be read; what a region does not offer is no gap."""
        sites = self.told.values()
        unread = any(one.get("unreadable") or any(map(_is_gap, one.get("unread", ()))) for one in sites)
        return not unread and not any(one.get("untold") for one in sites)


def snapshot_listing(held: Iterable[Held]) -> str:
    """A line for each snapshot."""
    rows = [_ROW.format("ID", "TAKEN", "GOLDEN", "SITES", "RESOURCES", "SIZE", "COMPLETE")]
    rows += [_ROW.format(*_cells(one)) for one in held]
    return "\n".join(visible(row.rstrip()) for row in rows)


def snapshot_summary(held: Held) -> str:
    """What a snapshot holds: sites, types and counts, what could not be read, calls."""
    complete = "complete" if held.complete else "incomplete"
    head = [f"Snapshot {held.id} of {held.taken}, {complete}, {_size(held.size)}", f"Golden: {held.golden}"]
    paragraphs = [head, list(_counts(held.told)), list(_errors(held.told)), list(_calls(held.told))]
    return "\n\n".join("\n".join(map(visible, lines)) for lines in paragraphs if lines)


def resource_document(site: str, resource: Resource) -> str:
    """A resource as it is stored, with its site, as JSON."""
    return json.dumps({"site": site, **asdict(resource)}, ensure_ascii=False, sort_keys=True, indent=2)


def _cells(one: Held) -> tuple[str, ...]:
    if one.damaged:
        return (one.id, "", "", "", "", _size(one.size), "damaged")
    complete = "yes" if one.complete else "no"
    return (one.id, one.taken, one.golden, str(len(one.told)), f"{one.resources:,}", _size(one.size), complete)


def _counts(told: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for site in sorted(told):
        counts = told[site].get("resources", {})
        yield f"{site}  {counted(sum(counts.values()), 'resource')}"
        yield from (f"  {count:>6,}  {type_}" for type_, count in sorted(counts.items()))


def _errors(told: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for site in sorted(told):
        for one in told[site].get("unread", ()):
            parent = f" of {one['parent']}" if one.get("parent") else ""
            yield f"{site}: {one['type']}{parent} could not be listed: {one['error']}"
        if told[site].get("unreadable"):
            yield f"{site}: {counted(told[site]['unreadable'], 'facet')} could not be read"
        for why, count in sorted(told[site].get("untold", {}).items()):
            yield f"{site}: {untold_text(count, why)}"


def untold_text(count: int, why: str) -> str:
    """That so many ids could not be looked up, and why."""
    return f"what {counted(count, 'id')} {'stands' if count == 1 else 'stand'} for could not be looked up: {why}"


def _calls(told: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    calls: Counter[str] = sum((Counter(one.get("calls", {})) for one in told.values()), Counter())
    yield from (f"{count:>6,}  {operation}" for operation, count in sorted(calls.items()))
    yield f"{sum(calls.values()):>6,}  API calls in all"


def _is_gap(unread: Mapping[str, Any]) -> bool:
    # What is not known to be missing from the region could be there.
    return bool(unread.get("state") != State.NOT_OFFERED.value)


def _size(size: float) -> str:
    for unit in _UNITS[:-1]:
        if size < _STEP:
            return f"{size:,.0f} {unit}"
        size /= _STEP
    return f"{size:,.0f} {_UNITS[-1]}"
