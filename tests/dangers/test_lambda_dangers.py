"""What is said of calls that write functions, and what leads traffic to them."""

from __future__ import annotations

import json

import pytest

from auditor.dangers.dangers import dangers
from auditor.model.plan import PlannedCall
from auditor.model.values import ABSENT

AT_ONCE = "at once for whoever calls $LATEST"
QUEUE = "arn:aws:sqs:${region}:${account}:jobs"
STREAM = "arn:aws:kinesis:${region}:${account}:stream/events"


def said(operation, found=ABSENT, wanted=ABSENT, verb="update", **params):
    call = PlannedCall("lambda", operation, params)
    return [(one.danger, one.text) for one in dangers("AWS::Lambda::Function", verb, call, found, wanted)]


def configured(name, here, there):
    """What is said of a function of which this member changes; it is sent beside a description."""
    found, wanted = ({name: value} if value is not None else {} for value in (here, there))
    return said("UpdateFunctionConfiguration", found, wanted, **{name: "as it is sent"}, Description="x")


@pytest.mark.parametrize(
    ("name", "here", "there", "becomes"),
    [
        ("Handler", "app.main", "app.other", "Handler becomes app.other"),
        ("Runtime", "python3.12", "python3.13", "Runtime becomes python3.13"),
        ("Role", "arn:a", "arn:b", "Role becomes arn:b"),
        ("Layers", [{"Arn": "arn:a"}], None, "Layers becomes none"),
        ("Layers", [{"Arn": "arn:a"}, {"Arn": "arn:b"}], [{"Arn": "arn:b"}, {"Arn": "arn:a"}],
         "Layers becomes arn:b, arn:a"),
        ("VpcConfig", None,
         {"VpcId": "vpc", "SubnetIds": ["${subnet:b}", "${subnet:a}"], "SecurityGroupIds": ["${sg}"]},
         "VpcConfig becomes ${sg}, ${subnet:a}, ${subnet:b}"),
    ],
)  # fmt: skip
def test_what_a_function_is_run_with_changes_at_once(name, here, there, becomes):
    assert configured(name, here, there) == [("outage", f"{becomes} {AT_ONCE}")]


@pytest.mark.parametrize(
    ("name", "here", "there", "told"),
    [
        ("Timeout", 60, 10, "Timeout is lowered from 60 to 10: calls that take longer are cut off"),
        ("MemorySize", 512, None,
         "MemorySize is lowered from 512 to 128: calls get less memory and processor, and fail or take longer"),
        ("EphemeralStorage", {"Size": 1024}, {"Size": 512},
         "EphemeralStorage is lowered from 1024 to 512: calls that write more to /tmp fail"),
    ],
)  # fmt: skip
def test_what_a_function_has_less_of_is_outage(name, here, there, told):
    assert configured(name, here, there) == [("outage", told)]


@pytest.mark.parametrize(
    ("name", "here", "there"),
    [("Timeout", 10, 60), ("MemorySize", None, 512), ("KMSKeyArn", "a", "b"), ("TracingConfig", None, {"Mode": "A"})],
)  # fmt: skip
def test_what_shuts_nobody_out_is_not_told(name, here, there):
    assert configured(name, here, there) == []


def test_what_is_not_sent_is_not_told():
    assert said("UpdateFunctionConfiguration", {"Handler": "a"}, {"Handler": "b"}, Timeout=3) == []


def environment(**variables):
    return {"Variables": {name: {"secret": value} for name, value in variables.items()}}


def test_of_the_environment_names_are_told_and_no_value():
    found, wanted = environment(A="1", B="2", C="3"), environment(A="1", B="hush", D="hush")

    assert said("UpdateFunctionConfiguration", found, wanted, Environment=wanted) == [
        ("outage", f"the environment variables B, C, D change {AT_ONCE}")
    ]


def test_a_variable_that_is_written_as_the_function_has_it_is_not_told():
    found = {"Variables": {"A": {"secret": "1"}, "B": {"secret": "2"}, "C": {"secret": "3", "shown": "debug"}}}
    places = {"A": "${own:/Environment/Variables/A}", "B": "${golden:/Environment/Variables/B}", "C": "debug"}

    assert said("UpdateFunctionConfiguration", found, {"Variables": places}, Environment={}) == [
        ("outage", f"the environment variables B change {AT_ONCE}")
    ]


