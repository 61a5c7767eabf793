"""The newest push wins: the real listener and trigger, on an AWS in memory and a GitHub on this machine."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from bench.push_stage import stage
from bench.push_world import REGIONS
from bench.pushes import story

A, B, C = ("a" * 40, "b" * 40, "c" * 40)
FIRST = REGIONS[0]


@pytest.fixture(scope="module")
def on():
    with stage() as made:
        yield made


@pytest.fixture
def town(on):
    return on.begin()


def heard(town):
    """What was pushed last is heard, and becomes the listener's work."""
    town.deliver(town.deliveries.pop())
    return town.works.pop()


def pushed(town, commit, **more):
    town.push(commit, **more)
    return heard(town)


def shipped(town, commit, **more):
    town.work(pushed(town, commit, **more))


def deployed(town):
    """Every message is received until none is left."""
    town.settle()
    return ran(town)


def ran(town):
    """The commits that were deployed, by region; all regions alike are one list."""
    runs = [[one.metadata["commit"][0] for one in place.deployed()] for place in town.places.values()]
    return "".join(runs[0]) if all(one == runs[0] for one in runs) else runs


@given(st.randoms(use_true_random=False))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_whatever_happens_every_region_ends_with_the_newest_and_never_goes_back(on, chance):
    assert story(on.begin(), chance) == []


def test_a_push_that_waits_longer_than_the_next_one_is_not_deployed_over_it(town):
    shipped(town, A)
    shipped(town, B)
    for place in town.places.values():
        town.receive(place, place.messages[1:])
        town.end(place)

    assert deployed(town) == "b"


def test_a_push_that_is_tried_again_after_the_next_one_is_not_uploaded(town):
    failing = pushed(town, A)
    town.github.down = True
    town.work(failing)
    town.github.down = False
    shipped(town, B)

    town.work(town.works.pop())

    assert (deployed(town), [f"shop/{A}.zip" in place.objects for place in town.places.values()]) == ("b", [False] * 3)


def test_a_push_whose_webhook_comes_after_that_of_the_next_one_is_not_deployed(town):
    town.push(A)
    late = town.deliveries.pop()
    shipped(town, B)
    town.deliver(late)

    assert deployed(town) == "b"


@pytest.mark.parametrize("reordered", [False, True])
def test_two_pushes_of_one_second_are_told_apart_by_what_they_found(town, reordered):
    town.push(A)
    town.push(B, wait=0.0)
    for push in town.deliveries[:: -1 if reordered else 1]:
        town.deliver(push)
    town.deliveries.clear()

    assert deployed(town)[-1] == "b"


@pytest.mark.parametrize("versioned", [True, False])
def test_a_commit_that_a_ref_goes_back_to_is_deployed_again(town, versioned):
    for place in town.places.values():
        place.versioned = versioned
    for commit in (A, B, A):
        shipped(town, commit)
        town.settle()

    assert ran(town) == "aba"


def test_there_and_back_within_a_second_github_says_what_the_ref_is(town):
    shipped(town, A)
    town.push(B)
    town.push(A, wait=0.0)
    for push in reversed(town.deliveries):
        town.deliver(push)
    town.deliveries.clear()

    assert deployed(town)[-1] == "a"


def test_a_commit_that_was_deployed_before_is_put_back_where_one_region_has_missed_the_push_between(town):
    shipped(town, A)
    town.settle()
    town.work(pushed(town, B), {9: "die"})
    town.works.clear()
    shipped(town, A)

    assert {runs[-1] for runs in deployed(town)} == {"a"}


def test_a_delivery_that_comes_again_changes_nothing(town):
    for commit in (A, B, A):
        shipped(town, commit)
        town.settle()
    before = [dict(place.objects) for place in town.places.values()]

    for push in town.github.pushes:
        town.deliver(push)

    assert (deployed(town), [dict(place.objects) for place in town.places.values()]) == ("aba", before)


