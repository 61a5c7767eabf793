"""The nightly audit, and what its history tells."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final

import click

from auditor import workflow, workflow_audit
from auditor.cli_options import (
    ATTRIBUTE,
    OK,
    code_of,
    note,
    printed,
    reads_sites,
    say,
    say_taken,
    settings_from,
    warned,
)
from auditor.progress import progress_shown
from auditor.report.history_text import change, history_document, history_listing
from auditor.report.wording import counted, verdict


@click.command()
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.html",
              help="Also write the report here.")  # fmt: skip
@ATTRIBUTE
@reads_sites
def audit(output: Path | None, attribute: bool, **given: Any) -> int:
    """Read every site into the store, compare, record what was found, and write the report.

    The report goes to STORE/reports/ID.html, and to latest.html beside it; its JSON likewise.
    """
    settings = settings_from(given)
    with progress_shown(quiet=given["quiet"], json_log=given["json_log"]) as progress:
        made = workflow_audit.audit(settings, os.environ, progress, attribute)
    say_taken(made.taken, given["verbose"])
    drift = warned(made.report.drift)
    if output:
        workflow.write_text(output, made.html)
    _say_removed(made, given["quiet"])
    code = code_of(drift, given)
    if not (given["quiet"] and code == OK):
        say(verdict(drift))
        if made.report.history:
            say(f"Since last time: {change(made.report.history)}")
        say(str(output or made.page))
    return code


@click.command()
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@reads_sites
def history(form: str, output: Path | None, **given: Any) -> int:
    """What the last audit found new, what persists and for how long, and what was fixed.

    It is told of the runs that 'auditor audit' recorded in the store; no site is read.
    """
    told = workflow_audit.recorded(settings_from(given, offline=True))
    document = json.dumps(history_document(told), ensure_ascii=False, sort_keys=True, indent=2)
    printed(document if form == "json" else history_listing(told), output)
    return OK


def _say_removed(made: workflow_audit.Audited, quiet: bool) -> None:
    if made.removed and not quiet:
        note(f"Removed {counted(len(made.removed), 'older snapshot')} with their reports: {', '.join(made.removed)}.")
    if made.unremoved:
        note(f"warning: {made.unremoved}")


COMMANDS: Final = (audit, history)
