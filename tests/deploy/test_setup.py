"""The templates as they are filled in: lint, least privilege, limits, and a stack of them in the embedded AWS."""

from __future__ import annotations

import ast
import io
import json
import re
import time
import zipfile
from dataclasses import dataclass
from functools import cache

import boto3
import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs
from hypothesis import given, settings, strategies as st
from ruamel.yaml import YAML

from auditor.deploy.functions.rules import Rule, parse_rules
from auditor.deploy.setup import (
    INLINE_LIMIT,
    TEMPLATE_LIMIT,
    Setup,
    listener_template,
    region_template,
    trigger_code,
)
from auditor.errors import SettingsError

SHOP = Setup("shop", ("web",), "shop-artifacts-{region}", ("us-east-1", "eu-west-1"), repository="octo/shop")
FLEET = Setup(
    application="fleet_2",
    groups=("blue", "green", "grey.1"),
    bucket="{account}-{region}.fleet",
    regions=("ap-southeast-2", "eu-central-1", "us-west-2"),
    accounts={"eu-central-1": "210987654321", "us-west-2": ""},
    platform="Lambda",
    repository="my-org/fleet.js",
    ref="refs/tags/v*",
)
FILLED = {
    "region-shop": region_template(SHOP),
    "region-fleet": region_template(FLEET),
    "listener-shop": listener_template(SHOP),
    "listener-fleet": listener_template(FLEET),
}
filled = pytest.mark.parametrize("text", FILLED.values(), ids=FILLED.keys())


@cache
def parsed(text):
    """The template as values; a short form of a function is a mapping, as in JSON."""

    def value(node):
        tag = str(node.ctag) if node.ctag else ""
        if node.id == "mapping":
            plain = {key.value: value(inside) for key, inside in node.value}
        elif node.id == "sequence":
            plain = [value(one) for one in node.value]
        else:
            plain = node.value
        return {tag[1:]: plain} if re.fullmatch(r"![A-Z]\w+", tag) else plain

    return value(YAML(typ="safe", pure=True).compose(text))


def within(value):
    yield value
    for inside in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from within(inside)


def allowed(text):
    """Every statement that allows something."""
    return [one for one in within(parsed(text)) if isinstance(one, dict) and one.get("Effect") == "Allow"]


def many(value):
    return value if isinstance(value, list) else [value]


def actions(text, role):
    policies = parsed(text)["Resources"][role]["Properties"]["Policies"]
    statements = [one for one in within(policies) if isinstance(one, dict) and "Action" in one]
    return sorted({action for one in statements for action in many(one["Action"])})


def variables(text, function):
    return parsed(text)["Resources"][function]["Properties"]["Environment"]["Variables"]


def default(text, name):
    return parsed(text)["Parameters"][name]["Default"]


@filled
def test_cfn_lint_finds_nothing(text):
    found = lint(text, config=ManualArgs(include_checks=["I"], regions=["us-east-1", "eu-west-1", "ap-southeast-2"]))

    assert [f"{one.linenumber}: {one.rule.id} {one.message}" for one in found] == []


@filled
def test_a_template_is_short_enough_to_be_passed_as_text(text):
    assert len(text.encode()) <= TEMPLATE_LIMIT


@filled
def test_no_action_is_a_wildcard(text):
    assert [action for one in allowed(text) for action in many(one["Action"]) if "*" in action] == []


@filled
def test_no_statement_is_about_every_resource(text):
    # Every action used here takes a resource, so none has an excuse.
    roles = [one for one in allowed(text) if "Resource" in one]

    assert [one for one in roles if "*" in many(one["Resource"])] == []


@filled
def test_every_policy_of_a_role_says_of_which_resources(text):
    trusts = ("sts:AssumeRole",)

    assert [one for one in allowed(text) if one["Action"] not in trusts and "Resource" not in one] == []


@filled
def test_no_role_has_a_name_that_two_regions_would_want(text):
    roles = [one for one in parsed(text)["Resources"].values() if one["Type"] == "AWS::IAM::Role"]

    assert [one for one in roles if "RoleName" in one["Properties"]] == []


