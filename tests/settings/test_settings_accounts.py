"""Accounts are reached as the settings say, and a glob stands for the sites of those that it names."""

from __future__ import annotations

from pathlib import Path

import boto3
import pytest

from auditor.aws import organization
from auditor.commands import iam_policy as iam_policy_command
from auditor.errors import SettingsError
from auditor.settings.accounts import AccountSettings, partition_named, site_names, sites_named
from auditor.settings.load import load_settings

REGIONS = ("cn-north-1", "eu-west-1", "us-east-1", "us-gov-west-1")
ROLE = "arn:aws:iam::111122223333:role/auditor"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def loaded(text, members=None, golden_needed=True, offline=False, asked=None):
    Path("auditor.yaml").write_text(text, encoding="utf-8")

    def told(_):
        (asked if asked is not None else []).append("asked")
        return members or {}

    return load_settings(Path("auditor.yaml"), {}, {}, lambda: REGIONS, offline, golden_needed, told)


def of_accounts(regions, golden="prod/us-east-1", more=""):
    accounts = "accounts: {prod: {profile: a}, prod-eu: {profile: b}, test: {profile: c}}\n"
    return f"golden: {golden}\nregions: {regions}\n{accounts}{more}"


def refusal(text, **given):
    with pytest.raises(SettingsError) as raised:
        loaded(text, **given)
    return str(raised.value)


def account(text):
    return f"golden: us-east-1\nregions: [us-east-1]\naccounts: {{prod: {{{text}}}}}\n"


@pytest.mark.parametrize(
    ("regions", "expected"),
    [
        ('["*/us-east-1"]', ("prod/us-east-1", "prod-eu/us-east-1", "test/us-east-1")),
        ('["prod*/us-east-1", test/eu-west-1]', ("prod/us-east-1", "prod-eu/us-east-1", "test/eu-west-1")),
        ('["*/us-east-1", prod/us-east-1]', ("prod-eu/us-east-1", "test/us-east-1", "prod/us-east-1")),
        ('["prod/us-east-1", "*-eu/us-east-1", "*/us-east-1"]',
         ("prod/us-east-1", "prod-eu/us-east-1", "test/us-east-1")),
    ],
)  # fmt: skip
def test_a_glob_becomes_the_sites_of_the_accounts_that_it_names_in_the_order_given(regions, expected):
    assert loaded(of_accounts(regions)).regions == expected


def test_a_glob_does_not_name_the_callers_own_account():
    assert sites_named(["*/us-east-1"], ["", "prod"]) == ("prod/us-east-1",)


def test_a_glob_that_names_no_account_is_refused():
    assert refusal(of_accounts('[prod/us-east-1, "live-*/us-east-1"]')) == (
        "auditor.yaml: live-*/us-east-1 matches no account. There is: prod, prod-eu, test.\nNothing was read."
    )


@pytest.mark.parametrize("glob", ["prod/eu-*", "eu-*"])
def test_a_glob_over_regions_is_refused(glob):
    assert "the region is named in full" in refusal(of_accounts(f'[prod/us-east-1, "{glob}"]'))


def test_golden_must_be_among_what_the_globs_name():
    assert "golden is live/us-east-1, which is not among the regions" in refusal(
        of_accounts('["*/us-east-1"]', golden="live/us-east-1")
    )


def test_where_golden_is_not_needed_it_is_the_first_that_a_glob_names():
    text = 'regions: ["*/us-east-1"]\naccounts: {prod: {profile: a}, test: {profile: c}}\n'

    assert loaded(text, golden_needed=False).golden == "prod/us-east-1"


def test_accounts_of_the_organization_follow_those_that_are_named():
    text = of_accounts('["*/us-east-1"]', more="organization: {role_name: auditor}\n")

    assert loaded(text, {"data": AccountSettings(role_arn=ROLE)}).regions[-1] == "data/us-east-1"


def test_an_account_that_is_named_wins_over_one_of_the_organization():
    text = of_accounts('["*/us-east-1"]', more="organization: {role_name: auditor}\n")

    assert loaded(text, {"prod": AccountSettings(role_arn=ROLE)}).accounts["prod"].profile == "a"


