"""What hangs on published versions: from AWS's answers to the document that is compared, and what writes it."""

from __future__ import annotations

import json
from dataclasses import replace

from auditor.model.values import ABSENT
from auditor.resources.lambda_version import SPEC, number_of
from auditor.specs.writes import writing
from made import IRELAND, VIRGINIA, listed_fields

HERE = replace(VIRGINIA, references={"function:checkout:7": "function-version:checkout@c0de/1234"})
# The same code came to Ireland a few versions later.
THERE = replace(IRELAND, references={"function:checkout:3": "function-version:checkout@c0de/1234"})
ARN = "arn:aws:lambda:{0.region}:{0.account}:function:checkout:{1}"
FACETS = {facet.name: facet for facet in SPEC.facets}


def written(facet, found, wanted):
    return [(call.operation, dict(call.params)) for call in writing(FACETS[facet], found, wanted)]


def fields(number, locale, item=None, **others):
    return listed_fields(SPEC, f"checkout/{number}", item or {}, locale, **others)


def policy(locale, number, principal="sns.amazonaws.com"):
    statement = {
        "Sid": "topic",
        "Effect": "Allow",
        "Principal": {"Service": principal},
        "Action": "lambda:InvokeFunction",
        "Resource": ARN.format(locale, number),
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_version_has_the_number_that_its_arn_ends_with():
    assert number_of({"FunctionArn": ARN.format(VIRGINIA, 7)}) == "7"


def test_what_an_alias_has_is_that_of_no_version():
    assert number_of({"FunctionArn": ARN.format(VIRGINIA, "live-2")}) is None


def test_the_listing_tells_how_many_environments_are_kept_ready():
    item = {
        "FunctionArn": ARN.format(VIRGINIA, 7),
        "RequestedProvisionedConcurrentExecutions": 100,
        "AvailableProvisionedConcurrentExecutions": 40,
        "AllocatedProvisionedConcurrentExecutions": 40,
        "Status": "IN_PROGRESS",
        "LastModified": "2026-11-24T01:02:03+0000",
    }

    assert fields(7, HERE, item) == {"RequestedProvisionedConcurrentExecutions": 100}


def test_a_policy_that_names_its_own_version_is_the_same_under_another_number():
    assert fields(7, HERE, policy=policy(HERE, 7)) == fields(3, THERE, policy=policy(THERE, 3))


def test_who_else_may_call_it_is_another_policy():
    assert fields(7, HERE, policy=policy(HERE, 7)) != fields(7, HERE, policy=policy(HERE, 7, "events.amazonaws.com"))


def test_a_version_on_which_nothing_hangs_has_no_fields():
    assert fields(7, HERE) == {}


def test_provisioned_concurrency_is_put_on_the_version():
    assert written("provisioned concurrency", ABSENT, 5) == [
        (
            "PutProvisionedConcurrencyConfig",
            {"FunctionName": "${parent}", "Qualifier": "${name}", "ProvisionedConcurrentExecutions": 5},
        )
    ]


def test_provisioned_concurrency_is_taken_off_the_version():
    assert written("provisioned concurrency", 5, ABSENT) == [
        ("DeleteProvisionedConcurrencyConfig", {"FunctionName": "${parent}", "Qualifier": "${name}"})
    ]


def test_who_may_call_it_is_allowed_and_refused_under_its_number():
    own, arn = {"FunctionName": "${parent}", "Qualifier": "${name}"}, "function:${parent}:${name}"
    allowed = {"StatementId": "topic", "Action": "lambda:InvokeFunction", "Principal": "sns.amazonaws.com"}

    assert written("policy", ABSENT, policy(HERE, 7)) == [("AddPermission", {**own, **allowed})]
    assert written("policy", policy(HERE, 7), ABSENT) == [
        ("DeleteResourcePolicy", {"ResourceArn": f"arn:${{partition}}:lambda:${{region}}:${{account}}:{arn}"})
    ]
