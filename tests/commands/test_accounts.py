"""One run audits many accounts, named or of an organization, and tells of those that it cannot read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest

from auditor.resources import load_specs
from auditor.sandbox.scenario import Scenario
from auditor.sandbox.seed import seed
from auditor.store.site_file import unpacked

APPLICATION = {"AWS::CodeDeploy::Application": {"shop": {"computePlatform": "Server"}}}
TYPES = 'types: ["AWS::CodeDeploy::Application"]\n'


@dataclass(frozen=True)
class Organization:
    """Organizations, with the caller as its management account."""

    aws: object
    client: object
    root: str

    def unit(self, name, parent=""):
        made = self.client.create_organizational_unit(ParentId=parent or self.root, Name=name)
        return made["OrganizationalUnit"]["Id"]

    def account(self, name, unit="", role="auditor", resources=APPLICATION, region="us-east-1"):
        """Makes an account, with a role, in a unit, and resources in a region; answers its id."""
        made = self.client.create_account(AccountName=name, Email="a@example.com", RoleName=role)
        id_ = made["CreateAccountStatus"]["AccountId"]
        if unit:
            self.client.move_account(AccountId=id_, SourceParentId=self.root, DestinationParentId=unit)
        environment = {**self.aws.environment, "AWS_ACCESS_KEY_ID": id_}
        seed(Scenario({region: resources}), environment, load_specs())
        return id_


@pytest.fixture
def organization(aws):
    client = aws.client("organizations")
    client.create_organization()
    return Organization(aws, client, client.list_roots()["Roots"][0]["Id"])


def settings(text):
    Path("auditor.yaml").write_text(TYPES + text, encoding="utf-8")


def drift_of(finished):
    return json.loads(finished.out)


def client_of(account, service, region="us-east-1"):
    return boto3.Session(account, "sandbox").client(service, region_name=region)


def test_all_the_accounts_of_an_organization_are_compared_with_one_of_them(organization, run):
    for name in ("prod", "data"):
        organization.account(name)
    settings('golden: prod/us-east-1\nregions: ["[dp]*/us-east-1"]\norganization: {role_name: auditor}\n')

    told = drift_of(run("diff", "--format", "json"))

    assert (told["golden"], told["sites"], told["findings"]) == ("prod/us-east-1", ["data/us-east-1"], [])


def test_each_account_is_read_with_its_own_role(organization, run):
    organization.account("prod")
    organization.account("data", resources={"AWS::CodeDeploy::Application": {"other": {"computePlatform": "Server"}}})
    settings('golden: prod/us-east-1\nregions: ["[dp]*/us-east-1"]\norganization: {role_name: auditor}\n')

    found = drift_of(run("diff", "--format", "json"))["findings"]

    assert [(one["name"], one["kind"]) for one in found] == [("other", "extra"), ("shop", "missing")]


def test_the_management_account_is_reached_as_itself(organization, aws, run):
    aws.seed(us_east_1=APPLICATION)
    organization.account("prod")
    settings('golden: prod/us-east-1\nregions: ["*/us-east-1"]\norganization: {role_name: auditor}\n')

    told = drift_of(run("diff", "--format", "json"))

    assert (told["sites"], told["complete"]) == (["management/us-east-1"], True)


def sites_of(run, more):
    settings(f'golden: prod/us-east-1\nregions: ["*/us-east-1"]\norganization: {{role_name: auditor{more}}}\n')
    return drift_of(run("diff", "--format", "json"))["sites"]


def test_only_the_accounts_of_a_unit_and_of_those_below_are_read(organization, run):
    live = organization.unit("live")
    organization.account("prod", live)
    organization.account("eu", organization.unit("europe", live))
    organization.account("test", organization.unit("test"))

    assert sites_of(run, f", units: [{live}]") == ["eu/us-east-1"]


def test_an_account_that_is_excluded_by_name_or_id_is_not_read(organization, run):
    live = organization.unit("live")
    for name in ("prod", "data", "sandbox-1"):
        organization.account(name, live)
    other = organization.account("other", live)

    assert sites_of(run, f', units: [{live}], exclude: ["sandbox-*", "{other}"]') == ["data/us-east-1"]


def test_an_account_that_is_suspended_is_not_read(organization, run):
    live = organization.unit("live")
    for name in ("prod", "dev"):
        organization.account(name, live)
    organization.client.close_account(AccountId=organization.account("old", live))

    assert sites_of(run, f", units: [{live}]") == ["dev/us-east-1"]


def test_an_account_of_which_the_name_cannot_be_a_sites_is_called_by_its_id(organization, run):
    live = organization.unit("live")
    organization.account("prod", live)
    id_ = organization.account("Log Archive", live)

    assert sites_of(run, f", units: [{live}]") == [f"{id_}/us-east-1"]


def test_it_is_said_which_accounts_are_called_by_their_id(organization, run):
    live = organization.unit("live")
    organization.account("prod", live)
    id_ = organization.account("Log Archive", live)
    settings(
        f'golden: prod/us-east-1\nregions: ["*/us-east-1"]\norganization: {{role_name: auditor, units: [{live}]}}\n'
    )

    assert run("diff").err.splitlines()[0] == (
        f"The account {id_} of the organization is called by its id: its name 'Log Archive' is another's too, or "
        "cannot stand in a site's name."
    )


def test_more_accounts_than_one_page_holds_are_read(organization, run):
    live = organization.unit("live")
    for number in range(21):
        organization.account(f"a-{number:02}", live, resources={})
    organization.account("prod", live)

    assert len(sites_of(run, f", units: [{live}]")) == 21


def test_an_account_that_is_named_too_is_reached_as_it_is_named(organization, run):
    live = organization.unit("live")
    organization.account("prod", live)
    id_ = organization.account("data", live, role="other")
    settings(
        f'golden: prod/us-east-1\nregions: ["*/us-east-1"]\norganization: {{role_name: auditor, units: [{live}]}}\n'
        f'accounts: {{mine: {{role_arn: "arn:aws:iam::{id_}:role/other"}}}}\n'
    )

    assert drift_of(run("diff", "--format", "json"))["sites"] == ["mine/us-east-1"]


def test_an_account_in_no_organization_is_told_what_to_do(aws, run):
    settings('golden: prod/us-east-1\nregions: ["*/us-east-1"]\norganization: {role_name: auditor}\n')

    told = run("snapshot")

    assert told.err == (
        f"auditor: Account {aws.account} is in no organization, so there are no accounts to expand 'organization' to. "
        "Nothing was read. Ask as the management account ('organization.profile'), or name accounts under "
        "'accounts'.\n"
    )


def test_a_member_account_is_told_whom_to_ask_as(organization, run, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", organization.account("prod"))
    settings('golden: prod/us-east-1\nregions: ["*/us-east-1"]\norganization: {role_name: auditor}\n')

    told = run("snapshot")

    assert (told.code, "(AccessDeniedException)" in told.err, "a delegated administrator" in told.err) == (
        1,
        True,
        True,
    )


def test_a_unit_that_is_not_there_is_refused(organization, run):
    settings(
        'golden: prod/us-east-1\nregions: ["*/us-east-1"]\n'
        "organization: {role_name: auditor, units: [ou-ab12-cdef3456]}\n"
    )

    assert "'organization.units' names a unit that is not in the organization" in run("snapshot").err


def test_stored_snapshots_are_compared_without_asking_for_the_organization(organization, run, monkeypatch):
    for name in ("prod", "data"):
        organization.account(name)
    settings('golden: prod/us-east-1\nregions: ["[dp]*/us-east-1"]\norganization: {role_name: auditor}\n')
    run("snapshot")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")

    told = run("diff", "latest", "--format", "json")

    assert (told.code, drift_of(told)["sites"]) == (0, ["data/us-east-1"])


# -- sites that cannot be read


@pytest.fixture
def two(organization):
    """Two accounts, of which `data` has another role than is asked for."""
    organization.account("prod")
    data = organization.account("data", role="other")
    settings('golden: prod/us-east-1\nregions: ["[dp]*/us-east-1"]\norganization: {role_name: auditor}\n')
    return data


def test_a_site_of_which_the_role_is_not_given_is_unread_and_the_rest_is_told(two, organization, run):
    organization.account("dev", resources={})

    told = run("diff", "--format", "json")

    found = [(one["site"], one["name"], one["kind"]) for one in drift_of(told)["findings"]]
    assert (told.code, found) == (
        3,
        [("data/us-east-1", "shop", "unreadable"), ("dev/us-east-1", "shop", "missing")],
    )


def test_a_site_that_is_unread_is_told_in_one_line(two, run):
    assert run("diff").err == (
        f"warning: data/us-east-1 was not read: the role arn:aws:iam::{two}:role/auditor was not given (AccessDenied). "
        "Nothing was read there. Check its trust policy, the external id, and that the caller may call "
        "sts:AssumeRole.\n"
    )


def test_a_snapshot_of_a_site_that_is_unread_is_incomplete(two, run):
    assert run("snapshot").code == 3


def test_where_golden_cannot_be_read_the_run_fails(two, run):
    told = run("diff", "--golden", "data/us-east-1")

    assert (told.code, told.err.startswith("auditor: data/us-east-1: the role"), told.out) == (1, True, "")


def test_where_no_site_can_be_read_the_run_fails(two, run):
    run("snapshot")
    (kept,) = Path("snapshots").iterdir()

    told = run("diff", "--golden", f"snapshot:{kept.name}", "--region", "data/us-east-1")

    assert (told.code, told.err.startswith("auditor: data/us-east-1: the role")) == (1, True)


def test_nothing_is_planned_for_a_site_that_is_unread(two, organization, run):
    organization.account("dev", resources={})

    run("plan", "-o", "plan.json")

    plan = json.loads(Path("plan.json").read_text(encoding="utf-8"))
    assert ({one["site"] for one in plan["actions"]}, sorted(plan["accounts"])) == (
        {"dev/us-east-1"},
        ["dev/us-east-1", "prod/us-east-1"],
    )


def test_a_plan_is_carried_out_although_another_site_is_unread(two, organization, run):
    dev = organization.account("dev", resources={})
    run("plan", "-o", "plan.json")

    told = run("apply", "plan.json", "--yes")

    made = boto3.Session(dev, "sandbox").client("codedeploy", region_name="us-east-1").list_applications()
    assert (told.code, made["applications"]) == (0, ["shop"])


def test_a_report_tells_of_a_site_that_is_unread(two, run):
    told = run("report", "-o", "r.html")

    assert (told.code, "was not given (AccessDenied)" in Path("r.html").read_text(encoding="utf-8")) == (3, True)


def test_a_region_that_an_account_is_without_is_said_to_be_so(organization, run):
    organization.account("prod", region="eu-west-1")
    data = organization.account("data", region="eu-west-1")
    client_of(data, "account").disable_region(RegionName="me-south-1")
    settings(
        "golden: prod/eu-west-1\nregions: [prod/eu-west-1, data/eu-west-1, data/me-south-1]\n"
        "organization: {role_name: auditor}\n"
    )

    told = run("diff")

    assert told.err == (
        f"warning: data/me-south-1 was not read: me-south-1 is not enabled in account {data}. Nothing was read there. "
        "Enable it (in the account's settings, under AWS Regions), or take the site out of 'regions'.\n"
    )


def test_the_callers_own_region_that_is_not_enabled_is_said_to_be_so(aws, run):
    aws.seed(us_east_1=APPLICATION)
    aws.client("account").disable_region(RegionName="me-south-1")
    settings("golden: us-east-1\nregions: [us-east-1, me-south-1]\n")

    assert f"me-south-1 is not enabled in account {aws.account}." in run("diff").err


def test_an_account_is_read_in_a_region_that_the_caller_is_without(organization, aws, run):
    for name in ("prod", "data"):
        organization.account(name, region="me-south-1")
    aws.client("account").disable_region(RegionName="me-south-1")
    settings('golden: prod/me-south-1\nregions: ["[dp]*/me-south-1"]\norganization: {role_name: auditor}\n')

    assert (run("diff").code, run("diff").err) == (0, "")


# -- ways to an account


def profile(name, account):
    keys = f"[{name}]\naws_access_key_id = {account}\naws_secret_access_key = sandbox\n"
    folder = Path.home() / ".aws"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "credentials").open("a", encoding="utf-8") as file:
        file.write(keys)


def test_an_account_is_reached_by_a_profile(organization, run):
    for name in ("prod", "data"):
        profile(name, organization.account(name))
    settings(
        'golden: prod/us-east-1\nregions: ["*/us-east-1"]\naccounts: {prod: {profile: prod}, data: {profile: data}}\n'
    )

    told = drift_of(run("diff", "--format", "json"))

    assert (told["sites"], told["findings"]) == (["data/us-east-1"], [])


def test_a_profile_that_is_not_there_leaves_its_sites_unread(organization, run):
    profile("prod", organization.account("prod"))
    settings(
        'golden: prod/us-east-1\nregions: ["*/us-east-1"]\naccounts: {prod: {profile: prod}, data: {profile: nobody}}\n'
    )

    told = run("diff")

    assert (told.code, "data/us-east-1 was not read: the AWS configuration has no profile 'nobody'." in told.err) == (
        3,
        True,
    )


def test_a_profile_that_is_named_beside_a_role_is_who_asks_for_it(organization, aws, run, monkeypatch):
    prod, data = organization.account("prod"), organization.account("data")
    profile("management", aws.account)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", prod)
    settings(
        "golden: us-east-1\nregions: [us-east-1, data/us-east-1]\n"
        f'accounts: {{data: {{role_arn: "arn:aws:iam::{data}:role/auditor", profile: management}}}}\n'
    )

    assert run("diff").code == 0


def test_credentials_of_another_account_end_the_run_before_anything_is_read(organization, run):
    prod, data = organization.account("prod"), organization.account("data")
    profile("prod", prod)
    profile("data", prod)
    settings(
        'golden: prod/us-east-1\nregions: ["*/us-east-1"]\n'
        f"accounts: {{prod: {{profile: prod}}, data: {{profile: data, account_id: '{data}'}}}}\n"
    )

    told = run("snapshot")

    assert (told.code, f"the settings say that 'data' is {data}" in told.err, Path("snapshots").exists()) == (
        1,
        True,
        False,
    )


def test_a_plan_is_not_carried_out_in_another_account_than_it_was_made_for(organization, run, monkeypatch):
    prod, dev = organization.account("prod"), organization.account("dev", resources={})
    profile("prod", prod)
    profile("dev", dev)
    text = 'golden: prod/us-east-1\nregions: ["*/us-east-1"]\naccounts: {prod: {profile: prod}, dev: {profile: %s}}\n'
    settings(text % "dev")
    run("plan", "-o", "plan.json")
    settings(text % "prod")

    told = run("apply", "plan.json", "--yes")

    assert told.err.splitlines()[-1] == (
        f"auditor: dev/us-east-1: the plan was made for the account {dev}, and these credentials are of {prod}. "
        "Nothing was called. Use the credentials (AWS_PROFILE) of the account that it was made for."
    )


def test_an_artifact_is_not_shipped_to_another_account_than_the_settings_say(organization, run, tmp_path):
    profile("prod", organization.account("prod"))
    folder = tmp_path / "artifact"
    folder.mkdir()
    (folder / "appspec.yml").write_text("version: 0.0\nos: linux\n", encoding="utf-8")
    settings(
        "regions: [prod/us-east-1]\naccounts: {prod: {profile: prod, account_id: '111122223333'}}\n"
        'deploy: {application: shop, groups: [web], bucket: "shop-{region}"}\n'
    )

    told = run("deploy", folder, "--yes")

    assert (told.code, "the settings say that 'prod' is 111122223333" in told.err) == (1, True)


def test_an_external_id_opens_a_role_and_is_told_nowhere(organization, run, tmp_path):
    organization.account("prod")
    data = organization.account("data")
    condition = {"StringEquals": {"sts:ExternalId": "CANARY"}}
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Condition": condition}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    client_of(data, "iam").update_assume_role_policy(RoleName="auditor", PolicyDocument=document)
    settings(
        'golden: prod/us-east-1\nregions: ["[dp]*/us-east-1"]\norganization: {role_name: auditor}\n'
        f'accounts: {{data: {{role_arn: "arn:aws:iam::{data}:role/auditor", external_id: CANARY}}}}\n'
    )

    told = run("snapshot", "-v")

    files = [one for one in Path("snapshots").rglob("*") if one.is_file()]
    written = "".join(unpacked(one.name, one.read_bytes()).decode() for one in files)
    assert (told.code, "CANARY" in told.out + told.err + written) == (0, False)


def test_a_site_that_is_unread_does_not_speak_for_golden(two, organization, run):
    for name in ("dev", "demo"):
        organization.account(name, resources={})

    found = drift_of(run("diff", "--format", "json"))["findings"]

    missing = [one for one in found if one["kind"] == "missing"]
    assert [one["classes"] for one in missing] == [["golden suspect"], ["golden suspect"]]
