"""What somebody should know before a call is made: exposure, outage, cost, and what cannot be taken back. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from auditor.dangers.codedeploy import CODEDEPLOY
from auditor.dangers.lambda_ import LAMBDA
from auditor.dangers.lambda_traffic import LAMBDA_TRAFFIC
from auditor.dangers.s3 import S3
from auditor.dangers.s3_objects import S3_OBJECTS
from auditor.dangers.s3_replication import S3_REPLICATION
from auditor.dangers.s3_reports import S3_REPORTS
from auditor.dangers.words import Asked, Rule
from auditor.model.plan import PlannedCall, Verb, Warned
from auditor.model.values import Value

RULES: Final[Mapping[str, Rule]] = {
    **S3,
    **S3_OBJECTS,
    **S3_REPORTS,
    **S3_REPLICATION,
    **LAMBDA,
    **LAMBDA_TRAFFIC,
    **CODEDEPLOY,
}
"""By operation, what is to be said of a call of it; a rule looks at the values, and often has nothing to say."""

_NEW: Final = "nobody uses yet what it makes"
_REFUSED: Final = "AWS refuses it while anything uses what it takes away"
_MERGED: Final = "tags are set one by one, and every other one stays"
_REPORT: Final = "a report that ends costs nothing, and is put back as it was"
HARMLESS: Final[Mapping[str, str]] = {
    "CreateAlias": _NEW,
    "CreateApplication": _NEW,
    "CreateBucket": _NEW,
    "CreateCodeSigningConfig": _NEW,
    "CreateDeploymentConfig": _NEW,
    "CreateDeploymentGroup": _NEW,
    "CreateFunction": _NEW,
    "PublishLayerVersion": _NEW,
    "PublishVersion": _NEW,
    "DeleteCapacityProvider": _REFUSED,
    "DeleteCodeSigningConfig": _REFUSED,
    "DeleteDeploymentConfig": _REFUSED,
    "DeleteBucketAnalyticsConfiguration": _REPORT,
    "DeleteBucketIntelligentTieringConfiguration": "objects stay where they are, and are read as before",
    "DeleteBucketInventoryConfiguration": _REPORT,
    "DeleteBucketMetricsConfiguration": _REPORT,
    "PutRuntimeManagementConfig": "Lambda tries a new runtime's patch level itself, and goes back where it fails",
    "TagResource": _MERGED,
    "UntagResource": _MERGED,
}
"""The operations of which there is never anything to say, and why."""


def dangers(type_: str, verb: Verb, call: PlannedCall, found: Value, wanted: Value) -> tuple[Warned, ...]:
    """What to say of one planned call, by the danger; nothing where the values give no cause.

    `found` and `wanted` are the raw values of the facet that it writes, in canonical text (ABSENT: not configured);
    of a resource that is made or taken away, they may be its facets' values by name. Verb `create` means that the
    resource is new: nobody has used it, so nobody is shut out.
    """
    if call.operation in HARMLESS:
        return ()
    rule = RULES.get(call.operation, _unconsidered)
    return tuple(dict.fromkeys(rule(Asked(type_, verb, call.operation, call.params, found, wanted))))


def _unconsidered(asked: Asked) -> Iterator[Warned]:
    yield Warned("outage", f"what {asked.operation} does to who uses it is not known here")
