"""`auditor init`, on the embedded AWS."""

from __future__ import annotations

import json

import jsonschema
import pytest
from ruamel.yaml import YAML

from auditor.commands import iam_policy as iam_policy_command
from auditor.resources import load_specs
from auditor.sandbox.scenario import SHOP, load_scenario
from auditor.sandbox.seed import seed
from auditor.settings.load import settings_schema
from faults import Faults
from scripted import scripted_aws

ROLE = "arn:aws:iam::123456789012:role/shop"
API = {"Runtime": "python3.12", "Role": ROLE, "Handler": "app.handler", "Code": {"app.py": "x = 1\n"}}
FUNCTION, BUCKET = "AWS::Lambda::Function", "AWS::S3::Bucket"
BOTH = ("--region", "us-east-1", "--region", "eu-west-1")


@pytest.fixture
def two(aws):
    """An account that uses two regions."""
    aws.seed(us_east_1={FUNCTION: {"api": API, "more": API}}, eu_west_1={FUNCTION: {"api": API}})
    return aws


@pytest.fixture
def faults(two, monkeypatch, free_port):
    running = Faults(two.environment["AWS_ENDPOINT_URL"], free_port)
    monkeypatch.setenv("AWS_ENDPOINT_URL", running.url)
    yield running
    running.stop()


def written(path):
    return YAML(typ="safe").load(path.read_text())


def file(folder):
    return (folder / "auditor.yaml").read_text()


def test_the_shop_is_drafted_and_compared_without_another_word(aws, run, tmp_path):
    seed(load_scenario(SHOP, aws.account), aws.environment, load_specs())

    made = run("init")

    told = run("diff", "--format", "json")
    # eu-west-1 holds the most, by a function that was forgotten there.
    assert (made.code, made.out, told.code, json.loads(told.out)["golden"]) == (0, "auditor.yaml\n", 2, "us-east-1")


def test_of_all_enabled_regions_those_in_use_are_written(two, run, tmp_path):
    run("init")

    assert written(tmp_path / "auditor.yaml") == {"golden": "us-east-1", "regions": ["us-east-1", "eu-west-1"]}


def test_a_region_that_is_not_enabled_is_not_asked(two, run, monkeypatch, tmp_path):
    told = "".join(
        f"<item><regionName>{name}</regionName><optInStatus>{status}</optInStatus></item>"
        for name, status in (
            ("us-east-1", "opt-in-not-required"), ("eu-west-1", "opted-in"), ("me-south-1", "not-opted-in")
        )
    )  # fmt: skip
    answer = f"<DescribeRegionsResponse><regionInfo>{told}</regionInfo></DescribeRegionsResponse>"

    with scripted_aws(lambda _: (200, answer)) as ec2:
        monkeypatch.setenv("AWS_ENDPOINT_URL_EC2", ec2.url)
        made = run("init")

    looked_at = "(of 2 regions looked at)" in made.err
    assert (looked_at, "# Not enabled for the account: me-south-1." in file(tmp_path)) == (True, True)


def test_what_was_guessed_is_told(two, run):
    assert run("init").err == (
        "golden: us-east-1 (guessed: eu-west-1 has as much of what several regions have (1); of these, it is the one "
        "that your AWS settings name). Check that it is the one that the others must equal; --golden REGION --force "
        "names another one.\n"
        "regions: us-east-1, eu-west-1 (of 31 regions looked at).\n"
        "Read the file, which says what each line was guessed from. Next: auditor diff\n"
    )


def test_the_command_that_comes_next_names_the_file(two, run):
    told = run("init", "-o", "my settings.yaml", *BOTH)

    assert told.err.endswith("Next: auditor diff --config 'my settings.yaml'\n")


def test_the_file_is_as_its_schema_says(two, run, tmp_path):
    run("init", *BOTH)

    jsonschema.validate(written(tmp_path / "auditor.yaml"), settings_schema())


def test_the_schema_is_printed(run, clean_environment):
    assert json.loads(run("init", "--schema").out) == settings_schema()


def test_buckets_of_three_patterns_are_paired(aws, run, tmp_path):
    aws.seed(
        us_east_1={BUCKET: {f"{aws.account}-one-us-east-1": {}, f"two-{aws.account}-use1": {},
                            f"three{aws.account}us-east-1": {}}},
        eu_west_1={BUCKET: {f"{aws.account}-one-eu-west-1": {}, f"two-{aws.account}-euw1": {},
                            f"three{aws.account}eu-west-1": {}}},
    )  # fmt: skip

    run("init", *BOTH)

    assert (written(tmp_path / "auditor.yaml")["names"], run("diff").code) == ({BUCKET: ["{stem}{region}"]}, 0)


def test_buckets_that_only_look_alike_are_paired_once_the_comment_is_taken_up(aws, run, tmp_path):
    aws.seed(
        us_east_1={BUCKET: {f"assets{aws.account}": {}}}, eu_west_1={BUCKET: {f"assets{aws.account}-eu-west-1": {}}}
    )
    run("init", *BOTH)
    text = file(tmp_path)
    start = text.index("# pairs:")
    end = text.index("\n\n", start)

    (tmp_path / "auditor.yaml").write_text(text[:start] + text[start:end].replace("# ", "") + text[end:])

    assert run("diff").code == 0


