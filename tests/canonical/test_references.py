"""What local ids and numbers stand for, where the values themselves tell."""

from __future__ import annotations

import pytest

from auditor.canonical.generated import generated
from auditor.canonical.reference_names import Known, key_names
from auditor.canonical.references import (
    derived,
    key_form,
    named_in,
    owners,
    texts,
    told_by_settings,
    unambiguous,
    wording,
)
from auditor.canonical.wording import canonicalise, localise
from auditor.model.values import Locale, Reading, Resource, State

VIRGINIA = Locale("us-east-1", "use1", "123456789012")
FRANKFURT = Locale("eu-central-1", "euc1", "123456789012")
ARN = "arn:aws:{}:us-east-1:123456789012:{}"


def canonical(text, locale=VIRGINIA):
    known = unambiguous(derived([text], locale)).symbols
    at = Locale(locale.region, locale.region_short, locale.account, references=known)
    told = canonicalise(text, at)
    assert localise(told, at) == text
    return told


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ARN.format("elasticloadbalancing", "targetgroup/web/6d0ecf831eec9f09"),
         "arn:aws:elasticloadbalancing:${region}:${account}:${target-group:web}"),
        (ARN.format("elasticloadbalancing", "loadbalancer/app/shop/50dc6c495c0c9188"),
         "arn:aws:elasticloadbalancing:${region}:${account}:${load-balancer:app/shop}"),
        (ARN.format("secretsmanager", "secret:shop/db-AbCdEf"),
         "arn:aws:secretsmanager:${region}:${account}:secret:${secret:shop/db}"),
        (ARN.format("secretsmanager", "secret:db-us-east-1-AbCdEf"),
         "arn:aws:secretsmanager:${region}:${account}:secret:${secret:db-<region>}"),
        (ARN.format("dynamodb", "table/orders/stream/2024-05-01T10:11:12.123"),
         "arn:aws:dynamodb:${region}:${account}:table/${stream:orders/stream}"),
        (ARN.format("kinesis", "stream/s/consumer/c:1571234567"),
         "arn:aws:kinesis:${region}:${account}:stream/s/consumer/${consumer:c}"),
        (ARN.format("kafka", "cluster/events/0a1b2c3d-0000-1111-2222-333344445555-6"),
         "arn:aws:kafka:${region}:${account}:cluster/${msk:events}"),
        (ARN.format("mq", "broker:jobs:b-0a1b2c3d-0000-1111-2222-333344445555"),
         "arn:aws:mq:${region}:${account}:broker:${mq:jobs}"),
        (ARN.format("signer", "/signing-profiles/shop/abcdefghij"),
         "arn:aws:signer:${region}:${account}:/signing-profiles/${signer:shop}"),
        ("arn:aws:lambda:us-east-1:580247275435:layer:LambdaInsightsExtension:51",
         "${aws-layer:LambdaInsightsExtension@1.0.295.0}"),
        ("shop.s3-website-us-east-1.amazonaws.com", "shop.${s3-website}.amazonaws.com"),
        ("arn:aws:iam::127311923021:root", "arn:aws:iam::${elb-log-account}:root"),
        (ARN.format("sqs", "q"), "arn:aws:sqs:${region}:${account}:q"),
    ],
)  # fmt: skip
def test_what_is_random_in_a_value_becomes_a_symbol_and_comes_back(text, expected):
    assert canonical(text) == expected


def test_the_two_spellings_of_website_hosts_are_the_same():
    assert canonical("shop.s3-website.eu-central-1.amazonaws.com", FRANKFURT) == "shop.${s3-website}.amazonaws.com"


def test_an_aws_managed_layer_is_the_same_release_under_another_number():
    here = "arn:aws:lambda:ap-south-1:580247275435:layer:LambdaInsightsExtension:49"

    assert (
        dict(derived([here], Locale("ap-south-1", "aps1", "1")))[here] == "aws-layer:LambdaInsightsExtension@1.0.295.0"
    )


def test_a_release_that_no_table_knows_is_not_guessed():
    unknown = "arn:aws:lambda:us-east-1:580247275435:layer:LambdaInsightsExtension:99"

    assert unknown not in dict(derived([unknown], VIRGINIA))


def test_two_literals_of_one_symbol_are_said_to_be_ambiguous():
    found = unambiguous([("subnet-1", "subnet:main/a/1"), ("subnet-2", "subnet:main/a/1"), ("subnet-3", "subnet:b")])

    assert (found.symbols, found.unresolved["subnet-1"]) == (
        {"subnet-3": "subnet:b"},
        "ambiguous: subnet-1 and subnet-2 are all 'subnet:main/a/1'",
    )