def test_an_environment_that_stays_is_not_told():
    assert said("UpdateFunctionConfiguration", environment(A="1"), environment(A="1"), Environment={}) == []


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"ZipFile": "${golden:/Code}"}, "golden's code runs"),
        ({"ZipFile": "${golden:/Code}", "Architectures": ["arm64"]}, "golden's code for arm64 runs"),
        ({"ImageUri": "repo:1"}, "the image repo:1 runs"),
    ],
)
def test_code_runs_at_once(params, told):
    assert said("UpdateFunctionCode", **params) == [("outage", f"{told} {AT_ONCE}")]


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"FunctionVersion": "${version:shop@0a1b}"}, ["live traffic moves to version ${version:shop@0a1b}"]),
        ({"RoutingConfig": {"AdditionalVersionWeights": {"7": 0.05}}}, ["live traffic is split: 5 % to version 7"]),
        ({"RoutingConfig": {"AdditionalVersionWeights": {}}}, ["live traffic is no longer split"]),
        ({"Description": "x"}, []),
    ],
)
def test_an_alias_is_told_by_the_traffic_that_it_moves(params, told):
    assert [text for _, text in said("UpdateAlias", **params)] == told


def reserved(found, number, verb="update"):
    return said("PutFunctionConcurrency", found, number, verb, ReservedConcurrentExecutions=number)


@pytest.mark.parametrize(
    ("found", "number", "verb", "told"),
    [
        (50, 0, "update", ["reserved concurrency 0 stops the function: every call is throttled"]),
        (ABSENT, 0, "create", ["reserved concurrency 0 stops the function: every call is throttled"]),
        (50, 10, "update", ["more than 10 calls at a time are throttled (50 so far)"]),
        (ABSENT, 10, "update", ["more than 10 calls at a time are throttled (no limit of its own so far)",
                                "takes 10 from the concurrency that the other functions share"]),
        (ABSENT, 10, "create", ["takes 10 from the concurrency that the other functions share"]),
        (10, 10, "update", []),
        (10, 50, "update", ["takes 40 from the concurrency that the other functions share"]),
    ],
)  # fmt: skip
def test_a_reserve_is_told_by_whom_it_throttles(found, number, verb, told):
    assert reserved(found, number, verb) == [("outage", text) for text in told]


def test_a_function_without_its_reserve_takes_from_the_others():
    assert said("DeleteFunctionConcurrency", 50) == [
        ("outage", "without its reserve of 50 the function takes from what the others share")
    ]


@pytest.mark.parametrize(
    ("found", "number", "told"),
    [
        (ABSENT, 5, [("cost", "5 environments are kept warm, billed by the hour (0 so far)")]),
        (5, 2, [("outage", "2 environments are kept warm instead of 5: calls beyond start cold")]),
        (5, 5, []),
    ],
)
def test_provisioned_concurrency_is_told_by_the_way_it_goes(found, number, told):
    assert said("PutProvisionedConcurrencyConfig", found, number, ProvisionedConcurrentExecutions=number) == told


def test_without_provisioned_concurrency_calls_start_cold():
    assert said("DeleteProvisionedConcurrencyConfig", 5) == [
        ("outage", "calls start cold (5 environments were kept warm)")
    ]


@pytest.mark.parametrize(
    ("found", "wanted", "verb", "told"),
    [
        (ABSENT, (3, 5), "create", [("cost", "at least 3 environments run, billed by the hour")]),
        ((3, 9), (3, 5), "update", [("outage", "at most 5 environments run: calls beyond are throttled")]),
        ((3, 5), (2, 9), "update", []),
        ((3, 5), (3, 5), "update", []),
        (ABSENT, (0, 5), "create", []),
        (ABSENT, (0, 5), "update", [("outage", "at most 5 environments run: calls beyond are throttled")]),
    ],
)
def test_scaling_is_told_by_its_limits(found, wanted, verb, told):
    names = ("MinExecutionEnvironments", "MaxExecutionEnvironments")
    here, there = (dict(zip(names, one, strict=True)) if one is not ABSENT else one for one in (found, wanted))

    assert said("PutFunctionScalingConfig", here, there, verb, FunctionScalingConfig=there) == told


@pytest.mark.parametrize(
    ("operation", "found", "wanted", "told"),
    [
        ("CreateCapacityProvider", None, 64, [("cost", "instances run, billed by the hour, of up to 64 vCPUs")]),
        ("CreateCapacityProvider", None, None, [("cost", "instances run, billed by the hour")]),
        ("UpdateCapacityProvider", 64, 128, [("cost", "up to 128 vCPUs run, billed by the hour")]),
        ("UpdateCapacityProvider", 64, None, [("cost", "as many vCPUs as AWS allows run, billed by the hour")]),
        ("UpdateCapacityProvider", None, 64, [("outage", "at most 64 vCPUs run: calls beyond are throttled")]),
        ("UpdateCapacityProvider", 64, 64, []),
    ],
)
def test_a_capacity_provider_is_told_by_its_limit(operation, found, wanted, told):
    here, there = ({"CapacityProviderScalingConfig": {"MaxVCpuCount": one} if one else {}} for one in (found, wanted))

    assert said(operation, here, there, **there) == told


