"""Mappings whose names come of what they read from: two sites set up alike must have them under one name. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from auditor.model.values import Reading, State
from auditor.specs.spec import Listing, ResourceSpec
from bench.cases import Case
from bench.rows import ROWS
from bench.sites import Pair
from bench.world import ACCOUNT, LOCALES

MAPPING: Final = "AWS::Lambda::EventSourceMapping"
SOURCES: Final = frozenset(
    {
        "SQS queue ARN",
        "DynamoDB stream",
        "Kinesis consumer",
        "MSK cluster",
        "MSK serverless cluster",
        "MQ broker",
        "DocumentDB cluster",
    }
)


def pairs(spec: ResourceSpec) -> Iterator[Case]:
    """A mapping of each kind of source, read in both regions."""
    if spec.type != MAPPING:
        return
    for row in (one for one in ROWS if one.name in SOURCES):
        sides = zip((row.golden, row.actual), row.regions, strict=True)
        golden, actual = (_item(source, region) for source, region in sides)
        names = _name(spec, golden), _name(spec, actual)
        readings = {"configuration": Reading(State.READ, golden)}, {"configuration": Reading(State.READ, actual)}
        here, there = (LOCALES[region] for region in row.regions)
        yield Case(f"{spec.type}/site {row.name} as its source", Pair(spec, *readings, here, there, names=names))


def _item(source: str, region: str) -> dict[str, str]:
    function = f"arn:aws:lambda:{region}:{ACCOUNT}:function:f:live"
    return {"EventSourceArn": source, "FunctionArn": function, "State": "Enabled"}


def _name(spec: ResourceSpec, item: dict[str, str]) -> str:
    assert isinstance(spec.listing, Listing)
    assert spec.listing.parent is not None
    assert callable(spec.listing.name)
    return f"{spec.listing.parent(item)}/{spec.listing.name(item)}"
