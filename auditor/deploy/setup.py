"""What shipping needs in AWS, as CloudFormation templates that are filled in with what the settings say."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from auditor.deploy.buckets import NAME, named
from auditor.deploy.template import Place, at, block, composed, filled, quoted, span, sub, template
from auditor.errors import SettingsError

PLATFORMS: Final = ("Server", "Lambda", "ECS")
TEMPLATE_LIMIT: Final = 51_200
"""Bytes of a template that is passed as text.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
"""
INLINE_LIMIT: Final = 4 * 1024 * 1024
"""Bytes of a function's zipped code in a template.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html
"""
_TRIGGER: Final = Path(__file__).parent / "functions" / "codedeploy_trigger.py"
_REGION: Final = "${AWS::Region}"
_ACCOUNT: Final = "${AWS::AccountId}"
# As the templates' AllowedPattern has it: CloudFormation would refuse a Default that does not fit only when it runs.
_APPLICATION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_GROUP: Final = re.compile(r"[A-Za-z0-9_.+=@-]{1,100}")
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9_-]+/[A-Za-z0-9._-]+")
_REF: Final = re.compile(r"refs/[A-Za-z0-9._/*?-]+")
_ACCOUNT_ID: Final = re.compile(r"[0-9]{12}")
_POLICY: Final[Place] = ("PolicyDocument", "Statement", 0)
_SENDING: Final[Place] = ("Resources", "QueuePolicy", "Properties", *_POLICY)
_PUTTING: Final[Place] = ("Resources", "ListenerRole", "Properties", "Policies", 0, *_POLICY)
_NOTHING: Final = "No template was made."


@dataclass(frozen=True)
class Setup:
    """What the templates are filled in with.

    `bucket` is a name in which `{region}` and `{account}` are placeholders. `accounts` has the account id of each
    region that is in another account than the stack. `repository` ("OWNER/NAME") and `ref` are the listener's; without
    a repository, the stack asks for one.
    """

    application: str
    groups: tuple[str, ...]
    bucket: str
    regions: tuple[str, ...]
    accounts: Mapping[str, str] = field(default_factory=dict)
    platform: str = "Server"
    repository: str = ""
    ref: str = "refs/heads/main"


def region_template(setup: Setup) -> str:
    """The stack of each region, the same text for all of them, with the trigger's code in it.

    Raises SettingsError, naming every problem at once.
    """
    _check(setup)
    name = named(setup.bucket, _REGION, _ACCOUNT)
    values = {
        ("Parameters", "Application", "Default"): quoted(setup.application),
        ("Parameters", "Platform", "Default"): quoted(setup.platform),
        ("Resources", "Bucket", "Properties", "BucketName"): sub(name),
        (*_SENDING, "Condition", "ArnEquals", "aws:SourceArn"): sub(f"arn:${{AWS::Partition}}:s3:::{name}"),
        ("Resources", "Trigger", "Properties", "Code", "ZipFile"): block(trigger_code(), indent=10),
    }
    if setup.groups:
        values["Parameters", "Groups", "Default"] = quoted(",".join(setup.groups))
    else:
        # An alias that is moved without CodeDeploy needs no application, and a group would need a name.
        values["Parameters", "CreateApplication", "Default"] = quoted("no")
    text = filled(template("region.yaml"), values)
    return _with_groups(text, len(setup.groups))


def listener_template(setup: Setup) -> str:
    """The stack of the GitHub listener, which is made once. Raises SettingsError, naming every problem at once."""
    _check(setup)
    buckets = {region: named(setup.bucket, region, setup.accounts.get(region) or _ACCOUNT) for region in setup.regions}
    arns = [sub(f"arn:${{AWS::Partition}}:s3:::{name}/${{Application}}/*") for name in buckets.values()]
    variables = ("Resources", "Listener", "Properties", "Environment", "Variables")
    values = {
        ("Parameters", "Application", "Default"): quoted(setup.application),
        ("Parameters", "Ref", "Default"): quoted(setup.ref),
        (*_PUTTING, "Resource"): f"\n{' ' * 18}".join(f"- {arn}" for arn in arns),
        (*variables, "BUCKETS"): sub(json.dumps(buckets), quote="'"),
    }
    if setup.repository:
        values["Parameters", "Repository", "Type"] = f"String\n    Default: {quoted(setup.repository)}"
    return filled(template("listener.yaml"), values)


def trigger_code() -> str:
    """The CodeDeploy trigger, as it is put into a template: one file without a library but boto3."""
    return _TRIGGER.read_text(encoding="utf-8")


def _check(setup: Setup) -> None:
    fits = (
        ("'deploy.application'", setup.application, _APPLICATION, "letters, digits, '-' and '_', 32 at most"),
        *(("'deploy.groups'", group, _GROUP, "letters, digits and '_.+=@-', 100 at most") for group in setup.groups),
        *(("the repository", name, _REPOSITORY, "OWNER/NAME") for name in (setup.repository,) if name),
        ("the ref", setup.ref, _REF, "a whole ref, as refs/heads/main or refs/tags/v*"),
        *(("an account", one, _ACCOUNT_ID, "12 digits") for one in setup.accounts.values() if one),
    )
    problems = [f"{what}: {text!r} is not {like}." for what, text, pattern, like in fits if not pattern.fullmatch(text)]
    problems += [*_platform_problems(setup), *_bucket_problems(setup)]
    if problems:
        raise SettingsError("\n".join([*problems, f"{_NOTHING} Correct that in auditor.yaml, or in the options."]))


def _platform_problems(setup: Setup) -> list[str]:
    if setup.platform not in PLATFORMS:
        return [f"the platform {setup.platform!r} is none of {', '.join(PLATFORMS)}."]
    if setup.platform == "Server" and not setup.groups:
        return ["'deploy.groups' names no group, and a Server application is deployed to groups."]
    return []


def _bucket_problems(setup: Setup) -> list[str]:
    pattern = setup.bucket
    if "{region_short}" in pattern:
        return [
            f"'deploy.bucket': {pattern!r} holds {{region_short}}, which CloudFormation cannot fill: write {{region}}."
        ]
    if "{region}" not in pattern and len(setup.regions) > 1:
        return [f"'deploy.bucket': {pattern!r} is one name for {len(setup.regions)} regions. Put {{region}} into it."]
    made = [named(pattern, region, "0" * 12) for region in setup.regions]
    bad = [name for name in made if not NAME.fullmatch(name)]
    return [
        f"'deploy.bucket': {name!r} is no bucket's name (3 to 63 of a-z, 0-9, '-' and '.'; {{region}} and {{account}} "
        "are filled in)."
        for name in bad[:1]
    ]


def _with_groups(text: str, count: int) -> str:
    """A resource of its own for each further group, behind the first."""
    for first in ("ServerGroup", "LambdaGroup"):
        start, end = span(text, at(composed(text), ("Resources", first)))
        more = (text[start:end].replace("!Select [0,", f"!Select [{number - 1},") for number in range(2, count + 1))
        made = "".join(f"\n\n  {first}{number}:\n    {one}" for number, one in enumerate(more, 2))
        text = text[:end] + made + text[end:]
    return text
