"""What takes a run back: what it did, the other way round and in the opposite order; what cannot be, and why."""

from __future__ import annotations

from dataclasses import replace

from plan.grounds import (
    BUCKET,
    GOLDEN,
    TARGET,
    accepting,
    acting,
    bucket,
    calls,
    function,
    grounds_of,
    planned,
    secret,
    site,
    tags,
)

from auditor.apply.target import differences
from auditor.model.plan import PlannedCall
from auditor.plan.choice import Choice
from auditor.plan.order import action_id
from auditor.plan.plan import fingerprint
from auditor.plan.rollback import Now, rollback
from auditor.runs.state import RunState

ENABLED = {"Status": "Enabled"}
REQUESTER, OWNER = {"Payer": "Requester"}, {"Payer": "BucketOwner"}
RUN = "20261124T010203Z"
BASIC = {"Bucket": "${name}", "ExpectedBucketOwner": "${account}"}


def run_of(made, *operations, tells=None):
    """How far a run came that did the actions with these operations; all of them where none is named."""
    done = {one.id for one in made.actions if not operations or {call.operation for call in one.calls} & {*operations}}
    return RunState(frozenset(done), {}, {}, {}, {TARGET: tells} if tells else {})


def taken_back(made, *now, state=None):
    """The plan that takes back a run of `made`, where the site now has these resources."""
    [where] = grounds_of(site(TARGET, *now)).values()

    def fresh(one):
        document = where.documents.get((one.type, one.name))
        return Now(document.fields, differences(one.wanted, document)) if document else Now(None, ())

    return rollback(made, RUN, state or run_of(made), fresh)


def paid(payer, **others):
    return bucket("b", request_payment=payer, **others)


def payment_plan(**others):
    golden = site(GOLDEN, bucket("b", GOLDEN, request_payment=REQUESTER, **others))
    return planned(golden, site(TARGET, paid(OWNER)))


def whys(back):
    return [one.why for one in back.left_out]


def test_an_update_is_taken_back_by_what_was_there_before():
    [action] = taken_back(payment_plan(), paid(REQUESTER)).actions

    assert (action.verb, action.calls) == (
        "update", (PlannedCall("s3", "PutBucketRequestPayment", {**BASIC, "RequestPaymentConfiguration": OWNER}),),
    )  # fmt: skip


def test_to_take_something_back_can_be_taken_back_itself():
    made = payment_plan()
    [action] = taken_back(made, paid(REQUESTER)).actions

    assert action.undo == acting(made, "PutBucketRequestPayment").calls


def test_the_sides_of_a_difference_change_places():
    [action] = taken_back(payment_plan(), paid(REQUESTER)).actions

    assert [(one.path, one.golden, one.actual) for one in action.changes] == [
        ("/RequestPaymentConfiguration/Payer", "BucketOwner", "Requester")
    ]


def test_an_action_that_is_taken_back_has_an_id_of_its_own():
    [action] = taken_back(payment_plan(), paid(REQUESTER)).actions

    assert action.id == action_id(action) != payment_plan().actions[0].id


def test_the_plan_says_which_run_it_takes_back():
    assert taken_back(payment_plan(), paid(REQUESTER)).undoes == RUN


def test_what_is_there_now_is_what_the_new_plan_stands_on():
    [one] = taken_back(payment_plan(), paid(REQUESTER)).resources

    assert (one.fields["RequestPaymentConfiguration"], one.wanted["RequestPaymentConfiguration"], one.fingerprint) == (
        REQUESTER, OWNER, fingerprint(one.fields),
    )  # fmt: skip


def test_what_the_run_did_not_come_to_is_not_taken_back():
    made = payment_plan(cors={"CORSRules": []})

    back = taken_back(made, paid(REQUESTER), state=run_of(made, "PutBucketRequestPayment"))
    assert (calls(back), back.left_out) == (["PutBucketRequestPayment"], ())


def test_what_may_have_been_done_is_taken_back_too():
    made = payment_plan()
    unknown = RunState(frozenset(), {}, {}, {made.actions[0].id: 0}, {})

    assert calls(taken_back(made, paid(REQUESTER), state=unknown)) == ["PutBucketRequestPayment"]


def test_what_was_changed_since_is_left():
    golden = site(GOLDEN, bucket("b", GOLDEN, tagging=tags(team="gold")))
    made = planned(golden, site(TARGET, bucket("b", tagging=tags(team="old"))))
    back = taken_back(made, bucket("b", tagging=tags(team="newer")))

    assert (back.actions, whys(back)) == (
        (), ["it was changed since the run (/Tags/team): to take it back would undo that too"],
    )  # fmt: skip


