"""Lambda aliases: from AWS's answer to the document that is compared."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from auditor.model.values import ABSENT
from auditor.resources.lambda_alias import SPEC
from made import IRELAND, VIRGINIA, creates, listed_fields, writes

VERSIONS = {"field:version:checkout:7": "version:c0de/1234", "field:version:checkout:8": "version:beef/5678"}
HERE = replace(VIRGINIA, references=VERSIONS)
# The same code came to Ireland a few versions later.
THERE = replace(IRELAND, references={"field:version:checkout:3": "version:c0de/1234"})
written = partial(writes, SPEC)


def fields(item, locale=HERE, **others):
    return listed_fields(SPEC, "checkout/live", item, locale, **others)


def test_an_alias_is_the_content_of_its_version_and_not_the_number():
    assert fields({"Name": "live", "FunctionVersion": "7"}) == {
        "Description": "",
        "FunctionVersion": "${version:c0de/1234}",
        "RoutingConfig": {"AdditionalVersionWeights": {}},
    }


def test_two_regions_that_count_differently_are_the_same():
    assert fields({"FunctionVersion": "7"}) == fields({"FunctionVersion": "3"}, THERE)


def test_another_version_is_another_content():
    assert fields({"FunctionVersion": "7"}) != fields({"FunctionVersion": "8"})


def test_the_versions_that_get_a_share_are_named_by_content_too():
    item = {"FunctionVersion": "7", "RoutingConfig": {"AdditionalVersionWeights": {"8": 0.1}}}

    assert fields(item)["RoutingConfig"] == {"AdditionalVersionWeights": {"${version:beef/5678}": 0.1}}


def test_an_alias_of_the_unpublished_function_says_so():
    assert fields({"FunctionVersion": "$LATEST"})["FunctionVersion"] == "$LATEST"


def test_what_is_made_of_the_site_or_changes_with_every_update_is_not_compared():
    item = {
        "AliasArn": "arn:aws:lambda:us-east-1:123456789012:function:checkout:live",
        "RevisionId": "r1",
        "FunctionVersion": "7",
    }

    assert fields(item) == fields({"FunctionVersion": "7"})


def test_an_alias_without_provisioned_concurrency_is_not_one_with_it():
    provisioned = fields({"FunctionVersion": "7"}, provisioned_concurrency=5)

    assert provisioned["RequestedProvisionedConcurrentExecutions"] == 5


def test_who_may_call_the_alias_is_the_same_in_two_regions():
    policy = '{"Version": "2012-10-17", "Statement": [{"Sid": "s3", "Effect": "Allow", "Resource": %s}]}'
    arns = [f"arn:aws:lambda:{region}:123456789012:function:checkout:live" for region in ("us-east-1", "eu-west-1")]

    one = fields({"FunctionVersion": "7"}, policy=policy % f'"{arns[0]}"')

    assert one == fields({"FunctionVersion": "3"}, THERE, policy=policy % f'["{arns[1]}"]')


def test_version_and_weights_are_moved_by_one_call():
    found = {"FunctionVersion": "7", "RoutingConfig": {"AdditionalVersionWeights": {"8": 0.1}}, "RevisionId": "r1"}

    assert written("configuration", found, {"FunctionVersion": "8", "RevisionId": "r2"}) == [
        (
            "UpdateAlias",
            {
                "FunctionName": "${parent}",
                "Name": "${name}",
                "FunctionVersion": "8",
                "RoutingConfig": {"AdditionalVersionWeights": {}},
            },
        )
    ]


def test_an_alias_that_is_as_it_should_be_is_not_touched():
    assert written("configuration", {"FunctionVersion": "7"}, {"FunctionVersion": "7", "Description": ""}) == []


def test_an_alias_is_made_as_golden_has_it():
    wanted = {"configuration": {"Name": "live", "FunctionVersion": "7", "RevisionId": "r", "Description": "shop"}}

    assert creates(SPEC, **wanted) == [
        (
            "CreateAlias",
            {"FunctionName": "${parent}", "Name": "${name}", "FunctionVersion": "7", "Description": "shop"},
        )
    ]


def test_a_permission_is_added_to_the_alias_and_not_to_its_function():
    statement = (
        '{"Sid": "s", "Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction", "Resource": "arn:f:live"}'
    )

    assert written("policy", ABSENT, f'{{"Version": "2012-10-17", "Statement": [{statement}]}}') == [
        (
            "AddPermission",
            {
                "FunctionName": "${parent}",
                "Qualifier": "${name}",
                "StatementId": "s",
                "Action": "lambda:InvokeFunction",
                "Principal": "*",
            },
        )
    ]
