"""The drift as a person reads it in a terminal. Pure; whether there is a terminal, the caller says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby, takewhile
from typing import Final

from auditor.model.values import SEVERITIES, Change, Drift, Finding
from auditor.report.causes import grouped
from auditor.report.display import one_line, place, visible
from auditor.report.labels import suspicion
from auditor.report.ledger import gap_line
from auditor.report.wording import acceptance, authors, counted, in_order, mood, statement, totals, verdict

Paint = Callable[[str, str], str]
ARROW: Final = " → "
ELLIPSIS: Final = "…"
MIN_WIDTH: Final = 60
_MANY: Final = 4
"""So many resources that are unread for the same reason in a site are told of in one line."""
_CONTEXT: Final = 12
"""Characters of what two long values have in common that are kept before the place where they part."""
_COLOURS: Final = {
    "bold": "1", "dim": "2", "changed": "33", "missing": "31", "extra": "36", "unreadable": "35",
    "class": "1", "note": "2",
    "high": "1;31", "medium": "33", "low": "2", "in-sync": "1;32", "drift": "1;33", "incomplete": "1;35",
}  # fmt: skip


def drift_table(drift: Drift, colour: bool, width: int) -> str:
    """A verdict, the findings by resource, the accepted ones apart, a summary and the gaps; no line ends in a space.

    Long values are cut to the width: the JSON has them whole. A field's name is never cut.
    """
    paint = painter(_COLOURS if colour else {})
    width = max(width, MIN_WIDTH)
    unsettled = [one for one in drift.findings if one.exception is None]
    accepted = [one for one in drift.findings if one.exception is not None]
    lines = [paint(verdict(drift), mood(drift)), *filter(None, [suspicion(drift)])]
    alike = {why: ones for why, ones in grouped(unsettled, _unread_for) if why and len(ones) >= _MANY}
    told_once = {one.id for ones in alike.values() for one in ones}
    lines += _resources(drift, [one for one in unsettled if one.id not in told_once], paint, width)
    lines += _unknown(drift, {why: len(ones) for why, ones in alike.items()}, paint, width)
    if accepted:
        lines += ["", paint("Accepted differences", "bold"), *_resources(drift, accepted, paint, width)]
    if drift.findings:
        lines += ["", totals(drift)]
    lines += filter(None, [paint(gap_line(drift), "unreadable")])
    return "\n".join(line.rstrip() for line in lines)


def painter(colours: Mapping[str, str]) -> Paint:
    """What colours a text in one of these styles (ANSI codes by name), and leaves it as it is in any other."""

    def paint(text: str, style: str) -> str:
        # A space inside the colour would be trailing whitespace that no rstrip can see.
        bare = text.rstrip()
        return f"\x1b[{colours[style]}m{bare}\x1b[0m{text[len(bare) :]}" if bare and style in colours else text

    return paint


PLAIN: Final = painter({})


def shortened(text: str, width: int) -> str:
    """The text, or as much of its beginning as fits with an ellipsis."""
    return text if len(text) <= width else text[: width - 1] + ELLIPSIS


def shortened_path(path: str, width: int) -> str:
    """The path, or as many of its last fields as fit after an ellipsis: the end tells most.

    No field is cut: what is left is wider than `width` where its last field alone is.
    """
    if len(path) <= width:
        return path
    starts = [number for number, one in enumerate(path) if one == "/"]
    fitting = (path[start:] for start in starts[1:] if len(path) - start < width)
    return ELLIPSIS + next(fitting, path[starts[-1] :]) if len(starts) > 1 else path


def pair(golden: str, actual: str, width: int, arrow: str = ARROW) -> str:
    """Both values on one line of that width, long ones cut so that the place where they part is seen."""
    room = width - len(arrow)
    if len(golden) + len(actual) <= room:
        return golden + arrow + actual
    short = min(len(golden), len(actual), room // 2)
    left, right = (short, room - short) if len(golden) <= len(actual) else (room - short, short)
    start = _common(golden, actual) - min(_CONTEXT, room // 6)
    if start <= 1 or min(len(golden), len(actual)) <= room // 2:
        start = 0
    return _window(golden, start, left) + arrow + _window(actual, start, right)


def difference(change: Change, room: int, paint: Paint = PLAIN) -> str:
    """Both sides of a change in one line of that width, or why one of them is not known."""
    if change.unreadable:
        return paint(shortened(visible(f"unreadable: {change.unreadable}"), room), "unreadable")
    return pair(one_line(change.golden), one_line(change.actual), room)


def finding_lines(finding: Finding, golden: str, room: int) -> Iterator[str]:
    """A finding where there are no columns: what it says, then `/MemorySize: 512 → 256` and the like, with notes.

    Each part has that much room: the JSON has it whole.
    """
    yield f"{shortened(statement(finding, golden), room)} {bracketed(finding.classes)}".rstrip()
    for change in sorted(finding.changes, key=lambda one: one.path):
        field = shortened(shortened_path(place(change.path), room), room)
        yield f"{field}: {difference(change, room)} {bracketed(change.classes)}".rstrip()
        yield from (f"  {shortened(visible(note), room)}" for note in change.notes)


def bracketed(classes: Iterable[str]) -> str:
    """The classes' names as they stand behind what they are about, "" where there is none."""
    names = ", ".join(map(visible, sorted(classes)))
    return f"[{names}]" if names else ""


