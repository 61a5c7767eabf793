"""A scenario's YAML becomes resources in each region, worded for it."""

from __future__ import annotations

import pytest

from auditor.errors import SandboxError
from auditor.sandbox.demo_check import Expected, Planted
from auditor.sandbox.scenario import SHOP, load_scenario, merge
from auditor.sandbox.seed import zipped


def scenario(tmp_path, text):
    (tmp_path / "scenario.yaml").write_text(text)
    return load_scenario(tmp_path / "scenario.yaml", "123456789012")


@pytest.mark.parametrize(
    ("target", "patch", "merged"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_a_region_patches_what_is_everywhere_as_rfc_7386_says(target, patch, merged):
    assert merge(target, patch) == merged


def test_what_is_everywhere_is_worded_for_each_region(tmp_path):
    text = "everywhere: {T: {'n-${region}': {Arn: 'arn:${account}:${region_short}'}}}\nregions: {eu-west-1: {}}"

    assert scenario(tmp_path, text).regions == {"eu-west-1": {"T": {"n-eu-west-1": {"Arn": "arn:123456789012:euw1"}}}}


def test_a_region_can_lack_a_resource(tmp_path):
    text = "everywhere: {T: {a: {}, b: {}}}\nregions: {us-east-1: {}, eu-west-1: {T: {a: null}}}"

    assert scenario(tmp_path, text).regions["eu-west-1"] == {"T": {"b": {}}}


def test_what_is_planted_is_told_with_its_findings(tmp_path):
    text = "regions: {us-east-1: {}}\nplanted: [{says: x, findings: [{site: s, type: t, name: n, kind: extra}]}]"

    assert scenario(tmp_path, text).planted == (Planted("x", (Expected("s", "t", "n", "extra"),)),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("regions: {}", "needs 'regions'"),
        ("regoins: {us-east-1: {}}", "does not know 'regoins'"),
        ("regions: {eu-wst-1: {}}", "'eu-wst-1' is not an AWS region"),
        ("regions: {us-east-1: {T: 3}}", "must hold types"),
    ],
)
def test_what_is_no_scenario_is_refused_with_a_reason(tmp_path, text, message):
    with pytest.raises(SandboxError, match=message):
        scenario(tmp_path, text)


def test_the_shop_plants_about_a_dozen_differences():
    assert len(load_scenario(SHOP, "123456789012").planted) == 13


def test_the_same_files_give_the_same_zip():
    assert zipped({"a": "1", "b": "2"}) == zipped({"b": "2", "a": "1"})


@pytest.mark.parametrize(
    ("resources", "message"),
    [
        ({"AWS::EC2::Instance": {"x": {}}}, "'AWS::EC2::Instance' cannot be seeded. What can: AWS::IAM::Role"),
        ({"AWS::S3::Bucket": {"x": {"Colour": "red"}}}, "'Colour' cannot be seeded. What can: VersioningConfiguration"),
        ({"AWS::S3::Bucket": {"UPPER": {}}}, "us-east-1: AWS::S3::Bucket/UPPER was refused"),
    ],
)
def test_what_cannot_be_seeded_is_refused_by_name(aws, resources, message):
    with pytest.raises(SandboxError, match=message):
        aws.seed(us_east_1=resources)
