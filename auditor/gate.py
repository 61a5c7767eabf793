"""What is in the way of deploying: drift that nobody accepted, and what could not be read. Pure."""

from __future__ import annotations

from typing import Final

from auditor.model import Drift, Finding
from auditor.rollout import Rollout, properties_of

_GROUP: Final = "AWS::CodeDeploy::DeploymentGroup"


def in_the_way(found: Drift, rollout: Rollout) -> tuple[str, ...]:
    """Each reason not to deploy, in words; what the rollout itself replaces is none."""
    own: dict[tuple[str, str], tuple[str, ...]] = {
        (_GROUP, f"{rollout.application}/{group}"): ("/Revision",) for group in rollout.groups
    }
    own |= _function(rollout)
    findings = [one for one in found.findings if one.exception is None and not _replaced(one, own)]
    reasons = [f"{one.site}: {one.type}/{one.name} is {one.kind}{_paths(one)}" for one in findings]
    unread = [] if found.complete or any(one.kind == "unreadable" for one in findings) else ["something was not read"]
    return (*reasons, *unread)


def _function(rollout: Rollout) -> dict[tuple[str, str], tuple[str, ...]]:
    if rollout.platform != "Lambda" or not rollout.appspec:
        return {}
    properties = properties_of(rollout.appspec)
    name = properties["Name"]
    return {
        ("AWS::Lambda::Function", name): ("/Code",),
        ("AWS::Lambda::Alias", f"{name}/{properties['Alias']}"): ("/FunctionVersion",),
    }


def _replaced(finding: Finding, own: dict[tuple[str, str], tuple[str, ...]]) -> bool:
    places = own.get((finding.type, finding.name), ())
    return finding.kind == "changed" and all(
        not one.unreadable and one.path.startswith(places) for one in finding.changes
    )


def _paths(finding: Finding) -> str:
    paths = [one.path for one in finding.changes]
    return f" ({', '.join(paths[:3])}{', …' if len(paths) > 3 else ''})" if paths else ""
