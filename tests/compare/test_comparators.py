"""When two values count as alike although they are not equal."""

from __future__ import annotations

import pytest

from auditor.compare.comparators import alike, is_comparator, settled
from auditor.model.values import ABSENT


@pytest.mark.parametrize(
    ("how", "golden", "actual"),
    [
        ("equal", 1, 1),
        ("count", ["a", "b"], ["c", "d"]),
        ("count", {"a": 1}, {"b": 2}),
        ("count", ABSENT, []),
        ("all-or-none", "x", "y"),
        ("all-or-none", ABSENT, ""),
        ("at-least", 10, 10),
        ("at-least", 10, 11),
        ("within 10%", 100, 110),
        ("within 10%", 100, 90),
        ("within 2.5%", 1000, 1025),
        ("informational", 1, ABSENT),
    ],
)
def test_these_are_alike(how, golden, actual):
    assert alike(how, golden, actual)


@pytest.mark.parametrize(
    ("how", "golden", "actual"),
    [
        ("equal", 1, 2),
        ("count", ["a"], ["a", "b"]),
        ("count", ["a"], ABSENT),
        ("all-or-none", "x", ABSENT),
        ("at-least", 10, 9),
        ("at-least", 10, ABSENT),
        ("at-least", 10, "11"),
        ("at-least", True, 2),
        ("within 10%", 100, 111),
        ("within 10%", 100, ABSENT),
    ],
)
def test_these_are_not(how, golden, actual):
    assert not alike(how, golden, actual)


@pytest.mark.parametrize(
    ("name", "known"), [("count", True), ("within 5%", True), ("within N%", True), ("nearly", False), ("", False)]
)
def test_a_comparator_is_known_by_its_name(name, known):
    assert is_comparator(name) is known


@pytest.mark.parametrize(
    ("path", "how", "golden", "actual", "left"),
    [
        (("A",), "count", {"A": [1], "B": 1}, {"A": [2], "B": 2}, {"A": [1], "B": 2}),
        (("A",), "count", {"A": [1]}, {"A": [1, 2]}, {"A": [1, 2]}),
        (("A",), "informational", {"A": 1}, {}, {"A": 1}),
        (("A",), "informational", {}, {"A": 1}, {}),
        (("A", "B"), "informational", {"A": {"B": 1}}, {}, {}),
        (("A", "*", "B"), "at-least", {"A": {"x": {"B": 1}}}, {"A": {"x": {"B": 5}, "y": {"B": 0}}},
         {"A": {"x": {"B": 1}, "y": {"B": 0}}}),
        (("A", "[]", "B"), "at-least", {"A": [{"B": 1}]}, {"A": [{"B": 2}, {"B": 3}]}, {"A": [{"B": 1}, {"B": 3}]}),
        (("A",), "count", "text", {"A": [1]}, {"A": [1]}),
    ],
)  # fmt: skip
def test_what_is_alike_leaves_no_difference_and_the_rest_is_as_it_was(path, how, golden, actual, left):
    assert settled(golden, actual, path, how) == left


def test_what_is_absent_is_neither_true_nor_false():
    with pytest.raises(TypeError, match="'is ABSENT'"):
        bool(ABSENT)