def test_a_release_of_what_runs_deploys_nothing_and_of_another_commit_does(town):
    shipped(town, A)
    town.release(A)
    town.work(heard(town))
    first = deployed(town)
    shipped(town, B)
    town.settle()
    town.release(A)
    town.work(heard(town))

    assert (first, deployed(town)) == ("a", "aba")


def test_a_push_before_a_release_is_not_deployed_after_it(town):
    shipped(town, A)
    town.push(B)
    late = town.deliveries.pop()
    town.release(A)
    town.work(heard(town))
    town.deliver(late)

    assert deployed(town) == "a"


def test_the_same_commit_with_other_bytes_is_told_and_is_no_failure(town, on):
    town.github.exported = True
    failing = pushed(town, A)
    town.work(failing, {7: "refuse"})
    town.github.refs["refs/tags/v1"] = A

    town.work(town.works.pop())

    assert (town.counts["works that failed"], deployed(town)) == (1, "a")


def test_a_commit_whose_bytes_are_others_by_now_is_deployed_again(town):
    town.github.exported = True
    shipped(town, A)
    shipped(town, B)
    town.github.refs["refs/tags/v1"] = A
    shipped(town, A)

    assert (town.counts["works that failed"], deployed(town)[-1]) == (0, "a")


def test_a_newer_push_that_was_faster_between_look_and_start_is_put_back(town):
    shipped(town, A)
    shipped(town, B)
    place = town.places[FIRST]
    older, newer = place.messages

    def meanwhile():
        town.receive(place, [newer])
        town.end(place)

    # Two calls look at the object and list the deployments; the next one starts.
    town.receive(place, [older], {3: meanwhile})
    town.settle()

    assert [one.metadata["commit"][0] for one in place.deployed()] == ["b", "a", "b"]


@pytest.mark.parametrize("call", range(1, 15))
def test_at_whatever_call_a_newer_push_comes_between_it_stays_the_newest(town, call):
    older = pushed(town, A)
    newer = pushed(town, B)

    town.work(older, {call: lambda: town.work(newer)})

    kept = [json.loads(one.objects["shop/newest-push.json"][-1].body)["push"]["sha"] for one in town.places.values()]
    assert ({runs[-1] for runs in deployed(town)}, kept) == ({"b"}, [B] * 3)


def test_what_an_earlier_version_heard_is_shipped_but_over_nothing_newer(town):
    shipped(town, B)
    old = pushed(town, A)
    names = ("repository", "sha", "ref", "application", "delivery")
    old.payload = {"ship": {name: old.payload["ship"][name] for name in names}}
    town.github.refs["refs/heads/main"] = B
    town.work(old)

    assert deployed(town) == "b"


def forget(town):
    """Leave what an earlier version of the listener left: objects without an order."""
    for place in town.places.values():
        del place.objects["shop/newest-push.json"]
        for one in (one for many in place.objects.values() for one in many):
            one.metadata = {name: value for name, value in one.metadata.items() if name != "push-order"}


def test_what_an_earlier_version_uploaded_is_deployed_again(town):
    shipped(town, A)
    shipped(town, B)
    town.settle()
    forget(town)
    shipped(town, A)

    assert deployed(town) == "aba"


def test_a_redelivery_of_what_an_earlier_version_uploaded_changes_nothing(town):
    shipped(town, A)
    shipped(town, B)
    town.settle()
    forget(town)
    for push in town.github.pushes:
        town.deliver(push)
        town.settle()

    assert ran(town) == "ab"


def test_what_is_no_newest_push_any_more_is_never_written_over(town):
    shipped(town, A)
    town.places[FIRST].objects["shop/newest-push.json"][-1].body = b"{}"
    failing = pushed(town, B)
    for _ in range(3):
        town.work(failing)

    assert (town.places[FIRST].objects["shop/newest-push.json"][-1].body, bool(town.lost)) == (b"{}", True)
