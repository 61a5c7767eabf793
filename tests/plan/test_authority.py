"""A plan has authority only over what it says: whatever else a file holds is refused before the first call."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from plan.grounds import FUNCTION, GOLDEN, SPECS, TARGET, function, planned, site

from auditor.canonical.redact import key_id
from auditor.errors import PlanError
from auditor.model.plan import PlannedCall
from auditor.plan.authority import refuse_beyond
from auditor.plan.document import plan_document, plan_from
from auditor.plan.file import parse_plan, sealed_text
from auditor.plan.rollback import Now, rollback
from auditor.plan.sources import refuse_strange_fills
from auditor.plan.symbols import told_in
from auditor.runs.state import RunState
from bench.case_file import read_case
from bench.case_run import outcome_of, titles
from bench.forged import KINDS, forgeries

CASES = (
    "content/version-description",
    "dangers/sse-c-is-let-in",
    "defaults/new-function-as-it-is-born",
    "global-names/account-regional-namespace",
    "lambda/function-alias-url-and-more-at-once",
    "order/mapping-disabled-first",
    "secrets",
)
TOKEN = "${golden:/Environment/Variables/TOKEN}"
KEY = b"k" * 32
TOLD = ("reason", "changes", "before", "after", "cannot_undo")
"""What an action says for people, and what its calls are made of: another value may come to the same calls."""
ONE, OTHER = {"secret": "1" * 32}, {"secret": "2" * 32}


def with_secrets():
    """The plan for a function that has another token, the same key, and more memory."""
    alike = {"Variables": {"TOKEN": ONE, "KEY": ONE}}
    golden = function("api", GOLDEN, settings={"MemorySize": 512}, environment=alike, tags={"a": "1"})
    here = function("api", environment={"Variables": {"TOKEN": OTHER, "KEY": ONE}}, tags={"b": "2"})
    return planned(site(GOLDEN, golden), site(TARGET, here))


@cache
def plan_of(case, back=False):
    """The plan of a case, or the one that takes it back once all of it is done."""
    path = titles().get(case)
    made = outcome_of(read_case(path), path).plan if path else with_secrets()
    done = RunState(frozenset(one.id for one in made.actions), {}, {}, {}, {})
    return rollback(made, "20261129T000000Z", done, lambda on: Now(on.wanted, ())) if back else made


def document_of(case, back=False):
    """The same as its file has it."""
    return json.loads(json.dumps(plan_document(plan_of(case, back))))


def is_refused(document):
    """Whether such a plan is refused, before or while it is looked at."""
    try:
        refuse_beyond(plan_from(document), SPECS, "plan.json")
    except (PlanError, KeyError, TypeError, ValueError, AttributeError):
        return True
    return False


def refusal(plan):
    with pytest.raises(PlanError) as refused:
        refuse_beyond(plan, SPECS, "plan.json")
    return str(refused.value)


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_a_plan_that_was_made_is_let_through(case, back, clean_environment):
    refuse_beyond(plan_from(document_of(case, back)), SPECS, "plan.json")


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_a_plan_that_says_anything_else_is_refused(case, back, clean_environment):
    accepted = [one.what for one in forgeries(document_of(case, back)) if not is_refused(one.document)]
    assert accepted == []


@pytest.mark.parametrize("case", CASES)
def test_a_forged_plan_is_refused_by_its_seal_alone_where_the_key_is_not_known(case, clean_environment):
    for one in forgeries({**document_of(case), "key_id": key_id(KEY)}):
        with pytest.raises(PlanError, match="was not sealed by auditor"):
            parse_plan(sealed_text(one.document, b"x" * 32), "plan.json", KEY)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_value_of_an_action_can_be_another_one_even_with_the_true_seal(clean_environment, data):
    document = {**document_of(data.draw(st.sampled_from(CASES)), data.draw(st.booleans())), "key_id": key_id(KEY)}
    actions = range(len(document["actions"]))
    inside = data.draw(st.sampled_from([["calls", 0], ["undo", 0], []]))
    place = ["actions", data.draw(st.sampled_from(actions)), *inside]
    forged = json.loads(json.dumps(document))
    try:
        part = value_in(forged, place)
    except IndexError:
        return
    leaf = data.draw(st.sampled_from(sorted(leaves(part), key=str)))
    above = value_in(part, leaf[:-1])
    above[leaf[-1]] = data.draw(st.sampled_from(["${name}", "victim", 7, True, None, [], {}, TOKEN]))
    text = sealed_text(forged, KEY)

    if forged == document:
        refuse_beyond(parse_plan(text, "plan.json", KEY), SPECS, "plan.json")
    elif leaf[0] not in TOLD:
        with pytest.raises(PlanError):
            refuse_beyond(parse_plan(text, "plan.json", KEY), SPECS, "plan.json")


def value_in(value, place):
    for step in place:
        value = value[step]
    return value


def leaves(value, place=()):
    """The places of all that is neither a map nor a list, and of what is empty."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [leaf for name, member in members for leaf in leaves(member, (*place, name))]
    return found or ([place] if place else [])


def test_every_kind_of_forgery_is_tried(clean_environment):
    tried = {one.what.partition(" at ")[0] for case in CASES for one in forgeries(document_of(case))}
    assert set(KINDS) - tried == set()


def test_a_refusal_names_the_action_what_it_says_and_what_it_should_say(clean_environment):
    plan = with_secrets()
    action = plan.actions[0]
    forged = PlannedCall("lambda", "DeleteFunction", {"FunctionName": "${name}"})
    text = refusal(replace(plan, actions=(replace(action, calls=(forged,)), *plan.actions[1:])))
    assert f"plan.json: action {action.id}, to update AWS::Lambda::Function/api" in text
    assert '"operation": "DeleteFunction"' in text
    assert '"operation": "UpdateFunctionConfiguration"' in text
    assert text.endswith("Nothing was called. Make a new plan with 'auditor plan'.")


@pytest.mark.parametrize(
    ("params", "fits"),
    [
        ({"Environment": {"Variables": {"TOKEN": TOKEN}}}, True),
        ({"Environment": {"Variables": {"TOKEN": TOKEN.replace("golden", "own")}}}, True),
        ({"ZipFile": "${golden:/Code}"}, True),
        ({"Code": {"ZipFile": "${golden:/Code}"}}, True),
        ({"UUID": "${own:/UUID}"}, True),
        ({"Tags": {"x": TOKEN}}, False),
        ({"Tags": {TOKEN: "x"}}, False),
        ({"Environment": {"Variables": {"OTHER": TOKEN}}}, False),
        ({"Environment": {"Variables": {"OTHER": TOKEN.replace("golden", "own")}}}, False),
        ({"Environment": {"Variables": {"TOKEN": f"x{TOKEN}"}}}, False),
        ({"Description": "${golden:/Description}"}, False),
        ({"Tags": ["${golden:/Code}"]}, False),
        ({"Description": "${golden:/Code}"}, False),
    ],
)
def test_a_secret_fills_its_own_place_and_no_other(params, fits):
    with nullcontext() if fits else pytest.raises(PlanError, match="is no source for"):
        refuse_strange_fills(params, SPECS[FUNCTION])


def test_a_journal_gives_no_meaning_but_to_what_the_plans_calls_tell(clean_environment):
    plan = plan_of("content/version-description")
    symbol = next(one for action in plan.actions for call in action.calls for one in call.tells)
    tells = {TARGET: {symbol: "7", "name": "victim", "account": "999999999999", "role:app": "victim"}}
    assert told_in(plan, TARGET, tells) == {symbol: "7"}
