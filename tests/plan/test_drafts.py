"""What it takes to bring one resource to what golden has: its calls, their undoing, what is left."""

from __future__ import annotations

import json
from dataclasses import replace

from plan.grounds import (
    ALIAS,
    APPLICATION,
    BUCKET,
    DENIED,
    DEPLOYMENT_CONFIG,
    FUNCTION,
    GOLDEN,
    LAYER,
    MAPPING,
    TARGET,
    accepting,
    acting,
    bucket,
    calls,
    function,
    left,
    params,
    planned,
    resource,
    secret,
    site,
    tags,
    undone,
)

from auditor.model.plan import PlannedCall
from auditor.model.values import Reading, State
from auditor.plan.choice import Choice
from auditor.specs.site_choices import BUCKET_NAMESPACE, LOCATION_CONSTRAINT

PAYER = {"Payer": "Requester"}
OWNER = {"Payer": "BucketOwner"}
ENABLED, SUSPENDED = {"Status": "Enabled"}, {"Status": "Suspended"}
DELETING = Choice(deletes=True)
BASIC = {"Bucket": "${name}", "ExpectedBucketOwner": "${account}"}
NEW = {
    "Bucket": "${name}",
    "CreateBucketConfiguration": {"LocationConstraint": LOCATION_CONSTRAINT},
    "BucketNamespace": BUCKET_NAMESPACE,
}


def of_buckets(golden, actual, **asked):
    """The plan for one bucket with these facets, in golden and in the other site."""
    return planned(site(GOLDEN, bucket("b", GOLDEN, **golden)), site(TARGET, bucket("b", TARGET, **actual)), **asked)


def of_functions(golden, actual, **asked):
    return planned(site(GOLDEN, function("f", GOLDEN, **golden)), site(TARGET, function("f", **actual)), **asked)


def statement(sid, action, principal="cloudfront.amazonaws.com"):
    return {"Sid": sid, "Effect": "Allow", "Principal": {"Service": principal}, "Action": action,
            "Resource": "arn:aws:s3:::b/*"}  # fmt: skip


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def rule(id_, days):
    return {"ID": id_, "Status": "Enabled", "Filter": {"Prefix": id_}, "Expiration": {"Days": days}}


def mapping(
    name="f/arn:aws:sqs:eu-west-1:123456789012:q", region=TARGET, batch=10, state="Enabled", uuid="u-1", **other
):
    configuration = {
        "UUID": uuid,
        "FunctionArn": f"arn:aws:lambda:{region}:123456789012:function:f",
        "EventSourceArn": f"arn:aws:sqs:{region}:123456789012:q",
        "BatchSize": batch,
        "State": state,
    }
    return resource(
        MAPPING,
        name.replace(TARGET, region),
        configuration=configuration,
        filters={"UUID": uuid, "Filters": []},
        **other,
    )


def test_a_changed_field_becomes_one_update_with_exactly_its_call():
    made = of_buckets({"request_payment": PAYER}, {"request_payment": OWNER})

    assert [action.calls for action in made.actions] == [
        (PlannedCall("s3", "PutBucketRequestPayment", {**BASIC, "RequestPaymentConfiguration": PAYER}),)
    ]


def test_an_action_says_which_field_differs_and_of_which_finding():
    made = of_buckets({"request_payment": PAYER}, {"request_payment": OWNER})

    [action] = made.actions
    assert (action.verb, action.facet, [one.path for one in action.changes], len(action.reason)) == (
        "update", "request payment", ["/RequestPaymentConfiguration/Payer"], 1,
    )  # fmt: skip


def test_several_members_of_one_facet_are_one_call():
    made = of_functions({"settings": {"MemorySize": 512, "Timeout": 9}}, {})

    assert params(made, "UpdateFunctionConfiguration") == {"FunctionName": "${name}", "MemorySize": 512, "Timeout": 9}


def test_what_golden_has_not_configured_is_taken_away():
    made = of_buckets({}, {"policy": policy(statement("a", "s3:GetObject"))})

    assert calls(made) == ["DeleteBucketPolicy"]


