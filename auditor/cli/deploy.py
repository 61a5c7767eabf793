"""The commands that ship an artifact."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from auditor.cli.options import (
    FAILED,
    INCOMPLETE,
    OK,
    agreed,
    note,
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
from auditor.cli.sites import (
    CONFIG,
    JSON_LOG,
    PROFILE,
    QUIET,
    REGIONS,
    STORE,
    VERBOSE,
    reads_sites,
    refused,
    with_options,
)
from auditor.cli.watch import tellers, watching
from auditor.commands import (
    deploy as deploy_command,
    plan as plan_command,
    release as release_command,
    setup as setup_command,
)
from auditor.commands.deploy import Begun, Shipped
from auditor.commands.release import Released
from auditor.compare.gate import in_the_way
from auditor.deploy.ready import Ready
from auditor.errors import SettingsError
from auditor.model.rollout import ON_FAILURE, RUNNING
from auditor.model.waves import WAVE_HELP
from auditor.plan.choice import Choice
from auditor.report.plan.text import plan_listing
from auditor.report.run_text import next_lines
from auditor.report.ship_text import back_lines, rollout_lines, shipped_line
from auditor.settings.load import Settings
from auditor.settings.parts import DeploySettings


def places(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say where an artifact goes."""
    options = [
        click.option("--application", metavar="NAME", help="The CodeDeploy application."),
        click.option("--group", "groups", multiple=True, metavar="NAME", help="A deployment group; repeatable."),
        click.option("--bucket", metavar="PATTERN", help="Where artifacts go: 'shop-artifacts-{region}'."),
    ]
    return with_options(command, options)


