"""Other accounts are reached, listed and refused as AWS does."""

from __future__ import annotations

import json

import boto3
import pytest
from botocore.exceptions import ClientError

OTHER = "999900001111"


def trust(principal, external_id=""):
    condition = {"Condition": {"StringEquals": {"sts:ExternalId": external_id}}} if external_id else {}
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole", **condition}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def client_of(account, service, region="us-east-1"):
    return boto3.Session(account, "sandbox").client(service, region_name=region)


@pytest.fixture
def role_in(aws):
    """Makes a role in another account; answers its ARN."""

    def made(account, policy, name="auditor", **more):
        iam = client_of(account, "iam")
        return iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy, **more)["Role"]["Arn"]

    return made


@pytest.fixture
def organization(aws):
    """Organizations, with the caller as its management account."""
    client = aws.client("organizations")
    client.create_organization()
    return client


def assumed(aws, role, region="us-east-1", **more):
    return aws.client("sts", region).assume_role(RoleArn=role, RoleSessionName="night", **more)["Credentials"]


def code(call):
    with pytest.raises(ClientError) as raised:
        call()
    return raised.value.response["Error"]["Code"]


def as_(given, service, region="us-east-1"):
    keys = given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]
    return boto3.Session(*keys).client(service, region_name=region)


def test_a_role_is_one_of_its_own_account(aws, role_in):
    given = assumed(aws, role_in("999900002222", trust(f"arn:aws:iam::{aws.account}:root")))

    assert as_(given, "sts").get_caller_identity()["Account"] == "999900002222"


@pytest.mark.parametrize("given", [{}, {"ExternalId": "wrong"}], ids=["none", "another"])
def test_a_role_that_asks_for_an_external_id_is_not_given_without(aws, role_in, given):
    role = role_in(f"9{aws.account[1:]}", trust("*", "s3cret"))

    assert code(lambda: assumed(aws, role, **given)) == "AccessDenied"


def test_a_role_that_asks_for_an_external_id_is_given_with_it(aws, role_in):
    account = f"9{aws.account[1:]}"

    assert assumed(aws, role_in(account, trust("*", "s3cret")), ExternalId="s3cret")["AccessKeyId"] == account


def test_a_role_that_trusts_somebody_else_is_not_given(aws, role_in):
    role = role_in(f"9{aws.account[1:]}", trust("arn:aws:iam::555566667777:root"))

    assert code(lambda: assumed(aws, role)) == "AccessDenied"


def test_a_role_that_is_not_there_is_not_given(aws):
    assert code(lambda: assumed(aws, f"arn:aws:iam::{OTHER}:role/none")) == "AccessDenied"


def test_a_role_is_given_no_longer_than_it_allows(aws, role_in):
    role = role_in(f"9{aws.account[1:]}", trust("*"), MaxSessionDuration=7200)

    assert code(lambda: assumed(aws, role, DurationSeconds=7201)) == "ValidationError"


def test_an_account_in_no_organization_is_told_so(aws):
    assert code(aws.client("organizations").list_accounts) == "AWSOrganizationsNotInUseException"


def test_a_member_may_not_list_the_accounts(aws, organization):
    member = organization.create_account(AccountName="prod", Email="prod@example.com")["CreateAccountStatus"]
    other = client_of(member["AccountId"], "organizations", "us-east-1")

    assert code(other.list_accounts) == "AccessDeniedException"


def test_accounts_are_listed_twenty_at_a_time(aws, organization):
    for number in range(20):
        organization.create_account(AccountName=f"a-{number}", Email="a@example.com")

    pages = organization.get_paginator("list_accounts").paginate()

    assert [len(page["Accounts"]) for page in pages] == [20, 1]


