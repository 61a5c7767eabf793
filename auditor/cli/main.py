"""The command line: parse, call the workflow, print, exit. No decisions."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import click

from auditor import __version__
from auditor.cli import (
    audit as audit_cli,
    completion as completion_cli,
    deploy as deploy_cli,
    iam_policy as iam_policy_cli,
    init as init_cli,
    runs as runs_cli,
    snapshots as snapshots_cli,
)
from auditor.cli.completion import SNAPSHOTS, TYPES
from auditor.cli.options import (
    ATTRIBUTE,
    FAILED,
    INTERRUPTED,
    OK,
    code_of,
    note,
    outcome_told,
    printed,
    refuse_attribution,
    say,
    say_taken,
    settings_from,
    terminated,
    wants_colour,
    warned,
    width,
)
from auditor.cli.progress import event, progress_shown
from auditor.cli.reconcile import COMMANDS
from auditor.cli.signals import leaving_at_sigterm
from auditor.cli.sites import reads_and_accepts, reads_sites
from auditor.cli.streams import guarded
from auditor.cli.watch import step_lines
from auditor.commands import (
    accept as accept_command,
    demo as demo_command,
    docs as docs_command,
    drift as drift_command,
    report as report_command,
    sandbox as sandbox_command,
)
from auditor.decisions.file import read_decisions
from auditor.decisions.matching import called
from auditor.errors import AuditorError, SettingsError
from auditor.model.plan import Plan
from auditor.model.values import Drift
from auditor.report.content import Report
from auditor.report.document import drift_json
from auditor.report.formats.csv_rows import drift_csv
from auditor.report.formats.junit import drift_junit
from auditor.report.formats.markdown import drift_markdown
from auditor.report.formats.sarif import sarif_log
from auditor.report.formats.text import drift_table
from auditor.report.plan.text import plan_listing
from auditor.report.ship_text import shipped_line
from auditor.sandbox.demo_check import lines

FORMATS: Final[Mapping[str, Callable[[Drift], str]]] = {
    "json": drift_json,
    "markdown": drift_markdown,
    "csv": drift_csv,
    "sarif": lambda drift: json.dumps(sarif_log(drift), sort_keys=True, indent=2),
    "junit": drift_junit,
}
"""What `auditor diff` writes for programs, and for pages that are not ours."""
"""How progress is told where no option says it."""


def main(arguments: list[str] | None = None) -> None:
    """Run the program and exit: the one place where errors become messages and codes."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A value that the terminal cannot show, a lone surrogate for one, is shown by its escape.
        sys.stdout.reconfigure(errors="backslashreplace")
    with guarded(), leaving_at_sigterm(terminated):
        code = _ended(sys.argv[1:] if arguments is None else arguments)
    sys.exit(code)


