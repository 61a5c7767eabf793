"""Lambda's limits: from AWS's answer to the document that is compared."""

from __future__ import annotations

from auditor.resources.lambda_account_settings import SPEC
from made import known, whole

ANSWER = {"AccountLimit": {"ConcurrentExecutions": 1000}, "AccountUsage": {"FunctionCount": 7}}


def made(answer):
    return whole(SPEC, "account", known({"settings": answer}))


def test_what_the_functions_take_up_is_not_compared():
    assert made(ANSWER).fields == {"AccountLimit": {"ConcurrentExecutions": 1000}}


def test_a_region_may_have_more_than_golden():
    assert made(ANSWER).comparators[("AccountLimit", "ConcurrentExecutions")] == "at-least"


def test_there_is_one_in_every_region():
    assert SPEC.listing.name == "account"
