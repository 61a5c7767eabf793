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
FORGOTTEN = {FUNCTION: ("a", "debug", "old", "try")}
OTHER = {FUNCTION: ("x", "y", "z")}


@pytest.mark.parametrize(
    ("regions", "golden", "default", "expected"),
    [
        ({"us_east_1": TWO, "eu_west_1": TWO, "ap_south_1": FORGOTTEN}, "", "ap-south-1", "eu-west-1"),
        ({"us_east_1": TWO, "eu_west_1": ONE, "ap_south_1": {FUNCTION: ("b", "d", "e")}}, "", "eu-west-1", "us-east-1"),
        ({"us_east_1": ONE, "eu_west_1": FORGOTTEN}, "", "us-east-1", "us-east-1"),
        ({"us_east_1": ONE, "eu_west_1": ONE}, "", "sa-east-1", "eu-west-1"),
        ({"us_east_1": TWO, "eu_west_1": OTHER}, "", "us-east-1", "us-east-1"),
        ({"us_east_1": ONE, "eu_west_1": TWO}, "eu-west-1", "us-east-1", "eu-west-1"),
    ],
    ids=[
        "what one region alone has counts for nothing",
        "most in common with others",
        "the person's own region",
        "the first by name",
        "nothing in common",
        "the one that is asked for",
    ],
)
def test_golden_is_guessed(regions, golden, default, expected):
    assert guessed(survey(**regions), golden, default).golden == expected


def test_names_that_hold_their_region_are_in_common():
    west, east = {BUCKET: ("log-eu-west-1", "web-eu-west-1")}, {BUCKET: ("log-us-east-1", "web-us-east-1")}
    south = {BUCKET: ("log-ap-south-1", "a", "b", "c")}

    found = guessed(survey(ap_south_1=south, us_east_1=east, eu_west_1=west), "", "ap-south-1")

    assert (found.golden, found.tied) == ("eu-west-1", ("eu-west-1", "us-east-1"))


def test_a_region_that_holds_nothing_is_not_golden_though_it_is_the_persons_own():
    found = guessed(survey(named=True, us_east_1=ONE, sa_east_1={}), "", "sa-east-1")

    assert (found.golden, found.why, found.tied) == ("us-east-1", "nothing was found in the others", ())


@pytest.mark.parametrize(
    ("regions", "default", "why", "tied"),
    [
        ({"us_east_1": ONE}, "", "it is the only region in use", ()),
        ({"us_east_1": TWO, "eu_west_1": ONE, "sa_east_1": {FUNCTION: ("b",)}}, "",
         "it holds the most of what several regions have (2; eu-west-1 has 1)", ()),
        ({"us_east_1": ONE, "eu_west_1": TWO}, "us-east-1",
         "eu-west-1 has as much of what several regions have (1); of these, it is the one that your AWS settings name",
         ("us-east-1", "eu-west-1")),
        ({"us_east_1": ONE, "eu_west_1": ONE, "sa_east_1": ONE}, "",
         "sa-east-1, us-east-1 have as much of what several regions have (1); of these, it is the first by name",
         ("eu-west-1", "sa-east-1", "us-east-1")),
        ({"us_east_1": ONE, "eu_west_1": OTHER}, "",
         "no two regions have a resource of the same name; of these, it is the first by name",
         ("eu-west-1", "us-east-1")),
    ],
)  # fmt: skip
def test_why_is_told(regions, default, why, tied):
    found = guessed(survey(**regions), "", default)

    assert (found.why, found.tied) == (why, tied)


def test_what_could_not_be_listed_makes_the_guess_less_sure():
    regions = {name: holds(name, TWO) for name in ("us-east-1", "eu-west-1")}
    regions["sa-east-1"] = holds("sa-east-1", ONE, {BUCKET: "AccessDenied: no"})

    assert guessed(Survey(regions), "", "").why == (
        "us-east-1 has as much of what several regions have (2), as far as could be listed; of these, it is the first "
        "by name"
    )


def test_the_region_that_the_person_names_comes_first_and_is_no_guess():
    found = guessed(survey(us_east_1=ONE, eu_west_1=ONE, sa_east_1=ONE), "", "").with_golden("us-east-1")

    assert (found.regions, found.why, found.tied) == (("us-east-1", "eu-west-1", "sa-east-1"), "", ())


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
