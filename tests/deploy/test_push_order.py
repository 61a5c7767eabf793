"""Which of two pushes is the newer one, by what GitHub says; and what it is asked where that does not tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.deploy.functions.push_order import is_newer, is_same
from auditor.deploy.functions.webhook import Ship

A, B, C = ("a" * 40, "b" * 40, "c" * 40)
MAIN = "refs/heads/main"


def push(before, after, at, heard=0, ref=MAIN):
    return Ship("acme/shop", after, ref, "shop", f"{before}{after}{at}", "", before, after, at, heard)


def release(commit, at, heard=0):
    return Ship("acme/shop", commit, "refs/tags/v1", "shop", f"release {commit}{at}", "", "", "", at, heard)


def never():
    raise AssertionError("GitHub need not be asked")


@pytest.mark.parametrize(
    ("ship", "last", "newer"),
    [
        (push(A, B, 2), push(C, A, 1), True),
        (push(C, A, 1), push(A, B, 2), False),
        (push(A, B, 1, heard=1), push(C, A, 1, heard=2), True),
        (push(C, A, 1, heard=2), push(A, B, 1, heard=1), False),
        # With others between them, or on other refs, the time tells.
        (push("d" * 40, C, 3), push(A, B, 1), True),
        (release(A, 3), push(A, B, 2), True),
        (push(A, B, 2), release(A, 3), False),
        # There and back, but not within a second.
        (push(B, A, 2), push(A, B, 1), True),
        (push(A, B, 1), push(B, A, 2), False),
        # Of two refs within a second, and of a promotion, GitHub tells no time.
        (release(C, 1, heard=5), push(A, B, 1, heard=4), True),
        (release(C, 0, heard=5), push(A, B, 9, heard=4), True),
        (release(C, 0, heard=3), push(A, B, 1, heard=4), False),
    ],
)
def test_what_github_says_tells_which_is_newer(ship, last, newer):
    assert is_newer(ship, last, never) is newer


@pytest.mark.parametrize(("now", "newer"), [(A, True), (B, False), (C, True), ("", True)])
def test_there_and_back_within_a_second_the_ref_tells_and_then_the_hearing(now, newer):
    assert is_newer(push(B, A, 1, heard=2), push(A, B, 1, heard=1), lambda: now) is newer


def test_a_push_that_begins_where_a_newer_one_ended_is_asked_for():
    # The ref was at B twice: from there to C long ago, and again by now.
    assert is_newer(push(B, C, 1), push(A, B, 9), lambda: B) is False


def test_a_clock_of_githubs_that_went_back_is_outvoted_by_what_the_ref_is():
    assert is_newer(push(A, B, 4), push(C, A, 5), lambda: B) is True


def test_a_second_webhook_of_the_repository_sends_the_same_push():
    assert is_same(replace(push(A, B, 1), delivery="another"), push(A, B, 1))


def test_the_same_way_at_another_time_is_another_push():
    assert not is_same(push(A, B, 3), push(A, B, 1))
