"""The nightly audit: read, compare, keep what was found, and write the report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from auditor import history_store, store
from auditor.errors import StoreError
from auditor.history import History, Run, history, run_of
from auditor.report.cause_view import Report
from auditor.report.document import drift_document
from auditor.report.render import render_html
from auditor.retention import surplus
from auditor.settings import Settings
from auditor.snapshot import Progress, Taken
from auditor.storage import Storage
from auditor.workflow import snapshot
from auditor.workflow_report import fresh_report

REPORTS: Final = "reports"


@dataclass(frozen=True)
class Audited:
    """What an audit came to, and where its page is."""

    report: Report
    taken: Taken
    page: str
    html: str
    removed: tuple[str, ...] = ()
    """The snapshots that `keep` leaves no place for; removed, with their reports."""
    unremoved: str = ""
    """Why not all of them were."""


def audit(settings_: Settings, environ: Mapping[str, str], progress: Progress, attribute: bool) -> Audited:
    """Take a snapshot, compare it, record the run in the history, and write page and JSON beside it.

    What `keep` leaves no place for is removed then, if all could be read.

    `reports/latest.html` and `.json` are replaced last, and whole: a run that is ended before leaves those of the last.
    """
    taken = snapshot(settings_, environ, progress)
    into = store.storage_at(settings_.store)
    made = fresh_report(settings_, environ, into, taken.id, attribute)
    history_store.record(into, run_of(made.drift))
    page = render_html(made)
    audited = Audited(made, taken, _written(made, page, into, taken.id), page)
    return _pruned(settings_, into, audited) if settings_.keep else audited


def recorded(settings_: Settings) -> History:
    """The last run that was recorded, against those before it. Raises StoreError where there is none."""
    runs = history_store.runs(store.storage_at(settings_.store))
    if not runs:
        raise StoreError(
            f"{settings_.store} has no history: no audit was recorded there. Run 'auditor audit', or say with --store "
            "where the audits are kept."
        )
    now: Run = runs[-1]
    return history(now, runs[:-1])


def _written(made: Report, page: str, into: Storage, id_: str) -> str:
    document = json.dumps(drift_document(made.drift), ensure_ascii=False, sort_keys=True, indent=2) + "\n"
    for name in (id_, "latest"):
        into.write(f"{REPORTS}/{name}.json", document.encode(errors="backslashreplace"))
        into.write(f"{REPORTS}/{name}.html", page.encode(errors="backslashreplace"))
    return f"{into.address}/{REPORTS}/{id_}.html"


def _pruned(settings_: Settings, into: Storage, made: Audited) -> Audited:
    """What came of the audit is known by now, so that nothing is lost where the store does not let go of a snapshot."""
    if settings_.keep is None or not made.taken.complete or not made.report.drift.complete:
        return replace(made, unremoved="Not everything could be read, so no snapshot was removed.")
    removed: list[str] = []
    try:
        for id_ in surplus(store.snapshots(into), settings_.keep.daily, settings_.keep.monthly, settings_.golden):
            store.remove(into, id_)
            removed.append(id_)
            for kind in ("html", "json"):
                into.remove(f"{REPORTS}/{id_}.{kind}")
    except StoreError as error:
        return replace(made, removed=tuple(removed), unremoved=str(error))
    return replace(made, removed=tuple(removed))
