"""Asynchronous calls: from AWS's answer to the document that is compared."""

from __future__ import annotations

from auditor.aws.read import taken
from auditor.document import document
from auditor.model import ABSENT, Locale, Reading, Resource, State
from auditor.resources.lambda_event_invoke_config import SPEC
from auditor.spec import Listed

VIRGINIA = Locale("us-east-1", "use1", "123456789012")
IRELAND = Locale("eu-west-1", "euw1", "123456789012")


def fields(item, locale=VIRGINIA, name="api/$LATEST", **others):
    readings = {one.name: Reading(State.ABSENT) for one in SPEC.facets}
    readings |= {facet: Reading(State.READ, value) for facet, value in others.items()}
    for facet in SPEC.facets:
        if isinstance(facet.source, Listed):
            readings[facet.name] = taken(facet, facet.source.pick, item)
    return document(Resource(SPEC.type, name, readings), SPEC, locale).fields


def written(name, found, wanted):
    facet = next(facet for facet in SPEC.facets if facet.name == name)
    return [(call.operation, dict(call.params)) for call in facet.write(found, wanted)]


def created(**wanted):
    return [(call.operation, dict(call.params)) for call in SPEC.create(ABSENT, wanted)]


FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:api"
DEFAULTS = {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 21600, "DestinationConfig": {}}


def test_a_configuration_is_named_by_its_qualifier():
    items = [{"FunctionArn": f"{FUNCTION}:$LATEST"}, {"FunctionArn": f"{FUNCTION}:live"}]

    assert [SPEC.listing.name(item) for item in items] == ["$LATEST", "live"]


def test_empty_destinations_are_none():
    item = {"FunctionArn": FUNCTION, "LastModified": "now", "DestinationConfig": {"OnSuccess": {}, "OnFailure": {}}}

    assert fields(item) == DEFAULTS


def test_a_destination_of_the_same_name_is_the_same_in_two_regions():
    one, other = (
        {"DestinationConfig": {"OnFailure": {"Destination": f"arn:aws:sqs:{region}:123456789012:failed"}}}
        for region in ("us-east-1", "eu-west-1")
    )

    assert fields(one) == fields(other, IRELAND)


def test_all_is_written_for_what_is_left_out_goes_back_to_its_default():
    wanted = {
        "FunctionArn": FUNCTION,
        "MaximumRetryAttempts": 0,
        "MaximumEventAgeInSeconds": 60,
        "DestinationConfig": {"OnSuccess": {}, "OnFailure": {"Destination": "arn:queue"}},
    }

    assert written("configuration", {}, wanted) == [
        (
            "PutFunctionEventInvokeConfig",
            {
                "FunctionName": "${parent}",
                "Qualifier": "${name}",
                "MaximumRetryAttempts": 0,
                "MaximumEventAgeInSeconds": 60,
                "DestinationConfig": {"OnFailure": {"Destination": "arn:queue"}},
            },
        )
    ]


def test_it_is_made_as_it_is_changed():
    wanted = {"MaximumRetryAttempts": 1}

    assert created(configuration=wanted) == written("configuration", ABSENT, wanted)