@pytest.mark.parametrize("name", ["region-shop", "region-fleet"])
def test_a_regions_template_names_no_region(name):
    regions = boto3.Session().get_available_regions("s3")

    assert [region for region in regions if region in FILLED[name]] == []


@pytest.mark.parametrize("setup", [SHOP, FLEET])
def test_the_trigger_can_be_inline(setup):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr(
            "index.py", parsed(region_template(setup))["Resources"]["Trigger"]["Properties"]["Code"]["ZipFile"]
        )

    assert len(content.getvalue()) <= INLINE_LIMIT


def test_the_triggers_code_is_what_the_module_holds():
    inline = parsed(FILLED["region-shop"])["Resources"]["Trigger"]["Properties"]["Code"]["ZipFile"]

    assert inline == trigger_code()


def test_the_triggers_code_has_the_handler_that_the_template_names():
    names = [one.name for one in ast.parse(trigger_code()).body if isinstance(one, ast.FunctionDef)]

    assert "handler" in names


def test_the_trigger_may_do_this_and_no_more():
    assert actions(FILLED["region-shop"], "TriggerRole") == [
        "codedeploy:BatchGetDeployments",
        "codedeploy:CreateDeployment",
        "codedeploy:GetApplicationRevision",
        "codedeploy:GetDeploymentConfig",
        "codedeploy:ListDeployments",
        "codedeploy:RegisterApplicationRevision",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:ListBucket",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ReceiveMessage",
    ]


def test_the_listener_may_do_this_and_no_more():
    assert actions(FILLED["listener-shop"], "ListenerRole") == [
        "lambda:InvokeFunction",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:AbortMultipartUpload",
        "s3:GetObject",
        "s3:PutObject",
        "secretsmanager:GetSecretValue",
        "sqs:SendMessage",
    ]


def test_the_listener_writes_below_the_application_in_each_regions_bucket_alone():
    (puts,) = [one for one in allowed(FILLED["listener-fleet"]) if one.get("Sid") == "PutsArtifacts"]

    assert puts["Resource"] == [
        {"Sub": "arn:${AWS::Partition}:s3:::${AWS::AccountId}-ap-southeast-2.fleet/${Application}/*"},
        {"Sub": "arn:${AWS::Partition}:s3:::210987654321-eu-central-1.fleet/${Application}/*"},
        {"Sub": "arn:${AWS::Partition}:s3:::${AWS::AccountId}-us-west-2.fleet/${Application}/*"},
    ]


def test_a_function_url_is_opened_by_both_permissions():
    permissions = [
        one["Properties"]
        for one in parsed(FILLED["listener-shop"])["Resources"].values()
        if one["Type"] == "AWS::Lambda::Permission"
    ]

    assert permissions == [
        {
            "FunctionName": {"Ref": "Listener"},
            "Action": "lambda:InvokeFunctionUrl",
            "Principal": "*",
            "FunctionUrlAuthType": "NONE",
        },
        {
            "FunctionName": {"Ref": "Listener"},
            "Action": "lambda:InvokeFunction",
            "Principal": "*",
            "InvokedViaFunctionUrl": "true",
        },
    ]


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("region-shop", "Application", "shop"),
        ("region-shop", "Groups", "web"),
        ("region-shop", "Platform", "Server"),
        ("region-shop", "CreateApplication", "yes"),
        ("region-fleet", "Groups", "blue,green,grey.1"),
        ("region-fleet", "Platform", "Lambda"),
        ("listener-shop", "Repository", "octo/shop"),
        ("listener-shop", "Ref", "refs/heads/main"),
        ("listener-fleet", "Application", "fleet_2"),
        ("listener-fleet", "Ref", "refs/tags/v*"),
    ],
)
def test_a_parameters_default_is_what_the_settings_say(text, name, value):
    assert default(FILLED[text], name) == value


def test_a_bucket_is_named_by_what_cloudformation_knows():
    bucket = parsed(FILLED["region-fleet"])["Resources"]["Bucket"]["Properties"]["BucketName"]

    assert bucket == {"Sub": "${AWS::AccountId}-${AWS::Region}.fleet"}


