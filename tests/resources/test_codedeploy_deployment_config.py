"""CodeDeploy deployment configs: from AWS's answer to the document that is compared."""

from __future__ import annotations

import jmespath
import pytest

from auditor.aws.read import taken
from auditor.document import document
from auditor.model import Locale, Resource
from auditor.resources.codedeploy_deployment_config import SPEC

VIRGINIA = Locale("us-east-1", "use1", "123456789012")


def fields(information):
    facet = SPEC.facets[0]
    reading = taken(facet, facet.source.pick, {"deploymentConfigInfo": information})
    return document(Resource(SPEC.type, "half", {"configuration": reading}), SPEC, VIRGINIA).fields


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
