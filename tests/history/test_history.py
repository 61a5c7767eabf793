"""Findings over time."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from auditor.history.files import kept, record, record_told, told_until
from auditor.history.history import Run, Seen, history, run_document, run_from, run_of
from auditor.model.values import Drift, DriftException, Finding
from auditor.store.storage import Folder

FUNCTION = "AWS::Lambda::Function"
API = Seen("aa", "eu-west-1", FUNCTION, "api", "changed", "medium", False)
WEB = Seen("bb", "eu-west-1", FUNCTION, "web", "missing", "high", False)


def night(day, *findings, **fields):
    run = Run(f"2026-11-{day:02}T01:00:00Z", "us-east-1", ("eu-west-1",), True, findings)
    return replace(run, **fields)


def unread(name):
    return replace(API, id=f"u-{name}", name=name, kind="unreadable")


def test_the_first_run_has_nothing_new_and_nothing_fixed():
    told = history(night(1, API), ())

    assert (told.previous, told.new, told.fixed) == ("", frozenset(), ())


def test_what_the_run_before_did_not_have_is_new():
    assert history(night(2, API, WEB), [night(1, API)]).new == {"bb"}


def test_what_is_there_without_a_break_persists_since_its_first_run():
    told = history(night(4, API), [night(1), night(2, API), night(3, API)])

    assert (told.since, told.new) == ({"aa": "2026-11-02T01:00:00Z"}, frozenset())


def test_what_was_open_and_is_gone_was_fixed():
    assert history(night(2, API), [night(1, API, WEB)]).fixed == (WEB,)


def test_what_was_fixed_while_nobody_could_look_is_fixed_once_it_is_known():
    dark = night(2, unread("api"), complete=False)

    assert history(night(3), [night(1, API), dark]).fixed == (API,)


def test_what_was_fixed_is_told_once_however_much_else_is_unread():
    dark = night(3, unread("other"), complete=False)

    assert history(night(4, unread("other"), complete=False), [night(1, API), night(2), dark]).fixed == ()


@pytest.mark.parametrize("lost", [API, replace(API, kind="extra"), WEB])
def test_what_was_open_is_not_fixed_where_not_all_could_be_listed(lost):
    # Golden has others of the type, so that the findings name these, and not the one that golden has not.
    dark = night(2, unread("other"), complete=False, unlisted=(("eu-west-1", FUNCTION),))

    told = [history(dark, [night(1, lost)]), history(night(3, lost), [night(1, lost), dark])]

    assert [(one.fixed, one.new) for one in told] == [((), frozenset()), ((), frozenset())]


BOTH = replace(API, changes=("11", "22"))
PART = replace(API, id="cc", changes=("11",))


def test_what_is_seen_in_part_of_a_difference_is_not_new():
    told = history(night(2, PART, unread("api"), complete=False), [night(1, BOTH)])

    assert (told.new, told.since["cc"], told.fixed) == (frozenset(), "2026-11-01T01:00:00Z", ())


@pytest.mark.parametrize(
    ("seen", "before"),
    [
        ((replace(PART, changes=("33",)), unread("api")), BOTH),  # another difference, in the part that is seen
        ((PART, unread("other")), BOTH),  # all is seen: one of the two was mended
        ((PART, unread("api")), WEB),
    ],
)
def test_what_differs_otherwise_is_new_though_not_all_is_seen(seen, before):
    assert history(night(2, *seen, complete=False), [night(1, before)]).new == {"cc"}


def test_a_difference_of_which_a_part_was_seen_last_night_is_not_new_when_all_is_seen():
    dark = night(2, PART, unread("api"), complete=False)

    assert history(night(3, BOTH), [night(1, BOTH), dark]).new == frozenset()


def test_what_cannot_be_known_any_more_is_told_once():
    dark = [night(day, unread("api"), complete=False) for day in (2, 3)]

    assert history(dark[1], [night(1, API), dark[0]]).unsure == ()


def test_what_is_accepted_no_longer_is_new():
    assert history(night(2, API), [night(1, replace(API, excepted=True))]).arrived == (API,)


def test_a_site_that_is_not_looked_at_any_more_is_dropped():
    before = night(1, sites=("eu-west-1", "sa-east-1"))

    assert (history(night(2), [before]).dropped, history(night(3), [before, night(2)]).dropped) == (("sa-east-1",), ())


@pytest.mark.parametrize(
    ("before", "now", "lost"),
    [
        (night(1), night(2, unread("api"), complete=False), True),
        (night(1, unread("api"), complete=False), night(2, unread("api"), complete=False), False),
        (night(1, unread("api"), complete=False), night(2, unread("api"), unread("web"), complete=False), True),
        (night(1, unread("api"), complete=False), night(2), False),
        (night(1, sites=("eu-west-1", "sa-east-1")), night(2), True),
    ],
)
def test_what_is_not_known_and_was_known_is_lost(before, now, lost):
    assert history(now, [before]).lost == lost


def test_what_everything_is_known_of_again_is_regained():
    dark = night(1, unread("api"), complete=False)

    assert (history(night(2), [dark]).regained, history(night(2), [night(1)]).regained) == (True, False)


def test_until_when_somebody_was_told_is_kept_by_golden(tmp_path):
    record_told(Folder(tmp_path), "us-east-1", {"slack": "a"})
    record_told(Folder(tmp_path), "eu-west-1", {"slack": "b"})

    assert (told_until(Folder(tmp_path), "us-east-1"), told_until(Folder(tmp_path), "sa-east-1")) == (
        {"slack": "a"},
        {},
    )


@pytest.mark.parametrize("content", ["{", "[]", '{"us-east-1": 5}'])
def test_a_file_of_who_was_told_that_is_none_says_nothing(tmp_path, content):
    (tmp_path / "told.json").write_text(content)

    assert told_until(Folder(tmp_path), "us-east-1") == {}


def test_what_was_accepted_and_is_gone_was_not_fixed():
    assert history(night(2), [night(1, replace(API, excepted=True))]).fixed == ()


def test_what_is_accepted_now_was_not_fixed():
    assert history(night(2, replace(API, excepted=True)), [night(1, API)]).fixed == ()


def test_what_differs_otherwise_now_was_not_fixed_and_is_new():
    told = history(night(2, replace(API, id="cc")), [night(1, API)])

    assert (told.fixed, told.new) == ((), {"cc"})


def test_what_cannot_be_read_any_more_was_not_fixed():
    told = history(night(2, unread("api"), complete=False), [night(1, API)])

    assert (told.fixed, told.unsure) == ((), (API,))


def test_of_a_type_that_cannot_be_listed_nothing_was_fixed():
    told = history(night(2, unread("*"), complete=False), [night(1, API)])

    assert (told.fixed, told.unsure) == ((), (API,))


def test_what_is_unread_elsewhere_does_not_matter():
    other = replace(unread("api"), site="sa-east-1")
    told = history(night(2, other, complete=False, sites=("eu-west-1", "sa-east-1")), [night(1, API)])

    assert told.fixed == (API,)


def test_a_site_that_is_not_compared_any_more_was_not_fixed():
    told = history(night(2, sites=("sa-east-1",)), [night(1, API)])

    assert (told.fixed, told.unsure) == ((), (API,))


def test_a_night_in_which_it_was_unread_does_not_make_a_finding_new():
    told = history(night(3, API), [night(1, API), night(2, unread("api"), complete=False)])

    assert (told.since["aa"], told.new) == ("2026-11-01T01:00:00Z", frozenset())


def test_what_comes_back_is_new_and_has_come_twice():
    told = history(night(3, API), [night(1, API), night(2)])

    assert (told.new, told.times) == ({"aa"}, {"aa": 2})


def test_what_stays_has_come_once():
    assert history(night(3, API), [night(1, API), night(2, API)]).times == {"aa": 1}


def test_runs_against_another_golden_do_not_count():
    assert history(night(2, API), [night(1, golden="sa-east-1")]).previous == ""


def test_the_same_run_and_later_ones_do_not_count():
    told = history(night(2, API), [night(3), night(2), night(1, API)])

    assert (told.previous, [one.taken for one in told.runs]) == (
        "2026-11-01T01:00:00Z",
        ["2026-11-01T01:00:00Z", "2026-11-02T01:00:00Z"],
    )


def test_a_run_keeps_what_the_drift_found_and_no_value():
    accepted = DriftException("*", "OPS-112")
    finding = Finding("aa", "eu-west-1", FUNCTION, "api", "changed", "medium", exception=accepted)
    drift = Drift("us-east-1", ("eu-west-1",), "2026-11-01T01:00:00Z", True, {FUNCTION: 1}, (finding,))

    assert run_of(replace(drift, read="2026-11-02T01:00:00Z")) == night(2, replace(API, excepted=True))


SEEN = st.builds(
    Seen,
    id=st.sampled_from("abcdef"),
    site=st.sampled_from(["eu-west-1", "sa-east-1"]),
    type=st.just(FUNCTION),
    name=st.sampled_from(["api", "web", "*"]),
    kind=st.sampled_from(["changed", "missing", "extra", "unreadable"]),
    severity=st.just("low"),
    excepted=st.booleans(),
)
NIGHTS = st.lists(st.lists(SEEN, unique_by=lambda one: one.id, max_size=6), min_size=1, max_size=8)


@given(NIGHTS)
def test_every_finding_of_the_run_has_an_age(nights):
    made = [night(number + 1, *found) for number, found in enumerate(nights)]

    assert history(made[-1], made[:-1]).since.keys() == {one.id for one in made[-1].findings}


@given(NIGHTS)
def test_nothing_is_new_and_fixed_at_once(nights):
    made = [night(number + 1, *found) for number, found in enumerate(nights)]
    told = history(made[-1], made[:-1])

    assert told.new.isdisjoint(one.id for one in told.fixed)


@given(NIGHTS)
def test_a_run_comes_back_from_its_document(nights):
    run = night(1, *nights[0])

    assert run_from(json.loads(json.dumps(run_document(run)))) == run


def test_runs_are_kept_by_their_time_and_come_back_oldest_first(tmp_path):
    for one in (night(2, API), night(1)):
        record(Folder(tmp_path), one)

    assert kept(Folder(tmp_path)).runs == (night(1), night(2, API))


def test_a_run_that_is_recorded_again_takes_its_own_place(tmp_path):
    record(Folder(tmp_path), night(1))
    record(Folder(tmp_path), night(1, API))

    assert kept(Folder(tmp_path)).runs == (night(1, API),)


def test_a_store_without_a_history_has_none(tmp_path):
    assert kept(Folder(tmp_path / "nowhere")).runs == ()


WHOLE = json.dumps(run_document(night(1, API)))


@pytest.mark.parametrize(
    "content",
    [
        "{", "{}", "[]", '{"schema": "auditor/history/1"}', '{"schema": "auditor/drift/1"}',
        WHOLE.replace('"2026-11-01T01:00:00Z"', "5"), WHOLE.replace('"2026-11-01T01:00:00Z"', '"yesterday"'),
        WHOLE.replace('"aa"', "[]"), WHOLE.replace("true", '"yes"', 1),
    ],
)  # fmt: skip
def test_a_file_that_is_no_run_is_told_by_name_and_the_others_count(tmp_path, content):
    record(Folder(tmp_path), night(2))
    (tmp_path / "history" / "20261101T010000Z.json").write_text(content)

    told = kept(Folder(tmp_path))

    assert ("20261101T010000Z.json is no run of the history" in told.warnings[0], told.runs) == (True, (night(2),))


def test_what_is_accepted_neither_arrives_nor_stays():
    told = history(night(2, replace(API, excepted=True), WEB), [night(1, WEB)])

    assert (told.arrived, told.staying) == ((), (WEB,))


def test_what_cannot_be_read_is_not_new():
    told = history(night(2, unread("api"), complete=False), [night(1)])

    assert (told.new, told.arrived, told.unread) == (frozenset(), (), (unread("api"),))


def test_what_can_be_read_again_was_not_fixed():
    assert history(night(2), [night(1, unread("api"), complete=False)]).fixed == ()


def test_a_type_that_is_not_compared_any_more_was_not_fixed():
    told = history(night(2, types=("AWS::S3::Bucket",)), [night(1, API)])

    assert (told.fixed, told.unsure) == ((), (API,))


def test_what_may_not_be_selected_any_more_was_not_fixed():
    told = history(night(2, selection="1a2b"), [night(1, API)])

    assert (told.fixed, told.unsure) == ((), (API,))


def test_a_night_of_another_type_or_selection_does_not_make_a_finding_new():
    between = [night(2, types=("AWS::S3::Bucket",)), night(3, selection="1a2b")]

    assert history(night(4, API), [night(1, API), *between]).new == frozenset()
