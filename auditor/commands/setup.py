"""What push-to-deploy and the nightly audit need in AWS, from the settings: templates, and the listener's code."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from auditor.commands import iam_policy as iam_policy_command
from auditor.commands.deploy import deploy_settings
from auditor.deploy.bundle import bundle
from auditor.deploy.nightly import Nightly, nightly_template
from auditor.deploy.setup import Setup, listener_template, region_template
from auditor.errors import SettingsError
from auditor.iam import grants as iam_grants
from auditor.runs.files import write_whole
from auditor.settings.load import Settings


def templates(settings_: Settings, platform: str, repository: str, ref: str) -> dict[str, str]:
    """What push-to-deploy needs in AWS, as CloudFormation templates: of each `region`, and the `listener`."""
    asked = deploy_settings(settings_)
    regions = tuple(site.region for site in settings_.sites)
    accounts = _account_ids(settings_, asked.bucket)
    setup = Setup(asked.application, asked.groups, asked.bucket, regions, accounts, platform, repository, ref)
    return {"region": region_template(setup), "listener": listener_template(setup)}


def _account_ids(settings_: Settings, bucket: str) -> dict[str, str]:
    """The account id of each region that is in another account, as the settings tell it."""
    found = {}
    for site in settings_.sites:
        found[site.region] = settings_.accounts[site.account].id if site.account else ""
        if site.account and not found[site.region] and "{account}" in bucket:
            raise SettingsError(
                f"'deploy.bucket' holds {{account}}, and nothing says what the account id of '{site.account}' is. No "
                f"template was made. Give it an 'account_id' under 'accounts', or write {{region}} alone."
            )
    if len(found) < len(settings_.sites):
        raise SettingsError(
            "Two sites are in one region, and a listener knows one bucket of each region. No template was made. Name "
            "the sites of one application alone, with --region."
        )
    return found


def write_setup(folder: Path, texts: Mapping[str, str]) -> int:
    """Write the templates and the listener's code into a folder; the code's size in bytes."""
    for name, text in texts.items():
        write_whole(folder / f"{name}.yaml", text)
    return bundle(folder / "functions.zip")


def nightly(settings_: Settings, form: str) -> str:
    """What the nightly audit needs in AWS, as a CloudFormation template: `lambda` or `fargate`."""
    listed = tuple(one.action for one in iam_grants.caller_grants(organization=True)) if settings_.organization else ()
    asked = tuple(one for one in listed if one.startswith("organizations:"))
    policies = iam_policy_command.role_policies("audit", settings_)
    roles = iam_policy_command.roles(settings_, iam_policy_command.bounds("audit", settings_).partition)
    topics = iam_policy_command.topics(settings_)
    return nightly_template(Nightly(settings_.golden, policies, roles, topics, asked, form))
