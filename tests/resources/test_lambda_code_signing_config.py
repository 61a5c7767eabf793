"""Code signing configurations: from AWS's answer to the document that is compared."""

from __future__ import annotations

from functools import partial

from auditor.resources.lambda_code_signing_config import SPEC
from made import creates, listed_fields, writes

fields = partial(listed_fields, SPEC, "shop")
written = partial(writes, SPEC)
created = partial(creates, SPEC)
ARN = "arn:aws:lambda:us-east-1:123456789012:code-signing-config:csc-1"
PROFILES = ["arn:aws:signer:us-east-1:123456789012:/signing-profiles/shop/aaaaaaaaaa", "arn:other"]
ITEM = {
    "CodeSigningConfigId": "csc-1",
    "CodeSigningConfigArn": ARN,
    "Description": "shop",
    "LastModified": "now",
    "AllowedPublishers": {"SigningProfileVersionArns": PROFILES},
}


def test_a_configuration_is_named_by_its_description():
    assert SPEC.listing.name(ITEM) == "shop"


def test_configurations_without_a_description_have_one_name_and_are_told_apart_by_what_they_say():
    assert SPEC.listing.name({"CodeSigningConfigId": "csc-1"}) == "without a description"


def test_what_is_generated_is_not_compared():
    assert fields(ITEM) == {
        "AllowedPublishers": {
            "SigningProfileVersionArns": {
                "arn:aws:signer:${region}:${account}:/signing-profiles/shop/aaaaaaaaaa": (
                    "arn:aws:signer:${region}:${account}:/signing-profiles/shop/aaaaaaaaaa"
                ),
                "arn:other": "arn:other",
            }
        },
        "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Warn"},
        "Tags": {},
    }


def test_it_is_changed_under_the_arn_that_it_has_there():
    wanted = {
        **ITEM,
        "CodeSigningConfigArn": "arn:golden",
        "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Enforce"},
    }

    assert written("configuration", ITEM, wanted) == [
        (
            "UpdateCodeSigningConfig",
            {"CodeSigningConfigArn": ARN, "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Enforce"}},
        )
    ]


def test_it_is_made_with_its_tags():
    assert created(configuration=ITEM, tags={"team": "shop"}) == [
        (
            "CreateCodeSigningConfig",
            {
                "Description": "shop",
                "AllowedPublishers": {"SigningProfileVersionArns": PROFILES},
                "Tags": {"team": "shop"},
            },
        )
    ]
