"""What differs between two canonical documents, and what is said of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.canonical.document import Document
from auditor.compare.changes import changes
from auditor.compare.findings import Judgement, Side, compare, finding_id
from auditor.model.values import ABSENT, Change, DriftException, Finding, Locale, Members, Site, State, Unread

GOLDEN, IRELAND = Site("us-east-1"), Site("eu-west-1")
FUNCTION = "AWS::Lambda::Function"
TODAY = Judgement(on="2026-11-24")


def doc(fields, name="api", unreadable=None, alignable=(), places=frozenset()):
    return Document(FUNCTION, name, name, fields, unreadable or {}, frozenset(alignable), places)


def sides(golden, actual, golden_unread=(), actual_unread=()):
    return (
        Side(GOLDEN, {(one.type, one.name): one for one in golden}, tuple(golden_unread)),
        Side(IRELAND, {(one.type, one.name): one for one in actual}, tuple(actual_unread)),
    )


def kinds(findings):
    return [(one.name, one.kind) for one in findings]


def test_equal_documents_have_no_findings():
    assert compare(*sides([doc({"MemorySize": 512})], [doc({"MemorySize": 512})]), TODAY) == ()


@pytest.mark.parametrize(
    ("golden", "actual", "expected"),
    [
        ({"MemorySize": 512}, {"MemorySize": 256}, [Change("/MemorySize", 512, 256)]),
        ({"A": 1}, {}, [Change("/A", 1, ABSENT)]),
        ({}, {"A": None}, [Change("/A", ABSENT, None)]),
        ({"A": 1}, {"A": "1"}, [Change("/A", 1, "1")]),
        ({"A": {"x/y": 1}}, {"A": {"x/y": 2}}, [Change("/A/x~1y", 1, 2)]),
        ({"A": {"x~": 1}}, {"A": {}}, [Change("/A/x~0", 1, ABSENT)]),
        ({"A": ["a", "b"]}, {"A": ["b", "a"]}, [Change("/A/0", "a", "b"), Change("/A/1", "b", "a")]),
        ({"A": ["a", "b"]}, {"A": ["a"]}, [Change("/A/1", "b", ABSENT)]),
        ({"A": {"a": 1, "b": 2}}, {"A": {"c": 3}},
         [Change("/A/a", 1, ABSENT), Change("/A/b", 2, ABSENT), Change("/A/c", ABSENT, 3)]),
        ({"E": {"P": "${secret:aa}"}}, {"E": {"P": "${secret:bb}"}},
         [Change("/E/P", {"secret": "aa"}, {"secret": "bb"})]),
        ({"E": {"P": "${secret:aa}"}}, {}, [Change("/E", {"P": {"secret": "aa"}}, ABSENT)]),
    ],
)  # fmt: skip
def test_each_field_that_differs_is_one_change_at_its_pointer(golden, actual, expected):
    assert list(changes(doc(golden), doc(actual))) == expected


def test_elements_with_equal_content_are_the_same_whatever_they_are_called():
    golden = doc({"Policy": {"Statement": {"AllowS3": {"Effect": "Allow"}}}}, alignable=[("Policy", "Statement")])
    actual = doc({"Policy": {"Statement": {"x1f9": {"Effect": "Allow"}}}}, alignable=[("Policy", "Statement")])

    assert changes(golden, actual) == ()


def test_a_swap_of_names_hides_no_difference_of_content():
    golden = doc({"P": {"a": 1, "b": 2}}, alignable=[("P",)])
    actual = doc({"P": {"a": 2, "b": 3}}, alignable=[("P",)])

    assert [(one.golden, one.actual) for one in changes(golden, actual)] == [(1, ABSENT), (ABSENT, 3)]


def test_a_resource_that_golden_alone_has_is_missing_and_one_that_it_lacks_is_extra():
    findings = compare(*sides([doc({}, "api")], [doc({}, "old")]), TODAY)

    assert kinds(findings) == [("api", "missing"), ("old", "extra")]


def test_a_facet_that_could_not_be_read_is_unreadable_and_never_a_change():
    findings = compare(*sides([doc({"Policy": {"a": 1}})], [doc({}, unreadable={"Policy": "AccessDenied: no"})]), TODAY)

    assert [one.changes for one in findings] == [(Change("/Policy", unreadable="eu-west-1: AccessDenied: no"),)]


def test_where_the_configuration_itself_is_unknown_only_other_facets_are_compared():
    places = frozenset({"", "Tags"})
    golden = doc({"MemorySize": 512, "Tags": {"a": "1"}}, places=places)
    actual = doc({"Tags": {"a": "2"}}, unreadable={"": "AccessDenied: no"}, places=places)

    assert [change.path for one in compare(*sides([golden], [actual]), TODAY) for change in one.changes] == [
        "/Tags/a",
        "",
    ]


def test_what_is_known_to_differ_is_told_beside_what_is_unknown():
    golden, actual = doc({"MemorySize": 512}), doc({"MemorySize": 256}, unreadable={"Policy": "denied"})

    assert kinds(compare(*sides([golden], [actual]), TODAY)) == [("api", "changed"), ("api", "unreadable")]


def test_a_listing_that_failed_makes_goldens_resources_unreadable_not_missing():
    findings = compare(*sides([doc({})], [], actual_unread=[Unread(FUNCTION, "AccessDenied: no")]), TODAY)

    assert kinds(findings) == [("api", "unreadable")]


def test_a_listing_that_failed_in_golden_makes_nothing_extra():
    findings = compare(*sides([], [doc({})], golden_unread=[Unread(FUNCTION, "AccessDenied: no")]), TODAY)

    assert kinds(findings) == [("api", "unreadable")]


def test_a_listing_that_failed_where_nothing_is_known_is_still_told():
    findings = compare(*sides([], [], actual_unread=[Unread(FUNCTION, "AccessDenied: no")]), TODAY)

    assert kinds(findings) == [("*", "unreadable")]


def test_a_failed_listing_of_one_parents_children_leaves_the_other_parents_alone():
    unread = [Unread(FUNCTION, "throttled", "shop")]
    findings = compare(*sides([doc({}, "shop/a"), doc({}, "web/b")], [], actual_unread=unread), TODAY)

    assert kinds(findings) == [("shop/a", "unreadable"), ("web/b", "missing")]


def test_an_exception_takes_its_own_changes_and_leaves_the_others():
    excuse = DriftException(f"{FUNCTION}/api", "half-size canary", path="/MemorySize", region="eu-*")
    judgement = Judgement(exceptions=(excuse,), on="2026-11-24")
    golden, actual = doc({"MemorySize": 512, "Timeout": 3}), doc({"MemorySize": 256, "Timeout": 9})

    findings = compare(*sides([golden], [actual]), judgement)

    assert sorted((one.changes[0].path, one.exception is not None) for one in findings) == [
        ("/MemorySize", True),
        ("/Timeout", False),
    ]


def test_an_exception_counts_no_more_after_its_last_day():
    excuse = DriftException("*", "until the move", until="2026-11-23")
    judgement = Judgement(exceptions=(excuse,), on="2026-11-24")

    findings = compare(*sides([doc({"A": 1})], [doc({"A": 2})]), judgement)

    assert [one.exception for one in findings] == [None]


def test_the_id_is_the_same_while_the_difference_is_the_same():
    one = compare(*sides([doc({"A": 1, "B": 1})], [doc({"A": 2, "B": 1})]), TODAY)
    later = compare(*sides([doc({"A": 1, "B": 7})], [doc({"A": 2, "B": 7})]), TODAY)

    assert one[0].id == later[0].id


def test_the_id_does_not_depend_on_the_key_of_the_fingerprints():
    def differing(golden, actual):
        change = Change("/E/P", {"secret": golden}, {"secret": actual})
        return Finding("", "eu-west-1", FUNCTION, "api", "changed", "medium", (change,))

    assert finding_id(differing("aa", "bb")) == finding_id(differing("cc", "dd"))


def test_another_value_is_another_difference():
    one = compare(*sides([doc({"A": 1})], [doc({"A": 2})]), TODAY)
    other = compare(*sides([doc({"A": 1})], [doc({"A": 3})]), TODAY)

    assert one[0].id != other[0].id


def test_goldens_failed_listing_and_a_sites_are_two_findings():
    failed = [Unread(FUNCTION, "AccessDenied: no, RequestId 1")]
    findings = compare(*sides([], [], golden_unread=failed, actual_unread=failed), TODAY)

    assert len({one.id for one in findings}) == 2


def test_the_id_of_what_cannot_be_read_is_the_same_however_the_reason_is_worded():
    def unreadable(reason):
        return compare(*sides([doc({})], [], actual_unread=[Unread(FUNCTION, reason)]), TODAY)[0].id

    assert unreadable("AccessDenied: RequestId 1") == unreadable("AccessDenied: RequestId 2")


def test_one_that_only_a_region_has_or_lacks_is_no_difference_where_that_is_how_it_should_be():
    golden, actual = replace(doc({}, "a"), optional=True), replace(doc({}, "b"), optional=True)

    assert compare(*sides([golden], [actual]), TODAY) == ()


def test_what_a_region_does_not_offer_is_neither_missing_nor_unreadable():
    unread = [Unread(FUNCTION, "EndpointConnectionError: none", state=State.NOT_OFFERED)]

    assert compare(*sides([doc({})], [], actual_unread=unread), TODAY) == ()


def test_a_facet_that_a_region_does_not_offer_is_not_compared():
    golden, actual = doc({"Accelerate": "on"}), replace(doc({}), unoffered=frozenset({"Accelerate"}))

    assert compare(*sides([golden], [actual]), TODAY) == ()


def test_a_field_is_compared_as_the_settings_say():
    judgement = Judgement(on="2026-11-24", comparators={("AWS::Lambda::*", ("MemorySize",)): "at-least"})

    found = compare(
        *sides([doc({"MemorySize": 256, "Timeout": 3})], [doc({"MemorySize": 512, "Timeout": 2})]), judgement
    )

    assert [change.path for one in found for change in one.changes] == ["/Timeout"]


def test_settings_win_over_how_a_spec_compares():
    judgement = Judgement(on="2026-11-24", comparators={(FUNCTION, ("A",)): "equal"})
    golden, actual = (replace(doc({"A": number}), comparators={("A",): "informational"}) for number in (1, 2))

    assert kinds(compare(*sides([golden], [actual]), judgement)) == [("api", "changed")]


def test_a_secret_that_one_side_shows_and_the_other_hides_is_compared_by_its_fingerprint():
    told = {("E", "A"): "${secret:aa}", ("E", "B"): "${secret:bb}"}
    golden = replace(doc({"E": {"A": "INFO", "B": "x"}}), fingerprints=told)
    actual = replace(
        doc({"E": {"A": "${secret:aa}", "B": "${secret:cc}"}}), fingerprints={**told, ("E", "B"): "${secret:cc}"}
    )

    assert changes(golden, actual) == (Change("/E/B", "x", {"secret": "cc"}),)


def test_a_difference_between_ids_that_aws_would_not_tell_of_is_unknown():
    silent = Locale("eu-west-1", "euw1", "1", unresolved={"subnet-2": "unknown: AccessDenied: no"})
    golden, actual = sides([doc({"Subnet": "${subnet:a}"})], [doc({"Subnet": "subnet-2"})])

    found = compare(golden, replace(actual, locale=silent), TODAY)

    assert [(one.kind, one.changes[0].path) for one in found] == [("unreadable", "/Subnet")]


def test_an_id_that_leads_nowhere_is_said_to():
    dangling = Locale("eu-west-1", "euw1", "1", unresolved={"subnet-2": "there is no such subnet"})
    golden, actual = sides([doc({"Subnet": "${subnet:a}"})], [doc({"Subnet": "subnet-2"})])

    (found,) = compare(golden, replace(actual, locale=dangling), TODAY)

    assert (found.changes[0].classes, found.changes[0].notes) == (
        ("unresolved reference",),
        ("eu-west-1: subnet-2: there is no such subnet",),
    )


def test_a_list_without_order_is_shown_as_a_list_and_a_map_of_such_texts_as_a_map():
    golden = doc({"Methods": Members({"GET": "GET", "HEAD": "HEAD"}), "Tags": {"web": "web"}})

    assert changes(golden, doc({})) == (
        Change("/Methods", ["GET", "HEAD"], ABSENT),
        Change("/Tags", {"web": "web"}, ABSENT),
    )
