"""Function URLs: from AWS's answer to the document that is compared."""

from __future__ import annotations

from functools import partial

from auditor.resources.lambda_url import SPEC
from made import creates, listed_fields, writes

fields = partial(listed_fields, SPEC, "api/$LATEST")
written = partial(writes, SPEC)
created = partial(creates, SPEC)
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
