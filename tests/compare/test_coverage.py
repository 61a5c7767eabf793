"""The ledger of what was looked at."""

from __future__ import annotations

import pytest

from auditor.compare.coverage import coverage, gaps, outcome
from auditor.model.values import Coverage, Locale, Reading, Resource, SiteSnapshot, State, Unread
from auditor.specs.spec import Call, Listing, ResourceSpec

IRELAND = Locale("eu-west-1", "euw1", "123456789012")
THING, OTHER = "AWS::Test::Thing", "AWS::Test::Other"
SPECS = {type_: ResourceSpec(type_, "test", Listing(Call("L")), ()) for type_ in (THING, OTHER)}


def test_each_facet_is_counted_by_what_reading_it_came_to():
    things = (
        Resource(THING, "a", {"policy": Reading(State.READ, "x")}),
        Resource(THING, "b", {"policy": Reading(State.ABSENT)}),
        Resource(THING, "c", {"policy": Reading(State.UNREADABLE, error="AccessDenied: no")}),
    )
    unread = (Unread(OTHER, "SlowDown: later"),)

    assert coverage(SiteSnapshot("eu-west-1", IRELAND, things, unread), SPECS) == (
        Coverage("eu-west-1", OTHER, "listing", {"throttled": 1}),
        Coverage("eu-west-1", THING, "listing", {"read": 1}),
        Coverage("eu-west-1", THING, "policy", {"absent": 1, "denied": 1, "read": 1}),
    )


@pytest.mark.parametrize(
    ("state", "error", "expected"),
    [
        (State.UNREADABLE, "AccessDeniedException: no", "denied"),
        (State.UNREADABLE, "TooManyRequestsException: slow", "throttled"),
        (State.UNREADABLE, "ReadTimeoutError: late", "failed"),
        (State.NOT_OFFERED, "EndpointConnectionError: none", "not offered"),
        (State.ABSENT, "", "absent"),
    ],
)
def test_a_failure_is_told_by_its_code(state, error, expected):
    assert outcome(state, error) == expected


def test_what_is_read_or_not_configured_is_no_gap():
    rows = (Coverage("s", "t", "a", {"read": 1, "absent": 2}), Coverage("s", "t", "b", {"not offered": 1}))

    assert gaps(rows) == rows[1:]