def lifecycle(**days):
    rules = [
        {"ID": id_, "Status": "Enabled", "Filter": {"Prefix": id_}, "Expiration": {"Days": one}}
        for id_, one in days.items()
    ]
    return {"lifecycle": {"Rules": rules}}


def lifecycle_plan(**asked):
    golden = site(GOLDEN, bucket("b", GOLDEN, **lifecycle(logs=30)))
    return planned(golden, site(TARGET, bucket("b", **lifecycle(logs=90))), **asked)


def test_what_was_added_since_to_what_is_written_whole_is_not_lost():
    back = taken_back(lifecycle_plan(), bucket("b", **lifecycle(logs=30, tmp=1)))

    assert (back.actions, whys(back)) == (
        (),
        ["it was changed since the run (/LifecycleConfiguration/Rules/tmp): to take it back would undo that too"],
    )


def test_what_was_taken_away_since_is_not_put_back():
    back = taken_back(lifecycle_plan(), bucket("b"))

    assert back.actions == ()


def test_what_was_changed_since_elsewhere_does_not_matter():
    assert calls(taken_back(payment_plan(), paid(REQUESTER, **lifecycle(tmp=1)))) == ["PutBucketRequestPayment"]


def test_a_difference_that_was_there_before_the_run_does_not_matter():
    golden = site(GOLDEN, bucket("b", GOLDEN, tagging=tags(team="gold", cost="1")))
    accepted = [accepting(f"{BUCKET}/b", "/Tags/cost")]
    made = planned(golden, site(TARGET, bucket("b", tagging=tags(team="old", cost="2"))), exceptions=accepted)

    assert calls(taken_back(made, bucket("b", tagging=tags(team="gold", cost="2")))) == ["TagResource"]


def test_what_is_gone_by_now_is_left():
    assert whys(taken_back(payment_plan())) == ["it is gone"]


def test_what_was_made_is_deleted_again():
    made = planned(site(GOLDEN, bucket("b-us-east-1", GOLDEN, versioning=ENABLED)), site(TARGET))
    back = taken_back(made, bucket("b-eu-west-1", versioning=ENABLED))

    assert [(one.verb, one.calls[0].operation) for one in back.actions] == [("delete", "DeleteBucket")]


def test_what_was_made_and_changed_since_is_not_deleted():
    made = planned(site(GOLDEN, bucket("b-us-east-1", GOLDEN)), site(TARGET))
    back = taken_back(made, bucket("b-eu-west-1", versioning=ENABLED))

    assert back.actions == ()


def test_what_was_made_only_in_part_is_deleted_again():
    made = planned(site(GOLDEN, bucket("b-us-east-1", GOLDEN, versioning=ENABLED)), site(TARGET))
    back = taken_back(made, bucket("b-eu-west-1"), state=run_of(made, "CreateBucket"))

    assert calls(back) == ["DeleteBucket"]


def is_idle(back):
    return (back.actions, back.left_out) == ((), ())


def test_what_was_made_and_is_gone_already_is_as_it_is_wanted():
    made = planned(site(GOLDEN, bucket("b-us-east-1", GOLDEN, versioning=ENABLED)), site(TARGET))

    assert is_idle(taken_back(made))


def test_what_was_changed_and_is_as_before_already_is_as_it_is_wanted():
    assert is_idle(taken_back(payment_plan(), paid(OWNER)))


def test_what_was_deleted_and_is_there_again_as_before_is_as_it_is_wanted():
    assert is_idle(taken_back(deleting_plan(request_payment=REQUESTER), bucket("a"), paid(REQUESTER)))


def test_what_was_made_by_a_call_of_unknown_fate_and_is_not_seen_may_still_come():
    made = planned(site(GOLDEN, bucket("b-us-east-1", GOLDEN)), site(TARGET))
    first = made.actions[0].id
    for fate in ({"open": {first: 0}}, {"unseen": {first: frozenset({0})}}):
        assert whys(taken_back(made, state=replace(run_of(made), done=frozenset(), **fate))) == ["it is gone"]


def test_what_is_as_before_as_far_as_it_could_be_read_is_not_known_to_be():
    made = payment_plan()
    [where] = grounds_of(site(TARGET, paid(OWNER))).values()

    def unread(one):
        return Now(where.documents[(one.type, one.name)].fields, (), ("RequestPaymentConfiguration",))

    assert len(rollback(made, RUN, run_of(made), unread).left_out) == 1


def test_what_the_plan_left_out_of_a_new_resource_is_no_later_change():
    logging = {"LoggingEnabled": {"TargetBucket": "b-0abc"}}
    golden = site(GOLDEN, bucket("b-us-east-1", GOLDEN, logging=logging), unresolved={"b-0abc": "it has no name"})
    made = planned(golden, site(TARGET))

    assert calls(taken_back(made, bucket("b-eu-west-1"))) == ["DeleteBucket"]