@pytest.mark.parametrize(
    ("more", "offline"), [("", False), ("organization: {role_name: auditor}\n", True)], ids=["none", "offline"]
)
def test_nobody_asks_for_an_organization_that_is_not_needed(more, offline):
    asked = []

    loaded(of_accounts('["*/us-east-1"]', more=more), offline=offline, asked=asked)

    assert asked == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("role_arn: x", "'accounts.prod.role_arn': the ARN of an IAM role such as"),
        ('role_arn: "arn:aws:iam::111122223333:user/anna"', "'accounts.prod.role_arn': the ARN of an IAM role such as"),
        ('role_arn: "arn:aws:iam::1111:role/auditor"', "'accounts.prod.role_arn': the ARN of an IAM role such as"),
        ("duration: 899", "'accounts.prod.duration': seconds from 900 (a quarter of an hour) to 43200"),
        ("duration: 43201", "'accounts.prod.duration': seconds from 900 (a quarter of an hour) to 43200"),
        ("account_id: '12'", "'accounts.prod.account_id': an account id of 12 digits is needed, in quotes"),
        ("session_name: 'a b'", "'accounts.prod.session_name': 2 to 64 letters"),
        (
            f"role_arn: '{ROLE}', account_id: '444455556666'",
            "'accounts.prod': account_id is 444455556666, and",
        ),
    ],
)
def test_a_way_to_an_account_that_cannot_be_is_refused(text, expected):
    assert refusal(account(text)).startswith(f"auditor.yaml:3: {expected}")


def test_no_refusal_of_an_account_tells_its_external_id():
    assert "CANARY" not in refusal(account("role_arn: x, external_id: CANARY"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("units: [ou-x]", "'organization.role_name' is missing."),
        ("role_name: 'a b'", "'organization.role_name': the name of an IAM role is needed"),
        ("role_name: a, units: [shop]", "'organization.units.0': the id of an organizational unit"),
        ("role_name: a, unit: [r-ab12]", "unknown key 'organization.unit'. Did you mean 'units'?"),
    ],
)
def test_an_organization_that_cannot_be_is_refused(text, expected):
    assert expected in refusal(f"golden: us-east-1\nregions: [us-east-1]\norganization: {{{text}}}\n")


@pytest.mark.parametrize("region", ["us-gov-west-1", "cn-north-1"])
def test_a_role_of_another_partition_than_its_region_is_refused(region):
    text = f"golden: us-east-1\nregions: [us-east-1, prod/{region}]\naccounts: {{prod: {{role_arn: '{ROLE}'}}}}\n"

    assert "and the role of 'prod' is in aws. No credentials are good for both" in refusal(text)


def test_a_role_of_its_regions_partition_is_taken():
    role = ROLE.replace("arn:aws:", "arn:aws-us-gov:")
    text = f"golden: us-east-1\nregions: [us-east-1, gov/us-gov-west-1]\naccounts: {{gov: {{role_arn: '{role}'}}}}\n"

    assert loaded(text).regions == ("us-east-1", "gov/us-gov-west-1")


def test_the_partition_of_every_region_is_told_by_its_name():
    session = boto3.Session()
    regions = {
        region: partition
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("lambda", partition_name=partition)
    }

    assert {region: partition_named(region) for region in regions} == regions


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["prod", "test"], ["prod", "test"]),
        (["Log Archive", "a/b", "*", "", "-x"], ["0", "1", "2", "3", "4"]),
        (["shop", "Shop", "data"], ["0", "1", "data"]),
        (["444455556666"], ["0"]),
    ],
)
def test_sites_carry_an_accounts_name_where_that_can_be_told_apart(names, expected):
    assert list(site_names({str(number): name for number, name in enumerate(names)}).values()) == expected


def test_what_the_caller_is_granted_tells_the_accounts_of_an_organization():
    granted = {grant.action for grant in iam_policy_command.grants("caller", organization=True)}
    calls = (organization.ALL, organization.OF_PARENT, organization.UNITS_OF_PARENT)

    assert {f"{organization.SERVICE}:{one.operation}" for one in calls} <= granted
