"""What the commands have in common: their options, and how they speak."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TextIO

import click

from auditor.apply.schedule import Outcome
from auditor.cli.progress import event
from auditor.commands import settings as settings_command
from auditor.compare.coverage import gaps
from auditor.errors import SettingsError, TerminatedError
from auditor.model.values import Drift
from auditor.report.run_text import outcome_fields, outcome_line
from auditor.report.snapshot_text import untold_text
from auditor.runs.files import write_whole
from auditor.settings.load import Settings
from auditor.store.snapshot import Taken

_WARNING: Final = "warning: "
OK: Final = 0
FAILED: Final = 1
DRIFT: Final = 2
INCOMPLETE: Final = 3
INTERRUPTED: Final = 130
ATTRIBUTE: Final = click.option(
    "--attribute", is_flag=True, help="Ask CloudTrail who last wrote what differs: 90 days back, two calls a second."
)


def settings_from(
    given: dict[str, Any], offline: bool = False, golden_needed: bool = True, reaches: bool = False
) -> Settings:
    """The settings that the file, the environment and the options come to."""
    tell = note if not given.get("quiet") else _untold
    return settings_command.settings(
        given["config"], options_of(given), os.environ, offline, golden_needed, tell, reaches
    )


def options_of(given: dict[str, Any]) -> dict[str, Any]:
    """The options that stand for settings of the same name."""
    return {name: given[name] for name in ("golden", "regions", "types", "store") if name in given}


def _untold(_: str) -> None:
    """Tells nobody."""


def refuse_attribution(a: str | None, attribute: bool) -> None:
    """Raises SettingsError where CloudTrail is to be asked about stored snapshots."""
    if a is not None and attribute:
        raise SettingsError(
            "--attribute asks CloudTrail who last wrote what is there now, and a stored snapshot tells what was there "
            "before. Nothing was compared. Leave out the snapshots, to read the sites now, or leave out --attribute."
        )


def has_gaps(drift: Drift, given: dict[str, Any]) -> bool:
    """Whether something could not be read; if strict, also whether a region lacks a feature."""
    return not drift.complete or bool(given["strict"] and gaps(drift.coverage))


def printed(text: str, output: Path | None) -> None:
    """Print, or write whole to a file; the text ends its last line, or that is done here."""
    text = text.removesuffix("\n")
    if output is None:
        say(text)
    else:
        write_whole(output, text + "\n")


def say_state(settings: Settings, given: dict[str, Any]) -> None:
    """Tell where the journal of a run that writes is, and whom its locks keep out, where the store cannot say it."""
    if settings.is_in_s3 and not (given["quiet"] or given["json_log"]):
        note(
            f"The store is in S3, so the run's journal and the locks are kept here, in {settings.state}/: resume it or "
            "take it back from here. Runs on other machines are not locked out."
        )


def say_taken(taken: Taken, verbose: bool) -> None:
    """Tell, on stderr, what could not be read, and with -v what was called."""
    for site, why in taken.unread_sites.items():
        note(f"warning: {site} was not read: {why}")
    for site, unread in taken.unread:
        if site in taken.unread_sites:
            continue
        note(f"{site}: {unread.type} could not be listed: {unread.error}")
    for one in taken.summaries:
        for why, count in sorted(one.untold.items()):
            note(f"{one.site}: {untold_text(count, why)}")
    if verbose:
        say_calls(taken.calls)


def say_calls(calls: Mapping[str, int]) -> None:
    """Tell, on stderr, the API calls made, by operation."""
    for operation, count in sorted(calls.items()):
        note(f"{count:6} {operation}")
    note(f"{sum(calls.values()):6} API calls in all")


def say(text: str) -> None:
    """A result, on stdout. Raises OutputError as `streams.guarded` does."""
    click.echo(text)


def terminated(*_: object) -> None:
    """What SIGTERM comes to. Raises TerminatedError, always."""
    raise TerminatedError("The audit was ended from outside (SIGTERM) before it was over.")


def note(line: str) -> None:
    """One line for people, on stderr; with --json-log, an event like the others."""
    context = click.get_current_context(silent=True)
    if context and context.params.get("json_log"):
        event(event="warning" if line.startswith(_WARNING) else "note", text=line.removeprefix(_WARNING))
    else:
        click.echo(line, err=True)


def wants_colour() -> bool:
    """Whether stdout is a terminal that may be coloured (https://no-color.org)."""
    return sys.stdout is not None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def width() -> int:
    """The columns of the terminal, or enough where there is none."""
    return shutil.get_terminal_size((120, 40)).columns


def waves_given(given: dict[str, Any]) -> tuple[tuple[str, ...], ...]:
    """The waves that --wave names."""
    return tuple(tuple(site.strip() for site in wave.split(",")) for wave in given.get("waves", ()))


def agreed(yes: bool, undone: str = "Nothing was called.") -> bool:
    """Whether what was shown may be written: so it is by `yes`, or if the person at the terminal says so.

    The one rule of every command that writes. Raises SettingsError where nobody can be asked; `undone` says what was
    not done then.
    """
    if yes:
        return True
    if not can_ask():
        raise SettingsError(
            f"Nobody can be asked: standard input or standard error is no terminal. {undone} Say --yes where nobody is "
            "to be asked."
        )
    try:
        if click.confirm("Carry this out?", err=True):
            return True
    except click.Abort as abort:
        if not isinstance(abort.__context__, EOFError):
            raise
        note("")
    note(undone)
    return False


def can_ask() -> bool:
    """Whether somebody is there who would see a question, and could answer it."""
    return _is_terminal(sys.stdin) and _is_terminal(sys.stderr)


def _is_terminal(stream: TextIO | None) -> bool:
    # Python has no stream where the process was started without one.
    return stream is not None and not stream.closed and stream.isatty()


def action_teller(given: dict[str, Any]) -> Callable[[Outcome], None]:
    """What is told of each action's outcome: with --json-log as JSON; with -q no more than what was not done."""
    if given["json_log"]:
        return outcome_logged
    return failure_told if given["quiet"] else outcome_told


def outcome_told(outcome: Outcome) -> None:
    """One action's outcome, as soon as it is known."""
    note(outcome_line(outcome.action, outcome.error, outcome.because))


def failure_told(outcome: Outcome) -> None:
    """The same, of an action that was not done only."""
    if not outcome.done:
        outcome_told(outcome)


def outcome_logged(outcome: Outcome) -> None:
    """The same, as one JSON object."""
    event(event="action", **outcome_fields(outcome.action, outcome.error, outcome.because))


def warned(drift: Drift) -> Drift:
    """The drift, its warnings told."""
    for warning in drift.warnings:
        note(f"warning: {warning}")
    return drift


def code_of(drift: Drift, given: dict[str, Any]) -> int:
    """The exit code of a comparison: an unread resource weighs more than drift; if strict, so does any gap."""
    if has_gaps(drift, given):
        return INCOMPLETE
    return DRIFT if any(one.exception is None for one in drift.findings) else OK
