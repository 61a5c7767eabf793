"""Calls go out no faster than AWS allows."""

from __future__ import annotations

import pytest

from auditor.aws.pacing import QUOTAS, Pacer


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self):
        self.now = 100.0

    def sleep(self, seconds):
        self.now += seconds


def elapsed(calls, quotas):
    clock = Clock()
    pacer = Pacer(quotas, lambda: clock.now, clock.sleep)
    for service, operation, region in calls:
        pacer.wait(service, operation, "123456789012", region)
    return clock.now - 100.0


def test_a_burst_of_a_second_then_the_rate_is_kept():
    assert elapsed([("lambda", "ListAliases", "us-east-1")] * 31, {"lambda": 10.0}) == pytest.approx(2.0)


def test_an_operation_with_a_quota_of_its_own_does_not_use_the_services():
    calls = [("lambda", "ListAliases", "us-east-1")] * 11 + [("lambda", "GetFunction", "us-east-1")] * 11

    assert elapsed(calls, {"lambda": 10.0, "lambda.GetFunction": 10.0}) == 0.0


def test_each_region_has_quotas_of_its_own():
    calls = [("lambda", "ListAliases", region) for region in ("us-east-1", "eu-west-1") for _ in range(11)]

    assert elapsed(calls, {"lambda": 10.0}) == 0.0


def test_a_service_without_a_quota_is_not_held_up():
    assert elapsed([("sts", "GetCallerIdentity", "us-east-1")] * 1000, {"lambda": 10.0}) == 0.0


def test_cloudtrail_is_asked_twice_a_second_and_never_in_a_burst():
    assert elapsed([("cloudtrail", "LookupEvents", "us-east-1")] * 5, QUOTAS) == pytest.approx(2.0)
