"""Ids and keys that are told by what they are called, and what is merely called so."""

from __future__ import annotations

import pytest

from auditor.canonical.named_ids import made_up_ids, reasons_of

KEY = "da2-abcdefghijklmnopqrstuvwx12"
GATEWAY_KEY = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0"
MADE_UP = (
    ("ORDERS_API_ID", "a1b2c3d4e5"),
    ("restApiId", "abcdefghij"),
    ("API_IDS", "a1b2c3d4e5,f6g7h8i9j0"),
    ("HTTP_GATEWAY_ID", "a1b2c3d4e5"),
    ("APIID", "a1b2c3d4e5"),
    ("APPSYNC_API_ID", "2abc3def4ghi5jkl6mno7pqrs8"),
    ("GRAPHQL", "2abc3def4ghi5jkl6mno7pqrs8"),
    ("COGNITO_APP_CLIENT", "4bmkpn6a0rbnq3mmcqqq9hl7bj"),
    ("COGNITO_CLIENT_SECRET", "1a2b3c4d5e6f7g8h9i0j1k2l3m4n5o6p7q8r9s0t1u2v3w4x5y6z"),
    ("X_API_KEY", GATEWAY_KEY),
    ("ANYTHING", KEY),
    ("HEADERS", f'{{"x-api-key": "{KEY}"}}'),
    ("DB_RESOURCE", "db-ABCDEFGHIJKL01234MNOPQRSTU"),
    ("SERVICE", "srv-abcdefgh12345678"),
    ("DIRECTORY", "d-90670a1b2c"),
    ("AMPLIFY_APP", "d1a2b3c4d5e6f7"),
    ("APPCONFIG_APPLICATION_ID", "abc1234"),
    ("BEDROCK_AGENT_ID", "A1B2C3D4E5"),
    ("GUARDRAIL_ID", "a1b2c3d4e5f6"),
    ("COLLECTION_ID", "1a2b3c4d5e6f7g8h9i0j"),
    ("PINPOINT_APP_ID", "0123456789abcdef0123456789abcdef"),
    ("DISTRIBUTION_ID", "E2ABCDEFGHIJKL"),
    ("HOSTED_ZONE_ID", "Z0123456ABCDEFGH"),
)
CHOSEN = (
    ("ORDERS_API_ID", "orders"),
    ("ORDERS_API_ID", "${orders-api}"),
    ("ORDERS_API", "a1b2c3d4e5"),
    ("MODE", "production"),
    ("TENANT_ID", "acme123456"),
    ("STRIPE_API_KEY", "sk_live_51H8abcDEFghiJKLmnoPQRstuVWXyz012"),
    ("COMMIT", "0a1b2c3d4e5f60718293a4b5c6"),
    ("CLIENT_ID", "checkout"),
    ("SECRET", "1a2b3c4d5e6f7g8h9i0j1k2l3m4n5o6p7q8r9s0t1u2v3w4x5y6z"),
    ("DAY", "d-2026112900"),
    ("DISTRIBUTION_ID", "EUROPE"),
)


@pytest.mark.parametrize(("name", "text"), MADE_UP)
def test_what_aws_makes_up_is_told_and_no_reason_quotes_it(name, text):
    reasons = reasons_of(name, text)

    assert [(len(reasons), text in " ".join(reasons))] == [(1, False)]


@pytest.mark.parametrize(("name", "text"), CHOSEN)
def test_what_people_choose_is_not(name, text):
    assert reasons_of(name, text) == []


@pytest.mark.parametrize(("name", "text"), MADE_UP)
def test_what_both_sides_have_is_nothing_to_be_told(name, text):
    assert made_up_ids({name: text}, {name: text}) == {}


@pytest.mark.parametrize(
    "value", [{"ApiId": "a1b2c3d4e5"}, [{"Key": "ApiId", "Value": "a1b2c3d4e5"}], {"Tags": {"api-id": "a1b2c3d4e5"}}]
)
def test_members_and_tags_have_names_too(value):
    assert list(made_up_ids(value, {})) == ["a1b2c3d4e5"]


@pytest.mark.parametrize("label", ["Sid", "StatementId", "Id"])
def test_a_label_names_nothing(label):
    assert made_up_ids({label: "2abc3def4ghi5jkl6mno7pqrs8"}, {}) == {}


def test_a_key_is_named_by_its_kind_alone():
    assert list(made_up_ids({"KEY": KEY}, {"KEY": KEY.replace("abc", "cba")})) == ["an AppSync API's key"]
