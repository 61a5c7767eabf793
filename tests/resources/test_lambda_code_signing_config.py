"""Code signing configurations: from AWS's answer to the document that is compared."""

from __future__ import annotations

from auditor.aws.read import taken
from auditor.document import document
from auditor.model import ABSENT, Locale, Reading, Resource, State
from auditor.resources.lambda_code_signing_config import SPEC
from auditor.spec import Listed

VIRGINIA = Locale("us-east-1", "use1", "123456789012")
IRELAND = Locale("eu-west-1", "euw1", "123456789012")


def fields(item, locale=VIRGINIA, name="shop", **others):
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


def test_a_configuration_without_a_description_has_nothing_but_its_id():
    assert SPEC.listing.name({"CodeSigningConfigId": "csc-1"}) == "csc-1"


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