def test_one_region_in_use_is_written_and_can_be_read(aws, run, tmp_path):
    aws.seed(sa_east_1={FUNCTION: {"api": API}})

    run("init")

    assert (written(tmp_path / "auditor.yaml")["regions"], run("snapshot").code) == (["sa-east-1"], 0)


def test_an_empty_account_is_told_of_and_nothing_is_written(aws, run, tmp_path):
    told = run("init", *BOTH)

    assert (told.code, "not one resource to compare" in told.err, list(tmp_path.glob("*.yaml"))) == (1, True, [])


def test_a_region_that_is_denied_is_unknown_and_not_empty(faults, run, tmp_path):
    faults.add({"region": "sa-east-1", "error": {"code": "AccessDeniedException", "status": 403}})

    told = run("init")

    told_in_file = "since they could not be read: sa-east-1." in file(tmp_path)
    told_to_person = "not known: AWS::CodeDeploy::Application, " in told.err
    assert (told.code, told_in_file, told_to_person) == (3, True, True)


def test_buckets_that_cannot_be_listed_are_unknown_in_every_region(faults, run, tmp_path):
    faults.add({"service": "s3", "operation": "ListBuckets", "error": {"code": "AccessDenied", "status": 403}})

    told = run("init", *BOTH)

    assert (told.code, "not known: AWS::S3::Bucket in us-east-1, eu-west-1: AccessDenied" in told.err) == (3, True)


def test_regions_that_aws_does_not_tell_are_to_be_named(faults, run):
    faults.add({"service": "ec2", "error": {"code": "UnauthorizedOperation", "status": 403}})

    told = run("init")

    assert (told.code, "Name them with --region, or allow ec2:DescribeRegions." in told.err) == (1, True)


def test_what_has_a_stack_is_told(aws, run, tmp_path):
    aws.seed(us_east_1={FUNCTION: {"api": API, "more": API}})
    lambda_ = aws.client("lambda")
    arn = lambda_.get_function(FunctionName="api")["Configuration"]["FunctionArn"]
    lambda_.tag_resource(Resource=arn, Tags={"aws:cloudformation:stack-name": "shop"})

    run("init", "--region", "us-east-1")

    assert "# Resources that CloudFormation owns: us-east-1 1." in file(tmp_path)


def test_what_has_a_stack_can_be_unknown(faults, run, tmp_path):
    faults.add({"operation": "GetResources", "error": {"code": "AccessDeniedException", "status": 403}})

    run("init", *BOTH)

    assert "# Not known is what CloudFormation owns in us-east-1, eu-west-1: AccessDenied" in file(tmp_path)


def test_a_file_that_is_there_stays_and_aws_is_not_asked(clean_environment, monkeypatch, run, tmp_path):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    (tmp_path / "auditor.yaml").write_text("mine")

    told = run("init")

    assert (told.code, "Say --force to replace it" in told.err, file(tmp_path)) == (
        1,
        True,
        "mine",
    )


def test_a_file_is_replaced_where_that_is_asked_for(two, run, tmp_path):
    (tmp_path / "auditor.yaml").write_text("mine")

    run("init", "--force", *BOTH)

    assert written(tmp_path / "auditor.yaml")["golden"] == "us-east-1"


def test_the_file_is_the_one_that_the_environment_names(two, run, monkeypatch, tmp_path):
    monkeypatch.setenv("AUDITOR_CONFIG", "other.yaml")

    assert run("init", *BOTH).out == "other.yaml\n"


def test_quiet_says_nothing(two, run):
    told = run("init", "-q", *BOTH)

    assert (told.code, told.out, told.err) == (0, "", "")


@pytest.mark.parametrize("region", ["us-est-1", "prod/us-east-1"])
def test_a_region_that_cannot_be_looked_at_is_refused(aws, run, region):
    told = run("init", "--region", region)

    assert (told.code, "Nothing was read." in told.err) == (1, True)


def calls_of(told):
    """The calls that -v tells, by operation."""
    lines = [line.split() for line in told.err.splitlines()]
    return {words[1]: int(words[0]) for words in lines if len(words) == 2 and words[0].isdecimal()}


def test_buckets_are_listed_once_for_all_regions(two, run):
    assert calls_of(run("init", "-v"))["s3.ListBuckets"] == 1


def test_everything_that_is_called_is_in_the_read_only_policy(two, run):
    allowed = {
        action
        for policy in iam_policy_command.policies("audit")
        for one in policy["Statement"]
        for action in one["Action"]
    }
    named = {"resourcegroupstaggingapi.GetResources": "tag:GetResources", "s3.ListBuckets": "s3:ListAllMyBuckets"}

    called = calls_of(run("init", "-v"))

    actions = {named.get(one, one.replace(".", ":")) for one in called}
    assert (len(actions), actions - allowed) == (12, set())


def test_nothing_is_written_to_aws(two, run):
    operations = [one.split(".")[1] for one in calls_of(run("init", "-v", *BOTH))]

    assert [one for one in operations if not one.startswith(("List", "Get", "Describe"))] == []
