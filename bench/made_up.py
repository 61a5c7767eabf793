"""What AWS makes up in each region, in everything that can hold it: an unresolved reference, both ways. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from auditor.compare.classes import UNRESOLVED
from auditor.specs.spec import ResourceSpec
from bench.cases import Case, Expected
from bench.rows import EVERY, PARTS, Row, pair_of
from bench.world import ACCOUNT

_REGIONS: Final = ("us-east-1", "eu-west-1")
_SHORT: Final = ("use1", "euw1")
_FORMS: Final = {
    "RDS cluster": "app.cluster-{g}.{R}.rds.amazonaws.com",
    "DocumentDB cluster": "docs.cluster-{g}.{R}.docdb.amazonaws.com",
    "cache": "app.{g}.ng.0001.{S}.cache.amazonaws.com",
    "MemoryDB": "clustercfg.app.{g}.memorydb.{R}.amazonaws.com",
    "load balancer's host": "internal-app-{d}.{R}.elb.amazonaws.com",
    "AppSync": "https://{g}.appsync-api.{R}.amazonaws.com/graphql",
    "function URL of nobody": "https://{g}.lambda-url.{R}.on.aws/",
    "IoT endpoint": "{g}-ats.iot.{R}.amazonaws.com",
    "OpenSearch domain": "search-app-{g}.{R}.es.amazonaws.com",
    "EFS host": "fs-{h}.efs.{R}.amazonaws.com",
    "serverless Kafka": "boot-{g}.c1.kafka-serverless.{R}.amazonaws.com:9098",
    "MQ host": "b-{u}-1.mq.{R}.amazonaws.com",
    "instance's host": "ip-10-0-{n}-1.{R}.compute.internal",
    "API": "arn:aws:execute-api:{R}:{A}:{g}/*",
    "user pool": "arn:aws:cognito-idp:{R}:{A}:userpool/{R}_{c}",
    "identity pool": "{R}:{u}",
    "certificate": "arn:aws:acm:{R}:{A}:certificate/{u}",
    "state machine of a stack": "arn:aws:states:{R}:{A}:stateMachine:app-{C}",
    "role of a stack": "arn:aws:iam::{A}:role/app-Role-{C}",
    "distribution": "arn:aws:cloudfront::{A}:distribution/E{C}",
    "file system": "arn:aws:elasticfilesystem:{R}:{A}:file-system/fs-{h}",
    "name of a stack": "app-Table-{C}",
    "name of a stack, without a digit": "app-Table-{L}",
}
"""Each with what is another one in each region in braces."""


def _row(name: str, form: str, golden: int) -> Row:
    values = []
    for place in (golden, 1 - golden):
        n = place + 3
        values.append(
            form.format(
                R=_REGIONS[place], S=_SHORT[place], A=ACCOUNT, n=n, g=f"abc{n}de{n}fgh", d=f"12345678{n}",
                h=f"0123456789abcde{n}0", u=f"0000111{n}-2222-3333-4444-555566667777", c=f"AbCdEf{n}hI",
                C=f"1A2B3C4D5E6{n}", L=("KJHGFDSAQWER", "ZXCVBNMLKJHG")[place],
            )
        )  # fmt: skip
    return Row(name, values[0], values[1], (_REGIONS[golden], _REGIONS[1 - golden]))


def pairs(spec: ResourceSpec) -> Iterator[Case]:
    """Every form in everything of a type that can hold any value, golden in either region."""
    for name, form in _FORMS.items():
        for where, holder in EVERY.get(spec.type, ()):
            for golden, region in enumerate(_REGIONS):
                # An id with its region stands for itself only as a whole word.
                if not (name == "identity pool" and where in PARTS):
                    made = pair_of(spec, _row(name, form, golden), holder)
                    id_ = f"{spec.type}/made up in {region}: {name} in {where}"
                    yield Case(id_, made, Expected((), most=4), (UNRESOLVED,))
