"""Which actions are still carried out once one has failed."""

from __future__ import annotations

from auditor.apply.schedule import carried_out
from auditor.errors import ApplyError
from auditor.model.plan import Action, PlannedCall

BUCKET = "AWS::S3::Bucket"


def action(id_, *needs, name="b", verb="create", facet=""):
    return Action(id_, "eu-west-1", BUCKET, name, name, verb, facet, (PlannedCall("s3", "Do", {}),), needs=needs)


def done_of(*actions, refused=(), elsewhere=False):
    """The ids of the actions that were carried out; `elsewhere`: as soon as one is done, one in another site fails."""

    def carry_out(one):
        if one.id in refused:
            raise ApplyError("refused")

    outcomes = carried_out(actions, frozenset(), carry_out, lambda one: not elsewhere and not one.error)
    return [one.action.id for one in outcomes if one.done]


def test_a_resource_that_was_made_is_configured_although_the_run_stops():
    made = (action("make"), action("block", "make", facet="public access block"), action("acl", "block", facet="acl"))

    assert done_of(*made, elsewhere=True) == ["make", "block", "acl"]


def test_nothing_else_is_begun_once_the_run_stops():
    others = (action("other", "make", name="c", verb="update", facet="acl"), action("new", "make", name="d"))

    assert done_of(action("make"), *others, elsewhere=True) == ["make"]


def test_what_was_there_before_is_not_changed_further_once_the_run_stops():
    first, second = action("a", verb="update", facet="cors"), action("b", "a", verb="update", facet="acl")

    assert done_of(first, second, elsewhere=True) == ["a"]


def test_what_needs_what_failed_is_not_done_to_complete_a_resource():
    made = (action("make"), action("block", "make", facet="public access block"), action("acl", "block", facet="acl"))

    assert done_of(*made, refused=("block",)) == ["make"]


def test_no_further_step_of_making_is_begun_once_the_run_stops():
    assert done_of(action("make"), action("enable", "make"), elsewhere=True) == ["make"]
