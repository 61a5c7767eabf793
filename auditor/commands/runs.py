"""The runs that there are, from their journals and locks."""

from __future__ import annotations

from pathlib import Path

from auditor.errors import StoreError
from auditor.runs import journal
from auditor.runs.lock import running
from auditor.runs.summary import RunSummary, run_summary, with_rollbacks
from auditor.settings.load import Settings


def runs(settings_: Settings) -> tuple[RunSummary, ...]:
    """Every run that is known here, oldest first; a journal that is damaged is one that says so."""
    folder = settings_.state
    alive = running(folder)
    return with_rollbacks(_run(folder, one, one in alive) for one in journal.runs(folder))


def _run(folder: Path, run: str, alive: bool) -> RunSummary:
    try:
        found = journal.read(folder, run, None)
    except StoreError as error:
        return RunSummary(run, "damaged", error=str(error))
    return run_summary(run, found.entries, bool(found.plan), alive)
