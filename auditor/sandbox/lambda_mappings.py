"""What ministack's event source mappings lack: Kafka, MQ and DocumentDB, half of the settings, and AWS's defaults.

ministack serves the mappings of the sources that it has, so that messages arrive; what it does not keep of them is
kept here, and mappings of other sources whole.
"""

from __future__ import annotations

import uuid
from typing import Any, Final

from auditor.sandbox.extension import Fields, Handlers, Ministack, Refused, State
from auditor.sandbox.lambda_ import arn_of, named, not_found

_SERVED: Final = ("sqs", "kinesis", "dynamodb")
_MOMENT: Final = 1767225600
_NOTHING: Final[tuple[Any, ...]] = (None, "", [], {}, {"OnFailure": {}}, {"Metrics": []})
_STREAM: Final = {"ParallelizationFactor": 1, "MaximumRecordAgeInSeconds": -1, "MaximumRetryAttempts": -1}

_KAFKA: Final = ("AmazonManagedKafkaEventSourceConfig", "SelfManagedKafkaEventSourceConfig")
_FIXED: Final = ("ConsumerGroupId", "ConsumptionMode")
_PATCHED: Final = (*_KAFKA, "DocumentDBEventSourceConfig")


def _service(asked: Fields) -> str:
    arn = str(asked.get("EventSourceArn", ""))
    return arn.split(":")[2] if arn else "kafka"


def _defaults(asked: Fields) -> Fields:
    # https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html: ministack gives all 10.
    service = _service(asked)
    own: Fields = {"BatchSize": 10 if service == "sqs" else 100, "FunctionResponseTypes": []}
    if service in _SERVED:
        own["MaximumBatchingWindowInSeconds"] = 0
    if service in ("kinesis", "dynamodb"):
        own |= {**_STREAM, "BisectBatchOnFunctionError": False, "TumblingWindowInSeconds": 0}
    if service == "kafka":
        own |= {"MaximumRecordAgeInSeconds": -1, "MaximumRetryAttempts": -1}
    return own


def _grouped(given: Fields, uuid_: str) -> Fields:
    # Who names no consumer group gets the mapping's UUID for one.
    if _service(given) != "kafka":
        return {}
    kind = f"{'AmazonManaged' if given.get('EventSourceArn') else 'SelfManaged'}KafkaEventSourceConfig"
    return {kind: {"ConsumerGroupId": uuid_, **given.get(kind, {})}}


def _refuse_fixed(asked: Fields, before: Fields) -> None:
    """What AWS takes when a mapping is made, and never again: https://github.com/aws/aws-cli/issues/7756"""
    names = [
        name for name in ("CollectionName", "DatabaseName") if name in asked.get("DocumentDBEventSourceConfig", {})
    ]
    if names:
        told = ", ".join(name[0].lower() + name[1:] for name in names)
        raise Refused("InvalidParameterValueException", 400, f"Invalid parameters: {told}")
    for kind in _KAFKA:
        given, kept = asked.get(kind, {}), before.get(kind, {})
        changed = [name for name in _FIXED if name in given and given[name] != kept.get(name)]
        if changed:
            raise Refused("InvalidParameterValueException", 400, f"{changed[0]} cannot be updated")


def _refuse_nowhere(asked: Fields) -> None:
    """https://github.com/go-to-k/cdk-real-drift/issues/1611: to go nowhere is to have no OnFailure at all."""
    for outcome in ("OnFailure", "OnSuccess"):
        if not asked.get("DestinationConfig", {}).get(outcome, {"Destination": "there is none"}).get("Destination"):
            told = f"The Destination field is required for an {outcome} configuration."
            raise Refused("InvalidParameterValueException", 400, told)


def _patched(asked: Fields, before: Fields) -> Fields:
    """The structures in which what is left out stays, as they come to be."""
    whole = {kind: {**before.get(kind, {}), **asked[kind]} for kind in _PATCHED if kind in asked}
    return {kind: {name: one for name, one in value.items() if one != {}} for kind, value in whole.items()}


