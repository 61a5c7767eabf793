"""Which words are marked, and that hostile values cost no time."""

from __future__ import annotations

import time

import pytest

from auditor.report.page.worddiff import Budget, Piece, pieces, word_diff


def marked(stretches):
    return [text for differs, text in stretches if differs]


def joined(stretches):
    return "".join(text for _, text in stretches)


@pytest.mark.parametrize(
    ("golden", "actual", "left", "right"),
    [
        ("keep this for 30 days please", "keep this for 7 days please", ["30"], ["7"]),
        ("one two three four five", "one two four five", ["three "], []),
        ("arn:aws:s3:::shop-${region}/*", "arn:aws:s3:::shop-${account}/*", ["${region}"], ["${account}"]),
        ("one two a four five b seven", "one two c four five d seven", ["a", "b"], ["c", "d"]),
        ("nothing in common here", "something quite else ,,,", [], []),
        ("", "", [], []),
    ],
)
def test_the_words_that_differ_are_marked(golden, actual, left, right):
    sides = word_diff(golden, actual)

    assert (marked(sides[0]), marked(sides[1])) == (left, right)


@pytest.mark.parametrize(
    ("golden", "actual"),
    [
        ("a b c d e f", "a x c d y f g"),
        ("a a a a a", "a a a"),
        ("same", "same"),
        ("x " * 3000 + "end", "begin " + "x y " * 1500),
    ],
)
def test_the_stretches_are_the_texts_again(golden, actual):
    sides = word_diff(golden, actual)

    assert (joined(sides[0]), joined(sides[1])) == (golden, actual)


@pytest.mark.parametrize(
    ("golden", "actual"),
    [
        ("a b " * 25_000, "b a " * 25_000),
        ("x " * 50_000, "x " * 49_999 + "y "),
        (".," * 50_000, ",." * 50_000),
        ("a " * 90 + "q", "b a " * 45 + "r"),
    ],
)
def test_a_hundred_kilobytes_take_no_time_to_speak_of(golden, actual):
    start = time.perf_counter()

    word_diff(golden, actual)

    assert time.perf_counter() - start < 5


def test_what_is_too_long_to_compare_is_marked_between_the_common_beginning_and_end():
    middle = " ".join(f"w{number}" for number in range(500))
    sides = word_diff(f"{'same ' * 900}{middle} end", f"{'same ' * 900}other end")

    assert (marked(sides[0]), marked(sides[1])) == ([middle], ["other"])


def test_symbols_and_what_cannot_be_seen_are_pieces_of_their_own():
    assert pieces([(False, "a-${region}"), (True, "\u202eb\x1b\x07")]) == (
        Piece("a-"),
        Piece("${region}", role="symbol", symbol="region"),
        Piece("\\u202e", differs=True, role="escape"),
        Piece("b", differs=True),
        Piece("\\x1b\\x07", differs=True, role="escape"),
    )


def test_an_escaped_symbol_is_none():
    assert pieces([(False, "$${region}")]) == (Piece("$${", role="literal"), Piece("region}"))


def test_line_breaks_stay_in_a_block():
    assert pieces([(False, "a\nb")], keep="\n") == (Piece("a\nb"),)


def test_a_value_full_of_marks_comes_out_as_one_piece():
    assert pieces([(False, "a\u202e" * 500)]) == (Piece("a\\u202e" * 500),)


def test_a_budget_grants_what_is_left_of_it():
    budget = Budget(10)

    assert [budget.grants(steps) for steps in (6, 5, 4, 1)] == [True, False, True, False]


def test_over_the_budget_a_text_is_marked_from_the_first_difference_to_the_last():
    golden, actual = "one two a four five b seven", "one two c four five d seven"
    budget = Budget(49)
    sides = [word_diff(golden, actual, budget)[0] for _ in range(2)]

    assert [marked(side) for side in sides] == [["a", "b"], ["a four five b"]]


def test_a_version_within_a_text_is_said_in_words_and_stays_a_symbol():
    assert pieces([(True, "f:${version:rq1azPS+oe8I/86f1fbd8}")]) == (
        Piece("f:", differs=True),
        Piece("code rq1azPS+ · settings 86f1fbd8", True, "symbol", "version:rq1azPS+oe8I/86f1fbd8"),
    )
