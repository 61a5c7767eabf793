"""The plan in the terminal."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from auditor.model.plan import Action, LeftOut, Plan, PlannedCall, PlannedOn, Warned
from auditor.model.values import ABSENT, Change
from auditor.report.plan.text import change_lines, plan_listing, planned_changes, warning_lines

FUNCTION, BUCKET, ALIAS = "AWS::Lambda::Function", "AWS::S3::Bucket", "AWS::Lambda::Alias"
SECRET = {"secret": "9f1c"}
HOSTILE = "\x1b[2J\x1b]0;owned\x07\r\u202egpj.exe"


def call(operation, service="lambda"):
    return PlannedCall(service, operation, {})


MAKE = Action(
    "1", "eu-west-1", BUCKET, "assets-${region}", "assets-eu-west-1", "create", "", (call("CreateBucket", "s3"),)
)
TAG = replace(MAKE, id="2", facet="tagging", calls=(call("PutBucketTagging", "s3"),))
RESIZE = Action(
    "3", "eu-west-1", FUNCTION, "api", "api", "update", "configuration", (call("UpdateFunctionConfiguration"),),
    (Change("/MemorySize", 512, 256), Change("/Tags/team", golden="shop"), Change("/Description", actual="old")),
    warnings=(Warned("outage", "callers of $LATEST get it at once"),),
)  # fmt: skip
REVEAL = replace(
    RESIZE, id="4", facet="environment", changes=(Change("/Environment/Variables/KEY", SECRET, {"secret": "77aa"}),),
    cannot_undo="the value that it has is kept nowhere",
)  # fmt: skip
DROP = Action("5", "ap-southeast-2", ALIAS, "api/old", "api/old", "delete", "", (call("DeleteAlias"),))
PLAN = Plan(
    "us-east-1", "2026-11-24T01:02:03Z",
    {"us-east-1": "123456789012", "eu-west-1": "123456789012", "ap-southeast-2": "123456789012"},
    (MAKE, RESIZE, TAG, REVEAL, DROP),
    (LeftOut("eu-west-1", FUNCTION, "canary", "/MemorySize", "accepted: half size, OPS-112"),
     LeftOut("eu-west-1", FUNCTION, "old", "", "golden has no such resource"),
     LeftOut("ap-southeast-2", FUNCTION, "canary", "/MemorySize", "accepted: half size, OPS-112")),
    (PlannedOn("eu-west-1", BUCKET, MAKE.name, MAKE.native, "f0", None, {"Versioning": {"Status": "Enabled"}}),
     PlannedOn("ap-southeast-2", ALIAS, "api/old", "api/old", "f1", {"Description": "before"}, None)),
)  # fmt: skip
EMPTY = replace(PLAN, actions=(), left_out=())


def shown(plan, width=120):
    return plan_listing(plan, colour=False, width=width)


def of(*actions, **others):
    """The listing's lines of a plan of these actions alone."""
    return shown(replace(EMPTY, actions=actions, **others)).split("\n")


def told(golden=ABSENT, actual=ABSENT, width=120, path="/X", **others):
    (line,) = change_lines(Change(path, golden, actual, **others), width)
    return line


def test_the_listing_says_what_is_done_where_and_what_is_left_out():
    assert (
        shown(PLAN)
        == """\
Plan that makes ap-southeast-2 and eu-west-1 like us-east-1, read 2026-11-24T01:02:03Z

eu-west-1

  + AWS::S3::Bucket/assets-${region}
    + Versioning: {"Status": "Enabled"}
      s3 CreateBucket
      s3 PutBucketTagging

! ~ AWS::Lambda::Function/api
    ~ MemorySize: 256 -> 512
    + Tags/team: "shop"
    - Description: "old"
    ~ Environment/Variables/KEY: (secret) -> (secret)
      lambda UpdateFunctionConfiguration
      lambda UpdateFunctionConfiguration
    ! outage: callers of $LATEST get it at once
    ! cannot be undone: the value that it has is kept nowhere

ap-southeast-2

  - AWS::Lambda::Alias/api/old
    - Description: "before"
      lambda DeleteAlias

Left out

  accepted: half size, OPS-112
    eu-west-1  AWS::Lambda::Function/canary  MemorySize
    ap-southeast-2  AWS::Lambda::Function/canary  MemorySize

  golden has no such resource
    eu-west-1  AWS::Lambda::Function/old

Plan: 1 to create, 1 to update, 1 to delete in eu-west-1, ap-southeast-2; 3 left out. 5 calls.
Careful: 2 outage, 1 action that cannot be undone"""
    )


