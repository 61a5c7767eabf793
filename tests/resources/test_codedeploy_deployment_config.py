"""CodeDeploy deployment configs: from AWS's answer to the document that is compared."""

from __future__ import annotations

import jmespath
import pytest

from auditor.model.values import ABSENT
from auditor.resources.codedeploy_deployment_config import SPEC
from made import answered, carried_out, whole


def fields(information):
    return whole(SPEC, "half", answered(SPEC, {"configuration": {"deploymentConfigInfo": information}})).fields


def test_what_each_region_generates_is_not_compared():
    information = {"deploymentConfigName": "half", "deploymentConfigId": "a1", "createTime": "2026-01-01"}

    assert fields(information) == {"computePlatform": "Server"}


def test_how_many_servers_stay_healthy_is_compared():
    information = {"computePlatform": "Server", "minimumHealthyHosts": {"type": "HOST_COUNT", "value": 2}}

    assert fields(information)["minimumHealthyHosts"] == {"type": "HOST_COUNT", "value": 2}


def test_without_a_platform_it_is_a_servers_and_keeps_its_healthy_hosts():
    assert fields({"minimumHealthyHosts": {"type": "HOST_COUNT", "value": 2}}) == {
        "computePlatform": "Server",
        "minimumHealthyHosts": {"type": "HOST_COUNT", "value": 2},
    }


@pytest.mark.parametrize("platform", ["Lambda", "ECS"])
def test_where_there_are_no_servers_what_concerns_servers_is_left_out(platform):
    information = {
        "computePlatform": platform,
        "minimumHealthyHosts": {"type": "HOST_COUNT", "value": 0},
        "zonalConfig": {},
        "trafficRoutingConfig": {"type": "AllAtOnce"},
    }

    assert fields(information) == {"computePlatform": platform, "trafficRoutingConfig": {"type": "AllAtOnce"}}


def test_aws_own_configs_are_not_listed():
    answer = {"deploymentConfigsList": ["CodeDeployDefault.OneAtATime", "half"]}

    assert jmespath.search(SPEC.listing.call.pick, answer) == ["half"]


def test_of_traffic_routing_only_what_its_type_takes_is_compared():
    routing = {
        "type": "TimeBasedCanary",
        "timeBasedCanary": {"canaryPercentage": 10, "canaryInterval": 5},
        "timeBasedLinear": {"linearPercentage": 0, "linearInterval": 0},
    }

    assert fields({"computePlatform": "Lambda", "trafficRoutingConfig": routing})["trafficRoutingConfig"] == {
        "type": "TimeBasedCanary",
        "timeBasedCanary": {"canaryPercentage": 10, "canaryInterval": 5},
    }


def test_without_routing_all_traffic_moves_at_once_where_there_are_no_servers():
    assert fields({"computePlatform": "ECS"})["trafficRoutingConfig"] == {"type": "AllAtOnce"}


def test_servers_have_no_traffic_routing():
    assert "trafficRoutingConfig" not in fields({"trafficRoutingConfig": {"type": "AllAtOnce"}})


def test_a_zone_may_lose_all_its_servers_where_nothing_is_said():
    zonal = {"monitorDurationInSeconds": 60}

    assert fields({"computePlatform": "Server", "zonalConfig": zonal})["zonalConfig"] == {
        "monitorDurationInSeconds": 60,
        "minimumHealthyHostsPerZone": {"type": "FLEET_PERCENT", "value": 0},
    }


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ({"monitorDurationInSeconds": 60},
         {"monitorDurationInSeconds": 60, "firstZoneMonitorDurationInSeconds": 60}, True),
        ({"monitorDurationInSeconds": 60},
         {"monitorDurationInSeconds": 60, "firstZoneMonitorDurationInSeconds": 0}, False),
        ({"firstZoneMonitorDurationInSeconds": 60},
         {"firstZoneMonitorDurationInSeconds": 60, "monitorDurationInSeconds": 0}, True),
        ({"firstZoneMonitorDurationInSeconds": 60}, {"monitorDurationInSeconds": 60}, False),
        ({"monitorDurationInSeconds": 0}, {}, False),
    ],
)  # fmt: skip
def test_after_the_first_zone_it_waits_as_after_the_others_where_nothing_is_said(one, other, alike):
    here, there = (fields({"computePlatform": "Server", "zonalConfig": zonal}) for zonal in (one, other))

    assert (here == there) == alike


def test_zones_that_are_not_configured_are_the_same_as_none():
    assert fields({"computePlatform": "Server", "zonalConfig": {}}) == {"computePlatform": "Server"}


@pytest.mark.parametrize(
    "wanted",
    [
        {"computePlatform": "Server", "minimumHealthyHosts": {"type": "FLEET_PERCENT", "value": 50}},
        {"computePlatform": "Lambda", "trafficRoutingConfig": {"type": "AllAtOnce"}},
    ],
)
def test_a_config_is_made_as_it_was_read(aws, wanted):
    client = aws.client("codedeploy")

    calls = SPEC.create(ABSENT, {"configuration": {**wanted, "deploymentConfigId": "a1", "zonalConfig": {}}})
    carried_out(client, calls, name="half")

    made = client.get_deployment_config(deploymentConfigName="half")["deploymentConfigInfo"]
    assert fields(made) == wanted


def test_a_config_cannot_be_changed():
    assert [facet.name for facet in SPEC.facets if facet.write] == []
