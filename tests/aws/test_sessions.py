"""Who we are in each site, and what is there."""

from __future__ import annotations

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from auditor.aws.account import Account
from auditor.aws.calls import Caller
from auditor.aws.pacing import Pacer
from auditor.aws.sessions import Sessions, partition_of
from auditor.errors import CredentialsError, SettingsError
from auditor.model.values import Locale, Site, State
from scripted import scripted_aws


@pytest.fixture
def state_of(clean_environment, monkeypatch):
    def told(service, region, error):
        caller = Caller(Sessions(), Site(region), Locale(region, "", "1"), Pacer({}))
        return caller.state_of(service, error)

    return told


def test_a_service_that_is_nowhere_known_in_a_region_and_has_no_host_is_not_offered(state_of):
    assert state_of("lookoutmetrics", "sa-east-1", EndpointConnectionError(endpoint_url="x")) is State.NOT_OFFERED


def test_a_service_that_should_be_there_and_has_no_host_is_unreadable(state_of):
    assert state_of("lambda", "sa-east-1", EndpointConnectionError(endpoint_url="x")) is State.UNREADABLE


def test_an_answer_that_does_not_come_says_nothing_of_what_is_offered(state_of):
    assert state_of("lookoutmetrics", "sa-east-1", ReadTimeoutError(endpoint_url="x")) is State.UNREADABLE


def test_a_role_that_is_not_given_tells_its_code_and_no_secret(
    clean_environment,
    monkeypatch,
):
    error = "<Error><Code>AccessDenied</Code><Message>externalId CANARY is wrong</Message></Error>"
    body = f"<ErrorResponse>{error}</ErrorResponse>"
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    with scripted_aws(lambda _: (403, body)) as script:
        monkeypatch.setenv("AWS_ENDPOINT_URL", script.url)
        role = Account("arn:aws:iam::111122223333:role/auditor", "CANARY")

        with pytest.raises(CredentialsError) as raised:
            Sessions({"prod": role}).locale(Site("eu-west-1", "prod"))

    assert ("AccessDenied" in str(raised.value), "CANARY" in str(raised.value)) == (True, False)


@pytest.mark.parametrize(
    ("region", "partition"), [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_a_region_belongs_to_a_partition(region, partition):
    assert partition_of(region) == partition


def test_a_region_that_aws_does_not_have_is_refused_with_the_nearest():
    with pytest.raises(SettingsError, match="Did you mean eu-west-1"):
        partition_of("eu-wst-1")