def test_what_belongs_to_golden_is_worded_for_every_site():
    golden = {"policy": policy(statement("a", "s3:GetObject", f"arn:aws:iam::123456789012:role/{GOLDEN}"))}

    assert "role/${region}" in params(of_buckets(golden, {}), "PutBucketPolicy")["Policy"]


def test_text_that_looks_like_a_symbol_is_escaped_in_values_and_in_the_names_of_members():
    made = of_functions({"tags": {"${name}": "${account}"}}, {})

    assert params(made, "TagResource")["Tags"] == {"$${name}": "$${account}"}


def test_of_two_variables_the_accepted_one_keeps_its_value():
    golden = {"Variables": {"A": secret("1" * 32), "B": secret("2" * 32)}}
    actual = {"Variables": {"A": secret("3" * 32), "B": secret("4" * 32)}}
    made = of_functions(
        {"environment": golden},
        {"environment": actual},
        exceptions=[accepting(f"{FUNCTION}/f", "/Environment/Variables/A")],
    )

    assert params(made, "UpdateFunctionConfiguration")["Environment"] == {
        "Variables": {"A": "${own:/Environment/Variables/A}", "B": "${golden:/Environment/Variables/B}"}
    }


def test_of_two_tags_the_accepted_one_keeps_its_value():
    made = of_buckets(
        {"tagging": tags(team="gold", cost="1")},
        {"tagging": tags(team="own", cost="2")},
        exceptions=[accepting(f"{BUCKET}/b", "/Tags/team")],
    )

    assert params(made, "TagResource")["Tags"] == tags(cost="1")


def test_an_accepted_tag_that_golden_has_not_is_not_taken_away():
    made = of_buckets(
        {"tagging": tags(cost="1")},
        {"tagging": tags(team="own", cost="2")},
        exceptions=[accepting(f"{BUCKET}/b", "/Tags/team")],
    )

    assert calls(made) == ["TagResource"]


def test_of_two_lifecycle_rules_the_accepted_one_stays_as_it_is():
    made = of_buckets(
        {"lifecycle": {"Rules": [rule("logs", 30), rule("tmp", 1)]}},
        {"lifecycle": {"Rules": [rule("logs", 90), rule("tmp", 2)]}},
        exceptions=[accepting(f"{BUCKET}/b", "/LifecycleConfiguration/Rules/logs")],
    )

    assert params(made, "PutBucketLifecycleConfiguration")["LifecycleConfiguration"] == {
        "Rules": [rule("logs", 90), rule("tmp", 1)]
    }


def test_of_two_statements_of_a_policy_the_accepted_one_stays_as_it_is():
    made = of_buckets(
        {"policy": policy(statement("read", "s3:GetObject"), statement("write", "s3:PutObject"))},
        {"policy": policy(statement("read", "s3:ListBucket"), statement("write", "s3:DeleteObject"))},
        exceptions=[accepting(f"{BUCKET}/b", "/Policy/Statement/read")],
    )

    assert json.loads(params(made, "PutBucketPolicy")["Policy"])["Statement"] == [
        statement("read", "s3:ListBucket"),
        statement("write", "s3:PutObject"),
    ]


def test_differences_that_cannot_be_told_apart_are_all_left_with_the_reason():
    cors = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "MaxAgeSeconds": age} for age in (1, 2)]
    other = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "MaxAgeSeconds": age} for age in (3, 4)]
    made = of_buckets(
        {"cors": {"CORSRules": cors}},
        {"cors": {"CORSRules": other}},
        exceptions=[accepting(f"{BUCKET}/b", "/CORSConfiguration/CORSRules/0")],
    )

    assert (calls(made), left(made)["/CORSConfiguration/CORSRules/1/MaxAgeSeconds"]) == (
        [], "What is to stay as it is cannot be told from the rest in what AWS takes as a whole.",
    )  # fmt: skip


