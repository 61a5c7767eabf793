"""A run that is killed, or not answered, where that is hardest to tell from what was done; `make killed` tries all."""

from __future__ import annotations

import os
from functools import partial

import pytest

from bench import killed, killed_shipping
from bench.between import Write
from bench.killed import Point, disturbed, in_turn, repeated, undisturbed
from bench.shop import PLATFORMS, ShopWorld
from bench.world_killed import Accounts, World

MAPPING = "lambda POST /2015-03-31/event-source-mappings"
ENABLE = "lambda PUT /2015-03-31/event-source-mappings/*"


@pytest.fixture
def accounts(sandbox, clean_environment, tmp_path):
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return Accounts(sandbox.environment(), tmp_path, (worker + 1) * 10**11, World)


def test_a_run_that_is_killed_or_not_answered_ends_as_one_that_nothing_disturbed(accounts):
    model = undisturbed(accounts.world(0))
    seen = {one: next(seen for seen in model.seen if one in seen[0]) for one in (MAPPING, ENABLE)}
    points = [
        Point("before", (seen[ENABLE],)),
        Point("answered", (seen[MAPPING],), Point("after", (seen[ENABLE],))),
        Point("lost", model.seen),
    ]

    came = in_turn(accounts, points, partial(disturbed, model=model))

    assert [(one.disturbed, one.wrong, one.repeated) for one in came] == [
        (1, (), ()),
        (2, (), ()),
        (len(model.writes), (), ()),
    ]


def test_what_was_made_twice_is_told():
    made = Write("eu-west-1 lambda POST /functions api", makes=True, status=201)

    assert list(repeated([made, made])) == ["made 2 times: eu-west-1 lambda POST /functions api"]


@pytest.mark.parametrize(("makes", "status"), [(False, 200), (True, 409), (True, 0)])
def test_what_is_written_twice_or_refused_the_second_time_was_made_once(makes, status):
    made = Write("eu-west-1 lambda POST /functions api", makes=True, status=201)
    again = Write("eu-west-1 lambda POST /functions api", makes=makes, status=status)

    assert list(repeated([made, again])) == []


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_shipment_that_is_killed_or_not_answered_ends_as_one_that_nothing_disturbed(
    sandbox, clean_environment, tmp_path, platform
):
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = (worker + 1) * 10**11 + 1000 * (1 + PLATFORMS.index(platform))
    accounts = Accounts(sandbox.environment(), tmp_path, first, partial(ShopWorld, platform=platform))
    model = killed_shipping.undisturbed(accounts.world(0))
    last = killed.seen_of(model.writes)[-1]
    chosen = [Point(moment, (last,)) for moment in ("before", "after", "lost")]

    came = in_turn(accounts, chosen, partial(killed_shipping.disturbed, model=model))

    assert came == [killed.Result(1), killed.Result(1), killed.Result(1)]
