"""What to say of calls that change where CodeDeploy's next deployment goes, and what stops it. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from auditor.dangers.words import Asked, Rule, always, elements, listed, members
from auditor.model.plan import Warned
from auditor.model.values import Value
from auditor.specs.tag_words import filter_words

_WHERE: Final = "the next deployment reaches other hosts"


def _group(asked: Asked) -> Iterator[Warned]:
    before = members(asked.found)
    for name, told in _MEMBERS.items():
        if name in asked.params:
            yield from told(name, before.get(name), asked.params[name])


def _hosts(name: str, before: Value, after: Value) -> Iterator[Warned]:
    here, there = _names(before), _names(after)
    new, gone = ([one for one in these if one not in those] for these, those in ((there, here), (here, there)))
    words = [f"{listed(names)} {what}" for names, what in ((new, "added"), (gone, "removed")) if names]
    if words:
        yield Warned("outage", f"{_WHERE}: {name}, {', '.join(words)}")
    elif isinstance(after, Mapping) and members(before) != after:
        yield Warned("outage", f"{_WHERE}: {name} combines or orders the same ones in another way")


def _scaled(name: str, before: Value, after: Value) -> Iterator[Warned]:
    yield from _hosts(name, before, after)
    new = [one for one in _names(after) if one not in _names(before)]
    if new:
        yield Warned("outage", f"{listed(new)}: a hook is installed, and new instances wait for their deployment")


def _names(value: Value) -> list[str]:
    """What a list of hosts, or a structure of such lists, names."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [name for one in value for name in _names(one)]
    known = members(value)
    if "Key" in known or "Value" in known:
        return [filter_words(known)]
    if "serviceName" in known:
        return [f"{known.get('clusterName')}/{known['serviceName']}"]
    if "name" in known:
        return [str(known["name"])]
    return [name for one in known.values() for name in _names(one)]


def _triggers(_: str, before: Value, after: Value) -> Iterator[Warned]:
    here, there = _told(before), _told(after)
    for target in here | there:
        new, gone = (
            there.get(target, set()) - here.get(target, set()),
            here.get(target, set()) - there.get(target, set()),
        )
        if gone:
            yield Warned("outage", f"{target} is no longer told of {listed(sorted(gone))}")
        if new:
            yield Warned("outage", f"{target} is told of {listed(sorted(new))}, and what listens there acts")


def _told(triggers: Value) -> dict[str, set[str]]:
    told: dict[str, set[str]] = {}
    for one in elements(triggers):
        told.setdefault(str(one.get("triggerTargetArn")), set()).update(map(str, elements(one.get("triggerEvents"))))
    return told


def _alarms(_: str, before: Value, after: Value) -> Iterator[Warned]:
    here, there = (
        [str(one.get("name")) for one in elements(members(value).get("alarms"))] for value in (before, after)
    )
    was, becomes = (bool(members(value).get("enabled")) for value in (before, after))
    gone = [name for name in here if not becomes or name not in there]
    if was and (gone or not becomes):
        yield Warned("outage", f"a deployment is no longer stopped by {listed(gone) or 'alarms'}")
    if becomes and members(after).get("ignorePollAlarmFailure") and not members(before).get("ignorePollAlarmFailure"):
        yield Warned("outage", "a deployment goes on where the alarms cannot be read")


def _rollback(_: str, before: Value, after: Value) -> Iterator[Warned]:
    here, there = (
        elements(members(value).get("events")) if members(value).get("enabled") else [] for value in (before, after)
    )
    gone = [str(event) for event in here if event not in there]
    if gone:
        yield Warned("outage", f"nothing is rolled back by itself any more at {listed(gone)}")


def _becomes(text: str) -> Callable[[str, Value, Value], Iterator[Warned]]:
    def told(name: str, before: Value, after: Value) -> Iterator[Warned]:
        if before != after:
            value = after if isinstance(after, str) else json.dumps(after, sort_keys=True)
            yield Warned("outage", f"{text}: {name} becomes {value}")

    return told


def _hook(_: str, before: Value, after: Value) -> Iterator[Warned]:
    if after and not before:
        yield Warned(
            "outage", "a hook keeps instances of the Auto Scaling groups from ending until it is done with them"
        )
    elif before and not after:
        yield Warned("outage", "instances of the Auto Scaling groups end before their deployment is over")


def _role(_: str, before: Value, after: Value) -> Iterator[Warned]:
    if before and before != after:
        yield Warned("outage", f"the next deployment acts as {after} instead of {before}, and fails where that may not")


_TRAFFIC: Final = _becomes("the next deployment moves traffic in another way")
_MEMBERS: Final[Mapping[str, Callable[[str, Value, Value], Iterator[Warned]]]] = {
    "autoScalingGroups": _scaled,
    "ec2TagFilters": _hosts,
    "ec2TagSet": _hosts,
    "onPremisesInstanceTagFilters": _hosts,
    "onPremisesTagSet": _hosts,
    "ecsServices": _hosts,
    "loadBalancerInfo": _hosts,
    "deploymentStyle": _TRAFFIC,
    "blueGreenDeploymentConfiguration": _TRAFFIC,
    "deploymentConfigName": _becomes("the next deployment goes at another pace"),
    "outdatedInstancesStrategy": _becomes("instances that miss a revision are treated in another way"),
    "ec2DeploymentOptions": _becomes("Auto Scaling is held back in another way while a deployment goes on"),
    "serviceRoleArn": _role,
    "terminationHookEnabled": _hook,
    "triggerConfigurations": _triggers,
    "alarmConfiguration": _alarms,
    "autoRollbackConfiguration": _rollback,
}
"""What to say of a member of a group that is sent, from what it was to what it becomes."""

CODEDEPLOY: Final[Mapping[str, Rule]] = {
    "UpdateDeploymentGroup": _group,
    "DeleteApplication": always("irreversible", "its groups, revisions and history of deployments go with it"),
    "DeleteDeploymentGroup": always("irreversible", "its history of deployments goes with it, and its hooks"),
    "DeleteGitHubAccountToken": always("irreversible", "only somebody who signs in to GitHub can make it again"),
    "DeleteResourcesByExternalId": always(
        "irreversible", "what it takes away, AWS alone made, and no call makes again"
    ),
}
