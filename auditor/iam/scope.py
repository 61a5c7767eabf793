"""On which resources, and under which conditions, each action is granted. Pure.

Which actions take which resources: https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from auditor.iam.grants import Grant

Condition = Mapping[str, Mapping[str, Any]]
PASSED_TO: Final = ("codedeploy.amazonaws.com", "lambda.amazonaws.com", "s3.amazonaws.com")
CHINA: Final = "aws-cn"


@dataclass(frozen=True)
class Bounds:
    """What the settings narrow a policy to; what is empty narrows nothing.

    `buckets` are those of artifacts, `*` for what their names hold of an account that nobody knows; `store` is
    BUCKET/PREFIX; `topics` and `roles` are ARNs.
    """

    partition: str = "aws"
    regions: tuple[str, ...] = ()
    buckets: tuple[str, ...] = ()
    application: str = ""
    groups: tuple[str, ...] = ()
    store: str = ""
    topics: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """What an action is done to.

    `arns` are what follows `arn:PARTITION:`; none for an action that takes no resource. `own`: it belongs to the
    caller's account, and AWS says whose it is. `regional`: it is asked for in the region that it is in.
    """

    arns: tuple[str, ...] = ()
    own: bool = False
    regional: bool = True


# The keys are those that an action's table below names.
KINDS: Final = {
    "any": Kind(),
    "anywhere": Kind(regional=False),
    "bucket": Kind(("s3:::*",), own=True),
    "object": Kind(("s3:::{bucket}/{application}/*",), own=True),
    "deploy-bucket": Kind(("s3:::{bucket}",), own=True),
    "store": Kind(("s3:::{store-bucket}",), regional=False),
    "store-object": Kind(("s3:::{store}*",), regional=False),
    "topic": Kind(("{topic}",), regional=False),
    "table-bucket": Kind(("s3tables:*:*:bucket/*",), own=True),
    "function": Kind(("lambda:*:*:function:*",), own=True),
    # Of other accounts too: AWS's own, and those of vendors.
    "layer": Kind(("lambda:*:*:layer:*",)),
    "mapping": Kind(("lambda:*:*:event-source-mapping:*",), own=True),
    "provider": Kind(("lambda:*:*:capacity-provider:*",), own=True),
    "signing": Kind(("lambda:*:*:code-signing-config:*",), own=True),
    "signed-function": Kind(("lambda:*:*:code-signing-config:*", "lambda:*:*:function:*"), own=True),
    "tagged": Kind(
        tuple(
            f"lambda:*:*:{name}:*"
            for name in ("capacity-provider", "code-signing-config", "event-source-mapping", "function")
        ),
        own=True,
    ),
    "application": Kind(("codedeploy:*:*:application:{application}",), own=True),
    "group": Kind(("codedeploy:*:*:deploymentgroup:{application}/{group}",), own=True),
    "tagged-codedeploy": Kind(("codedeploy:*:*:application:*", "codedeploy:*:*:deploymentgroup:*"), own=True),
    # CodeDeploy's own configs are in every account; whose they are for aws:ResourceAccount is not documented.
    "config": Kind(("codedeploy:*:*:deploymentconfig:*",)),
    "instance": Kind(("codedeploy:*:*:instance:*",), own=True),
    "role": Kind(("iam::*:role/*",), regional=False),
    "user": Kind(("iam::*:user/*",), regional=False),
    "passed-role": Kind(("iam::*:role/*",), regional=False),
    "assumed": Kind(("{role}",), regional=False),
    "stream": Kind(("kinesis:*:*:stream/*",), own=True),
    "table": Kind(("dynamodb:*:*:table/*",), own=True),
    "key": Kind(("kms:*:*:key/*",), own=True),
    # In the same region as the function, which the condition names.
    "lambda-key": Kind(("kms:*:*:key/*",), regional=False),
}
_ACTIONS: Final = {
    "any": (
        "s3:GetAccountPublicAccessBlock s3:ListAllMyBuckets s3:PutAccountPublicAccessBlock "
        "lambda:CreateCodeSigningConfig lambda:CreateEventSourceMapping lambda:GetAccountSettings "
        "lambda:ListCapacityProviders lambda:ListCodeSigningConfigs lambda:ListEventSourceMappings "
        "lambda:ListFunctions lambda:ListLayerVersions lambda:ListLayers "
        "codedeploy:BatchGetDeploymentTargets codedeploy:ListApplications codedeploy:ListDeploymentConfigs "
        "codedeploy:ListDeploymentTargets codedeploy:ListGitHubAccountTokenNames "
        "codedeploy:ListOnPremisesInstances codedeploy:StopDeployment"
    ),
    "key": "kms:DescribeKey",
    "layer": (
        "lambda:AddLayerVersionPermission lambda:GetLayerVersion lambda:GetLayerVersionPolicy "
        "lambda:PublishLayerVersion lambda:RemoveLayerVersionPermission"
    ),
    "mapping": ("lambda:DeleteEventSourceMapping lambda:GetEventSourceMapping lambda:UpdateEventSourceMapping"),
    "provider": (
        "lambda:CreateCapacityProvider lambda:DeleteCapacityProvider lambda:GetCapacityProvider "
        "lambda:PassCapacityProvider lambda:UpdateCapacityProvider"
    ),
    "signing": "lambda:DeleteCodeSigningConfig lambda:GetCodeSigningConfig lambda:UpdateCodeSigningConfig",
    "signed-function": "lambda:PutFunctionCodeSigningConfig",
    "tagged": "lambda:ListTags lambda:TagResource lambda:UntagResource",
    "application": (
        "codedeploy:BatchGetApplications codedeploy:CreateApplication codedeploy:DeleteApplication "
        "codedeploy:GetApplication codedeploy:GetApplicationRevision codedeploy:ListDeploymentGroups "
        "codedeploy:RegisterApplicationRevision"
    ),
    "config": ("codedeploy:CreateDeploymentConfig codedeploy:DeleteDeploymentConfig codedeploy:GetDeploymentConfig"),
    "instance": "codedeploy:BatchGetOnPremisesInstances codedeploy:GetOnPremisesInstance",
    "tagged-codedeploy": "codedeploy:ListTagsForResource codedeploy:TagResource codedeploy:UntagResource",
    "role": "iam:GetRole",
    "user": "iam:GetUser",
    "passed-role": "iam:PassRole",
    "assumed": "sts:AssumeRole",
    "stream": "kinesis:ListStreamConsumers",
    "table": "dynamodb:DescribeTable",
    "anywhere": (
        "ec2:DescribeRegions organizations:ListAccounts organizations:ListAccountsForParent "
        "organizations:ListOrganizationalUnitsForParent tag:GetResources"
    ),
}
_SERVICES: Final = {"s3": "bucket", "s3tables": "table-bucket", "lambda": "function", "codedeploy": "group"}
_KIND_OF: Final = {action: kind for kind, actions in _ACTIONS.items() for action in actions.split()}


def kind_of(grant: Grant) -> str:
    """What the action of a grant is done to, one of KINDS: as the grant says, as its action tells, or its service."""
    service = grant.action.partition(":")[0]
    return grant.where or _KIND_OF.get(grant.action) or _SERVICES.get(service, "any")


def resources(kind: str, bounds: Bounds) -> tuple[str, ...]:
    """The ARNs of what is of a kind, `*` where the actions take none; sorted."""
    filled = {one for arn in KINDS[kind].arns for one in _filled(arn, bounds)}
    made = (one if one.startswith("arn:") else f"arn:{bounds.partition}:{one}" for one in filled)
    return tuple(sorted(made)) or ("*",)


def condition(kind: str, bounds: Bounds) -> Condition:
    """Under which conditions that is granted, by operator and key; none for a kind without any."""
    made: dict[str, Mapping[str, Any]] = {}
    if KINDS[kind].own:
        # IfExists: an action of which AWS does not say whose resource it is about would be refused.
        made["StringEqualsIfExists"] = {"aws:ResourceAccount": "${aws:PrincipalAccount}"}
    if KINDS[kind].regional and bounds.regions:
        made["StringEquals"] = {"aws:RequestedRegion": sorted(set(bounds.regions))}
    if kind == "passed-role":
        made["StringEquals"] = {"iam:PassedToService": _passed_to(bounds)}
    if kind == "lambda-key":
        made["StringLike"] = {"kms:ViaService": _via_lambda(bounds)}
    return made


def _filled(arn: str, bounds: Bounds) -> list[str]:
    """An ARN for each bucket, group, topic and role that the bounds name, `*` where they name none."""
    own: Mapping[str, tuple[str, ...]] = {
        "{application}": (bounds.application or "*",),
        "{bucket}": bounds.buckets or ("*",),
        "{group}": bounds.groups or ("*",),
        "{store-bucket}": (bounds.store.partition("/")[0],),
        "{store}": (bounds.store.rstrip("/") + "/",),
        "{topic}": bounds.topics or ("sns:*:*:*",),
        "{role}": bounds.roles or ("iam::*:role/*",),
    }
    texts = [arn]
    for name, values in own.items():
        texts = [text.replace(name, value) for text in texts for value in (values if name in text else ("",))]
    return texts


def _via_lambda(bounds: Bounds) -> list[str]:
    ends = ("", ".cn") if bounds.partition == CHINA else ("",)
    return sorted(f"lambda.{region}.amazonaws.com{end}" for region in set(bounds.regions) or {"*"} for end in ends)


def _passed_to(bounds: Bounds) -> list[str]:
    # https://docs.amazonaws.cn/en_us/codedeploy/latest/userguide/getting-started-create-service-role.html
    regions = set(bounds.regions) or {"cn-north-1", "cn-northwest-1"}
    own = [f"codedeploy.{region}.amazonaws.com.cn" for region in regions] if bounds.partition == CHINA else []
    return sorted([*PASSED_TO, *own])
