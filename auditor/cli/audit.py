"""The nightly audit, and what its history tells."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import click

from auditor.cli.options import (
    ATTRIBUTE,
    FAILED,
    OK,
    code_of,
    note,
    options_of,
    printed,
    say,
    say_taken,
    settings_from,
    warned,
)
from auditor.cli.progress import event, progress_shown
from auditor.cli.sites import (
    CONFIG,
    GOLDEN,
    JSON_LOG,
    PROFILE,
    QUIET,
    READ_TYPES,
    REGIONS,
    STORE,
    reads_sites,
    with_options,
)
from auditor.commands import (
    audit as audit_command,
    iam_policy as iam_policy_command,
    notify as notify_command,
    settings as settings_command,
    setup as setup_command,
)
from auditor.deploy.nightly import FORMS
from auditor.errors import AuditorError, SettingsError
from auditor.report.document import summary
from auditor.report.history_text import change, history_document, history_listing
from auditor.report.wording import counted, verdict
from auditor.runs.files import write_whole
from auditor.settings.load import Settings


class Duration(click.ParamType[timedelta]):
    """A time such as 90m, 6h or 1d."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """The same as a timedelta; 0 is none."""
        match = re.fullmatch(r"(\d{1,5})([mhd])", str(value))
        if value != "0" and not match:
            self.fail(f"{value!r} is no duration: 90m, 6h or 1d is.", param, ctx)
        return timedelta(minutes=int(match[1]) * _MINUTES[match[2]]) if match else timedelta()


_MINUTES: Final = {"m": 1, "h": 60, "d": 24 * 60}
DURATION: Final = Duration()


@click.command()
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.html",
              help="Also write the report here.")  # fmt: skip
@click.option("--max-age", type=DURATION, default="0", metavar="DURATION",
              help="Compare the newest snapshot if it is no older than this: 90m, 6h, 1d.")  # fmt: skip
@click.option("--no-notify", is_flag=True, help="Tell nobody, whatever the settings say.")
@ATTRIBUTE
@reads_sites
def audit(output: Path | None, max_age: timedelta, no_notify: bool, attribute: bool, **given: Any) -> int:
    """Read every site into the store, compare, record what was found, write the report, and tell people.

    The report goes to STORE/reports/ID.html, and to latest.html beside it; its JSON likewise. Those whom 'notify' of
    the settings names are told of what is new, fixed or unknown, and the metrics are written where 'metrics' says. Two
    audits into one store do not run at once. With --json-log each step is one JSON object on stderr.
    """
    log, voice = _logger(given), audit_command.Voice(say, note, not no_notify)
    settings = _settings(given, voice)
    if output:
        audit_command.refuse_unwritable(output)
    log(event="audit", golden=settings.golden, sites=list(settings.regions), store=settings.store)
    with progress_shown(quiet=given["quiet"], json_log=given["json_log"]) as progress:
        made = audit_command.audit(settings, os.environ, progress, audit_command.Wish(attribute, max_age), voice)
    if made.taken:
        say_taken(made.taken, given["verbose"])
    drift = warned(made.report.drift)
    for site in made.report.history.dropped if made.report.history else ():
        note(f"warning: {site} was audited last time, and is not among the sites any more.")
    if output:
        write_whole(output, made.html)
    _say_removed(made, given["quiet"])
    code = code_of(drift, given)
    log(**outcome(made, code))
    if not (given["quiet"] and code == OK):
        say(verdict(drift))
        if made.report.history:
            say(f"Since last time: {change(made.report.history)}")
        say(str(output or made.page))
    return code


def reads_history(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a command that looks at what the store holds of earlier audits."""
    return with_options(command, (CONFIG, PROFILE, GOLDEN, STORE, JSON_LOG, QUIET))


def prints_template(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a command that fills a template in from the settings."""
    return with_options(command, (CONFIG, GOLDEN, REGIONS, READ_TYPES))


@click.command()
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@reads_history
def history(form: str, output: Path | None, **given: Any) -> int:
    """What the last audit found new, what persists and for how long, and what was fixed.

    It is told of the runs that 'auditor audit' recorded in the store; no site is read.
    """
    told, warnings = audit_command.recorded(settings_from(given, offline=True))
    for warning in warnings:
        note(f"warning: {warning}")
    if given["quiet"] and not output:
        return OK
    document = json.dumps(history_document(told), ensure_ascii=False, sort_keys=True, indent=2)
    printed(document if form == "json" else history_listing(told), output)
    return OK


def _settings(given: dict[str, Any], voice: audit_command.Voice) -> Settings:
    try:
        return settings_from(given)
    except AuditorError as error:
        audit_command.failed_early(given["config"], options_of(given), os.environ, error, voice)
        raise


def _logger(given: dict[str, Any]) -> Callable[..., None]:
    return event if given["json_log"] else lambda **_: None


def outcome(made: audit_command.Audited, code: int) -> dict[str, Any]:
    """What an audit came to, as a log tells it."""
    drift, told = made.report.drift, made.report.history
    changed = {"new": len(told.arrived), "fixed": len(told.fixed), "unsure": len(told.unsure)} if told else {}
    return {
        "event": "audited",
        "snapshot": made.snapshot,
        "read": made.taken is not None,
        "complete": drift.complete,
        "summary": summary(drift),
        "page": made.page,
        "removed": list(made.removed),
        "exit_code": code,
        **changed,
    }


def _say_removed(made: audit_command.Audited, quiet: bool) -> None:
    if made.removed and not quiet:
        note(f"Removed {counted(len(made.removed), 'older snapshot')}, with page and JSON: {', '.join(made.removed)}.")
    if made.unremoved:
        note(f"warning: {made.unremoved}")


@click.command()
@CONFIG
@PROFILE
@click.option("--test", is_flag=True, help="Send a test to each, and say which arrived.")
def notify(config: Path | None, test: bool) -> int:
    """Whom 'auditor audit' tells, and of what; their addresses are not shown."""
    settings = settings_command.settings(config, {}, os.environ, offline=True)
    if not settings.notify:
        raise SettingsError("Nobody is to be told. Nothing was sent. Name somebody under 'notify' in auditor.yaml.")
    if not test:
        say("\n".join(f"{name}: {when}" for name, when in notify_command.listed(settings, os.environ)))
        return OK
    sent = notify_command.tested(settings, os.environ)
    for one in sent:
        say(f"{one.name}: {one.error or 'sent'}")
    return FAILED if any(one.error for one in sent) else OK


@click.command("schedule-setup")
@click.option("--form", type=click.Choice(FORMS), default="lambda", show_default=True,
              help="What audits: a function, of 15 minutes at most, or a container.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Write the template there.")  # fmt: skip
@prints_template
def schedule_setup(form: str, output: Path | None, **given: Any) -> int:
    """Print or write what a nightly audit needs in AWS, filled in from the settings. Calls nothing.

    A CloudFormation template: a schedule, what it starts, a bucket for what that finds, roles, secrets and alarms.
    docs/nightly.md goes on from there.
    """
    settings = iam_policy_command.unasked_settings(given["config"], options_of(given), os.environ, golden_needed=True)
    for line in iam_policy_command.topic_warnings(settings):
        note(line)
    printed(setup_command.nightly(settings, form), output)
    return OK


COMMANDS: Final = (audit, history, notify, schedule_setup)
