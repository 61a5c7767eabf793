"""`auditor iam-policy`: policies as JSON, explained, written to files; the role in each account, and who assumes it."""

from __future__ import annotations

import json

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from auditor import workflow_iam
from auditor.iam_policy import LIMIT, size

TRUSTED = "111122223333"
ROOT = f"arn:aws:iam::{TRUSTED}:root"


@pytest.fixture
def settings(clean_environment, tmp_path):
    """Writes an auditor.yaml."""

    def write(**more):
        (tmp_path / "auditor.yaml").write_text(json.dumps({"golden": "us-east-1", "regions": ["us-east-1"], **more}))

    return write


def test_a_policy_is_printed_as_json(clean_environment, run):
    finished = run("iam-policy")

    assert (finished.code, json.loads(finished.out), finished.err) == (0, workflow_iam.policies("audit")[0], "")


def test_where_one_policy_is_too_small_a_list_is_printed_and_said_to_be_one(clean_environment, run):
    finished = run("iam-policy", "reconcile")

    assert ([size(one) <= LIMIT for one in json.loads(finished.out)], finished.err) == (
        [True, True],
        "These are 2 policies, as IAM takes no longer ones. -o FOLDER writes a file each.\n",
    )


def test_each_policy_is_written_into_a_file(clean_environment, run, tmp_path):
    finished = run("iam-policy", "reconcile", "-o", "policies")

    written = [json.loads((tmp_path / name).read_text()) for name in finished.out.split()]
    assert (finished.out.split(), tuple(written)) == (
        ["policies/reconcile-1.json", "policies/reconcile-2.json"],
        workflow_iam.policies("reconcile"),
    )


def test_the_settings_in_the_folder_narrow_it(settings, run):
    settings(types=["AWS::CodeDeploy::*"])

    (statement,) = [one for one in json.loads(run("iam-policy").out)["Statement"] if one["Sid"] == "AuditorReadsGroup"]

    assert statement["Condition"]["StringEquals"] == {"aws:RequestedRegion": ["us-east-1"]}


def test_a_region_of_an_option_narrows_it_without_settings(clean_environment, run):
    text = run("iam-policy", "--region", "eu-west-1").out

    assert '"aws:RequestedRegion": [\n            "eu-west-1"\n          ]' in text


def test_a_region_that_aws_has_not_is_refused(clean_environment, run):
    finished = run("iam-policy", "--region", "eu-west-77")

    assert (finished.code, finished.out, "'eu-west-77' is not an AWS region" in finished.err) == (1, "", True)


def test_regions_of_two_partitions_have_no_policy_in_common(clean_environment, run):
    finished = run("iam-policy", "--region", "eu-west-1", "--region", "cn-north-1")

    told = (
        "auditor: The regions are of the partitions aws, aws-cn, which no policy has in common. Nothing was printed. "
        "Name those of one with --region.\n"
    )
    assert (finished.code, finished.err) == (1, told)


def test_a_policy_is_explained_action_by_action(clean_environment, run):
    lines = run("iam-policy", "--explain").out.splitlines()

    place = lines.index("s3:GetBucketCORS  (read)")
    assert lines[place + 1 : place + 3] == [
        "    why        AWS::S3::Bucket: cors (GetBucketCors)",
        "    on         arn:aws:s3:::*",
    ]


def test_an_account_is_trusted_if_it_names_the_external_id(clean_environment, run):
    finished = run("iam-policy", "audit", "--trust", TRUSTED, "--external-id", "night-7")

    assert json.loads(finished.out) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": ROOT},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": "night-7"}},
            }
        ],
    }


def test_a_role_is_trusted_by_its_arn(clean_environment, run):
    role = f"arn:aws:iam::{TRUSTED}:role/ci/night"

    assert json.loads(run("iam-policy", "--trust", role).out)["Statement"][0] == {
        "Effect": "Allow",
        "Principal": {"AWS": role},
        "Action": "sts:AssumeRole",
    }


@pytest.mark.parametrize("wrong", ["*", "1234", "arn:aws:iam::111122223333:group/x", "arn:aws:iam::*:role/x"])
def test_nobody_else_is_trusted(clean_environment, run, wrong):
    finished = run("iam-policy", "--trust", wrong)

    assert (finished.code, finished.out, "is neither an account's id of 12 digits nor" in finished.err) == (1, "", True)


def test_what_is_no_external_id_is_refused_and_not_shown(clean_environment, run):
    finished = run("iam-policy", "--trust", TRUSTED, "--external-id", "a b")

    assert (finished.code, "The external id is not one" in finished.err, "a b" in finished.err) == (1, True, False)


def test_a_stack_set_needs_somebody_who_is_trusted(clean_environment, run):
    finished = run("iam-policy", "--stackset")

    assert (finished.code, finished.err) == (
        1,
        "auditor: Nothing says who is trusted. Nothing was printed. Say --trust ACCOUNT_OR_ROLE_ARN.\n",
    )


