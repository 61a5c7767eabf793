"""The policy of each use is what its calls take, on the narrowest resources, and nothing else."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from auditor.aws.shapes import MODELS
from auditor.commands import iam_policy as iam_policy_command
from auditor.errors import SettingsError
from auditor.iam import grants as iam_grants
from auditor.iam.grants import Grant
from auditor.iam.policies import LIMIT, actions, policies_of, size
from auditor.iam.scope import KINDS, Bounds, kind_of, resources
from auditor.iam.text import explained
from auditor.resources import load_specs
from auditor.settings.accounts import AccountSettings, OrganizationSettings
from auditor.settings.load import Settings
from auditor.settings.parts import DeploySettings
from grants import KNOWN, takes

USES = ("audit", "reconcile", "deploy", "caller")
OWN = {"StringEqualsIfExists": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}
KEYS = {"StringLike": {"kms:ViaService": ["lambda.*.amazonaws.com"]}}


def granted(use="audit", settings=None):
    return {action for policy in iam_policy_command.policies(use, settings) for action in actions(policy)}


def statement_of(action, use="audit", settings=None):
    found = [one for policy in iam_policy_command.policies(use, settings) for one in policy["Statement"]]
    (statement,) = [one for one in found if action in one["Action"]]
    return statement


def told(**more):
    return Settings(golden="us-east-1", regions=("us-east-1", "eu-west-1"), **more)


# -- which actions


def test_an_audit_may_only_read():
    reads = r"[\w-]+:(Get|List|BatchGet|Describe|LookupEvents)|kms:Decrypt$"

    assert [one for one in granted() if not re.match(reads, one)] == []


def test_s3_names_its_actions_otherwise_than_its_operations():
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
    named = {"s3:ListAllMyBuckets", "s3:GetEncryptionConfiguration", "s3:GetBucketCORS"}
    misnamed = {"s3:ListBuckets", "s3:GetBucketEncryption", "s3:GetBucketCors"}

    assert granted() & (named | misnamed) == named


def test_what_references_mean_may_be_looked_up():
    assert "lambda:ListVersionsByFunction" in granted()


def test_a_version_may_be_looked_up_whatever_the_types():
    assert "lambda:ListVersionsByFunction" in granted("audit", told(types=("AWS::S3::*",)))


def test_a_policy_for_other_types_asks_for_no_key():
    assert "kms:Decrypt" not in granted("audit", told(types=("AWS::S3::*",)))


def test_a_policy_for_some_types_grants_nothing_of_the_others():
    services = {one.partition(":")[0] for one in granted("audit", told(types=("AWS::CodeDeploy::*",)))}

    assert services & {"codedeploy", "s3"} == {"codedeploy"}


def test_an_audit_may_look_up_who_changed_it():
    assert "cloudtrail:LookupEvents" in granted()


RESOURCES = Path(__file__).parents[2] / "auditor" / "resources"
# What the files of the types name that changes something, by botocore's name of the operation.
NAMED = re.compile(r'"((?:Put|Delete|Create|Update|Add|Remove|Tag|Untag|Publish)[A-Z][A-Za-z]+)"')
# What IAM calls otherwise: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
OTHERWISE = {
    "DeleteBucketCors": "PutBucketCORS",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteBucketMetadataConfiguration": "DeleteBucketMetadataTableConfiguration",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "CreateBucketMetadataConfiguration": "CreateBucketMetadataTableConfiguration",
    "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
    "PutBucketCors": "PutBucketCORS",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "PutBucketReplication": "PutReplicationConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
}


def test_every_write_that_a_type_names_is_allowed_to_who_reconciles():
    services = [MODELS.get_service_model(name) for name in ("codedeploy", "lambda", "s3", "s3control")]
    operations = {name for service in services for name in service.operation_names}
    named = {name for path in RESOURCES.glob("*.py") for name in NAMED.findall(path.read_text())} & operations
    reconciling = {action.partition(":")[2] for action in granted("reconcile")}

    assert {name for name in named if OTHERWISE.get(name, name) not in reconciling} == set()


def test_who_reconciles_may_also_do_what_an_audit_does():
    # Who asks who changed something, and which regions there are, does not reconcile.
    assert granted() - granted("reconcile") == {"cloudtrail:LookupEvents", "tag:GetResources"}


def test_a_function_with_a_key_of_its_own_can_be_made():
    # https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
    assert statement_of("kms:CreateGrant", "reconcile")["Condition"] == KEYS


def test_a_github_token_of_codedeploy_is_never_deleted():
    assert "codedeploy:DeleteGitHubAccountToken" not in granted("reconcile")


@pytest.mark.parametrize("use", USES)
def test_no_function_is_ever_called(use):
    assert [one for one in granted(use) if one.startswith("lambda:Invoke")] == []


def test_the_policy_of_shipping_allows_what_is_called_and_no_more():
    assert granted("deploy") == {
        "codedeploy:BatchGetDeploymentTargets",
        "codedeploy:CreateDeployment",
        "codedeploy:GetApplication",
        "codedeploy:GetApplicationRevision",
        "codedeploy:GetDeployment",
        "codedeploy:GetDeploymentConfig",
        "codedeploy:GetDeploymentGroup",
        "codedeploy:ListDeploymentTargets",
        "codedeploy:ListDeployments",
        "codedeploy:RegisterApplicationRevision",
        "codedeploy:StopDeployment",
        "ec2:DescribeRegions",
        "lambda:GetAlias",
        "lambda:GetFunction",
        "lambda:PublishVersion",
        "lambda:UpdateAlias",
        "lambda:UpdateFunctionCode",
        "s3:AbortMultipartUpload",
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:ListBucket",
        "s3:PutObject",
    }


# -- on what, and when


# What of what a kind names is not among what AWS says of its actions, and why.
APART = {
    "elasticfilesystem:DescribeAccessPoints": "without a file system it lists those of all",
    "organizations:ListAccountsForParent": "the parent's ARN holds the organization's id, which no settings name",
    "organizations:ListOrganizationalUnitsForParent": "the parent's ARN holds the organization's id",
}
SEVERAL = {grant.action: grant for use in USES for grant in iam_policy_command.grants(use, organization=True)}
EVERY = [*(SEVERAL[name] for name in sorted(SEVERAL)), *iam_grants.store_grants(), *iam_grants.notify_grants()]


@pytest.mark.parametrize("action", sorted({grant.action for grant in EVERY}))
def test_aws_has_each_action(action):
    service, _, name = action.partition(":")

    assert name.lower() in KNOWN[service]["Actions"]


@pytest.mark.parametrize("grant", EVERY, ids=lambda grant: f"{grant.action}-{kind_of(grant)}")
def test_an_action_is_granted_on_everything_only_where_it_takes_no_resource(grant):
    on_all = resources(kind_of(grant), Bounds(store="kept/audit")) == ("*",)

    assert on_all == (not takes(grant.action) or grant.action in APART)


@pytest.mark.parametrize("grant", EVERY, ids=lambda grant: f"{grant.action}-{kind_of(grant)}")
def test_each_resource_is_of_a_type_that_its_action_takes(grant):
    if not takes(grant.action) or grant.action in APART:
        return
    of_types = [re.sub(r"^arn:aws:", "arn:*:", arn) for arn in resources(kind_of(grant), Bounds(store="kept/audit"))]
    ours = [re.sub(r"^(arn:\*:iam:):\*:", r"\1:*:", arn) for arn in of_types]

    assert [arn for arn in ours if not any(fnmatchcase(arn, one) for one in takes(grant.action))] == []


def test_actions_on_buckets_are_granted_on_the_callers_own():
    statement = statement_of("s3:GetBucketAcl")

    assert (statement["Resource"], statement["Condition"]) == (["arn:aws:s3:::*"], OWN)


def test_layers_may_be_those_of_aws_and_of_vendors():
    assert "Condition" not in statement_of("lambda:GetLayerVersion")


def test_the_configs_of_codedeploy_itself_may_be_read():
    assert "Condition" not in statement_of("codedeploy:GetDeploymentConfig")


def test_a_role_is_passed_to_the_three_services_only():
    statement = statement_of("iam:PassRole", "reconcile")

    assert (statement["Action"], statement["Resource"], statement["Condition"]) == (
        ["iam:PassRole"],
        ["arn:aws:iam::*:role/*"],
        {
            "StringEquals": {
                "iam:PassedToService": ["codedeploy.amazonaws.com", "lambda.amazonaws.com", "s3.amazonaws.com"]
            }
        },
    )


def test_a_key_is_used_for_lambda_only():
    assert statement_of("kms:Decrypt")["Condition"] == KEYS


def test_the_settings_regions_are_the_only_ones():
    condition = statement_of("lambda:ListFunctions", settings=told())["Condition"]

    assert condition == {"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}}


def test_a_region_narrows_beside_the_account():
    condition = statement_of("lambda:GetFunction", settings=told())["Condition"]

    assert condition == {**OWN, "StringEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}}


def test_the_region_of_a_call_to_iam_is_of_awss_choice():
    assert "Condition" not in statement_of("iam:GetRole", "reconcile", told())


def test_a_key_is_used_in_the_settings_regions():
    condition = statement_of("kms:Decrypt", settings=told())["Condition"]

    assert condition == {
        "StringLike": {"kms:ViaService": ["lambda.eu-west-1.amazonaws.com", "lambda.us-east-1.amazonaws.com"]}
    }


@pytest.mark.parametrize(
    ("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("eu-west-1", "aws")]
)
def test_the_partition_is_that_of_the_regions(region, partition):
    settings = Settings(golden=region, regions=(region,))

    assert statement_of("s3:GetBucketAcl", settings=settings)["Resource"] == [f"arn:{partition}:s3:::*"]


def test_in_china_codedeploy_is_called_otherwise():
    settings = Settings(golden="cn-north-1", regions=("cn-north-1",))

    assert statement_of("iam:PassRole", "reconcile", settings)["Condition"]["StringEquals"]["iam:PassedToService"] == [
        "codedeploy.amazonaws.com",
        "codedeploy.cn-north-1.amazonaws.com.cn",
        "lambda.amazonaws.com",
        "s3.amazonaws.com",
    ]


def shipping(bucket="shop-{region}", **more):
    return told(deploy=DeploySettings(application="shop", groups=("web", "jobs"), bucket=bucket), **more)


@pytest.mark.parametrize(
    ("action", "on"),
    [
        ("codedeploy:GetApplication", ["arn:aws:codedeploy:*:*:application:shop"]),
        (
            "codedeploy:CreateDeployment",
            ["arn:aws:codedeploy:*:*:deploymentgroup:shop/jobs", "arn:aws:codedeploy:*:*:deploymentgroup:shop/web"],
        ),
        ("s3:ListBucket", ["arn:aws:s3:::shop-eu-west-1", "arn:aws:s3:::shop-us-east-1"]),
        ("s3:PutObject", ["arn:aws:s3:::shop-eu-west-1/shop/*", "arn:aws:s3:::shop-us-east-1/shop/*"]),
    ],
)
def test_shipping_is_narrowed_to_what_the_settings_ship(action, on):
    assert statement_of(action, "deploy", shipping())["Resource"] == on


def test_what_a_bucket_is_called_after_an_account_that_nobody_names_is_open():
    statement = statement_of("s3:ListBucket", "deploy", shipping("shop-{account}-{region_short}"))

    assert statement["Resource"] == ["arn:aws:s3:::shop-*-euw1", "arn:aws:s3:::shop-*-use1"]


def test_what_is_reconciled_is_not_narrowed_to_what_is_shipped():
    statement = statement_of("codedeploy:CreateApplication", "reconcile", shipping())

    assert statement["Resource"] == ["arn:aws:codedeploy:*:*:application:*"]


def test_the_store_is_written_below_its_prefix_only():
    (policy,) = policies_of(iam_grants.store_grants(), Bounds(store="kept/audit"))

    assert {action: one["Resource"] for one in policy["Statement"] for action in one["Action"]} == {
        "s3:DeleteObject": ["arn:aws:s3:::kept/audit/*"],
        "s3:GetObject": ["arn:aws:s3:::kept/audit/*"],
        "s3:ListBucket": ["arn:aws:s3:::kept"],
        "s3:PutObject": ["arn:aws:s3:::kept/audit/*"],
    }


def test_the_topics_that_are_told_are_the_settings_own():
    topic = "arn:aws:sns:eu-west-1:111122223333:drift"

    assert statement_of("sns:Publish", settings=told(notify=(f"sns:{topic}", "slack://x")))["Resource"] == [topic]


def test_the_caller_assumes_the_settings_roles_only():
    role = "arn:aws:iam::111122223333:role/auditor"
    settings = told(accounts={"prod": AccountSettings(role_arn=role), "dev": AccountSettings(profile="dev")})

    assert statement_of("sts:AssumeRole", "caller", settings)["Resource"] == [role]


def test_the_caller_assumes_the_organizations_role_in_each_account_and_lists_them():
    organization = OrganizationSettings(role_name="audit/auditor")
    settings = told(organization=organization, accounts={"dev": AccountSettings(profile="dev")})

    assert (
        statement_of("sts:AssumeRole", "caller", settings)["Resource"],
        "organizations:ListAccounts" in granted("caller", settings),
    ) == (
        ["arn:aws:iam::*:role/audit/auditor"],
        True,
    )


def test_a_caller_who_reaches_accounts_by_profiles_alone_needs_no_policy():
    with pytest.raises(SettingsError, match="needs no policy for that"):
        granted("caller", told(accounts={"dev": AccountSettings(profile="dev")}))


@pytest.mark.parametrize("address", ["sns://AKIAEXAMPLE/SeCrEt/us-east-1/+1555", "sns:${TOPIC_ARN}"])
def test_only_a_topics_own_arn_is_put_into_a_policy(address):
    assert "sns:Publish" not in granted("audit", told(notify=({"url": address},)))


def test_a_role_in_another_account_is_granted_neither_the_store_nor_topics():
    settings = told(
        store="s3://kept/n", accounts={"prod": AccountSettings(role_arn="arn:aws:iam::111122223333:role/auditor")}
    )

    assert ("s3:PutObject" in granted("audit", settings), "s3:PutObject" in granted("caller", settings)) == (
        False,
        True,
    )


def test_the_accounts_of_an_organization_are_listed_only_if_asked_for():
    asked = {grant.action for grant in iam_policy_command.grants("caller", organization=True)}

    assert asked - granted("caller") == {
        "organizations:ListAccounts",
        "organizations:ListAccountsForParent",
        "organizations:ListOrganizationalUnitsForParent",
    }


def test_every_kind_of_resource_is_granted_somewhere():
    assert set(KINDS) - {kind_of(grant) for grant in EVERY} == set()


# -- policies that IAM takes


@pytest.mark.parametrize("use", USES)
def test_no_policy_is_longer_than_iam_takes(use):
    assert [size(one) for one in iam_policy_command.policies(use) if size(one) > LIMIT] == []


def test_a_size_is_counted_without_white_space():
    assert size({"Version": "2012-10-17", "Statement": []}) == 39


ACTIONS = st.lists(
    st.sampled_from([f"lambda:{letter}{number:060}" for letter in "GP" for number in range(80)]), max_size=160
)


@given(ACTIONS, st.integers(0, 30))
def test_however_much_is_granted_each_policy_fits_and_together_they_grant_it(names, regions):
    bounds = Bounds(regions=tuple(f"eu-west-{number}" for number in range(regions)))
    made = policies_of([Grant(name, "why", name[7] == "P") for name in names], bounds)

    assert (max(map(size, made)) <= LIMIT, sorted(set(names))) == (
        True,
        sorted(action for policy in made for action in actions(policy)),
    )


@pytest.mark.parametrize("use", USES)
def test_no_two_statements_of_a_policy_have_one_sid(use):
    for policy in iam_policy_command.policies(use):
        sids = [one["Sid"] for one in policy["Statement"]]
        assert len(sids) == len(set(sids))


# -- told to people


def test_each_action_is_explained():
    text = explained(
        [Grant("s3:GetBucketCORS", "AWS::S3::Bucket: cors (GetBucketCors)")], Bounds(regions=("eu-west-1",))
    )

    own = "StringEqualsIfExists aws:ResourceAccount = ${aws:PrincipalAccount}"
    assert text.splitlines()[:4] == [
        "s3:GetBucketCORS  (read)",
        "    why        AWS::S3::Bucket: cors (GetBucketCors)",
        "    on         arn:aws:s3:::*",
        f'    condition  {own}; StringEquals aws:RequestedRegion = ["eu-west-1"]',
    ]


def test_what_one_call_tells_is_explained_once():
    grants = [
        Grant("lambda:GetFunction", f"AWS::Lambda::Function: {facet} (GetFunction)") for facet in ("code", "tags")
    ]

    assert explained(grants, Bounds()).splitlines()[1].split() == [
        "why", "AWS::Lambda::Function:", "code,", "tags", "(GetFunction)",
    ]  # fmt: skip


@pytest.mark.parametrize("use", USES)
def test_every_action_is_explained_and_nothing_else(use):
    lines = explained(iam_policy_command.grants(use), Bounds(roles=("arn:aws:iam::*:role/x",))).splitlines()

    assert {line.split()[0] for line in lines[:-2] if not line.startswith(" ")} == granted(use)


def test_types_of_the_specs_all_give_reasons():
    why = " ".join(grant.why for grant in iam_policy_command.grants("audit"))

    assert [name for name in load_specs() if name not in why] == []