def deleting_plan(**others):
    golden = site(GOLDEN, bucket("a", GOLDEN))
    return planned(golden, site(TARGET, bucket("a"), bucket("b", **others)), choice=Choice(deletes=True))


def test_what_was_deleted_is_made_again():
    [action] = taken_back(deleting_plan(request_payment=REQUESTER), bucket("a")).actions

    assert (action.verb, [call.operation for call in action.calls]) == (
        "create", ["CreateBucket", "PutBucketRequestPayment"],
    )  # fmt: skip


def test_what_was_deleted_and_is_there_again_is_left():
    assert whys(taken_back(deleting_plan(), bucket("a"), paid(REQUESTER))) == ["there is one again"]


def test_what_has_no_way_back_is_left_with_the_reason():
    made = planned(site(GOLDEN, function("f", GOLDEN, sha="sha-of-two")), site(TARGET, function("f")))

    assert whys(taken_back(made, function("f", sha="sha-of-two"))) == ["the code that is there now is kept nowhere"]


def test_what_goes_back_only_in_part_is_said_to():
    made = planned(site(GOLDEN, bucket("b", GOLDEN, versioning=ENABLED)), site(TARGET, bucket("b")))
    [action] = taken_back(made, bucket("b", versioning=ENABLED)).actions

    assert [(one.danger, one.text) for one in action.warnings] == [
        ("irreversible", "a bucket that was versioned once can be suspended, and is never unversioned again")
    ]


def test_what_golden_gave_cannot_be_given_again():
    golden = site(GOLDEN, function("f", GOLDEN, environment={"Variables": {"A": secret("1" * 32)}}))
    made = planned(golden, site(TARGET, function("f")))
    [action] = taken_back(made, function("f", environment={"Variables": {"A": secret("1" * 32)}})).actions

    assert (action.undo, action.cannot_undo) == ((), "what golden had is not kept")


def test_what_came_last_is_taken_back_first_and_what_it_needed_after_it():
    made = planned(
        site(GOLDEN, bucket("b", GOLDEN, versioning=ENABLED, request_payment=REQUESTER)), site(TARGET, paid(OWNER))
    )
    back = taken_back(made, paid(REQUESTER, versioning=ENABLED))

    assert (calls(back), back.actions[1].needs) == (
        ["PutBucketRequestPayment", "PutBucketVersioning"], (back.actions[0].id,),
    )  # fmt: skip


def test_what_has_no_way_back_between_two_actions_does_not_part_them():
    settings = {"MemorySize": 512}
    made = planned(
        site(GOLDEN, function("f", GOLDEN, settings=settings, sha="sha-of-two", tags={"a": "b"})),
        site(TARGET, function("f")),
    )
    back = taken_back(made, function("f", settings=settings, sha="sha-of-two", tags={"a": "b"}))

    assert (calls(back), back.actions[1].needs) == (
        ["UntagResource", "UpdateFunctionConfiguration"], (back.actions[0].id,),
    )  # fmt: skip


def test_what_the_run_was_told_means_the_same_when_it_is_taken_back():
    plan = payment_plan()
    telling = [replace(one, calls=(replace(one.calls[0], tells={"version:f@1": "Version"}),)) for one in plan.actions]
    made = replace(plan, symbols={TARGET: {"a": "1"}}, actions=tuple(telling))
    back = taken_back(made, paid(REQUESTER), state=run_of(made, tells={"version:f@1": 7, "name": "victim"}))

    assert back.symbols == {TARGET: {"a": "1", "version:f@1": "7"}}


def test_what_cannot_be_read_any_more_is_not_written_over():
    made = payment_plan()
    [where] = grounds_of(site(TARGET, paid(REQUESTER))).values()

    def unread(one):
        document = where.documents[(one.type, one.name)]
        return Now(document.fields, (), ("RequestPaymentConfiguration",))

    back = rollback(made, RUN, run_of(made), unread)

    assert [one.why for one in back.left_out] == [
        "RequestPaymentConfiguration could not be read, and what is unknown is not written over"
    ]


def test_to_delete_what_was_made_says_what_goes_with_it():
    made = planned(site(GOLDEN, bucket("b-us-east-1", GOLDEN)), site(TARGET))
    back = taken_back(made, bucket("b-eu-west-1"))

    assert "irreversible" in {one.danger for one in acting(back, "DeleteBucket").warnings}


def test_a_call_that_was_not_seen_to_be_made_may_have_been_and_is_looked_at():
    made = payment_plan()
    [action] = made.actions
    unseen = replace(run_of(made), done=frozenset(), unseen={action.id: frozenset({0})})

    assert calls(taken_back(made, paid(REQUESTER), state=unseen)) == ["PutBucketRequestPayment"]
