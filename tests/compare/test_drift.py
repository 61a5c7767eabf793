"""From the snapshots of sites to the drift against golden."""

from __future__ import annotations

from auditor.canonical.pairing import Pairing
from auditor.compare.drift import Scope, drift
from auditor.compare.findings import Judgement
from auditor.compare.selection import Selector
from auditor.model.values import DriftException, Locale, Reading, Resource, Site, SiteSnapshot, State, Unread
from auditor.specs.spec import Call, Facet, Listed, Listing, ResourceSpec, identity

THING = "AWS::Test::Thing"
SPEC = ResourceSpec(
    THING,
    "test",
    Listing(Call("ListThings")),
    (Facet("configuration", Listed(), fields=(identity("Name"),)), Facet("tags", Listed(), at="Tags")),
)
LOCALES = {
    "us-east-1": Locale("us-east-1", "use1", "123456789012"),
    "eu-west-1": Locale("eu-west-1", "euw1", "123456789012"),
    "cn-north-1": Locale("cn-north-1", "cnn1", "210987654321", "aws-cn", "amazonaws.com.cn"),
}


def thing(name, value=None, tags=None):
    tagged = Reading(State.READ, tags) if tags else Reading(State.ABSENT)
    return Resource(THING, name, {"configuration": Reading(State.READ, value or {}), "tags": tagged})


def unknown(name):
    lost = Reading(State.UNREADABLE, error="AccessDenied: no")
    return Resource(THING, name, {"configuration": lost, "tags": lost})


def snapshot(region, *resources, unread=()):
    return SiteSnapshot(region, LOCALES[region], resources, tuple(unread))


def drifted(golden, *others, **scope):
    loaders = [(Site(one.site), lambda one=one: one) for one in others]
    return drift(Site("us-east-1"), "us-east-1", "2026-11-24T01:02:03Z", golden, loaders, Scope({THING: SPEC}, **scope))


def told(found):
    return [(one.site, one.name, one.kind) for one in found.findings]


def excused(*exceptions):
    return {"judgement": Judgement(exceptions, "2026-11-24")}


def test_sites_that_are_set_up_alike_have_no_findings():
    golden = snapshot("us-east-1", thing("a-us-east-1", {"Topic": "us-east-1"}))

    assert drifted(golden, snapshot("eu-west-1", thing("a-eu-west-1", {"Topic": "eu-west-1"}))).findings == ()


def test_every_site_is_held_against_golden():
    golden = snapshot("us-east-1", thing("a", {"Size": 1}))
    others = snapshot("eu-west-1", thing("a", {"Size": 2})), snapshot("cn-north-1", thing("b"))

    assert told(drifted(golden, *others)) == [
        ("eu-west-1", "a", "changed"),
        ("cn-north-1", "a", "missing"),
        ("cn-north-1", "b", "extra"),
    ]


def test_an_arn_is_the_same_in_another_partition():
    golden = snapshot("us-east-1", thing("a", {"Role": "arn:aws:iam::123456789012:role/a"}))
    china = snapshot("cn-north-1", thing("a", {"Role": "arn:aws-cn:iam::210987654321:role/a"}))

    assert drifted(golden, china).findings == ()


def test_each_other_site_is_loaded_only_when_its_turn_comes():
    events = []

    def loader(region):
        def load():
            events.append(f"{region} loaded")
            return snapshot(region)

        return load

    def others():
        for region in ("eu-west-1", "cn-north-1"):
            yield Site(region), loader(region)
            events.append(f"{region} compared")

    drift(Site("us-east-1"), "us-east-1", "", snapshot("us-east-1"), others(), Scope({THING: SPEC}))

    assert events == ["eu-west-1 loaded", "eu-west-1 compared", "cn-north-1 loaded", "cn-north-1 compared"]


def test_the_inventory_counts_what_is_anywhere_once():
    golden = snapshot("us-east-1", thing("a-us-east-1"), thing("b"))

    assert drifted(golden, snapshot("eu-west-1", thing("a-eu-west-1"), thing("c"))).inventory == {THING: 3}


def test_what_was_read_in_full_is_complete():
    assert drifted(snapshot("us-east-1", thing("a")), snapshot("eu-west-1", thing("a"))).complete


def test_a_listing_that_failed_anywhere_makes_it_incomplete():
    unread = [Unread(THING, "AccessDenied: no")]

    assert not drifted(snapshot("us-east-1"), snapshot("eu-west-1", unread=unread)).complete


def test_a_listing_that_failed_in_golden_makes_it_incomplete_even_without_other_sites():
    assert not drifted(snapshot("us-east-1", unread=[Unread(THING, "AccessDenied: no")])).complete


def test_a_listing_that_nobody_asked_for_makes_nothing_incomplete():
    unread = [Unread("AWS::Test::Other", "AccessDenied: no")]

    assert drifted(snapshot("us-east-1", unread=unread), snapshot("eu-west-1", unread=unread)).complete


def test_a_facet_that_could_not_be_read_makes_it_incomplete():
    assert not drifted(snapshot("us-east-1", thing("a")), snapshot("eu-west-1", unknown("a"))).complete


