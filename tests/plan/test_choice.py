"""Which differences a plan takes up, and why it leaves the others."""

from __future__ import annotations

from dataclasses import replace

import pytest
from plan.grounds import (
    ALIAS,
    APPLICATION,
    BUCKET,
    DENIED,
    FUNCTION,
    GOLDEN,
    STACK,
    TARGET,
    THIRD,
    URL,
    accepting,
    bucket,
    calls,
    drifted,
    function,
    left,
    planned,
    resource,
    site,
    tags,
)

from auditor.model.values import Decision, Reading, State, Unread
from auditor.plan.choice import Choice

REQUESTER, OWNER = {"Payer": "Requester"}, {"Payer": "BucketOwner"}
DELETING = Choice(deletes=True)
OWNED = "the CloudFormation stack shop owns it: change it there (--stacks writes it all the same)"
HOLDS_URL = "it still holds AWS::Lambda::Url/g/$LATEST, which is not deleted"


def payers(*regions, golden=REQUESTER, name="b"):
    """Golden, and sites that differ in who pays."""
    return site(GOLDEN, bucket(name, GOLDEN, request_payment=golden)), *(
        site(region, bucket(name, region, request_payment=OWNER)) for region in regions
    )


def url(name, region=TARGET):
    arn = f"arn:aws:lambda:{region}:123456789012:function:{name}"
    return resource(URL, f"{name}/$LATEST", configuration={"FunctionArn": arn, "AuthType": "AWS_IAM"})


def alias(name, **members):
    return resource(ALIAS, name, configuration={"Name": name.partition("/")[2], **members})


def deciding(decision, *sites):
    [finding] = drifted(*sites).findings
    return Choice(decisions={finding.id: Decision(finding.id, decision)})


def test_an_accepted_difference_is_left_with_its_reason_and_its_end():
    until = replace(accepting(f"{BUCKET}/b"), until="2027-01-31")
    made = planned(*payers(TARGET), exceptions=[until])

    assert (calls(made), left(made)) == (
        [], {"/RequestPaymentConfiguration/Payer": "accepted until 2027-01-31: agreed"},
    )  # fmt: skip


def test_what_could_not_be_read_is_not_written():
    golden = site(GOLDEN, bucket("b", GOLDEN, request_payment=REQUESTER))
    made = planned(golden, site(TARGET, bucket("b", request_payment=DENIED)))

    assert (calls(made), [why[:26] for why in left(made).values()]) == ([], ["it could not be read (eu-w"])


def test_a_facet_that_golden_could_not_read_is_left_and_the_others_are_written():
    golden = site(GOLDEN, bucket("b", GOLDEN, request_payment=REQUESTER, cors=DENIED))
    actual = site(TARGET, bucket("b", request_payment=OWNER, cors={"CORSRules": []}))

    assert calls(planned(golden, actual)) == ["PutBucketRequestPayment"]


def test_an_extra_resource_is_left_unless_deleting_is_asked_for():
    made = planned(site(GOLDEN, bucket("a", GOLDEN)), site(TARGET, bucket("a"), bucket("b")))

    assert (calls(made), left(made)) == (
        [], {"": "golden has no such resource; nothing is deleted without --allow-delete"},
    )  # fmt: skip


def test_nothing_is_deleted_where_golden_has_not_a_single_resource_of_the_type():
    made = planned(site(GOLDEN, function("f", GOLDEN)), site(TARGET, function("f"), bucket("b")), choice=DELETING)

    assert (calls(made), left(made)[""][:47]) == ([], "golden has not a single resource of this type: ")


def test_nothing_is_deleted_while_it_holds_what_is_never_deleted():
    golden = site(GOLDEN, function("f", GOLDEN), url("f", GOLDEN))
    made = planned(golden, site(TARGET, function("f"), url("f"), function("g"), url("g")), choice=DELETING)

    assert (calls(made), [one.why for one in made.left_out if one.type == FUNCTION]) == ([], [HOLDS_URL])


def test_nothing_is_deleted_while_it_holds_what_somebody_wants_to_keep():
    golden = site(GOLDEN, function("f", GOLDEN), alias("f/live"))
    actual = site(TARGET, function("f"), alias("f/live"), function("g"), alias("g/live"))
    made = planned(golden, actual, choice=DELETING, exceptions=[accepting(f"{ALIAS}/g/live")])

    assert [one.why for one in made.left_out if one.type == FUNCTION] == [
        "it still holds AWS::Lambda::Alias/g/live, which is not deleted"
    ]


def test_nothing_is_deleted_while_nobody_knows_what_it_holds():
    unread = Unread(URL, "AccessDenied: no", parent="g")
    actual = site(TARGET, function("f"), function("g"), unread=[unread])
    made = planned(site(GOLDEN, function("f", GOLDEN)), actual, choice=DELETING)

    assert [one.why for one in made.left_out if one.type == FUNCTION] == [
        "it still holds what could not be read (AccessDenied: no)"
    ]


def test_what_it_holds_is_deleted_before_it():
    golden = site(GOLDEN, function("f", GOLDEN), alias("f/live"))
    actual = site(TARGET, function("f"), alias("f/live"), function("g"), alias("g/live"))

    assert calls(planned(golden, actual, choice=DELETING)) == ["DeleteAlias", "DeleteFunction"]