@pytest.mark.parametrize(
    ("found", "wanted", "told"),
    [
        (ABSENT, "Allow", [("cost", "a function that calls itself over SQS, SNS or S3 is no longer stopped")]),
        ("Allow", "Terminate",
         [("outage", "a function that calls itself over SQS, SNS or S3 is stopped after 16 times")]),
        (ABSENT, "Terminate", []),
    ],
)  # fmt: skip
def test_recursion_is_told_by_whether_it_is_stopped(found, wanted, told):
    assert said("PutFunctionRecursionConfig", found, wanted, RecursiveLoop=wanted) == told


def let_in(principal, operation="AddPermission", action="lambda:InvokeFunction", **conditions):
    return said(operation, StatementId="S", Action=action, Principal=principal, **conditions)


@pytest.mark.parametrize(
    ("principal", "who"),
    [
        ("*", "anybody"),
        ("111122223333", "account 111122223333"),
        ("arn:aws:iam::111122223333:role/x", "account 111122223333 (role/x)"),
        ("s3.amazonaws.com", "s3.amazonaws.com, on anybody's behalf,"),
    ],
)
def test_a_permission_without_a_condition_is_exposure(principal, who):
    assert let_in(principal) == [
        ("exposure", f"statement S lets {who} call lambda:InvokeFunction, and no condition narrows it")
    ]


@pytest.mark.parametrize(
    ("principal", "conditions"),
    [
        ("*", {"SourceArn": "arn:aws:s3:::shop-${region}"}),
        ("*", {"SourceAccount": "${account}"}),
        ("*", {"PrincipalOrgID": "o-1"}),
        ("alexa-appkit.amazon.com", {"EventSourceToken": "hush"}),
        ("${account}", {}),
        ("arn:aws:iam::${account}:role/x", {}),
    ],
)
def test_a_permission_that_names_who_may_is_nothing_to_tell(principal, conditions):
    assert let_in(principal, **conditions) == []


def test_a_condition_on_how_a_url_is_called_narrows_nothing():
    assert [danger for danger, _ in let_in("*", FunctionUrlAuthType="NONE")] == ["exposure"]


@pytest.mark.parametrize(("conditions", "told"), [({}, ["exposure"]), ({"OrganizationId": "o-1"}, [])])
def test_a_layer_for_anybody_is_exposure_unless_it_is_for_an_organisation(conditions, told):
    found = let_in("*", "AddLayerVersionPermission", "lambda:GetLayerVersion", **conditions)

    assert [danger for danger, _ in found] == told


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def statement(sid, service="s3.amazonaws.com", **other):
    principal = {"Service": service}
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": principal,
        "Action": "lambda:InvokeFunction",
        "Resource": "f",
        **other,
    }


def test_a_permission_that_is_removed_is_told_by_whom_it_let_in():
    assert said("RemovePermission", policy(statement("S"), statement("T", "x")), policy(), StatementId="S") == [
        ("outage", "statement S no longer lets s3.amazonaws.com call lambda:InvokeFunction as before")
    ]


def test_a_permission_that_is_there_under_another_name_is_not_lost():
    assert said("RemovePermission", policy(statement("S")), policy(statement("T")), StatementId="S") == []


def test_of_a_permission_that_is_not_known_to_be_there_it_is_not_taken_that_it_let_nobody_in():
    assert said("RemoveLayerVersionPermission", ABSENT, ABSENT, StatementId="S") == [
        ("outage", "whoever statement S lets in is refused")
    ]


def test_a_policy_that_is_put_as_a_whole_is_told_by_its_statements():
    wanted = policy(statement("S", Condition={"StringEquals": {"aws:SourceAccount": "${account}"}}))

    assert said("PutResourcePolicy", policy(statement("S")), wanted, Policy=wanted) == [
        ("outage", "statement S no longer lets s3.amazonaws.com call lambda:InvokeFunction as before")
    ]


def test_a_policy_that_is_put_as_a_whole_can_lock_the_account_out():
    denial = {"Sid": "No", "Effect": "Deny", "Principal": "*", "Action": "lambda:*", "Resource": "f"}

    assert "lock the account out" in said("PutResourcePolicy", ABSENT, policy(denial))[0][1]


