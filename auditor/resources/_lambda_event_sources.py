"""What an event source mapping reads from, what AWS assumes of it by the kind of its source, and how it is written.

https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html gives the defaults. Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

from auditor.model.values import ABSENT, Value
from auditor.resources._empty import without_empties
from auditor.resources._event_patterns import canonical_pattern
from auditor.resources._lambda import changed, members, own_tags
from auditor.specs.spec import Call

# What AWS puts at the end of a source's ARN in each region.
_GENERATED: Final[Mapping[str, str]] = {
    "dynamodb": r"/stream/[^/]+$",
    "kinesis": r"(?<=/consumer/)([^:]+):\d+$",
    "kafka": r"(?<=/)([^/]+)/[0-9a-f-]{36}(?:-s?\d+)?$",
    "mq": r"(?<=:broker:)([^:]+):b-[0-9a-f-]+$",
}
# Kafka, MQ and DocumentDB wait for half a second, which AWS tells by saying nothing.
_OTHER: Final = {"BatchSize": 100}
_KAFKA_SOURCE: Final = {**_OTHER, "MaximumRecordAgeInSeconds": -1, "MaximumRetryAttempts": -1}
_STREAM: Final = {**_KAFKA_SOURCE, "MaximumBatchingWindowInSeconds": 0, "ParallelizationFactor": 1}
DEFAULTS: Final[Mapping[str, Mapping[str, Value]]] = {
    "sqs": {"BatchSize": 10, "MaximumBatchingWindowInSeconds": 0},
    "kinesis": _STREAM,
    "dynamodb": _STREAM,
    "kafka": _KAFKA_SOURCE,
    "": _KAFKA_SOURCE,
}
_POLLERS: Final = {"sqs": {"MinimumPollers": 2, "MaximumPollers": 200}}
_KAFKA_POLLERS: Final = {"MinimumPollers": 1, "MaximumPollers": 200}
_DISABLED: Final = ("Disabled", "Disabling")
_KAFKA: Final = ("AmazonManagedKafkaEventSourceConfig", "SelfManagedKafkaEventSourceConfig")
_POSITIONED: Final = frozenset({"kinesis", "dynamodb", "kafka", "rds", ""})
_CREATED_ONLY: Final = ("EventSourceArn", "SelfManagedEventSource", "Topics", "Queues")
CLEARED: Final[Mapping[str, Value]] = {
    "BisectBatchOnFunctionError": False,
    "TumblingWindowInSeconds": 0,
    "FunctionResponseTypes": [],
    "SourceAccessConfigurations": [],
    # An OnFailure without a Destination is refused: https://github.com/go-to-k/cdk-real-drift/issues/1611
    "DestinationConfig": {},
    "KMSKeyArn": "",
    "ScalingConfig": {},
    "MetricsConfig": {"Metrics": []},
    "LoggingConfig": {},
    "ProvisionedPollerConfig": {},
}
"""What is written where a member is to be as if nobody had set it: to leave it out changes nothing."""
SETTLED: Final = "event_source_mapping_settled"
"""What is waited for after a write: until then, Lambda refuses the next one with ResourceInUseException."""
ENABLED: Final = 125
"""When a mapping is enabled, among all writes of a site."""
_MEMBERS: Final[Mapping[str, Mapping[str, Value]]] = {
    **{key: {"SchemaRegistryConfig": {}} for key in _KAFKA},
    "DocumentDBEventSourceConfig": {"FullDocument": "Default"},
}
"""Of structures of which AWS refuses the other members in an update: what can be sent, and what takes it away."""
UPDATED: Final = ("Enabled", *_STREAM, *CLEARED, *_MEMBERS)


def service_of(item: Value) -> str:
    """The service that a mapping reads from, as its ARN names it; "" for a Kafka of somebody's own."""
    arn = item.get("EventSourceArn") or ""
    return arn.split(":")[2] if arn else ""


def source_of(item: Value) -> str:
    """What a mapping reads from, without what is generated in each region: an ARN, or a Kafka's endpoints."""
    service, arn = service_of(item), item.get("EventSourceArn") or ""
    if service in _GENERATED:
        arn = re.sub(_GENERATED[service], lambda match: match[1] if match.re.groups else "", arn)
    endpoints = (item.get("SelfManagedEventSource") or {}).get("Endpoints") or {}
    source = arn or ",".join(sorted(endpoint for group in endpoints.values() for endpoint in group))
    parts = sorted([*(item.get("Topics") or ()), *(item.get("Queues") or ())])
    return f"{source}#{','.join(parts)}" if parts else source


def defaulted(item: Value) -> Value:
    """A mapping in which AWS's defaults for its kind of source stand, and `Enabled` instead of the momentary State."""
    told = {name: one for name, one in item.items() if name != "State" and not _says_nothing(one)}
    kafka = {name: _chosen(told.pop(name), item.get("UUID")) for name in _KAFKA if name in told}
    named = {name: config for name, config in kafka.items() if config}
    if "DestinationConfig" in told:
        ways = told["DestinationConfig"].items()
        told["DestinationConfig"] = {name: one for name, one in ways if not _says_nothing(one)}
    if "ProvisionedPollerConfig" in told:
        told["ProvisionedPollerConfig"] = {**_pollers(item), **told["ProvisionedPollerConfig"]}
    return {**_defaults(item), **told, **named, "Enabled": item.get("State") not in _DISABLED}


