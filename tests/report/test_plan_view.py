"""The plan as the page tells it."""

from __future__ import annotations

from dataclasses import replace

from auditor.model.plan import Action, LeftOut, Plan, PlannedCall, Warned
from auditor.model.values import Change, Finding
from auditor.report.causes import causes
from auditor.report.page.plan_view import FixView, LeftView, fixes, left, plan_view, remedies

FUNCTION = "AWS::Lambda::Function"
SITES = ("eu-west-1", "sa-east-1")
FOUND = tuple(
    Finding(f"f{n}", site, FUNCTION, "api", "changed", "low", (Change("/A", 1, 2),)) for n, site in enumerate(SITES)
)
UPDATE = tuple(
    Action(f"a{n}", site, FUNCTION, "api", "api", "update", "configuration",
           (PlannedCall("lambda", "UpdateFunctionConfiguration", {}),), reason=(f"f{n}",),
           warnings=(Warned("outage", "it restarts"),), cannot_undo="no way back" if n else "")
    for n, site in enumerate(SITES)
)  # fmt: skip
KEPT = LeftOut("eu-west-1", FUNCTION, "api", "/B", "accepted: OPS-112", "f0")
PLAN = Plan("us-east-1", "2026-11-24T01:02:03Z", {}, UPDATE, (KEPT,))
(CAUSE,) = causes(FOUND, SITES)


def test_a_cause_says_once_what_is_done_in_all_its_places_and_what_to_know_before():
    assert fixes(CAUSE, remedies(PLAN)) == (
        FixView(
            "update by lambda UpdateFunctionConfiguration, 2 times",
            ("outage: it restarts", "cannot be undone: no way back"),
        ),
    )


def test_a_cause_says_why_a_part_of_it_is_left():
    assert left(CAUSE, remedies(PLAN)) == ("accepted: OPS-112",)


def test_without_a_plan_nothing_is_said():
    assert (fixes(CAUSE, remedies(None)), left(CAUSE, remedies(None)), plan_view(None, "", {})) == ((), (), None)


def test_why_there_is_no_plan_is_said():
    assert plan_view(None, "it cannot be", {}).none == "it cannot be"


def test_the_plan_lists_its_actions_with_the_findings_that_they_are_for():
    told = plan_view(PLAN, "", {"f0": "f-f0"})

    assert [(one.site, one.verb, one.resource, one.calls, one.anchor) for one in told.actions] == [
        ("eu-west-1", "update", "AWS::Lambda::Function/api", "lambda UpdateFunctionConfiguration", "f-f0"),
        ("sa-east-1", "update", "AWS::Lambda::Function/api", "lambda UpdateFunctionConfiguration", ""),
    ]


def test_of_very_many_actions_the_first_are_listed_and_the_others_counted():
    told = plan_view(replace(PLAN, actions=UPDATE * 200), "", {})

    assert (len(told.actions), told.more) == (300, 100)


def test_what_is_left_is_counted_by_its_reason():
    assert plan_view(PLAN, "", {}).left == (LeftView("accepted: OPS-112", "1 difference"),)
