"""The command that prints IAM policies."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final

import click

from auditor import workflow, workflow_iam
from auditor.cli_options import OK, note, say
from auditor.settings import ANY, Settings, file_in_use


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
    name = given["role_name"] if not (settings and settings.accounts) else ""
    if given["stackset"]:
        say(workflow_iam.template(use, settings, given["trusted"], given["role_name"]))
    elif given["trusted"]:
        say(json.dumps(workflow_iam.trust(settings, given["trusted"], given["external_id"]), indent=2))
    elif given["explain"]:
        say(workflow_iam.explanation(use, settings, name, given["organization"]))
    else:
        told(use, [dict(one) for one in workflow_iam.policies(use, settings, name, given["organization"])], output)
    return OK


def settings_if_any(config: Path | None, regions: tuple[str, ...]) -> Settings | None:
    """The settings, where a file or an option says anything. No site is asked for; every region has to be AWS's."""
    if not (file_in_use(config, os.environ) or regions):
        return None
    settings = workflow.settings(config, {"regions": list(regions)}, os.environ, offline=True)
    if settings.regions != (ANY,):
        workflow.settings(config, {"regions": list(regions)}, os.environ, offline=False, golden_needed=False)
    return settings


def told(use: str, policies: list[dict[str, Any]], output: Path | None) -> None:
    """Print the policies, or write a file each."""
    if output:
        texts = [json.dumps(one, indent=2) + "\n" for one in policies]
        for path in workflow_iam.write_policies(output, use, texts):
            say(str(path))
        return
    say(json.dumps(policies[0] if len(policies) == 1 else policies, indent=2))
    if len(policies) > 1:
        note(f"These are {len(policies)} policies, as IAM takes no longer ones. -o FOLDER writes a file each.")


COMMANDS: Final = (iam_policy,)