def test_a_policy_of_a_new_function_shuts_nobody_out():
    denial = {"Sid": "No", "Effect": "Deny", "Principal": "*", "Action": "lambda:InvokeFunction", "Resource": "f"}

    assert said("PutResourcePolicy", ABSENT, policy(denial), "create") == []


def signed(policy_, *profiles):
    return {
        "AllowedPublishers": {"SigningProfileVersionArns": list(profiles)},
        "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": policy_},
    }


@pytest.mark.parametrize(
    ("operation", "found", "wanted", "told"),
    [
        ("DeleteFunctionCodeSigningConfig", "arn:c", ABSENT, [("exposure", "code that nobody signed is taken")]),
        ("PutFunctionCodeSigningConfig", ABSENT, "arn:c",
         [("outage", "deploying code is refused or warned of unless arn:c knows who signed it")]),
        ("UpdateCodeSigningConfig", signed("Enforce", "a"), signed("Warn", "a", "b"),
         [("exposure", "code that no publisher signed is taken, with a warning"),
          ("exposure", "code signed by b is taken")]),
        ("UpdateCodeSigningConfig",
         {"AllowedPublishers": {"SigningProfileVersionArns": ["a", "b"]}}, signed("Enforce", "a"),
         [("outage", "deploying code that no publisher signed is refused"),
          ("outage", "code signed by b is taken no more")]),
    ],
)  # fmt: skip
def test_code_signing_is_told_by_what_code_is_taken(operation, found, wanted, told):
    assert said(operation, found, wanted) == told


def test_code_signing_of_a_new_function_shuts_no_code_out():
    assert said("PutFunctionCodeSigningConfig", ABSENT, "arn:c", "create") == []


STARTS = ("outage", f"{STREAM} starts to be consumed: two regions may process one stream or mirrored queue")
MAPPED = {"UUID": "u", "EventSourceArn": STREAM}


@pytest.mark.parametrize(
    ("operation", "found", "params", "told"),
    [
        ("CreateEventSourceMapping", ABSENT, {"EventSourceArn": STREAM, "Enabled": False}, []),
        ("UpdateEventSourceMapping", MAPPED, {"Enabled": True}, [STARTS]),
        ("UpdateEventSourceMapping", {"configuration": MAPPED}, {"Enabled": True}, [STARTS]),
        ("UpdateEventSourceMapping", MAPPED, {"Enabled": False}, [("outage", f"{STREAM} is consumed no more")]),
        ("UpdateEventSourceMapping", MAPPED, {"BatchSize": 5}, []),
        ("CreateEventSourceMapping", ABSENT,
         {"EventSourceArn": STREAM, "Enabled": False, "ProvisionedPollerConfig": {"MinimumPollers": 2}},
         [("cost", f"pollers run for {STREAM}, 2 or more, billed by the hour")]),
        ("UpdateEventSourceMapping", MAPPED, {"ProvisionedPollerConfig": {"MaximumPollers": 5}},
         [("cost", f"pollers run for {STREAM}, 1 or more, billed by the hour")]),
        ("UpdateEventSourceMapping", {**MAPPED, "ProvisionedPollerConfig": {"MinimumPollers": 1}},
         {"ProvisionedPollerConfig": {"MinimumPollers": 2}},
         [("cost", f"pollers run for {STREAM}, 2 or more, billed by the hour")]),
        ("UpdateEventSourceMapping", {**MAPPED, "DestinationConfig": {"OnFailure": {"Destination": "arn:dlq"}}},
         {"BatchSize": 5}, []),
        ("UpdateEventSourceMapping", {**MAPPED, "ScalingConfig": {"MaximumConcurrency": 2}},
         {"ScalingConfig": {"MaximumConcurrency": 2}}, []),
        ("UpdateEventSourceMapping", {**MAPPED, "MaximumRetryAttempts": 0}, {"MaximumRetryAttempts": 0}, []),
        ("UpdateEventSourceMapping", {**MAPPED, "ProvisionedPollerConfig": {"MinimumPollers": 2}},
         {"ProvisionedPollerConfig": {"MinimumPollers": 1}}, []),
        ("UpdateEventSourceMapping", MAPPED, {"FilterCriteria": {"Filters": [{"Pattern": "{}"}]}},
         [("irreversible", f"what comes from {STREAM} and fits none of {{}} is dropped")]),
        ("UpdateEventSourceMapping", MAPPED, {"FilterCriteria": {}},
         [("outage", f"the function gets everything from {STREAM}, what was filtered out too")]),
        ("UpdateEventSourceMapping", {**MAPPED, "MaximumRetryAttempts": -1}, {"MaximumRetryAttempts": 0},
         [("irreversible", f"records of {STREAM} that fail are dropped after 0 retries")]),
        ("UpdateEventSourceMapping", {**MAPPED, "MaximumRetryAttempts": 5}, {"MaximumRetryAttempts": -1}, []),
        ("UpdateEventSourceMapping", {**MAPPED, "DestinationConfig": {"OnFailure": {"Destination": "arn:dlq"}}},
         {"DestinationConfig": {"OnFailure": {}}},
         [("irreversible", f"arn:dlq no longer gets the records of {STREAM} that fail")]),
        ("UpdateEventSourceMapping", MAPPED, {"ScalingConfig": {"MaximumConcurrency": 2}},
         [("outage", f"at most 2 calls at a time process {STREAM}")]),
        ("DeleteEventSourceMapping", MAPPED, {},
         [("outage", f"{STREAM} is consumed no more"),
          ("irreversible", f"the position in {STREAM} is lost: another mapping starts elsewhere")]),
        ("DeleteEventSourceMapping", {"EventSourceArn": QUEUE}, {}, [("outage", f"{QUEUE} is consumed no more")]),
        ("DeleteEventSourceMapping", ABSENT, {},
         [("outage", "its source is consumed no more"),
          ("irreversible", "the position in its source is lost: another mapping starts elsewhere")]),
    ],
)  # fmt: skip
def test_a_mapping_is_told_by_what_it_does_with_its_source(operation, found, params, told):
    assert said(operation, found, **params) == told


