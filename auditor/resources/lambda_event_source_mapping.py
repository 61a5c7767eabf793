"""Event source mappings: what a function, or one of its versions or aliases, is called for.

Their UUID is generated, so one is known by its function and its source. There is no `delete`: AWS takes the UUID
for it, and a mapping of a stream would lose its place; one that is too many is disabled instead.
"""

from __future__ import annotations

from typing import Final

from auditor.model.values import Value
from auditor.resources._lambda import GONE, own_tags, qualifier, tags_writer
from auditor.resources._lambda_event_sources import (
    create,
    defaulted,
    is_disabled,
    keeps_its_id,
    patterned,
    source_of,
    update,
    update_filters,
)
from auditor.specs.spec import (
    Call,
    Facet,
    Field,
    Follow,
    Listed,
    Listing,
    ResourceSpec,
    capability,
    default,
    identity,
    ignored,
    unordered,
)

HALF_A_SECOND: Final = (
    "a mapping that was given whole seconds cannot go back to the half second it began with: AWS takes whole seconds "
    "only, so it takes a new mapping"
)
_KAFKA: Final = ("AmazonManagedKafkaEventSourceConfig", "SelfManagedKafkaEventSourceConfig")


def function_of(item: Value) -> str:
    """The name of the function that a mapping calls."""
    return str(item["FunctionArn"]).split(":")[6]


def name_of(item: Value) -> str:
    """`[QUALIFIER:]SOURCE`, SOURCE without what is generated in each region."""
    of = qualifier(str(item["FunctionArn"]))
    return source_of(item) if of == "$LATEST" else f"{of}:{source_of(item)}"


SPEC: Final = ResourceSpec(
    type="AWS::Lambda::EventSourceMapping",
    console="lambda/home?region={region}#/functions/{parent}",
    service="lambda",
    parent="AWS::Lambda::Function",
    qualified=True,
    # One listing for the whole region: there are more functions than mappings.
    listing=Listing(
        Call("ListEventSourceMappings", pick="EventSourceMappings[?State != 'Deleting']"),
        name=name_of,
        parent=function_of,
        absent=GONE,
        one=Call(
            "ListEventSourceMappings",
            {"FunctionName": "${parent}"},
            pick="EventSourceMappings[?State != 'Deleting']",
        ),
    ),
    undeleted="a mapping that is made again begins at another place of its stream; disable it instead",
    create=create,
    created_with=("configuration", "filters", "tags"),
    unmake=Call("DeleteEventSourceMapping", {"UUID": "${own:/UUID}"}, wait="event_source_mapping_settled"),
    turn=120,
    writes=(
        "lambda:CreateEventSourceMapping",
        "lambda:TagResource",
        "lambda:UntagResource",
        "lambda:UpdateEventSourceMapping",
    ),
    facets=(
        Facet(
            "configuration",
            Listed(),
            shape=defaulted,
            fields=(
                # What `defaulted` makes of the state.
                Field("Enabled"),
                ignored("UUID", "generated in each region"),
                ignored("EventSourceMappingArn", "generated in each region"),
                identity("FunctionArn"),
                identity("EventSourceArn"),
                # Hosts that people name tell mappings apart; those that AWS makes up are compared.
                Field("SelfManagedEventSource", immutable=True),
                unordered("SelfManagedEventSource.Endpoints.*"),
                identity("Topics"),
                identity("Queues"),
                ignored("StateTransitionReason", "momentary"),
                ignored("LastModified", "when it was changed"),
                ignored("LastProcessingResult", "momentary"),
                ignored("StartingPosition", "matters only when it is made"),
                ignored("StartingPositionTimestamp", "matters only when it is made"),
                ignored("FilterCriteria", "a facet of its own"),
                ignored("FilterCriteriaError", "a facet of its own"),
                capability("FilterCriteriaError.Message", "AWS says that it may hold what is sensitive"),
                Field("KMSKeyArn", reference="kms"),
                unordered("FunctionResponseTypes", default=[]),
                unordered("MetricsConfig.Metrics"),
                # Named by content: the URI is an id, or an ARN with random characters at its end.
                unordered("SourceAccessConfigurations", "Type", "URI", align=True, default=[]),
                Field("SourceAccessConfigurations[].URI", reference="secret"),
                *(Field(f"{kafka}.ConsumerGroupId", immutable=True) for kafka in _KAFKA),
                Field("SelfManagedKafkaEventSourceConfig.ConsumptionMode", immutable=True),
                # UpdateEventSourceMapping refuses both ("Invalid parameters: collectionName, databaseName").
                Field("DocumentDBEventSourceConfig.DatabaseName", immutable=True),
                Field("DocumentDBEventSourceConfig.CollectionName", immutable=True),
                default("DocumentDBEventSourceConfig.FullDocument", "Default"),
                Field("MaximumBatchingWindowInSeconds", unwritten=HALF_A_SECOND),
                *(
                    unordered(f"{kafka}.SchemaRegistryConfig.AccessConfigs", "Type", "URI", align=True)
                    for kafka in _KAFKA
                ),
                *(unordered(f"{kafka}.SchemaRegistryConfig.SchemaValidationConfigs", "Attribute") for kafka in _KAFKA),
                default("BisectBatchOnFunctionError", False),
                default("TumblingWindowInSeconds", 0),
            ),
            write=update,
            becomes=keeps_its_id,
            falls=is_disabled,
        ),
        # Without the right to their key, filters are told as an error, with HTTP 200. The UUID is there to write with.
        Facet(
            "filters",
            Listed("{UUID: UUID, Filters: FilterCriteria.Filters || `[]`}"),
            at="FilterCriteria",
            unknown="FilterCriteriaError",
            shape=patterned,
            fields=(
                ignored("UUID", "generated in each region"),
                unordered("Filters", "Pattern"),
            ),
            write=update_filters,
            becomes=keeps_its_id,
        ),
        Facet(
            "tags",
            Follow("configuration", "EventSourceMappingArn", Call("ListTags", {"Resource": "${picked}"}, pick="Tags")),
            at="Tags",
            default={},
            shape=own_tags,
            write=tags_writer("${picked}"),
        ),
    ),
)
