"""Which resources take part."""

from __future__ import annotations

import pytest

from auditor.canonical.document import Document
from auditor.compare.selection import Selector, selected, types_matching, with_parents
from auditor.errors import SettingsError
from auditor.specs.spec import Call, Listing, ResourceSpec

BUCKET, FUNCTION = "AWS::S3::Bucket", "AWS::Lambda::Function"


def doc(type_, name, tags=None, native="", unreadable=None):
    fields = {} if tags is None else {"Tags": tags}
    return Document(type_, name, native or name, fields, unreadable or {})


def chosen(documents, include=(), exclude=(), golden=()):
    keyed = {(one.type, one.name): one for one in documents}
    decides = {(one.type, one.name): one for one in golden}
    return [name for _, name in selected(keyed, include, exclude, decides)]


@pytest.mark.parametrize(
    ("globs", "expected"),
    [
        (["AWS::S3::*"], [BUCKET]),
        (["AWS::*"], [BUCKET, FUNCTION]),
        (["AWS::Lambda::Function"], [FUNCTION]),
        (["AWS::S3::*", "AWS::*::Bucket"], [BUCKET]),
        ([], []),
    ],
)
def test_a_type_takes_part_if_any_glob_matches(globs, expected):
    assert list(types_matching(globs, {BUCKET: 1, FUNCTION: 2})) == expected


@pytest.mark.parametrize("glob", ["aws::s3::*", "AWS::EC2::*", ""])
def test_a_glob_that_matches_no_type_is_refused_with_those_that_are_known(glob):
    with pytest.raises(SettingsError) as caught:
        types_matching(["AWS::S3::*", glob], {BUCKET: 1, FUNCTION: 2})

    assert str(caught.value) == (
        f"types: '{glob}' matches no resource type. Nothing was read. Known: AWS::Lambda::Function, AWS::S3::Bucket."
    )


def test_a_child_is_looked_for_together_with_what_holds_it():
    child = ResourceSpec("AWS::Lambda::Alias", "lambda", Listing(Call("ListAliases")), (), parent=FUNCTION)
    holder = ResourceSpec(FUNCTION, "lambda", Listing(Call("ListFunctions")), ())

    assert with_parents({child.type: child}, {child.type: child, FUNCTION: holder}) == {
        child.type: child,
        FUNCTION: holder,
    }


def test_without_an_include_everything_takes_part():
    assert chosen([doc(BUCKET, "a"), doc(FUNCTION, "b")]) == ["a", "b"]


def test_with_includes_only_what_matches_one_of_them_takes_part():
    documents = [doc(BUCKET, "shop-a"), doc(BUCKET, "web-b"), doc(FUNCTION, "c")]

    assert chosen(documents, [Selector(name="shop-*"), Selector(type=FUNCTION)]) == ["shop-a", "c"]


def test_an_exclude_wins_over_an_include():
    documents = [doc(BUCKET, "shop-a"), doc(BUCKET, "shop-logs-b")]

    assert chosen(documents, [Selector(name="shop-*")], [Selector(name="*-logs-*")]) == ["shop-a"]


def test_a_selector_must_match_in_everything_that_it_mentions():
    documents = [doc(BUCKET, "a-logs"), doc(FUNCTION, "a-logs")]

    assert chosen(documents, [], [Selector(type=BUCKET, name="*-logs")]) == ["a-logs"]


@pytest.mark.parametrize("glob", ["assets-${region}", "assets-eu-west-1", "assets-*"])
def test_a_name_is_matched_as_it_is_in_the_site_and_as_it_is_everywhere(glob):
    document = doc(BUCKET, "assets-${region}", native="assets-eu-west-1")

    assert chosen([document], [Selector(name=glob)]) == ["assets-${region}"]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"service": "checkout"}, ["a"]),
        ({"service": "*"}, ["a", "b"]),
        ({"service": "checkout", "stage": "prod"}, []),
        ({}, ["a", "b", "c"]),
    ],
)
def test_tags_are_matched_by_key_and_glob(wanted, expected):
    documents = [
        doc(FUNCTION, "a", {"service": "checkout"}),
        doc(FUNCTION, "b", {"service": "web"}),
        doc(FUNCTION, "c"),
    ]

    assert chosen(documents, [Selector(tags=wanted)]) == expected


def test_where_golden_has_the_resource_its_tags_decide_and_a_tag_that_drifted_hides_nothing():
    golden, actual = doc(FUNCTION, "a", {"service": "checkout"}), doc(FUNCTION, "a", {})

    assert chosen([actual], [Selector(tags={"service": "checkout"})], golden=[golden]) == ["a"]


def test_a_tag_that_was_added_elsewhere_excludes_nothing_that_golden_has():
    golden, actual = doc(FUNCTION, "a", {}), doc(FUNCTION, "a", {"audit": "no"})

    assert chosen([actual], exclude=[Selector(tags={"audit": "no"})], golden=[golden]) == ["a"]


def test_a_resource_that_golden_lacks_is_judged_by_itself():
    assert chosen([doc(FUNCTION, "a", {"audit": "no"})], exclude=[Selector(tags={"audit": "no"})]) == []


def test_a_resource_whose_tags_are_unknown_takes_part_where_tags_are_asked_for():
    document = doc(FUNCTION, "a", unreadable={"Tags": "AccessDenied: no"})

    assert chosen([document], [Selector(tags={"service": "checkout"})]) == ["a"]


def test_a_resource_whose_tags_are_unknown_is_not_excluded_by_tags():
    document = doc(FUNCTION, "a", unreadable={"Tags": "AccessDenied: no"})

    assert chosen([document], exclude=[Selector(tags={"audit": "no"})]) == ["a"]


def test_a_resource_whose_tags_are_unknown_is_still_excluded_by_name():
    document = doc(FUNCTION, "a", unreadable={"Tags": "AccessDenied: no"})

    assert chosen([document], exclude=[Selector(name="a")]) == []
