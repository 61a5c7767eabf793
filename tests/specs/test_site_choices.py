"""What a call says in some sites only."""

from __future__ import annotations

import pytest

from auditor.model.values import ABSENT
from auditor.resources.s3_bucket import SPEC
from auditor.specs.site_choices import decided
from auditor.specs.writes import creating

OWN = "123456789012"


def made(region, name="app", account=OWN):
    [call] = creating(SPEC, {"location": "${region}"})
    return decided(call.params, {"name": name, "region": region, "account": account})


def test_in_us_east_1_no_location_is_named():
    assert made("us-east-1") == {"Bucket": "${name}"}


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-2", "cn-north-1", "us-gov-east-1"])
def test_elsewhere_the_region_is_named(region):
    assert made(region) == {"Bucket": "${name}", "CreateBucketConfiguration": {"LocationConstraint": region}}


@pytest.mark.parametrize(
    ("name", "namespace"),
    [
        ("app-123456789012-us-east-1-an", "account-regional"),
        ("app-123456789012-us-east-1", ABSENT),
        ("app-123456789012-eu-west-1-an", ABSENT),
        ("app-999999999999-us-east-1-an", ABSENT),
        ("an", ABSENT),
    ],
)
def test_a_name_in_the_accounts_namespace_is_made_in_it(name, namespace):
    assert made("us-east-1", name).get("BucketNamespace", ABSENT) == namespace


def test_what_is_empty_of_itself_stays():
    assert decided({"Tags": {}, "Rules": [], "Name": ""}, {}) == {"Tags": {}, "Rules": [], "Name": ""}


def test_what_a_choice_needs_has_to_be_known():
    [call] = creating(SPEC, {"location": "${region}"})

    with pytest.raises(KeyError, match="account"):
        decided(call.params, {"name": "app", "region": "us-east-1"})
