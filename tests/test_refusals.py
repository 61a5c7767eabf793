"""What depends on a read that is refused is unknown, is planned nowhere, and all else is as it was."""

import pytest

from bench.refusals import FAMILIES, SIDES, operations, undisturbed, wrong_where


@pytest.mark.parametrize("family", FAMILIES)
def test_each_read_refused_makes_unknown_what_depends_on_it_and_nothing_else(family, clean_environment):
    # All sides of each are tried by `python -m bench.refusals`; here they take turns.
    sides = [*SIDES, *SIDES]
    own = [called for called, first in operations() if first == family]

    wrong = {called: list(wrong_where(called, family, sides[n % 3])) for n, called in enumerate(own)}

    assert {called: lines for called, lines in wrong.items() if lines} == {}


def test_what_nothing_is_refused_of_is_read_whole_and_planned(clean_environment):
    came = [undisturbed(family) for family in FAMILIES]

    assert [one.exit for one in came] == [2, 2, 2]
    assert all(one.calls for one in came)
