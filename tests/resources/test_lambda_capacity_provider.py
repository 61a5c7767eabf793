"""Capacity providers: from AWS's answer to the document that is compared."""

from __future__ import annotations

from functools import partial

from auditor.resources.lambda_capacity_provider import SPEC
from made import creates, listed_fields, writes

fields = partial(listed_fields, SPEC, "big")
written = partial(writes, SPEC)
created = partial(creates, SPEC)
ITEM = {
    "CapacityProviderArn": "arn:aws:lambda:us-east-1:123456789012:capacity-provider:big",
    "State": "Active",
    "LastModified": "now",
    "VpcConfig": {"SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]},
    "PermissionsConfig": {"CapacityProviderOperatorRoleArn": "arn:aws:iam::123456789012:role/operator"},
}


def test_a_provider_is_named_by_the_end_of_its_arn():
    assert SPEC.listing.name(ITEM) == "big"


def test_momentary_fields_are_not_compared_and_subnets_have_no_order():
    assert fields(ITEM) == {
        "VpcConfig": {
            "SubnetIds": {"subnet-1": "subnet-1", "subnet-2": "subnet-2"},
            "SecurityGroupIds": {"sg-1": "sg-1"},
        },
        "PermissionsConfig": {"CapacityProviderOperatorRoleArn": "arn:aws:iam::${account}:role/operator"},
        "Tags": {},
    }


def test_only_what_can_be_changed_is_changed():
    wanted = {**ITEM, "VpcConfig": {"SubnetIds": []}, "CapacityProviderScalingConfig": {"MaxVCpuCount": 12}}

    assert written("configuration", ITEM, wanted) == [
        (
            "UpdateCapacityProvider",
            {"CapacityProviderName": "${name}", "CapacityProviderScalingConfig": {"MaxVCpuCount": 12}},
        )
    ]


def test_a_provider_is_made_with_its_tags():
    assert created(configuration=ITEM, tags={"team": "shop"}) == [
        (
            "CreateCapacityProvider",
            {
                "CapacityProviderName": "${name}",
                "VpcConfig": ITEM["VpcConfig"],
                "PermissionsConfig": ITEM["PermissionsConfig"],
                "Tags": {"team": "shop"},
            },
        )
    ]
