"""The runs that wrote to AWS, as a person reads of them in a terminal, and as a JSON document. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

from auditor.report.display import visible
from auditor.runs.summary import OPEN, RunSummary

SCHEMA: Final = "auditor/runs/1"
_HEADINGS: Final = ("RUN", "BEGUN", "WHAT", "SITES", "STATE")


def runs_listing(runs: Iterable[RunSummary]) -> str:
    """A line for each run, and how to go on with those that did not come to their end."""
    held = tuple(runs)
    rows = [_HEADINGS, *(_cells(one) for one in held)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(size) for cell, size in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines += [f"Go on with: auditor resume {one.run}" for one in held if one.state in OPEN]
    return "\n".join(lines)


def _cells(one: RunSummary) -> tuple[str, ...]:
    what = f"{one.what} {'of ' if one.what == 'rollback' else ''}{one.about}".rstrip()
    state = f"{one.state}{f' by {one.by}' if one.by else ''}{f': {one.error}' if one.error else ''}"
    return tuple(visible(cell) for cell in (one.run, one.at, what, ", ".join(one.sites), state))


def runs_document(runs: Iterable[RunSummary]) -> dict[str, Any]:
    """The runs as JSON can hold them, oldest first."""
    return {"schema": SCHEMA, "runs": [asdict(one) for one in runs]}
