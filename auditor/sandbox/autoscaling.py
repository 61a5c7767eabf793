"""Application Auto Scaling, which ministack lacks: what is registered to be scaled. Nothing is ever scaled."""

from __future__ import annotations

from typing import Final

from auditor.sandbox.extension import Fields, Handlers, State

_TARGET: Final = ("ServiceNamespace", "ResourceId", "ScalableDimension")


def register(state: State, asked: Fields) -> Fields:
    """Keep a target; one that is registered again is changed."""
    key = tuple(asked[name] for name in _TARGET)
    state.of("scaled")[key] = {**state.of("scaled").get(key, {}), **asked}
    return {}


def describe(state: State, asked: Fields) -> Fields:
    """The targets of a service."""
    own = [one for one in state.of("scaled").values() if one["ServiceNamespace"] == asked["ServiceNamespace"]]
    return {"ScalableTargets": own}


HANDLERS: Final[Handlers] = {
    "application-autoscaling": {"RegisterScalableTarget": register, "DescribeScalableTargets": describe}
}
