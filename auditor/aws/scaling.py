"""Which numbers Application Auto Scaling sets: they change by the hour, and nobody else is to write them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from auditor.aws.calls import Caller, fill
from auditor.aws.errors import AWS_ERRORS, reason
from auditor.canonical.pairing import parent_and_own
from auditor.model.values import Reading, Resource, State
from auditor.specs.spec import SCALED, Call, ResourceSpec

SERVICE: Final = "application-autoscaling"
TARGETS: Final = Call("DescribeScalableTargets", {"ServiceNamespace": "lambda"}, pick="ScalableTargets[].ResourceId")


def with_scaled(
    resources: Iterable[Resource], specs: Mapping[str, ResourceSpec], caller: Caller
) -> tuple[Resource, ...]:
    """The resources, SCALED in the place of each number that Application Auto Scaling sets.

    It is asked once, and only where there is such a number; if it does not tell, each of them is unreadable. See
    https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html#managing-provisioned-concurency
    """
    found = tuple(resources)
    if not any(True for one in found for _ in _scalable(one, specs)):
        return found
    targets = _targets(caller)
    return tuple(replace(one, facets={**one.facets, **dict(_told(one, specs, targets))}) for one in found)


def _scalable(resource: Resource, specs: Mapping[str, ResourceSpec]) -> Iterator[tuple[str, str]]:
    """The facets that Application Auto Scaling may set, and what it calls each."""
    spec = specs[resource.type]
    for facet in spec.facets:
        reading = resource.facets.get(facet.name)
        if facet.scaled and reading and reading.state is State.READ:
            parent, name = parent_and_own(resource.name, bool(spec.parent))
            yield facet.name, str(fill(facet.scaled, {"parent": parent, "name": name}))


def _targets(caller: Caller) -> frozenset[str] | str:
    try:
        return frozenset(caller.items(SERVICE, TARGETS, {}))
    except AWS_ERRORS as error:
        return reason(error)


def _told(
    resource: Resource, specs: Mapping[str, ResourceSpec], targets: frozenset[str] | str
) -> Iterator[tuple[str, Reading]]:
    for facet, target in _scalable(resource, specs):
        if isinstance(targets, str):
            yield facet, Reading(State.UNREADABLE, error=targets)
        elif target in targets:
            yield facet, Reading(State.READ, SCALED)
