"""The plan as a script: each runs in bash, against the embedded AWS, with a small `aws` in the AWS CLI's place."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import boto3
import pytest

from auditor.model.plan import Action, Plan, PlannedCall, PlannedOn, Warned
from auditor.model.values import Change
from auditor.report.plan.script import aws_cli
from auditor.resources._s3_names import CREATE

FUNCTION, LAYER, ALIAS, MAPPING, BUCKET = (
    "AWS::Lambda::Function", "AWS::Lambda::LayerVersion", "AWS::Lambda::Alias", "AWS::Lambda::EventSourceMapping",
    "AWS::S3::Bucket",
)  # fmt: skip
CHILDREN = frozenset({ALIAS, MAPPING})
HOSTILE = 'it\'s "$HOME" `id` $(id) \\ %s %% ! \u202e é 🙂 ${x}\n\tend\n\n'
ACCOUNT = "123456789012"
PLAN = Plan("us-east-1", "2026-11-24T01:02:03Z", {"us-east-1": ACCOUNT, "eu-west-1": ACCOUNT}, ())
NAMED = {"FunctionName": "${name}"}
# What the AWS CLI does, as far as the scripts need it. Each run's arguments are added to a file beside it.
SHIM = """#!{python}
import json, pathlib, sys
import boto3, jmespath
from botocore import xform_name

with open({log!r}, "a") as log:
    log.write(json.dumps(sys.argv[1:]) + "\\n")
service, operation, *rest = sys.argv[1:]
if operation == "wait":
    waiter, *rest = rest
flags = [one for one in rest if one == "--no-paginate"]
words = [one for one in rest if one not in flags]
options = dict(zip(words[::2], words[1::2], strict=True))
region, query, output = options.pop("--region"), options.pop("--query", "@"), options.pop("--output", "json")
session = boto3.Session(profile_name=options.pop("--profile", None))
client = session.client({{"s3api": "s3", "deploy": "codedeploy"}}.get(service, service), region_name=region)
given = options.pop("--cli-input-json", "{{}}")
# The AWS CLI reads the file twice.
reads = [pathlib.Path(given[7:]).read_text() if given.startswith("file://") else given for _ in range(2)]
params = json.loads(reads[1])
zipped = options.pop("--zip-file", "")
if zipped:
    holder = {{"create-function": "Code", "publish-layer-version": "Content"}}.get(operation)
    content = {{"ZipFile": pathlib.Path(zipped.removeprefix("fileb://")).read_bytes()}}
    params |= {{holder: content | json.loads(options.pop("--" + holder.lower(), "{{}}"))}} if holder else content
if operation == "wait":
    members = {{"function-name": "FunctionName", "qualifier": "Qualifier"}}
    client.get_waiter(waiter.replace("-", "_")).wait(**{{members[name[2:]]: one for name, one in options.items()}})
    sys.exit()
api = client.meta.method_to_api_mapping[operation.replace("-", "_")]
shape = client.meta.service_model.operation_model(api).input_shape
members = {{"--" + xform_name(name, "-"): (name, one.type_name) for name, one in shape.members.items()}}
for option, text in options.items():
    name, kind = members[option]
    params[name] = int(text) if kind in ("integer", "long") else text
answer = getattr(client, operation.replace("-", "_"))(**params)
answer.pop("ResponseMetadata")
found = jmespath.search(query, answer)
if output == "text":
    print(found)
else:
    print(json.dumps(found, indent=4, ensure_ascii=False, default=str))
"""


@pytest.fixture
def shell(aws, tmp_path, monkeypatch):
    """Runs a plan's script in the account that the tests have for themselves."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "tmp").mkdir()
    command = tmp_path / "bin" / "aws"
    command.write_text(SHIM.format(python=sys.executable, log=str(tmp_path / "calls")))
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))

    def ran(plan):
        plan = replace(plan, accounts=dict.fromkeys(plan.accounts, aws.account))
        (tmp_path / "script").write_text(checked(plan))
        return subprocess.run(["bash", tmp_path / "script"], capture_output=True, text=True, check=False)

    return ran


def checked(plan):
    """The plan's script, which bash takes for one."""
    script = aws_cli(plan, CHILDREN)
    assert subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False).stderr == ""
    return script


def action(type_, native, *calls, golden="", verb="update", site="eu-west-1", **others):
    """An action, and the resource it is about as the plan knows it."""
    one = Action("1", site, type_, native, native, verb, "", calls, **others)
    return one, PlannedOn(site, type_, native, native, "f0", {}, {}, golden)


