"""What can be carried out in a site: everything that is named there is known, or comes to be."""

from __future__ import annotations

import json

from plan.grounds import (
    ALIAS,
    BUCKET,
    DENIED,
    FUNCTION,
    GOLDEN,
    LAYER,
    SIGNING,
    TARGET,
    URL,
    accepting,
    acting,
    asked_for,
    bucket,
    calls,
    function,
    left,
    params,
    planned,
    resource,
    site,
)

from auditor.plan.choice import Choice

SUBNET = {"VpcConfig": {"SubnetIds": ["subnet-0abc"], "SecurityGroupIds": []}}
GOLDEN_SUBNET = {"references": {"subnet-0abc": "subnet:main/private/1"}}
LAYERED = "layer:tools@abcdefghijkl"
LAYER_ARN = f"arn:aws:lambda:{GOLDEN}:123456789012:layer:tools:3"
SIGNING_ARN = f"arn:aws:lambda:{GOLDEN}:123456789012:code-signing-config:csc-0abc"


def in_a_subnet(target=None, **asked):
    """The plan for a function that golden has in a subnet."""
    golden = site(GOLDEN, function("f", GOLDEN, settings=SUBNET), **GOLDEN_SUBNET)
    return planned(golden, site(TARGET, function("f"), **(target or {})), **asked)


def layer():
    version = {"Version": 3, "LayerVersionArn": LAYER_ARN}
    return resource(LAYER, "tools", version=version, content={"CodeSha256": "abcdefghijklmnop"})


def with_layer(*resources, **asked):
    """The plan for a function that golden has with a layer; the other site has these resources."""
    golden = site(
        GOLDEN,
        layer(),
        function("f", GOLDEN, settings={"Layers": [{"Arn": LAYER_ARN}]}),
        references={LAYER_ARN: LAYERED},
    )
    return planned(golden, site(TARGET, *resources), **asked)


def signed():
    """Golden with a code signing configuration, and a function that has it."""
    config = {"CodeSigningConfigId": "csc-0abc", "CodeSigningConfigArn": SIGNING_ARN, "Description": "strict"}
    holder = function("f", GOLDEN, code_signing=SIGNING_ARN)
    references = {SIGNING_ARN: "code-signing-config:strict"}
    return site(GOLDEN, resource(SIGNING, "strict", configuration=config), holder, references=references)


def alias(region=GOLDEN, name="f/live", **members):
    return resource(ALIAS, name, configuration={"Name": name.partition("/")[2], **members})


def test_a_symbol_that_the_site_knows_is_written_with_its_meaning_beside_the_plan():
    made = in_a_subnet({"references": {"subnet-9def": "subnet:main/private/1"}})

    assert (params(made, "UpdateFunctionConfiguration")["VpcConfig"]["SubnetIds"], made.symbols[TARGET]) == (
        ["${subnet:main/private/1}"], {"subnet:main/private/1": "subnet-9def"},
    )  # fmt: skip


def test_a_symbol_that_was_looked_up_is_written_too():
    made = in_a_subnet(meanings={TARGET: {"subnet:main/private/1": "subnet-9def"}})

    assert made.symbols[TARGET] == {"subnet:main/private/1": "subnet-9def"}


def test_a_symbol_that_nobody_knows_there_is_left_with_the_reason():
    made = in_a_subnet(untold={TARGET: {"subnet:main/private/1": "there is no such subnet"}})

    assert (calls(made), set(left(made).values())) == (
        [], {f"unresolved reference: what 'subnet:main/private/1' is in {TARGET}: there is no such subnet"},
    )  # fmt: skip


def test_what_is_to_be_looked_up_is_told_before():
    golden = site(GOLDEN, function("f", GOLDEN, settings=SUBNET), **GOLDEN_SUBNET)

    assert asked_for(golden, site(TARGET, function("f"))) == {TARGET: frozenset({"subnet:main/private/1"})}


def test_what_was_looked_up_in_vain_is_not_looked_up_again():
    golden = site(GOLDEN, function("f", GOLDEN, settings=SUBNET), **GOLDEN_SUBNET)
    untold = {TARGET: {"subnet:main/private/1": "no"}}

    assert asked_for(golden, site(TARGET, function("f")), untold=untold) == {}


def test_an_id_of_golden_that_stands_for_nobody_knows_what_is_not_written():
    unresolved = {"subnet-0abc": "it has no name"}
    golden = site(GOLDEN, function("f", GOLDEN, settings=SUBNET), unresolved=unresolved)
    made = planned(golden, site(TARGET, function("f")))

    assert (calls(made), set(left(made).values())) == (
        [], {"unresolved reference: subnet-0abc: it has no name"},
    )  # fmt: skip


def test_a_layer_that_the_plan_publishes_gives_its_symbol_a_meaning():
    made = with_layer(function("f"))

    assert acting(made, "UpdateFunctionConfiguration").needs == (acting(made, "PublishLayerVersion").id,)