def ships(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say where an artifact goes, and how."""
    options = [
        places,
        click.option("--wave", "waves", multiple=True, metavar="SITE[,SITE]", help=WAVE_HELP),
        click.option("--on-failure", type=click.Choice(ON_FAILURE), default="stop", show_default=True,
                     help="After a failure: stop the waves, also roll back what was done, or go on."),
        click.option("--running", type=click.Choice(RUNNING), default="fail", show_default=True,
                     help="Where a deployment is running already: fail, or wait for its end."),
        click.option("--yes", is_flag=True, help="Ask nothing."),
        click.option("--take-over", is_flag=True, help="Take the lock of a run that is dead."),
    ]  # fmt: skip
    return with_options(command, options)


_COMPARES_NOTHING: Final = (
    "'auditor deploy' compares nothing: it ships to every region. Nothing was uploaded. Leave it out; 'auditor "
    "release' compares first."
)


def deploys_to(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a command that ships to sites, and compares nothing."""
    compared = refused({"--golden": False, "--type": False, "--strict": True}, _COMPARES_NOTHING)
    return with_options(command, (CONFIG, PROFILE, REGIONS, STORE, JSON_LOG, VERBOSE, QUIET, *compared))


def prints_templates(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a command that fills templates in from the settings."""
    return with_options(command, (CONFIG, PROFILE, REGIONS, QUIET))


@click.command()
@click.argument("source")
@click.option("--dry-run", is_flag=True, help="Pack and check, tell what would be done, and write nothing.")
@ships
@deploys_to
def deploy(source: str, dry_run: bool, **given: Any) -> int:
    """Ship an artifact to every region and deploy it.

    SOURCE is a folder, a zip or tgz, or github:OWNER/REPO@REF, with //FOLDER for a part of it (token: GITHUB_TOKEN,
    or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY). It is packed once, checked, uploaded to every region's bucket, and
    deployed in waves.
    """
    settings = shipping_settings(given, golden_needed=False)
    with deploy_command.made_ready(settings, source, os.environ, given["on_failure"], given["running"]) as ready:
        told_first(ready, given)
        if dry_run:
            if not given["quiet"]:
                note("Nothing was uploaded, and nothing deployed.")
            return OK
        if not agreed(given["yes"], "Nothing was uploaded."):
            return FAILED
        say_state(settings, given)
        with watching(given) as watch:
            made = deploy_command.deploy(settings, ready, watch.tell, watch.ask_to_stop, given["take_over"])
        return released_code(Released(None, made), given)


@click.command()
@click.argument("source")
@click.option("--gate", type=click.Choice(["refuse", "report"]), default="refuse", show_default=True,
              help="While drift remains: deploy nothing, or say so and deploy.")  # fmt: skip
@ships
@reads_sites
def release(source: str, gate: str, **given: Any) -> int:
    """Audit, remove the drift, verify, and then deploy: reconcile and deploy in one run.

    Nothing is deployed while a difference that nobody accepted, an unread resource, or a running deployment remains.
    """
    settings = shipping_settings(given, golden_needed=True)
    with deploy_command.made_ready(settings, source, os.environ, given["on_failure"], given["running"]) as ready:
        with progress_shown(quiet=given["quiet"], json_log=given["json_log"]) as progress:
            plan, found, taken = plan_command.live_plan(settings, os.environ, progress, Choice())
        say_taken(taken, given["verbose"])
        if gate == "report":
            for reason in in_the_way(found, ready.rollout):
                note(f"warning: {reason}")
        else:
            release_command.refuse_doomed(found, plan, ready.rollout, given["strict"])
        if plan.actions and not given["quiet"]:
            note(plan_listing(plan, colour=wants_colour(), width=width()))
        told_first(ready, given)
        if not agreed(given["yes"]):
            return FAILED
        say_state(settings, given)
        with watching(given) as watch:
            told = tellers(given, watch)
            made = release_command.release(settings, plan, ready, os.environ, gate, told, given["take_over"])
    return released_code(made, given)


@click.command("deploy-setup")
@click.argument("template", type=click.Choice(["region", "listener"]), required=False)
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER",
              help="Write region.yaml, listener.yaml and functions.zip there.")  # fmt: skip
@click.option("--platform", type=click.Choice(["Server", "Lambda", "ECS"]), default="Server", show_default=True)
@click.option("--repository", default="", metavar="OWNER/NAME", help="Whose pushes the listener takes.")
@click.option("--ref", default="refs/heads/main", show_default=True, metavar="GLOB", help="The ref that is deployed.")
@places
@prints_templates
def deploy_setup(template: str | None, output: Path | None, **given: Any) -> int:
    """Print or write what push-to-deploy needs in AWS, filled in from the settings. Calls nothing.

    CloudFormation templates: 'region' is what each region has, 'listener' is made once. -o writes both, and the
    listener's code.
    """
    if output and template:
        raise SettingsError(f"-o writes all templates, and '{template}' is one. Leave one of them out.")
    settings = shipping_settings(given, golden_needed=False)
    names = {name: given[name] for name in ("platform", "repository", "ref")}
    texts = setup_command.templates(settings, **names)
    if output:
        size = setup_command.write_setup(output, texts)
        if given["quiet"]:
            return OK
        say(f"{output}: region.yaml, listener.yaml, and functions.zip of {size:,} bytes")
        return OK
    # Two documents, as YAML has them.
    say("\n---\n".join([texts[template]] if template else texts.values()))
    return OK


COMMANDS: Final = (deploy, release, deploy_setup)


def resumed(settings: Settings, run: str, begun: Begun, given: dict[str, Any], take_over: bool) -> int:
    """Go on with a run that ships; of a release, first with its plan."""
    with watching(given) as watch:
        made = release_command.resume(settings, run, begun, os.environ, tellers(given, watch), take_over)
    return released_code(made, given)


def taken_back(settings: Settings, run: str, begun: Begun, yes: bool, given: dict[str, Any]) -> int:
    """Deploy to every group what was there before a run."""
    if not given["quiet"]:
        for line in back_lines(begun.rollout, begun.progress):
            note(line)
    if not agreed(yes):
        return FAILED
    waves, take_over = waves_given(given), given["take_over"]
    with watching(given) as watch:
        made = deploy_command.rollback(settings, run, begun.rollout, os.environ, watch.tell, take_over, waves)
    if given["verbose"]:
        say_calls(made.calls)
    failed = any(one.error for one in made.outcomes)
    if failed or not given["quiet"]:
        say(shipped_line(made.rollout, made.outcomes))
    return INCOMPLETE if failed else OK


def shipping_settings(given: dict[str, Any], golden_needed: bool) -> Settings:
    """The settings, with what the options say of shipping."""
    settings = settings_from(given, golden_needed=golden_needed)
    old = settings.deploy
    application = given["application"] or (old.application if old else "")
    if not application:
        return settings
    made = DeploySettings(
        application=application,
        groups=tuple(dict.fromkeys(given["groups"] or (old.groups if old else ()))),
        bucket=given["bucket"] or (old.bucket if old else ""),
        waves=waves_given(given) or (old.waves if old else ()),
    )
    return settings.model_copy(update={"deploy": made})


def told_first(ready: Ready, given: dict[str, Any]) -> None:
    """What is about to be shipped, and where; with --json-log, what nobody may have meant of it."""
    if not (given["quiet"] or given["json_log"]):
        names = ready.packed.artifact.names
        for line in rollout_lines(ready.rollout, ready.packed.artifact.size, len(names), ready.hint):
            note(line)
    if given["json_log"] or not given["quiet"]:
        for line in ready.warnings:
            note(f"warning: {line}")


def released_code(made: Released, given: dict[str, Any]) -> int:
    """Say what a release came to, with -v what it called; the exit code."""
    if given["verbose"]:
        halves = [one.calls for one in (made.applied, made.shipped) if one is not None]
        say_calls(sum(map(Counter, halves), Counter()))
    if made.shipped is None:
        note("The drift was not removed, so nothing was deployed.")
        for line in next_lines(made.applied.run, complete=False) if made.applied else ():
            note(line)
        return INCOMPLETE
    return shipped_code(made.shipped, given)


def shipped_code(made: Shipped, given: dict[str, Any]) -> int:
    """Say what shipping came to; the exit code."""
    code = OK if made.complete else INCOMPLETE
    if given["json_log"]:
        event(event="end", run=made.run, complete=made.complete)
    if not (given["quiet"] and code == OK):
        say(shipped_line(made.rollout, made.outcomes))
        back = any(one.back for one in made.outcomes)
        note(f"Run {made.run}." + ("" if back else f" Take it back with: auditor rollback {made.run}"))
        if code != OK:
            note(f"Go on with: auditor resume {made.run}")
    return code