def plan_of(*pairs, **others):
    actions = tuple(replace(one, id=str(number)) for number, (one, _) in enumerate(pairs))
    return replace(PLAN, actions=actions, resources=tuple(on for _, on in pairs), **others)


def call(operation, params, service="lambda", **others):
    return PlannedCall(service, operation, params, **others)


def zipped(text="def handler(event, context): return 1\n"):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("index.py", text)
    return content.getvalue()


def make_function(aws, region, name="api", text="pass\n", **settings):
    return aws.client("lambda", region).create_function(
        FunctionName=name, Runtime="python3.12", Handler="index.handler", Role=f"arn:aws:iam::{aws.account}:role/x",
        Code={"ZipFile": zipped(text)}, **settings,
    )  # fmt: skip


def settings_of(aws, name="api", region="eu-west-1"):
    return aws.client("lambda", region).get_function_configuration(FunctionName=name)


COPY_SECRET = call(
    "UpdateFunctionConfiguration",
    {
        **NAMED,
        "Environment": {"Variables": {"KEY": "${golden:/Environment/Variables/A-b~1c}", "URL": "${own:/Description}"}},
    },
    wait="function_updated_v2",
)


@pytest.fixture
def secrets(aws):
    """A function in two regions, of which golden's holds a secret."""
    make_function(aws, "us-east-1", "api-x", Environment={"Variables": {"A-b/c": HOSTILE}})
    make_function(aws, "eu-west-1", Description=f"own {HOSTILE}")
    return plan_of(action(FUNCTION, "api", COPY_SECRET, golden="api-x"))


def test_golden_and_own_values_arrive_as_they_are_whatever_they_hold(aws, shell, secrets):
    shell(secrets)

    assert settings_of(aws)["Environment"]["Variables"] == {"KEY": HOSTILE, "URL": f"own {HOSTILE}"}


def test_a_secret_is_in_no_argument_no_output_and_no_file_that_is_left(shell, secrets, tmp_path):
    ran = shell(secrets)

    assert "$(id)" not in (tmp_path / "calls").read_text()
    assert (ran.returncode, ran.stdout, ran.stderr, [*(tmp_path / "tmp").iterdir()]) == (0, "", "", [])


def test_a_secret_that_golden_does_not_hold_any_more_ends_the_script(aws, shell, secrets):
    aws.client("lambda").update_function_configuration(FunctionName="api-x", Environment={"Variables": {}})

    assert "There is no answer any more to: aws lambda get-function-configuration" in shell(secrets).stderr


def test_a_secret_that_cannot_be_read_ends_the_script_before_the_write(aws, shell, secrets):
    aws.client("lambda").delete_function(FunctionName="api-x")
    ran = shell(secrets)

    assert ("Environment" in settings_of(aws), "There is no answer any more" in ran.stderr) == (False, False)


def test_an_answer_that_lacks_what_it_should_tell_ends_the_script(aws, shell):
    make_function(aws, "eu-west-1")
    tells = call("UpdateFunctionConfiguration", NAMED, tells={"x": "Nothing"})
    ran = shell(plan_of(action(FUNCTION, "api", tells, call("DeleteFunction", NAMED))))

    assert "AWS's answer lacks a member: what was to follow was not done." in ran.stderr
    assert settings_of(aws)["FunctionName"] == "api"


def test_a_literal_value_arrives_as_it_is_whatever_it_holds(aws, shell):
    make_function(aws, "eu-west-1")
    text = HOSTILE.replace("${", "$${")
    shell(plan_of(action(FUNCTION, "api", call("UpdateFunctionConfiguration", {**NAMED, "Description": text}))))

    assert settings_of(aws)["Description"] == HOSTILE


def test_a_value_too_long_for_an_argument_arrives(aws, shell):
    make_function(aws, "eu-west-1")
    variables = {"Variables": {"LONG": "x" * 140_000}}
    shell(plan_of(action(FUNCTION, "api", call("UpdateFunctionConfiguration", {**NAMED, "Environment": variables}))))

    assert len(settings_of(aws)["Environment"]["Variables"]["LONG"]) == 140_000


