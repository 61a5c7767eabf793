"""The short codes of regions."""

from __future__ import annotations

import botocore.session
import pytest

from auditor.specs.regions import SHORT_CODES

SESSION = botocore.session.get_session()
# A region that AWS opened and whose Availability Zone ids nobody looked up yet: its name alone is known here.
GAPS: set[str] = set()
REGIONS = [
    region
    for partition in ("aws", "aws-cn", "aws-us-gov")
    for region in SESSION.get_available_regions("lambda", partition_name=partition)
]


def test_every_region_has_a_short_code():
    assert {region for region in REGIONS if region not in SHORT_CODES} == GAPS


def test_no_short_code_is_of_a_region_that_aws_does_not_have():
    assert set(SHORT_CODES) - set(REGIONS) == set()


def test_no_two_regions_have_the_same_short_code():
    assert len(set(SHORT_CODES.values())) == len(SHORT_CODES)


@pytest.mark.parametrize(
    ("region", "code"),
    [("us-east-1", "use1"), ("ap-northeast-3", "apne3"), ("us-gov-west-1", "usgw1"), ("cn-northwest-1", "cnnw1")],
)
def test_a_short_code_is_how_availability_zone_ids_begin(region, code):
    assert SHORT_CODES[region] == code
