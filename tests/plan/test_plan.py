"""The plan as a whole: what it stands on, what it says of its sites, and that it depends on nothing but the drift."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given, settings, strategies as st
from plan.grounds import (
    ALIAS,
    BUCKET,
    FUNCTION,
    GOLDEN,
    TARGET,
    THIRD,
    accepting,
    acting,
    bucket,
    calls,
    drifted,
    function,
    grounds_of,
    left,
    planned,
    planner_of,
    resource,
    secret,
    site,
)

from auditor.canonical.pairing import Pairing
from auditor.model.plan import Plan
from auditor.model.values import Locale
from auditor.plan.choice import Choice
from auditor.plan.plan import fingerprint, plan

REQUESTER, OWNER = {"Payer": "Requester"}, {"Payer": "BucketOwner"}


def shop(region, payer, memory, variables):
    """A bucket and a function with an alias, so that there is something to order."""
    return (
        bucket("b", region, request_payment=payer, cors={"CORSRules": [{"MaxAgeSeconds": memory}]}),
        function(
            "f", region, settings={"MemorySize": memory}, environment={"Variables": variables}, concurrency=memory
        ),
        resource(ALIAS, "f/live", configuration={"Name": "live", "Description": str(memory)}),
    )


def shops():
    golden = site(GOLDEN, *shop(GOLDEN, REQUESTER, 512, {"A": secret("1" * 32)}))
    actual = site(TARGET, *shop(TARGET, OWNER, 128, {"A": secret("2" * 32), "B": secret("3" * 32)}))
    return golden, actual, site(THIRD, *shop(THIRD, OWNER, 256, {})[:1])


def test_sites_that_are_alike_need_no_plan():
    golden = site(GOLDEN, bucket("b", GOLDEN))

    assert planned(golden, site(TARGET, bucket("b"))) == Plan(
        GOLDEN,
        "2026-11-24T01:02:03Z",
        {GOLDEN: "123456789012", TARGET: "123456789012"},
        (),
        symbols={TARGET: {}},
        names={GOLDEN: {}, TARGET: {}},
        key_id="key",
    )


@settings(deadline=None, max_examples=25)
@given(st.randoms(use_true_random=False))
def test_the_plan_is_the_same_whatever_order_findings_and_resources_come_in(chance: random.Random):
    golden, *others = shops()
    exceptions = [accepting(f"{FUNCTION}/f", "/MemorySize")]
    found = drifted(golden, *others, exceptions=exceptions)
    shuffled = [replace(one, resources=tuple(_shuffled(one.resources, chance))) for one in (golden, *others)]
    findings = replace(found, findings=tuple(_shuffled(found.findings, chance)))

    assert plan(findings, planner_of(shuffled[0]), grounds_of(*shuffled[1:]), "key") == planned(
        golden, *others, exceptions=exceptions
    )


def _shuffled(values, chance):
    return chance.sample(list(values), len(values))


def test_the_ids_of_a_plan_are_the_same_the_next_time():
    assert [one.id for one in planned(*shops()).actions] == [one.id for one in planned(*shops()).actions]


def test_every_action_needs_only_what_comes_before_it_in_its_own_site():
    made = planned(*shops())
    before = {
        one.id: {other.id for other in made.actions[:n] if other.site == one.site} for n, one in enumerate(made.actions)
    }

    assert all(before[one.id].issuperset(one.needs) for one in made.actions)


@settings(deadline=None)
@given(st.integers(1, 12))
def test_as_many_actions_as_are_allowed_never_need_one_that_is_not_among_them(most):
    made = planned(site(GOLDEN, *shop(GOLDEN, REQUESTER, 512, {})), site(TARGET), choice=Choice(most=most))

    ids = {one.id for one in made.actions}
    assert ids.issuperset(need for one in made.actions for need in one.needs)


def test_no_more_actions_are_planned_than_are_allowed():
    assert len(planned(*shops(), choice=Choice(most=3)).actions) == 3


def test_what_is_beyond_the_limit_is_left_with_the_reason():
    golden = site(
        GOLDEN, bucket("a", GOLDEN, request_payment=REQUESTER), bucket("b", GOLDEN, request_payment=REQUESTER)
    )
    made = planned(golden, site(TARGET, bucket("a"), bucket("b")), choice=Choice(most=1))

    assert [(one.name, one.path, one.why) for one in made.left_out] == [
        ("b", "/RequestPaymentConfiguration/Payer", "beyond --max-changes 1")
    ]


def test_a_limit_that_is_not_reached_leaves_nothing():
    made = planned(*shops(), choice=Choice(most=99))

    assert not any("--max-changes" in one.why for one in made.left_out)


def test_every_touched_resource_is_named_with_the_state_that_the_plan_stands_on():
    made = planned(
        site(GOLDEN, bucket("b", GOLDEN, request_payment=REQUESTER)), site(TARGET, bucket("b", request_payment=OWNER))
    )

    [one] = made.resources
    assert (one.native, one.fields["RequestPaymentConfiguration"], one.wanted["RequestPaymentConfiguration"]) == (
        "b", OWNER, REQUESTER,
    )  # fmt: skip


def test_of_a_resource_that_is_not_there_yet_the_plan_stands_on_nothing():
    [one] = planned(site(GOLDEN, bucket("b-us-east-1", GOLDEN)), site(TARGET)).resources

    assert (one.fields, one.fingerprint, one.golden) == (None, fingerprint(None), "b-us-east-1")


def test_of_a_deleted_resource_nothing_is_wanted():
    golden, actual = site(GOLDEN, bucket("a", GOLDEN)), site(TARGET, bucket("a"), bucket("b"))
    [one] = planned(golden, actual, choice=Choice(deletes=True)).resources

    assert (one.wanted, one.golden) == (None, "")


def test_a_resource_that_is_left_is_not_named_as_touched():
    assert planned(site(GOLDEN, bucket("a", GOLDEN)), site(TARGET, bucket("a"), bucket("b"))).resources == ()


def test_a_state_has_another_name_as_soon_as_a_field_changes():
    assert fingerprint({"a": {"b": 1}}) != fingerprint({"a": {"b": 2}})


def test_a_state_has_the_same_name_in_whatever_order_its_fields_come():
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})


def paired(*names):
    golden = site(GOLDEN, *(bucket(f"{one}-{GOLDEN}", GOLDEN) for one in names))
    return golden, site(TARGET)


def test_a_resource_with_the_region_in_its_name_is_made_under_the_name_of_its_own():
    made = planned(*paired("assets"))

    assert (made.actions[0].name, made.actions[0].native) == ("assets-${region}", "assets-eu-west-1")


def test_a_name_that_only_a_pair_tells_is_taken_from_the_settings():
    pairing = Pairing(pairs={BUCKET: {"files": {GOLDEN: "gold", TARGET: "own"}}})
    made = planned(site(GOLDEN, bucket("gold", GOLDEN)), site(TARGET), pairing=pairing)

    assert (made.actions[0].name, made.actions[0].native) == ("files", "own")


def test_a_name_that_nobody_tells_makes_nothing():
    pairing = Pairing(pairs={BUCKET: {"files": {GOLDEN: "gold"}}})
    made = planned(site(GOLDEN, bucket("gold", GOLDEN)), site(TARGET), pairing=pairing)

    assert left(made) == {"": f"the settings do not say what it is to be called in {TARGET}"}


def test_the_plan_says_what_paired_resources_are_called_in_every_site():
    pairing = Pairing(pairs={BUCKET: {"files": {GOLDEN: "gold", TARGET: "own"}}})
    made = planned(site(GOLDEN, bucket("gold", GOLDEN)), site(TARGET, bucket("own")), pairing=pairing)

    assert made.names == {GOLDEN: {"bucket:files": "gold"}, TARGET: {"bucket:files": "own"}}


def test_a_value_that_holds_the_name_of_a_bucket_that_is_made_is_written_with_that_name():
    pairing = Pairing(pairs={BUCKET: {"files": {GOLDEN: "gold", TARGET: "own"}}})
    golden = site(GOLDEN, bucket("gold", GOLDEN), function("f", GOLDEN, tags={"bucket": "gold"}))
    made = planned(golden, site(TARGET, function("f")), pairing=pairing)

    assert (acting(made, "TagResource").calls[0].params["Tags"], made.symbols[TARGET]) == (
        {"bucket": "${bucket:files}"}, {"bucket:files": "own"},
    )  # fmt: skip


def test_only_symbols_that_are_used_are_in_the_plan():
    references = {"subnet-9def": "subnet:a", "subnet-1": "subnet:b"}
    vpc = {"VpcConfig": {"SubnetIds": ["subnet-0abc"], "SecurityGroupIds": []}}
    golden = site(GOLDEN, function("f", GOLDEN, settings=vpc), references={"subnet-0abc": "subnet:a"})
    made = planned(golden, site(TARGET, function("f"), references=references))

    assert made.symbols == {TARGET: {"subnet:a": "subnet-9def"}}


def test_a_site_of_another_partition_is_worded_for_it():
    role = {"Role": "arn:aws:iam::123456789012:role/new"}
    golden = site(GOLDEN, function("f", GOLDEN, settings=role))
    china = replace(
        site(TARGET, function("f", settings={"Role": "arn:aws-cn:iam::123456789012:role/old"})),
        locale=Locale(TARGET, "euw1", "123456789012", "aws-cn", "amazonaws.com.cn"),
    )
    grounds = {TARGET: replace(grounds_of(china)[TARGET], wide=True)}
    made = plan(drifted(golden, china), planner_of(golden), grounds, "key")

    assert (made.wide, acting(made, "UpdateFunctionConfiguration").calls[0].params["Role"]) == (
        (TARGET,), "arn:${partition}:iam::${account}:role/new",
    )  # fmt: skip


def test_the_accounts_of_all_sites_are_named():
    made = planned(site(GOLDEN, bucket("b-us-east-1", GOLDEN)), site(TARGET, account="210987654321"))

    assert (made.accounts, calls(made)[0]) == ({GOLDEN: "123456789012", TARGET: "210987654321"}, "CreateBucket")