def test_a_bucket_is_made_with_the_sites_own_words(aws, shell):
    names = {"Bucket": "${name}", "CreateBucketConfiguration": {"LocationConstraint": "${region}"}}
    tags = {"TagSet": [{"Key": "who", "Value": "${account}-${region_short}-${partition}-${subnet:a}-${function:api}"}]}
    made = action(
        BUCKET, "assets-of-script", call("CreateBucket", names, "s3"),
        call("PutBucketTagging", {"Bucket": "${name}", "Tagging": tags}, "s3"), verb="create",
    )  # fmt: skip
    own = {"symbols": {"eu-west-1": {"subnet:a": "subnet-0abc"}}, "names": {"eu-west-1": {"function:api": "api-x"}}}
    shell(plan_of(made, **own))

    assert aws.client("s3", "eu-west-1").get_bucket_tagging(Bucket="assets-of-script")["TagSet"] == [
        {"Key": "who", "Value": f"{aws.account}-euw1-aws-subnet-0abc-api-x"}
    ]


@pytest.mark.parametrize(
    "code", [{"ZipFile": "${golden:/Code}"}, {"ZipFile": "${golden:/Code}", "S3ObjectVersion": "1"}]
)
def test_a_function_is_made_with_goldens_code(aws, shell, code):
    golden = make_function(aws, "us-east-1", text="# golden\n")
    made = {
        **NAMED, "Runtime": "python3.12", "Handler": "index.handler", "Role": "arn:aws:iam::${account}:role/x",
        "Code": code,
    }  # fmt: skip
    shell(plan_of(action(FUNCTION, "api", call("CreateFunction", made, wait="function_active_v2"), golden="api")))

    assert settings_of(aws)["CodeSha256"] == golden["CodeSha256"]


def test_what_stands_beside_the_code_is_not_lost():
    made = {"Code": {"ZipFile": "${golden:/Code}", "SourceKMSKeyArn": "k'ey"}}

    assert """--code '{"SourceKMSKeyArn": "k'"'"'ey"}' --zip-file "fileb://$work/held_1_1_1.zip\"""" in checked(
        plan_of(action(FUNCTION, "api", call("CreateFunction", made), golden="api"))
    )


def test_a_function_gets_goldens_code(aws, shell):
    golden = make_function(aws, "us-east-1", text="# golden\n")
    make_function(aws, "eu-west-1")
    ship = call("UpdateFunctionCode", {**NAMED, "ZipFile": "${golden:/Code}"}, wait="function_updated_v2")
    shell(plan_of(action(FUNCTION, "api", ship, golden="api")))

    assert settings_of(aws)["CodeSha256"] == golden["CodeSha256"]


def test_what_an_answer_tells_is_used_by_later_actions(aws, shell):
    aws.client("lambda").publish_layer_version(LayerName="deps", Content={"ZipFile": zipped("# golden\n")})
    make_function(aws, "eu-west-1")
    publish = call(
        "PublishLayerVersion", {"LayerName": "${name}", "Content": {"ZipFile": "${golden:/Code}"}},
        once=True, tells={"layer:deps@c0de": "LayerVersionArn"},
    )  # fmt: skip
    use = call("UpdateFunctionConfiguration", {**NAMED, "Layers": ["${layer:deps@c0de}"]})
    shell(plan_of(action(LAYER, "deps", publish, golden="deps"), action(FUNCTION, "api", use)))

    assert [one["Arn"] for one in settings_of(aws)["Layers"]] == [
        f"arn:aws:lambda:eu-west-1:{aws.account}:layer:deps:1"
    ]


def test_a_number_that_an_answer_tells_is_a_number_and_inside_a_text_its_digits(aws, shell):
    make_function(aws, "eu-west-1")
    publish = call(
        "PublishLayerVersion", {"LayerName": "${name}", "Content": {"ZipFile": "${own:/Code}"}},
        tells={"number": "Version", "arn": "LayerVersionArn"},
    )  # fmt: skip
    aws.client("lambda", "eu-west-1").publish_layer_version(LayerName="deps", Content={"ZipFile": zipped()})
    use = {
        "LayerName": "${name}",
        "VersionNumber": "${number}",
        "StatementId": "v${number}",
        "Action": "lambda:GetLayerVersion",
        "Principal": "*",
    }
    shell(plan_of(action(LAYER, "deps", publish, call("AddLayerVersionPermission", use))))
    policy = aws.client("lambda", "eu-west-1").get_layer_version_policy(LayerName="deps", VersionNumber=2)["Policy"]

    assert json.loads(policy)["Statement"][0]["Sid"] == "v2"


