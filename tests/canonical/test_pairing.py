"""Which resources of two sites are the same one."""

from __future__ import annotations

import pytest

from auditor.canonical.document import documents
from auditor.canonical.pairing import Pairing, canonical_name, parent_and_own
from auditor.compare.drift import Scope, drift
from auditor.compare.selection import Selector
from auditor.errors import PairingError
from auditor.model.values import Locale, Reading, Resource, Site, SiteSnapshot, State
from auditor.specs.spec import Call, Facet, Listing, ResourceSpec

VIRGINIA = Locale("us-east-1", "use1", "123456789012")
IRELAND = Locale("eu-west-1", "euw1", "123456789012")
BUCKET = "AWS::S3::Bucket"
THING, PART = "AWS::Test::Thing", "AWS::Test::Part"
SPECS = {
    BUCKET: ResourceSpec(BUCKET, "s3", Listing(Call("L")), (Facet("tags", Call("T"), at="Tags", default={}),)),
    THING: ResourceSpec(THING, "test", Listing(Call("L")), (Facet("settings", Call("G")),)),
    PART: ResourceSpec(PART, "test", Listing(Call("L")), (), parent=THING),
}


def bucket(name, tags=None):
    reading = Reading(State.READ, tags) if tags else Reading(State.ABSENT)
    return Resource(BUCKET, name, {"tags": reading})


def names(locale, pairing, *resources):
    site = SiteSnapshot(locale.region, locale, resources)
    return [name for _, name in documents(site, SPECS, pairing=pairing)]


@pytest.mark.parametrize(
    ("name", "patterns", "expected"),
    [
        ("assets-us-east-1", (), "assets-${region}"),
        ("assetsuse1", ("{stem}{region_short}",), "assets${region_short}"),
        (
            "assets-123456789012-us-east-1",
            ("{stem}-{region}", "{stem}-{account}-{region}"),
            "assets-${account}-${region}",
        ),
        ("assets", ("{stem}-{region}",), "assets"),
    ],
)
def test_a_name_is_the_same_in_every_region(name, patterns, expected):
    assert canonical_name(name, VIRGINIA, patterns) == expected


def test_a_name_of_the_account_regional_namespace_is_the_same_everywhere():
    assert names(IRELAND, Pairing(), bucket("app-123456789012-eu-west-1-an")) == ["app-${account}-${region}-an"]


def test_pairs_say_what_a_name_stands_for_in_each_region():
    pairing = Pairing(pairs={BUCKET: {"assets": {"us-east-1": "my-assets", "eu-west-1": "shop-eu"}}})

    assert (names(VIRGINIA, pairing, bucket("my-assets")), names(IRELAND, pairing, bucket("shop-eu"))) == (
        ["assets"],
        ["assets"],
    )


def test_a_pair_of_one_region_says_nothing_of_another():
    pairing = Pairing(pairs={BUCKET: {"assets": {"us-east-1": "my-assets"}}})

    assert names(IRELAND, pairing, bucket("my-assets")) == ["my-assets"]


@pytest.mark.parametrize("tags", [{"logical": "assets"}, [{"Key": "logical", "Value": "assets"}]])
def test_a_tag_can_name_a_resource(tags):
    assert names(IRELAND, Pairing(tags={BUCKET: "logical"}), bucket("x-8f1c", tags)) == ["assets"]


def test_a_resource_without_the_tag_keeps_its_name():
    assert names(IRELAND, Pairing(tags={BUCKET: "logical"}), bucket("x-8f1c")) == ["x-8f1c"]


def test_pairs_come_before_patterns_and_patterns_before_tags():
    pairing = Pairing({BUCKET: ("{stem}-{region}",)}, {BUCKET: {"first": {"eu-west-1": "a"}}}, {BUCKET: "logical"})
    tagged = {"logical": "third"}

    assert names(IRELAND, pairing, bucket("a", tagged), bucket("b-eu-west-1", tagged), bucket("c", tagged)) == [
        "first",
        "b-${region}",
        "third",
    ]


def test_a_child_takes_part_under_its_parents_paired_name():
    pairing = Pairing(pairs={THING: {"api": {"eu-west-1": "api-8f1c"}}})
    parent = Resource(THING, "api-8f1c", {"settings": Reading(State.ABSENT)})

    assert names(IRELAND, pairing, parent, Resource(PART, "api-8f1c/live", {})) == ["api", "api/live"]


def test_an_arn_of_a_paired_bucket_names_what_it_stands_for():
    pairing = Pairing(pairs={BUCKET: {"assets": {"eu-west-1": "shop-eu"}}})
    value = {"Target": "arn:aws:s3:::shop-eu/*"}
    thing = Resource(THING, "api", {"settings": Reading(State.READ, value)})

    made = documents(SiteSnapshot("eu-west-1", IRELAND, (bucket("shop-eu"), thing)), SPECS, pairing=pairing)

    assert made[(THING, "api")].fields == {"Target": "arn:aws:s3:::${bucket:assets}/*"}


def compared(pairing, *resources, exclude=()):
    golden = SiteSnapshot("us-east-1", VIRGINIA, (bucket("g", {"logical": "assets"}),))
    other = SiteSnapshot("eu-west-1", IRELAND, resources)
    here = Site("us-east-1")
    scope = Scope(SPECS, pairing=pairing, exclude=exclude)
    return drift(here, "us-east-1", "now", golden, [(Site("eu-west-1"), lambda: other)], scope)


TAGGED = {"logical": "assets"}


def test_two_that_would_pair_with_one_golden_are_refused_and_all_three_named():
    with pytest.raises(PairingError, match=r"eu-west-1: (a and b|b and a) would both be compared with g of golden"):
        compared(Pairing(tags={BUCKET: "logical"}), bucket("a", TAGGED), bucket("b", TAGGED))


def test_one_of_two_that_would_pair_can_be_left_out():
    found = compared(
        Pairing(tags={BUCKET: "logical"}), bucket("a", TAGGED), bucket("b", TAGGED), exclude=(Selector(name="b"),)
    )

    assert found.sites == ("eu-west-1",)


def test_two_whose_names_aws_made_up_are_told_apart_by_their_content():
    twins = [Resource(THING, "x", {"settings": Reading(State.READ, {"A": number})}) for number in (1, 2)]

    here, there = (
        documents(SiteSnapshot("eu-west-1", IRELAND, order), SPECS) for order in (tuple(twins), tuple(twins[::-1]))
    )

    assert {key: one.fields for key, one in here.items()} == {key: one.fields for key, one in there.items()}


@pytest.mark.parametrize(
    ("name", "is_child", "parts"),
    [
        ("api", False, ("", "api")),
        ("api/live", True, ("api", "live")),
        ("api/arn:aws:kinesis:r:1:stream/x", True, ("api", "arn:aws:kinesis:r:1:stream/x")),
    ],
)
def test_a_childs_own_name_can_hold_a_slash(name, is_child, parts):
    assert parent_and_own(name, is_child) == parts