def test_without_dangers_there_is_nothing_to_be_careful_of():
    assert of(MAKE)[-1] == "Plan: 1 to create, 0 to update, 0 to delete in eu-west-1. 1 call."


def test_dangers_are_counted_in_an_order_of_their_own():
    both = Warned("irreversible", "x"), Warned("exposure", "y"), Warned("irreversible", "z")

    assert of(replace(MAKE, warnings=both))[-1] == "Careful: 1 exposure, 2 irreversible"


def test_nothing_to_do_is_one_sentence():
    assert shown(EMPTY) == (
        "Nothing to do: ap-southeast-2 and eu-west-1 have no difference from us-east-1 that a plan was made for."
    )


def test_where_all_is_left_out_the_reasons_are_told():
    assert shown(replace(EMPTY, left_out=PLAN.left_out[1:2])) == (
        "Left out\n\n  golden has no such resource\n    eu-west-1  AWS::Lambda::Function/old\n\n"
        "Nothing to do: all that differs from us-east-1 is left out. 1 left out."
    )


def test_a_plan_that_takes_a_run_back_says_which():
    assert of(MAKE, undoes="20261124T010203Z")[0] == "Plan that takes run 20261124T010203Z back"


def test_a_run_of_which_nothing_can_be_taken_back_is_named():
    assert shown(replace(EMPTY, undoes="20261124T010203Z")) == (
        "Nothing to do: there is nothing that could be taken back of run 20261124T010203Z."
    )


@pytest.mark.parametrize(
    ("verbs", "expected"),
    [
        (("create", "update"), "  + AWS::S3::Bucket/assets-${region}"),
        (("update", "update"), "  ~ AWS::S3::Bucket/assets-${region}"),
        (("delete", "create"), "  +/- AWS::S3::Bucket/assets-${region}"),
    ],
)
def test_a_resource_has_the_sign_of_all_that_happens_to_it(verbs, expected):
    assert expected in of(*(replace(MAKE, verb=verb) for verb in verbs))


def test_a_warning_that_two_actions_have_is_told_once():
    assert of(RESIZE, replace(RESIZE, id="9")).count("    ! outage: callers of $LATEST get it at once") == 1


def test_notes_stand_below_their_change():
    lines = of(replace(RESIZE, changes=(Change("/S", "a", "b", notes=("eu-west-1: no such subnet",)),)))

    assert lines[lines.index('    ~ S: "b" -> "a"') + 1] == "      eu-west-1: no such subnet"


@pytest.mark.parametrize(
    ("golden", "actual", "expected"),
    [
        (512, 256, "~ X: 256 -> 512"),
        ("512", 512, '~ X: 512 -> "512"'),
        (None, ABSENT, "+ X: null"),
        (ABSENT, [], "- X: []"),
        ("a → b", "a", '~ X: "a" -> "a → b"'),
        ({"secret": "9f1c"}, ABSENT, "+ X: (secret)"),
        ("${secret:" + "0f" * 16 + "}", ABSENT, "+ X: (secret)"),
        ("${secret:db}", ABSENT, '+ X: "${secret:db}"'),
        ("(secret)", {"secret": "9f1c"}, '~ X: (secret) -> "(secret)"'),
        ([{"K": {"secret": "9f1c"}}], ABSENT, '+ X: [{"K": "(secret)"}]'),
        ({"secret": 7}, ABSENT, '+ X: {"secret": 7}'),
        (["b\n", "\u202e"], ABSENT, '+ X: ["b\\n", "\\u202e"]'),
    ],
)
def test_a_value_is_told_as_json_and_a_secret_as_one(golden, actual, expected):
    assert told(golden, actual) == expected


