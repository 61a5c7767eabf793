"""The command that prints IAM policies."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final

import click

from auditor.cli.options import OK, note, say
from auditor.cli.sites import split_at_commas
from auditor.commands import iam_policy as iam_policy_command
from auditor.errors import SettingsError
from auditor.iam.trust import role_named
from auditor.settings.load import Settings, file_in_use

ROLE: Final = "auditor"
"""What the role in each account is called where nothing says."""


_OF_CALLER: Final = (
    "--stackset makes the role of each account, and 'caller' is who takes it. Say audit, reconcile or deploy."
)
_IN_TEMPLATE: Final = (
    "The external id is a secret, so no template holds it. Leave --external-id out, and give it to the stack set as "
    "its parameter ExternalId."
)
_TRUSTS_NOBODY: Final = "--external-id is what a trust policy asks for. Say whom it trusts with --trust."
_NOTHING_EXPLAINED: Final = "--explain is of a policy's actions, and --trust and --stackset print none. Leave one out."
_NOT_OF_CALLER: Final = "--organization is of the policy of 'caller', who asks for the accounts. Leave it out."
_NO_POLICY: Final = (
    "-o writes policies, and --trust, --stackset and --explain print something else. Leave -o out, and send stdout to "
    "a file."
)


@click.command("iam-policy")
@click.argument("use", type=click.Choice([*iam_policy_command.USES, iam_policy_command.CALLER]), default="audit")
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The settings that narrow it; auditor.yaml or AUDITOR_CONFIG by default, if there is one.",
)
@click.option("--region", "regions", multiple=True, metavar="SITE", callback=split_at_commas,
              help="A site it is for; repeatable, or with commas.")  # fmt: skip
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
    default="",
    metavar="NAME",
    help="The role's name, with --stackset; with 'caller', whose roles it may take. 'auditor' if nothing names one.",
)
@click.option("--organization", is_flag=True, help="With 'caller': accounts come from AWS Organizations.")  # fmt: skip
def iam_policy(use: str, config: Path | None, regions: tuple[str, ...], output: Path | None, **given: Any) -> int:
    """Print the least-privilege IAM policy of a use, as JSON.

    Without settings it is for all regions and types; the settings narrow it. A policy has 6,144 characters at most:
    where more than one is needed, a JSON list of them is printed. 'caller' is what who runs the program needs to
    assume a role in each account. Calls nothing.
    """
    refuse_idle(use, output, given)
    settings = settings_if_any(config, regions)
    named = settings and (settings.accounts or settings.organization)
    name = role_named(given["role_name"]) or ("" if named else ROLE)
    for line in iam_policy_command.topic_warnings(settings):
        note(line)
    if given["stackset"]:
        say(iam_policy_command.template(use, settings, given["trusted"], given["role_name"] or ROLE))
    elif given["trusted"]:
        say(json.dumps(iam_policy_command.trust(settings, given["trusted"], given["external_id"]), indent=2))
    elif given["explain"]:
        say(iam_policy_command.explanation(use, settings, name, given["organization"]))
    else:
        told(
            use, [dict(one) for one in iam_policy_command.policies(use, settings, name, given["organization"])], output
        )
    return OK


def refuse_idle(use: str, output: Path | None, given: dict[str, Any]) -> None:
    """Raise SettingsError for options that would do nothing beside the others."""
    wrong = (
        (given["stackset"] and use == iam_policy_command.CALLER, _OF_CALLER),
        (given["external_id"] and given["stackset"], _IN_TEMPLATE),
        (given["external_id"] and not given["trusted"], _TRUSTS_NOBODY),
        (given["explain"] and (given["stackset"] or given["trusted"]), _NOTHING_EXPLAINED),
        (given["organization"] and use != iam_policy_command.CALLER, _NOT_OF_CALLER),
        (output and (given["stackset"] or given["trusted"] or given["explain"]), _NO_POLICY),
    )
    for is_so, why in wrong:
        if is_so:
            raise SettingsError(f"{why} Nothing was printed.")


def settings_if_any(config: Path | None, regions: tuple[str, ...]) -> Settings | None:
    """The settings, where a file or an option says anything. No site is asked for; every region has to be AWS's."""
    if not (file_in_use(config, os.environ) or regions):
        return None
    return iam_policy_command.unasked_settings(config, {"regions": list(regions)}, os.environ, golden_needed=False)


def told(use: str, policies: list[dict[str, Any]], output: Path | None) -> None:
    """Print the policies, or write a file each."""
    if output:
        texts = [json.dumps(one, indent=2) + "\n" for one in policies]
        earlier = iam_policy_command.earlier_files(output, use, len(texts))
        if earlier:
            note(f"warning: {', '.join(map(str, earlier))} of an earlier run: not of these policies, and left there.")
        for path in iam_policy_command.write_policies(output, use, texts):
            say(str(path))
        return
    say(json.dumps(policies[0] if len(policies) == 1 else policies, indent=2))
    if len(policies) > 1:
        note(f"These are {len(policies)} policies, as IAM takes no longer ones. -o FOLDER writes a file each.")


COMMANDS: Final = (iam_policy,)