def test_a_name_that_no_role_can_have_is_refused(clean_environment, run):
    finished = run("iam-policy", "--stackset", "--trust", TRUSTED, "--role-name", "a/b")

    assert (finished.code, "'a/b' is no name of a role" in finished.err) == (1, True)


def test_the_caller_may_assume_roles_of_a_name(clean_environment, run):
    (statement,) = json.loads(run("iam-policy", "caller", "--role-name", "night").out)["Statement"]

    assert (statement["Action"], statement["Resource"]) == (["sts:AssumeRole"], ["arn:aws:iam::*:role/night"])


# -- the stack set


def stack(use="audit", *more):
    return workflow_iam.template(use, None, (TRUSTED,), "auditor")


@pytest.mark.parametrize("use", ["audit", "reconcile", "deploy"])
def test_cfn_lint_finds_nothing(use):
    found = lint(stack(use), config=ManualArgs(include_checks=["I"], regions=["us-east-1", "eu-west-1"]))

    assert [f"{one.linenumber}: {one.rule.id} {one.message}" for one in found] == []


@pytest.mark.parametrize("use", ["audit", "reconcile", "deploy"])
def test_a_template_is_short_enough_to_be_passed_as_text(use):
    assert len(stack(use).encode()) <= 51_200


@pytest.mark.parametrize("use", ["audit", "reconcile", "deploy"])
def test_the_role_has_all_policies_of_its_use(use):
    made = json.loads(stack(use))["Resources"]

    policies = [
        made[one["Ref"]]["Properties"]["PolicyDocument"] for one in made["Role"]["Properties"]["ManagedPolicyArns"]
    ]
    assert tuple(policies) == workflow_iam.policies(use)


def test_the_external_id_is_never_shown():
    assert json.loads(stack())["Parameters"]["ExternalId"]["NoEcho"] is True


def test_a_session_lasts_an_hour_at_most():
    assert json.loads(stack())["Resources"]["Role"]["Properties"]["MaxSessionDuration"] == 3600


def deployed(aws, use, external_id):
    client = aws.client("cloudformation")
    client.create_stack(
        StackName="auditor",
        TemplateBody=stack(use),
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[{"ParameterKey": "ExternalId", "ParameterValue": external_id}],
    )
    client.get_waiter("stack_create_complete").wait(StackName="auditor", WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    return aws.client("iam").get_role(RoleName="auditor")["Role"]["AssumeRolePolicyDocument"]["Statement"]


def test_the_stack_makes_a_role_that_asks_for_the_external_id(aws):
    (statement,) = deployed(aws, "reconcile", "night-7")

    assert (statement["Principal"], statement["Condition"]) == (
        {"AWS": ROOT},
        {"StringEquals": {"sts:ExternalId": "night-7"}},
    )


def test_the_stack_makes_the_policies_of_its_use(aws):
    deployed(aws, "reconcile", "night-7")

    arns = [f"arn:aws:iam::{aws.account}:policy/auditor-Policy{number}" for number in (1, 2)]
    assert [aws.client("iam").get_policy(PolicyArn=arn)["Policy"]["Description"] for arn in arns] == [
        "What auditor may do here: reconcile, 1 of 2",
        "What auditor may do here: reconcile, 2 of 2",
    ]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["caller", "--role-name", "*"], "'*' is no name of a role"),
        (["audit", "--external-id", "abcdef"], "--external-id goes with --trust"),
        (["audit", "--explain", "-o", "made"], "-o writes policies"),
        (["caller", "--stackset", "--trust", "111122223333"], "a stack set makes the role of audit"),
        (
            ["audit", "--stackset", "--trust", "111122223333", "--external-id", "abcdef"],
            "is a parameter of the stack set",
        ),
    ],
)
def test_options_that_would_say_nothing_are_refused(clean_environment, run, options, said):
    told = run("iam-policy", *options)

    assert (told.code, said in told.err, told.out) == (1, True, "")


def test_a_policy_of_an_earlier_run_is_told(clean_environment, run, tmp_path):
    before = run("iam-policy", "audit", "-o", "made").err
    (tmp_path / "made" / "audit-2.json").write_text("{}")

    told = run("iam-policy", "audit", "-o", "made").err

    assert (before, told) == (
        "",
        "warning: made/audit-2.json is of an earlier run, and no part of what is needed now.\n",
    )


def test_nothing_is_called_whatever_the_settings_say(clean_environment, run, tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    (tmp_path / "auditor.yaml").write_text(
        'golden: prod/us-east-1\nregions: ["*/us-east-1"]\norganization: {role_name: auditor}\n'
    )

    assert [run("iam-policy", use).code for use in ("audit", "caller")] == [0, 0]
