"""`auditor iam-policy`: policies as JSON, explained, written to files; the role in each account, and who assumes it."""

from __future__ import annotations

import json

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from auditor.commands import iam_policy as iam_policy_command
from auditor.iam.policies import LIMIT, size

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

    assert (finished.code, json.loads(finished.out), finished.err) == (0, iam_policy_command.policies("audit")[0], "")


def test_where_one_policy_is_too_small_a_list_is_printed_and_said_to_be_one(clean_environment, run):
    finished = run("iam-policy", "reconcile")

    assert ([size(one) <= LIMIT for one in json.loads(finished.out)], finished.err) == (
        [True, True, True],
        "These are 3 policies, as IAM takes no longer ones. -o FOLDER writes a file each.\n",
    )


def test_each_policy_is_written_into_a_file(clean_environment, run, tmp_path):
    finished = run("iam-policy", "reconcile", "-o", "policies")

    written = [json.loads((tmp_path / name).read_text()) for name in finished.out.split()]
    assert (finished.out.split(), tuple(written)) == (
        ["policies/reconcile-1.json", "policies/reconcile-2.json", "policies/reconcile-3.json"],
        iam_policy_command.policies("reconcile"),
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
    return iam_policy_command.template(use, None, (TRUSTED,), "auditor")


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
    assert tuple(policies) == iam_policy_command.policies(use)


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

    arns = [f"arn:aws:iam::{aws.account}:policy/auditor-Policy{number}" for number in (1, 2, 3)]
    assert [aws.client("iam").get_policy(PolicyArn=arn)["Policy"]["Description"] for arn in arns] == [
        "What auditor may do here: reconcile, 1 of 3",
        "What auditor may do here: reconcile, 2 of 3",
        "What auditor may do here: reconcile, 3 of 3",
    ]


# -- what several accounts have


ORGANIZATION = {"role_name": "audit/auditor"}
MEMBERS = "arn:aws:iam::*:role/audit/auditor"
ROLE = f"arn:aws:iam::{TRUSTED}:role/auditor"
S3 = "s3://kept/audit"
TOPIC = f"arn:aws:sns:eu-west-1:{TRUSTED}:drift"


def by_action(text):
    return {action: one["Resource"] for one in json.loads(text)["Statement"] for action in one["Action"]}


def test_the_caller_takes_the_roles_of_an_organization_and_lists_it_as_the_settings_say(settings, run):
    settings(organization=ORGANIZATION, accounts={"prod": {"role_arn": ROLE}}, regions=["*/us-east-1"])

    assert by_action(run("iam-policy", "caller").out) == {
        "organizations:ListAccounts": ["*"],
        "organizations:ListAccountsForParent": ["*"],
        "organizations:ListOrganizationalUnitsForParent": ["*"],
        "sts:AssumeRole": [MEMBERS, ROLE],
    }


def test_the_organization_is_not_asked_for_its_accounts(settings, run):
    settings(organization=ORGANIZATION, golden="prod/us-east-1", regions=["*/us-east-1", "prod/eu-west-1"])

    finished = run("iam-policy", "audit")

    (statement,) = [one for one in json.loads(finished.out)["Statement"] if "s3:GetBucketCORS" in one["Action"]]
    assert statement["Condition"]["StringEquals"] == {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}


def test_a_region_of_an_organizations_glob_has_to_be_awss(settings, run):
    settings(organization=ORGANIZATION, regions=["*/us-east-77"])

    finished = run("iam-policy", "audit")

    assert (finished.code, "'us-east-77' is not an AWS region" in finished.err) == (1, True)


def test_a_caller_whose_accounts_have_profiles_alone_takes_no_role(settings, run):
    settings(accounts={"prod": {"profile": "prod"}}, store=S3)

    assert "sts:AssumeRole" not in by_action(run("iam-policy", "caller").out)


def test_a_caller_that_needs_nothing_is_told_so(settings, run):
    settings(accounts={"prod": {"profile": "prod"}})

    finished = run("iam-policy", "caller")

    assert (finished.code, finished.out, "needs no policy" in finished.err) == (1, "", True)


def test_a_roles_name_may_have_its_path(clean_environment, run):
    assert by_action(run("iam-policy", "caller", "--role-name", "audit/auditor").out) == {"sts:AssumeRole": [MEMBERS]}


@pytest.mark.parametrize("wrong", ["*", "bad name!", "audit/", "é"])
def test_no_caller_takes_a_role_of_no_name(clean_environment, run, wrong):
    finished = run("iam-policy", "caller", "--role-name", wrong)

    assert (finished.code, finished.out, f"'{wrong}' is no name of a role" in finished.err) == (1, "", True)


@pytest.mark.parametrize("several", [{"accounts": {"prod": {"role_arn": ROLE}}}, {"organization": ORGANIZATION}])
@pytest.mark.parametrize(("use", "is_there"), [("audit", False), ("reconcile", False), ("caller", True)])
def test_where_accounts_have_roles_the_store_and_topics_are_the_callers(settings, run, several, use, is_there):
    settings(store=S3, notify=[f"sns:{TOPIC}"], **several)

    text = run("iam-policy", use).out

    assert ("arn:aws:s3:::kept/audit/*" in text, TOPIC in text) == (is_there, is_there)


def test_without_accounts_the_store_and_topics_are_the_audits(settings, run):
    settings(store=S3, notify=[f"sns:{TOPIC}"])

    assert by_action(run("iam-policy").out)["sns:Publish"] == [TOPIC]


def test_slashes_around_the_stores_prefix_are_not_of_its_objects_names(settings, run):
    settings(store="s3://kept//audit//")

    assert by_action(run("iam-policy").out)["s3:PutObject"] == ["arn:aws:s3:::kept/audit/*"]


# -- what is told by a variable


SECRET = "sns://AKIAEXAMPLE/canary-7c1e0b5d/us-east-1/drift"
HELD = ["sns:${TOPIC_ARN}", f"sns:arn:aws:sns:eu-west-1:{TRUSTED}:${{TOPIC_NAME}}"]


@pytest.mark.parametrize("command", [("iam-policy",), ("schedule-setup",)])
@pytest.mark.parametrize("address", [SECRET, *HELD])
def test_an_address_that_names_no_topic_is_in_nothing_that_is_printed(settings, run, command, address):
    settings(notify=[address])

    finished = run(*command)

    told = [one for one in ("canary", "TOPIC_", "sns:Publish") if one in finished.out] + [
        one for one in ("canary", "TOPIC_", "AKIA") if one in finished.err
    ]
    assert (finished.code, told) == (0, [])


@pytest.mark.parametrize("command", [("iam-policy",), ("schedule-setup",)])
@pytest.mark.parametrize("address", HELD)
def test_a_topic_that_a_variable_holds_is_warned_of_by_its_number(settings, run, command, address):
    settings(notify=["json://example.org", address])

    assert run(*command).err == (
        "warning: number 2 of 'notify' is an SNS topic whose ARN a variable holds. sns:Publish on it is in no policy "
        "here: add it by hand.\n"
    )


def test_a_nightly_audit_of_an_organization_takes_its_members_roles_and_asks_nobody(settings, run):
    settings(organization=ORGANIZATION, golden="prod/us-east-1", regions=["*/us-east-1"])

    finished = run("schedule-setup")

    assert (finished.code, MEMBERS in finished.out) == (0, True)


# -- options that go together, or do not


def test_files_of_an_earlier_run_are_told_of_and_left(clean_environment, run, tmp_path):
    run("iam-policy", "reconcile", "-o", "policies")
    (tmp_path / "policies" / "reconcile-4.json").write_text("{}")

    finished = run("iam-policy", "reconcile", "-o", "policies")

    assert (finished.err, (tmp_path / "policies" / "reconcile-4.json").read_text()) == (
        "warning: policies/reconcile-4.json of an earlier run: not of these policies, and left there.\n",
        "{}",
    )


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["caller", "--stackset", "--trust", TRUSTED], "--stackset makes the role of each account"),
        (["--stackset", "--trust", TRUSTED, "--external-id", "night-7"], "as its parameter ExternalId"),
        (["--external-id", "night-7"], "Say whom it trusts with --trust"),
        (["-o", "policies", "--explain"], "-o writes policies"),
        (["-o", "policies", "--trust", TRUSTED], "-o writes policies"),
        (["-o", "policies", "--stackset", "--trust", TRUSTED], "-o writes policies"),
    ],
)
def test_options_that_would_do_nothing_are_refused(clean_environment, run, options, why):
    finished = run("iam-policy", *options)

    assert (finished.code, finished.out, why in finished.err, "night-7" in finished.err) == (1, "", True, False)


