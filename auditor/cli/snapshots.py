"""Taking a snapshot, and looking at those that there are."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final

import click

from auditor.cli.completion import SNAPSHOTS, TYPES
from auditor.cli.options import (
    FAILED,
    INCOMPLETE,
    OK,
    note,
    say,
    say_taken,
    settings_from,
)
from auditor.cli.progress import progress_shown
from auditor.cli.sites import CONFIG, PROFILE, STORE, reads_sites, refuse_beside, with_options
from auditor.commands import drift as drift_command, snapshots as snapshots_command
from auditor.commands.snapshots import Wanted
from auditor.errors import StoreError
from auditor.report.display import visible
from auditor.report.snapshot_text import resource_document, snapshot_listing, snapshot_summary
from auditor.settings.load import Settings
from auditor.store.store import LATEST

_SOME: Final = 5


def reads_store(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of commands that look at the store only; those before the command's name count too."""
    return with_options(command, (CONFIG, PROFILE, STORE))


@click.group(invoke_without_command=True)
@reads_sites
def snapshot(verbose: bool, quiet: bool, json_log: bool, strict: bool, **given: Any) -> int:
    """Read every site into the store and print the snapshot's id.

    The commands below look at snapshots that there are; no site is read for them.
    """
    context = click.get_current_context()
    if context.invoked_subcommand:
        why = f"it says what a new snapshot is to hold, and 'snapshot {context.invoked_subcommand}' takes none."
        refuse_beside(context, ("config", "store"), why)
        return OK
    settings = settings_from(given)
    with progress_shown(quiet=quiet, json_log=json_log) as progress:
        taken = drift_command.snapshot(settings, os.environ, progress)
    say_taken(taken, verbose)
    if not (quiet and taken.complete):
        say(taken.id)
    return OK if taken.complete and not (strict and taken.unread) else INCOMPLETE


@snapshot.command("list")
@reads_store
def list_(**given: Any) -> int:
    """The snapshots of the store, oldest first; size is that of their files. Exit code 1: one is damaged."""
    settings = _settings(given)
    held = snapshots_command.listed(settings)
    if not held:
        note(visible(f"There is no snapshot at {settings.store}. Take one with 'auditor snapshot'."))
        return OK
    say(snapshot_listing(held))
    return FAILED if any(one.damaged for one in held) else OK


@snapshot.command()
@click.argument("id_", metavar="[ID]", default=LATEST, shell_complete=SNAPSHOTS)
@click.option("--site", default="", help="Print a resource of this site, as it is stored.")
@click.option(
    "--type", "type_", metavar="GLOB", default="*", shell_complete=TYPES, help="Print a resource of this type."
)
@click.option("--name", metavar="GLOB", default="*", help="Print the resource of this name.")
@reads_store
def show(id_: str, site: str, type_: str, name: str, **given: Any) -> int:
    """What a snapshot holds, by site and type; the newest by default.

    With --site, --type or --name: the one resource that they single out, as JSON.
    """
    stored, held = snapshots_command.opened(_settings(given), id_)
    wanted = Wanted(site, type_, name)
    if wanted == Wanted():
        say(snapshot_summary(held))
        return OK
    found = list(snapshots_command.resources(stored, wanted))
    if len(found) != 1:
        some = "".join(f"\n  {visible(f'{where}: {one.type}/{one.name}')}" for where, one in found[:_SOME])
        more = f"\n  and {len(found) - _SOME:,} more" if len(found) > _SOME else ""
        raise StoreError(
            f"Snapshot {stored.id} holds {len(found) or 'no'} such resources; one is needed. Nothing was printed. "
            f"Single one out with --site, --type and --name.{some}{more}"
        )
    say(resource_document(*found[0]))
    return OK


@snapshot.command()
@click.argument("id_", metavar="[ID]", required=False, shell_complete=SNAPSHOTS)
@reads_store
def verify(id_: str | None, **given: Any) -> int:
    """Read every byte of a snapshot, or of all, against its manifest. Exit code 1: something is not as written."""
    wrong = False
    for name, problems in snapshots_command.verified(_settings(given), id_):
        wrong |= bool(problems)
        say(visible(f"{name}: {'not as written' if problems else 'as written'}"))
        for problem in problems:
            note(visible(problem))
    return FAILED if wrong else OK


def _settings(given: dict[str, Any]) -> Settings:
    group = click.get_current_context().parent
    before = group.params if group else {}
    named = {name: before.get(name) if given[name] is None else given[name] for name in ("config", "store")}
    return settings_from({"golden": None, "regions": (), **named}, offline=True)


COMMANDS: Final = (snapshot,)
