"""What to say of settings that decide on what, for how long and watched by whom a function runs. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from auditor.dangers.words import days, members, number
from auditor.model.plan import Danger, Warned
from auditor.model.values import Value

_Side = Mapping[str, Value]
_DUAL: Final = "Ipv6AllowedForDualStack"


def running_dangers(sent: _Side, before: _Side, after: _Side) -> Iterator[Warned]:
    """What to say of those members of a configuration that are sent, from what they were to what they become."""
    if "TracingConfig" in sent and _mode(after) == "Active" != _mode(before):
        yield Warned("cost", "calls are traced, and billed by X-Ray")
    elif "TracingConfig" in sent and _mode(before) == "Active" != _mode(after):
        yield Warned("irreversible", "calls are traced only where the caller traces them")
    if "SnapStart" in sent:
        yield from _snapshots(*(members(one.get("SnapStart")).get("ApplyOn", "None") for one in (before, after)))
    was, becomes = (members(one.get("VpcConfig")).get(_DUAL) for one in (before, after))
    if "VpcConfig" in sent and was and not becomes:
        yield Warned("outage", f"what the function reaches by IPv6 alone is out of its reach ({_DUAL})")
    for name, text in _OTHERWISE.items():
        if name in sent and before.get(name) != after.get(name):
            yield Warned("outage", f"{text}: {name} becomes {json.dumps(after.get(name), sort_keys=True)}")
    if "DurableConfig" in sent:
        yield from _durable(*(members(one.get("DurableConfig")) for one in (before, after)))


_OTHERWISE: Final[Mapping[str, str]] = {
    "CapacityProviderConfig": "calls run on other instances, or share them in another way",
    "RuntimeConfig": "calls run on another runtime",
    "AcceleratorConfig": "calls run with another accelerator",
}


def _mode(side: _Side) -> Value:
    return members(side.get("TracingConfig")).get("Mode", "PassThrough")


def _snapshots(before: Value, after: Value) -> Iterator[Warned]:
    if after == "PublishedVersions" != before:
        yield Warned("cost", "versions that are published start from a snapshot, which is kept, and may be billed")
        yield Warned("outage", "what a version made up when it started is the same in each copy of its snapshot")
    elif before == "PublishedVersions" != after:
        yield Warned("outage", "versions that are published start cold")


_LESS: Final[Mapping[str, tuple[Danger, str]]] = {
    "ExecutionTimeout": ("outage", "durable executions that take longer than {0} s are ended ({1} s so far)"),
    "RetentionPeriodInDays": ("irreversible", "what durable executions did is forgotten after {0} days ({1} so far)"),
}


def _durable(before: _Side, after: _Side) -> Iterator[Warned]:
    for name, (danger, text) in _LESS.items():
        if name in before and name in after and number(after[name]) < number(before[name]):
            yield Warned(danger, text.format(after[name], before[name]))
        elif number(after.get(name)) > number(before.get(name)) and name == "RetentionPeriodInDays":
            yield Warned("cost", f"what durable executions did is kept for {days(after[name])}, and billed")
    if before.get("KMSKeyArn") and before["KMSKeyArn"] != after.get("KMSKeyArn"):
        yield Warned("exposure", f"what durable executions hold is no longer encrypted with {before['KMSKeyArn']}")
