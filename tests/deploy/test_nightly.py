"""The nightly audit's template as it is filled in: lint, least privilege, limits, and what the settings say in it."""

from __future__ import annotations

import json

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs
from deploy.test_setup import actions, allowed, default, many, parsed

from auditor import nightly as program
from auditor.commands.iam_policy import role_policies
from auditor.deploy.nightly import Nightly, nightly_template
from auditor.deploy.setup import TEMPLATE_LIMIT
from auditor.errors import SettingsError

POLICY_LIMIT = 6_144
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
(POLICY,) = role_policies("audit", None)
ROLE = "arn:aws:iam::111122223333:role/auditor"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:drift"
FORMS = {
    "lambda": nightly_template(Nightly("us-east-1", (POLICY,))),
    "fargate": nightly_template(Nightly("us-east-1", (POLICY,), form="fargate")),
    "lambda of several accounts": nightly_template(
        Nightly("snapshot:20261124T010203Z", (POLICY, POLICY), (ROLE,), (TOPIC,))
    ),
}
forms = pytest.mark.parametrize("text", FORMS.values(), ids=FORMS.keys())


def resources(text, kind):
    return {name: one for name, one in parsed(text)["Resources"].items() if one["Type"] == kind}


@forms
def test_cfn_lint_finds_nothing(text):
    found = lint(text, config=ManualArgs(include_checks=["I"], regions=["us-east-1", "eu-west-1", "ap-southeast-2"]))

    assert [f"{one.linenumber}: {one.rule.id} {one.message}" for one in found] == []


@forms
def test_the_template_is_short_enough_to_be_passed_as_text(text):
    assert len(text.encode()) <= TEMPLATE_LIMIT


@forms
def test_each_policy_is_short_enough_for_iam(text):
    made = [one["Properties"]["PolicyDocument"] for one in resources(text, "AWS::IAM::ManagedPolicy").values()]

    assert [one for one in made if len(json.dumps(one, separators=(",", ":"))) > POLICY_LIMIT] == []


@forms
def test_the_audits_role_has_every_policy_that_reading_takes(text):
    role = parsed(text)["Resources"]["Role"]["Properties"]

    assert role["ManagedPolicyArns"] == [{"Ref": name} for name in resources(text, "AWS::IAM::ManagedPolicy")]


def test_the_policies_are_those_that_the_program_prints():
    (made,) = resources(FORMS["lambda"], "AWS::IAM::ManagedPolicy").values()

    assert made["Properties"]["PolicyDocument"] == POLICY


@pytest.mark.parametrize(
    ("form", "role", "may"),
    [
        (
            "lambda",
            "Role",
            [
                "logs:CreateLogStream", "logs:PutLogEvents", "s3:DeleteObject", "s3:GetObject", "s3:ListBucket",
                "s3:PutObject", "secretsmanager:GetSecretValue", "sqs:SendMessage",
            ],
        ),
        ("lambda", "SchedulerRole", ["lambda:InvokeFunction", "sqs:SendMessage"]),
        (
            "fargate",
            "Role",
            ["s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject", "secretsmanager:GetSecretValue"],
        ),
        ("fargate", "SchedulerRole", ["ecs:RunTask", "iam:PassRole", "sqs:SendMessage"]),
        (
            "fargate",
            "ExecutionRole",
            [
                "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetAuthorizationToken",
                "ecr:GetDownloadUrlForLayer", "logs:CreateLogStream", "logs:PutLogEvents",
            ],
        ),
    ],
)  # fmt: skip
def test_beside_reading_a_role_may_do_this_and_no_more(form, role, may):
    assert actions(FORMS[form], role) == may


@forms
def test_beside_reading_only_signing_in_to_a_registry_is_about_every_resource(text):
    read = [many(one["Action"]) for one in POLICY["Statement"]]
    wide = [one for one in allowed(text) if "*" in many(one.get("Resource"))]

    assert {one["Action"] for one in wide if many(one["Action"]) not in read} <= {"ecr:GetAuthorizationToken"}


def test_roles_of_other_accounts_are_taken_and_topics_told():
    extra = {one["Sid"]: one["Resource"] for one in allowed(FORMS["lambda of several accounts"]) if "Sid" in one}

    assert (extra["ReadsOtherAccounts"], extra["TellsTopics"]) == ([ROLE], [TOPIC])


@forms
def test_nothing_secret_stands_in_the_template(text):
    secrets = resources(text, "AWS::SecretsManager::Secret").values()

    assert ("AUDITOR_FINGERPRINT_KEY:" in text, ["SecretString" in one["Properties"] for one in secrets]) == (
        False,
        [False, False],
    )


@forms
def test_what_cannot_be_made_again_outlives_the_stack(text):
    kept = {name for name, one in parsed(text)["Resources"].items() if one.get("DeletionPolicy") == "Retain"}

    assert kept - {"Repository"} == {"Bucket", "FingerprintKey"}


