"""Asynchronous calls: from AWS's answer to the document that is compared."""

from __future__ import annotations

from functools import partial

from auditor.model.values import ABSENT
from auditor.resources.lambda_event_invoke_config import SPEC
from made import IRELAND, creates, listed_fields, writes

fields = partial(listed_fields, SPEC, "api/$LATEST")
written = partial(writes, SPEC)
created = partial(creates, SPEC)
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
