"""The commands that plan, carry plans out, and take them back."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from auditor.apply.run import Orders
from auditor.cli import deploy as deploy_cli
from auditor.cli.completion import RUNS, SITES, SNAPSHOTS
from auditor.cli.options import (
    DRIFT,
    FAILED,
    INCOMPLETE,
    OK,
    action_teller,
    agreed,
    has_gaps,
    note,
    printed,
    say,
    say_calls,
    say_state,
    say_taken,
    settings_from,
    wants_colour,
    waves_given,
    width,
)
from auditor.cli.progress import event, progress_shown
from auditor.cli.sites import knows_sites, reads_sites, split_at_commas, with_options
from auditor.commands import apply as apply_command, deploy as deploy_command, plan as plan_command
from auditor.commands.apply import Applied
from auditor.commands.deploy import Begun
from auditor.decisions.file import read_decisions
from auditor.errors import SettingsError
from auditor.model.plan import DANGERS, Plan
from auditor.model.values import Drift
from auditor.model.waves import WAVE_HELP
from auditor.plan.choice import Choice
from auditor.report.plan.script import aws_cli
from auditor.report.plan.text import plan_listing
from auditor.report.run_text import next_lines, remaining_lines, verdict
from auditor.runs.files import text_of, write_whole
from auditor.settings.load import Settings

FORMS: Final = ("text", "json", "aws-cli")


def chooses(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say which differences a plan takes up."""
    options = [
        click.option("--only", multiple=True, metavar="GLOB", help="Resources to take up: TYPE/NAME, or NAME."),
        click.option("--site", "sites", multiple=True, metavar="GLOB", shell_complete=SITES, callback=split_at_commas,
                     help="Sites to write to; repeatable, or with commas."),
        click.option("--max-changes", "most", type=click.IntRange(1), metavar="N", help="No more actions than these."),
        click.option("--decisions", type=click.Path(path_type=Path, dir_okay=False, exists=True), metavar="FILE",
                     help="What was decided in the report: only what is to be fixed is."),
        click.option("--allow-delete", "deletes", is_flag=True, help="Also delete what golden has not."),
        click.option("--suspects", is_flag=True, help="Also where golden alone differs from all the others."),
        click.option("--stacks", is_flag=True, help="Also what CloudFormation owns."),
        click.option("--without", multiple=True, type=click.Choice(DANGERS), help="Leave out what has this danger."),
        click.option("--promote", metavar="SITE", shell_complete=SITES,
                     help="Make golden follow this site, instead of it golden."),
    ]  # fmt: skip
    return with_options(command, options)


