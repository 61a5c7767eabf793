"""What CodeDeploy takes in an AppSpec, by compute platform. A server's has rules of its own, the agent's.

https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure.html and the pages below it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from auditor.deploy.agent_keys import RESERVED
from auditor.deploy.appspec_checks import (
    TEXT,
    Check,
    Place,
    Problem,
    is_text,
    is_whole,
    listed,
    mapping,
    near,
    one_of,
    shown,
    value_that,
)
from auditor.deploy.appspec_server import problems_of_server
from auditor.deploy.artifact_tree import Tree

TYPES: Final = {"AWS::Lambda::Function": "Lambda", "AWS::ECS::Service": "ECS"}
"""The compute platform by the type of the resource that an AppSpec deploys."""
_EVENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "Lambda": ("BeforeAllowTraffic", "AfterAllowTraffic"),
    "ECS": ("BeforeInstall", "AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic"),
}


def problems(platform: str, name: str, content: Mapping[str, Any], tree: Tree) -> Iterator[Problem]:
    """All that is wrong with an AppSpec for this platform. `name` is its own."""
    if platform == "Server":
        yield from problems_of_server(name, content, tree)
    else:
        yield from _RESOURCE[platform](content, ())


def _event(event: str, platform: str, place: Place) -> Iterator[Problem]:
    known = _EVENTS[platform]
    if event in known:
        return
    if event in RESERVED:
        yield Problem(place, "nothing can be run at this event: CodeDeploy keeps it for itself")
    else:
        yield Problem(place, f"no such event on {platform}{near(event, known)}; expected {', '.join(known)}")


def _functions(platform: str) -> Check:
    def check(value: Any, place: Place) -> Iterator[Problem]:
        if not isinstance(value, Mapping) or len(value) != 1:
            yield Problem(place, f"expected one event with the name of a Lambda function, found {shown(value)}")
            return
        for event, function in value.items():
            yield from _event(event, platform, (*place, event))
            yield from _FUNCTION(function, (*place, event))

    return listed(check)


def _resource(platform: str, properties: Check) -> Check:
    type_ = next(name for name, of in TYPES.items() if of == platform)
    entry = mapping({"Type": one_of(type_), "Properties": properties}, {"Type", "Properties"})

    def check(value: Any, place: Place) -> Iterator[Problem]:
        if not isinstance(value, list) or [len(one) if isinstance(one, Mapping) else 0 for one in value] != [1]:
            yield Problem(place, f"expected a list of exactly one {type_}")
            return
        for name, one in value[0].items():
            if platform == "ECS" and name != "TargetService":
                yield Problem((*place, 0, name), "expected the name TargetService")
            yield from entry(one, (*place, 0, name))

    fields = {
        "version": value_that(lambda one: one in (0, "0.0") and not isinstance(one, bool), "expected 0.0"),
        "Resources": check,
        "Hooks": _functions(platform),
    }
    return mapping(fields, {"version", "Resources"}, optional={"Hooks"})


def _task_definition(value: Any, place: Place) -> Iterator[Problem]:
    if not (isinstance(value, str) and value.startswith(("arn:", "${"))):
        yield Problem(place, f"expected a task definition's ARN, found {shown(value)}")


_FUNCTION: Final = value_that(is_text, "expected the name or ARN of a Lambda function")
_VERSION: Final = value_that(lambda one: re.fullmatch("[1-9][0-9]*", str(one)), "expected the number of a version")
_LAMBDA: Final = mapping(
    {"Name": TEXT, "Alias": TEXT, "CurrentVersion": _VERSION, "TargetVersion": _VERSION}, {"Name", "Alias"}
)
_VPC_SETTINGS: Final = {
    "Subnets": listed(TEXT),
    "SecurityGroups": listed(TEXT),
    "AssignPublicIp": one_of("ENABLED", "DISABLED"),
}
# All of them or none, says the page on the section 'resources'.
_VPC: Final = mapping(_VPC_SETTINGS, _VPC_SETTINGS)
_ECS: Final = mapping(
    {
        "TaskDefinition": _task_definition,
        "LoadBalancerInfo": mapping(
            {
                "ContainerName": TEXT,
                "ContainerPort": value_that(lambda one: is_whole(one, 1, 65_535), "expected a port, not in quotes"),
            },
            {"ContainerName", "ContainerPort"},
        ),
        "PlatformVersion": TEXT,
        "NetworkConfiguration": mapping({"AwsvpcConfiguration": _VPC}, {"AwsvpcConfiguration"}),
        "CapacityProviderStrategy": listed(
            mapping(
                {
                    "CapacityProvider": TEXT,
                    "Base": value_that(lambda one: is_whole(one, 0, 100_000), "expected a number of tasks"),
                    "Weight": value_that(lambda one: is_whole(one, 0, 1000), "expected 0 to 1000"),
                },
                {"CapacityProvider"},
            )
        ),
    },
    {"TaskDefinition", "LoadBalancerInfo"},
)
_RESOURCE: Final = {"Lambda": _resource("Lambda", _LAMBDA), "ECS": _resource("ECS", _ECS)}
