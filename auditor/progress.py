"""What a person or a log collector sees while sites are read, on stderr. The only user of rich."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from auditor.model import Site

Told = Callable[[Site, int, int], None]
_EVERY: Final = 100
"""A log line for so many resources of a site, and for its last."""


@contextmanager
def progress_shown(quiet: bool, json_log: bool) -> Iterator[Told]:
    """A function to tell of each resource read: a bar a site on a terminal, log lines if asked, else nothing."""
    if quiet:
        yield _ignored
    elif json_log:
        yield _logged
    elif os.environ.get("NO_COLOR") or not sys.stderr.isatty():
        yield _ignored
    else:
        yield from _bars()


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
    tasks: dict[Site, Any] = {}
    lock = threading.Lock()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:

        def told(site: Site, done: int, found: int) -> None:
            with lock:
                if site not in tasks:
                    tasks[site] = progress.add_task(str(site), total=found)
                progress.update(tasks[site], completed=done, total=found)

        yield told