UNSIGNED = ("exposure", "the URL asks for no signature (AuthType NONE): the policy alone keeps anybody out")


@pytest.mark.parametrize(
    ("operation", "found", "params", "told"),
    [
        ("CreateFunctionUrlConfig", ABSENT, {"AuthType": "NONE", "InvokeMode": "RESPONSE_STREAM"}, [UNSIGNED]),
        ("CreateFunctionUrlConfig", ABSENT, {"AuthType": "AWS_IAM"}, []),
        ("UpdateFunctionUrlConfig", {"AuthType": "AWS_IAM"}, {"AuthType": "NONE"}, [UNSIGNED]),
        ("UpdateFunctionUrlConfig", {"AuthType": "NONE"}, {"AuthType": "AWS_IAM"},
         [("outage", "the URL refuses who does not sign (AuthType AWS_IAM)")]),
        ("UpdateFunctionUrlConfig", {"AuthType": "NONE"}, {"InvokeMode": "RESPONSE_STREAM"},
         [("outage", "the URL answers in another way (InvokeMode RESPONSE_STREAM)")]),
        ("UpdateFunctionUrlConfig", {"Cors": {"AllowOrigins": ["https://a"]}}, {"Cors": {"AllowOrigins": ["*"]}},
         [("exposure", "CORS lets the pages of every origin call here")]),
        ("DeleteFunctionUrlConfig", {"FunctionUrl": "https://x"}, {},
         [("irreversible", "https://x is gone for good: one that is made again has another host")]),
        ("DeleteFunctionUrlConfig", ABSENT, {},
         [("irreversible", "the URL is gone for good: one that is made again has another host")]),
    ],
)  # fmt: skip
def test_a_url_is_told_by_who_may_call_it_and_how(operation, found, params, told):
    assert said(operation, found, **params) == told


SENT = {"DestinationConfig": {"OnSuccess": {"Destination": "arn:ok"}, "OnFailure": {"Destination": "arn:dlq"}}}


@pytest.mark.parametrize(
    ("operation", "found", "params", "told"),
    [
        ("PutFunctionEventInvokeConfig", ABSENT, SENT, []),
        ("PutFunctionEventInvokeConfig", SENT, SENT, []),
        ("DeleteFunctionEventInvokeConfig", SENT, {},
         [("irreversible", "arn:ok no longer gets the results of asynchronous calls"),
          ("irreversible", "arn:dlq no longer gets the events that failed of asynchronous calls")]),
        ("PutFunctionEventInvokeConfig", ABSENT, {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60},
         [("irreversible", "asynchronous events are dropped after 0 retries instead of 2"),
          ("irreversible", "asynchronous events are dropped after 60 seconds instead of 21600")]),
    ],
)  # fmt: skip
def test_asynchronous_calls_are_told_by_what_is_lost(operation, found, params, told):
    assert said(operation, found, **params) == told
