"""Service quotas: from AWS's answer to the document that is compared, and what counts as a difference."""

from __future__ import annotations

import json

import jmespath
import pytest

from auditor.aws.readings import taken
from auditor.resources.servicequotas_quota import SPEC
from made import whole

SITES = ("--golden", "us-east-1", "--region", "us-east-1", "--region", "eu-west-1")
QUOTA = {
    "ServiceCode": "lambda",
    "ServiceName": "AWS Lambda",
    "QuotaArn": "arn:aws:servicequotas:us-east-1:123456789012:lambda/L-B99A9384",
    "QuotaCode": "L-B99A9384",
    "QuotaName": "Concurrent executions",
    "Value": 1000.0,
    "Unit": "None",
    "Adjustable": True,
    "GlobalQuota": False,
    "QuotaAppliedAtLevel": "ACCOUNT",
}


def test_a_quota_is_its_value_with_its_name_and_whether_it_can_be_raised():
    reading = taken(SPEC.facets[0], "@", QUOTA)

    assert whole(SPEC, "lambda/L-B99A9384", {"quota": reading}).fields == {
        "QuotaName": "Concurrent executions",
        "Value": 1000.0,
        "Unit": "None",
        "Adjustable": True,
        "QuotaAppliedAtLevel": "ACCOUNT",
    }


def test_a_quota_whose_value_aws_could_not_tell_is_unreadable():
    failed = {**QUOTA, "ErrorReason": {"ErrorCode": "DEPENDENCY_ACCESS_DENIED_ERROR", "ErrorMessage": "no"}}

    assert taken(SPEC.facets[0], "@", failed).error == "DEPENDENCY_ACCESS_DENIED_ERROR"


@pytest.mark.parametrize(
    ("scope", "kept"), [({}, True), ({"GlobalQuota": False}, True), ({"GlobalQuota": True}, False)]
)
def test_a_quota_for_all_regions_together_is_no_regions_own(scope, kept):
    assert jmespath.search(SPEC.listing.keep, scope) is kept


def raised(aws, region):
    aws.client("service-quotas", region).request_service_quota_increase(
        ServiceCode="lambda", QuotaCode="L-B99A9384", DesiredValue=3000.0
    )


@pytest.fixture
def found(aws, run, tmp_path):
    def found():
        (tmp_path / "auditor.yaml").write_text('types: ["AWS::ServiceQuotas::*"]\n')
        told = json.loads(run("diff", *SITES, "--format", "json").out)
        return [(one["name"], one["kind"], one["changes"]) for one in told["findings"]]

    return found


def test_two_regions_with_aws_defaults_are_alike(found):
    assert found() == []


def test_a_region_that_may_have_less_than_golden_differs(aws, found):
    raised(aws, "us-east-1")

    ((name, kind, (change,)),) = found()

    assert (name, kind, change["path"], change["golden"], change["actual"]) == (
        "lambda/L-B99A9384",
        "changed",
        "/Value",
        3000.0,
        1000.0,
    )


def test_a_region_that_may_have_more_than_golden_does_not(aws, found):
    raised(aws, "eu-west-1")

    assert found() == []