def test_only_what_is_selected_is_compared_and_counted():
    golden = snapshot("us-east-1", thing("shop-a"), thing("web-b"))
    found = drifted(golden, snapshot("eu-west-1"), include=(Selector(name="shop-*"),))

    assert (told(found), found.inventory) == ([("eu-west-1", "shop-a", "missing")], {THING: 1})


def test_a_tag_that_drifted_is_a_change_and_does_not_make_the_resource_missing():
    golden = snapshot("us-east-1", thing("a", tags={"service": "checkout"}))
    actual = snapshot("eu-west-1", thing("a", tags={"service": "web"}))

    assert told(drifted(golden, actual, include=(Selector(tags={"service": "checkout"}),))) == [
        ("eu-west-1", "a", "changed")
    ]


def test_names_are_paired_by_the_patterns_of_the_settings():
    golden, actual = snapshot("us-east-1", thing("ause1")), snapshot("eu-west-1", thing("aeuw1"))

    assert drifted(golden, actual, pairing=Pairing({THING: ("{stem}{region_short}",)})).findings == ()


def test_an_exception_that_has_ended_is_a_warning():
    exception = DriftException(f"{THING}/a", "until the move", "/Size", until="2026-11-23")

    assert drifted(snapshot("us-east-1"), **excused(exception)).warnings == (
        "The exception on AWS::Test::Thing/a /Size ended on 2026-11-23 and counts no more.",
    )


def test_an_exception_that_covers_nothing_is_a_warning():
    alike = snapshot("us-east-1", thing("a")), snapshot("eu-west-1", thing("a"))

    assert drifted(*alike, **excused(DriftException(f"{THING}/a", "why"))).warnings == (
        "The exception on AWS::Test::Thing/a covers nothing any more; it can be deleted.",
    )


def test_an_exception_on_being_there_is_named_as_that():
    alike = snapshot("us-east-1", thing("a")), snapshot("eu-west-1", thing("a"))

    assert drifted(*alike, **excused(DriftException(f"{THING}/a", "debugging", ""))).warnings == (
        "The exception on AWS::Test::Thing/a (being there) covers nothing any more; it can be deleted.",
    )


def test_an_exception_that_covers_something_is_no_warning():
    golden, actual = snapshot("us-east-1", thing("a", {"Size": 1})), snapshot("eu-west-1", thing("a", {"Size": 2}))

    assert drifted(golden, actual, **excused(DriftException(f"{THING}/a", "why"))).warnings == ()


def test_an_exception_may_cover_what_could_not_be_read_so_nobody_is_told_to_delete_it():
    golden, actual = snapshot("us-east-1", thing("a")), snapshot("eu-west-1", unknown("a"))

    assert drifted(golden, actual, **excused(DriftException(f"{THING}/a", "why"))).warnings == ()


def test_golden_is_called_and_dated_as_told():
    found = drifted(snapshot("us-east-1"), snapshot("eu-west-1"))

    assert (found.golden, found.sites, found.taken) == ("us-east-1", ("eu-west-1",), "2026-11-24T01:02:03Z")


def test_what_the_symbols_in_findings_mean_is_told_for_every_site():
    golden = snapshot("us-east-1", thing("a", {"Topic": "t-us-east-1", "Size": 1}))
    actual = snapshot("eu-west-1", thing("a", {"Topic": "u-eu-west-1", "Size": 1}))

    assert drifted(golden, actual).symbols == {
        "us-east-1": {"region": "us-east-1"},
        "eu-west-1": {"region": "eu-west-1"},
    }


def test_a_symbol_that_no_finding_holds_is_not_told():
    golden = snapshot("us-east-1", thing("a", {"Topic": "us-east-1", "Size": 1}))
    actual = snapshot("eu-west-1", thing("a", {"Topic": "eu-west-1", "Size": 2}))

    assert drifted(golden, actual).symbols == {"us-east-1": {}, "eu-west-1": {}}


def test_a_finding_says_what_both_sides_call_the_resource():
    golden = snapshot("us-east-1", thing("a-us-east-1", {"Size": 1}))
    actual = snapshot("eu-west-1", thing("a-eu-west-1", {"Size": 2}))

    (found,) = drifted(golden, actual).findings
    assert (found.golden_native, found.native) == ("a-us-east-1", "a-eu-west-1")


def test_a_missing_resource_has_no_name_in_its_site():
    golden = snapshot("us-east-1", thing("a", {"Size": 1}))

    (found,) = drifted(golden, snapshot("eu-west-1")).findings
    assert (found.golden_native, found.native) == ("a", "")


def test_a_type_that_could_not_be_listed_in_golden_or_the_site_is_not_all_known_there():
    unread, named = [Unread(THING, "AccessDenied: no")], snapshot("eu-west-1", thing("a"))

    found = [
        drifted(snapshot("us-east-1", thing("a")), snapshot("eu-west-1", unread=unread)).unlisted,
        drifted(snapshot("us-east-1", unread=unread), named).unlisted,
        drifted(snapshot("us-east-1", thing("a")), named).unlisted,
    ]

    assert found == [(("eu-west-1", THING),), (("eu-west-1", THING),), ()]


def test_a_type_that_a_region_does_not_offer_is_known():
    nowhere = snapshot("eu-west-1", unread=[Unread(THING, "no", state=State.NOT_OFFERED)])

    assert drifted(snapshot("us-east-1"), nowhere).unlisted == ()
