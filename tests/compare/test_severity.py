"""How much a finding matters."""

from __future__ import annotations

import pytest

from auditor.compare.severity import severity
from auditor.model.values import Change, Finding

BUCKET, FUNCTION = "AWS::S3::Bucket", "AWS::Lambda::Function"


def graded(type_, *paths, kind="changed", overrides=None):
    changes = tuple(Change(path, 1, 2) for path in paths)
    return severity(Finding("", "eu-west-1", type_, "x", kind, "medium", changes), overrides or {})


@pytest.mark.parametrize(
    ("type_", "path", "expected"),
    [
        (BUCKET, "/PublicAccessBlockConfiguration/BlockPublicAcls", "high"),
        (BUCKET, "/ServerSideEncryptionConfiguration", "high"),
        (BUCKET, "/OwnershipControls/Rules/0/ObjectOwnership", "high"),
        (BUCKET, "/Policy/Statement/A/Effect", "high"),
        (FUNCTION, "/Policy", "high"),
        (FUNCTION, "/Tags/team", "low"),
        (FUNCTION, "/Tags", "low"),
        (FUNCTION, "/Description", "low"),
        (FUNCTION, "/MemorySize", "medium"),
        (FUNCTION, "", "medium"),
    ],
)
def test_a_change_matters_by_its_place(type_, path, expected):
    assert graded(type_, path) == expected


@pytest.mark.parametrize(
    ("type_", "path"),
    [
        (FUNCTION, "/Environment/Variables/PolicyArn"),
        (FUNCTION, "/Environment/Variables/Description"),
        (BUCKET, "/LifecycleConfiguration/Rules/expire/Filter/And/Tags/team"),
        (FUNCTION, "/TagsOfMine"),
        (FUNCTION, "/OwnershipControls"),
    ],
)
def test_a_field_that_only_has_such_a_name_elsewhere_is_as_any_other(type_, path):
    assert graded(type_, path) == "medium"


def test_a_finding_matters_as_much_as_its_gravest_change():
    assert graded(BUCKET, "/Tags/team", "/Policy", "/VersioningConfiguration/Status") == "high"


@pytest.mark.parametrize(("kind", "expected"), [("missing", "high"), ("extra", "low"), ("unreadable", "high")])
def test_a_whole_resource_matters_by_what_is_wrong_with_it(kind, expected):
    assert graded(FUNCTION, kind=kind) == expected


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({"AWS::Lambda::Function/MemorySize": "high"}, "high"),
        ({"*/MemorySize": "low", "*": "high"}, "low"),
        ({"AWS::S3::*": "high"}, "medium"),
    ],
)
def test_the_first_rule_of_ones_own_that_matches_wins(overrides, expected):
    assert graded(FUNCTION, "/MemorySize", overrides=overrides) == expected


def test_a_rule_of_ones_own_can_name_a_kind():
    assert graded(FUNCTION, kind="extra", overrides={"AWS::Lambda::Function/extra": "high"}) == "high"