def _ended(given: list[str]) -> int:
    try:
        code = auditor.main(given, prog_name="auditor", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        # click's own code for wrong use is 2, which here means drift.
        if "--json-log" in given:
            _failed(error.format_message(), FAILED, given)
        else:
            error.show()
        return FAILED
    except AuditorError as error:
        _failed(str(error), error.exit_code, given)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        _failed("interrupted; nothing was left half-written.", INTERRUPTED, given)
        return INTERRUPTED
    return code or OK


def _failed(why: str, code: int, arguments: list[str]) -> None:
    if "--json-log" in arguments:
        event(event="failed", text=why, exit_code=code)
    else:
        click.echo(f"auditor: {why}", err=True)


class _Program(click.Group):
    """After an interruption click ends the line on stderr, for the ^C of a terminal; a log has no such line."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            if sys.stderr.isatty():
                raise
            raise click.Abort from None


@click.group(cls=_Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="auditor")
def auditor() -> None:
    """Find where AWS regions are configured differently from a golden region.

    Exit codes: 0 in sync or done, 1 failed or used wrongly, 2 drift, 3 something could not be read.
    """


@auditor.command()
@click.argument("a", required=False, shell_complete=SNAPSHOTS)
@click.argument("b", required=False, shell_complete=SNAPSHOTS)
@click.option("--format", "form", type=click.Choice(["table", *FORMATS]), default="table", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@ATTRIBUTE
@reads_sites
def diff(a: str | None, b: str | None, form: str, output: Path | None, attribute: bool, **given: Any) -> int:
    """Compare the sites with golden.

    A and B are snapshots: an id, a folder, or "latest". With A, its sites are compared with its golden one;
    with A and B, the sites of B with the golden site of A. Without them the sites are read now.
    """
    quiet = given["quiet"]
    found = compared(a, b, given, attribute)
    if not (quiet and code_of(found, given) == OK):
        printed(render(found, form, colour=output is None and wants_colour()), output)
    return code_of(found, given)


@auditor.command()
@click.argument("a", required=False, shell_complete=SNAPSHOTS)
@click.argument("b", required=False, shell_complete=SNAPSHOTS)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.html", required=True)
@ATTRIBUTE
@reads_sites
def report(a: str | None, b: str | None, output: Path, attribute: bool, **given: Any) -> int:
    """Write the HTML report of what `auditor diff` would find."""
    made = reported(a, b, given, attribute)
    report_command.write_report(made, output)
    if not (given["quiet"] and code_of(made.drift, given) == OK):
        say(str(output))
    return code_of(made.drift, given)


@auditor.command()
@click.argument("a", required=False, shell_complete=SNAPSHOTS)
@click.argument("b", required=False, shell_complete=SNAPSHOTS)
@click.option("--decisions", type=click.Path(path_type=Path, dir_okay=False, exists=True), metavar="FILE",
              required=True, help="What was decided in the report.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Print the exceptions, and write nothing.")
@reads_and_accepts
def accept(a: str | None, b: str | None, decisions: Path, dry_run: bool, **given: Any) -> int:
    """Write what was decided to be accepted into auditor.yaml, as exceptions that cover it and nothing else.

    A and B are snapshots as for 'auditor diff'; without them the sites are read now. What has changed since it was
    decided about is refused. Everything else in the file stays as it is.
    """
    decided = read_decisions(decisions)
    file = None if dry_run else accept_command.file_to_write(given["config"], os.environ)
    settings = settings_from(given, offline=a is not None)
    taken = accept_command.accepted(settings, decided, compared(a, b, given))
    for one in taken.already:
        note(f"{called(one)}: accepted already")
    if file and taken.exceptions:
        accept_command.write_exceptions(file, taken.exceptions)
    told = [*accept_command.exception_lines(taken.exceptions), *([str(file)] if file and taken.exceptions else [])]
    if told:
        say("\n".join(told))
    else:
        note("There is nothing to accept. Nothing was written.")
    return OK


@auditor.command()
@click.option("--port", type=click.IntRange(1, 65535), help="The port of the AWS endpoint; a free one by default.")
@click.option("--empty", is_flag=True, help="Seed nothing.")
@click.option("--scenario", type=click.Path(path_type=Path, dir_okay=False, exists=True), metavar="FILE",
              help="Seed the resources of this YAML file instead of the demo's.")  # fmt: skip
def sandbox(port: int | None, empty: bool, scenario: Path | None) -> int:
    """Serve the embedded local AWS on 127.0.0.1 until interrupted."""
    if empty and scenario:
        raise SettingsError(
            "--empty seeds nothing, and --scenario says what to seed. Nothing was served. Leave one out."
        )
    sandbox_command.serve_sandbox(port, empty, scenario, say=say, note=note)
    return OK


@auditor.command()
@click.argument("type_", metavar="[TYPE]", required=False, shell_complete=TYPES)
def types(type_: str | None) -> int:
    """Print the resource types, or each field of one: whether it is compared, and how, or why not."""
    say(docs_command.types(type_))
    return OK


@auditor.command()
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), default=Path("auditor-demo.html"),
              show_default=True, metavar="FILE.html", help="Where the report goes.")  # fmt: skip
def demo(output: Path) -> int:
    """The whole story on the embedded AWS: audit a small shop in three regions, plan, apply, ship, audit again.

    No account, no configuration.
    """
    with progress_shown(quiet=False, json_log=False) as progress:
        told = demo_command.demo(output, progress, note, found_in_demo, outcome_told, step_lines())
    say(f"\n{shipped_line(told.shipped.rollout, told.shipped.outcomes)}")
    say("\nCarried out, shipped, and audited again:")
    say(drift_table(told.after, colour=wants_colour(), width=width()))
    say("\n".join(["", *lines(told.verdict)]))
    say(f"Read with {sum(told.taken.calls.values())} API calls. Report of what was found at first: {output}")
    return OK if told.as_it_should else FAILED


def found_in_demo(drift: Drift, plan: Plan) -> None:
    """What the demo found, and what it is about to do."""
    say(drift_table(drift, colour=wants_colour(), width=width()))
    say("")
    say(plan_listing(plan, colour=wants_colour(), width=width()))


def compared(a: str | None, b: str | None, given: dict[str, Any], attribute: bool = False) -> Drift:
    """The drift that the arguments of `diff` and `report` ask for."""
    refuse_attribution(a, attribute)
    settings = settings_from(given, offline=a is not None)
    if a is not None:
        return warned(drift_command.stored_drift(settings, a, b))
    with progress_shown(quiet=given["quiet"], json_log=given["json_log"]) as progress:
        drift, taken = drift_command.live_drift(settings, os.environ, progress, attribute)
    say_taken(taken, given["verbose"])
    return warned(drift)


def reported(a: str | None, b: str | None, given: dict[str, Any], attribute: bool) -> Report:
    """The report of the same."""
    refuse_attribution(a, attribute)
    settings = settings_from(given, offline=a is not None)
    if a is not None:
        made = report_command.stored_report(settings, a, b)
    else:
        with progress_shown(quiet=given["quiet"], json_log=given["json_log"]) as progress:
            made, taken = report_command.live_report(settings, os.environ, progress, attribute)
        say_taken(taken, given["verbose"])
    warned(made.drift)
    return made


def render(drift: Drift, form: str, colour: bool) -> str:
    """The drift in one of the formats of `auditor diff`."""
    if form in FORMATS:
        return FORMATS[form](drift)
    return drift_table(drift, colour=colour, width=width())


for command in (
    *COMMANDS,
    *audit_cli.COMMANDS,
    *deploy_cli.COMMANDS,
    *iam_policy_cli.COMMANDS,
    *init_cli.COMMANDS,
    *runs_cli.COMMANDS,
    *completion_cli.COMMANDS,
    *snapshots_cli.COMMANDS,
):
    auditor.add_command(command)
