"""CodeDeploy applications: from AWS's answer to the document that is compared."""

from __future__ import annotations

from auditor.aws.read import taken
from auditor.document import document
from auditor.model import Locale, Resource
from auditor.resources.codedeploy_application import SPEC

VIRGINIA = Locale("us-east-1", "use1", "123456789012")
IRELAND = Locale("eu-west-1", "euw1", "123456789012")


def fields(information, tags=(), locale=VIRGINIA):
    configuration, tagging = SPEC.facets
    readings = {
        "configuration": taken(configuration, "@", information),
        "tags": taken(tagging, tagging.source.pick, {"Tags": list(tags)}),
    }
    return document(Resource(SPEC.type, "shop", readings), SPEC, locale).fields


def test_what_each_region_generates_is_not_compared():
    virginia = {"applicationName": "shop", "applicationId": "a1", "createTime": "2026-01-01", "linkedToGitHub": True}
    ireland = {"applicationName": "shop", "applicationId": "b2", "createTime": "2026-02-02", "linkedToGitHub": False}

    assert fields(virginia) == fields(ireland, locale=IRELAND)


def test_an_application_without_a_platform_is_for_servers():
    assert fields({"applicationName": "shop"}) == {"computePlatform": "Server", "Tags": {}}


def test_the_platform_is_compared():
    assert fields({"applicationName": "shop", "computePlatform": "Lambda"})["computePlatform"] == "Lambda"


def test_tags_are_a_map_without_those_that_aws_sets():
    tags = [{"Key": "team", "Value": "web"}, {"Key": "aws:cloudformation:stack-id", "Value": "arn:1"}]

    assert fields({"applicationName": "shop"}, tags)["Tags"] == {"team": "web"}