def test_code_that_somebody_accepted_is_not_shipped_with_another_difference():
    made = of_functions(
        {"sha": "sha-of-two", "architectures": ("arm64",)},
        {},
        exceptions=[accepting(f"{FUNCTION}/f", "/CodeSha256")],
    )

    assert calls(made) == []


def test_what_depends_on_what_is_set_when_a_resource_is_made_is_left_with_it():
    managed = {"UpdateRuntimeOn": "FunctionUpdate"}
    golden = site(GOLDEN, function("f", GOLDEN, runtime_management=managed))
    image = {"CodeSha256": "sha-of-one", "Architectures": ["x86_64"], "PackageType": "Image"}
    actual = replace(function("f"), facets={**function("f").facets, "package": Reading(State.READ, image)})

    assert left(planned(golden, site(TARGET, actual)))["/RuntimeManagementConfig/UpdateRuntimeOn"] == (
        "it depends on /PackageType, which differs and is set when the resource is made"
    )


def test_what_is_set_when_a_resource_is_made_is_left_as_recreate_only():
    application = {"applicationName": "shop", "computePlatform": "Lambda"}
    made = planned(
        site(GOLDEN, resource(APPLICATION, "shop", configuration=application)),
        site(TARGET, resource(APPLICATION, "shop", configuration={**application, "computePlatform": "Server"})),
    )

    assert left(made) == {
        "/computePlatform": "recreate-only: it is set when the resource is made, and never again "
        "(to make it anew is for a person)"
    }


def test_what_nobody_can_set_is_left_as_such():
    made = of_buckets(
        {"versioning": {**ENABLED, "MFADelete": "Enabled"}}, {"versioning": {**ENABLED, "MFADelete": "Disabled"}}
    )

    assert left(made) == {
        "/VersioningConfiguration/MFADelete": "AWS sets it for nobody but the account's root user, "
        "with a code of their MFA device"
    }


def test_what_no_call_sets_is_left_as_such():
    shown = {
        "configuration": {
            "deploymentConfigName": "slow",
            "minimumHealthyHosts": {"type": "HOST_COUNT", "value": 1},
            "new": 1,
        }
    }
    other = {"configuration": {**shown["configuration"], "new": 2}}
    made = planned(
        site(GOLDEN, resource(DEPLOYMENT_CONFIG, "slow", **shown)),
        site(TARGET, resource(DEPLOYMENT_CONFIG, "slow", **other)),
    )

    assert left(made) == {"/new": "recreate-only: CodeDeploy makes and deletes a deployment config, and updates none"}


def test_what_follows_from_another_field_is_removed_with_it():
    made = of_buckets({"policy": policy(statement("a", "s3:GetObject")), "policy_status": {"IsPublic": True}}, {})

    assert [one.path for one in acting(made, "PutBucketPolicy").changes][-1] == "/PolicyStatus/IsPublic"


def test_what_follows_from_a_field_that_does_not_differ_is_left():
    made = of_buckets({"policy_status": {"IsPublic": True}}, {})

    assert left(made) == {
        "/PolicyStatus/IsPublic": "it follows from Policy or PublicAccessBlockConfiguration or AccessControlPolicy"
    }


def test_what_is_missing_is_made_and_the_rest_written_after_it():
    made = planned(site(GOLDEN, bucket("b-us-east-1", GOLDEN, versioning=ENABLED, request_payment=PAYER)), site(TARGET))

    assert calls(made) == [
        "CreateBucket",
        "DeletePublicAccessBlock",
        "DeleteBucketOwnershipControls",
        "PutBucketVersioning",
        "PutBucketRequestPayment",
    ]


def test_everything_that_is_written_into_a_new_resource_needs_it():
    made = planned(site(GOLDEN, bucket("b-us-east-1", GOLDEN, versioning=ENABLED)), site(TARGET))

    first = acting(made, "CreateBucket").id
    needs = {one.id: one.needs for one in made.actions}
    assert _closure(needs, acting(made, "PutBucketVersioning").id) >= {first}


def _closure(needs, id_):
    return {id_}.union(*(_closure(needs, one) for one in needs[id_]))


