"""No secret leaves the room in which it was read."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from auditor.canonical.redact import Redaction, hiding, is_reference, key_id, redact
from auditor.model.values import Locale, Reading, Resource, State
from auditor.specs.spec import Call, Facet, Listed, Listing, ResourceSpec, capability, policy, secret

VIRGINIA = Locale("us-east-1", "use1", "123456789012")
IRELAND = Locale("eu-west-1", "euw1", "123456789012")
KEY = b"k" * 32
SPEC = ResourceSpec(
    "AWS::Lambda::Function",
    "lambda",
    Listing(Call("ListFunctions")),
    (
        Facet("environment", Listed(), at="Environment", fields=(secret("Variables.*"),)),
        Facet("code", Listed(), at="Code", fields=(capability("Location", "opens the code"),)),
    ),
)


RULES = Redaction(KEY)


def redacted(variables, locale=VIRGINIA, redaction=RULES):
    facets = {
        "environment": Reading(State.READ, {"Variables": variables}),
        "code": Reading(State.READ, {"Location": "https://signed", "RepositoryType": "S3"}),
    }
    return redact(Resource("AWS::Lambda::Function", "api", facets), SPEC, hiding(locale, redaction))


def variables(resource):
    return resource.facets["environment"].value["Variables"]


@given(st.text(min_size=4))
def test_no_secret_value_survives(value):
    marked = f"canary-{value}"

    assert json.dumps(marked)[1:-1] not in json.dumps(variables(redacted({"PASSWORD": marked})))


def test_a_presigned_location_is_removed():
    assert redacted({}).facets["code"].value == {"RepositoryType": "S3"}


def test_equal_secrets_of_two_regions_have_equal_fingerprints():
    one = variables(redacted({"URL": "postgres://u:p@db.us-east-1.shop"}))
    other = variables(redacted({"URL": "postgres://u:p@db.eu-west-1.shop"}, IRELAND))

    assert one == other


def test_different_secrets_have_different_fingerprints():
    assert variables(redacted({"P": "one"})) != variables(redacted({"P": "two"}))


def test_a_fingerprint_does_not_tell_that_two_fields_hold_the_same_secret():
    shown = variables(redacted({"A": "same", "B": "same"}))

    assert shown["A"] != shown["B"]


def test_another_key_gives_another_fingerprint():
    assert variables(redacted({"P": "x"})) != variables(redacted({"P": "x"}, redaction=Redaction(b"q" * 32)))


def test_the_key_is_not_shown_with_the_rules():
    assert "kkkk" not in repr(Redaction(KEY))


def test_a_keys_name_does_not_hold_the_key():
    assert key_id(KEY) != key_id(b"q" * 32)


def test_a_variable_that_the_settings_call_plain_is_shown():
    shown = variables(redacted({"FEATURE_X": "on"}, redaction=Redaction(KEY, plain=("FEATURE_*",))))

    assert shown["FEATURE_X"]["shown"] == "on"


@pytest.mark.parametrize(
    "value",
    [
        "arn:aws:sns:us-east-1:123456789012:alerts",
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf",
        "https://sqs.us-east-1.amazonaws.com/123456789012/orders",
        "https://sqs.us-east-1.amazonaws.com/123456789012/orders.fifo",
        "https://dynamodb.eu-west-1.amazonaws.com",
        "shop.cluster-abc.us-east-1.rds.amazonaws.com:5432",
        "eu-west-1",
        "us-gov-west-1",
        "shop-assets-us-east-1",
    ],
)
def test_what_is_wholly_a_reference_may_be_shown(value):
    assert is_reference(value, frozenset({"shop-assets-us-east-1"}))


@pytest.mark.parametrize(
    "value",
    [
        "hunter2",
        "https://user:password@sqs.us-east-1.amazonaws.com",
        "https://bucket.s3.amazonaws.com/key?X-Amz-Signature=abc",
        "https://sqs.us-east-1.evil.example/123456789012/TOKEN",
        "https://abc.execute-api.us-east-1.amazonaws.com/hooks/token",
        "https://hooks.slack.com/services/T0/B0/XXX",
        "arn:aws:sns:us-east-1:123456789012:alerts password",
        "postgres://u:p@db.us-east-1.rds.amazonaws.com",
        "my secret eu-west-1",
        "",
        "eu-west-1\n",
    ],
)
def test_anything_else_is_a_secret(value):
    assert not is_reference(value, frozenset({"shop-assets-us-east-1"}))


def test_a_value_that_is_shown_keeps_its_fingerprint_for_where_it_is_hidden():
    hidden, shown = variables(redacted({"A": "x"})), variables(redacted({"A": "x"}, redaction=Redaction(KEY, ("A",))))

    assert shown["A"]["secret"] == hidden["A"]["secret"]


def policy_of(token):
    spec = ResourceSpec(
        "AWS::Lambda::Function",
        "lambda",
        Listing(Call("ListFunctions")),
        (Facet("policy", Listed(), at="Policy", fields=(policy(""),)),),
    )
    condition = {"StringEquals": {"lambda:EventSourceToken": token, "AWS:SourceAccount": "123456789012"}}
    text = json.dumps({"Statement": [{"Sid": "A", "Condition": condition}]})
    shown = redact(
        Resource("AWS::Lambda::Function", "api", {"policy": Reading(State.READ, text)}), spec, hiding(VIRGINIA, RULES)
    )
    return shown.facets["policy"].value


def test_the_token_of_an_event_source_is_a_fingerprint_in_the_policy():
    shown = policy_of("amzn1.ask.skill.canary")

    assert ("canary" in shown, "123456789012" in shown, policy_of("other") == shown) == (False, True, False)


def test_a_policy_with_a_token_that_is_no_json_is_not_shown():
    text = 'not json "lambda:EventSourceToken": "canary"'
    spec = replace(SPEC, facets=(Facet("policy", Listed(), at="Policy", fields=(policy(""),)),))
    shown = redact(
        Resource("AWS::Lambda::Function", "api", {"policy": Reading(State.READ, text)}), spec, hiding(VIRGINIA, RULES)
    )

    assert "canary" not in shown.facets["policy"].value


def test_a_secret_that_holds_an_id_of_nobody_knows_what_says_why_and_not_which():
    looked = Locale("us-east-1", "use1", "1", unresolved={"subnet-0a1b": "there is no such subnet in us-east-1"})
    shown = variables(redacted({"NETWORK": '{"subnet": "subnet-0a1b"}'}, looked))

    assert ("subnet-0a1b" in str(shown), shown["NETWORK"]["unresolved"]) == (
        False,
        ["there is no such subnet in us-east-1"],
    )


def test_what_may_be_an_id_or_a_secret_is_kept_nowhere():
    key = "1234abcd-12ab-34cd-56ef-1234567890ab"
    hides = hiding(VIRGINIA, RULES, {key: "unknown: AccessDenied"})
    facets = {"environment": Reading(State.READ, {"Variables": {"KEY": key}}), "code": Reading(State.ABSENT)}

    shown = redact(Resource("AWS::Lambda::Function", "api", facets), SPEC, hides)

    assert (key in str(shown), variables(shown)["KEY"]["unresolved"]) == (False, ["unknown: AccessDenied"])
