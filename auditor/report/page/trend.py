"""How findings came and went: what is new, what was fixed, and the picture of the runs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from auditor.history.history import History, Run, Seen
from auditor.model.values import KINDS
from auditor.report.display import visible
from auditor.report.wording import counted, days, moment

MOST_BARS: Final = 60
HEIGHT: Final = 56
"""Of the picture, in pixels."""
STEP: Final = 10
"""Pixels from one bar to the next."""
MOST_FIXED: Final = 200


@dataclass(frozen=True)
class BarView:
    """A part of a run's bar: the findings of one kind."""

    kind: str
    x: int
    y: float
    height: float
    says: str


@dataclass(frozen=True)
class RunView:
    """A run in numbers."""

    taken: str
    counts: tuple[int, ...]
    """By kind, in the order of KINDS."""
    complete: bool


@dataclass(frozen=True)
class FixedView:
    """What is no finding any more."""

    site: str
    resource: str
    kind: str


@dataclass(frozen=True)
class HistoryView:
    """The findings against the run before."""

    says: str
    new: int
    persisting: int
    oldest: str
    fixed: tuple[FixedView, ...]
    fixed_more: int
    unsure: int
    runs: tuple[RunView, ...]
    bars: tuple[BarView, ...]
    width: int
    height: int
    most: int
    """The open findings of the highest bar."""


def history_view(told: History | None) -> HistoryView | None:
    """What changed since the run before, in words and as a picture; None where no history was asked for."""
    if told is None:
        return None
    now = told.runs[-1]
    old = [told.since[one.id] for one in told.staying] if told.previous else []
    shown = [_run(run) for run in told.runs[-MOST_BARS:]]
    most = max(1, *(sum(run.counts) for run in shown))
    return HistoryView(
        says=_says(told),
        new=len(told.arrived),
        persisting=len(old),
        oldest=_oldest(old, now),
        fixed=tuple(map(_fixed, told.fixed[:MOST_FIXED])),
        fixed_more=max(0, len(told.fixed) - MOST_FIXED),
        unsure=len(told.unsure),
        runs=tuple(shown),
        bars=tuple(_bars(shown, most)),
        width=len(shown) * STEP,
        height=HEIGHT,
        most=most,
    )


def _says(told: History) -> str:
    if not told.previous:
        return "No run before this one is known: from the next on, what is new and what was fixed is told here."
    return f"Since the run of {moment(told.previous)}:"


def _oldest(since: Iterable[str], now: Run) -> str:
    first = min(since, default="")
    passed = days(first, now.taken)
    age = f", {counted(passed, 'day')}" if passed else ""
    return f"the oldest since {first[:10]}{age}" if first else ""


def _fixed(seen: Seen) -> FixedView:
    return FixedView(visible(seen.site), visible(f"{seen.type}/{seen.name}"), visible(seen.kind))


def _run(run: Run) -> RunView:
    return RunView(moment(run.taken), tuple(run.counts.values()), run.complete)


def _bars(runs: Iterable[RunView], most: int) -> Iterator[BarView]:
    for number, run in enumerate(runs):
        top = float(HEIGHT)
        for kind, count in zip(KINDS, run.counts, strict=True):
            height = round(count * (HEIGHT - 2) / most, 1)
            top = round(top - height, 1)
            if height:
                yield BarView(kind, number * STEP, top, height, f"{run.taken}: {count:,} {kind}")
