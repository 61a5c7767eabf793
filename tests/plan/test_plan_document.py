"""A plan's file: what it says, and that nothing but what was written is taken for a plan."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Literal

import pytest
from hypothesis import example, given, strategies as st

from auditor import __version__
from auditor.canonical.redact import key_id
from auditor.errors import PlanError
from auditor.model.form import is_formed
from auditor.model.plan import DANGERS, VERBS, Action, LeftOut, Plan, PlannedCall, PlannedOn, Warned
from auditor.model.values import ABSENT, Change
from auditor.plan.document import plan_document, plan_from, plan_sites, plan_summary
from auditor.plan.file import parse_plan, plan_text, sealed_text

KEY = b"k" * 32
NAMED = key_id(KEY)
FUNCTION, BUCKET, ALIAS = "AWS::Lambda::Function", "AWS::S3::Bucket", "AWS::Lambda::Alias"
UPDATE = PlannedCall(
    "lambda", "UpdateFunctionConfiguration", {"FunctionName": "${name}", "MemorySize": 512}, "function_updated_v2"
)
UNDO = PlannedCall("lambda", "UpdateFunctionConfiguration", {"FunctionName": "${name}", "MemorySize": 256})
API = Action(
    "1", "eu-west-1", FUNCTION, "api", "api", "update", "configuration", (UPDATE,),
    (Change("/MemorySize", 512, 256), Change("/Description", ABSENT, "old")), (), (UNDO,), "", ("9f1c",),
    (Warned("outage", "callers of $LATEST get it at once"),),
)  # fmt: skip
PUBLISH = Action(
    "2", "eu-west-1", FUNCTION, "api", "api", "update", "",
    (PlannedCall("lambda", "PublishVersion", {"FunctionName": "${name}"}, "", True, {"version:api@c0de": "Version"}),),
    needs=("1",), cannot_undo="a published version stays",
)  # fmt: skip
PLAN = Plan(
    "us-east-1", "2026-11-24T01:02:03Z", {"us-east-1": "123456789012", "eu-west-1": "123456789012"}, (API, PUBLISH),
    (LeftOut("eu-west-1", ALIAS, "api/live", "/FunctionVersion", "decided: later", "77aa"),),
    (PlannedOn("eu-west-1", FUNCTION, "api", "api", "f00d", {"MemorySize": 256}, {"MemorySize": 512}, "api-x"),
     PlannedOn("eu-west-1", BUCKET, "logs", "logs", "", None, None)),
    {"eu-west-1": {"subnet:main": "subnet-0abc"}}, {"us-east-1": {"function:api": "api-x"}},
    ("prod/cn-north-1",), NAMED,
)  # fmt: skip

# Two halves of a pair that stand together are one character in JSON, as they are in what AWS sends.
TEXTS = st.text(st.characters(exclude_categories=()), max_size=5).filter(
    lambda text: text == json.loads(json.dumps(text))
)
NAMES = st.text("/ab${}~", max_size=5)
TYPES = st.sampled_from([FUNCTION, BUCKET, ""])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)
MAPS = st.dictionaries(TEXTS, VALUES, max_size=2)
TEXT_MAPS = st.dictionaries(TEXTS, TEXTS, max_size=2)


def tuples(of):
    return st.lists(of, max_size=2).map(tuple)


CALLS = tuples(st.builds(PlannedCall, TEXTS, TEXTS, MAPS, TEXTS, st.booleans(), TEXT_MAPS))
SIDES = st.just(ABSENT) | VALUES
CHANGES = tuples(st.builds(Change, TEXTS, SIDES, SIDES, TEXTS, tuples(TEXTS), tuples(TEXTS)))
ACTIONS = st.builds(
    Action, TEXTS, TEXTS, TYPES, NAMES, TEXTS, st.sampled_from(VERBS), TEXTS, CALLS, CHANGES, tuples(TEXTS), CALLS,
    TEXTS, tuples(TEXTS), tuples(st.builds(Warned, st.sampled_from(DANGERS), TEXTS)), SIDES, SIDES, st.booleans(),
)  # fmt: skip
PLANNED_ON = st.builds(PlannedOn, TEXTS, TYPES, NAMES, TEXTS, TEXTS, st.none() | MAPS, st.none() | MAPS, TEXTS)
FIELDS = {
    "golden": TEXTS,
    "taken": TEXTS,
    "accounts": TEXT_MAPS,
    "actions": tuples(ACTIONS),
    "left_out": tuples(st.builds(LeftOut, TEXTS, TYPES, NAMES, TEXTS, TEXTS, TEXTS)),
    "resources": tuples(PLANNED_ON),
    "symbols": st.dictionaries(TEXTS, TEXT_MAPS, max_size=2),
    "names": st.dictionaries(TEXTS, TEXT_MAPS, max_size=2),
    "wide": tuples(TEXTS),
    "key_id": TEXTS,
    "undoes": TEXTS,
}
PLANS = st.builds(Plan, **FIELDS)
HALF = replace(PLAN, undoes="\ud800", symbols={"\udfff": {}})


def refusal(text):
    with pytest.raises(PlanError) as caught:
        parse_plan(text, "plan.json", KEY)
    return str(caught.value)


def resealed(document):
    """A document's text, with the seals that fit it: as another program would write it, not an editor."""
    return sealed_text(document, KEY)


