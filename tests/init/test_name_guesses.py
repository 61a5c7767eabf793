"""What names tell of how regions name the same thing."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from auditor.init.names import Alike, grouped, guessed_names
from auditor.model.values import Locale

ACCOUNT = "123456789012"
LOCALES = {
    "us-east-1": Locale("us-east-1", "use1", ACCOUNT),
    "eu-west-1": Locale("eu-west-1", "euw1", ACCOUNT),
    "ap-south-1": Locale("ap-south-1", "aps1", ACCOUNT),
}


def named(**regions):
    names = {name.replace("_", "-"): own for name, own in regions.items()}
    return {name: (LOCALES[name], own) for name, own in names.items()}


@pytest.mark.parametrize(
    ("virginia", "ireland"),
    [
        ("assets-us-east-1", "assets-eu-west-1"),
        ("us-east-1-assets", "eu-west-1-assets"),
        ("shop-us-east-1-assets", "shop-eu-west-1-assets"),
        (f"assets-{ACCOUNT}-us-east-1", f"assets-{ACCOUNT}-eu-west-1"),
        ("assets.us-east-1.example", "assets.eu-west-1.example"),
        ("assets-use1", "assets-euw1"),
        ("assets", "assets"),
    ],
)
def test_names_that_are_paired_anyway_take_no_pattern(virginia, ireland):
    guess = guessed_names(named(us_east_1=(virginia,), eu_west_1=(ireland,)))

    assert (guess.patterns, guess.alike) == ((), ())


@pytest.mark.parametrize(
    ("virginia", "ireland", "expected"),
    [
        ("assetsus-east-1", "assetseu-west-1", "{stem}{region}"),
        ("assetsuse1", "assetseuw1", "{stem}{region_short}"),
        ("us-east-1assets", "eu-west-1assets", "{region}{stem}"),
        ("shopus-east-1-assets", "shopeu-west-1-assets", "shop{region}{stem}"),
        (f"assetsus-east-1-{ACCOUNT}", f"assetseu-west-1-{ACCOUNT}", "{stem}{region}-{account}"),
    ],
)
def test_a_region_without_a_sign_beside_it_takes_a_pattern(virginia, ireland, expected):
    assert guessed_names(named(us_east_1=(virginia,), eu_west_1=(ireland,))).patterns == (expected,)


def test_one_pattern_does_for_all_names_that_it_fits():
    guess = guessed_names(
        named(
            us_east_1=("shopus-east-1", "logsus-east-1", "kept-us-east-1"),
            eu_west_1=("shopeu-west-1", "logseu-west-1", "kept-eu-west-1"),
        )
    )

    assert guess.patterns == ("{stem}{region}",)


def test_a_pattern_that_would_part_what_is_paired_is_no_guess():
    # maps1 ends in the short code of ap-south-1, and is the same function as maps1 elsewhere.
    guess = guessed_names(
        named(ap_south_1=("maps1", "shopaps1"), us_east_1=("maps1", "shopuse1"), eu_west_1=("maps1",)),
    )

    assert guess.patterns == ()


def test_how_names_hold_their_region_is_told_with_an_example():
    guess = guessed_names(
        named(us_east_1=("a-us-east-1", "b-us-east-1", "c-use1"), eu_west_1=("a-eu-west-1", "b-eu-west-1", "c-euw1"))
    )

    assert guess.shapes == {"{stem}-{region}": (2, "a-eu-west-1"), "{stem}-{region_short}": (1, "c-euw1")}


@pytest.mark.parametrize(
    ("virginia", "ireland"),
    [
        ("assets", "assets-eu-west-1"),
        ("assets-us", "assets-eu"),
        ("shop-assets-ue1", "shop-assets-ew1"),
        ("us-east-1-assets", "assets-eu-west-1"),
        ("AssetsUsEast1", "assets_eu-west-1"),
    ],
)
def test_names_that_only_sound_alike_are_told(virginia, ireland):
    guess = guessed_names(named(us_east_1=(virginia,), eu_west_1=(ireland,)))

    assert [one.natives for one in guess.alike] == [{"us-east-1": virginia, "eu-west-1": ireland}]


def test_what_is_paired_in_some_regions_is_told_with_the_one_that_sounds_like_it():
    guess = guessed_names(
        named(us_east_1=("assets",), eu_west_1=("assets-eu-west-1",), ap_south_1=("assets-ap-south-1",))
    )

    natives = {"us-east-1": "assets", "eu-west-1": "assets-eu-west-1", "ap-south-1": "assets-ap-south-1"}
    assert guess.alike == (Alike("assets", natives),)


def test_names_that_every_region_has_are_no_look_alikes():
    guess = guessed_names(
        named(us_east_1=("assets", "assets-us-east-1"), eu_west_1=("assets", "assets-eu-west-1")),
    )

    assert guess.alike == ()


def test_what_every_region_has_does_not_hide_look_alikes():
    guess = guessed_names(named(us_east_1=("assets", "assets-us"), eu_west_1=("assets", "assets-eu")))

    assert guess.alike == (Alike("assets", {"us-east-1": "assets-us", "eu-west-1": "assets-eu"}),)


def test_names_that_have_nothing_but_their_region_are_no_look_alikes():
    assert guessed_names(named(us_east_1=("us-east-1-use1",), eu_west_1=("eu",))).alike == ()


NAMES = st.lists(
    st.text("abs1-", min_size=1, max_size=4)
    | st.sampled_from(["us-east-1", "use1", "xuse1", "xus-east-1", "xeuw1", "xeu-west-1", "xaps1", "aps1x"]),
    max_size=5,
    unique=True,
).map(tuple)


@given(st.fixed_dictionaries(dict.fromkeys(LOCALES, NAMES)))
def test_patterns_never_part_what_is_paired_without_them(names):
    told = {region: (LOCALES[region], own) for region, own in names.items()}
    patterns = guessed_names(told).patterns

    before, after = grouped(told), grouped(told, patterns)

    home = {(region, one): key for key, own in after.items() for region, ones in own.items() for one in ones}
    together = [{home[region, ones[0]] for region, ones in own.items()} for own in before.values()]
    assert all(len(homes) == 1 for homes in together)