def test_a_layer_that_the_site_has_need_not_be_published():
    version = {"Version": 8, "LayerVersionArn": "own"}
    there = resource(LAYER, "tools", version=version, content={"CodeSha256": "abcdefghijklmnop"})
    made = with_layer(function("f"), there, meanings={TARGET: {LAYERED: "own"}})

    assert calls(made) == ["UpdateFunctionConfiguration"]


def test_what_needs_a_layer_that_is_not_asked_for_is_left():
    made = with_layer(function("f"), choice=Choice(types=(FUNCTION,)))

    assert (calls(made), set(left(made).values())) == (
        [], {f"unresolved reference: what '{LAYERED}' is in {TARGET}: it was not looked up"},
    )  # fmt: skip


def test_a_code_signing_configuration_that_the_plan_makes_comes_before_the_function_that_has_it():
    made = planned(signed(), site(TARGET, function("f")))

    assert acting(made, "PutFunctionCodeSigningConfig").needs == (acting(made, "CreateCodeSigningConfig").id,)


def test_what_has_a_danger_that_is_to_be_left_out_is_left_with_the_warning():
    made = planned(
        site(GOLDEN, function("f", GOLDEN, settings={"Handler": "other.handler"})),
        site(TARGET, function("f")),
        choice=Choice(without=frozenset({"outage"})),
    )

    assert left(made) == {
        "/Handler": "left out by --without outage: Handler becomes other.handler at once for whoever calls $LATEST"
    }


def test_what_has_another_danger_is_written():
    made = planned(
        site(GOLDEN, function("f", GOLDEN, settings={"Handler": "other.handler"})),
        site(TARGET, function("f")),
        choice=Choice(without=frozenset({"cost"})),
    )

    assert calls(made) == ["UpdateFunctionConfiguration"]


def test_what_is_part_of_something_that_is_not_made_is_not_made():
    golden = site(GOLDEN, function("f", GOLDEN), alias(Description="a"))
    made = planned(golden, site(TARGET), choice=Choice(types=(ALIAS,)))

    assert [(one.name, one.why) for one in made.left_out] == [
        ("f/live", "its AWS::Lambda::Function, f, is not there and not made")
    ]


def test_what_is_part_of_something_that_is_made_is_made_after_it():
    made = planned(site(GOLDEN, function("f", GOLDEN), alias(Description="a")), site(TARGET))

    assert acting(made, "CreateAlias").needs == (acting(made, "CreateFunction").id,)


def test_nothing_is_written_into_what_cannot_be_made():
    golden = site(GOLDEN, function("f", GOLDEN, settings=SUBNET, concurrency=5), **GOLDEN_SUBNET)
    made = planned(golden, site(TARGET), untold={TARGET: {"subnet:main/private/1": "there is none"}})

    assert (calls(made), sorted(one.why[:20] for one in made.left_out)) == (
        [], ["it is not made", "unresolved reference"],
    )  # fmt: skip


def test_a_stored_golden_makes_no_function_because_it_holds_no_code():
    made = planned(site(GOLDEN, function("f", GOLDEN)), site(TARGET), live=False)

    assert left(made)[""].startswith("golden is a snapshot, which holds neither secrets nor code")


def test_a_left_out_difference_names_the_finding_that_it_is_of():
    made = in_a_subnet(untold={TARGET: {"subnet:main/private/1": "no"}})

    assert all(one.finding for one in made.left_out)


def test_of_two_facets_one_that_cannot_be_written_does_not_hold_up_the_other():
    golden = site(GOLDEN, function("f", GOLDEN, settings=SUBNET, concurrency=5), **GOLDEN_SUBNET)
    made = planned(golden, site(TARGET, function("f")), untold={TARGET: {"subnet:main/private/1": "no"}})

    assert calls(made) == ["PutFunctionConcurrency"]


def test_what_the_site_has_kept_may_name_what_golden_does_not_know():
    statement = {"Sid": "s", "Effect": "Allow", "Principal": {"AWS": "subnet-0abc"}, "Action": "s3:GetObject",
                 "Resource": "*"}  # fmt: skip
    policies = [
        json.dumps({"Statement": [statement, {**statement, "Sid": "t", "Action": action}]})
        for action in ("s3:PutObject", "s3:ListBucket")
    ]
    made = planned(
        site(GOLDEN, bucket("b", GOLDEN, policy=policies[0])),
        site(TARGET, bucket("b", policy=policies[1]), unresolved={"subnet-0abc": "no name"}),
        exceptions=[accepting(f"{BUCKET}/b", "/Policy/Statement/s")],
    )

    assert calls(made) == ["PutBucketPolicy"]


def test_a_url_is_not_made_while_its_function_could_not_be_read_in_golden():
    configuration = {"FunctionArn": f"arn:aws:lambda:{GOLDEN}:123456789012:function:f", "AuthType": "AWS_IAM"}
    golden = site(
        GOLDEN,
        function("f", GOLDEN, policy=DENIED),
        resource(URL, "f/$LATEST", configuration=configuration),
    )

    assert [one.why for one in planned(golden, site(TARGET)).left_out if one.type == URL] == [
        "its AWS::Lambda::Function, f, is not there and not made"
    ]
