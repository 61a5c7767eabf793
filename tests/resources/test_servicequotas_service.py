"""Which services' quotas are compared."""

from __future__ import annotations

import jmespath

from auditor.resources.servicequotas_service import SPEC


def test_of_all_services_those_that_are_audited_are_kept():
    codes = ["codedeploy", "ec2", "lambda", "s3", "s3-outposts"]

    kept = [code for code in codes if jmespath.search(SPEC.listing.keep, {"ServiceCode": code})]

    assert kept == ["codedeploy", "lambda", "s3"]
