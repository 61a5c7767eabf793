"""JSON Pointers there and back, and which of two is inside the other."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from auditor.model.pointer import is_within, overlap, pointer, segments


@given(st.lists(st.text(), min_size=1).map(tuple))
def test_a_place_comes_back_from_its_pointer(place):
    assert segments(pointer(place)) == place


def test_what_a_pointer_is_made_of_is_escaped_as_rfc_6901_says():
    assert pointer(["a/b", "m~n"]) == "/a~1b/m~0n"


@pytest.mark.parametrize(("path", "within"), [("/Tags", True), ("/Tags/team", True), ("/TagSet", False), ("", False)])
def test_a_place_is_within_itself_and_what_holds_it(path, within):
    assert is_within(path, "/Tags") == within


@pytest.mark.parametrize(("one", "other", "told"), [("/A", "/A/B", True), ("/A/B", "/A", True), ("/A", "/AB", False)])
def test_two_places_overlap_where_one_is_within_the_other(one, other, told):
    assert overlap(one, other) == told