def test_a_difference_in_which_golden_stands_alone_is_left_unless_it_is_asked_for():
    made = planned(*payers(TARGET, THIRD))

    assert (calls(made), {one.why for one in made.left_out}) == (
        [], {"golden suspect: every other region agrees, golden alone differs (--suspects takes it up all the same)"},
    )  # fmt: skip


def test_a_difference_in_which_golden_stands_alone_is_removed_on_demand():
    made = planned(*payers(TARGET, THIRD), choice=Choice(suspects=True))

    assert [one.site for one in made.actions] == [TARGET, THIRD]


def test_a_difference_in_which_golden_stands_alone_is_removed_where_somebody_decided_to_fix_it():
    found = planned(*payers(TARGET, THIRD)).left_out[0]
    made = planned(*payers(TARGET, THIRD), choice=Choice(decisions={found.finding: Decision(found.finding, "fix")}))

    assert [one.site for one in made.actions] == [found.site]


def owned_itself():
    return (
        site(GOLDEN, function("f", GOLDEN, settings={"Timeout": 9})),
        site(TARGET, function("f", tags={STACK: "shop"})),
    )


def owned_by_its_parent():
    return (
        site(GOLDEN, function("f", GOLDEN), alias("f/live", Description="a")),
        site(TARGET, function("f", tags={STACK: "shop"}), alias("f/live")),
    )  # fmt: skip


def owned_in_golden():
    tagging = [{"Key": STACK, "Value": "shop"}]
    return site(GOLDEN, bucket("b-us-east-1", GOLDEN, tagging=tagging)), site(TARGET)


@pytest.mark.parametrize("owned", [owned_itself, owned_by_its_parent, owned_in_golden])
def test_what_cloudformation_owns_is_left(owned):
    assert {one.why for one in planned(*owned()).left_out} == {OWNED}


@pytest.mark.parametrize("owned", [owned_itself, owned_by_its_parent, owned_in_golden])
def test_what_cloudformation_owns_is_written_on_demand(owned):
    assert planned(*owned(), choice=Choice(stacks=True)).actions != ()


def test_what_may_belong_to_a_stack_is_left_while_its_tags_are_unknown():
    unread = Reading(State.UNREADABLE, error="AccessDenied: no")
    golden = site(GOLDEN, function("f", GOLDEN, settings={"Timeout": 9}, tags=unread))

    assert left(planned(golden, site(TARGET, function("f", tags=unread))))["/Timeout"] == (
        "its tags could not be read (AccessDenied: no), so that a stack may own it (--stacks writes it all the same)"
    )


def test_a_child_is_not_made_in_what_a_stack_owns_there():
    golden = site(GOLDEN, function("f", GOLDEN), alias("f/live"))

    assert left(planned(golden, site(TARGET, function("f", tags={STACK: "shop"}))))[""] == OWNED


def test_the_tags_of_cloudformation_are_not_copied():
    made = planned(*owned_in_golden(), choice=Choice(stacks=True))

    assert "TagResource" not in calls(made)


@pytest.mark.parametrize(
    ("decision", "why"),
    [
        ("accept", "decided: accepted"),
        ("golden", "decided: golden is wrong (auditor plan --promote SITE makes golden follow)"),
        ("later", "decided: later"),
    ],
)
def test_what_is_decided_otherwise_is_left_with_the_decision(decision, why):
    sites = payers(TARGET)
    made = planned(*sites, choice=deciding(decision, *sites))

    assert list(left(made).values()) == [why]


def test_what_is_to_be_fixed_is_fixed():
    sites = payers(TARGET)

    assert calls(planned(*sites, choice=deciding("fix", *sites))) == ["PutBucketRequestPayment"]


@pytest.mark.parametrize("decisions", [{"another": Decision("another", "fix")}, {}])
def test_where_decisions_are_given_all_that_is_undecided_waits(decisions):
    made = planned(*payers(TARGET), choice=Choice(decisions=decisions))

    assert list(left(made).values()) == ["not decided"]


@pytest.mark.parametrize(
    "choice",
    [
        Choice(only=("b",)),
        Choice(only=(f"{BUCKET}/*",)),
        Choice(sites=("eu-*",), types=("AWS::S3::*",)),
    ],
)
def test_what_is_asked_for_by_name_site_or_type_is_taken_up(choice):
    assert calls(planned(*payers(TARGET), choice=choice)) == ["PutBucketRequestPayment"]


@pytest.mark.parametrize("choice", [Choice(only=("a",)), Choice(sites=(THIRD,)), Choice(types=("AWS::Lambda::*",))])
def test_what_is_not_asked_for_is_neither_written_nor_said_to_be_left(choice):
    made = planned(*payers(TARGET), choice=choice)

    assert (made.actions, made.left_out) == ((), ())


def test_a_tag_of_a_stack_is_seen_in_either_form_of_tags():
    application = {"applicationName": "shop", "computePlatform": "Lambda"}
    golden = resource(APPLICATION, "shop", configuration=application, tags=tags(team="a"))
    actual = resource(APPLICATION, "shop", configuration=application, tags=[{"Key": STACK, "Value": "shop"}])

    assert list(left(planned(site(GOLDEN, golden), site(TARGET, actual))).values()) == [OWNED]
