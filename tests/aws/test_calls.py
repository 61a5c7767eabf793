"""Calls are paginated, counted, and filled in."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, PaginationError

from auditor.aws.calls import Caller, fill
from auditor.aws.pacing import Pacer
from auditor.aws.sessions import Sessions
from auditor.model.values import Locale, Site
from auditor.specs.spec import Call
from scripted import scripted_aws

VIRGINIA = Locale("us-east-1", "use1", "123456789012")


@pytest.fixture
def caller_of(clean_environment, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")

    def made(script):
        monkeypatch.setenv("AWS_ENDPOINT_URL", script.url)
        return Caller(Sessions(), Site("us-east-1"), VIRGINIA, Pacer({}))

    return made


def test_every_page_of_a_listing_is_asked_for(caller_of):
    def pages(asked):
        if "Marker=two" in asked.path:
            return 200, {"Functions": [{"FunctionName": "b"}]}
        return 200, {"Functions": [{"FunctionName": "a"}], "NextMarker": "two"}

    with scripted_aws(pages) as script:
        found = list(caller_of(script).pages("lambda", Call("ListFunctions"), {}))

    assert [one["FunctionName"] for page in found for one in page["Functions"]] == ["a", "b"]


def test_a_listing_without_a_paginator_is_continued_by_the_tokens_of_its_spec(caller_of):
    def pages(asked):
        if asked.body.get("NextToken"):
            return 200, {"Tags": [{"Key": "b", "Value": "2"}]}
        return 200, {"Tags": [{"Key": "a", "Value": "1"}], "NextToken": "more"}

    call = Call("ListTagsForResource", {"ResourceArn": "arn:${name}"}, tokens=("NextToken", "NextToken"))
    with scripted_aws(pages) as script:
        found = list(caller_of(script).pages("codedeploy", call, {"name": "x"}))

    assert [tag["Key"] for page in found for tag in page["Tags"]] == ["a", "b"]


def test_a_token_that_comes_twice_does_not_loop_for_ever(caller_of):
    with scripted_aws(lambda _: (200, {"Functions": [], "NextMarker": "same"})) as script:
        caller = caller_of(script)

        with pytest.raises(PaginationError):
            list(caller.pages("lambda", Call("ListFunctions"), {}))


def test_retries_count_as_the_calls_they_are(caller_of):
    answers = iter([(429, {"__type": "TooManyRequestsException"}), (200, {"Functions": []})])
    with scripted_aws(lambda _: next(answers)) as script:
        caller = caller_of(script)
        list(caller.pages("lambda", Call("ListFunctions"), {}))

    assert caller.counts() == {"lambda.ListFunctions": 2}


@pytest.mark.parametrize(
    ("status", "code", "throttled"),
    [
        (429, "TooManyRequestsException", {"lambda.ListFunctions": 1}),
        (400, "ThrottlingException", {"lambda.ListFunctions": 1}),
        (500, "ServiceException", {}),
    ],
)
def test_what_aws_throttled_is_counted_though_a_retry_mended_it(caller_of, status, code, throttled):
    answers = iter([(status, {"__type": code}), (200, {"Functions": []})])
    with scripted_aws(lambda _: next(answers)) as script:
        caller = caller_of(script)
        list(caller.pages("lambda", Call("ListFunctions"), {}))

    assert caller.throttles() == throttled


def test_a_call_that_failed_is_counted_and_raised(caller_of):
    with scripted_aws(lambda _: (403, {"__type": "AccessDeniedException"})) as script:
        caller = caller_of(script)
        with pytest.raises(ClientError):
            list(caller.pages("lambda", Call("ListFunctions"), {}))

    assert caller.counts() == {"lambda.ListFunctions": 1}


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ({"Name": "${name}"}, {"Name": "api"}),
        ({"Names": "${names}"}, {"Names": ["a", "b"]}),
        ({"Arn": "arn:${region}:${name}"}, {"Arn": "arn:us-east-1:api"}),
        ({"Filters": [{"Values": ["${name}"]}], "Max": 10}, {"Filters": [{"Values": ["api"]}], "Max": 10}),
    ],
)
def test_parameters_are_filled_in(template, filled):
    assert fill(template, {"name": "api", "names": ["a", "b"], "region": "us-east-1"}) == filled
