"""What CodeDeploy says of a deployment group in several ways, in one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from auditor.model.values import Value
from auditor.resources._empty import without_empties
from auditor.specs.tag_words import plain_filter

INSTALLED: Final = "installed by CodeDeploy"
"""In place of the name of a hook, which CodeDeploy makes up in each region."""
_LISTS: Final = ("ec2TagFilters", "onPremisesInstanceTagFilters")
_SETS: Final = (("ec2TagSet", "ec2TagSetList"), ("onPremisesTagSet", "onPremisesTagSetList"))
# https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentReadyOption.html: "Applies only to the
# STOP_DEPLOYMENT option". https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_BlueInstanceTerminationOption.html:
# only TERMINATE is "after a specified wait time".
_IDLE_WAITS: Final = (
    ("deploymentReadyOption", "actionOnTimeout", "CONTINUE_DEPLOYMENT", "waitTimeInMinutes"),
    ("terminateBlueInstancesOnDeploymentSuccess", "action", "KEEP_ALIVE", "terminationWaitTimeInMinutes"),
)
_HOOKS: Final = ("hook", "terminationHook")


def meant(raw: Value) -> Value:
    """A group without what says nothing: what is empty, and what AWS does not heed beside what else is said."""
    told = without_empties(raw)
    made = {name: [plain_filter(one) for one in told[name]] for name in _LISTS if name in told}
    made |= {name: _plain_set(told[name], members) for name, members in _SETS if name in told}
    if "autoScalingGroups" in told:
        made["autoScalingGroups"] = [_with_hooks(one) for one in told["autoScalingGroups"]]
    if "blueGreenDeploymentConfiguration" in told:
        made["blueGreenDeploymentConfiguration"] = _without_idle_waits(told["blueGreenDeploymentConfiguration"])
    return {**told, **made}


def _plain_set(tags: Mapping[str, Value], members: str) -> Value:
    if members not in tags:
        return tags
    return {**tags, members: [[plain_filter(tag) for tag in group] for group in tags[members]]}


def _with_hooks(group: Mapping[str, Value]) -> Value:
    """An Auto Scaling group with the hooks that CodeDeploy says it has there, whatever it calls them."""
    hooks = {name: INSTALLED for name in _HOOKS if group.get(name)}
    return {**{name: one for name, one in group.items() if name not in _HOOKS}, **hooks}


def _without_idle_waits(told: Mapping[str, Value]) -> Value:
    made = dict(told)
    for option, decides, idle, wait in _IDLE_WAITS:
        if option in made and made[option].get(decides) == idle:
            made[option] = {name: one for name, one in made[option].items() if name != wait}
    return made