def test_a_field_without_a_name_has_a_path():
    assert told(1, path="/") == "+ /: 1"


def test_what_could_not_be_read_is_told_with_its_reason():
    assert told(unreadable="eu-west-1: AccessDenied") == "? X: unreadable: eu-west-1: AccessDenied"


def test_long_values_are_cut_so_that_the_difference_is_seen():
    assert told("same " * 20 + "left", "same " * 20 + "right", 60) == (
        '~ X: …ame same same same right" -> …ame same same same left"'
    )


@given(st.text(max_size=200), st.text(max_size=200), st.integers(60, 200))
def test_no_change_is_wider_than_it_may_be(golden, actual, width):
    assert len(told(golden, actual, width)) <= width


def test_a_path_that_takes_too_much_of_the_line_has_a_line_of_its_own():
    assert change_lines(Change("/Environment/Variables/" + "N" * 200, 1, 2), 80) == [
        "~ …/" + "N" * 200 + ":",
        "    2 -> 1",
    ]


def test_of_a_resource_that_is_made_what_golden_has_is_told_field_by_field():
    fields = {"B": 1, "A/~": {"C": 2}}
    plan = replace(PLAN, resources=(PlannedOn("eu-west-1", BUCKET, MAKE.name, MAKE.native, "f0", None, fields),))

    assert planned_changes((MAKE, TAG), plan) == (Change("/A~1~0", {"C": 2}), Change("/B", 1))


def test_of_a_resource_that_is_deleted_what_the_site_has_is_told():
    assert planned_changes((DROP,), PLAN) == (Change("/Description", actual="before"),)


def test_a_change_of_a_resource_as_a_whole_is_told_field_by_field():
    whole = Change("", golden={"A": 1, "B": 2})

    assert planned_changes((replace(MAKE, changes=(whole,)),), PLAN) == (Change("/A", 1), Change("/B", 2))


def test_warnings_end_with_why_there_is_no_way_back():
    assert warning_lines(replace(RESIZE, cannot_undo="no call")) == [
        "! outage: callers of $LATEST get it at once",
        "! cannot be undone: no call",
    ]


def test_colours_are_all_that_colour_adds():
    coloured = plan_listing(PLAN, colour=True, width=100)

    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == shown(PLAN, 100)


def test_there_are_colours_where_they_are_wanted():
    assert "\x1b[32m+\x1b[0m" in plan_listing(PLAN, colour=True, width=100)


@pytest.mark.parametrize("colour", [True, False])
def test_no_line_ends_in_a_space(colour):
    lines = re.sub(r"\x1b\[[0-9;]*m", "", plan_listing(PLAN, colour=colour, width=100)).split("\n")

    assert [line for line in lines if line != line.rstrip()] == []


def test_nothing_that_is_read_can_rewrite_the_terminal():
    change = Change("/p" + HOSTILE, HOSTILE, [HOSTILE], notes=(HOSTILE,))
    action = Action(
        "1", HOSTILE, FUNCTION + HOSTILE, HOSTILE, HOSTILE, "update", "", (call(HOSTILE, HOSTILE),), (change,),
        cannot_undo=HOSTILE, warnings=(Warned("outage", HOSTILE),),
    )  # fmt: skip
    left = LeftOut(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    plan = Plan(HOSTILE, HOSTILE, {HOSTILE: ""}, (action,), (left,), undoes="")
    listings = [shown(one) for one in (plan, replace(plan, undoes=HOSTILE), replace(plan, actions=()))]

    assert set("".join(listings)) & set("\x1b\x07\r\u202e") == set()
