"""What is kept: the newest of the last days and months that have one."""

from __future__ import annotations

from hypothesis import given, strategies as st

from auditor.history.retention import surplus
from auditor.runs.files import age

DAYS = [f"202611{day:02}T010000Z" for day in range(1, 6)]
IDS = st.lists(
    st.datetimes().map(lambda time: time.strftime("%Y%m%dT%H%M%SZ").rjust(16, "0")), unique=True, max_size=20
).map(lambda ids: sorted(ids, key=age))


def test_the_newest_of_each_of_the_last_days_is_kept():
    assert surplus(DAYS, 2, 0, "us-east-1", "") == ("20261101T010000Z", "20261102T010000Z", "20261103T010000Z")


def test_of_several_in_a_day_the_newest_is_kept():
    ids = ["20261101T010000Z", "20261101T020000Z", "20261101T020000Z-2", "20261102T010000Z"]

    assert surplus(ids, 30, 0, "us-east-1", "") == ("20261101T010000Z", "20261101T020000Z")


def test_the_newest_of_each_of_the_last_months_is_kept():
    ids = ["20260930T010000Z", "20261001T010000Z", "20261031T010000Z", "20261101T010000Z"]

    assert surplus(ids, 0, 2, "us-east-1", "") == ("20260930T010000Z", "20261001T010000Z")


def test_days_without_a_snapshot_count_for_nothing():
    ids = ["20240101T010000Z", "20250101T010000Z", "20261101T010000Z"]

    assert surplus(ids, 2, 0, "us-east-1", "") == ("20240101T010000Z",)


def test_the_snapshot_that_golden_names_is_kept():
    assert "20261101T010000Z" not in surplus(DAYS, 1, 0, "snapshot:20261101T010000Z", "")


def test_the_snapshot_in_which_the_file_that_is_golden_lies_is_kept():
    assert "20261101T010000Z" not in surplus(DAYS, 1, 0, "file:snapshots/20261101T010000Z/us-east-1.json.zst", "")


def test_a_snapshot_that_somebody_gave_a_name_is_kept():
    assert surplus(["before-the-move", *DAYS], 5, 0, "us-east-1", "") == ()


@given(IDS, st.integers(0, 5), st.integers(0, 5))
def test_the_newest_is_never_removed(ids, daily, monthly):
    assert not set(ids[-1:]) & set(surplus(ids, daily, monthly, "us-east-1", ""))


@given(IDS, st.integers(0, 5), st.integers(0, 5))
def test_what_was_kept_is_kept_when_it_is_looked_at_again(ids, daily, monthly):
    gone = surplus(ids, daily, monthly, "us-east-1", "")

    assert surplus([one for one in ids if one not in gone], daily, monthly, "us-east-1", "") == ()


def test_the_snapshot_of_the_audit_that_asks_is_kept_whatever_its_id():
    assert "20261101T010000Z" not in surplus(DAYS, 1, 0, "us-east-1", "20261101T010000Z")