def _defaults(item: Value) -> Mapping[str, Value]:
    own = DEFAULTS.get(service_of(item), _OTHER)
    shares = (item.get("SelfManagedKafkaEventSourceConfig") or {}).get("ConsumptionMode") == "Queue"
    return {**own, "MaximumRetryAttempts": 0} if shares else own


def _pollers(item: Value) -> Mapping[str, Value]:
    return _POLLERS.get(service_of(item), _KAFKA_POLLERS)


def _says_nothing(value: Value) -> bool:
    if isinstance(value, dict):
        return all(_says_nothing(member) for member in value.values())
    return value in (None, "", [])


def _chosen(config: Value, uuid: Value) -> Value:
    # Where nobody names a consumer group, AWS takes the mapping's own UUID for it, and a stream where nobody says else.
    unsaid = {"ConsumerGroupId": uuid, "ConsumptionMode": "Stream"}
    return {name: one for name, one in without_empties(config).items() if unsaid.get(name) != one}


def update(found: Value, wanted: Value) -> tuple[Call, ...]:
    """One call with the members that differ, without those that AWS refuses in an update."""
    here, there = ({**CLEARED, **members(defaulted(value))} for value in (found, wanted))
    for name, cleared in _MEMBERS.items():
        here[name], there[name] = (_settable(side.get(name) or {}, cleared) for side in (here, there))
    different = {name: one for name, one in changed(here, there).items() if name in UPDATED}
    # To enable it starts the traffic: after everything that it calls.
    turn = ENABLED if different.get("Enabled") else 0
    params = {"UUID": found["UUID"], **different}
    return (Call("UpdateEventSourceMapping", params, wait=SETTLED, turn=turn),) if different else ()


def is_disabled(found: Value, wanted: Value) -> bool:
    """Whether a mapping is to read no longer what it reads now."""
    is_on = [value is not ABSENT and defaulted(value)["Enabled"] for value in (found, wanted)]
    return is_on == [True, False]


def _settable(config: Value, cleared: Mapping[str, Value]) -> Value:
    return {name: config.get(name) or nothing for name, nothing in cleared.items()}


def keeps_its_id(found: Value, wanted: Value) -> Value:
    """What a mapping holds once it was written: what is wanted, under the UUID that it had."""
    return {**wanted, "UUID": found["UUID"]} if ABSENT not in (found, wanted) else wanted


def sorted_filters(value: Value) -> list[str]:
    """The patterns of a mapping's filters in one form: neither their order nor that of their members means anything."""
    filters = (value.get("Filters") or ()) if value is not ABSENT else ()
    return sorted(canonical_pattern(one.get("Pattern", "")) for one in filters)


def patterned(value: Value) -> Value:
    """Filters with their patterns in one form."""
    filters = [{**one, "Pattern": canonical_pattern(one.get("Pattern", ""))} for one in value.get("Filters") or ()]
    return {**value, "Filters": sorted(filters, key=lambda one: json.dumps(one, sort_keys=True))}


def update_filters(found: Value, wanted: Value) -> tuple[Call, ...]:
    """The call that puts all filters in the place of those that are there; an empty structure takes them away."""
    if sorted_filters(found) == sorted_filters(wanted):
        return ()
    filters = wanted["Filters"] if wanted is not ABSENT else []
    params = {"UUID": found["UUID"], "FilterCriteria": _criteria(filters)}
    return (Call("UpdateEventSourceMapping", params, wait=SETTLED),)


def _criteria(filters: Value) -> Value:
    return {"Filters": filters} if filters else {}


def create(_: Value, wanted: Value) -> tuple[Call, ...]:
    """The mapping, disabled: to enable it starts the traffic, and is a step of its own, the last.

    It starts with what arrives from then on; TRIM_HORIZON would process again all that the stream still holds.
    """
    told = members(defaulted(wanted["configuration"]))
    new = _defaults(told)
    own = {name: told[name] for name in (*_CREATED_ONLY, *UPDATED) if name in told and told[name] != new.get(name)}
    filters = wanted.get("filters", ABSENT)
    criteria = {"FilterCriteria": _criteria(filters["Filters"])} if sorted_filters(filters) else {}
    position = {"StartingPosition": "LATEST"} if service_of(told) in _POSITIONED else {}
    tags = own_tags(members(wanted.get("tags", ABSENT)))
    given = {**own, **criteria, **position, "Enabled": False, "Tags": tags}
    made = Call("CreateEventSourceMapping", {"FunctionName": told["FunctionArn"], **given}, wait=SETTLED, once=True)
    enable = Call("UpdateEventSourceMapping", {"UUID": "${own:/UUID}", "Enabled": True}, wait=SETTLED, turn=ENABLED)
    return (made, enable) if told["Enabled"] else (made,)
