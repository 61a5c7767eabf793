"""Whatever CodeDeploy has in a site and in golden: it takes the planned calls in their order, and the way back too.

CodeDeploy is a small model of what it refuses, written by its documentation and apart from what plans are made of:
https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateDeploymentGroup.html and its neighbours.
"""

from __future__ import annotations

from hypothesis import example, given, settings, strategies as st
from plan.grounds import APPLICATION, DEPLOYMENT_CONFIG, GOLDEN, TARGET, planned, resource, site

from auditor.plan.choice import Choice

GROUP = "AWS::CodeDeploy::DeploymentGroup"
ROLE = "arn:aws:iam::123456789012:role/deploy"
READY_MADE = "CodeDeployDefault.OneAtATime"


class RefusedError(Exception):
    """The model does not take a call."""


class CodeDeploy:
    """The applications, configs and groups of a region, and what CodeDeploy refuses of them."""

    def __init__(self, state):
        self.applications, self.configs = set(state["applications"]), set(state["configs"])
        self.groups = {f"{one}/{two}": dict(has) for (one, two), has in state["groups"].items()}

    def call(self, operation, params, native):
        getattr(self, operation)(params, native)

    def refuse(self, why, holds):
        if holds:
            raise RefusedError(why)

    def takes(self, params):
        config = params.get("deploymentConfigName", READY_MADE)
        self.refuse(f"there is no config {config}", config != READY_MADE and config not in self.configs)

    def CreateApplication(self, _, native):  # noqa: N802 as AWS calls it
        self.refuse("it is there", native in self.applications)
        self.applications.add(native)

    def DeleteApplication(self, _, native):  # noqa: N802
        self.refuse("it is not there", native not in self.applications)
        self.refuse("groups would go with it", any(one.startswith(f"{native}/") for one in self.groups))
        self.applications.remove(native)

    def CreateDeploymentConfig(self, _, native):  # noqa: N802
        self.refuse("it is there", native in self.configs)
        self.configs.add(native)

    def DeleteDeploymentConfig(self, _, native):  # noqa: N802
        self.refuse("it is in use", any(one["config"] == native for one in self.groups.values()))
        self.configs.remove(native)

    def CreateDeploymentGroup(self, params, native):  # noqa: N802
        self.refuse("there is no application", native.partition("/")[0] not in self.applications)
        self.takes(params)
        self.groups[native] = {
            "config": params.get("deploymentConfigName", READY_MADE),
            "tagged": "ec2TagFilters" in params,
        }

    def UpdateDeploymentGroup(self, params, native):  # noqa: N802
        self.refuse("it is not there", native not in self.groups)
        self.takes(params)
        both = all(name in params for name in ("ec2TagFilters", "ec2TagSet"))
        self.refuse("InvalidEC2TagCombinationException", both)
        group = self.groups[native]
        group["config"] = params.get("deploymentConfigName", group["config"])
        group["tagged"] = bool(params.get("ec2TagFilters", group["tagged"]))

    def DeleteDeploymentGroup(self, _, native):  # noqa: N802
        del self.groups[native]


def is_possible(state):
    used = {one["config"] for one in state["groups"].values()}
    return used - {READY_MADE} <= set(state["configs"]) and {one for one, _ in state["groups"]} <= set(
        state["applications"]
    )


GROUPS = st.dictionaries(
    st.tuples(st.sampled_from(["shop", "site"]), st.sampled_from(["web", "jobs"])),
    st.fixed_dictionaries({"config": st.sampled_from([READY_MADE, "slow", "fast"]), "tagged": st.booleans()}),
    max_size=3,
)
STATES = st.fixed_dictionaries(
    {
        "applications": st.sets(st.sampled_from(["shop", "site"])),
        "configs": st.sets(st.sampled_from(["slow", "fast"])),
        "groups": GROUPS,
    }
).filter(is_possible)
KEPT = {"applications": {"kept"}, "configs": {"steady"}}


def group(application, name, has):
    filters = {"ec2TagFilters": [{"Key": "a", "Value": "b", "Type": "KEY_AND_VALUE"}]} if has["tagged"] else {}
    sets = {} if has["tagged"] else {"ec2TagSet": {"ec2TagSetList": [[{"Key": "c", "Type": "KEY_ONLY"}]]}}
    own = {"applicationName": application, "deploymentGroupName": name, "serviceRoleArn": ROLE}
    return resource(
        GROUP,
        f"{application}/{name}",
        configuration={**own, "deploymentConfigName": has["config"], "computePlatform": "Server", **filters, **sets},
    )


def deploying(region, state):
    applications = [
        resource(APPLICATION, one, configuration={"applicationName": one, "computePlatform": "Server"})
        for one in sorted(state["applications"] | KEPT["applications"])
    ]
    configs = [
        resource(
            DEPLOYMENT_CONFIG,
            one,
            configuration={
                "deploymentConfigName": one,
                "computePlatform": "Server",
                "minimumHealthyHosts": {"type": "HOST_COUNT", "value": 1},
            },
        )
        for one in sorted(state["configs"] | KEPT["configs"])
    ]
    kept = group("kept", "all", {"config": READY_MADE, "tagged": True})
    return site(region, *applications, *configs, kept, *(group(*key, has) for key, has in state["groups"].items()))


def whole(state):
    return {
        "applications": state["applications"] | KEPT["applications"],
        "configs": state["configs"] | KEPT["configs"],
        "groups": {**state["groups"], ("kept", "all"): {"config": READY_MADE, "tagged": True}},
    }


def groups_of(state):
    return {f"{one}/{two}": dict(has) for (one, two), has in whole(state)["groups"].items()}


@settings(max_examples=200)
@given(STATES, STATES)
@example(
    {"applications": {"shop"}, "configs": {"slow"}, "groups": {("shop", "web"): {"config": "slow", "tagged": True}}},
    {"applications": {"site"}, "configs": {"fast"}, "groups": {("site", "web"): {"config": "fast", "tagged": False}}},
)
def test_codedeploy_takes_every_plan_and_its_way_back(found, wanted):
    choice = Choice(deletes=True)
    plan = planned(deploying(GOLDEN, wanted), deploying(TARGET, found), choice=choice)
    model = CodeDeploy(whole(found))

    for action in plan.actions:
        for call in action.calls:
            model.call(call.operation, call.params, action.native)
    assert (model.applications, model.configs) == (whole(wanted)["applications"], whole(wanted)["configs"])
    assert model.groups == groups_of(wanted)

    for action in reversed([one for one in plan.actions if one.undo]):
        for call in action.undo:
            model.call(call.operation, call.params, action.native)
    if all(one.undo or not one.cannot_undo for one in plan.actions):
        assert (model.applications, model.configs) == (whole(found)["applications"], whole(found)["configs"])
        assert model.groups == groups_of(found)
