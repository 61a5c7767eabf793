"""The nightly audit: read, compare, keep what was found, and write the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from auditor import history_store, store
from auditor.audit_lock import alone
from auditor.errors import StoreError
from auditor.files import write_whole
from auditor.history import History, history, run_of
from auditor.report.content import Report
from auditor.report.document import drift_json
from auditor.report.render import render_html
from auditor.settings import ANY, Settings
from auditor.snapshot import Progress, Taken
from auditor.workflow import fresh_sides, reader_of, specs_of, taken_in
from auditor.workflow_report import fresh_report

REPORTS: Final = "reports"
NEVER: Final = timedelta()
"""No snapshot is young enough."""


@dataclass(frozen=True)
class Audited:
    """What an audit came to, and where its page is."""

    report: Report
    snapshot: str
    """The id of the snapshot that was compared."""
    taken: Taken | None
    """None where a snapshot was compared that was there already."""
    page: Path


def audit(
    settings_: Settings, environ: Mapping[str, str], progress: Progress, attribute: bool, max_age: timedelta = NEVER
) -> Audited:
    """Take a snapshot, compare it, record the run in the history, and write page and JSON beside it.

    A snapshot of the same sites and types that is no older than `max_age` is compared instead of a new one.
    `reports/latest.html` and `.json` are replaced last, and whole: a run that is ended before leaves those of the last.
    Raises LockedError where another audit is going on in this store.
    """
    folder, reader = Path(settings_.store), reader_of(settings_, environ)
    with alone(folder):
        known = _young(settings_, folder, max_age)
        taken = None if known else taken_in(settings_, folder, reader, progress)
        id_ = taken.id if taken else known
        made = fresh_report(settings_, reader, fresh_sides(settings_, folder, id_), attribute)
        page = _written(made, folder / REPORTS, id_)
        # Last: a night whose report nobody could see is not one that the next is held against.
        history_store.record(folder, run_of(made.drift))
        return Audited(made, id_, taken, page)


def _young(settings_: Settings, folder: Path, max_age: timedelta) -> str:
    """The newest snapshot, if it is of what the settings name and young enough; "" where there is none such."""
    ids = store.snapshots(folder)
    if not max_age or not ids:
        return ""
    newest = store.open_snapshot(folder, ids[-1])
    age = datetime.now(UTC) - datetime.fromisoformat(newest.taken)
    wanted = newest.files.keys() == set(settings_.regions) and newest.header.golden == settings_.golden
    return newest.id if wanted and age <= max_age and specs_of(settings_).keys() <= set(newest.header.types) else ""


def recorded(settings_: Settings) -> tuple[History, tuple[str, ...]]:
    """The last run that was recorded (against the golden that the settings name, if they do), against those before it.

    Also what there is to say of files that are no runs. Raises StoreError where there is no run.
    """
    known = history_store.kept(Path(settings_.store))
    runs = [one for one in known.runs if settings_.golden in (ANY, one.golden)]
    if not runs:
        against = "" if settings_.golden == ANY else f" against {settings_.golden}"
        raise StoreError(
            f"{settings_.store} has no history: no audit{against} was recorded there. Run 'auditor audit', or say with "
            "--store where the audits are kept."
        )
    return history(runs[-1], runs[:-1]), known.warnings


def _written(made: Report, folder: Path, id_: str) -> Path:
    page = render_html(made)
    document = drift_json(made.drift)
    for name in (id_, "latest"):
        write_whole(folder / f"{name}.json", f"{document}\n")
        write_whole(folder / f"{name}.html", page)
    return folder / f"{id_}.html"
