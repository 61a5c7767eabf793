"""The metrics of an audit: measured, and written where the settings say."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

from auditor.commands.context import Say
from auditor.errors import StoreError
from auditor.history import files as history_files
from auditor.metrics.emf import emf_line
from auditor.metrics.measures import Effort, Measures, last_complete, measured
from auditor.metrics.prometheus import prometheus_text
from auditor.model.values import State
from auditor.report.content import Report
from auditor.runs.files import append_line, write_whole
from auditor.settings.audit import STDOUT
from auditor.settings.load import Settings
from auditor.store import store
from auditor.store.snapshot import Taken


def measures_of(made: Report, taken: Taken | None, seconds: float) -> Measures:
    """The numbers of an audit that came to an end, and took so long; without `taken`, of a snapshot of before."""
    found = made.drift
    if taken is None:
        unknown = Counter(one.site for one in found.findings if one.kind == "unreadable")
        return measured(found, made.history, Effort(seconds, unread=unknown), int(time.time()))
    unread = {one.site: one.unreadable + sum(each.state is not State.NOT_OFFERED for each in one.unread)
              for one in taken.summaries}  # fmt: skip
    effort = Effort(seconds, taken.calls, taken.throttles, unread)
    return measured(found, made.history, effort, int(time.time()))


def measures_of_failure(settings_: Settings, seconds: float) -> Measures:
    """The numbers of an audit that came to nothing."""
    try:
        runs = history_files.kept(store.storage_at(settings_.store)).runs
    except StoreError:
        runs = ()
    return Measures(settings_.golden, int(time.time()), seconds, last_complete=last_complete(runs))


def write_metrics(settings_: Settings, measure: Callable[[], Measures], say: Say, note: Say) -> None:
    """Write them. Where that cannot be done, it is told, and nothing is raised: the audit is worth more."""
    # Of an audit that failed, measuring reads the history: once for both formats.
    wanted, measure = settings_.metrics, cache(measure)
    if wanted.prometheus:
        _tried(lambda: write_whole(Path(wanted.prometheus), prometheus_text(measure())), note)
    if wanted.emf == STDOUT:
        _tried(lambda: say(emf_line(measure())), note)
    elif wanted.emf:
        _tried(lambda: append_line(Path(wanted.emf), emf_line(measure())), note)


def _tried(write: Callable[[], object], note: Say) -> None:
    try:
        write()
    except (StoreError, ValueError) as error:
        # ValueError: a run of the history, which people can edit, has no time that is one.
        note(f"warning: the metrics were not written. {error}")