def _common(golden: str, actual: str) -> int:
    return sum(1 for _ in takewhile(lambda two: two[0] == two[1], zip(golden, actual, strict=False)))


def _window(text: str, start: int, width: int) -> str:
    if len(text) <= width:
        return text
    start = min(start, len(text) - width + 1)
    return shortened(text[start:] if start <= 1 else ELLIPSIS + text[start:], width)


def _resources(drift: Drift, findings: Iterable[Finding], paint: Paint, width: int) -> Iterator[str]:
    for (type_, name), group in groupby(in_order(drift, findings), key=lambda one: (one.type, one.name)):
        yield ""
        yield paint(visible(f"{type_}/{name}"), "bold")
        for finding in group:
            yield from _finding(finding, drift, paint, width)


def _unread_for(finding: Finding) -> tuple[str, ...]:
    """The site, and why nothing is known of the whole resource there; empty where something is."""
    whole = [one.unreadable for one in finding.changes if one.path == "" and one.unreadable]
    return (finding.site, *whole) if finding.kind == "unreadable" and len(finding.changes) == len(whole) == 1 else ()


def _unknown(drift: Drift, told: Mapping[tuple[str, ...], int], paint: Paint, width: int) -> Iterator[str]:
    """What many resources of a site are not known for, once."""
    yield from ["", paint("Not known", "bold")] if told else []
    column = max((len(visible(name)) for name in drift.sites), default=0)
    for (site, why), count in told.items():
        reason = visible(f"{counted(count, 'resource')}: {why.removeprefix(f'{site}: ')}")
        yield f"  {visible(site).ljust(column)}  " + paint(shortened(reason, width - column - 4), "unreadable")


def _finding(finding: Finding, drift: Drift, paint: Paint, width: int) -> Iterator[str]:
    column = max(len(visible(name)) for name in drift.sites)
    wordy = not finding.changes
    severity = "" if finding.exception else finding.severity.ljust(max(map(len, SEVERITIES)) if wordy else 0)
    says = statement(finding, drift.golden) if wordy else ""
    head = [visible(finding.site).ljust(column), paint(finding.kind.ljust(10), finding.kind)]
    classes = paint(bracketed(finding.classes), "class")
    yield "  ".join(["", *head, *filter(None, [paint(severity, severity.strip()), says, classes])])
    yield from _changes(finding.changes, paint, width)
    yield from (paint(shortened(f"    {one}", width), "note") for one in authors(finding))
    if finding.exception:
        yield f"    accepted: {acceptance(finding.exception)}"


def _changes(changes: Iterable[Change], paint: Paint, width: int) -> Iterator[str]:
    held = sorted(changes, key=lambda one: one.path)
    most = width * 2 // 5
    paths = [shortened_path(place(one.path), most) for one in held]
    column = max((len(path) for path in paths if len(path) <= most), default=0)
    for change, path in zip(held, paths, strict=True):
        if len(path) <= most:
            yield from _beside(f"    {path.ljust(column)}  ", change, paint, width)
        else:
            yield f"    {path}"
            yield from _beside("      ", change, paint, width)
        yield from (paint(f"      {visible(note)}", "note") for note in change.notes)


def _beside(start: str, change: Change, paint: Paint, width: int) -> Iterator[str]:
    # Classes are not worth cutting a value for.
    classes, told = bracketed(change.classes), difference(change, width - len(start), paint)
    fits = len(start) + len(difference(change, width)) + 2 + len(classes) <= width
    yield f"{start}{told}  {paint(classes, 'class')}" if fits else start + told
    if classes and not fits:
        yield f"      {paint(classes, 'class')}"
