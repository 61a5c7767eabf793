"""Layers: from AWS's answer to the document that is compared."""

from __future__ import annotations

from functools import partial

from auditor.model.values import ABSENT
from auditor.resources.lambda_layer_version import SPEC
from made import IRELAND, creates, listed_fields, writes

fields = partial(listed_fields, SPEC, "common")
written = partial(writes, SPEC)
created = partial(creates, SPEC)
LAYER = "arn:aws:lambda:{}:123456789012:layer:common:{}"
POLICY = (
    '{{"Version": "2012-10-17", "Statement": [{{"Sid": "all", "Effect": "Allow", "Principal": "*",'
    ' "Action": "lambda:GetLayerVersion", "Resource": "{}"}}]}}'
)
DEFAULTS = {"Description": "", "LicenseInfo": "", "CompatibleArchitectures": {}, "CompatibleRuntimes": {}}


def latest(**version):
    return {"LayerName": "common", "LatestMatchingVersion": version}


def test_the_same_content_is_the_same_layer_whatever_its_number():
    one = fields(latest(Version=17, LayerVersionArn="arn:17", CreatedDate="a"), content={"CodeSha256": "c0de"})
    other = fields(latest(Version=3, LayerVersionArn="arn:3"), IRELAND, content={"CodeSha256": "c0de", "CodeSize": 9})

    assert one == other == {**DEFAULTS, "Content": {"CodeSha256": "c0de"}}


def test_the_order_of_runtimes_means_nothing():
    one, other = latest(CompatibleRuntimes=["a", "b"]), latest(CompatibleRuntimes=["b", "a"])

    assert fields(one) == fields(other)


def test_who_may_use_the_layer_does_not_depend_on_its_number():
    one = fields(latest(Version=17), policy=POLICY.format(LAYER.format("us-east-1", 17)))

    assert one == fields(latest(Version=3), IRELAND, policy=POLICY.format(LAYER.format("eu-west-1", 3)))


def test_the_next_version_is_published_with_the_content_that_is_shipped():
    version = {"Version": 17, "LayerVersionArn": "arn", "Description": "shared", "LicenseInfo": ""}

    assert created(version=version, content={"CodeSha256": "c0de"}) == [
        (
            "PublishLayerVersion",
            {"LayerName": "${name}", "Content": {"ZipFile": "${golden:/Code}"}, "Description": "shared"},
        )
    ]


def test_a_permission_is_of_one_version():
    assert written("policy", ABSENT, POLICY.format(LAYER.format("us-east-1", 17))) == [
        (
            "AddLayerVersionPermission",
            {
                "LayerName": "${name}",
                "VersionNumber": "${picked}",
                "StatementId": "all",
                "Action": "lambda:GetLayerVersion",
                "Principal": "*",
            },
        )
    ]


def test_a_layer_is_never_deleted_because_its_number_would_not_come_back():
    assert SPEC.delete is None
