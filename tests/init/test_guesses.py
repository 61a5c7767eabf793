"""What an account's settings may be."""

from __future__ import annotations

import pytest

from auditor.errors import EmptyAccountError, SettingsError
from auditor.init.guesses import APPLICATION, BUCKET, DeployGuess, RegionHolds, Survey, guessed
from auditor.model.values import Locale
from auditor.specs.regions import SHORT_CODES

FUNCTION = "AWS::Lambda::Function"


def holds(region, names=None, unread=None):
    own = names or {}
    counts = {type_: len(ones) for type_, ones in own.items()}
    return RegionHolds(Locale(region, SHORT_CODES[region], "123456789012"), counts, own, unread or {})


def survey(named=False, **regions):
    return Survey(
        {name.replace("_", "-"): holds(name.replace("_", "-"), own) for name, own in regions.items()}, named=named
    )


ONE, TWO = {FUNCTION: ("a",)}, {FUNCTION: ("a", "b")}


@pytest.mark.parametrize(
    ("regions", "golden", "default", "expected"),
    [
        ({"us_east_1": ONE, "eu_west_1": TWO}, "", "us-east-1", "eu-west-1"),
        ({"us_east_1": ONE, "eu_west_1": ONE}, "", "us-east-1", "us-east-1"),
        ({"us_east_1": ONE, "eu_west_1": ONE}, "", "sa-east-1", "eu-west-1"),
        ({"us_east_1": ONE, "eu_west_1": TWO}, "us-east-1", "", "us-east-1"),
    ],
    ids=["most resources", "the person's own region", "the first by name", "the one that is asked for"],
)
def test_golden_is_guessed(regions, golden, default, expected):
    assert guessed(survey(**regions), golden, default).golden == expected


def test_golden_comes_first_and_what_holds_nothing_is_left_out():
    found = guessed(survey(us_east_1=ONE, eu_west_1=TWO, sa_east_1={}), "us-east-1", "")

    assert found.regions == ("us-east-1", "eu-west-1")


def test_regions_that_are_named_are_all_meant():
    assert guessed(survey(named=True, us_east_1=ONE, sa_east_1={}), "", "").regions == ("us-east-1", "sa-east-1")


def test_a_golden_that_was_not_looked_at_is_refused():
    with pytest.raises(SettingsError, match="--golden is eu-west-1, which was not looked at: --region names us-east-1"):
        guessed(survey(named=True, us_east_1=ONE), "eu-west-1", "")


def test_a_golden_that_is_not_in_use_is_refused():
    with pytest.raises(SettingsError, match="--golden is sa-east-1, where nothing was found"):
        guessed(survey(us_east_1=ONE, sa_east_1={}), "sa-east-1", "")


def test_an_empty_account_is_told_of():
    with pytest.raises(EmptyAccountError, match="not one resource to compare in us-east-1"):
        guessed(survey(us_east_1={}), "", "")


def test_an_account_that_cannot_be_read_is_not_called_empty():
    denied = Survey({"us-east-1": holds("us-east-1", unread={FUNCTION: "AccessDenied: no"})})

    with pytest.raises(EmptyAccountError, match=r"not all could be read: AccessDenied: no"):
        guessed(denied, "", "")


def shop(region, *applications):
    buckets = (f"logs-{region}", f"shop-artifacts-{region}", f"release-{region}")
    return {APPLICATION: applications, BUCKET: buckets}


def test_what_is_deployed_is_an_application_of_all_regions_with_a_bucket_named_after_it():
    found = survey(us_east_1=shop("us-east-1", "desk", "only", "shop"), eu_west_1=shop("eu-west-1", "desk", "shop"))

    assert guessed(found, "", "").deploy == DeployGuess("shop", ("desk",), "shop-artifacts-{region}")


def test_an_application_that_one_region_lacks_is_not_deployed():
    found = survey(us_east_1=shop("us-east-1", "shop"), eu_west_1=shop("eu-west-1"))

    assert guessed(found, "", "").deploy is None


def test_an_application_that_is_named_after_its_region_is_not_deployed():
    found = survey(us_east_1=shop("us-east-1", "x-us-east-1"), eu_west_1=shop("eu-west-1", "x-eu-west-1"))

    assert guessed(found, "", "").deploy is None