def test_every_field_of_a_plan_is_tried():
    assert list(FIELDS) == [one.name for one in fields(Plan)]


@given(PLANS)
@example(PLAN)
def test_the_plan_of_its_document_is_the_plan(plan):
    assert plan_from(plan_document(plan)) == plan


@given(PLANS)
@example(HALF)
def test_the_plan_of_its_file_is_the_plan(plan):
    plan = replace(plan, key_id=NAMED)

    assert parse_plan(plan_text(plan, KEY).encode().decode(), "plan.json", KEY) == plan


def test_the_document_is_exactly_that_of_the_interface():
    document = plan_document(PLAN)

    assert document == {
        "schema": "auditor/plan/1",
        "golden": "us-east-1",
        "taken": "2026-11-24T01:02:03Z",
        "sites": ["eu-west-1"],
        "accounts": {"us-east-1": "123456789012", "eu-west-1": "123456789012"},
        "actions": [
            {
                "id": "1", "site": "eu-west-1", "resource": "AWS::Lambda::Function/api", "native": "api",
                "verb": "update", "facet": "configuration",
                "changes": [{"path": "/MemorySize", "golden": 512, "actual": 256},
                            {"path": "/Description", "actual": "old"}],
                "calls": [{"service": "lambda", "operation": "UpdateFunctionConfiguration",
                           "params": {"FunctionName": "${name}", "MemorySize": 512}, "wait": "function_updated_v2"}],
                "needs": [],
                "undo": [{"service": "lambda", "operation": "UpdateFunctionConfiguration",
                          "params": {"FunctionName": "${name}", "MemorySize": 256}}],
                "reason": ["9f1c"],
                "warnings": [{"danger": "outage", "text": "callers of $LATEST get it at once"}],
                "fingerprint": "f00d",
            },
            {
                "id": "2", "site": "eu-west-1", "resource": "AWS::Lambda::Function/api", "native": "api",
                "verb": "update", "facet": "", "changes": [],
                "calls": [{"service": "lambda", "operation": "PublishVersion", "params": {"FunctionName": "${name}"},
                           "once": True, "tells": {"version:api@c0de": "Version"}}],
                "needs": ["1"], "undo": [], "cannot_undo": "a published version stays", "reason": [], "warnings": [],
                "fingerprint": "f00d",
            },
        ],
        "left_out": [{"site": "eu-west-1", "resource": "AWS::Lambda::Alias/api/live", "path": "/FunctionVersion",
                      "why": "decided: later", "finding": "77aa"}],
        "resources": [
            {"site": "eu-west-1", "resource": "AWS::Lambda::Function/api", "native": "api", "fingerprint": "f00d",
             "fields": {"MemorySize": 256}, "wanted": {"MemorySize": 512}, "golden": "api-x"},
            {"site": "eu-west-1", "resource": "AWS::S3::Bucket/logs", "native": "logs", "fingerprint": "",
             "fields": None, "wanted": None},
        ],
        "symbols": {"eu-west-1": {"subnet:main": "subnet-0abc"}},
        "names": {"us-east-1": {"function:api": "api-x"}},
        "wide": ["prod/cn-north-1"],
        "key_id": NAMED,
        "undoes": "",
        "summary": {"create": 0, "update": 1, "delete": 0, "actions": 2, "left_out": 1},
    }  # fmt: skip


