"""How far a run came is told from its entries: what was done, what was called, and what nobody knows."""

from __future__ import annotations

import pytest

from auditor.runs.state import run_state

SITE = "eu-west-1"


def entry(event, action="a1", **fields):
    return {"event": event, "action": action, "site": SITE, **fields}


def calling(call=0, action="a1"):
    return entry("calling", action, call=call, operation="PutBucketCors")


def called(call=0, action="a1", **tells):
    return entry("called", action, call=call, tells=tells)


def refused(call=0):
    return entry("refused", call=call, error="AccessDenied")


def lost(call=0, action="a1"):
    return entry("lost", action, call=call, error="no answer came")


def settled(done, call=0):
    return entry("settled", call=call, done=done)


def test_of_no_entries_nothing_is_told():
    state = run_state([])

    assert (state.done, state.failed, state.called, state.open, state.tells) == (
        frozenset(), {}, {}, {}, {},
    )  # fmt: skip


def test_events_of_the_run_as_a_whole_say_nothing_of_an_action():
    assert run_state([{"event": "run", "n": 0}, {"event": "end", "outcome": "done"}]) == run_state([])


def test_an_action_is_done_when_reading_has_verified_it():
    assert run_state([calling(), called(), entry("done")]).done == {"a1"}


def test_an_action_is_not_done_because_all_of_its_calls_were_made():
    assert run_state([calling(), called()]).done == frozenset()


def test_an_action_that_failed_is_told_with_its_error():
    assert run_state([entry("failed", error="AccessDenied")]).failed == {"a1": "AccessDenied"}


def test_an_action_that_was_done_at_last_did_not_fail():
    assert run_state([entry("failed", error="AccessDenied"), entry("done")]).failed == {}


def test_an_action_that_failed_after_all_is_not_done():
    assert run_state([entry("done"), entry("failed", error="differs")]).done == frozenset()


def test_an_action_that_failed_and_was_skipped_later_has_failed():
    entries = [entry("failed", error="AccessDenied"), entry("skipped", because="a0 failed")]

    assert run_state(entries).failed == {"a1": "AccessDenied"}


def test_an_action_that_was_skipped_is_neither_done_nor_failed():
    assert run_state([entry("skipped", because="a0 failed")]) == run_state([])


@pytest.mark.parametrize("fate", [called(), settled(done=True)])
def test_a_call_counts_as_made_when_it_was_answered_or_reading_told_so(fate):
    assert run_state([calling(), fate]).called == {"a1": 1}


@pytest.mark.parametrize("fate", [refused(), lost(), settled(done=False)])
def test_a_call_that_was_refused_or_lost_or_found_not_made_does_not_count(fate):
    assert run_state([calling(), fate]).called == {}


def test_calls_are_counted_by_action():
    entries = [calling(0), called(0), calling(1), called(1), calling(0, "a2"), called(0, "a2")]

    assert run_state(entries).called == {"a1": 2, "a2": 1}


def test_calls_are_counted_in_order_up_to_the_first_that_was_not_made():
    assert run_state([called(0), refused(1), called(2)]).called == {"a1": 1}


def test_a_call_that_was_found_not_made_counts_no_more():
    assert run_state([calling(), called(), settled(done=False)]).called == {}


def test_a_call_that_was_made_at_the_second_try_counts_once():
    assert run_state([calling(), lost(), settled(done=False), calling(), called()]).called == {"a1": 1}


def test_a_call_without_a_later_word_is_of_unknown_fate():
    assert run_state([calling(0), called(0), calling(1)]).open == {"a1": 1}


def test_a_call_that_was_lost_is_of_unknown_fate():
    assert run_state([calling(), lost()]).open == {"a1": 0}


@pytest.mark.parametrize("fate", [called(), refused(), settled(done=True), settled(done=False)])
def test_a_call_is_not_open_once_its_fate_is_told(fate):
    assert run_state([calling(), lost(), fate]).open == {}


def test_a_word_on_one_call_says_nothing_of_another():
    assert run_state([calling(0), calling(0, "a2"), called(0, "a2")]).open == {"a1": 0}


def test_a_call_that_is_made_again_is_open_again():
    assert run_state([calling(), refused(), calling()]).open == {"a1": 0}


def test_of_several_open_calls_the_first_is_told():
    assert run_state([calling(1), calling(0)]).open == {"a1": 0}


def test_what_symbols_mean_is_told_by_site():
    there = {**called(0, "a2", uuid="u-2"), "site": "prod/eu-west-1"}

    assert run_state([called(uuid="u-1"), there]).tells == {SITE: {"uuid": "u-1"}, "prod/eu-west-1": {"uuid": "u-2"}}


def test_what_symbols_mean_is_gathered_over_the_calls_of_a_site():
    assert run_state([called(0, uuid="u-1"), called(1, version="7")]).tells == {SITE: {"uuid": "u-1", "version": "7"}}


def test_a_symbol_means_what_the_last_call_told():
    assert run_state([called(0, version="7"), called(1, version="8")]).tells == {SITE: {"version": "8"}}


def test_what_reading_told_of_a_call_that_was_made_is_what_symbols_mean():
    entries = [calling(), lost(), {**settled(done=True), "tells": {"uuid": "u-1"}}]

    assert run_state(entries).tells == {SITE: {"uuid": "u-1"}}


def test_what_reading_found_of_a_call_that_was_not_made_means_nothing():
    assert run_state([calling(), lost(), {**settled(done=False), "tells": {"uuid": "u-0"}}]).tells == {}


def test_entries_may_come_one_by_one():
    entries = [calling(), called(uuid="u-1"), entry("done")]

    assert run_state(iter(entries)) == run_state(entries)


def test_a_call_of_which_reading_found_nothing_may_have_been_made_all_the_same():
    assert run_state([calling(), lost(), settled(done=False)]).unseen == {"a1": {0}}


@pytest.mark.parametrize("fate", [called(), refused(), settled(done=True)])
def test_a_call_is_seen_or_was_not_made_once_its_fate_is_told(fate):
    assert run_state([calling(), lost(), settled(done=False), calling(), fate]).unseen == {}


@pytest.mark.parametrize("fate", [called(), lost(), settled(done=True), settled(done=False)])
def test_an_action_that_was_called_may_have_changed_something(fate):
    assert run_state([calling(), fate]).touched("a1")


def test_an_action_that_was_refused_or_never_called_changed_nothing():
    state = run_state([calling(), refused(), entry("action", "a2")])

    assert [state.touched("a1"), state.touched("a2")] == [False, False]
