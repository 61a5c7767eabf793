"""Which literals a text holds: those that a search for each of them finds, as fast for many as for few."""

from __future__ import annotations

import re
from timeit import timeit

from hypothesis import given, strategies as st

from auditor.canonical.literals import held_in, masked

PARTS = st.sampled_from(["a", "ab", "b1", "-", ".", "/", ":", " ", "é", "subnet"])
TEXTS = st.lists(PARTS, min_size=1, max_size=6).map("".join)
# Beside what begins or ends with a sign, another literal would stand alone only after the first was replaced.
NAMES = TEXTS.filter(lambda text: re.fullmatch(r"[A-Za-z0-9](.*[A-Za-z0-9])?", text, re.DOTALL))


@given(st.lists(TEXTS, max_size=3), st.lists(TEXTS, max_size=6))
def test_what_is_held_is_what_a_search_for_each_finds(words, literals):
    plain = {
        one
        for one in literals
        if any(re.search(rf"(?<![A-Za-z0-9]){re.escape(one)}(?![A-Za-z0-9])", word) for word in words)
    }

    assert held_in(words, literals) == plain


@given(TEXTS, st.lists(NAMES, max_size=6))
def test_the_longest_is_replaced_first(word, literals):
    plain = word
    for one in sorted(set(literals), key=lambda one: (-len(one), one)):
        plain = re.sub(rf"(?<![A-Za-z0-9]){re.escape(one)}(?![A-Za-z0-9])", "\0", plain)

    assert masked(word, literals) == plain


def test_a_thousand_times_as_many_literals_take_no_longer():
    words = [f"arn:aws:sns:us-east-1:123456789012:topic-{number}" for number in range(50)]
    few, many = ([f"subnet-{number:08x}" for number in range(count)] for count in (100, 100_000))
    held_in(words, few), held_in(words, many)

    assert timeit(lambda: held_in(words, many), number=20) < 20 * timeit(lambda: held_in(words, few), number=20)
