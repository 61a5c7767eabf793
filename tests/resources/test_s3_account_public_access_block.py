"""The account's public access block: from AWS's answer to the document that is compared."""

from __future__ import annotations

import pytest

from auditor.aws.readings import taken
from auditor.model.values import Reading, State
from auditor.resources.s3_account_public_access_block import SPEC
from made import whole

OPEN = {
    "BlockPublicAcls": False,
    "BlockPublicPolicy": False,
    "IgnorePublicAcls": False,
    "RestrictPublicBuckets": False,
}


def fields(reading):
    return whole(SPEC, "account", {"public access block": reading}).fields


def test_an_account_without_a_block_is_open():
    assert fields(Reading(State.ABSENT)) == {"PublicAccessBlockConfiguration": OPEN}


@pytest.mark.parametrize("told", [OPEN, {"BlockPublicAcls": False}])
def test_saying_the_default_is_equal_to_saying_nothing(told):
    (facet,) = SPEC.facets
    reading = taken(facet, facet.source.pick, {"PublicAccessBlockConfiguration": told})

    assert fields(reading) == fields(Reading(State.ABSENT))
