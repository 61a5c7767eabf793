"""The options that say which settings, sites and types a command works on, and how it refuses others."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click
from click.core import ParameterSource

from auditor.cli.completion import SITES, TYPES
from auditor.errors import SettingsError

Command = Callable[..., Any]
Option = Callable[[Command], Command]
KEYS: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")
"""Credentials in the environment. botocore prefers them to a profile that the environment names."""


def with_options(command: Command, options: Sequence[Option]) -> Command:
    """A command with these options, told in their order by its help."""
    for option in reversed(options):
        command = option(command)
    return command


def split_at_commas(_: click.Context, __: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """The values of an option that is repeatable, and that may also name several at once."""
    return tuple(part.strip() for one in value for part in one.split(","))


def use_profile(context: click.Context, _: click.Parameter, value: str | None) -> None:
    """Let all calls of this process be made with a profile's credentials, until the command is over.

    Keys in the environment give way to it, as with the AWS CLI
    (https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-options.html).
    """
    if value is None or context.resilient_parsing:
        return
    before = {name: os.environ.pop(name, None) for name in ("AWS_PROFILE", *KEYS)}
    os.environ["AWS_PROFILE"] = value
    context.find_root().call_on_close(lambda: _restore(before))


def _restore(before: Mapping[str, str | None]) -> None:
    for name, value in before.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


CONFIG: Final = click.option(
    "--config", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="The settings; auditor.yaml or AUDITOR_CONFIG by default.",
)  # fmt: skip
PROFILE: Final = click.option(
    "--profile", metavar="NAME", expose_value=False, callback=use_profile,
    help="The AWS profile whose credentials are used; AWS_PROFILE by default.",
)  # fmt: skip
GOLDEN: Final = click.option(
    "--golden", metavar="SITE", shell_complete=SITES, help="The site that all others must equal."
)
REGIONS: Final = click.option(
    "--region", "regions", multiple=True, metavar="SITE", shell_complete=SITES, callback=split_at_commas,
    help="A site to read; repeatable, or with commas.",
)  # fmt: skip
READ_TYPES: Final = click.option(
    "--type", "types", multiple=True, metavar="GLOB", shell_complete=TYPES, callback=split_at_commas,
    help="The types to look at; repeatable, or with commas.",
)  # fmt: skip
STORE: Final = click.option(
    "--store", metavar="STORE", help="Where snapshots are kept: a folder, or s3://BUCKET/PREFIX."
)
STRICT: Final = click.option("--strict", is_flag=True, help="Exit 3 for any gap, also where a region lacks a feature.")
JSON_LOG: Final = click.option("--json-log", is_flag=True, help="Progress as one JSON object a line, on stderr.")
VERBOSE: Final = click.option("-v", "--verbose", is_flag=True, help="Also tell the API calls made, by operation.")
QUIET: Final = click.option("-q", "--quiet", is_flag=True, help="Print nothing when all is in sync.")


def reads_sites(command: Command) -> Command:
    """The options of every command that reads sites, and has an exit code for what they come to."""
    return with_options(
        command, (CONFIG, PROFILE, GOLDEN, REGIONS, READ_TYPES, STORE, STRICT, JSON_LOG, VERBOSE, QUIET)
    )


def reads_and_accepts(command: Command) -> Command:
    """The same, without those of an exit code that a comparison has."""
    return with_options(command, (CONFIG, PROFILE, GOLDEN, REGIONS, READ_TYPES, STORE, JSON_LOG, VERBOSE, QUIET))


def knows_sites(command: Command) -> Command:
    """The options of a command whose plan or run says which sites: it takes no other ones."""
    return with_options(command, (CONFIG, PROFILE, STORE, JSON_LOG, VERBOSE, QUIET, *refused(NARROWING, _KNOWN)))


NARROWING: Final[Mapping[str, bool]] = {
    "--golden": False, "--region": False, "--type": False, "--site": False, "--only": False, "--max-changes": False,
    "--decisions": False, "--without": False, "--promote": False, "--allow-delete": True, "--suspects": True,
    "--stacks": True, "--strict": True,
}  # fmt: skip
"""Options that say what is taken up, and whether each is a flag."""
_KNOWN: Final = (
    "a saved plan, or a run, says what is written and where. Nothing was called. Leave it out; to write less, make "
    "another plan ('auditor plan --site', '--only', '--type')."
)


def refused(options: Mapping[str, bool], why: str) -> tuple[Option, ...]:
    """Options that are refused with the reason, and that no help shows; by name, with whether each is a flag."""

    def refuse(context: click.Context, parameter: click.Parameter, value: Any) -> None:
        if value and not context.resilient_parsing:
            raise SettingsError(f"{parameter.opts[0]}: {why}")

    return tuple(
        click.option(name, is_flag=flag, multiple=not flag, hidden=True, expose_value=False, callback=refuse)
        for name, flag in options.items()
    )


def refuse_beside(context: click.Context, taken: Sequence[str], why: str) -> None:
    """Raise SettingsError for what the command line gives a command beside the options that are taken."""
    for parameter in context.command.params:
        name = parameter.name or ""
        given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if given and name in context.params and name not in taken:
            raise SettingsError(f"{parameter.opts[0]}: {why} Leave it out.")
