"""The history as a person reads it in a terminal, and as a JSON document. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from auditor.history.history import History, Run, Seen
from auditor.model.values import KINDS
from auditor.report.display import visible
from auditor.report.wording import counted, days

SCHEMA: Final = "auditor/history-report/1"


def history_listing(told: History) -> str:
    """What is new, what persists and for how long, what was fixed, and the runs in numbers."""
    now = told.runs[-1]
    old = sorted(told.staying, key=lambda one: told.since[one.id])
    accepted = [one for one in now.findings if one.excepted and one.kind != "unreadable"]
    paragraphs = [
        [f"Run of {now.taken} against {visible(now.golden)}{'' if now.complete else ', incomplete'}: {change(told)}"],
        _paragraph("New", (_line(one, _again(told, one)) for one in told.arrived)),
        _paragraph("Still there" if told.previous else "Found", (_line(one, _age(told, one)) for one in old)),
        _paragraph("Could not be read", (_line(one, "") for one in told.unread)),
        _paragraph("Accepted", (_line(one, _age(told, one)) for one in accepted)),
        _paragraph("Fixed", (_line(one, "") for one in told.fixed)),
        _paragraph("Not known any more", (_line(one, "") for one in told.unsure)),
        list(_runs(told.runs)),
    ]
    return "\n\n".join("\n".join(lines) for lines in paragraphs if lines)


def change(told: History) -> str:
    """What changed since the run before, in a few words."""
    if not told.previous:
        return f"{counted(len(told.staying), 'open finding')}; no run before it is known."
    unsure = f", {len(told.unsure):,} not known any more" if told.unsure else ""
    unread = f", {len(told.unread):,} could not be read" if told.unread else ""
    still = f"{len(told.staying):,} still there"
    return f"{len(told.arrived):,} new, {still}, {len(told.fixed):,} fixed{unsure}{unread}."


def history_document(told: History) -> dict[str, Any]:
    """The same as plain JSON values (`auditor/history-report/1`)."""
    now = told.runs[-1]
    return {
        "schema": SCHEMA,
        "taken": now.taken,
        "golden": now.golden,
        "complete": now.complete,
        "previous": told.previous or None,
        "findings": [_told(told, one) for one in now.findings],
        "fixed": [_seen(one) for one in told.fixed],
        "unknown": [_seen(one) for one in told.unsure],
        "runs": [{"taken": run.taken, "complete": run.complete, "open": run.counts} for run in told.runs],
    }


def _told(told: History, seen: Seen) -> dict[str, Any]:
    known = {"since": told.since[seen.id], "new": seen.id in told.new, "times": told.times[seen.id]}
    return {**_seen(seen), **known, "excepted": seen.excepted, "days": days(told.since[seen.id], told.runs[-1].taken)}


def _seen(seen: Seen) -> dict[str, Any]:
    return {"id": seen.id, "site": seen.site, "type": seen.type, "name": seen.name, "kind": seen.kind,
            "severity": seen.severity}  # fmt: skip


def _paragraph(title: str, lines: Iterable[str]) -> list[str]:
    told = list(lines)
    return [title, *told] if told else []


def _line(seen: Seen, told: str) -> str:
    return visible(f"  {seen.site:<15}  {seen.kind:<10}  {seen.type}/{seen.name}  {told}".rstrip())


def _age(told: History, seen: Seen) -> str:
    since = told.since[seen.id]
    passed = days(since, told.runs[-1].taken)
    age = f" ({counted(passed, 'day')})" if passed else ""
    return f"since {since}{age}{_again(told, seen, ', ')}"


def _again(told: History, seen: Seen, start: str = "") -> str:
    return f"{start}came {told.times[seen.id]} times" if told.times[seen.id] > 1 else ""


def _runs(runs: Iterable[Run]) -> Iterator[str]:
    yield "Runs" + " " * 18 + "".join(kind.rjust(12) for kind in KINDS)
    for run in runs:
        incomplete = "" if run.complete else "  incomplete"
        yield f"  {run.taken}" + "".join(f"{count:>12,}" for count in run.counts.values()) + incomplete
