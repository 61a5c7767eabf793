"""The nightly audit, and what its history tells."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final

import click

from auditor import workflow, workflow_audit, workflow_notify
from auditor.cli_options import (
    ATTRIBUTE,
    FAILED,
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
from auditor.errors import SettingsError
from auditor.progress import progress_shown
from auditor.report.history_text import change, history_document, history_listing
from auditor.report.wording import verdict


@click.command()
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.html",
              help="Also write the report here.")  # fmt: skip
@click.option("--no-notify", is_flag=True, help="Tell nobody, whatever the settings say.")
@ATTRIBUTE
@reads_sites
def audit(output: Path | None, no_notify: bool, attribute: bool, **given: Any) -> int:
    """Read every site into the store, compare, record what was found, and write the report.

    The report goes to STORE/reports/ID.html, and to latest.html beside it; its JSON likewise. Those whom 'notify' of
    the settings names are told of what is new, fixed or unknown, and the metrics are written where 'metrics' says.
    """
    voice = workflow_audit.Voice(say, note, not no_notify)
    settings = settings_from(given)
    with progress_shown(quiet=given["quiet"], json_log=given["json_log"]) as progress:
        made = workflow_audit.audit(settings, os.environ, progress, attribute, voice)
    say_taken(made.taken, given["verbose"])
    drift = warned(made.report.drift)
    if output:
        workflow.write_text(output, made.page.read_text(encoding="utf-8"))
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


@click.command()
@click.option("--config", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="The settings; auditor.yaml or AUDITOR_CONFIG by default.")  # fmt: skip
@click.option("--test", is_flag=True, help="Send a test to each, and say which arrived.")
def notify(config: Path | None, test: bool) -> int:
    """Whom 'auditor audit' tells, and of what; their addresses are not shown."""
    settings = workflow.settings(config, {}, os.environ, offline=True)
    if not settings.notify:
        raise SettingsError("Nobody is to be told. Nothing was sent. Name somebody under 'notify' in auditor.yaml.")
    if not test:
        say("\n".join(f"{name}: {when}" for name, when in workflow_notify.listed(settings, os.environ)))
        return OK
    sent = workflow_notify.tested(settings, os.environ)
    for one in sent:
        say(f"{one.name}: {one.error or 'sent'}")
    return FAILED if any(one.error for one in sent) else OK


COMMANDS: Final = (audit, history, notify)
