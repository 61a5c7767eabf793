"""Lambda's limits: from AWS's answer to the document that is compared."""

from __future__ import annotations

from auditor.document import document
from auditor.model import Locale, Reading, Resource, State
from auditor.resources.lambda_account_settings import SPEC

VIRGINIA = Locale("us-east-1", "use1", "123456789012")
ANSWER = {"AccountLimit": {"ConcurrentExecutions": 1000}, "AccountUsage": {"FunctionCount": 7}}


def made(answer):
    return document(Resource(SPEC.type, "account", {"settings": Reading(State.READ, answer)}), SPEC, VIRGINIA)


def test_what_the_functions_take_up_is_not_compared():
    assert made(ANSWER).fields == {"AccountLimit": {"ConcurrentExecutions": 1000}}


def test_a_region_may_have_more_than_golden():
    assert made(ANSWER).comparators[("AccountLimit", "ConcurrentExecutions")] == "at-least"


def test_there_is_one_in_every_region():
    assert SPEC.listing.name == "account"