def test_the_queue_takes_from_the_bucket_that_the_template_makes():
    (sending,) = [one for one in allowed(FILLED["region-shop"]) if one.get("Sid") == "ArtifactBucketSends"]

    assert sending["Condition"] == {
        "ArnEquals": {"aws:SourceArn": {"Sub": "arn:${AWS::Partition}:s3:::shop-artifacts-${AWS::Region}"}},
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
    }


def test_codedeploy_takes_its_role_for_the_applications_groups_alone():
    resources = parsed(FILLED["region-shop"])["Resources"]
    (statement,) = resources["CodeDeployRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]

    groups = "arn:${AWS::Partition}:codedeploy:${AWS::Region}:${AWS::AccountId}:deploymentgroup:${Application}/*"
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
        "ArnLike": {"aws:SourceArn": {"Sub": groups}},
    }


def test_the_triggers_rule_is_for_the_templates_own_bucket():
    (text, _) = variables(FILLED["region-shop"], "Trigger")["RULES"]["Sub"]

    assert json.loads(text)[0]["bucket"] == "${Bucket}"


@pytest.mark.parametrize(
    ("parameters", "rule"),
    [
        ({}, Rule("octo/shop", "refs/heads/main", "shop")),
        (
            {"Event": "release", "Prereleases": "true", "Folder": "services/web"},
            Rule("octo/shop", "refs/heads/main", "shop", "release", True, "services/web"),
        ),
    ],
)
def test_the_listeners_rule_is_made_of_the_stacks_parameters(parameters, rule):
    template = FILLED["listener-shop"]
    text = variables(template, "Listener")["RULES"]["Sub"]
    names = ("Repository", "Ref", "Event", "Application", "Prereleases", "Folder")
    values = {name: default(template, name) for name in names} | {"Repository": "octo/shop"} | parameters
    for name, value in values.items():
        text = text.replace(f"${{{name}}}", value)

    assert parse_rules(text) == (rule,)


def test_strangers_cannot_use_up_the_accounts_concurrency():
    assert default(FILLED["listener-shop"], "ReservedConcurrency") == "5"


def test_the_listener_knows_each_regions_bucket():
    assert json.loads(variables(FILLED["listener-shop"], "Listener")["BUCKETS"]) == {
        "us-east-1": "shop-artifacts-us-east-1",
        "eu-west-1": "shop-artifacts-eu-west-1",
    }


def test_a_regions_account_is_the_listeners_where_none_is_said():
    assert json.loads(variables(FILLED["listener-fleet"], "Listener")["BUCKETS"]["Sub"]) == {
        "ap-southeast-2": "${AWS::AccountId}-ap-southeast-2.fleet",
        "eu-central-1": "210987654321-eu-central-1.fleet",
        "us-west-2": "${AWS::AccountId}-us-west-2.fleet",
    }


def test_each_group_is_a_resource_of_its_own():
    resources = parsed(FILLED["region-fleet"])["Resources"]
    chosen = {
        name: one["Properties"]["DeploymentGroupName"]["Select"]
        for name, one in resources.items()
        if name.startswith("LambdaGroup")
    }

    assert chosen == {
        "LambdaGroup": ["0", {"Split": [",", {"Ref": "Groups"}]}],
        "LambdaGroup2": ["1", {"Split": [",", {"Ref": "Groups"}]}],
        "LambdaGroup3": ["2", {"Split": [",", {"Ref": "Groups"}]}],
    }


def test_without_a_group_no_application_is_made():
    setup = Setup("shop", (), "shop-artifacts-{region}", ("us-east-1",), platform="Lambda")

    assert default(region_template(setup), "CreateApplication") == "no"


def test_without_a_repository_the_stack_asks_for_one():
    setup = Setup("shop", ("web",), "shop-artifacts-{region}", ("us-east-1",))

    assert "Default" not in parsed(listener_template(setup))["Parameters"]["Repository"]


@pytest.mark.parametrize("name", ["region", "listener"])
def test_every_comment_of_a_template_is_kept(name, request):
    original = (request.config.rootpath / "templates" / f"{name}.yaml").read_text(encoding="utf-8")
    comments = [line for line in original.splitlines() if line.strip().startswith("#")]

    assert [line for line in comments if line not in FILLED[f"{name}-fleet"].splitlines()] == []