def test_a_new_bucket_is_located_where_it_is_made():
    made = planned(site(GOLDEN, bucket("b-us-east-1", GOLDEN)), site(TARGET))

    assert params(made, "CreateBucket") == NEW


def test_making_a_resource_is_undone_by_deleting_it():
    made = planned(site(GOLDEN, bucket("b-us-east-1", GOLDEN)), site(TARGET))

    assert undone(acting(made, "CreateBucket")) == [("DeleteBucket", BASIC)]


def test_what_is_written_into_a_new_resource_goes_with_it():
    made = planned(site(GOLDEN, bucket("b-us-east-1", GOLDEN, versioning=ENABLED)), site(TARGET))

    action = acting(made, "PutBucketVersioning")
    assert (action.undo, action.cannot_undo) == ((), "")


def test_nothing_is_made_while_a_facet_of_golden_could_not_be_read():
    made = planned(site(GOLDEN, bucket("b", GOLDEN, policy=DENIED)), site(TARGET))

    assert (calls(made), left(made)[""]) == (
        [], "golden's policy could not be read (AccessDenied: no): nothing is made without it",
    )  # fmt: skip


def test_what_only_a_person_can_make_is_left():
    github = "AWS::CodeDeploy::GitHubConnection"
    made = planned(site(GOLDEN, resource(github, "shop")), site(TARGET))

    assert left(made) == {"": "only somebody who signs in to GitHub in the console can make a connection"}


def test_an_extra_resource_is_deleted_where_that_is_asked_for():
    made = planned(site(GOLDEN, bucket("a", GOLDEN)), site(TARGET, bucket("a"), bucket("b")), choice=DELETING)

    assert [(one.verb, one.name, calls(made)) for one in made.actions] == [("delete", "b", ["DeleteBucket"])]


def test_what_is_never_deleted_is_left_with_the_reason():
    golden = site(GOLDEN, function("f", GOLDEN), mapping(region=GOLDEN))
    more = mapping("f/arn:aws:sqs:eu-west-1:123456789012:r", uuid="u-2")
    made = planned(golden, site(TARGET, function("f"), mapping(), more), choice=DELETING)

    assert left(made)[""].startswith("none of this type is deleted: ")


def test_a_deleted_resource_can_be_made_again_as_it_was():
    actual = site(TARGET, bucket("a"), bucket("b", request_payment=PAYER))
    made = planned(site(GOLDEN, bucket("a", GOLDEN)), actual, choice=DELETING)

    assert undone(acting(made, "DeleteBucket")) == [
        ("CreateBucket", NEW),
        ("PutBucketRequestPayment", {**BASIC, "RequestPaymentConfiguration": PAYER}),
    ]


def test_a_deleted_resource_of_which_something_could_not_be_read_cannot_be_made_again():
    actual = site(TARGET, bucket("a"), bucket("b", policy=DENIED))
    made = planned(site(GOLDEN, bucket("a", GOLDEN)), actual, choice=DELETING)

    assert acting(made, "DeleteBucket").cannot_undo == "not all of it could be read"


def test_a_deleted_function_cannot_be_made_again_because_nobody_keeps_its_code():
    made = planned(site(GOLDEN, function("f", GOLDEN)), site(TARGET, function("f"), function("g")), choice=DELETING)

    assert acting(made, "DeleteFunction").cannot_undo == "its code is kept nowhere"


def test_an_update_is_undone_by_writing_what_was_found():
    made = of_buckets({"request_payment": PAYER}, {"request_payment": OWNER})

    assert undone(acting(made, "PutBucketRequestPayment")) == [
        ("PutBucketRequestPayment", {**BASIC, "RequestPaymentConfiguration": OWNER})
    ]


def test_what_was_not_configured_before_is_taken_away_again():
    made = of_buckets({"policy": policy(statement("a", "s3:GetObject"))}, {})

    assert undone(acting(made, "PutBucketPolicy")) == [("DeleteBucketPolicy", BASIC)]