@forms
def test_the_bucket_is_closed_to_the_public_and_to_what_is_not_encrypted(text):
    bucket = parsed(text)["Resources"]["Bucket"]["Properties"]
    (denied,) = parsed(text)["Resources"]["BucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]

    assert (set(bucket["PublicAccessBlockConfiguration"].values()), denied["Effect"], denied["Condition"]) == (
        {"true"},
        "Deny",
        {"Bool": {"aws:SecureTransport": "false"}},
    )


@forms
def test_without_code_nothing_runs_and_nothing_is_alarmed_about(text):
    waiting = {name for name, one in parsed(text)["Resources"].items() if one.get("Condition") == "HasCode"}

    assert {"Audit", "EveryNight", "FailedAlarm", "SilentAlarm"} <= waiting


@forms
def test_every_alarm_can_tell_a_topic(text):
    alarms = resources(text, "AWS::CloudWatch::Alarm")

    assert ["AlarmActions" in one["Properties"] for one in alarms.values()] == [True, True, True]


def test_the_function_has_the_handler_and_the_variables_that_the_program_reads():
    function = parsed(FORMS["lambda"])["Resources"]["Audit"]["Properties"]
    names = (program.SETTINGS, program.STORE, program.KEY_SECRET, program.VARIABLES_SECRET)

    assert (function["Handler"], set(function["Environment"]["Variables"])) == ("auditor.nightly.handler", {*names})


def test_the_container_runs_the_same_and_can_write_to_its_temporary_folder_alone():
    (container,) = parsed(FORMS["fargate"])["Resources"]["Audit"]["Properties"]["ContainerDefinitions"]
    names = (program.SETTINGS, program.STORE, program.KEY_SECRET, program.VARIABLES_SECRET)

    assert (
        container["EntryPoint"],
        [one["Name"] for one in container["Environment"]],
        container["ReadonlyRootFilesystem"],
        [one["ContainerPath"] for one in container["MountPoints"]],
    ) == (["python", "-m", program.__name__], [*names], "true", ["/tmp"])


def test_metrics_are_found_by_the_golden_that_the_settings_say():
    assert default(FORMS["lambda of several accounts"], "Golden") == "snapshot:20261124T010203Z"


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"golden": "file:größe.json"}, "golden: 'file:größe.json' cannot be the name of CloudWatch's metrics."),
        ({"policies": (POLICY,) * 11}, "These settings need 11 policies, and a role has 10 at most."),
    ],
)
def test_what_does_not_fit_into_a_stack_is_refused(changed, problem):
    with pytest.raises(SettingsError) as refused:
        nightly_template(Nightly(**{"golden": "us-east-1", "policies": (POLICY,), **changed}))

    assert str(refused.value) == f"{problem}\nNo template was made. Correct that in auditor.yaml."


def test_the_container_form_is_a_stack_too(aws):
    cloud = aws.client("cloudformation")
    given = {"Subnets": "subnet-1", "SecurityGroups": "sg-1", "Image": "auditor@sha256:0"}
    cloud.create_stack(
        StackName="auditor-nightly",
        TemplateBody=FORMS["fargate"],
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in given.items()],
    )
    waiting = cloud.get_waiter("stack_create_complete")
    waiting.wait(StackName="auditor-nightly", WaiterConfig={"Delay": 1, "MaxAttempts": 60})

    client = aws.client("scheduler")
    (name,) = (one["Name"] for one in client.list_schedules()["Schedules"])
    target = client.get_schedule(Name=name)["Target"]
    assert target["EcsParameters"]["TaskDefinitionArn"].rpartition("/")[2] == "auditor-nightly:1"


def test_the_command_fills_in_what_the_settings_say_and_calls_nothing(clean_environment, run, tmp_path):
    made = {
        "golden": "eu-west-1",
        "regions": ["eu-west-1", "prod/us-east-1"],
        "accounts": {"prod": {"role_arn": ROLE}},
        "notify": [f"sns:{TOPIC}", "json://canary-7c1e0b5d.example/"],
    }
    (tmp_path / "auditor.yaml").write_text(json.dumps(made))

    told = run("schedule-setup", "--form", "fargate", "-o", "nightly.yaml")

    text = (tmp_path / "nightly.yaml").read_text()
    assert (told.code, told.out, ROLE in text, TOPIC in text, "canary" in text, default(text, "Golden")) == (
        0, "", True, True, False, "eu-west-1",
    )  # fmt: skip


def test_without_a_file_the_template_is_printed(clean_environment, run):
    told = run("schedule-setup", "--golden", "us-east-1", "--region", "us-east-1")

    assert parsed(told.out)["Resources"]["Audit"]["Type"] == "AWS::Lambda::Function"
