"""The first auditor.yaml, as text."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, strategies as st

from auditor.init.draft import draft_lines, quoted, settings_text, unread_lines
from auditor.init.guesses import APPLICATION, BUCKET, RegionHolds, Survey, guessed
from auditor.model.values import Locale
from auditor.settings.load import refuse_wrong
from auditor.settings.yaml_file import parse_settings_text

FILE = Path("auditor.yaml")
REGIONS = {"us-east-1": "use1", "eu-west-1": "euw1"}


def survey(names, unread=None, stacked=0, disabled=()):
    held = {}
    for region, short in REGIONS.items():
        own = {type_: tuple(name.format(region=region) for name in ones) for type_, ones in names.items()}
        counts = {type_: len(ones) for type_, ones in own.items()}
        held[region] = RegionHolds(Locale(region, short, "123456789012"), counts, own, unread or {}, stacked)
    return Survey(held, disabled)


def text(found):
    return settings_text(found, guessed(found, "", "us-east-1"))


def values(written):
    return parse_settings_text(FILE, written).values


def test_the_file_holds_golden_the_regions_and_the_patterns():
    written = values(text(survey({BUCKET: ["data{region}"]})))

    assert written == {
        "golden": "us-east-1",
        "regions": ["us-east-1", "eu-west-1"],
        "names": {"AWS::S3::Bucket": ["{stem}{region}"]},
    }


def test_a_tie_is_told_in_the_file():
    assert (
        "# The region that all others must equal. A guess: eu-west-1 has as much of what several regions have (1); of "
        "these,\n# it is the one that your AWS settings name."
    ) in text(survey({BUCKET: ["data"]}))


def test_what_is_in_a_region_is_told_by_type():
    assert "    # 3 resources: 2 S3::Bucket, 1 CodeDeploy::Application." in text(
        survey({BUCKET: ["a", "b"], APPLICATION: ["c"]})
    )


def test_the_deploy_section_means_what_it_should_once_its_sign_is_taken_away():
    written = text(survey({APPLICATION: ["shop"], BUCKET: ["shop-artifacts-{region}"]}))

    assert values(written.replace("# deploy:", "deploy:"))["deploy"] == {
        "application": "shop",
        "groups": [],
        "bucket": "shop-artifacts-{region}",
        "waves": [["us-east-1"], ["eu-west-1"]],
    }


def test_regions_that_are_not_enabled_are_told():
    assert "# Not enabled for the account: me-south-1." in text(survey({BUCKET: ["a"]}, disabled=("me-south-1",)))


def test_what_could_not_be_listed_is_told_once_for_all_regions():
    found = survey({BUCKET: ["a"]}, unread={"AWS::Lambda::Function": "AccessDenied: no"})

    assert unread_lines(found) == ("AWS::Lambda::Function in us-east-1, eu-west-1: AccessDenied: no",)


def test_what_cloudformation_owns_is_told():
    assert "# Resources that CloudFormation owns: us-east-1 2, eu-west-1 2." in text(survey({BUCKET: ["a"]}, stacked=2))


def test_what_cloudformation_owns_can_be_unknown():
    assert "# Not known is what CloudFormation owns in us-east-1, eu-west-1: AccessDenied" in text(
        survey({BUCKET: ["a"]}, stacked="AccessDenied")
    )


def test_a_single_region_is_said_to_have_nothing_to_be_compared_with():
    found = Survey({"us-east-1": survey({BUCKET: ["a"]}).regions["us-east-1"]})

    assert draft_lines(found, guessed(found, "", ""))[-1] == (
        "There is nothing to compare yet: us-east-1 is the only region in use."
    )


def test_a_name_cannot_end_its_line():
    assert quoted('a\n"b\u2028\x85') == '"a\\n\\"b\\u2028\\u0085"'


@given(st.lists(st.text(max_size=8).map(lambda one: one.replace("{", "").replace("}", "")), max_size=3), st.text())
def test_the_file_loads_whatever_things_are_called(names, why):
    found = survey({BUCKET: [*names, "x"], APPLICATION: names}, unread={"AWS::Lambda::Function": why}, stacked=why)

    refuse_wrong(parse_settings_text(FILE, text(found)))


@given(st.lists(st.text(min_size=1, max_size=8).map(lambda one: one.replace("{", "").replace("}", "")), min_size=1))
def test_names_stand_in_comments_only(names):
    found = survey({APPLICATION: names})

    assert set(values(text(found))) == {"golden", "regions"}
