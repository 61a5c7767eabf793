"""The nightly audit: read, compare, keep what was found, write the report, measure, and tell."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from auditor import history_store
from auditor.errors import StoreError
from auditor.files import write_whole
from auditor.history import History, Run, history, run_of
from auditor.report.cause_view import Report
from auditor.report.document import drift_document
from auditor.report.render import render_html
from auditor.settings import Settings
from auditor.snapshot import Progress, Taken
from auditor.workflow import Say, snapshot
from auditor.workflow_metrics import measures_of, measures_of_failure, write_metrics
from auditor.workflow_notify import tell_audit, tell_failure
from auditor.workflow_report import fresh_report

REPORTS: Final = "reports"


@dataclass(frozen=True)
class Audited:
    """What an audit came to, and where its page is."""

    report: Report
    taken: Taken
    page: Path


@dataclass(frozen=True)
class Voice:
    """How an audit speaks while it runs: `say` is for results, `note` for what goes wrong beside them."""

    say: Say
    note: Say
    notifies: bool = True
    """Whether those whom the settings name are told."""


def audit(
    settings_: Settings, environ: Mapping[str, str], progress: Progress, attribute: bool, voice: Voice
) -> Audited:
    """Audit, write the metrics, and tell those whom the settings name; of an audit that fails too.

    Neither can fail the audit.
    """
    begun = time.monotonic()
    try:
        made = _audited(settings_, environ, progress, attribute)
    except Exception as error:
        seconds = time.monotonic() - begun
        write_metrics(settings_, lambda: measures_of_failure(settings_, seconds), voice.say, voice.note)
        if voice.notifies:
            tell_failure(settings_, environ, error, voice.note)
        raise
    seconds = time.monotonic() - begun
    write_metrics(settings_, lambda: measures_of(made.report, made.taken, seconds), voice.say, voice.note)
    if voice.notifies:
        tell_audit(settings_, environ, made.report, made.page, voice.note)
    return made


def _audited(settings_: Settings, environ: Mapping[str, str], progress: Progress, attribute: bool) -> Audited:
    """Take a snapshot, compare it, record the run in the history, and write page and JSON beside it.

    `reports/latest.html` and `.json` are replaced last, and whole: a run that is ended before leaves those of the last.
    """
    taken = snapshot(settings_, environ, progress)
    made = fresh_report(settings_, environ, Path(settings_.store), taken.id, attribute)
    history_store.record(Path(settings_.store), run_of(made.drift))
    return Audited(made, taken, _written(made, Path(settings_.store) / REPORTS, taken.id))


def recorded(settings_: Settings) -> History:
    """The last run that was recorded, against those before it. Raises StoreError where there is none."""
    runs = history_store.runs(Path(settings_.store))
    if not runs:
        raise StoreError(
            f"{settings_.store} has no history: no audit was recorded there. Run 'auditor audit', or say with --store "
            "where the audits are kept."
        )
    now: Run = runs[-1]
    return history(now, runs[:-1])


def _written(made: Report, folder: Path, id_: str) -> Path:
    page = render_html(made)
    document = json.dumps(drift_document(made.drift), ensure_ascii=False, sort_keys=True, indent=2) + "\n"
    for name in (id_, "latest"):
        write_whole(folder / f"{name}.json", document)
        write_whole(folder / f"{name}.html", page)
    return folder / f"{id_}.html"
