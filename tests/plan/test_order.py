"""In which order a plan's actions come, and what each needs."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given, settings, strategies as st
from plan.grounds import (
    ALIAS,
    BUCKET,
    FUNCTION,
    GOLDEN,
    MAPPING,
    SPECS,
    TARGET,
    THIRD,
    acting,
    bucket,
    calls,
    function,
    planned,
    resource,
    site,
)

from auditor.model.plan import Action, PlannedCall, Warned
from auditor.model.values import Change
from auditor.plan.choice import Choice
from auditor.plan.draft import Draft
from auditor.plan.order import action_id, ordered

CLOSED = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
OPEN = dict.fromkeys(CLOSED, False)
POLICY = json.dumps(
    {"Statement": [{"Sid": "a", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}
)
ENFORCED = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
WRITER = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
GRANTS = {"Owner": {"ID": "me"}, "Grants": [{"Grantee": {"Type": "CanonicalUser", "ID": "x"}, "Permission": "READ"}]}

WITHOUT_LISTS = {"ownership_controls": ENFORCED, "acl": {**GRANTS, "Grants": []}}


def of_buckets(golden, actual):
    return calls(planned(site(GOLDEN, bucket("b", GOLDEN, **golden)), site(TARGET, bucket("b", **actual))))


def notified(region):
    arn = f"arn:aws:lambda:{region}:123456789012:function:f"
    return {"LambdaFunctionConfigurations": [{"Id": "n", "LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}]}


def invoked_by_s3(region):
    statement = {"Sid": "s3", "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
                 "Action": "lambda:InvokeFunction",
                 "Resource": f"arn:aws:lambda:{region}:123456789012:function:f"}  # fmt: skip
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def mapping(region):
    configuration = {
        "UUID": "u",
        "FunctionArn": f"arn:aws:lambda:{region}:123456789012:function:f",
        "EventSourceArn": f"arn:aws:sqs:{region}:123456789012:q",
        "BatchSize": 10,
        "State": "Enabled",
    }
    name = f"f/arn:aws:sqs:{region}:123456789012:q"
    return resource(MAPPING, name, configuration=configuration, filters={"UUID": "u", "Filters": []})


def alias(name):
    return resource(ALIAS, name, configuration={"Name": name.partition("/")[2]})


def draft(turn, *, type_=FUNCTION, name="f", site_=TARGET, params=None, tells=None, **others):
    call = PlannedCall("lambda", "Do", params or {}, tells=tells or {})
    return Draft(Action("", site_, type_, name, name, "update", str(turn), (call,), **others), turn)


def needs_of(*drafts):
    """For each draft that was given, by its facet, the facets of those that it needs."""
    made = ordered(drafts, SPECS)
    facets = {one.id: one.facet for one in made}
    return {one.facet: [facets[need] for need in one.needs] for one in made}


def test_what_opens_a_bucket_comes_before_the_policy_that_it_would_refuse():
    assert of_buckets({"policy": POLICY, "public_access_block": OPEN}, {"public_access_block": CLOSED}) == [
        "PutPublicAccessBlock", "PutBucketPolicy",
    ]  # fmt: skip


def test_what_closes_a_bucket_comes_after_its_policy_is_gone():
    assert of_buckets({"public_access_block": CLOSED}, {"policy": POLICY}) == [
        "DeleteBucketPolicy", "PutPublicAccessBlock",
    ]  # fmt: skip


def test_a_policy_without_a_statement_is_put_in_order_like_any_other():
    assert of_buckets({"policy": POLICY}, {"policy": '{"Version": "2012-10-17"}'}) == ["PutBucketPolicy"]


def test_access_lists_are_turned_on_before_the_grants():
    with_lists = {"ownership_controls": WRITER, "acl": GRANTS}

    assert of_buckets(with_lists, WITHOUT_LISTS) == ["PutBucketOwnershipControls", "PutBucketAcl"]


def test_access_lists_are_turned_off_after_the_grants_are_gone():
    with_lists = {"ownership_controls": WRITER, "acl": GRANTS}

    assert of_buckets(WITHOUT_LISTS, with_lists) == ["PutBucketAcl", "PutBucketOwnershipControls"]


def test_versioning_comes_before_replication():
    rules = {"Role": "arn:aws:iam::123456789012:role/r", "Rules": [{"ID": "r", "Status": "Enabled", "Prefix": ""}]}

    assert of_buckets({"versioning": {"Status": "Enabled"}, "replication": rules}, {}) == [
        "PutBucketVersioning", "PutBucketReplication",
    ]  # fmt: skip


def test_tags_come_before_what_makes_them_count():
    assert of_buckets({"tagging": [{"Key": "a", "Value": "b"}], "abac": {"Status": "Enabled"}}, {}) == [
        "TagResource", "PutBucketAbac",
    ]  # fmt: skip


def test_a_notification_comes_after_the_permission_to_call_the_function():
    holder = function("f", GOLDEN, policy=invoked_by_s3(GOLDEN))
    golden = site(GOLDEN, bucket("b", GOLDEN, notification=notified(GOLDEN)), holder)
    made = planned(golden, site(TARGET, bucket("b"), function("f")))

    assert (calls(made), acting(made, "PutBucketNotificationConfiguration").needs) == (
        ["AddPermission", "PutBucketNotificationConfiguration"], (acting(made, "AddPermission").id,),
    )  # fmt: skip


def test_what_starts_the_traffic_comes_last():
    golden = site(
        GOLDEN,
        bucket("b", GOLDEN, notification=notified(GOLDEN)),
        function("f", GOLDEN, policy=invoked_by_s3(GOLDEN)),
        mapping(GOLDEN),
    )

    assert calls(planned(golden, site(TARGET, bucket("b"))))[-2:] == [
        "CreateEventSourceMapping", "UpdateEventSourceMapping",
    ]  # fmt: skip


def test_a_mapping_is_made_disabled_and_enabled_on_its_own():
    made = planned(site(GOLDEN, function("f", GOLDEN), mapping(GOLDEN)), site(TARGET, function("f")))

    assert [call.params["Enabled"] for one in made.actions for call in one.calls] == [False, True]


def test_to_take_back_a_mapping_that_was_made_takes_back_that_it_was_enabled():
    made = planned(site(GOLDEN, function("f", GOLDEN), mapping(GOLDEN)), site(TARGET, function("f")))

    assert [[call.operation for call in one.undo] for one in made.actions] == [["DeleteEventSourceMapping"], []]


def test_deletes_come_after_everything_else_and_in_the_opposite_order():
    golden = site(GOLDEN, function("f", GOLDEN, concurrency=5), bucket("b", GOLDEN), alias("f/live"))
    actual = [bucket("b"), bucket("c"), function("f"), function("g"), alias("f/live"), alias("g/live")]

    assert calls(planned(golden, site(TARGET, *actual), choice=Choice(deletes=True))) == [
        "PutFunctionConcurrency", "DeleteAlias", "DeleteFunction", "DeleteBucket",
    ]  # fmt: skip


def test_what_logs_go_to_is_written_before_who_logs_there():
    logging = {"LoggingEnabled": {"TargetBucket": "logs", "TargetPrefix": ""}}
    golden = site(GOLDEN, bucket("a", GOLDEN, logging=logging), bucket("logs", GOLDEN, policy=POLICY))
    made = planned(golden, site(TARGET, bucket("a"), bucket("logs")))

    assert acting(made, "PutBucketLogging").needs == (acting(made, "PutBucketPolicy").id,)


def test_two_actions_on_one_resource_come_one_after_the_other():
    assert needs_of(draft(80), draft(70)) == {"70": [], "80": ["70"]}


def test_actions_on_resources_that_have_nothing_to_do_with_each_other_need_nothing():
    assert needs_of(draft(70, name="f"), draft(80, name="g")) == {"70": [], "80": []}


def test_what_names_another_resource_comes_after_it():
    assert needs_of(draft(70), draft(80, name="g", params={"Arn": "arn:aws:lambda:…:function:f"}))["80"] == ["70"]


def test_a_name_that_is_part_of_another_one_names_nothing():
    assert needs_of(draft(70), draft(80, name="g", params={"Arn": "…:function:f-two", "B": "my-f"}))["80"] == []


def test_a_part_comes_after_what_it_is_a_part_of():
    assert needs_of(draft(70), draft(90, type_=ALIAS, name="f/live"))["90"] == ["70"]


def test_what_uses_a_symbol_comes_after_the_answer_that_tells_it():
    teller = draft(60, name="one", tells={"layer:l@1": "Arn"})

    assert needs_of(teller, draft(70, name="two", params={"Layers": ["${layer:l@1}"]}))["70"] == ["60"]


def test_what_is_needed_by_something_that_is_needed_is_not_named_again():
    assert needs_of(draft(70), draft(71), draft(72))["72"] == ["71"]


def test_nothing_needs_what_is_done_in_another_site():
    assert needs_of(draft(70, site_=THIRD), draft(80)) == {"70": [], "80": []}


def test_an_id_stays_the_same_whatever_else_is_planned():
    golden = site(GOLDEN, bucket("a", GOLDEN, cors={"CORSRules": []}), bucket("b", GOLDEN, policy=POLICY))
    whole = planned(golden, site(TARGET, bucket("a"), bucket("b")))
    part = planned(golden, site(TARGET, bucket("a", cors={"CORSRules": []}), bucket("b")))

    assert acting(part, "PutBucketPolicy").id == acting(whole, "PutBucketPolicy").id


def test_an_id_does_not_depend_on_why_it_is_done_or_what_there_is_to_say_of_it():
    plain = draft(1).action
    said = replace(plain, warnings=(Warned("cost", "much"),), reason=("x",), needs=("y",), changes=(Change("/a"),))

    assert action_id(said) == action_id(plain)


def test_another_call_has_another_id():
    assert action_id(draft(1, params={"A": 1}).action) != action_id(draft(1, params={"A": 2}).action)


def test_the_same_in_another_site_has_another_id():
    assert action_id(draft(1).action) != action_id(draft(1, site_=THIRD).action)


DRAFTS = st.lists(
    st.builds(
        draft,
        st.sampled_from([20, 60, 70, 80, 980]),
        type_=st.sampled_from([FUNCTION, BUCKET, ALIAS]),
        name=st.sampled_from(["f", "g", "f/live", "g/live"]),
        site_=st.sampled_from([TARGET, THIRD]),
        params=st.fixed_dictionaries({"A": st.sampled_from(["f", "${s:1}", "x"]), "B": st.integers(0, 9)}),
        tells=st.sampled_from([{}, {"s:1": "X"}]),
    ),
    unique_by=lambda one: (one.turn, one.action.site, one.action.type, one.action.name),
    max_size=8,
)


@settings(deadline=None)
@given(DRAFTS)
def test_every_action_comes_after_all_that_it_needs(drafts):
    made = [one.id for one in ordered(drafts, SPECS)]

    assert all(made.index(need) < made.index(one.id) for one in ordered(drafts, SPECS) for need in one.needs)


@settings(deadline=None)
@given(DRAFTS.flatmap(lambda drafts: st.tuples(st.just(drafts), st.permutations(drafts))))
def test_the_order_is_the_same_whatever_order_the_drafts_come_in(pair):
    first, second = ({one.id: set(one.needs) for one in ordered(drafts, SPECS)} for drafts in pair)

    assert first == second
