"""The command that prints IAM policies."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any, Final

import click

from auditor import workflow, workflow_iam
from auditor.cli_options import OK, note, say
from auditor.errors import SettingsError
from auditor.settings import Settings, file_in_use

_ROLE: Final = re.compile(r"([\w+=,.@-]+/)*[\w+=,.@-]{1,64}", re.ASCII)


@click.command("iam-policy")
@click.argument("use", type=click.Choice([*workflow_iam.USES, workflow_iam.CALLER]), default="audit")
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The settings that narrow it; auditor.yaml or AUDITOR_CONFIG by default, if there is one.",
)
@click.option("--region", "regions", multiple=True, metavar="SITE", help="A site it is for; repeatable.")
@click.option("--explain", is_flag=True, help="Tell of each action why it is needed, and on what.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Write each policy into a file there.",
)
@click.option(
    "--trust",
    "trusted",
    multiple=True,
    metavar="ACCOUNT_OR_ARN",
    help="Print who may assume the role in each account instead: an account's id, a role; repeatable.",
)
@click.option("--external-id", default="", metavar="ID", help="With --trust: what has to be named besides.")
@click.option("--stackset", is_flag=True, help="With --trust: print the CloudFormation template that makes the role.")
@click.option(
    "--role-name",
    default="auditor",
    show_default=True,
    metavar="NAME",
    help="The role's name, with --stackset; whose roles the caller may assume, without 'accounts'.",
)
@click.option("--organization", is_flag=True, help="With 'caller': accounts come from AWS Organizations.")  # fmt: skip
def iam_policy(use: str, config: Path | None, regions: tuple[str, ...], output: Path | None, **given: Any) -> int:
    """Print the least-privilege IAM policy of a use, as JSON.

    Without settings it is for all regions and types; the settings narrow it. A policy has 6,144 characters at most:
    where more than one is needed, a JSON list of them is printed. 'caller' is what who runs the program needs to
    assume a role in each account. Calls nothing.
    """
    settings = settings_if_any(config, regions)
    _refuse_unused(use, output, given)
    name = given["role_name"] if not (settings and (settings.accounts or settings.organization)) else ""
    if given["stackset"]:
        say(workflow_iam.template(use, settings, given["trusted"], given["role_name"]))
    elif given["trusted"]:
        say(json.dumps(workflow_iam.trust(settings, given["trusted"], given["external_id"]), indent=2))
    elif given["explain"]:
        say(workflow_iam.explanation(use, settings, name, given["organization"]))
    else:
        told(use, [dict(one) for one in workflow_iam.policies(use, settings, name, given["organization"])], output)
    return OK


def _refuse_unused(use: str, output: Path | None, given: dict[str, Any]) -> None:
    """Raise SettingsError for options that would say nothing here."""
    if not _ROLE.fullmatch(given["role_name"]):
        raise SettingsError(
            f"--role-name: '{given['role_name']}' is no name of a role. Nothing was printed. Give its name, with its "
            "path if it has one: audit/auditor."
        )
    for wrong, why in (
        (bool(output) and (given["trusted"] or given["explain"]), "-o writes policies; print the rest, without it"),
        (given["external_id"] and not given["trusted"], "--external-id goes with --trust"),
        (given["external_id"] and given["stackset"], "the external id is a parameter of the stack set, ExternalId"),
        (use == workflow_iam.CALLER and given["stackset"], "a stack set makes the role of audit, reconcile or deploy"),
    ):
        if wrong:
            raise SettingsError(f"These options do not go together: {why}. Nothing was printed.")


def settings_if_any(config: Path | None, regions: tuple[str, ...]) -> Settings | None:
    """The settings, where a file or an option says anything. No site is asked for; every region has to be AWS's."""
    if not (file_in_use(config, os.environ) or regions):
        return None
    return workflow.settings(config, {"regions": list(regions)}, os.environ, offline=True)


def told(use: str, policies: list[dict[str, Any]], output: Path | None) -> None:
    """Print the policies, or write a file each."""
    if output:
        texts = [json.dumps(one, indent=2) + "\n" for one in policies]
        written = workflow_iam.write_policies(output, use, texts)
        for path in written:
            say(str(path))
        for path in sorted({*output.glob(f"{use}-*.json")} - {*written}):
            note(f"warning: {path} is of an earlier run, and no part of what is needed now.")
        return
    say(json.dumps(policies[0] if len(policies) == 1 else policies, indent=2))
    if len(policies) > 1:
        note(f"These are {len(policies)} policies, as IAM takes no longer ones. -o FOLDER writes a file each.")


COMMANDS: Final = (iam_policy,)