def _kept(asked: Fields) -> Fields:
    kept = {name: one for name, one in asked.items() if name not in ("Enabled", "FunctionName", "Tags", "UUID")}
    state = {"State": "Enabled" if asked["Enabled"] else "Disabled"} if "Enabled" in asked else {}
    return {**kept, **state}


def _shown(state: State, record: Fields) -> Fields:
    """A mapping as AWS tells it: what is not set is not there."""
    told = {**record, **state.of("mappings").get(record["UUID"], {})}
    told["EventSourceMappingArn"] = arn_of(state, "event-source-mapping", told["UUID"])
    return {name: one for name, one in told.items() if one not in _NOTHING or name == "FunctionResponseTypes"}


async def _create(state: State, asked: Fields, ministack: Ministack) -> Fields:
    _refuse_nowhere(asked)
    name, qualifier = named(asked)
    arn = arn_of(state, "function", name, qualifier)
    for one in (await _listed(state, {}, ministack))["EventSourceMappings"]:
        same = one["FunctionArn"] == arn and asked.get("EventSourceArn") == one.get("EventSourceArn")
        if same and asked.get("Topics") == one.get("Topics"):
            raise Refused("ResourceConflictException", 409, f"There is such a mapping already: UUID {one['UUID']}")
    given = {**_defaults(asked), **asked}
    record = await _made(state, given, arn, ministack)
    state.of("mappings")[record["UUID"]] = _kept({"Enabled": True, **given, **_grouped(given, record["UUID"])})
    return _shown(state, record)


async def _made(state: State, given: Fields, arn: str, ministack: Ministack) -> Fields:
    if _service(given) in _SERVED:
        return await ministack("CreateEventSourceMapping", given)
    await ministack("GetFunctionConfiguration", {"FunctionName": given["FunctionName"]})
    record: Fields = {"UUID": str(uuid.uuid4()), "FunctionArn": arn, "LastModified": _MOMENT}
    state.of("other mappings")[record["UUID"]] = record
    state.of("tags")[arn_of(state, "event-source-mapping", record["UUID"])] = dict(given.get("Tags", {}))
    return record


async def _get(state: State, asked: Fields, ministack: Ministack) -> Fields:
    other = state.of("other mappings").get(asked["UUID"])
    return _shown(state, other or await ministack("GetEventSourceMapping", {"UUID": asked["UUID"]}))


async def _update(state: State, asked: Fields, ministack: Ministack) -> Fields:
    if asked["UUID"] not in state.of("mappings"):
        raise not_found(asked["UUID"])
    _refuse_nowhere(asked)
    _refuse_fixed(asked, state.of("mappings")[asked["UUID"]])
    if asked["UUID"] not in state.of("other mappings"):
        await ministack()
    before = state.of("mappings")[asked["UUID"]]
    before.update({**_kept(asked), **_patched(asked, before)})
    return await _get(state, asked, ministack)


async def _delete(state: State, asked: Fields, ministack: Ministack) -> Fields:
    other = state.of("other mappings").pop(asked["UUID"], None)
    answer = _shown(state, other or await ministack())
    state.of("mappings").pop(asked["UUID"], None)
    return {**answer, "State": "Deleting"}


async def _listed(state: State, asked: Fields, ministack: Ministack) -> Fields:
    answer = await ministack("ListEventSourceMappings", asked)
    # ministack's pages are of its own; all others come with the first.
    others = [] if "Marker" in asked else list(state.of("other mappings").values())
    if "FunctionName" in asked:
        others = [one for one in others if named(asked)[0] == named({"FunctionName": one["FunctionArn"]})[0]]
    records = [*answer["EventSourceMappings"], *others]
    return {**answer, "EventSourceMappings": [_shown(state, one) for one in records]}


HANDLERS: Final[Handlers] = {
    "lambda": {
        "CreateEventSourceMapping": _create,
        "GetEventSourceMapping": _get,
        "UpdateEventSourceMapping": _update,
        "DeleteEventSourceMapping": _delete,
        "ListEventSourceMappings": _listed,
    }
}