def test_an_alias_points_at_the_version_that_was_published_before(aws, shell):
    make_function(aws, "eu-west-1")
    publish = call(
        "PublishVersion", NAMED, once=True, wait="published_version_active", tells={"version:api@c0de/5e7": "Version"}
    )
    made = call(
        "CreateAlias", {"FunctionName": "${parent}", "Name": "${name}", "FunctionVersion": "${version:api@c0de/5e7}"}
    )
    shell(plan_of(action(FUNCTION, "api", publish), action(ALIAS, "api/live", made, verb="create")))

    assert aws.client("lambda", "eu-west-1").get_alias(FunctionName="api", Name="live")["FunctionVersion"] == "1"


def test_a_mapping_is_made_waited_for_and_enabled_by_its_uuid(aws, shell):
    make_function(aws, "eu-west-1")
    aws.client("sqs", "eu-west-1").create_queue(QueueName="jobs")
    arn = f"arn:aws:sqs:eu-west-1:{aws.account}:jobs"
    create = call(
        "CreateEventSourceMapping", {"FunctionName": "${parent}", "EventSourceArn": arn, "Enabled": False},
        once=True, wait="event_source_mapping_settled",
    )  # fmt: skip
    enable = call(
        "UpdateEventSourceMapping", {"UUID": "${own:/UUID}", "Enabled": True}, wait="event_source_mapping_settled"
    )
    shell(plan_of(action(MAPPING, f"api/{arn}", create, verb="create"), action(MAPPING, f"api/{arn}", enable)))
    (made,) = aws.client("lambda", "eu-west-1").list_event_source_mappings(FunctionName="api")["EventSourceMappings"]

    assert made["State"] == "Enabled"


def test_the_script_stops_at_the_first_call_that_fails(aws, shell):
    make_function(aws, "eu-west-1")
    fails = call("UpdateFunctionConfiguration", {"FunctionName": "nobody", "MemorySize": 512})
    ran = shell(
        plan_of(action(FUNCTION, "api", fails, call("UpdateFunctionConfiguration", {**NAMED, "MemorySize": 512})))
    )

    assert (ran.returncode != 0, "Stopped at line" in ran.stderr, settings_of(aws)["MemorySize"]) == (True, True, 128)


def test_nothing_is_called_with_credentials_of_another_account(aws, shell, monkeypatch, tmp_path):
    plan = plan_of(action(FUNCTION, "api", call("DeleteFunction", NAMED)))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "999999999999")
    ran = shell(plan)

    assert f"These are credentials of account 999999999999, and the plan is for {aws.account}." in ran.stderr
    assert len((tmp_path / "calls").read_text().splitlines()) == 1


@pytest.mark.parametrize(
    ("params", "why"),
    [
        ({"SubnetId": "${subnet:main}"}, "DoIt cannot be called in eu-west-1: nothing there is known as subnet:main."),
        (
            {"Key": "${golden:/Key}"},
            "AWS::S3::Bucket/b takes /Key from us-east-1, and a script cannot: use 'auditor apply'.",
        ),
    ],
)
def test_what_a_script_cannot_do_ends_it_before_the_first_call(shell, tmp_path, params, why):
    first = action(FUNCTION, "api", call("DeleteFunction", NAMED))
    ran = shell(plan_of(first, action(BUCKET, "b", call("DoIt", params), golden="b")))

    assert (ran.returncode, ran.stderr.strip()) == (1, why)
    assert len((tmp_path / "calls").read_text().splitlines()) == 1


def test_a_golden_snapshot_holds_no_secret_to_copy():
    plan = replace(plan_of(action(FUNCTION, "api", COPY_SECRET, golden="api")), golden="snapshot:20261124T010203Z")

    assert "from snapshot:20261124T010203Z, and a script cannot" in checked(plan)


def test_what_golden_has_not_is_not_copied():
    assert "from us-east-1, and a script cannot" in checked(plan_of(action(FUNCTION, "api", COPY_SECRET)))


def test_each_account_is_called_with_the_profile_of_its_name():
    one = action(FUNCTION, "api", call("DeleteFunction", NAMED), site="prod/eu-west-1")
    script = checked(plan_of(one, accounts={"prod/eu-west-1": ACCOUNT}))

    assert f"in_account {ACCOUNT} --region eu-west-1 --profile prod" in script.split("\n")
    assert "aws lambda delete-function --region eu-west-1 --profile prod \\" in script.split("\n")


@pytest.mark.parametrize(
    ("service", "command"),
    [("s3", "s3api"), ("s3control", "s3control"), ("codedeploy", "deploy"), ("lambda", "lambda")],
)
def test_a_service_is_called_as_the_aws_cli_calls_it(service, command):
    one = action(FUNCTION, "api", call("PutThing", NAMED, service))

    assert f"aws {command} put-thing --region eu-west-1 \\" in checked(plan_of(one)).split("\n")


