"""Event source mappings: from AWS's answer to the document that is compared."""

from __future__ import annotations

from functools import partial

import pytest

from auditor.aws.readings import taken
from auditor.model.values import Reading, State
from auditor.resources._lambda_event_sources import source_of
from auditor.resources.lambda_event_source_mapping import SPEC
from made import creates, listed_fields, writes

fields = partial(listed_fields, SPEC, "api/arn:aws:sqs:us-east-1:123456789012:orders")
written = partial(writes, SPEC)
created = partial(creates, SPEC)
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:api"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:orders"
STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks"
SERVER = "kafka.shop.example:9092"


def mapping(**more):
    return {"UUID": "u1", "FunctionArn": FUNCTION, "EventSourceArn": QUEUE, "State": "Enabled", **more}


@pytest.mark.parametrize(
    ("item", "name"),
    [
        ({"EventSourceArn": QUEUE}, QUEUE),
        ({"EventSourceArn": QUEUE, "FunctionArn": f"{FUNCTION}:live"}, f"live:{QUEUE}"),
        ({"EventSourceArn": STREAM}, STREAM),
        ({"EventSourceArn": f"{STREAM}/consumer/shop:1571234567"}, f"{STREAM}/consumer/shop"),
        (
            {"EventSourceArn": "arn:aws:dynamodb:us-east-1:1:table/orders/stream/2026-01-01T00:00:00.000"},
            "arn:aws:dynamodb:us-east-1:1:table/orders",
        ),
        (
            {
                "EventSourceArn": "arn:aws:kafka:us-east-1:1:cluster/shop/12345678-1234-1234-1234-123456789012-1",
                "Topics": ["b", "a"],
            },
            "arn:aws:kafka:us-east-1:1:cluster/shop#a,b",
        ),
        (
            {
                "EventSourceArn": "arn:aws:mq:us-east-1:1:broker:shop:b-12345678-1234-1234-1234-123456789012",
                "Queues": ["orders"],
            },
            "arn:aws:mq:us-east-1:1:broker:shop#orders",
        ),
        (
            {"SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": [SERVER, "a:1"]}}, "Topics": ["t"]},
            f"a:1,{SERVER}#t",
        ),
        ({"EventSourceArn": "arn:aws:rds:us-east-1:1:cluster:shop"}, "arn:aws:rds:us-east-1:1:cluster:shop"),
    ],
)
def test_a_mapping_is_named_by_its_source_without_what_is_generated(item, name):
    assert SPEC.listing.name({"FunctionArn": FUNCTION, **item}) == name


def test_a_mapping_belongs_to_its_function_whatever_the_qualifier():
    assert SPEC.listing.parent(mapping(FunctionArn=f"{FUNCTION}:live")) == "api"


@pytest.mark.parametrize(
    ("state", "enabled"),
    [
        ("Enabled", True),
        ("Enabling", True),
        ("Creating", True),
        ("Updating", True),
        ("Disabled", False),
        ("Disabling", False),
    ],
)
def test_the_momentary_state_tells_whether_it_is_enabled(state, enabled):
    assert fields(mapping(State=state))["Enabled"] is enabled


def test_a_queue_has_the_defaults_of_queues():
    assert fields(mapping()) == {
        "BatchSize": 10,
        "BisectBatchOnFunctionError": False,
        "Enabled": True,
        "FilterCriteria": {"Filters": {}},
        "FunctionResponseTypes": {},
        "MaximumBatchingWindowInSeconds": 0,
        "SourceAccessConfigurations": {},
        "Tags": {},
        "TumblingWindowInSeconds": 0,
    }


def test_a_stream_has_the_defaults_of_streams():
    told = fields(mapping(EventSourceArn=STREAM))

    names = ("BatchSize", "ParallelizationFactor", "MaximumRecordAgeInSeconds", "MaximumRetryAttempts")
    assert [told[name] for name in names] == [100, 1, -1, -1]


def test_a_topic_waits_for_half_a_second_which_is_said_by_nothing():
    kafka = mapping(EventSourceArn="arn:aws:kafka:us-east-1:1:cluster/shop/12345678-1", Topics=["a"])

    assert "MaximumBatchingWindowInSeconds" not in fields(kafka)


def test_where_a_stream_was_started_and_what_is_momentary_is_not_compared():
    item = mapping(
        StartingPosition="TRIM_HORIZON", LastModified="now", LastProcessingResult="OK", StateTransitionReason="User",
        EventSourceMappingArn="arn",
    )  # fmt: skip

    assert fields(item) == fields(mapping())


def test_an_empty_destination_is_none():
    assert fields(mapping(DestinationConfig={"OnFailure": {}})) == fields(mapping())


