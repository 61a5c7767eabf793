"""Lambda aliases: from AWS's answer to the document that is compared."""

from __future__ import annotations

from auditor.aws.read import taken
from auditor.document import document
from auditor.model import Locale, Resource
from auditor.resources.lambda_alias import SPEC

VERSIONS = {"version:checkout:7": "version:c0de/1234", "version:checkout:8": "version:beef/5678"}
VIRGINIA = Locale("us-east-1", "use1", "123456789012", references=VERSIONS)
# The same code came to Ireland a few versions later.
IRELAND = Locale("eu-west-1", "euw1", "123456789012", references={"version:checkout:3": "version:c0de/1234"})


def fields(item, locale=VIRGINIA):
    facet = SPEC.facets[0]
    reading = taken(facet, facet.source.pick, item)
    return document(Resource(SPEC.type, "checkout/live", {"configuration": reading}), SPEC, locale).fields


def test_an_alias_is_the_content_of_its_version_and_not_the_number():
    assert fields({"Name": "live", "FunctionVersion": "7"}) == {
        "Description": "",
        "FunctionVersion": "${version:c0de/1234}",
        "RoutingConfig": {"AdditionalVersionWeights": {}},
    }


def test_two_regions_that_count_differently_are_the_same():
    assert fields({"FunctionVersion": "7"}) == fields({"FunctionVersion": "3"}, IRELAND)


def test_another_version_is_another_content():
    assert fields({"FunctionVersion": "7"}) != fields({"FunctionVersion": "8"})


def test_the_versions_that_get_a_share_are_named_by_content_too():
    item = {"FunctionVersion": "7", "RoutingConfig": {"AdditionalVersionWeights": {"8": 0.1}}}

    assert fields(item)["RoutingConfig"] == {"AdditionalVersionWeights": {"${version:beef/5678}": 0.1}}


def test_an_alias_of_the_unpublished_function_says_so():
    assert fields({"FunctionVersion": "$LATEST"})["FunctionVersion"] == "$LATEST"


def test_what_is_made_of_the_site_or_changes_with_every_update_is_not_compared():
    item = {
        "AliasArn": "arn:aws:lambda:us-east-1:123456789012:function:checkout:live",
        "RevisionId": "r1",
        "FunctionVersion": "7",
    }

    assert fields(item) == fields({"FunctionVersion": "7"})
