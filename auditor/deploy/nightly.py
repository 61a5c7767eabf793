"""What the nightly audit needs in AWS, as a CloudFormation template that is filled in with what the settings say."""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ruamel.yaml import YAML

from auditor.deploy.template import filled, quoted, template
from auditor.errors import SettingsError

FORMS: Final = ("lambda", "fargate")
"""As a function, which has 15 minutes and 10 GB of memory, or as a container, which has no limit of time."""
ATTACHED: Final = 10
"""Managed policies that a role has, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html."""
_OPENS: Final = re.compile(r"\s*#: (\w+)")
# What of a golden can be a dimension's value: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/
_PLAIN: Final = re.compile(r"[ !#-\[\]-~]{1,255}")


@dataclass(frozen=True)
class Nightly:
    """What the template is filled in with.

    `policies` are IAM's documents of what reading takes; `roles` the ARNs of other accounts' roles, and `topics` those
    of SNS topics that are told.
    """

    golden: str
    policies: Sequence[Mapping[str, Any]]
    roles: Sequence[str] = ()
    topics: Sequence[str] = ()
    organization: Sequence[str] = ()
    """The actions that tell the accounts of AWS Organizations, where they come from there."""
    form: str = "lambda"


def nightly_template(nightly: Nightly) -> str:
    """The stack of the nightly audit. Raises SettingsError where the settings do not fit into one."""
    _check(nightly)
    text = _of_form(template("nightly.yaml"), nightly.form)
    names = [f"AuditPolicy{number}" for number in range(1, len(nightly.policies) + 1)]
    made = {name: _policy(one) for name, one in zip(names, nightly.policies, strict=True)}
    refs = "".join(f"- !Ref {name}\n" for name in names)
    text = _put(text, "policies", "".join(f"{_yaml({name: one})}\n" for name, one in made.items()))
    text = _put(_put(text, "attached", refs), "statements", _statements(nightly))
    return filled(text, {("Parameters", "Golden", "Default"): quoted(nightly.golden)})


def _check(nightly: Nightly) -> None:
    problems = []
    if not _PLAIN.fullmatch(nightly.golden):
        problems.append(f"golden: {nightly.golden!r} cannot be the name of CloudWatch's metrics.")
    if len(nightly.policies) > ATTACHED:
        problems.append(f"These settings need {len(nightly.policies)} policies, and a role has {ATTACHED} at most.")
    if problems:
        raise SettingsError("\n".join([*problems, "No template was made. Correct that in auditor.yaml."]))


def _of_form(text: str, form: str) -> str:
    """The lines of all forms, and those between `#: FORM` and `#: end`."""
    kept, within = [], ""
    for line in text.splitlines(keepends=True):
        mark = _OPENS.match(line)
        if mark and mark[1] in (*FORMS, "end"):
            within = "" if mark[1] == "end" else mark[1]
        elif within in ("", form):
            kept.append(line)
    return "".join(kept)


def _put(text: str, name: str, what: str) -> str:
    """The text with something in the place of the line `#: NAME`, as far to the right."""
    (line,) = (one for one in text.splitlines(keepends=True) if one.strip() == f"#: {name}")
    indent = line[: -len(line.lstrip())]
    return text.replace(line, textwrap.indent(what, indent))


def _policy(document: Mapping[str, Any]) -> dict[str, Any]:
    return {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}}


def _statements(nightly: Nightly) -> str:
    asked = (
        ("ReadsOtherAccounts", "sts:AssumeRole", nightly.roles),
        ("TellsTopics", "sns:Publish", nightly.topics),
        ("ListsAccounts", list(nightly.organization), ["*"] if nightly.organization else []),
    )
    made = [
        {"Sid": sid, "Effect": "Allow", "Action": action, "Resource": list(arns)} for sid, action, arns in asked if arns
    ]
    return _yaml(made) if made else ""


def _yaml(value: Any) -> str:
    into = io.StringIO()
    yaml = YAML(typ="rt", pure=True)
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump(value, into)
    text = into.getvalue()
    return textwrap.dedent(text) if isinstance(value, list) else text
