"""What a person or a log collector sees while sites are read or deployed to, on stderr. The only user of rich."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column

from auditor.model.values import Site

Told = Callable[[Site, int, int], None]
_BAR, _TIME = 10, 7
"""Columns of a terminal that a bar and a time have, however long the words behind them are."""
_EVERY: Final = 100
"""A log line for so many resources of a site, and for its last."""


@contextmanager
def progress_shown(quiet: bool, json_log: bool) -> Iterator[Told]:
    """A function to tell of each resource read: a bar a site on a terminal, log lines if asked, else nothing."""
    if quiet:
        yield _ignored
    elif json_log:
        yield _logged
    elif not _is_watched():
        yield _ignored
    else:
        yield from _bars()


@dataclass(frozen=True)
class Live:
    """Lines on a terminal that change, one a site."""

    show: Callable[[str, str, int, int], None]
    """Shown of a site: words, and how many of how many are done (0 of 0: nobody knows)."""
    stop: Callable[[], None]
    """Takes the lines away, so that somebody can be asked."""


@contextmanager
def live_lines() -> Iterator[Live | None]:
    """Lines of which each is one site's, for as long as it lasts; None where nobody watches a terminal."""
    if not _is_watched():
        yield None
        return
    site = TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True))
    words = TextColumn("{task.fields[words]}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis"))
    bar, time = BarColumn(_BAR, table_column=Column(min_width=_BAR)), TimeElapsedColumn(Column(min_width=_TIME))
    columns = (site, time, bar, words)
    # Results go to stdout, which may be a file: rich would draw it to the terminal.
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as progress:
        draw = _drawer(progress)
        yield Live(lambda site, words, done, total: draw(site, words, done, total or None), progress.stop)


def _is_watched() -> bool:
    return not os.environ.get("NO_COLOR") and sys.stderr.isatty()


def _ignored(site: Site, done: int, found: int) -> None:
    """There is nobody to see a progress bar."""


def _logged(site: Site, done: int, found: int) -> None:
    if done == found or done % _EVERY == 0:
        event(event="read", site=str(site), resources=done, found=found)


def event(**fields: Any) -> None:
    """One JSON object on one line of stderr, with the time in UTC."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    sys.stderr.write(json.dumps({"time": now, **fields}, sort_keys=True) + "\n")


def _bars() -> Iterator[Told]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("resources"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        draw = _drawer(progress)
        yield lambda site, done, found: draw(str(site), "", done, found)


def _drawer(progress: Progress) -> Callable[[str, str, int, int | None], None]:
    """Draws a site with words, and how many of how many are done, on a line of its own; called from any thread."""
    tasks: dict[str, TaskID] = {}
    lock = threading.Lock()

    def draw(site: str, words: str, done: int, total: int | None) -> None:
        with lock:
            if site not in tasks:
                tasks[site] = progress.add_task(site, total=total, words=words)
            progress.update(tasks[site], completed=done, total=total, words=words)

    return draw
