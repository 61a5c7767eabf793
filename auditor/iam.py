"""The IAM policies that the program needs, derived from what its specs call. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from auditor.spec import Call, Listing, ResourceSpec, facet_calls

PREFIXES: Final = {
    "efs": "elasticfilesystem",
    "elbv2": "elasticloadbalancing",
    "service-quotas": "servicequotas",
    "s3control": "s3",
    "resourcegroupstaggingapi": "tag",
}
"""What IAM calls a service that botocore calls otherwise (Service Authorization Reference)."""
_S3_ACTIONS: Final = {
    "CreateMultipartUpload": "s3:PutObject",
    "UploadPart": "s3:PutObject",
    "CompleteMultipartUpload": "s3:PutObject",
}
_ON_BEHALF: Final = (
    "codedeploy:GetApplicationRevision",
    "codedeploy:GetDeploymentConfig",
    "codedeploy:RegisterApplicationRevision",
    # A function's new code, and what a HeadObject asks for.
    "s3:GetObject",
    "s3:GetObjectVersion",
)


def audit_policy(specs: Mapping[str, ResourceSpec], lookups: Iterable[tuple[str, Call]] = ()) -> dict[str, Any]:
    """The read-only policy of an audit of these types, as a JSON policy document.

    `lookups` are the calls, each with its service, that tell what local ids in values mean.
    `sts:GetCallerIdentity` needs no permission; `kms:Decrypt` is needed only to compare the environment of
    functions that have a key of their own, so it is limited to what Lambda asks for.
    """
    asked = [(spec.service, call) for spec in specs.values() for call in calls(spec)]
    actions = sorted({action for service, call in (*asked, *lookups) for action in _actions(service, call)})
    statements: list[dict[str, Any]] = [{"Sid": "AuditorReads", "Effect": "Allow", "Action": actions, "Resource": "*"}]
    if "AWS::Lambda::Function" in specs:
        statements.append(
            {
                "Sid": "AuditorReadsFunctionEnvironments",
                "Effect": "Allow",
                "Action": ["kms:Decrypt"],
                "Resource": "*",
                "Condition": {"StringLike": {"kms:ViaService": "lambda.*.amazonaws.com"}},
            }
        )
    return {"Version": "2012-10-17", "Statement": statements}


def reconcile_policy(
    specs: Mapping[str, ResourceSpec], reads: Iterable[tuple[str, Call]] = (), lookups: Iterable[tuple[str, Call]] = ()
) -> dict[str, Any]:
    """The policy of who also carries plans out: the audit's, what is looked up for it, and every write of the types."""
    audit = audit_policy(specs, (*reads, *lookups))
    asked = {action for spec in specs.values() for call in _writes(spec) for action in _actions(spec.service, call)}
    actions = sorted({*asked, *(action for spec in specs.values() for action in spec.writes)} - {"iam:PassRole"})
    writes = {"Sid": "AuditorWrites", "Effect": "Allow", "Action": actions, "Resource": "*"}
    passed = {"iam:PassedToService": ["codedeploy.amazonaws.com", "lambda.amazonaws.com", "s3.amazonaws.com"]}
    roles = {
        "Sid": "AuditorPassesRoles",
        "Effect": "Allow",
        "Action": ["iam:PassRole"],
        "Resource": "*",
        "Condition": {"StringEquals": passed},
    }
    return {**audit, "Statement": [*audit["Statement"], writes, roles]}


def deploy_policy(reads: Iterable[tuple[str, Call]], writes: Mapping[str, Iterable[str]]) -> dict[str, Any]:
    """The policy of who ships artifacts: what is looked at (calls, each with its service) and written (operations).

    Of S3's operations, several are allowed by one action
    (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html); CodeDeploy itself asks
    for the revision and the config of a deployment on the caller's behalf.
    """
    read = {action for service, call in reads for action in _actions(service, call)}
    written = {_S3_ACTIONS.get(one, f"{service}:{one}") for service, operations in writes.items() for one in operations}
    statements = [
        {"Sid": "AuditorLooks", "Effect": "Allow", "Action": sorted({*read, "s3:ListBucket"}), "Resource": "*"},
        {
            "Sid": "AuditorShips",
            "Effect": "Allow",
            "Action": sorted({*written, *_ON_BEHALF}),
            "Resource": "*",
        },
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def _writes(spec: ResourceSpec) -> Iterator[Call]:
    ways = (
        spec.create,
        spec.delete,
        spec.unmake,
        *(one for facet in spec.facets for one in (facet.write, facet.remove)),
    )
    yield from (way for way in ways if isinstance(way, Call))


def calls(spec: ResourceSpec) -> Iterator[Call]:
    """Every call that reading a type can make."""
    if isinstance(spec.listing, Listing):
        yield spec.listing.call
    yield from spec.lookups
    for facet in spec.facets:
        yield from facet_calls(facet)


def _actions(service: str, call: Call) -> tuple[str, ...]:
    prefix = PREFIXES.get(call.service or service, call.service or service)
    return call.actions or (f"{prefix}:{call.operation}",)
