"""The corpus of `make reconcile-corpus`: a small share of it on the sandbox, and the words that it is judged by."""

from __future__ import annotations

import pytest

from auditor.model.values import ABSENT
from auditor.resources import load_specs
from bench import reconcile
from bench.reconcile_cases import RECREATE, Hand, cases
from bench.reconcile_estate import estates
from bench.reconcile_judge import Result
from bench.reconcile_run import Share

BUCKET = load_specs()["AWS::S3::Bucket"]
CONFIG = load_specs()["AWS::CodeDeploy::DeploymentConfig"]
ONE = Result("T/tags changed", "converged", "undone", 2, "undone")
OTHER = Result("T/name changed", "refused", "recreate-only")


NO_HAND = Hand()


def of_bucket(facet, value, hand=NO_HAND):
    held = {one.name: ABSENT for one in BUCKET.facets} | {facet: value}
    made = cases(BUCKET, held, hand, "eu-west-1", "us-east-1")
    return {one.id.removeprefix("AWS::S3::Bucket/"): one.value for one in made if one.facet}


@pytest.mark.parametrize(
    ("name", "only"),
    [
        ("invoke", "*/configuration/Maximum*"),
        ("config-canary", "*canaryPercentage*"),
        # Under an id of its own in each region, and gone with it.
        ("mapping-queue", "*/configuration/BatchSize changed"),
        ("mapping-queue", "* missing*"),
    ],
)
def test_every_case_of_a_share_comes_out_as_it_must(sandbox, clean_environment, name, only):
    estate = next(one for one in estates() if one.name == name)

    share = reconcile.on_sandbox(sandbox, estate, 0, only, f"9{len(name + only):011}", reconcile.Requests())

    assert {one.outcome for one in share.results} in ({"converged"}, {"refused"}, {"converged", "refused"}), share


def test_a_number_is_changed_and_taken_away():
    assert of_bucket("cors", {"CORSRules": [{"MaxAgeSeconds": 60}]}) == {
        "cors/CORSRules gone": {},
        "cors/CORSRules[].MaxAgeSeconds changed": {"CORSRules": [{"MaxAgeSeconds": 61}]},
        "cors/CORSRules[].MaxAgeSeconds gone": {"CORSRules": [{}]},
        "cors gone": ABSENT,
        "cors extra": ABSENT,
    }


def test_a_value_that_somebody_chose_stands_instead_of_a_made_one():
    made = of_bucket("request payment", {"Payer": "Requester"}, Hand({"request payment/Payer": "Nobody"}))

    assert made["request payment/Payer changed"] == {"Payer": "Nobody"}


def test_a_change_that_aws_never_takes_is_no_case():
    made = of_bucket("cors", {"CORSRules": []}, Hand(never={"cors/CORSRules gone": "there is always a list"}))

    assert made.keys() == {"cors gone", "cors extra"}


def test_a_text_that_names_the_region_is_copied_from_golden():
    made = of_bucket("logging", {"LoggingEnabled": {"TargetPrefix": "eu-west-1/"}})

    assert made["logging/LoggingEnabled.TargetPrefix copied from golden's region"] == {
        "LoggingEnabled": {"TargetPrefix": "us-east-1/"}
    }


def test_a_tags_key_is_never_taken_away():
    assert "tagging/[].Key gone" not in of_bucket("tagging", [{"Key": "team", "Value": "shop"}])


def test_what_is_set_when_a_resource_is_made_must_be_refused():
    held = {"configuration": {"computePlatform": "Server", "minimumHealthyHosts": {"type": "HOST_COUNT", "value": 1}}}

    made = cases(CONFIG, held, Hand(), "eu-west-1", "us-east-1")

    assert {one.refused for one in made if one.facet} == {RECREATE}


@pytest.mark.parametrize(
    ("results", "perfect"),
    [
        ([ONE] * 299 + [OTHER], True),
        ([ONE] * 298 + [OTHER], False),
        ([ONE] * 300 + [Result("T/name changed", "failed", "the audit did not find it")], False),
    ],
)
def test_the_goal_is_300_cases_and_no_failure(results, perfect):
    assert reconcile.perfect([Share("T", tuple(results))], whole=True) is perfect


def test_the_table_has_a_line_for_each_type_and_one_in_all():
    told = list(reconcile.lines([Share("T", (ONE, OTHER), 30)]))

    assert [one.split() for one in (told[1], told[-2])] == [
        ["T", "2", "1", "1", "0", "1", "0", "2.00"],
        ["in", "all", "2", "1", "1", "0", "1", "0", "2.00"],
    ]


def test_reasons_are_counted_whatever_the_copy():
    refused = [
        Result("T/a gone", "refused", "nobody knows shop-c001"),
        Result("T/b gone", "refused", "nobody knows shop-c002"),
    ]

    told = list(reconcile.lines([Share("T", tuple(refused))]))

    assert told[2] == "refused:    2  nobody knows shop-cNNN"


def test_an_estate_that_cannot_be_made_is_a_failure_that_says_so(monkeypatch):
    monkeypatch.setattr(reconcile, "run_share", lambda *_: 1 / 0)

    share = reconcile.measured(("url", 0, "*", 1))

    assert [one.outcome for one in share.results] == ["failed"]
