"""What is told of an audit where people talk: what is new, what was fixed, what is unknown. Pure.

It is plain text. Names and paths are made inert, because not every service takes text for text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, Literal

from auditor.history.history import History, Seen
from auditor.model.values import Drift, Finding
from auditor.report.causes import Cause, causes, grouped
from auditor.report.content import Report
from auditor.report.display import place, visible
from auditor.report.history_text import change
from auditor.report.wording import counted, listed, site_noun, verdict

Level = Literal["info", "success", "warning", "failure"]
MOST: Final = 3000
"""Characters of a message, whatever a service would take."""
_JOINER: Final = "\u2060"
"""Cannot be seen, and is no part of a mention, a tag, a link or an address."""
_LIVE: Final = re.compile(r"[@<]|\](?=\()|:(?=//)")


@dataclass(frozen=True)
class Notice:
    """A message; `body` has lines, `title` is one."""

    title: str
    body: str
    level: Level


Words = Callable[[int], Notice]
"""The message, its body in so many characters at most."""


def occasions(told: History | None) -> frozenset[str]:
    """What there is to tell of: something is `new`, something was `fixed`, or the state has become `unknown`.

    It is unknown too where the history, and with it what is new, cannot be read.
    """
    if told is None:
        return frozenset({"unknown"})
    held = {"new": bool(told.arrived), "fixed": bool(told.fixed) or told.regained, "unknown": told.lost}
    return frozenset(name for name, is_so in held.items() if is_so)


def audit_notice(report: Report, link: str) -> Words:
    """The message about an audit; `link` is where its report is."""
    drift, told = report.drift, report.history
    since = f"Since last time: {change(told)}" if told else "What was found before could not be read."
    head = [inert(verdict(drift)), since, f"Report: {link}"]
    details = list(_details(drift, told)) if told else []
    title, level = _title(drift, told), _level(drift, told)
    return lambda room: Notice(title, fitted(head, details, room), level)


def failure_notice(why: str) -> Words:
    """The message about an audit that came to nothing."""
    head = ["Nothing is known of the regions: the audit failed.", inert(" ".join(why.split()))]
    return lambda room: Notice("auditor: the audit failed", fitted(head, [], room), "failure")


def trial_notice(room: int) -> Notice:
    """A message that tells nothing but that it arrived."""
    words = "This is a test of 'auditor notify --test'. Nothing was audited."
    return Notice("auditor: a test", fitted([words], [], room), "info")


def fitted(head: Sequence[str], details: Sequence[str], room: int) -> str:
    """The lines as far as there is room for them, and how many are left out. Of the head, the end is cut first."""
    room = min(room, MOST)
    ends = accumulate((len(line) + 1 for line in details), initial=len("\n".join(head)))
    for kept in range(sum(end <= room for end in ends) - 1, -1, -1):
        more = [f"… and {counted(len(details) - kept, 'more line')}: see the report"] if kept < len(details) else []
        text = "\n".join([*head, *details[:kept], *more])
        if len(text) <= room:
            return text
    text = "\n".join(head)
    return text if len(text) <= room else text[: max(0, room - 1)] + "…"


def inert(text: str) -> str:
    """A name as one line in which nothing mentions anybody, is a tag, or leads anywhere."""
    return _LIVE.sub(lambda found: found[0] + _JOINER, visible(text))


def _title(drift: Drift, told: History | None) -> str:
    if told is None or not drift.complete:
        return "auditor: not everything is known"
    if not told.previous:
        return f"auditor: {counted(len(told.staying), 'open finding')}"
    return f"auditor: {len(told.arrived):,} new, {len(told.fixed):,} fixed"


def _level(drift: Drift, told: History | None) -> Level:
    if told is None or not drift.complete:
        return "failure"
    if told.arrived:
        return "warning"
    return "info" if told.staying else "success"


def _details(drift: Drift, told: History) -> Iterator[str]:
    standing = [one for one in drift.findings if one.exception is None]
    new = [one for one in standing if one.id in told.new]
    # What is unknown is neither new nor old.
    unread = [one for one in standing if one.kind == "unreadable"]
    noun = site_noun(drift)
    yield from _section("New", (_cause(one, noun) for one in causes(new, drift.sites)))
    yield from _section("Fixed", _gone(told.fixed, noun, "was"))
    unknown = [_cause(one, noun) for one in causes(unread, drift.sites)]
    yield from _section("No longer looked at", [inert(one) for one in told.dropped])
    yield from _section("Unknown", [*unknown, *_gone(told.unsure, noun, "not known any more; was")])


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    told = [f"- {line}" for line in lines]
    yield from ["", title, *told] if told else []


def _cause(cause: Cause, noun: str) -> str:
    names = listed([inert(one) for one in cause.names], "resource")
    where = listed([inert(one) for one in cause.sites], noun)
    return f"{inert(cause.first.type)} {names}: {_what(cause.first)} in {where} ({cause.first.severity})"


def _what(finding: Finding) -> str:
    # Fields only: what they hold stays in the report.
    if finding.kind == "unreadable":
        return "could not be read"
    if finding.kind != "changed":
        return finding.kind
    fields = [inert(place(one)).removeprefix("/") for one in sorted({one.path for one in finding.changes})]
    return f"{listed(fields, 'field')} differ{'s' if len(fields) == 1 else ''}"


def _gone(seen: Iterable[Seen], noun: str, was: str) -> Iterator[str]:
    same = grouped(seen, lambda one: (one.type, one.name, one.kind))
    for (type_, name, kind), ones in same:
        where = listed(list(dict.fromkeys(inert(one.site) for one in ones)), noun)
        yield f"{inert(type_)} {inert(name)}: {was} {kind} in {where}"
