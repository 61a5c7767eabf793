"""The command that tells of the runs that wrote to AWS."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from auditor.cli.options import FAILED, OK, note, printed, settings_from
from auditor.cli.sites import CONFIG, STORE, with_options
from auditor.commands import runs as runs_command
from auditor.report.display import visible
from auditor.report.runs_text import runs_document, runs_listing


def reads_runs(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a command that looks at what runs wrote down."""
    return with_options(command, (CONFIG, STORE))


@click.command()
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@reads_runs
def runs(form: str, output: Path | None, **given: Any) -> int:
    """The runs that wrote to AWS: when, what, where, and what became of each.

    Those that were applied, taken back, deployed or released from this store, oldest first. Exit code 1: the journal
    of one is damaged.
    """
    settings = settings_from(given, offline=True)
    told = runs_command.runs(settings)
    if not told and form == "table":
        note(visible(f"There is no run in {settings.state}: nothing was written to AWS from here."))
        return OK
    document = json.dumps(runs_document(told), ensure_ascii=False, sort_keys=True, indent=2)
    printed(document if form == "json" else runs_listing(told), output)
    return FAILED if any(one.state == "damaged" for one in told) else OK


COMMANDS: Final = (runs,)
