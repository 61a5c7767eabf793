"""Function URLs: from AWS's answer to the document that is compared."""

from __future__ import annotations

from auditor.aws.read import taken
from auditor.document import document
from auditor.model import ABSENT, Locale, Reading, Resource, State
from auditor.resources.lambda_url import SPEC
from auditor.spec import Listed

VIRGINIA = Locale("us-east-1", "use1", "123456789012")
IRELAND = Locale("eu-west-1", "euw1", "123456789012")


def fields(item, locale=VIRGINIA, name="api/$LATEST", **others):
    readings = {one.name: Reading(State.ABSENT) for one in SPEC.facets}
    readings |= {facet: Reading(State.READ, value) for facet, value in others.items()}
    for facet in SPEC.facets:
        if isinstance(facet.source, Listed):
            readings[facet.name] = taken(facet, facet.source.pick, item)
    return document(Resource(SPEC.type, name, readings), SPEC, locale).fields


def written(name, found, wanted):
    facet = next(facet for facet in SPEC.facets if facet.name == name)
    return [(call.operation, dict(call.params)) for call in facet.write(found, wanted)]


def created(**wanted):
    return [(call.operation, dict(call.params)) for call in SPEC.create(ABSENT, wanted)]


FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:api"


def test_a_url_is_named_by_the_alias_that_it_is_for():
    items = [{"FunctionArn": FUNCTION}, {"FunctionArn": f"{FUNCTION}:live"}]

    assert [SPEC.listing.name(item) for item in items] == ["$LATEST", "live"]


def test_what_is_generated_is_not_compared():
    item = {"FunctionArn": FUNCTION, "FunctionUrl": "https://x", "CreationTime": "a", "LastModifiedTime": "b"}

    assert fields({**item, "AuthType": "NONE"}) == {"AuthType": "NONE", "InvokeMode": "BUFFERED", "Cors": {}}


def test_the_order_and_the_letters_of_headers_mean_nothing():
    one = {"Cors": {"AllowHeaders": ["X-Shop", "Date"], "AllowMethods": ["GET", "PUT"]}}
    other = {"Cors": {"AllowHeaders": ["date", "x-shop"], "AllowMethods": ["PUT", "GET"], "ExposeHeaders": []}}

    assert fields(one) == fields(other)


def test_the_letters_of_an_origin_do_mean_something():
    assert fields({"Cors": {"AllowOrigins": ["https://A"]}}) != fields({"Cors": {"AllowOrigins": ["https://a"]}})


def test_a_url_of_no_alias_is_changed_without_a_qualifier():
    found = {"FunctionArn": FUNCTION, "AuthType": "NONE", "Cors": {"MaxAge": 5}}
    wanted = {"FunctionArn": FUNCTION, "AuthType": "AWS_IAM", "InvokeMode": "BUFFERED"}

    assert written("configuration", found, wanted) == [
        ("UpdateFunctionUrlConfig", {"FunctionName": "${parent}", "AuthType": "AWS_IAM", "Cors": {}})
    ]


def test_a_url_of_an_alias_is_made_for_the_alias():
    wanted = {"FunctionArn": f"{FUNCTION}:live", "AuthType": "AWS_IAM", "FunctionUrl": "https://x"}

    assert created(configuration=wanted) == [
        ("CreateFunctionUrlConfig", {"FunctionName": "${parent}", "Qualifier": "live", "AuthType": "AWS_IAM"})
    ]


def test_a_url_is_never_deleted_because_its_host_would_not_come_back():
    assert SPEC.delete is None
