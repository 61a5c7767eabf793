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
}
"""What IAM calls a service that botocore calls otherwise (Service Authorization Reference)."""


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