def test_an_account_is_listed_with_its_state_where_it_was_moved_to(aws, organization):
    (root,) = organization.list_roots()["Roots"]
    unit = organization.create_organizational_unit(ParentId=root["Id"], Name="live")["OrganizationalUnit"]["Id"]
    made = organization.create_account(AccountName="prod", Email="a@example.com")["CreateAccountStatus"]["AccountId"]
    organization.move_account(AccountId=made, SourceParentId=root["Id"], DestinationParentId=unit)
    organization.close_account(AccountId=made)

    (listed,) = organization.list_accounts_for_parent(ParentId=unit)["Accounts"]

    assert (listed["Id"], listed["Name"], listed["State"], "Status" in listed) == (made, "prod", "SUSPENDED", False)


def test_units_are_listed_below_their_parent(aws, organization):
    (root,) = organization.list_roots()["Roots"]
    live = organization.create_organizational_unit(ParentId=root["Id"], Name="live")["OrganizationalUnit"]
    organization.create_organizational_unit(ParentId=live["Id"], Name="eu")

    (below,) = organization.list_organizational_units_for_parent(ParentId=live["Id"])["OrganizationalUnits"]

    assert below["Name"] == "eu"


def test_a_new_account_has_a_role_for_the_management_account(aws, organization):
    made = organization.create_account(AccountName="prod", Email="a@example.com", RoleName="audit")
    account = made["CreateAccountStatus"]["AccountId"]

    assert assumed(aws, f"arn:aws:iam::{account}:role/audit")["AccessKeyId"] == account


@pytest.fixture
def without(aws):
    """The caller's account is without me-south-1."""
    aws.client("account").disable_region(RegionName="me-south-1")


@pytest.mark.parametrize(
    ("service", "operation", "expected"),
    [
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
        ("lambda", "list_functions", "UnrecognizedClientException"),
        ("kms", "list_keys", "UnrecognizedClientException"),
        ("ec2", "describe_vpcs", "AuthFailure"),
        ("s3", "list_buckets", "InvalidToken"),
        ("sns", "list_topics", "InvalidClientTokenId"),
    ],
)
def test_a_region_that_an_account_is_without_does_not_know_it(aws, without, service, operation, expected):
    assert code(getattr(aws.client(service, "me-south-1"), operation)) == expected


def test_an_account_still_has_its_other_regions(aws, without):
    assert aws.client("sts", "eu-west-1").get_caller_identity()["Account"] == aws.account


def test_another_account_still_has_the_region(aws, without):
    other = client_of(OTHER, "sts", "me-south-1")

    assert other.get_caller_identity()["Account"] == OTHER


def test_a_region_that_was_enabled_again_knows_the_account(aws, without):
    aws.client("account").enable_region(RegionName="me-south-1")

    assert aws.client("sts", "me-south-1").get_caller_identity()["Account"] == aws.account


@pytest.mark.parametrize(
    ("region", "expected"),
    [("me-south-1", "not-opted-in"), ("eu-south-1", "opted-in"), ("us-east-1", "opt-in-not-required")],
)
def test_what_an_account_is_without_is_told_from_an_enabled_region(aws, without, region, expected):
    (told,) = aws.client("ec2").describe_regions(RegionNames=[region], AllRegions=True)["Regions"]

    assert told["OptInStatus"] == expected


def test_regions_that_an_account_is_without_are_told_only_when_asked_for(aws, without):
    told = aws.client("ec2").describe_regions()["Regions"]

    assert "me-south-1" not in {one["RegionName"] for one in told}


def test_a_role_is_not_given_in_a_region_that_its_account_is_without(aws, role_in):
    account = f"9{aws.account[1:]}"
    role = role_in(account, trust("*"))
    client_of(account, "account", "us-east-1").disable_region(RegionName="me-south-1")

    assert code(lambda: assumed(aws, role, "me-south-1")) == "RegionDisabledException"


def test_what_no_account_can_be_without_cannot_be_disabled(aws):
    assert code(lambda: aws.client("account").disable_region(RegionName="us-east-1")) == "ValidationException"