@pytest.mark.parametrize("more", [[], ["--stackset"]])
def test_nobody_of_another_partition_is_trusted(clean_environment, run, more):
    finished = run("iam-policy", "--region", "us-east-1", "--trust", f"arn:aws-cn:iam::{TRUSTED}:root", *more)

    assert (finished.code, finished.out, "is of the partition aws-cn, and the policy of aws" in finished.err) == (
        1, "", True,
    )  # fmt: skip


def test_a_role_of_a_regions_partition_is_trusted(clean_environment, run):
    root = f"arn:aws-cn:iam::{TRUSTED}:root"

    finished = run("iam-policy", "--region", "cn-north-1", "--trust", root)

    assert json.loads(finished.out)["Statement"][0]["Principal"] == {"AWS": root}


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ({"accounts": {"prod": {"role_arn": ROLE, "duration": 7200}}}, 7200),
        ({"organization": {**ORGANIZATION, "duration": 14400}, "accounts": {"prod": {"duration": 7200}}}, 14400),
        ({"accounts": {"prod": {"role_arn": ROLE, "duration": 900}}}, 3600),
    ],
)
def test_a_session_may_last_as_long_as_the_settings_ask(settings, run, told, seconds):
    settings(**told)

    made = json.loads(run("iam-policy", "--stackset", "--trust", TRUSTED).out)

    assert made["Resources"]["Role"]["Properties"]["MaxSessionDuration"] == seconds
