"""A call sends what a plan shows, and of all else what the site has, in the site's own words."""

from __future__ import annotations

import pytest
from plan.grounds import BUCKET, FUNCTION, GOLDEN, TARGET, bucket, function, params, planned, resource, site

from bench.alike import ALIKE_S3
from bench.equivalences import ALIKE

URL = "AWS::Lambda::Url"
CHANGES = {
    # Another difference of the same facet, by type and facet: what golden has, and what the site has.
    (FUNCTION, "configuration"): ({"Timeout": 30}, {"Timeout": 60}),
    (BUCKET, "lifecycle"): (
        {"TransitionDefaultMinimumObjectSize": "varies_by_storage_class"},
        {"TransitionDefaultMinimumObjectSize": "all_storage_classes_128K"},
    ),
    (BUCKET, "replication"): ({"Role": "a"}, {"Role": "b"}),
    (BUCKET, "notification"): ({"EventBridgeConfiguration": {}}, {}),
    (BUCKET, "cors"): (None, None),
}


def url(region=TARGET, **told):
    arn = f"arn:aws:lambda:{region}:123456789012:function:f"
    return resource(URL, "f/$LATEST", configuration={"FunctionArn": arn, **told})


def urls(golden, other):
    return planned(
        site(GOLDEN, function("f", GOLDEN), url(GOLDEN, **golden)), site(TARGET, function("f"), url(**other))
    )


def test_headers_that_differ_in_form_alone_are_not_sent():
    golden, other = {"AllowHeaders": ["X-Custom", "date"]}, {"AllowHeaders": ["Date", "x-custom"]}
    made = urls({"AuthType": "AWS_IAM", "Cors": golden}, {"AuthType": "NONE", "Cors": other})

    assert params(made, "UpdateFunctionUrlConfig") == {"FunctionName": "${parent}", "AuthType": "AWS_IAM"}


def test_what_must_be_sent_with_a_change_is_sent_as_the_site_has_it():
    golden = {"AllowHeaders": ["X-Custom"], "AllowMethods": ["GET"]}
    other = {"AllowHeaders": ["x-custom"], "AllowMethods": ["PUT"], "ExposeHeaders": []}
    made = urls({"Cors": golden}, {"Cors": other})

    assert params(made, "UpdateFunctionUrlConfig")["Cors"] == {**other, "AllowMethods": ["GET"]}


def cors(*rules):
    return {"CORSRules": [{"ID": name, "AllowedMethods": ["GET"], "AllowedOrigins": [name[0]]} for name in rules]}


def test_what_is_told_apart_by_its_place_alone_is_sent_as_golden_has_it_where_it_moved():
    made = planned(
        site(GOLDEN, bucket("b", GOLDEN, cors=cors("a", "b", "c"))), site(TARGET, bucket("b", cors=cors("b", "c", "d")))
    )
    sent = params(made, "PutBucketCors")["CORSConfiguration"]

    assert [rule["AllowedOrigins"] for rule in sent["CORSRules"]] == [["a"], ["b"], ["c"]]


def test_a_rule_that_differs_in_its_name_alone_keeps_it():
    rules = [{"ID": "one", "Status": "Enabled", "Filter": {"Prefix": "a/"}, "Expiration": {"Days": 1}},
             {"ID": "other", "Status": "Enabled", "Filter": {"Prefix": "b/"}, "Expiration": {"Days": 2}}]  # fmt: skip
    here = [{**rules[0], "ID": "mine"}, {**rules[1], "Expiration": {"Days": 9}}]
    made = planned(
        site(GOLDEN, bucket("b", GOLDEN, lifecycle={"Rules": rules})),
        site(TARGET, bucket("b", lifecycle={"Rules": here})),
    )
    sent = params(made, "PutBucketLifecycleConfiguration")["LifecycleConfiguration"]["Rules"]

    assert [(rule["ID"], rule["Expiration"]) for rule in sent] == [("mine", {"Days": 1}), ("other", {"Days": 2})]


def of(type_, facet, value, region):
    return bucket("b", region, **{facet: value}) if type_ == BUCKET else function("f", region, settings=value)


ROWS = [
    one
    for one in (*ALIKE, *ALIKE_S3)
    if (one.type, one.facet) in CHANGES and not one.pointer and "${" not in repr((one.one, one.other))
]


def test_there_are_rows_of_each():
    assert {(one.type, one.facet) for one in ROWS} == CHANGES.keys()


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("row", ROWS, ids=lambda one: f"{one.type}/{one.facet}: {one.name}")
def test_a_call_is_the_same_in_whichever_of_two_forms_golden_says_what_is_no_difference(row, turned):
    one, other = (value if isinstance(value, dict) else {} for value in (row.one, row.other))
    one, other = (other, one) if turned else (one, other)
    wanted, found = (
        ({"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["x"]}]}, {})
        if (row.type, row.facet) == (BUCKET, "cors")
        else CHANGES[(row.type, row.facet)]
    )

    def sent(golden, here):
        made = planned(
            site(GOLDEN, of(row.type, row.facet, {**golden, **wanted}, GOLDEN)),
            site(TARGET, of(row.type, row.facet, {**here, **found}, TARGET)),
        )
        return [(call.operation, dict(call.params)) for action in made.actions for call in action.calls]

    assert sent(one, other) == sent(other, other) != [] or wanted.keys() & {*one, *other}


def test_rules_that_stay_in_the_form_of_old_are_sent_in_golden_s_form():
    rules = [{"ID": "a", "Status": "Enabled", "Filter": {"Prefix": "a/"}, "Expiration": {"Days": 1}},
             {"ID": "b", "Status": "Enabled", "Filter": {"Prefix": "b/"}, "Expiration": {"Days": 2}}]  # fmt: skip
    here = [{"ID": "a", "Status": "Enabled", "Prefix": "a/", "Expiration": {"Days": 1}},
            {"ID": "b", "Status": "Enabled", "Prefix": "b/", "Expiration": {"Days": 9}}]  # fmt: skip
    made = planned(
        site(GOLDEN, bucket("b", GOLDEN, lifecycle={"Rules": rules})),
        site(TARGET, bucket("b", lifecycle={"Rules": here})),
    )
    sent = params(made, "PutBucketLifecycleConfiguration")["LifecycleConfiguration"]["Rules"]

    assert [("Filter" in rule, "Prefix" in rule) for rule in sent] == [(True, False)] * 2 or sent == [
        here[0],
        {**here[1], "Expiration": {"Days": 2}},
    ]