def test_a_generated_consumer_group_is_not_compared():
    group = {"ConsumerGroupId": mapping()["UUID"]}
    kafka = mapping(EventSourceArn="arn:aws:kafka:us-east-1:1:cluster/shop/12345678-1", Topics=["a"])

    assert fields({**kafka, "AmazonManagedKafkaEventSourceConfig": group}) == fields(kafka)


def test_a_consumer_group_that_somebody_named_is_compared():
    told = fields(mapping(AmazonManagedKafkaEventSourceConfig={"ConsumerGroupId": "shop"}))

    assert told["AmazonManagedKafkaEventSourceConfig"] == {"ConsumerGroupId": "shop"}


def test_neither_the_order_of_filters_nor_of_their_members_means_anything():
    one = mapping(FilterCriteria={"Filters": [{"Pattern": '{"a": [1, 2], "b": [3]}'}, {"Pattern": '{"c": [4]}'}]})
    other = mapping(FilterCriteria={"Filters": [{"Pattern": '{"c":[4]}'}, {"Pattern": '{"b":[3],"a":[2,1]}'}]})

    assert fields(one) == fields(other)


def test_filters_that_could_not_be_decrypted_are_unknown_and_not_empty():
    facet = next(facet for facet in SPEC.facets if facet.name == "filters")
    item = mapping(FilterCriteriaError={"ErrorCode": "AccessDeniedException", "Message": "kms"})

    assert taken(facet, facet.source.pick, item) == Reading(State.UNREADABLE, error="AccessDeniedException")


def test_it_is_changed_under_the_uuid_that_it_has_there():
    found = mapping(BatchSize=10, KMSKeyArn="arn:key")
    wanted = mapping(UUID="golden", BatchSize=50, State="Disabled")

    assert written("configuration", found, wanted) == [
        ("UpdateEventSourceMapping", {"UUID": "u1", "BatchSize": 50, "KMSKeyArn": "", "Enabled": False})
    ]


@pytest.mark.parametrize("facet", ["configuration", "filters"])
def test_what_was_written_is_still_under_the_uuid_that_it_has_there(facet):
    becomes = next(one.becomes for one in SPEC.facets if one.name == facet)

    assert becomes({"UUID": "u1", "Filters": []}, {"UUID": "golden", "BatchSize": 50}) == {
        "UUID": "u1",
        "BatchSize": 50,
    }


def test_filters_are_taken_away_by_an_empty_structure():
    found = {"UUID": "u1", "Filters": [{"Pattern": "{}"}]}

    assert written("filters", found, {"UUID": "golden", "Filters": []}) == [
        ("UpdateEventSourceMapping", {"UUID": "u1", "FilterCriteria": {}})
    ]


def test_a_mapping_is_made_disabled_and_from_then_on():
    wanted = mapping(EventSourceArn=STREAM, StartingPosition="TRIM_HORIZON", BatchSize=50)
    filters = {"UUID": "golden", "Filters": [{"Pattern": "{}"}]}

    [(operation, params), _] = created(configuration=wanted, filters=filters, tags={"team": "shop"})
    assert (operation, params) == (
        "CreateEventSourceMapping",
        {
            "FunctionName": FUNCTION,
            "EventSourceArn": STREAM,
            "Enabled": False,
            "StartingPosition": "LATEST",
            "BatchSize": 50,
            "FilterCriteria": {"Filters": [{"Pattern": "{}"}]},
            "Tags": {"team": "shop"},
        },
    )


def test_a_mapping_of_a_queue_has_no_position():
    assert "StartingPosition" not in created(configuration=mapping())[0][1]


def test_a_mapping_is_enabled_by_a_call_of_its_own():
    wanted = mapping(EventSourceArn=STREAM, State="Enabled")

    assert created(configuration=wanted)[1] == (
        "UpdateEventSourceMapping",
        {"UUID": "${own:/UUID}", "Enabled": True},
    )


def test_a_mapping_that_golden_has_disabled_stays_so():
    wanted = mapping(EventSourceArn=STREAM, State="Disabled")

    assert [operation for operation, _ in created(configuration=wanted)] == ["CreateEventSourceMapping"]


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_a_vpc_connection_to_a_cluster_is_known_without_what_each_region_makes_up(region):
    uuid = "11111111-2222-3333-4444-555555555555" if region == "us-east-1" else "99999999-8888-7777-6666-555555555555"
    arn = f"arn:aws:kafka:{region}:123456789012:vpc-connection/210987654321/main/{uuid}-7"

    assert source_of({"EventSourceArn": arn, "Topics": ["t"]}) == (
        f"arn:aws:kafka:{region}:123456789012:vpc-connection/210987654321/main#t"
    )
