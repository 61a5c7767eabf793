"""What a revision must look like, and what its AppSpec says of a function. Knows nothing of the auditor."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

_MEMBERS: Final = {
    "S3": ("s3Location", ("bucket", "key")),
    "GitHub": ("gitHubLocation", ("repository", "commitId")),
    "String": ("string", ("content",)),
    "AppSpecContent": ("appSpecContent", ("content",)),
}
_KINDS: Final = {
    "Server": ("S3", "GitHub"),
    "Lambda": ("S3", "String", "AppSpecContent"),
    "ECS": ("S3", "AppSpecContent"),
}
_BUNDLES: Final = {"Server": ("tar", "tgz", "zip"), "Lambda": ("YAML", "JSON"), "ECS": ("YAML", "JSON")}


def problem_of(revision: Mapping[str, Any], platform: str) -> str:
    """Why CreateDeployment refuses a revision for a compute platform; "" where it takes it.

    https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_RevisionLocation.html
    """
    kind = str(revision.get("revisionType"))
    if kind not in _KINDS[platform]:
        return f"For {platform} deployments, the revision type must be one of {', '.join(_KINDS[platform])}."
    member, needed = _MEMBERS[kind]
    location = revision.get(member) or {}
    missing = [name for name in needed if not location.get(name)]
    if missing:
        return f"The revision is missing {member}.{missing[0]}."
    if kind == "S3" and location.get("bundleType") not in _BUNDLES[platform]:
        return f"BundleType must be one of {', '.join(_BUNDLES[platform])}."
    return ""


def function_of(revision: Mapping[str, Any]) -> dict[str, str]:
    """Name, Alias, CurrentVersion and TargetVersion, as text, of the function of an AppSpec; {} where it has none.

    https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html
    """
    content = str((revision.get("appSpecContent") or revision.get("string") or {}).get("content", ""))
    try:
        (entry,) = _parsed(content)["Resources"]
        (resource,) = entry.values()
        properties = resource["Properties"]
        return {name: str(properties[name]) for name in ("Name", "Alias", "CurrentVersion", "TargetVersion")}
    except (YAMLError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _parsed(content: str) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return YAML(typ="safe", pure=True).load(content)
