"""Who changed it, as the program tells on the embedded AWS: what alice did, told by CloudTrail's events."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import boto3
import pytest

from auditor.aws.pacing import Pacer
from auditor.aws.sessions import Sessions
from auditor.aws.trail import Trail, attributed
from auditor.model.values import Change, Drift, Finding, Site
from auditor.resources import load_specs
from scripted import scripted_aws

SITES = ("--golden", "us-east-1", "--region", "us-east-1", "--region", "eu-west-1")
FUNCTION = "AWS::Lambda::Function"
API = {
    "Runtime": "python3.12",
    "Role": "arn:aws:iam::123456789012:role/shop",
    "Handler": "app.handler",
    "MemorySize": 512,
    "Code": {"app.py": "def handler(event, context): pass\n"},
}
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket", "Resource": "arn:aws:s3:::{}"}],
}

GROUPS = {
    "AWS::CodeDeploy::Application": {"shop": {}},
    "AWS::CodeDeploy::DeploymentGroup": {
        name: {"serviceRoleArn": "arn:aws:iam::123456789012:role/codedeploy"} for name in ("shop/web", "shop/jobs")
    },
}


@pytest.fixture
def unpaced(clean_environment, tmp_path):
    """Settings with which the embedded AWS is asked as fast as it answers."""
    (tmp_path / "auditor.yaml").write_text("pace: 'off'\n")


@pytest.fixture
def functions(aws, unpaced):
    """Two regions with the same function `api`."""
    aws.seed(us_east_1={FUNCTION: {"api": API}}, eu_west_1={FUNCTION: {"api": API}})
    return aws


def alice(aws, service, region="eu-west-1"):
    """A client of somebody else in the account."""
    return boto3.Session(aws.account, "sandbox", "alice", region).client(service)


def told(run, *options):
    return json.loads(run("diff", *SITES, "--attribute", "--format", "json", *options).out)


def authors(document):
    """Where, by which event and by whom each finding was written last, by its name."""
    return {one["name"]: author(one["attribution"]) for one in document["findings"]}


def author(attribution):
    return attribution and (attribution["site"], attribution["event"], attribution["principal"].rpartition("/")[2])


def date():
    return f"{datetime.now(UTC):%Y-%m-%d}"


def test_who_changed_a_functions_memory_is_told(functions, run):
    alice(functions, "lambda").update_function_configuration(FunctionName="api", MemorySize=256)

    (finding,) = told(run)["findings"]

    attribution = finding["attribution"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", attribution.pop("time"))
    assert re.fullmatch(r"[0-9a-f-]{36}", attribution.pop("event_id"))
    assert attribution == {
        "site": "eu-west-1",
        "event": "UpdateFunctionConfiguration20150331v2",
        "principal": f"arn:aws:sts::{functions.account}:assumed-role/sandbox/alice",
    }


def test_of_two_who_changed_it_the_last_is_told(functions, run):
    functions.client("lambda", "eu-west-1").update_function_configuration(FunctionName="api", MemorySize=128)
    alice(functions, "lambda").update_function_configuration(FunctionName="api", MemorySize=256)

    assert authors(told(run)) == {"api": ("eu-west-1", "UpdateFunctionConfiguration20150331v2", "alice")}


def test_the_table_says_who_in_one_line(functions, run):
    alice(functions, "lambda").update_function_configuration(FunctionName="api", MemorySize=256)

    lines = run("diff", *SITES, "--attribute").out.splitlines()

    who = f"{functions.account}:assumed-role/sandbox/alice"
    assert [line[:66] for line in lines if "written" in line] == [f"    last written by {who}, {date()}"[:66]]


def test_without_the_option_nobody_is_looked_up(functions, run):
    alice(functions, "lambda").update_function_configuration(FunctionName="api", MemorySize=256)

    assert json.loads(run("diff", *SITES, "--format", "json").out)["findings"][0]["attribution"] is None


def test_the_report_takes_the_option_too(functions, run, tmp_path):
    alice(functions, "lambda").update_function_configuration(FunctionName="api", MemorySize=256)

    assert run("report", *SITES, "--attribute", "-o", tmp_path / "drift.html").code == 2


def test_who_changed_a_buckets_policy_is_told(aws, run, unpaced):
    aws.seed(
        us_east_1={"AWS::S3::Bucket": {"assets-us-east-1": {}}}, eu_west_1={"AWS::S3::Bucket": {"assets-eu-west-1": {}}}
    )
    policy = json.dumps(POLICY).replace("{}", "assets-eu-west-1")
    alice(aws, "s3").put_bucket_policy(Bucket="assets-eu-west-1", Policy=policy)

    assert authors(told(run)) == {"assets-${region}": ("eu-west-1", "PutBucketPolicy", "alice")}


def test_who_changed_a_deployment_group_is_told(aws, run, unpaced):
    aws.seed(us_east_1=GROUPS, eu_west_1=GROUPS)
    for name, client in (("web", alice(aws, "codedeploy")), ("jobs", aws.client("codedeploy", "eu-west-1"))):
        client.update_deployment_group(
            applicationName="shop", currentDeploymentGroupName=name,
            deploymentConfigName="CodeDeployDefault.AllAtOnce",
        )  # fmt: skip

    assert authors(told(run)) == {
        "shop/web": ("eu-west-1", "UpdateDeploymentGroup", "alice"),
        "shop/jobs": ("eu-west-1", "UpdateDeploymentGroup", "sandbox"),
    }


def test_what_differs_in_one_facet_is_not_put_down_to_who_wrote_another(functions, run):
    functions.client("lambda", "eu-west-1").update_function_configuration(FunctionName="api", MemorySize=256)
    alice(functions, "lambda").put_function_recursion_config(FunctionName="api", RecursiveLoop="Terminate")

    assert authors(told(run)) == {"api": ("eu-west-1", "UpdateFunctionConfiguration20150331v2", "sandbox")}


def test_a_call_that_was_refused_changed_nothing(aws, run, unpaced):
    aws.seed(us_east_1=GROUPS, eu_west_1=GROUPS)
    changed = {"applicationName": "shop", "currentDeploymentGroupName": "web"}
    config = "CodeDeployDefault.AllAtOnce"
    aws.client("codedeploy", "eu-west-1").update_deployment_group(**changed, deploymentConfigName=config)
    client = alice(aws, "codedeploy")
    with pytest.raises(client.exceptions.DeploymentConfigDoesNotExistException):
        client.update_deployment_group(**changed, deploymentConfigName="nothing")

    assert authors(told(run)) == {"shop/web": ("eu-west-1", "UpdateDeploymentGroup", "sandbox")}


def test_who_deleted_what_is_missing_is_told(functions, run):
    alice(functions, "lambda").delete_function(FunctionName="api")

    assert authors(told(run)) == {"api": ("eu-west-1", "DeleteFunction20150331", "alice")}


def test_what_was_never_in_a_site_is_put_down_to_who_made_it_in_golden(functions, run):
    alice(functions, "codedeploy", "us-east-1").create_application(applicationName="shop")

    assert authors(told(run)) == {"shop": ("us-east-1", "CreateApplication", "alice")}


def test_who_made_what_is_extra_is_told(functions, run):
    alice(functions, "codedeploy").create_application(applicationName="shop")

    assert authors(told(run)) == {"shop": ("eu-west-1", "CreateApplication", "alice")}


def test_what_was_changed_in_golden_is_told_of_golden(functions, run):
    alice(functions, "lambda", "us-east-1").update_function_configuration(FunctionName="api", MemorySize=256)

    assert authors(told(run)) == {"api": ("us-east-1", "UpdateFunctionConfiguration20150331v2", "alice")}


def test_an_accepted_difference_is_not_looked_up(functions, run, tmp_path):
    (tmp_path / "auditor.yaml").write_text(
        "pace: 'off'\nexceptions: [{resource: '*/api', path: /MemorySize, reason: half-size canary}]\n"
    )
    alice(functions, "lambda").update_function_configuration(FunctionName="api", MemorySize=256)

    assert authors(told(run)) == {"api": None}


def test_nothing_that_was_sent_with_a_call_is_told(functions, run):
    alice(functions, "lambda").update_function_configuration(
        FunctionName="api", Description="correct-horse", Environment={"Variables": {"PASSWORD": "battery-staple"}}
    )
    alice(functions, "lambda").update_function_configuration(FunctionName="api", Description="", MemorySize=256)

    finished = run("diff", *SITES, "--attribute", "--format", "json")

    assert [word for word in ("correct-horse", "battery-staple") if word in finished.out + finished.err] == []


DENIED = (
    "eu-west-1: CloudTrail did not tell who changed what (AccessDeniedException: User: "
    "arn:aws:iam::123456789012:user/audit is not authorized to perform: cloudtrail:LookupEvents). Not all "
    "findings could be attributed. Allow cloudtrail:LookupEvents there, or leave out --attribute."
)
STORED = (
    "auditor: --attribute asks CloudTrail who last wrote what is there now, and a stored snapshot tells what was "
    "there before. Nothing was compared. Leave out the snapshots, to read the sites now, or leave out --attribute.\n"
)
CUT = (
    "eu-west-1: CloudTrail has more events UpdateFunctionConfiguration20150331v2 than are looked at. "
    "Those before T were not, so not all findings could be attributed."
)
ENOUGH = (
    "eu-west-1: CloudTrail was asked 1 times, which is the most. Not looked up were the events "
    "UpdateFunctionConfiguration20150331, UpdateFunctionConfiguration20150331v2, so not all findings could be "
    "attributed."
)


def denied(_):
    text = "User: arn:aws:iam::123456789012:user/audit is not authorized to perform: cloudtrail:LookupEvents"
    return 400, {"__type": "AccessDeniedException", "message": text}


def test_without_permission_the_drift_is_told_all_the_same(functions, run, monkeypatch):
    alice(functions, "lambda").update_function_configuration(FunctionName="api", MemorySize=256)

    with scripted_aws(denied) as script:
        monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDTRAIL", script.url)
        finished = run("diff", *SITES, "--attribute", "--format", "json")

    document = json.loads(finished.out)
    assert (finished.code, authors(document), document["warnings"]) == (
        2,
        {"api": None},
        [DENIED],
    )


def test_where_a_site_would_not_tell_golden_is_not_blamed(functions, run, monkeypatch):
    alice(functions, "lambda").update_function_configuration(FunctionName="api", MemorySize=256)

    with scripted_aws(denied) as script:
        monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDTRAIL", script.url)
        run("diff", *SITES, "--attribute")

    assert len(script.asked) == 1


def test_stored_snapshots_cannot_be_attributed(functions, run):
    run("snapshot", *SITES)

    finished = run("diff", "latest", "--attribute")

    assert (finished.code, finished.err) == (1, STORED)


# -- the limits, with a drift of one finding


def memory(name="api"):
    change = Change("/MemorySize", 512, 256)
    return Finding("9f1c", "eu-west-1", FUNCTION, name, "changed", "medium", (change,), native=name, golden_native=name)


def looked_up(*findings, **limits):
    drift = Drift("us-east-1", ("eu-west-1",), "2026-11-24T01:02:03Z", True, {FUNCTION: 1}, findings)
    trail = Trail(Sessions(), Pacer({}), **limits)
    return attributed(drift, Site("us-east-1"), load_specs(), trail)


def written_often(aws, others):
    """`api` is changed by alice, and then another function often."""
    alice(aws, "lambda").update_function_configuration(FunctionName="api", MemorySize=256)
    client = aws.client("lambda", "eu-west-1")
    client.create_function(
        FunctionName="web", Runtime="python3.12", Role=API["Role"], Handler="app.handler",
        Code={"ZipFile": b"PK\x05\x06" + b"\0" * 18},
    )  # fmt: skip
    for number in range(others):
        client.update_function_configuration(FunctionName="web", Description=str(number))


def test_an_event_on_a_later_page_is_found(functions):
    written_often(functions, 60)

    assert looked_up(memory()).findings[0].attribution.principal.endswith("/alice")


def test_where_more_was_written_than_is_looked_at_nobody_is_named(functions):
    written_often(functions, 60)

    drift = looked_up(memory(), pages=1)

    assert drift.findings[0].attribution is None
    assert [re.sub(r"before \S+", "before T", warning) for warning in drift.warnings] == [CUT]


def test_a_site_is_asked_no_more_often_than_the_limit(functions):
    drift = looked_up(memory(), calls=1)

    assert (drift.findings[0].attribution, drift.warnings) == (None, (ENOUGH,))


def test_what_nobody_is_known_to_have_written_has_no_author(functions):
    drift = looked_up(memory("nothing"))

    assert (drift.findings[0].attribution, drift.warnings) == (None, ())


def test_lookups_are_shared_by_all_findings_of_a_site(functions, monkeypatch):
    with scripted_aws(lambda _: (200, {"Events": []})) as script:
        monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDTRAIL", script.url)
        looked_up(*(memory(f"api-{number}") for number in range(50)))

    asked = [one.body["LookupAttributes"][0]["AttributeValue"] for one in script.asked]
    site = ["CreateFunction20150331", "UpdateFunctionConfiguration20150331", "UpdateFunctionConfiguration20150331v2"]
    assert asked == [*site, *site]
