"""The report: the drift, what was found before, and the plan that would remove it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from auditor import history_store, store
from auditor.errors import AuditorError
from auditor.files import write_whole
from auditor.golden import golden_kept
from auditor.history import history, run_of
from auditor.model import Drift
from auditor.planning.choice import Choice
from auditor.report.cause_view import Report
from auditor.report.render import render_html
from auditor.resources import load_specs
from auditor.settings import Settings
from auditor.snapshot import Progress, Taken
from auditor.storage import Storage
from auditor.workflow import attributed, drift_of, stored_sides, taken_in
from auditor.workflow_plan import LookUp, looking_up, not_looked_up, plan_for


def live_report(
    settings_: Settings, environ: Mapping[str, str], progress: Progress, attribute: bool
) -> tuple[Report, Taken]:
    """Read every site now, compare, and plan; keep nothing. If asked to, look up who changed what differs."""
    with tempfile.TemporaryDirectory(prefix="auditor-") as folder:
        taken = taken_in(settings_, store.storage_at(folder), environ, progress)
        return fresh_report(settings_, environ, store.storage_at(folder), taken.id, attribute), taken


def fresh_report(settings_: Settings, environ: Mapping[str, str], into: Storage, id_: str, attribute: bool) -> Report:
    """The report of a snapshot that has just been taken into a store."""
    live = store.open_snapshot(into, id_)
    golden = golden_kept(settings_.golden, live, store.storage_at(settings_.store))
    found = drift_of(settings_, golden, live)
    told = attributed(found, settings_, environ) if attribute else found
    return _report(settings_, told, golden, live, looking_up(settings_, environ))


def stored_report(settings_: Settings, a: str, b: str | None) -> Report:
    """The same of stored snapshots, as `auditor diff A B` compares them."""
    golden, actual = stored_sides(settings_, a, b)
    return _report(settings_, drift_of(settings_, golden, actual), golden, actual, not_looked_up)


def write_report(report: Report, path: Path) -> None:
    """Write the report's page, whole or not at all."""
    write_whole(path, render_html(report))


def report_of(settings_: Settings, found: Drift) -> Report:
    """A drift with what was found before, and no plan.

    A history that cannot be read is told as a warning: what differs is worth knowing all the same.
    """
    consoles = {name: spec.console for name, spec in load_specs().items()}
    try:
        before = history_store.runs(store.storage_at(settings_.store))
    except AuditorError as error:
        return Report(replace(found, warnings=(*found.warnings, str(error))), consoles=consoles)
    return Report(found, history(run_of(found), before), consoles=consoles)


def _report(
    settings_: Settings, found: Drift, golden: tuple[store.Stored, str], actual: store.Stored, look_up: LookUp
) -> Report:
    told = report_of(settings_, found)
    try:
        return replace(told, plan=plan_for(settings_, found, golden, actual, Choice(), look_up))
    except AuditorError as error:
        # The report is what tells of a drift for which there can be no plan.
        return replace(told, no_plan=str(error))