@settings(deadline=None, max_examples=10)
@given(
    application=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}", fullmatch=True),
    groups=st.lists(st.from_regex(r"[A-Za-z0-9_.+=@-]{1,20}", fullmatch=True), min_size=1, max_size=4),
)
def test_whatever_is_filled_in_is_read_back_as_text(application, groups):
    text = region_template(Setup(application, tuple(groups), "b-{region}", ("us-east-1",)))

    assert (default(text, "Application"), default(text, "Groups").split(",")) == (application, groups)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        (
            {"bucket": "shop-{region_short}"},
            (
                "'deploy.bucket': 'shop-{region_short}' holds {region_short}, which CloudFormation cannot fill: "
                "write {region}."
            ),
        ),
        ({"bucket": "shop"}, "'deploy.bucket': 'shop' is one name for 2 regions. Put {region} into it."),
        (
            {"bucket": "Shop-{region}"},
            (
                "'deploy.bucket': 'Shop-us-east-1' is no bucket's name (3 to 63 of a-z, 0-9, '-' and '.'; {region} "
                "and {account} are filled in)."
            ),
        ),
        ({"platform": "EC2"}, "the platform 'EC2' is none of Server, Lambda, ECS."),
        ({"groups": ()}, "'deploy.groups' names no group, and a Server application is deployed to groups."),
        (
            {"application": "shop app"},
            "'deploy.application': 'shop app' is not letters, digits, '-' and '_', 32 at most.",
        ),
        (
            {"groups": ('a", "b',)},
            "'deploy.groups': 'a\", \"b' is not letters, digits and '_.+=@-', 100 at most.",
        ),
        ({"repository": "octo"}, "the repository: 'octo' is not OWNER/NAME."),
        ({"ref": "main"}, "the ref: 'main' is not a whole ref, as refs/heads/main or refs/tags/v*."),
        ({"accounts": {"us-east-1": "prod"}}, "an account: 'prod' is not 12 digits."),
    ],
)
@pytest.mark.parametrize("template", [region_template, listener_template])
def test_what_cannot_be_filled_in_is_refused(template, changed, problem):
    given_ = {
        "application": "shop",
        "groups": ("web",),
        "bucket": "shop-{region}",
        "regions": ("us-east-1", "eu-west-1"),
        **changed,
    }

    with pytest.raises(SettingsError) as refused:
        template(Setup(**given_))

    assert str(refused.value).splitlines()[0] == problem


def test_every_problem_is_told_at_once():
    with pytest.raises(SettingsError) as refused:
        region_template(Setup("", (), "shop", ("us-east-1", "eu-west-1")))

    assert str(refused.value) == (
        "'deploy.application': '' is not letters, digits, '-' and '_', 32 at most.\n"
        "'deploy.groups' names no group, and a Server application is deployed to groups.\n"
        "'deploy.bucket': 'shop' is one name for 2 regions. Put {region} into it.\n"
        "No template was made. Correct that in auditor.yaml, or in the options."
    )


