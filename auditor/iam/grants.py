"""What each use of the program has to be granted in IAM, action by action, each with its reason. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from auditor.specs.spec import FUNCTION, Call, Listing, ResourceSpec, facet_calls

PREFIXES: Final = {
    "efs": "elasticfilesystem",
    "elbv2": "elasticloadbalancing",
    "resourcegroupstaggingapi": "tag",
    "service-quotas": "servicequotas",
    "s3control": "s3",
}
"""What IAM calls a service that botocore calls otherwise (Service Authorization Reference)."""
S3_ACTIONS: Final = {
    "CompleteMultipartUpload": "s3:PutObject",
    "CreateMultipartUpload": "s3:PutObject",
    "HeadBucket": "s3:ListBucket",
    "HeadObject": "s3:GetObject",
    "UploadPart": "s3:PutObject",
}
"""Of what is done with objects: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html"""
# What a caller needs beside the action of the operation's own name: the column "dependent actions" of
# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
ASSUME: Final = "sts:AssumeRole"
_TABLES: Final = "S3 makes the tables of a bucket's metadata on the caller's behalf"
_TABLE_ACTIONS: Final = (
    "CreateNamespace",
    "CreateTable",
    "CreateTableBucket",
    "GetTable",
    "PutTableBucketPolicy",
    "PutTableEncryption",
    "PutTablePolicy",
)
_PASSES: Final = "the roles of functions, deployment groups, capacity providers and replications are handed to AWS"


@dataclass(frozen=True)
class Grant:
    """One action, and why it is needed. `where` names what it is needed on, where that is not what the action tells."""

    action: str
    why: str
    writes: bool = False
    where: str = ""


def audit_grants(specs: Mapping[str, ResourceSpec], lookups: Iterable[tuple[str, Call]] = ()) -> tuple[Grant, ...]:
    """What reading these types takes.

    `lookups` are the calls, each with its service, that tell what local ids in values mean.
    `sts:GetCallerIdentity` needs no permission.
    """
    keys = [Grant("kms:Decrypt", "the environment of functions that have a key of their own", where="lambda-key")]
    return (
        *(grant for spec in specs.values() for grant in _reads(spec)),
        *called(lookups, "what values refer to"),
        *(keys if FUNCTION in specs else []),
    )


def reconcile_grants(
    specs: Mapping[str, ResourceSpec], reads: Iterable[tuple[str, Call]] = (), lookups: Iterable[tuple[str, Call]] = ()
) -> tuple[Grant, ...]:
    """What carrying plans out takes as well: `reads` is asked for meanwhile, and every write of the types."""
    writes = tuple(grant for spec in specs.values() for grant in _writes(spec))
    needed = {grant.action for grant in writes}
    return (
        *audit_grants(specs, lookups),
        *called(reads, "what a plan refers to in a region, and what is waited for"),
        *writes,
        *(grant for grant in _DEPENDENT if _DEPENDENT[grant] in needed),
    )


# Which action each comes with.
_DEPENDENT: Final = {
    Grant("lambda:PassCapacityProvider", "a function is put on a capacity provider", True): "lambda:CreateFunction",
    Grant("kms:CreateGrant", "Lambda is to use a function's own key", True, "lambda-key"): "lambda:CreateFunction",
    Grant("kms:Encrypt", "the environment, with a function's own key", True, "lambda-key"): "lambda:CreateFunction",
    **{
        Grant(f"s3tables:{name}", _TABLES, not name.startswith("Get")): "s3:CreateBucketMetadataTableConfiguration"
        for name in _TABLE_ACTIONS
    },
}


def deploy_grants(
    reads: Iterable[tuple[str, Call]], objects: Iterable[str], writes: Mapping[str, Iterable[str]]
) -> tuple[Grant, ...]:
    """What shipping artifacts takes: calls that look, what is done with the bucket's objects, and writes by service.

    CodeDeploy asks for the revision and the config of a deployment on the caller's behalf.
    """
    behalf = "CodeDeploy asks for it on behalf of who calls CreateDeployment"
    return (
        *called(reads, "what is deployed already, and how a deployment goes"),
        *(Grant(*_object(operation)) for operation in objects),
        Grant("s3:GetObjectVersion", "the code of a function is read by its version", where="object"),
        *(
            Grant(f"{service}:{one}", f"ships ({one})", True)
            for service, operations in writes.items()
            for one in operations
        ),
        Grant("codedeploy:GetApplicationRevision", behalf),
        Grant("codedeploy:GetDeploymentConfig", behalf),
        Grant("codedeploy:RegisterApplicationRevision", behalf, True),
    )


def store_grants() -> tuple[Grant, ...]:
    """What keeping snapshots in a bucket takes (`store: s3://…`)."""
    why = "snapshots are kept in the store"
    return (
        Grant("s3:GetObject", why, where="store-object"),
        Grant("s3:PutObject", why, True, "store-object"),
        Grant("s3:DeleteObject", "old snapshots are removed, and the audit's lease", True, "store-object"),
        Grant("s3:ListBucket", "the snapshots of the store are listed", where="store"),
    )


def notify_grants() -> tuple[Grant, ...]:
    """What telling topics takes (`notify: [sns:…]`)."""
    return (Grant("sns:Publish", "'auditor audit' tells what is new", True, "topic"),)


def caller_grants(organization: bool) -> tuple[Grant, ...]:
    """What who runs the program needs of its own to read other accounts through a role in each."""
    listed = "accounts that 'accounts' takes from AWS Organizations"
    of_organization = (
        Grant("organizations:ListAccounts", f"{listed} are listed"),
        Grant("organizations:ListAccountsForParent", f"{listed}, unit by unit"),
        Grant("organizations:ListOrganizationalUnitsForParent", f"{listed}, the units below a unit"),
    )
    return (Grant(ASSUME, "an account is read through its role"), *(of_organization if organization else ()))


def _object(operation: str) -> tuple[str, str, bool, str]:
    action = S3_ACTIONS.get(operation, f"s3:{operation}")
    place = "deploy-bucket" if action == "s3:ListBucket" else "object"
    return action, f"artifacts ({operation})", action not in ("s3:GetObject", "s3:ListBucket"), place


def called(calls: Iterable[tuple[str, Call]], why: str) -> Iterator[Grant]:
    """What these calls, each with its service, take."""
    for service, call in calls:
        yield from _granted(service, call, why)


def calls(spec: ResourceSpec) -> Iterator[Call]:
    """Every call that reading a type can make."""
    if isinstance(spec.listing, Listing):
        yield spec.listing.call
    yield from spec.lookups
    for facet in spec.facets:
        yield from facet_calls(facet)


def _reads(spec: ResourceSpec) -> Iterator[Grant]:
    if isinstance(spec.listing, Listing):
        yield from _granted(spec.service, spec.listing.call, f"{spec.type}: which there are")
    yield from called(((spec.service, call) for call in spec.lookups), f"{spec.type}: what it refers to")
    for facet in spec.facets:
        yield from called(((spec.service, call) for call in facet_calls(facet)), f"{spec.type}: {facet.name}")


def _writes(spec: ResourceSpec) -> Iterator[Grant]:
    for way, what in ((spec.create, "made"), (spec.delete, "deleted"), (spec.unmake, "unmade")):
        if isinstance(way, Call):
            yield from _granted(spec.service, way, f"{spec.type}: {what}", writes=True)
    for facet in spec.facets:
        for one in (facet.write, facet.remove):
            if isinstance(one, Call):
                yield from _granted(spec.service, one, f"{spec.type}: {facet.name}", writes=True)
    for action in spec.writes:
        yield Grant(action, _PASSES if action == "iam:PassRole" else f"{spec.type}: written", writes=True)


def _granted(service: str, call: Call, why: str, writes: bool = False) -> Iterator[Grant]:
    name = call.service or service
    for action in call.actions or (f"{PREFIXES.get(name, name)}:{call.operation}",):
        yield Grant(action, f"{why} ({call.operation})", writes)
