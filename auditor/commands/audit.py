"""The nightly audit: read, compare, keep what was found, write the report, measure, and tell."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from auditor.commands.context import Say, reader_of, specs_of
from auditor.commands.drift import fresh_sides, taken_in
from auditor.commands.metrics import measures_of, measures_of_failure, write_metrics
from auditor.commands.notify import expect, tell_audit, tell_failure
from auditor.commands.report import fresh_report
from auditor.commands.settings import settings as workflow_settings
from auditor.errors import AuditorError, LostLeaseError, StoreError, TerminatedError
from auditor.history import files as history_files
from auditor.history.history import History, history, run_of
from auditor.history.retention import surplus
from auditor.model.values import Site
from auditor.report.content import Report
from auditor.report.document import drift_json
from auditor.report.page.render import render_html
from auditor.settings.load import ANY, Settings
from auditor.store import store
from auditor.store.audit_lock import Hold, alone
from auditor.store.snapshot import Progress, Taken
from auditor.store.storage import Storage

REPORTS: Final = "reports"


@dataclass(frozen=True)
class Audited:
    """What an audit came to, and where its page is."""

    report: Report
    snapshot: str
    """The id of the snapshot that was compared."""
    taken: Taken | None
    """None where a snapshot was compared that was there already."""
    page: str
    """The address of the page."""
    html: str
    removed: tuple[str, ...] = ()
    """The snapshots that `keep` leaves no place for; removed, with their reports."""
    unremoved: str = ""
    """Why not all of them were."""


@dataclass(frozen=True)
class Wish:
    """What is asked of an audit beside its settings."""

    attribute: bool = False
    """Whether CloudTrail is asked who changed what differs."""
    max_age: timedelta = timedelta()
    """A snapshot of the same sites and types that is no older is compared instead of a new one."""


@dataclass(frozen=True)
class Voice:
    """How an audit speaks while it runs: `say` is for results, `note` for what goes wrong beside them."""

    say: Say
    note: Say
    notifies: bool = True
    """Whether those whom the settings name are told."""


def audit(settings_: Settings, environ: Mapping[str, str], progress: Progress, wish: Wish, voice: Voice) -> Audited:
    """Audit, write the metrics, and tell those whom the settings name; of an audit that fails too.

    Neither can fail the audit. Raises LockedError where another audit is going on in this store; LostLeaseError,
    without any of that, where another one began meanwhile, which does it all.
    """
    begun = time.monotonic()
    try:
        made = _audited(settings_, environ, progress, wish)
    except LostLeaseError:
        raise
    except (Exception, TerminatedError) as error:
        failed(settings_, environ, error, time.monotonic() - begun, voice)
        raise
    seconds = time.monotonic() - begun
    write_metrics(settings_, lambda: measures_of(made.report, made.taken, seconds), voice.say, voice.note)
    if voice.notifies:
        tell_audit(settings_, environ, made.report, made.page, voice.note)
    return made


def failed(settings_: Settings, environ: Mapping[str, str], error: BaseException, seconds: float, voice: Voice) -> None:
    """Write the metrics of an audit that came to nothing after so many seconds, and tell who wants to know of it."""
    write_metrics(settings_, lambda: measures_of_failure(settings_, seconds), voice.say, voice.note)
    if voice.notifies:
        tell_failure(settings_, environ, error, voice.note)


def _audited(settings_: Settings, environ: Mapping[str, str], progress: Progress, wish: Wish) -> Audited:
    """Take a snapshot, compare it, record the run in the history, and write page and JSON beside it.

    Instead of taking one, a snapshot of the same sites and types that is no older than was wished for is compared. What
    `keep` leaves no place for is removed then, if all could be read.

    `reports/latest.html` and `.json` are replaced last, and whole: a run that is ended before leaves those of the last.
    Raises LockedError where another audit is going on in this store.
    """
    into, reader = store.storage_at(settings_.store), reader_of(settings_, environ)
    with alone(into) as hold:
        known = _young(settings_, into, wish.max_age)
        taken = None if known else taken_in(settings_, into, reader, _keeping(hold, progress))
        id_ = taken.id if taken else known
        made = fresh_report(settings_, reader, fresh_sides(settings_, into, id_), wish.attribute)
        html = render_html(made)
        hold.refuse_lost()
        page = _written(made, html, into, id_)
        expect(settings_, environ, into, made)
        # Last: a night whose report nobody could see is not one that the next is held against.
        history_files.record(into, run_of(made.drift))
        audited = Audited(made, id_, taken, page, html)
        return _pruned(settings_, into, audited) if settings_.keep else audited


def _keeping(hold: Hold, progress: Progress) -> Progress:
    """The same progress, of which each step also keeps the store: who reads on goes on."""

    def told(site: Site, done: int, found: int) -> None:
        hold.keep()
        progress(site, done, found)

    return told


def _young(settings_: Settings, into: Storage, max_age: timedelta) -> str:
    """The newest snapshot, if it is of what the settings name and young enough; "" where there is none such."""
    ids = store.snapshots(into) if max_age else ()
    if not ids:
        return ""
    newest = store.open_snapshot(into, ids[-1])
    age = datetime.now(UTC) - datetime.fromisoformat(newest.taken)
    wanted = newest.files.keys() == set(settings_.regions) and newest.header.golden == settings_.golden
    # A snapshot of a time to come was taken by another clock: its age is not known.
    young = timedelta() <= age <= max_age
    return newest.id if wanted and young and specs_of(settings_).keys() <= set(newest.header.types) else ""


def recorded(settings_: Settings) -> tuple[History, tuple[str, ...]]:
    """The last run that was recorded (against the golden that the settings name, if they do), against those before it.

    Also what there is to say of files that are no runs. Raises StoreError where there is no run.
    """
    known = history_files.kept(store.storage_at(settings_.store))
    runs = [one for one in known.runs if settings_.golden in (ANY, one.golden)]
    if not runs:
        against = "" if settings_.golden == ANY else f" against {settings_.golden}"
        raise StoreError(
            f"{settings_.store} has no history: no audit{against} was recorded there. Run 'auditor audit', or say with "
            "--store where the audits are kept."
        )
    return history(runs[-1], runs[:-1]), known.warnings


def _written(made: Report, page: str, into: Storage, id_: str) -> str:
    document = f"{drift_json(made.drift)}\n"
    for name in (id_, "latest"):
        into.write(f"{REPORTS}/{name}.json", document.encode(errors="backslashreplace"))
        into.write(f"{REPORTS}/{name}.html", page.encode(errors="backslashreplace"))
    return f"{into.address}/{REPORTS}/{id_}.html"


def _pruned(settings_: Settings, into: Storage, made: Audited) -> Audited:
    """What came of the audit is known by now, so that nothing is lost where the store does not let go of a snapshot."""
    read = made.taken is None or made.taken.complete
    if settings_.keep is None or not read or not made.report.drift.complete:
        return replace(made, unremoved="Not everything could be read, so no snapshot was removed.")
    removed: list[str] = []
    try:
        ids = _against(settings_.golden, into)
        for id_ in surplus(ids, settings_.keep.daily, settings_.keep.monthly, settings_.golden, made.snapshot):
            # The snapshot last: what is ended before, the next audit finds again.
            for kind in ("html", "json"):
                into.remove(f"{REPORTS}/{id_}.{kind}")
            store.remove(into, id_)
            removed.append(id_)
    except StoreError as error:
        return replace(made, removed=tuple(removed), unremoved=str(error))
    return replace(made, removed=tuple(removed))


def _against(golden: str, into: Storage) -> list[str]:
    """The snapshots that were taken to be held against a golden: those of other settings are not counted with them."""
    found = []
    for id_ in store.snapshots(into):
        # One that is damaged is left for somebody to look at.
        with suppress(StoreError):
            if store.open_snapshot(into, id_).header.golden == golden:
                found.append(id_)
    return found


def refuse_unwritable(path: Path) -> None:
    """Raise StoreError where a file could not be written, before anything is done for it."""
    if not os.access(path.parent, os.W_OK):
        raise StoreError(
            f"{path} could not be written: {path.parent} cannot be written to. Nothing was read. Check the "
            "path and its permissions."
        )


def failed_early(
    path: Path | None, given: Mapping[str, Any], environ: Mapping[str, str], error: Exception, voice: Voice
) -> None:
    """Tell of an audit that failed before it was known what to read, as far as the settings say whom."""
    with suppress(AuditorError):
        failed(workflow_settings(path, given, environ, offline=True), environ, error, 0.0, voice)
