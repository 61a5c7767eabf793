"""Local ids are looked up in AWS, only those that are asked for, and never guessed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from auditor.aws.calls import Caller
from auditor.aws.lookups import looked_up
from auditor.aws.pacing import Pacer
from auditor.aws.sessions import Sessions
from auditor.model.values import Locale, Site
from faults import Faults
from scripted import scripted_aws


def name(value):
    return [{"ResourceType": "subnet", "Tags": [{"Key": "Name", "Value": value}]}]


@pytest.fixture
def look(aws):
    def looking(*words, region="us-east-1"):
        caller = Caller(Sessions(), Site(region), Locale(region, "use1", aws.account), Pacer({}))
        with ThreadPoolExecutor(4) as pool:
            return looked_up(words, caller, pool), caller.counts()

    return looking


@pytest.fixture
def network(aws):
    """A VPC with a private subnet in two zones, and a security group."""
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "Name", "Value": "main-us-east-1"}])
    subnets = []
    for number, zone in enumerate("ac"):
        made = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"us-east-1{zone}")
        subnets.append(made["Subnet"]["SubnetId"])
        ec2.create_tags(Resources=subnets[-1:], Tags=[{"Key": "Name", "Value": f"private-us-east-1{zone}"}])
    group = ec2.create_security_group(GroupName="web", Description="x", VpcId=vpc)["GroupId"]
    return vpc, subnets, group


def test_subnets_are_named_by_vpc_tier_and_the_ordinal_of_their_zone(network, look):
    _, (first, second), _ = network

    assert look(first, second)[0].symbols == {
        first: "subnet:main-<region>/private/1",
        second: "subnet:main-<region>/private/2",
    }


def test_security_groups_are_named_by_vpc_and_name(network, look):
    assert look(network[2])[0].symbols == {network[2]: "security-group:main-<region>/web"}


def test_nothing_is_asked_that_no_value_asks_for(look):
    assert look("arn:aws:sns:us-east-1:1:x", "subnet-group")[1] == {}


def test_each_listing_is_read_once(network, look):
    assert look(*network[1], network[0])[1] == {"ec2.DescribeSubnets": 1, "ec2.DescribeVpcs": 1}


def test_an_id_that_leads_nowhere_is_said_to(look):
    assert look("subnet-0123456789abcdef0")[0].unresolved == {
        "subnet-0123456789abcdef0": "there is no such subnet in us-east-1"
    }


def test_an_id_without_a_name_is_said_to_have_none(aws, look):
    vpc = aws.client("ec2").create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]

    assert look(vpc)[0].unresolved[vpc] == "the vpc has no name that it could be found by in another region"


def test_two_of_the_same_name_are_ambiguous_even_if_only_one_is_named(aws, look):
    ec2 = aws.client("ec2")
    vpcs = [ec2.create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"] for _ in range(2)]
    ec2.create_tags(Resources=vpcs, Tags=[{"Key": "Name", "Value": "twin"}])

    found = look(vpcs[0])[0]

    assert (found.symbols, found.unresolved[vpcs[0]].startswith("ambiguous: ")) == ({}, True)


def test_a_key_is_named_by_its_alias(aws, look):
    kms = aws.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/shop-us-east-1", TargetKeyId=key)

    assert look(f"arn:aws:kms:us-east-1:{aws.account}:key/{key}")[0].symbols == {key: "kms:alias/shop-<region>"}


def test_a_lookup_that_is_denied_makes_the_meaning_unknown(aws, monkeypatch, look):
    denied = (
        "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>"
    )
    with scripted_aws(lambda _: (403, denied)) as script:
        monkeypatch.setenv("AWS_ENDPOINT_URL", script.url)

        found = look("vpc-0123456789abcdef0")[0]

    assert found.unresolved == {"vpc-0123456789abcdef0": "unknown: UnauthorizedOperation: no"}


def test_where_what_a_name_holds_is_denied_the_name_is_unknown_and_not_missing(
    network, monkeypatch, look, free_port, aws
):
    denied = Faults(aws.environment["AWS_ENDPOINT_URL"], free_port)
    monkeypatch.setenv("AWS_ENDPOINT_URL", denied.url)
    try:
        error = {"code": "UnauthorizedOperation", "status": 403}
        denied.add({"service": "ec2", "operation": "DescribeVpcs", "error": error})
        found = look(network[1][0])[0]
    finally:
        denied.stop()

    assert found.unresolved[network[1][0]].startswith("unknown: UnauthorizedOperation")


def test_a_bare_uuid_that_no_key_has_is_not_kept_it_may_be_a_secret(look):
    found = look("1234abcd-12ab-34cd-56ef-1234567890ab")[0]

    assert (found.symbols, found.unresolved, found.doubtful) == ({}, {}, {})


def test_a_bare_uuid_of_which_aws_would_not_tell_is_doubtful_and_not_to_be_stored(monkeypatch, look):
    with scripted_aws(lambda _: (400, {"__type": "AccessDeniedException", "message": "no"})) as script:
        monkeypatch.setenv("AWS_ENDPOINT_URL", script.url)
        found = look("1234abcd-12ab-34cd-56ef-1234567890ab")[0]

    assert (found.unresolved, found.doubtful) == (
        {},
        {"1234abcd-12ab-34cd-56ef-1234567890ab": "it may be a kms: unknown: AccessDeniedException: no"},
    )


def test_availability_zones_are_named_by_their_ordinal(look):
    assert look("us-east-1b")[0].symbols == {"us-east-1b": "az:2"}