@dataclass(frozen=True)
class Stack:
    """A region's stack in the embedded AWS. `template` is its text."""

    aws: object
    template: str

    @property
    def bucket(self):
        return f"shop-artifacts-{self.aws.account}-us-east-1"

    def ended(self, look):
        """What a look tells once it tells anything."""
        for _ in range(300):
            if found := look():
                return found
            time.sleep(0.1)
        raise AssertionError("nothing came of it in half a minute")

    def deployments(self):
        made = self.aws.client("codedeploy").list_deployments(applicationName="shop", deploymentGroupName="web")
        return made["deployments"]

    def log(self):
        """All that the trigger has said."""
        logs, group = self.aws.client("logs"), "/aws/lambda/shop-codedeploy-trigger"
        return "".join(one["message"] for one in logs.filter_log_events(logGroupName=group)["events"])

    def waiting(self):
        queues = self.aws.client("sqs")
        url = queues.get_queue_url(QueueName="shop-codedeploy-trigger")["QueueUrl"]
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        return sum(map(int, queues.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"].values()))


def make_stack(aws, region="us-east-1"):
    role = f"arn:aws:iam::{aws.account}:role/deploy-of-{region.partition('-')[0]}"
    # The embedded CloudFormation makes no CodeDeploy resources.
    deploy = aws.client("codedeploy", region)
    deploy.create_application(applicationName="shop", computePlatform="Server")
    deploy.create_deployment_group(applicationName="shop", deploymentGroupName="web", serviceRoleArn=role)
    setup = Setup("shop", ("web",), "shop-artifacts-{account}-{region}", ("us-east-1", "eu-west-1"))
    made = Stack(aws, region_template(setup))
    client = aws.client("cloudformation", region)
    client.create_stack(
        StackName="shop-region",
        TemplateBody=made.template,
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": "CreateApplication", "ParameterValue": "no"}],
    )
    client.get_waiter("stack_create_complete").wait(
        StackName="shop-region", WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    return made


@pytest.fixture
def stack(aws):
    return make_stack(aws)


def test_an_object_put_into_a_stacks_bucket_is_deployed(stack):
    stack.aws.client("s3").put_object(Bucket=stack.bucket, Key="shop/1f2e.zip", Body=b"an artifact")

    (deployment,) = stack.ended(stack.deployments)

    told = stack.aws.client("codedeploy").get_deployment(deploymentId=deployment)["deploymentInfo"]
    assert told["revision"]["s3Location"]["key"] == "shop/1f2e.zip"


def test_what_was_deployed_leaves_the_queue(stack):
    stack.aws.client("s3").put_object(Bucket=stack.bucket, Key="shop/1f2e.zip", Body=b"an artifact")
    stack.ended(stack.deployments)

    assert stack.ended(lambda: stack.waiting() == 0)


def test_what_has_to_wait_for_a_running_deployment_stays_in_the_queue(stack):
    revision = {"revisionType": "S3", "s3Location": {"bucket": stack.bucket, "key": "shop/0.zip", "bundleType": "zip"}}
    deploy, objects = stack.aws.client("codedeploy"), stack.aws.client("s3")
    # The trigger leaves alone what the command ships, so this one's deployment is the only one.
    objects.put_object(Bucket=stack.bucket, Key="shop/0.zip", Body=b"first", Metadata={"shipped-by": "auditor-deploy"})
    running = deploy.create_deployment(applicationName="shop", deploymentGroupName="web", revision=revision)
    objects.put_object(Bucket=stack.bucket, Key="shop/1f2e.zip", Body=b"an artifact")

    assert stack.ended(lambda: "DeploymentLimitExceeded" in stack.log())
    assert (stack.waiting(), stack.deployments()) == (1, [running["deploymentId"]])


def test_an_object_outside_of_the_application_is_not_told_to_the_trigger(stack):
    stack.aws.client("s3").put_object(Bucket=stack.bucket, Key="listener/1f2e.zip", Body=b"no artifact")
    stack.aws.client("s3").put_object(Bucket=stack.bucket, Key="shop/1f2e.zip", Body=b"an artifact")

    stack.ended(stack.deployments)

    assert "listener/" not in stack.log()


def test_the_exceptions_that_the_document_gives_are_all_that_two_regions_need(aws, run, request, tmp_path):
    for region in ("us-east-1", "eu-west-1"):
        make_stack(aws, region)
        # The embedded CloudFormation names the roles of two regions alike; AWS cannot.
        role = f"arn:aws:iam::{aws.account}:role/trigger-of-{region.partition('-')[0]}"
        functions = aws.client("lambda", region)
        functions.update_function_configuration(FunctionName="shop-codedeploy-trigger", Role=role)
        # CloudFormation zips the code in a template when it makes the stack, and a zip tells time in steps of two
        # seconds: within one step, both regions would have the same bytes, which they have nowhere else.
        time.sleep(2)
    document = (request.config.rootpath / "docs" / "deploy-setup.md").read_text(encoding="utf-8")
    (accepted,) = re.findall(r"```yaml\n(exceptions:.*?)```", document, re.DOTALL)
    (tmp_path / "auditor.yaml").write_text(f"golden: us-east-1\nregions: [us-east-1, eu-west-1]\n{accepted}")

    told = run("diff")

    assert told.out.splitlines()[0] == ("In sync: 17 resources in 2 regions are alike, but for 3 accepted findings.")
