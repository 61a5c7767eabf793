"""Secrets in a plan: never their values, only where they are held."""

from __future__ import annotations

import json

import pytest
from plan.grounds import (
    FUNCTION,
    GOLDEN,
    TARGET,
    accepting,
    acting,
    bucket,
    calls,
    function,
    left,
    params,
    planned,
    secret,
    site,
    undone,
)

from auditor.plan.choice import Choice
from auditor.plan.secret_references import NotHeldError, referred
from auditor.specs.field_tree import tree
from auditor.specs.spec import secret as secret_field

ONE, OTHER = "1" * 32, "2" * 32
NODE = tree((secret_field("Variables.*"),))
PLACE = "/Environment/Variables/KEY"


def variable(value):
    return {"Variables": {"KEY": value}}


def of_variables(golden, actual, **asked):
    """The plan for one function with these environment variables in golden and in the other site."""
    return planned(
        site(GOLDEN, function("f", GOLDEN, environment={"Variables": golden})),
        site(TARGET, function("f", environment={"Variables": actual})),
        **asked,
    )


def variables(made):
    return params(made, "UpdateFunctionConfiguration")["Environment"]["Variables"]


def test_a_secret_that_differs_is_taken_from_golden():
    assert variables(of_variables({"KEY": secret(ONE)}, {"KEY": secret(OTHER)})) == {"KEY": f"${{golden:{PLACE}}}"}


def test_a_secret_that_is_alike_stays_the_sites_own():
    made = of_variables({"KEY": secret(ONE), "NEW": secret(OTHER)}, {"KEY": secret(ONE)})

    assert variables(made)["KEY"] == f"${{own:{PLACE}}}"


def test_a_value_that_may_be_shown_stands_in_the_plan_as_every_site_says_it():
    made = of_variables({"KEY": secret(ONE, shown=f"arn:aws:sqs:{GOLDEN}:123456789012:q")}, {"KEY": secret(OTHER)})

    assert variables(made) == {"KEY": "arn:aws:sqs:${region}:${account}:q"}


def test_a_replaced_secret_cannot_be_brought_back():
    action = acting(of_variables({"KEY": secret(ONE)}, {"KEY": secret(OTHER)}), "UpdateFunctionConfiguration")

    assert (action.undo, action.cannot_undo) == ((), f"the value that {PLACE} has is kept nowhere")


def test_a_replaced_value_that_may_be_shown_can_be_brought_back():
    made = of_variables({"KEY": secret(ONE)}, {"KEY": secret(OTHER, shown="info")})

    assert undone(acting(made, "UpdateFunctionConfiguration")) == [
        ("UpdateFunctionConfiguration", {"FunctionName": "${name}", "Environment": {"Variables": {"KEY": "info"}}})
    ]


def test_an_added_secret_is_taken_away_and_the_one_beside_it_stays():
    made = of_variables({"KEY": secret(ONE), "NEW": secret(OTHER)}, {"KEY": secret(ONE)})

    [(_, undo)] = undone(acting(made, "UpdateFunctionConfiguration"))
    assert undo["Environment"] == {"Variables": {"KEY": f"${{own:{PLACE}}}"}}


def test_a_secret_that_names_what_is_not_known_elsewhere_is_left():
    made = of_variables({"KEY": secret(ONE, unresolved=["the API's id"])}, {"KEY": secret(OTHER)})

    assert left(made) == {PLACE: f"golden's {PLACE} names what is not known elsewhere (the API's id)"}


def test_no_fingerprint_of_a_secret_is_in_any_call():
    made = of_variables({"A": secret(ONE), "B": secret(OTHER)}, {"A": secret(OTHER), "C": secret(ONE)})

    assert not any(one in repr([(action.calls, action.undo) for action in made.actions]) for one in (ONE, OTHER))


def test_a_new_function_takes_its_secrets_from_golden():
    golden = site(GOLDEN, function("f", GOLDEN, environment=variable(secret(ONE))))

    assert params(planned(golden, site(TARGET)), "CreateFunction")["Environment"] == variable(f"${{golden:{PLACE}}}")


def test_a_stored_golden_gives_no_secret():
    made = of_variables({"KEY": secret(ONE)}, {"KEY": secret(OTHER)}, live=False)

    assert left(made) == {
        PLACE: "golden is a snapshot, which holds neither secrets nor code: plan with a golden site that can be read"
    }


def test_a_stored_golden_can_be_followed_where_the_secrets_stay_their_own():
    made = of_variables({"KEY": secret(ONE)}, {"KEY": secret(ONE), "MORE": secret(OTHER)}, live=False)

    assert variables(made) == {"KEY": f"${{own:{PLACE}}}"}


def test_the_fingerprint_of_a_token_is_not_written_in_its_place():
    statement = {
        "Sid": "a",
        "Effect": "Allow",
        "Principal": {"Service": "alexa-appkit.amazon.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": f"arn:aws:lambda:{GOLDEN}:123456789012:function:f",
        "Condition": {"StringEquals": {"lambda:EventSourceToken": f"secret:{ONE}"}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    made = planned(site(GOLDEN, function("f", GOLDEN, policy=policy)), site(TARGET, function("f")))

    assert (calls(made), set(left(made).values())) == ([], {"it holds a token of which a fingerprint is kept only"})


def test_what_is_no_secret_is_as_it_was():
    assert referred({"Variables": {}, "Size": [1]}, {}, NODE, "", from_golden=True) == {"Variables": {}, "Size": [1]}


def test_a_secret_is_told_by_where_it_is():
    assert referred(variable(secret(ONE)), {}, NODE, "/Environment", from_golden=True) == variable(
        f"${{golden:{PLACE}}}"
    )


def test_a_secret_that_nobody_holds_is_an_error():
    with pytest.raises(NotHeldError, match="the value that /Environment/Variables/KEY has is kept nowhere"):
        referred(variable(secret(ONE)), variable(secret(OTHER)), NODE, "/Environment", from_golden=False)


def test_an_accepted_secret_stays_the_sites_own_while_the_others_follow_golden():
    made = of_variables(
        {"KEY": secret(ONE), "B": secret(ONE)},
        {"KEY": secret(OTHER), "B": secret(OTHER)},
        exceptions=[accepting(f"{FUNCTION}/f", PLACE)],
        choice=Choice(),
    )

    assert variables(made)["KEY"] == f"${{own:{PLACE}}}"


def test_a_deleted_resource_is_made_again_without_asking_golden():
    golden, actual = site(GOLDEN, bucket("a", GOLDEN)), site(TARGET, bucket("a"), bucket("b"))
    made = planned(golden, actual, choice=Choice(deletes=True))

    assert "${golden:" not in repr(made.actions[0].undo)


def test_every_secret_that_is_lost_is_told_by_its_name():
    made = of_variables(
        {"A": secret(ONE), "B": secret(ONE), "C": secret(ONE)},
        {"A": secret(OTHER), "B": secret(OTHER), "D": secret(ONE)},
    )

    assert acting(made, "UpdateFunctionConfiguration").cannot_undo == (
        "the values that /Environment/Variables/A, /Environment/Variables/B and /Environment/Variables/D have "
        "are kept nowhere"
    )


def test_every_secret_that_cannot_be_told_elsewhere_is_told():
    made = of_variables({"A": secret(ONE, unresolved=["a"]), "B": secret(ONE, unresolved=["b"])}, {})

    both = [
        f"golden's /Environment/Variables/{name.upper()} names what is not known elsewhere ({name})" for name in "ab"
    ]
    assert set(left(made).values()) == {"; ".join(both)}
