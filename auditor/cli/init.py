"""The command that writes the first settings."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from typing import Any, Final

import click

from auditor.cli.completion import REGIONS
from auditor.cli.options import INCOMPLETE, OK, can_ask, note, say, say_calls
from auditor.cli.progress import progress_shown
from auditor.cli.sites import PROFILE, refuse_beside, split_at_commas
from auditor.commands import init as init_command
from auditor.errors import SettingsError
from auditor.init.draft import draft_lines
from auditor.init.guesses import Guess
from auditor.settings.load import DEFAULT_FILE, settings_schema


@click.command()
@click.option("-o", "--output", "--config", "output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Where the settings go; auditor.yaml or AUDITOR_CONFIG by default.")  # fmt: skip
@click.option(
    "--golden",
    default="",
    metavar="REGION",
    shell_complete=REGIONS,
    help="What all others must equal; else it is guessed, and asked for where that is a tie.",
)
@PROFILE
@click.option("--region", "regions", multiple=True, metavar="REGION", shell_complete=REGIONS, callback=split_at_commas,
              help="A region to look at; repeatable, or with commas. All that are enabled by default.")  # fmt: skip
@click.option("--store", default="", metavar="FOLDER", help="Where snapshots are to be kept.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of auditor.yaml, and do nothing else.")
@click.option("--json-log", is_flag=True, help="Progress as one JSON object a line, on stderr.")
@click.option("-v", "--verbose", is_flag=True, help="Also tell the API calls made, by operation.")
@click.option("-q", "--quiet", is_flag=True, help="Tell nothing where all could be read.")
def init(output: Path | None, schema: bool, force: bool, **given: Any) -> int:
    """Write a commented auditor.yaml from what the account holds, and say what was guessed.

    It lists what is in each region, and changes nothing in AWS. Golden is the region that has most in common with
    others. Where that is a tie, it asks at a terminal; elsewhere it takes the region of your AWS settings, or the
    first by name.
    """
    if schema:
        refuse_beside(click.get_current_context(), ("schema",), "--schema prints the schema, and does nothing else.")
        say(json.dumps(settings_schema(), indent=2, sort_keys=True))
        return OK
    file = init_command.file_to_make(output, os.environ, force)
    with progress_shown(quiet=given["quiet"], json_log=given["json_log"]) as progress:
        looked = init_command.look(given["golden"], given["regions"], progress)
    if looked.guess.tied and can_ask() and not (given["quiet"] or given["json_log"]):
        looked = looked.with_golden(_asked_golden(looked.guess))
    made = init_command.draft(looked, file, given["store"])
    init_command.write_settings(file, made)
    if given["verbose"]:
        say_calls(made.calls)
    if not (given["quiet"] and made.complete):
        say(str(file))
        _told(made, file, output)
    return OK if made.complete else INCOMPLETE


def _asked_golden(guess: Guess) -> str:
    """The region that the person at the terminal names as golden. Raises SettingsError where they end the input."""
    note(f"Which region must all others equal? What they hold does not decide it: {guess.why}.")
    try:
        kinds = click.Choice(guess.regions)
        return str(click.prompt("Golden", default=guess.golden, type=kinds, show_choices=True, err=True))
    except click.Abort as abort:
        if not isinstance(abort.__context__, EOFError):
            raise
        note("")
    raise SettingsError("No region was named as golden. Nothing was written. Say --golden REGION.")


def _told(made: init_command.Drafted, file: Path, output: Path | None) -> None:
    for line in draft_lines(made.survey, made.guess):
        note(line)
    option = "" if output is None or output == DEFAULT_FILE else f" --config {shlex.quote(str(file))}"
    note(f"Read the file, which says what each line was guessed from. Next: auditor diff{option}")


COMMANDS: Final = (init,)