def test_the_digest_is_that_of_the_document_without_the_seals():
    document = json.loads(plan_text(PLAN, KEY))
    whole = {name: one for name, one in document.items() if name not in ("seal", "sha256")}
    text = json.dumps(whole, sort_keys=True, ensure_ascii=False, indent=1) + "\n"

    assert document["sha256"] == hashlib.sha256(text.encode()).hexdigest()


def test_a_plan_that_was_edited_and_given_the_digest_that_fits_is_refused():
    edited = {**json.loads(plan_text(PLAN, KEY)), "golden": "eu-central-1"}

    assert refusal(sealed_text(edited, b"x" * 32)) == (
        "plan.json was not sealed by auditor: it was edited after it was made, and its sha256 was made to fit. Nothing "
        "was called. Make a new plan with 'auditor plan', or restore the file as it was written."
    )


def test_a_plan_that_another_key_sealed_is_refused_with_what_to_do_next():
    text = plan_text(replace(PLAN, key_id=key_id(b"x" * 32)), b"x" * 32)

    assert refusal(text) == (
        "plan.json was sealed with another key than the one here, so that nobody can tell who made it. Nothing was "
        "called. Set AUDITOR_FINGERPRINT_KEY to the key that it was made with, which is to be the same wherever plans "
        "are made, reviewed and applied, or make a new plan with 'auditor plan'."
    )


def test_who_only_shows_a_plan_needs_no_key():
    assert parse_plan(plan_text(PLAN, KEY), "plan.json", None) == PLAN


def test_a_plan_of_other_fingerprints_is_not_sealed_with_this_key():
    with pytest.raises(PlanError, match="made with another key than the one here"):
        plan_text(replace(PLAN, key_id="k1"), KEY)


def test_the_files_keys_are_sorted_and_a_newline_ends_it():
    text = plan_text(PLAN, KEY)

    assert text == json.dumps(json.loads(text), sort_keys=True, indent=1) + "\n"


def test_half_a_character_is_written_as_its_escape():
    assert '"undoes": "\\ud800"' in plan_text(HALF, KEY)


@given(st.data())
def test_a_file_in_which_a_character_was_changed_is_refused(data):
    text = plan_text(PLAN, KEY)
    where = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda one: one != text[where]))

    assert "Nothing was called." in refusal(text[:where] + other + text[where + 1 :])


@given(st.integers(0, len(plan_text(PLAN, KEY)) - 1))
def test_a_file_that_was_cut_off_is_refused(length):
    assert "Nothing was called." in refusal(plan_text(PLAN, KEY)[:length])


def test_an_edited_plan_is_refused_with_what_to_do_next():
    assert refusal(plan_text(PLAN, KEY).replace("512", "1024")) == (
        "plan.json was edited after it was made, or is cut off: its sha256 does not fit what it holds. Nothing was "
        "called. Make a new plan with 'auditor plan', or restore the file as it was written."
    )


def test_a_plan_formatted_anew_is_refused():
    assert refusal(json.dumps(json.loads(plan_text(PLAN, KEY)))) == (
        f"plan.json is not written as auditor {__version__} writes a plan: it was formatted after it was made, or "
        "another version made it. Nothing was called. Make a new plan with 'auditor plan', or restore the file as it "
        "was written."
    )


def test_a_key_written_twice_is_refused():
    text = plan_text(PLAN, KEY).replace(f' "key_id": "{NAMED}",', f' "key_id": "k0",\n "key_id": "{NAMED}",')

    assert refusal(text).startswith("plan.json is not written as auditor")