def test_a_call_that_makes_another_thing_each_time_is_sent_once():
    once = action(FUNCTION, "api", call("PublishVersion", NAMED, once=True))

    assert "AWS_MAX_ATTEMPTS=1 aws lambda publish-version --region eu-west-1 \\" in checked(plan_of(once)).split("\n")


def test_an_action_is_explained_before_its_calls():
    change = Change("/Description", "new\nrm -rf /", {"secret": "9f1c"})
    one = action(
        FUNCTION, "api", call("UpdateFunctionConfiguration", NAMED), changes=(change,),
        warnings=(Warned("outage", "callers get\nit"),), cannot_undo="kept nowhere",
    )  # fmt: skip
    lines = checked(plan_of(one)).split("\n")
    start = lines.index("# 1. eu-west-1: update AWS::Lambda::Function/api")

    assert lines[start + 1 : start + 4] == [
        '#    ~ Description: (secret) -> "new\\nrm -rf /"',
        "#    ! outage: callers get\\nit",
        "#    ! cannot be undone: kept nowhere",
    ]


@pytest.mark.parametrize(
    ("operation", "wait"),
    [("PutThing", "thing_there"), ("DeleteEventSourceMapping", "event_source_mapping_settled")],
)
def test_a_wait_that_the_aws_cli_does_not_have_is_a_remark(operation, wait):
    one = action(FUNCTION, "api", call(operation, NAMED, wait=wait))

    assert checked(plan_of(one)).split("\n")[-2] == f"# The AWS CLI cannot wait for {wait}."


def test_what_hangs_on_a_version_is_waited_for_under_the_number_that_it_has():
    symbol = "version:api@c0de/1234"
    params = {"FunctionName": "${parent}", "Qualifier": f"${{{symbol}}}", "ProvisionedConcurrentExecutions": 2}
    put = PlannedCall("lambda", "PutProvisionedConcurrencyConfig", params, "provisioned_concurrency_ready")
    name = f"api/${{{symbol}}}"
    made = Action("1", "eu-west-1", "AWS::Lambda::Version", name, name, "update", "provisioned concurrency", (put,))

    script = aws_cli(replace(PLAN, actions=(made,), symbols={"eu-west-1": {symbol: "3"}}), {made.type})
    assert "--function-name api --qualifier 3 --query Status" in script


def test_an_empty_plan_is_a_script_that_does_nothing(shell, tmp_path):
    assert (shell(PLAN).returncode, (tmp_path / "calls").exists()) == (0, False)


def test_a_hostile_name_is_a_name_everywhere(shell, tmp_path):
    shell(plan_of(action(FUNCTION, "$(touch owned)'\n`touch owned`", call("DeleteFunction", NAMED))))

    assert not Path("owned").exists()


def partitions():
    """Every region that botocore knows: its partition, and that partition's DNS suffix."""
    endpoints = json.loads((Path(boto3.__file__).parents[1] / "botocore/data/endpoints.json").read_text())
    return {
        region: (one["partition"], one["dnsSuffix"]) for one in endpoints["partitions"] for region in one["regions"]
    }


def told_partition(region):
    one = action(FUNCTION, "api", call("TagResource", {"Tags": ["${partition}", "${dns_suffix}"]}), site=region)
    script = aws_cli(plan_of(one), CHILDREN)
    return tuple(json.loads(script.split("--cli-input-json '")[1].split("'")[0])["Tags"])


def test_a_regions_partition_and_dns_suffix_are_those_of_botocore():
    assert {region: told_partition(region) for region in partitions()} == partitions()


@pytest.mark.parametrize(
    ("site", "name", "said"),
    [
        ("us-east-1", "app", {"Bucket": "app"}),
        ("prod/us-east-1", "app", {"Bucket": "app"}),
        ("eu-west-1", "app", {"Bucket": "app", "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}),
        (
            "us-east-1",
            f"app-{ACCOUNT}-us-east-1-an",
            {"Bucket": f"app-{ACCOUNT}-us-east-1-an", "BucketNamespace": "account-regional"},
        ),
    ],
)
def test_a_bucket_is_made_as_the_site_takes_it(site, name, said):
    call = PlannedCall("s3", "CreateBucket", CREATE.params)
    made = Action("1", site, BUCKET, name, name, "create", "", (call,))
    script = aws_cli(replace(PLAN, accounts={**PLAN.accounts, site: ACCOUNT}, actions=(made,)), CHILDREN)

    assert f"--cli-input-json '{json.dumps(said)}'" in script
