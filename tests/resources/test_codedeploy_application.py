"""CodeDeploy applications: from AWS's answer to the document that is compared."""

from __future__ import annotations

import pytest

from auditor.aws.readings import taken
from auditor.model.values import ABSENT
from auditor.resources.codedeploy_application import SPEC, retagged
from made import IRELAND, VIRGINIA, carried_out, whole


def fields(information, tags=(), locale=VIRGINIA):
    configuration, tagging = SPEC.facets
    readings = {
        "configuration": taken(configuration, "@", information),
        "tags": taken(tagging, tagging.source.pick, {"Tags": list(tags)}),
    }
    return whole(SPEC, "shop", readings, locale).fields


def test_what_each_region_generates_is_not_compared():
    virginia = {"applicationName": "shop", "applicationId": "a1", "createTime": "2026-01-01", "linkedToGitHub": True}
    ireland = {"applicationName": "shop", "applicationId": "b2", "createTime": "2026-02-02", "linkedToGitHub": False}

    assert fields(virginia) == fields(ireland, locale=IRELAND)


def test_an_application_without_a_platform_is_for_servers():
    assert fields({"applicationName": "shop"}) == {"computePlatform": "Server", "Tags": {}}


def test_the_platform_is_compared():
    assert fields({"applicationName": "shop", "computePlatform": "Lambda"})["computePlatform"] == "Lambda"


def test_tags_are_a_map_without_those_that_aws_sets():
    tags = [{"Key": "team", "Value": "web"}, {"Key": "aws:cloudformation:stack-id", "Value": "arn:1"}]

    assert fields({"applicationName": "shop"}, tags)["Tags"] == {"team": "web"}


def test_the_github_account_that_an_application_is_linked_to_is_compared():
    linked = {"applicationName": "shop", "gitHubAccountName": "shop-team", "linkedToGitHub": True}

    assert fields(linked)["gitHubAccountName"] == "shop-team"


@pytest.fixture
def codedeploy(aws):
    return aws.client("codedeploy")


def test_an_application_is_made_with_its_platform(codedeploy):
    wanted = {"configuration": {"computePlatform": "ECS"}, "tags": ABSENT}

    carried_out(codedeploy, SPEC.create(ABSENT, wanted), name="shop")

    assert codedeploy.get_application(applicationName="shop")["application"]["computePlatform"] == "ECS"


def test_an_application_is_made_with_its_tags():
    tags = [{"Key": "team", "Value": "web"}]
    (call,) = SPEC.create(ABSENT, {"configuration": {}, "tags": tags})

    assert call.params == {"applicationName": "${name}", "computePlatform": "Server", "tags": tags}


def test_tags_that_are_gone_are_removed_before_new_ones_are_set_and_the_others_left_alone():
    found = [{"Key": "old", "Value": "1"}, {"Key": "same", "Value": "2"}, {"Key": "other", "Value": "3"}]
    wanted = [{"Key": "same", "Value": "2"}, {"Key": "other", "Value": "4"}]

    calls = retagged("ARN", found, wanted)

    assert [(call.operation, dict(call.params)) for call in calls] == [
        ("UntagResource", {"ResourceArn": "ARN", "TagKeys": ["old"]}),
        ("TagResource", {"ResourceArn": "ARN", "Tags": [{"Key": "other", "Value": "4"}]}),
    ]


def test_tags_that_are_to_be_as_they_are_take_no_call():
    assert retagged("ARN", [{"Key": "a", "Value": "1"}], [{"Key": "a", "Value": "1"}]) == ()


def test_without_tags_wanted_all_are_removed():
    (call,) = retagged("ARN", [{"Key": "b", "Value": "1"}, {"Key": "a", "Value": "1"}], ABSENT)

    assert (call.operation, call.params["TagKeys"]) == ("UntagResource", ["a", "b"])


def test_tags_are_where_the_calls_put_them(codedeploy, aws):
    codedeploy.create_application(applicationName="shop", tags=[{"Key": "old", "Value": "1"}])

    calls = SPEC.facets[1].write([{"Key": "old", "Value": "1"}], [{"Key": "team", "Value": "web"}])
    carried_out(codedeploy, calls, name="shop", region="us-east-1", partition="aws", account=aws.account)

    arn = f"arn:aws:codedeploy:us-east-1:{aws.account}:application:shop"
    assert codedeploy.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "web"}]


def test_an_application_is_deleted_by_its_name():
    assert (SPEC.delete.operation, SPEC.delete.params) == ("DeleteApplication", {"applicationName": "${name}"})