@pytest.mark.parametrize("text", ["", "not JSON", '{"schema": ', "[" * 100_000])
def test_what_is_not_json_is_no_plan(text):
    assert refusal(text) == (
        "plan.json is not JSON, so it is another file than a plan, or a plan that was cut off. Nothing was called. "
        "Make a plan with 'auditor plan -o FILE'."
    )


@pytest.mark.parametrize(
    ("text", "schema"),
    [('{"schema": "auditor/plan/2"}', "'auditor/plan/2'"), ("{}", "None"), ("[]", "None"), ('"plan"', "None")],
)
def test_another_schema_is_refused(text, schema):
    assert refusal(text) == (
        f"plan.json is of schema {schema}, and this program (auditor {__version__}) reads 'auditor/plan/1'. Nothing "
        "was called. Use the version that wrote it, or make a new plan with 'auditor plan'."
    )


@pytest.mark.parametrize("member", ["accounts", "actions", "symbols", "undoes"])
def test_a_plan_that_lacks_a_member_is_refused_by_its_name(member):
    document = {name: one for name, one in plan_document(PLAN).items() if name != member}

    assert refusal(resealed(document)) == (
        f"plan.json is not a plan that auditor {__version__} can carry out: it lacks '{member}'. Nothing was called. "
        "Make a new plan with 'auditor plan', or restore the file as it was written."
    )


@pytest.mark.parametrize("value", [None, 7, [None], [7], "ab", [[]]])
@pytest.mark.parametrize("member", ["accounts", "actions", "left_out", "resources", "symbols", "names"])
def test_a_member_of_another_form_is_refused(member, value):
    assert "a member of it has another form. Nothing was called." in refusal(
        resealed({**plan_document(PLAN), member: value})
    )


@pytest.mark.parametrize("told", [{"verb": "explode"}, {"warnings": [{"danger": "boredom", "text": ""}]}])
def test_a_verb_or_a_danger_that_nobody_knows_is_refused(told):
    document = plan_document(PLAN)
    first, *others = document["actions"]

    assert "can carry out" in refusal(resealed({**document, "actions": [{**first, **told}, *others]}))


def test_a_member_that_nobody_knows_is_refused():
    assert "is not written as auditor" in refusal(resealed({**plan_document(PLAN), "comment": "looks good"}))


@pytest.mark.parametrize(
    ("verbs", "expected"),
    [
        (("create", "update"), {"create": 1, "update": 0, "delete": 0}),
        (("update", "update"), {"create": 0, "update": 1, "delete": 0}),
        (("delete", "create"), {"create": 1, "update": 0, "delete": 1}),
    ],
)
def test_the_summary_counts_resources(verbs, expected):
    plan = replace(PLAN, actions=tuple(replace(API, verb=verb) for verb in verbs))

    assert plan_summary(plan) == {**expected, "actions": 2, "left_out": 1}


def test_one_name_in_two_sites_is_two_resources():
    plan = replace(PLAN, actions=(API, replace(API, site="ap-southeast-2")))

    assert plan_summary(plan)["update"] == 2


def test_golden_is_among_the_sites_only_where_it_is_written():
    assert plan_sites(replace(PLAN, actions=(replace(API, site="us-east-1"),))) == ("eu-west-1", "us-east-1")


@pytest.mark.parametrize(
    ("value", "hint", "formed"),
    [
        ("a", str, True),
        (None, str, False),
        (True, bool, True),
        (1, bool, False),
        ("low", Literal["low", "high"], True),
        (["low"], Literal["low", "high"], False),
        (("a", "b"), tuple[str, ...], True),
        (("a", 1), tuple[str, ...], False),
        ({"a": "b"}, Mapping[str, str], True),
        ({"a": []}, Mapping[str, str], False),
        ([], Mapping[str, str], False),
        (None, str | None, True),
        (PlannedCall("s3", "PutBucketTagging", {"Tagging": [1]}), PlannedCall, True),
        (PlannedCall("s3", ["PutBucketTagging"], {}), PlannedCall, False),
        ((PlannedCall("s3", "PutBucketTagging", {}, once=0),), tuple[PlannedCall, ...], False),
    ],
)
def test_a_value_has_the_form_of_its_type_or_has_it_not(value, hint, formed):
    assert is_formed(value, hint) is formed
