"""Answers put in the place of AWS's own are parsed by the real botocore."""

import boto3
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from bench.faults import FAILING, UNUSABLE, at, injected


def test_a_fault_happens_to_the_call_that_it_is_for_and_to_no_other(aws):
    with injected(UNUSABLE["html"], at("lambda.ListFunctions", "us-east-1")) as happened:
        spoilt, other, elsewhere = (
            aws.client("lambda").list_functions(),
            aws.client("lambda").list_layers(),
            aws.client("lambda", "eu-west-1").list_functions(),
        )
    assert "Functions" not in spoilt
    assert (other["Layers"], elsewhere["Functions"]) == ([], [])
    assert [(one.called, one.region, one.protocol) for one in happened] == [
        ("lambda.ListFunctions", "us-east-1", "rest-json")
    ]


def test_a_fault_is_over_when_its_context_is(aws):
    with injected(UNUSABLE["html"], at("lambda.ListFunctions")):
        pass
    assert aws.client("lambda").list_functions()["Functions"] == []


def test_a_cut_answer_is_the_first_half_of_the_real_one(aws):
    # Faults are for clients that are made while they are injected, and a test's client is made once.
    boto3.client("codedeploy", region_name="us-east-1").create_application(applicationName="shop")
    with injected(UNUSABLE["cut"], at("codedeploy.ListApplications")):
        answer = aws.client("codedeploy").list_applications()
    assert "applications" not in answer


@pytest.mark.parametrize("name", FAILING)
@pytest.mark.parametrize("called", ["lambda.ListFunctions", "s3.ListBuckets", "sts.GetCallerIdentity"])
def test_what_aws_or_its_network_says_is_an_error_of_botocore(aws, monkeypatch, name, called):
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    service, _, operation = called.partition(".")
    with injected(FAILING[name], at(called)):
        client = boto3.Session().client(service, region_name="us-east-1")
        method = next(method for method, own in client.meta.method_to_api_mapping.items() if own == operation)
        with pytest.raises((BotoCoreError, ClientError)):
            getattr(client, method)()


def test_a_lost_answer_is_lost_after_aws_did_what_it_was_asked(aws, monkeypatch):
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with injected(FAILING["lost"], at("codedeploy.CreateApplication")), pytest.raises(BotoCoreError):
        boto3.Session().client("codedeploy", region_name="us-east-1").create_application(applicationName="shop")
    assert aws.client("codedeploy").list_applications()["applications"] == ["shop"]