def test_the_owner_of_a_bucket_is_the_accounts_canonical_user():
    acl = Reading(State.READ, {"Owner": {"ID": "f" * 64}, "Grants": []})

    assert list(owners([Resource("AWS::S3::Bucket", "b", {"acl": acl})])) == [("f" * 64, "canonical-user")]


@pytest.mark.parametrize(
    ("site", "expected"), [("us-east-1", [("abc123", "api")]), ("prod/us-east-1", [("p", "api")]), ("sa-east-1", [])]
)
def test_settings_can_say_what_a_literal_stands_for(site, expected):
    symbols = {"api": {"us-east-1": "abc123", "prod/us-east-1": "p"}}

    assert list(told_by_settings(symbols, site, site.rpartition("/")[2])) == expected


def test_a_name_inside_a_symbol_has_no_braces_no_region_and_no_zone():
    assert wording("private-us-east-1a-${x}-use1", VIRGINIA) == "private-<az>-$<x>-<region_short>"


def test_every_text_is_looked_at_the_names_of_members_too():
    reading = Reading(State.READ, {"a": ["b", {"c": 1}], "d": None})

    assert texts([Resource("T", "n", {"f": reading})]) == {"a", "b", "c", "d"}


def test_literals_are_found_on_token_boundaries_only():
    assert named_in({"x": ["arn/subnet-1", "subnet-10"]}, ["subnet-1", "subnet-2"]) == ["subnet-1"]


@pytest.mark.parametrize("name", ["app-backup", "app-master", "app-readme"])
def test_a_word_at_the_end_of_a_secrets_name_is_no_random_suffix(name):
    assert canonical(ARN.format("secretsmanager", f"secret:{name}")).endswith(f":secret:{name}")


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("arn:aws:kms:${region}:${account}:key/${kms:alias/app}", "${kms:alias/app}"),
        ("arn:aws:kms:${region}:${account}:alias/app", "${kms:alias/app}"),
        ("alias/app", "${kms:alias/app}"),
        ("${kms:alias/app}", "${kms:alias/app}"),
        ("arn:aws:kms:${region}:${account}:key/mrk-1", "mrk-1"),
        ("arn:aws:kms:${region}:111122223333:key/mrk-1", "arn:aws:kms:${region}:111122223333:key/mrk-1"),
    ],
)
def test_a_key_has_one_form_however_it_is_named(text, form):
    assert key_form(text) == form


@pytest.mark.parametrize(
    ("word", "literal"),
    [
        ("https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com", "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"),
        ("arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/*/GET/orders", "a1b2c3d4e5"),
        ("us-east-1_AbCdEfGhI", "us-east-1_AbCdEfGhI"),
        ("orders.c9akciq32rgx.us-east-1.rds.amazonaws.com", "orders.c9akciq32rgx.us-east-1.rds.amazonaws.com"),
    ],
)
def test_an_id_that_aws_makes_up_is_said_to_be_one(word, literal):
    assert list(generated([word], VIRGINIA)) == [literal]


def test_a_literal_whose_symbol_another_has_stays_and_leaves_the_rest_canonical():
    twins = {"sg-0aaa": "security-group:main/db", "sg-0bbb": "security-group:main/db"}
    at = Locale("us-east-1", "use1", "123456789012", references=twins)

    assert canonicalise("us-east-1 sg-0bbb", at) == "${region} sg-0bbb"


@pytest.mark.parametrize("number", ["1", "3"])
def test_two_versions_of_one_content_are_worded_alike(number):
    twins = {"function:f:1": "function-version:f@x", "function:f:3": "function-version:f@x"}
    at = Locale("us-east-1", "use1", "123456789012", references=twins)

    assert canonicalise(f"arn:aws:lambda:us-east-1:123456789012:function:f:{number}", at) == (
        "arn:aws:lambda:${region}:${account}:${function-version:f@x}"
    )


def test_two_numbers_of_one_content_are_not_ambiguous():
    layers = [("arn:aws:lambda:us-east-1:1:layer:lib:3", "layer:lib@x"), ("…:layer:lib:4", "layer:lib@x")]

    assert unambiguous(layers).symbols == dict(layers)


def test_an_alias_that_is_added_to_a_key_later_does_not_change_what_it_is_called():
    old = {"AliasName": "alias/app", "TargetKeyId": "k", "CreationDate": "2024-01-01"}
    new = {"AliasName": "alias/aaa", "TargetKeyId": "k", "CreationDate": "2025-01-01"}

    assert dict(key_names([new, old], Known(VIRGINIA, {}))) == {"k": "alias/app"}
