"""What is in the way of deploying: drift that nobody accepted, and what could not be read. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from auditor.model.plan import Plan
from auditor.model.pointer import overlap
from auditor.model.rollout import Rollout, properties_of
from auditor.model.values import Drift, Finding

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


def left_in_the_way(found: Drift, plan: Plan, rollout: Rollout) -> tuple[str, ...]:
    """Each reason not to deploy that is there still when the plan is carried out to the end: what it leaves out."""
    return in_the_way(replace(found, findings=tuple(_left(found, plan))), rollout)


def _left(found: Drift, plan: Plan) -> Iterator[Finding]:
    for finding in found.findings:
        paths = [one.path for one in plan.left_out if one.finding == finding.id]
        changes = tuple(one for one in finding.changes if any(overlap(one.path, path) for path in paths))
        # Where nothing says what becomes of it, it stays.
        if paths or not any(finding.id in action.reason for action in plan.actions):
            yield replace(finding, changes=changes or finding.changes)


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
