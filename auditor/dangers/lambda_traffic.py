"""What to say of calls that start, stop or lead the traffic of a function: event sources, URLs, results. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from auditor.dangers.s3 import cors_dangers
from auditor.dangers.words import Asked, Rule, elements, listed, members, number
from auditor.model.plan import Warned
from auditor.model.values import Value

_CONSUMED: Final = (":sqs:", ":mq:")
"""In the ARNs of sources that keep no position: what is consumed is gone."""


def _source(asked: Asked) -> str:
    """What a mapping reads from, from wherever that is told."""
    places = [asked.params, *(_configuration(value) for value in (asked.found, asked.wanted))]
    return next((str(place["EventSourceArn"]) for place in places if place.get("EventSourceArn")), "its source")


def _configuration(value: Value) -> dict[str, Value]:
    """A resource's configuration, be it alone or one of its facets' values by name."""
    return members(members(value).get("configuration")) or members(value)


def _mapping(asked: Asked) -> Iterator[Warned]:
    source, before = _source(asked), members(asked.found)
    if asked.params.get("Enabled") is True:
        yield Warned("outage", f"{source} starts to be consumed: two regions may process one stream or mirrored queue")
    elif asked.params.get("Enabled") is False and asked.operation.startswith("Update"):
        yield Warned("outage", f"{source} is consumed no more")
    pollers, so_far = (members(one.get("ProvisionedPollerConfig")) for one in (asked.params, before))
    if number(pollers.get("MinimumPollers")) > number(so_far.get("MinimumPollers")) or (pollers and not so_far):
        yield Warned(
            "cost", f"pollers run for {source}, {pollers.get('MinimumPollers', 1)} or more, billed by the hour"
        )
    if asked.operation.startswith("Update"):
        yield from _given_up(asked, source)
        yield from _read_otherwise(asked, source)
        yield from _handed_otherwise(asked, source)


def _given_up(asked: Asked, source: str) -> Iterator[Warned]:
    """What is dropped that was processed before."""
    before, after = members(asked.found), asked.params
    if "FilterCriteria" in after:
        patterns = [str(one.get("Pattern")) for one in elements(members(after["FilterCriteria"]).get("Filters"))]
        if patterns:
            yield Warned("irreversible", f"what comes from {source} and fits none of {listed(patterns)} is dropped")
        else:
            yield Warned("outage", f"the function gets everything from {source}, what was filtered out too")
    for name, unit in (("MaximumRetryAttempts", "retries"), ("MaximumRecordAgeInSeconds", "seconds")):
        if name in after and 0 <= number(after[name]) < _unending(before.get(name, -1)):
            yield Warned("irreversible", f"records of {source} that fail are dropped after {after[name]} {unit}")
    here, there = (_destination(one, "OnFailure") for one in (before, after))
    if here and "DestinationConfig" in after and there != here:
        yield Warned("irreversible", f"{here} no longer gets the records of {source} that fail")
    most = members(after.get("ScalingConfig")).get("MaximumConcurrency")
    if most is not None and most < _unending(members(before.get("ScalingConfig")).get("MaximumConcurrency", -1)):
        yield Warned("outage", f"at most {most} calls at a time process {source}")


def _read_otherwise(asked: Asked, source: str) -> Iterator[Warned]:
    """Who reads the source, and what becomes of a batch that fails."""
    before, after = members(asked.found), asked.params
    if elements(before.get("FunctionResponseTypes")) and after.get("FunctionResponseTypes") == []:
        yield Warned("outage", f"one record of {source} that fails repeats its whole batch")
    if "SourceAccessConfigurations" in after:
        yield Warned("outage", f"{source} is read with other credentials, or from another network")
    if before.get("KMSKeyArn") and "KMSKeyArn" in after and not after["KMSKeyArn"]:
        yield Warned("exposure", f"the filters can be read without the right to use {before['KMSKeyArn']}")


_SIZES: Final = {"BatchSize": 10, "MaximumBatchingWindowInSeconds": 0}
"""What AWS takes at the least where nothing is said: only more of it can be too much for a call."""
_BATCHES: Final = {"ParallelizationFactor": 1, "TumblingWindowInSeconds": 0, "BisectBatchOnFunctionError": False}
"""What AWS takes where nothing is said."""
_RECORDS: Final = (
    "AmazonManagedKafkaEventSourceConfig",
    "SelfManagedKafkaEventSourceConfig",
    "DocumentDBEventSourceConfig",
)


def _handed_otherwise(asked: Asked, source: str) -> Iterator[Warned]:
    """How what is read comes to the function: in which batches, in which form, by how many pollers, and counted how."""
    before, after = members(asked.found), asked.params
    larger = [name for name, least in _SIZES.items() if number(after.get(name)) > number(before.get(name) or least)]
    other = [name for name, unsaid in _BATCHES.items() if name in after and after[name] != before.get(name, unsaid)]
    cut = [f"{name} {after[name]}" for name in (*larger, *other)]
    if cut:
        yield Warned("outage", f"the function gets {source} in other batches: {', '.join(cut)}")
    forms = [name for name in _RECORDS if name in after and members(after[name]) != members(before.get(name))]
    if forms:
        yield Warned("outage", f"records of {source} come in another form, or are checked otherwise ({listed(forms)})")
    here, there = (members(one.get("ProvisionedPollerConfig")) for one in (before, after))
    most = "MaximumPollers"
    if here and "ProvisionedPollerConfig" in after and there.get(most) != here.get(most):
        yield Warned("outage", f"at most {there.get(most) or 'as many pollers as AWS takes'} read {source}")
    if elements(members(after.get("MetricsConfig")).get("Metrics")):
        yield Warned("cost", f"metrics of {source} are billed as CloudWatch's custom metrics are")


def _unending(value: Value) -> float:
    """A number of which AWS writes -1 where there is no limit."""
    return float("inf") if number(value) < 0 else number(value)


def _destination(value: Mapping[str, Value], outcome: str) -> str:
    return str(members(members(value.get("DestinationConfig")).get(outcome)).get("Destination") or "")


def _unmapped(asked: Asked) -> Iterator[Warned]:
    source = _source(asked)
    yield Warned("outage", f"{source} is consumed no more")
    if not any(kind in source for kind in _CONSUMED):
        yield Warned("irreversible", f"the position in {source} is lost: another mapping starts elsewhere")


def _url(asked: Asked) -> Iterator[Warned]:
    before, after = members(asked.found), asked.params
    if after.get("AuthType") == "NONE" != before.get("AuthType"):
        yield Warned("exposure", "the URL asks for no signature (AuthType NONE): the policy alone keeps anybody out")
    elif after.get("AuthType") == "AWS_IAM" and before.get("AuthType") == "NONE":
        yield Warned("outage", "the URL refuses who does not sign (AuthType AWS_IAM)")
    if "InvokeMode" in after and before and after["InvokeMode"] != before.get("InvokeMode", "BUFFERED"):
        yield Warned("outage", f"the URL answers in another way (InvokeMode {after['InvokeMode']})")
    if "Cors" in after:
        here, there = (members(one.get("Cors")) for one in (before, after))
        yield from cors_dangers([here], [there], "AllowOrigins", ("AllowMethods", "AllowHeaders", "ExposeHeaders"))
        was, becomes = (bool(one.get("AllowCredentials")) for one in (here, there))
        if becomes and not was:
            yield Warned(
                "exposure", "CORS lets pages call here with what the browser knows of the user (AllowCredentials)"
            )
        elif was and not becomes:
            yield Warned("outage", "CORS no longer lets pages send cookies and signatures (AllowCredentials)")


def _no_url(asked: Asked) -> Iterator[Warned]:
    url = _configuration(asked.found).get("FunctionUrl")
    yield Warned("irreversible", f"{url or 'the URL'} is gone for good: one that is made again has another host")


def _results(asked: Asked) -> Iterator[Warned]:
    before = _configuration(asked.found)
    for outcome, what in (("OnSuccess", "results"), ("OnFailure", "events that failed")):
        here = _destination(before, outcome)
        if here and here != _destination(asked.params, outcome):
            yield Warned("irreversible", f"{here} no longer gets the {what} of asynchronous calls")
    for name, most, unit in (("MaximumRetryAttempts", 2, "retries"), ("MaximumEventAgeInSeconds", 21600, "seconds")):
        so_far, less = number(before.get(name, most)), number(asked.params.get(name, most))
        if less < so_far:
            yield Warned("irreversible", f"asynchronous events are dropped after {less:g} {unit} instead of {so_far:g}")


LAMBDA_TRAFFIC: Final[Mapping[str, Rule]] = {
    "CreateEventSourceMapping": _mapping,
    "UpdateEventSourceMapping": _mapping,
    "DeleteEventSourceMapping": _unmapped,
    "CreateFunctionUrlConfig": _url,
    "UpdateFunctionUrlConfig": _url,
    "DeleteFunctionUrlConfig": _no_url,
    "PutFunctionEventInvokeConfig": _results,
    "DeleteFunctionEventInvokeConfig": _results,
}
