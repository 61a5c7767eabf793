"""The report: the drift, what was found before, and the plan that would remove it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from auditor.aws.site import Reader
from auditor.commands.context import reader_of
from auditor.commands.drift import Sides, attributed, drift_of, live_sides, stored_sides
from auditor.commands.plan import LookUp, looking_up, not_looked_up, plan_for
from auditor.errors import AuditorError, StoreError
from auditor.history import files as history_files
from auditor.history.history import history, run_of
from auditor.model.values import Drift
from auditor.plan.choice import Choice
from auditor.report.content import Report
from auditor.report.page.render import render_html
from auditor.resources import load_specs
from auditor.runs.files import write_whole
from auditor.settings.load import Settings
from auditor.store import store
from auditor.store.snapshot import Progress, Taken


def live_report(
    settings_: Settings, environ: Mapping[str, str], progress: Progress, attribute: bool
) -> tuple[Report, Taken]:
    """Read every site now, compare, and plan; keep nothing. If asked to, look up who changed what differs."""
    reader = reader_of(settings_, environ)
    with live_sides(settings_, reader, progress) as (sides, taken):
        return fresh_report(settings_, reader, sides, attribute), taken


def fresh_report(settings_: Settings, reader: Reader, sides: Sides, attribute: bool) -> Report:
    """The report of what has just been read."""
    found = drift_of(settings_, *sides)
    told = attributed(found, settings_, reader) if attribute else found
    return _report(settings_, told, sides, looking_up(reader))


def stored_report(settings_: Settings, a: str, b: str | None) -> Report:
    """The same of stored snapshots, as `auditor diff A B` compares them."""
    sides = stored_sides(settings_, a, b)
    return _report(settings_, drift_of(settings_, *sides), sides, not_looked_up)


def write_report(report: Report, path: Path) -> None:
    """Write the report's page, whole or not at all."""
    write_whole(path, render_html(report))


def report_of(settings_: Settings, found: Drift) -> Report:
    """A drift with what was found before, and no plan; what of the history cannot be read is told as a warning."""
    consoles = {name: spec.console for name, spec in load_specs().items()}
    try:
        before = history_files.kept(store.storage_at(settings_.store))
    except StoreError as error:
        before = history_files.Kept((), (str(error),))
    warned = replace(found, warnings=(*found.warnings, *before.warnings))
    return Report(warned, history(run_of(found), before.runs), consoles=consoles)


def _report(settings_: Settings, found: Drift, sides: Sides, look_up: LookUp) -> Report:
    told = report_of(settings_, found)
    try:
        return replace(told, plan=plan_for(settings_, found, sides, Choice(), look_up))
    except AuditorError as error:
        # The report is what tells of a drift for which there can be no plan.
        return replace(told, no_plan=str(error))