def test_permissions_are_taken_back_by_the_name_that_they_were_given():
    before = statement("invoke", "lambda:InvokeFunction") | {
        "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:f"
    }
    after = statement("invoke", "lambda:GetFunction") | {"Resource": "arn:aws:lambda:us-east-1:123456789012:function:f"}
    made = of_functions({"policy": policy(after)}, {"policy": policy(before)})

    action = acting(made, "AddPermission")
    added = next(call.params["StatementId"] for call in action.calls if call.operation == "AddPermission")
    removed = [call.params["StatementId"] for call in action.undo if call.operation == "RemovePermission"]
    assert removed == [added]


def test_a_step_that_has_no_way_back_says_so_and_goes_back_as_far_as_there_is_one():
    made = of_buckets({"versioning": ENABLED}, {})

    action = acting(made, "PutBucketVersioning")
    assert (action.cannot_undo, undone(action)) == (
        "a bucket that was versioned once can be suspended, and is never unversioned again",
        [("PutBucketVersioning", {**BASIC, "VersioningConfiguration": SUSPENDED})],
    )


def test_shipped_code_cannot_be_taken_back():
    made = of_functions({"sha": "sha-of-two"}, {})

    action = acting(made, "UpdateFunctionCode")
    assert (action.undo, action.cannot_undo) == ((), "the code that is there now is kept nowhere")


def test_golden_code_stands_in_a_call_as_a_reference():
    made = of_functions({"sha": "sha-of-two"}, {})

    assert params(made, "UpdateFunctionCode") == {
        "FunctionName": "${name}", "ZipFile": "${golden:/Code}", "Architectures": ["x86_64"],
    }  # fmt: skip


def test_a_mapping_is_written_by_the_id_that_it_has_in_its_own_site():
    golden = site(GOLDEN, function("f", GOLDEN), mapping(region=GOLDEN, batch=5, uuid="golden"))
    made = planned(golden, site(TARGET, function("f"), mapping(uuid="own")))

    assert params(made, "UpdateEventSourceMapping") == {"UUID": "own", "BatchSize": 5}


def test_tags_of_what_has_a_generated_arn_go_to_the_one_that_the_site_has():
    golden = site(GOLDEN, function("f", GOLDEN), mapping(region=GOLDEN, tags={"team": "a"}))
    made = planned(golden, site(TARGET, function("f"), mapping()))

    assert params(made, "TagResource")["Resource"] == "${own:/EventSourceMappingArn}"


def test_a_layer_with_other_content_is_published_as_its_next_version():
    version = {
        "Version": 3,
        "LayerVersionArn": "arn:aws:lambda:us-east-1:123456789012:layer:l:3",
        "Description": "tools",
    }
    golden = resource(LAYER, "l", version=version, content={"CodeSha256": "abcdefghijklmnop"})
    actual = resource(LAYER, "l", version={**version, "Version": 8}, content={"CodeSha256": "qrstuvwxyz"})
    made = planned(site(GOLDEN, golden), site(TARGET, actual))

    [action] = made.actions
    assert (action.verb, action.calls, action.cannot_undo) == (
        "update",
        (
            PlannedCall(
                "lambda",
                "PublishLayerVersion",
                {"LayerName": "${name}", "Content": {"ZipFile": "${golden:/Code}"}, "Description": "tools"},
                once=True,
                tells={"layer:l@abcdefghijkl": "LayerVersionArn"},
            ),
        ),
        "AWS keeps a LayerVersion that was made",
    )


def test_an_alias_goes_back_to_the_version_that_it_pointed_at():
    alias = {"Name": "live", "Description": "new"}
    golden = site(GOLDEN, function("f", GOLDEN), resource(ALIAS, "f/live", configuration=alias))
    made = planned(golden, site(TARGET, function("f"), resource(ALIAS, "f/live", configuration={"Name": "live"})))

    assert undone(acting(made, "UpdateAlias")) == [
        ("UpdateAlias", {"FunctionName": "${parent}", "Name": "${name}", "Description": ""})
    ]
