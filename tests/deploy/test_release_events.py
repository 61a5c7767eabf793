"""A release is deployed once: when it is published as a full one, or when a pre-release becomes one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.push_stage import stage

A, B = ("a" * 40, "b" * 40)
DATED = pytest.mark.parametrize("dated", [True, False])


@pytest.fixture(scope="module")
def on():
    with stage() as made:
        yield made


@pytest.fixture
def town(on):
    return on.begin()


def published(town, commit, **more):
    """What GitHub sends when a release is published."""
    town.release(commit)
    return replace(town.deliveries.pop(), **more)


def after(push, rank, **more):
    """What GitHub sends of a release a while after it was published."""
    return replace(push, rank=rank, action="released", published=push.published or push.at, **more)


def deployed(town, *pushes):
    """The commits that were deployed once these webhooks have been heard, by region; all alike are one text."""
    for push in pushes:
        town.deliver(push)
        town.settle()
    runs = {"".join(one.metadata["commit"][0] for one in place.deployed()) for place in town.places.values()}
    return runs.pop() if len(runs) == 1 else runs


@DATED
@pytest.mark.parametrize("order", [1, -1])
def test_the_two_events_of_a_full_release_deploy_it_once(town, dated, order):
    first = published(town, A, dated=dated)

    assert deployed(town, *[first, after(first, 90)][::order]) == "a"


@DATED
def test_the_second_event_of_a_release_does_not_bring_it_back_over_the_next_one(town, dated):
    first = published(town, A, dated=dated)
    twin, second = after(first, 90), published(town, B, dated=dated)

    assert deployed(town, first, twin, second, after(second, 91), twin, first) == "ab"


@DATED
def test_a_prerelease_is_deployed_when_it_becomes_a_full_one_whatever_was_published_meanwhile(town, dated):
    early = published(town, A, prerelease=True, dated=dated)
    full = published(town, B, dated=dated)
    promoted = after(early, 90, prerelease=False, at=int(town.now) + 60)

    assert deployed(town, early, full, after(full, 91), promoted) == "ba"


def test_a_prerelease_and_the_event_of_its_own_deploy_nothing(town):
    early = published(town, A, prerelease=True)

    assert deployed(town, early, replace(early, rank=90, action="prereleased")) == ""