def carries_out(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say how a plan is carried out."""
    options = [
        click.option("--yes", is_flag=True, help="Ask nothing."),
        click.option("--wave", "waves", multiple=True, metavar="SITE[,SITE]", help=WAVE_HELP),
        click.option("--tolerate", type=click.IntRange(0), default=0, show_default=True, metavar="N",
                     help="How many actions may fail before nothing further is begun."),
        click.option("--take-over", is_flag=True, help="Take the lock of a run that is dead."),
    ]  # fmt: skip
    return with_options(command, options)


@click.command()
@click.argument("a", required=False, shell_complete=SNAPSHOTS)
@click.argument("b", required=False, shell_complete=SNAPSHOTS)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Where the plan goes, for 'auditor apply'. It is printed all the same.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(FORMS), default="text", show_default=True)
@chooses
@reads_sites
def plan(a: str | None, b: str | None, output: Path | None, form: str, **given: Any) -> int:
    """What it would take to make the sites equal to golden. Changes nothing.

    A and B are snapshots as for 'auditor diff'; without them the sites are read now. Exit code 2: there is something
    to do.
    """
    made, found = planned(a, b, given)
    code = INCOMPLETE if has_gaps(found, given) else DRIFT if made.actions else OK
    if output:
        write_whole(output, apply_command.sealed(made, os.environ), private=True)
    if not (given["quiet"] and code == OK):
        printed(shown(made, form), None)
    if output and made.actions and not given["quiet"]:
        note(f"Carry it out with: auditor apply {output}")
    return code


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="PLAN")
@click.option("--format", "form", type=click.Choice(FORMS), default="text", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
def show(file: Path, form: str, output: Path | None) -> int:
    """Print a plan: for people, as JSON, or as a script of AWS CLI commands that does the same without this tool."""
    plan, unsure = apply_command.plan_to_show(file, os.environ)
    if unsure:
        note(f"warning: {unsure}")
    printed(text_of(file).rstrip("\n") if form == "json" else shown(plan, form, output is None, True), output)
    return OK


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="PLAN")
@carries_out
@knows_sites
def apply(file: Path, yes: bool, **given: Any) -> int:
    """Carry a plan out: check that nothing changed since, write, read what was written, and audit it again.

    Every call is written down before and after it, so that 'auditor resume RUN' can go on after any end, and
    'auditor rollback RUN' can take it back.
    """
    return confirmed_and_applied(settings_of(given), apply_command.read_plan(file, os.environ), yes, given)


@click.command()
@click.argument("run", shell_complete=RUNS)
@click.option("--take-over", is_flag=True, help="Take the lock of the run, though it may not be dead.")
@knows_sites
def resume(run: str, take_over: bool, **given: Any) -> int:
    """Go on with a run that was ended, killed or failed. What was done is not done again."""
    settings = settings_of(given)
    begun = deploy_command.begun(settings, run, os.environ)
    if begun:
        return deploy_cli.resumed(settings, run, begun, given, take_over)
    applied = apply_command.resume(settings, run, os.environ, action_teller(given), take_over)
    return ended(applied, given)


@click.command()
@click.argument("run", shell_complete=RUNS)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Write the plan that takes the run back, and carry nothing out.")  # fmt: skip
@carries_out
@knows_sites
def rollback(run: str, yes: bool, output: Path | None, **given: Any) -> int:
    """Take a run back: a plan from its journal, carried out like any other. Says first what cannot be taken back.

    Of a run that shipped an artifact, what was deployed before is deployed again.
    """
    settings = settings_of(given)
    begun = deploy_command.begun(settings, run, os.environ)
    _refuse_idle(run, output, begun, yes, given)
    if begun and not output:
        code = deploy_cli.taken_back(settings, run, begun, yes, given)
        if code != OK or not begun.has_plan:
            return code
    made = apply_command.rollback_plan(settings, run, os.environ)
    if output:
        note(shown(made, "text"))
        write_whole(output, apply_command.sealed(made, os.environ), private=True)
        return DRIFT if made.actions else OK
    return confirmed_and_applied(settings, made, yes, given)


def _refuse_idle(run: str, output: Path | None, begun: Begun | None, yes: bool, given: dict[str, Any]) -> None:
    """Raise SettingsError for options that would do nothing in taking back this run."""
    carrying = {
        "--yes": yes,
        "--wave": given["waves"],
        "--tolerate": given["tolerate"],
        "--take-over": given["take_over"],
    }
    idle = [name for name, value in carrying.items() if value]
    if output and idle:
        raise SettingsError(f"{idle[0]} says how to write to AWS, and -o writes the plan only. Leave one of them out.")
    if begun and not begun.has_plan and output:
        raise SettingsError(f"{run} shipped an artifact, which no plan takes back. Nothing was written. Leave -o out.")
    if begun and not begun.has_plan and given["tolerate"]:
        raise SettingsError(f"--tolerate counts actions of a plan, and {run} has none. Nothing was called.")


@click.command()
@chooses
@carries_out
@reads_sites
def reconcile(yes: bool, **given: Any) -> int:
    """Plan, show, ask, apply and verify, in one. Exit code 2: something that differs was left out."""
    made, found = planned(None, None, given)
    code = confirmed_and_applied(settings_of(given), made, yes, given)
    if code == OK and has_gaps(found, given):
        return INCOMPLETE
    return DRIFT if code == OK and plan_command.left_open(made, found) else code


COMMANDS: Final = (plan, show, apply, resume, rollback, reconcile)


def planned(a: str | None, b: str | None, given: dict[str, Any]) -> tuple[Plan, Drift]:
    """The plan that the arguments ask for, and the drift that it was made of."""
    settings = settings_from({**given, "types": ()}, offline=a is not None)
    # All that the settings name is read still: what a resource refers to may be of another type.
    settings = settings.model_copy(update={"types": (*settings.types, *given["types"])})
    settings = plan_command.promoted(settings, given["promote"]) if given["promote"] else settings
    choice = choice_of(given)
    if a is not None:
        made, found = plan_command.stored_plan(settings, a, b, choice)
    else:
        with progress_shown(quiet=given["quiet"], json_log=given["json_log"]) as progress:
            made, found, taken = plan_command.live_plan(settings, os.environ, progress, choice)
        say_taken(taken, given["verbose"])
    for warning in (*found.warnings, *plan_command.idle(choice, found)):
        note(f"warning: {warning}")
    return made, found


def choice_of(given: dict[str, Any]) -> Choice:
    """Which differences are to be taken up."""
    file = given["decisions"]
    decisions = {one.finding: one for one in read_decisions(file)} if file else None
    return Choice(
        given["only"],
        given["sites"],
        given["types"],
        given["most"] or 0,
        given["deletes"],
        given["suspects"],
        given["stacks"],
        frozenset(given["without"]),
        decisions,
    )


def settings_of(given: dict[str, Any]) -> Settings:
    """The settings for what knows its sites: a plan, or a run."""
    return settings_from(given, offline=True, reaches=True)


def shown(made: Plan, form: str, terminal: bool = True, parameters: bool = False) -> str:
    """A plan in one of its forms; as text, with what each call says if its parameters are asked for."""
    if form == "json":
        return apply_command.sealed(made, os.environ).rstrip("\n")
    if form == "aws-cli":
        return aws_cli(made, plan_command.child_types())
    return plan_listing(made, terminal and wants_colour(), width(), parameters)


def confirmed_and_applied(settings: Settings, made: Plan, yes: bool, given: dict[str, Any]) -> int:
    """Show the plan, ask, unless told not to, and carry it out."""
    impossible = bool(made.undoes and made.left_out)
    unseen = given["quiet"] or given["json_log"]
    if not unseen or (made.actions and not yes) or (impossible and not made.actions):
        note(shown(made, "text"))
    if not made.actions:
        return DRIFT if impossible else OK
    if not agreed(yes):
        return FAILED
    say_state(settings, given)
    orders = Orders(waves_given(given), given["tolerate"])
    applied = apply_command.apply(settings, made, os.environ, orders, action_teller(given), given["take_over"])
    return ended(applied, given)


def ended(applied: Applied, given: dict[str, Any]) -> int:
    """Say what remains, and which run it was; the exit code."""
    code = INCOMPLETE if not applied.complete else OK if applied.in_sync else DRIFT
    if given["verbose"]:
        say_calls(applied.calls)
    left = tuple(remaining_lines(applied.remaining, applied.unlike))
    if given["json_log"]:
        event(event="end", run=applied.run, complete=applied.complete, in_sync=applied.in_sync, remaining=left)
    elif not (given["quiet"] and code == OK):
        for line in (*left, *next_lines(applied.run, applied.complete)):
            note(line)
    if code == OK and not given["quiet"]:
        say(verdict(applied.plan))
    return code
