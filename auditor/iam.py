"""The IAM policies that the program needs, derived from what its specs call. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from auditor.spec import Batch, Call, Follow, Listing, ResourceSpec


def audit_policy(specs: Mapping[str, ResourceSpec]) -> dict[str, Any]:
    """The read-only policy of an audit of these types, as a JSON policy document.

    `sts:GetCallerIdentity` needs no permission; `kms:Decrypt` is needed only to compare the environment of
    functions that have a key of their own, so it is limited to what Lambda asks for.
    """
    actions = sorted({action for spec in specs.values() for call in calls(spec) for action in _actions(spec, call)})
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


def calls(spec: ResourceSpec) -> Iterator[Call]:
    """Every call that reading a type can make."""
    if isinstance(spec.listing, Listing):
        yield spec.listing.call
    yield from spec.lookups
    for facet in spec.facets:
        if isinstance(facet.source, Batch):
            yield facet.source.call
            yield facet.source.alone
        elif isinstance(facet.source, Follow):
            yield facet.source.call
        elif isinstance(facet.source, Call):
            yield facet.source


def _actions(spec: ResourceSpec, call: Call) -> tuple[str, ...]:
    return call.actions or (f"{call.service or spec.service}:{call.operation}",)
