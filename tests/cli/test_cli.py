"""The program as its user runs it, on the embedded AWS."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from auditor.model.values import Locale, Reading, Resource, SiteSnapshot, State
from auditor.resources import load_specs
from auditor.sandbox.scenario import Scenario
from auditor.sandbox.seed import seed
from auditor.store import store

SITES = ("--golden", "us-east-1", "--region", "us-east-1", "--region", "eu-west-1")
ROLE = "arn:aws:iam::123456789012:role/shop"
API = {
    "Runtime": "python3.12",
    "Role": ROLE,
    "Handler": "app.handler",
    "MemorySize": 512,
    "Code": {"app.py": "def handler(event, context): pass\n"},
}


def functions(**properties):
    return {"AWS::Lambda::Function": properties}


@pytest.fixture
def alike(aws):
    aws.seed(us_east_1=functions(api=API), eu_west_1=functions(api=API))
    return aws


@pytest.fixture
def drifted(aws):
    aws.seed(us_east_1=functions(api=API), eu_west_1=functions(api={**API, "MemorySize": 256}))
    return aws


def test_regions_that_are_alike_are_in_sync(alike, run):
    assert run("diff", *SITES).code == 0


def test_drift_has_an_exit_code_of_its_own(drifted, run):
    assert run("diff", *SITES).code == 2


def test_quiet_says_nothing_where_all_is_in_sync(alike, run):
    told = run("diff", "-q", *SITES)

    assert (told.out, told.err) == ("", "")


def test_quiet_still_tells_of_drift(drifted, run):
    assert "/MemorySize" in run("diff", "-q", *SITES).out


def test_the_json_is_what_the_interface_documents(aws, run, tmp_path):
    (tmp_path / "auditor.yaml").write_text("types: ['AWS::Lambda::Function']\n")
    # Seeded by hand with boto3: nothing of the sandbox's own seeding is in between.
    for region, memory in (("us-east-1", 512), ("eu-west-1", 256)):
        aws.client("lambda", region).create_function(
            FunctionName="api",
            Runtime="python3.12",
            Role=ROLE,
            Handler="app.handler",
            MemorySize=memory,
            Code={"ZipFile": b"PK\x05\x06" + b"\0" * 18},
        )

    document = json.loads(run("diff", *SITES, "--format", "json").out)

    taken, read, id_ = document.pop("taken"), document.pop("read"), document["findings"][0].pop("id")
    assert (len(taken), read >= taken[:10], len(id_), len(document.pop("coverage")) > 0) == (20, True, 16, True)
    assert document == {
        "schema": "auditor/drift/1",
        "golden": "us-east-1",
        "sites": ["eu-west-1"],
        "complete": True,
        "warnings": [],
        "summary": {"resources": 1, "changed": 1, "missing": 0, "extra": 0, "unreadable": 0, "excepted": 0},
        "findings": [
            {
                "site": "eu-west-1",
                "type": "AWS::Lambda::Function",
                "name": "api",
                "kind": "changed",
                "severity": "medium",
                "changes": [{"path": "/MemorySize", "golden": 512, "actual": 256}],
                "classes": [],
                "exception": None,
                "attribution": None,
            }
        ],
    }


def test_results_go_to_stdout_and_all_else_to_stderr(drifted, run):
    told = run("diff", *SITES, "--format", "json", "-v")

    assert (json.loads(told.out)["complete"], "API calls in all" in told.err) == (True, True)


def test_a_result_can_go_to_a_file(drifted, run, tmp_path):
    run("diff", *SITES, "--format", "json", "-o", tmp_path / "drift.json")

    assert json.loads((tmp_path / "drift.json").read_text())["summary"]["changed"] == 1


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("markdown", "| <code>/MemorySize</code>: <code>512 → 256</code> |"),
        ("csv", ",/MemorySize,512,256,"),
        ("sarif", '"version": "2.1.0"'),
        ("junit", '<failure type="changed" message="1 field differs.">'),
    ],
)
def test_the_drift_is_told_in_other_formats(drifted, run, form, expected):
    told = run("diff", *SITES, "--format", form)

    assert (told.code, expected in told.out) == (2, True)


def test_the_last_line_of_a_format_ends_as_its_others_do(drifted, run, tmp_path):
    run("diff", *SITES, "--format", "csv", "-o", tmp_path / "drift.csv")

    assert (tmp_path / "drift.csv").read_bytes().split(b"\r\n")[-1:] == [b""]


def test_a_snapshot_is_compared_later_without_aws(drifted, run, monkeypatch):
    taken = run("snapshot", *SITES)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")

    told = run("diff", taken.out.strip(), "--format", "json")

    assert json.loads(told.out)["summary"]["changed"] == 1


def test_two_snapshots_show_what_changed_between_them(drifted, run):
    before = run("snapshot", *SITES).out.strip()
    drifted.client("lambda").update_function_configuration(FunctionName="api", Timeout=9)
    after = run("snapshot", *SITES).out.strip()

    told = json.loads(run("diff", before, after, "--format", "json").out)

    assert [(one["site"], change["path"]) for one in told["findings"] for change in one["changes"]] == [
        ("eu-west-1", "/MemorySize"),
        ("us-east-1", "/Timeout"),
    ]


def test_the_report_is_one_file_and_its_path_is_told(drifted, run, tmp_path):
    told = run("report", *SITES, "-o", tmp_path / "report.html")

    assert (told.code, told.out.strip(), "MemorySize" in (tmp_path / "report.html").read_text()) == (
        2,
        str(tmp_path / "report.html"),
        True,
    )


def test_an_exception_in_the_settings_takes_the_difference_out_of_the_verdict(drifted, run, tmp_path):
    (tmp_path / "auditor.yaml").write_text(
        "golden: us-east-1\nregions: [us-east-1, eu-west-1]\n"
        "exceptions: [{resource: '*/api', path: /MemorySize, reason: half-size canary}]\n"
    )

    assert run("diff").code == 0


def test_progress_is_told_as_json_lines_if_asked(alike, run):
    lines = [json.loads(line) for line in run("diff", *SITES, "--json-log").err.splitlines()]

    assert sorted((one["event"], one["site"]) for one in lines) == [("read", "eu-west-1"), ("read", "us-east-1")]


def test_a_terminal_that_is_none_gets_no_colour(drifted, run):
    assert "\x1b" not in run("diff", *SITES).out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["diff", "--golden", "us-east-1"], "'regions'"),
        (["diff", "--region", "us-east-1"], "'golden'"),
        (["diff", "--golden", "us-east-2", "--region", "us-east-1"], "golden is us-east-2, which is not among"),
        (["diff", "--golden", "eu-wst-1", "--region", "eu-wst-1"], "'eu-wst-1' is not an AWS region"),
        (["diff", "latest"], "has no snapshot 'latest'"),
        (["diff", *SITES, "--format", "xml"], "'xml' is not one of"),
        (["snapshoot"], "No such command 'snapshoot'"),
        (["diff", *SITES, "--config", "absent.yaml"], "absent.yaml could not be read"),
        (["snapshot", *SITES], "There is not one resource to audit"),
        (["snapshot", *SITES, "--store", "file/below"], "file/below could not be written"),
        (["report", *SITES, "-o", "file/below.html"], "file/below.html could not be written"),
    ],
)
def test_wrong_use_gets_one_message_and_code_1(aws, run, tmp_path, arguments, message):
    (tmp_path / "file").write_text("a file, not a folder")
    if "below.html" in arguments[-1]:
        aws.seed(us_east_1=functions(api=API))

    told = run(*arguments)

    assert (told.code, message in told.err, told.out, "Traceback" in told.err) == (1, True, "", False)


def test_broken_settings_are_told_with_their_line_and_key(aws, run, tmp_path):
    (tmp_path / "auditor.yaml").write_text("golden: us-east-1\nregions: [us-east-1]\nregoins: []\n")

    assert "auditor.yaml:3: unknown key 'regoins'. Did you mean 'regions'?" in run("diff").err


def test_no_credentials_is_one_message(aws, run, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    told = run("diff", *SITES)

    assert (told.code, told.err.startswith("auditor: No AWS credentials were found. Nothing was read.")) == (1, True)


def test_a_profile_that_does_not_exist_is_one_message(aws, run, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "nobody")

    told = run("diff", *SITES)

    assert (told.code, "nobody" in told.err, "Traceback" in told.err) == (1, True, False)


def test_an_aws_that_cannot_be_reached_is_one_message(aws, run, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")

    told = run("diff", *SITES)

    way = "Nothing was read. Check the network, the proxy (HTTPS_PROXY) and AWS_ENDPOINT_URL."
    assert (told.code, "AWS did not say who is asking" in told.err, way in told.err) == (1, True, True)


def test_help_is_there_for_every_command(run):
    told = run("--help")

    assert [name for name in ("diff", "report", "snapshot", "demo", "sandbox") if name not in told.out] == []


def test_a_type_alone_is_read_through_its_parent(aws, run, tmp_path):
    versions = {**API, "Versions": [{"MemorySize": 128}, {}]}
    aliases = [{"AWS::Lambda::Alias": {"api/live": {"FunctionVersion": number}}} for number in ("1", "2")]
    aws.seed(us_east_1=functions(api=versions) | aliases[0], eu_west_1=functions(api=versions) | aliases[1])
    (tmp_path / "auditor.yaml").write_text("types: ['AWS::Lambda::Alias']\n")

    found = json.loads(run("diff", *SITES, "--format", "json").out)["findings"]

    assert [(one["type"], one["name"], one["changes"][0]["path"]) for one in found] == [
        ("AWS::Lambda::Alias", "api/live", "/FunctionVersion")
    ]


def test_a_type_that_does_not_exist_is_refused_by_name(aws, run, tmp_path):
    (tmp_path / "auditor.yaml").write_text("types: ['AWS::Lambda::*', 'AWS::DynamoDB::*']\n")

    assert "'AWS::DynamoDB::*'" in run("diff", *SITES).err


def test_a_value_that_is_no_text_is_shown_by_its_escape(clean_environment, run, tmp_path):
    pending = store.begin(store.storage_at(tmp_path / "snapshots"), datetime(2026, 11, 24, tzinfo=UTC))
    for site, value in (("us-east-1", "\ud800"), ("eu-west-1", "x")):
        facets = {name: Reading(State.ABSENT) for name in ("environment", "code", "tags", "concurrency", "policy")}
        facets["configuration"] = Reading(State.READ, {"Description": value})
        facets["package"] = Reading(State.READ, {"CodeSha256": "c0de"})
        function = Resource("AWS::Lambda::Function", "api", facets)
        store.write_site(pending, SiteSnapshot(site, Locale(site, "", "123456789012"), (function,)))
    header = store.Header("us-east-1", ("AWS::Lambda::Function",), "key")
    store.commit(pending, header, {"us-east-1": {}, "eu-west-1": {}})

    assert '"golden": "\\ud800"' in run("diff", "latest", "--format", "json").out


def test_the_settings_can_be_in_another_file(drifted, run, tmp_path):
    (tmp_path / "other.yaml").write_text("golden: us-east-1\nregions: [us-east-1, eu-west-1]\n")

    assert run("diff", "--config", tmp_path / "other.yaml").code == 2


def test_golden_can_be_a_snapshot_that_was_kept(drifted, run):
    kept = run("snapshot", *SITES).out.strip()

    told = json.loads(run("diff", *SITES[2:], "--golden", f"snapshot:{kept}", "--format", "json").out)

    assert (told["golden"], told["sites"], [one["site"] for one in told["findings"]]) == (
        f"snapshot:{kept}",
        ["us-east-1", "eu-west-1"],
        ["eu-west-1"],
    )


@pytest.mark.parametrize("name", ["eu-west-1.json.zst", "eu-west-1.json"])
def test_golden_can_be_a_file_in_git(drifted, run, tmp_path, name):
    kept = run("snapshot", *SITES).out.strip()
    (tmp_path / "snapshots" / kept).rename(tmp_path / "golden")

    told = run("diff", *SITES[2:], "--golden", f"file:golden/{name}", "--format", "json")

    assert [one["site"] for one in json.loads(told.out)["findings"]] == ["us-east-1"]


def test_another_site_of_a_snapshot_can_be_golden(drifted, run):
    kept = run("snapshot", *SITES).out.strip()

    told = json.loads(run("diff", kept, "--golden", "eu-west-1", "--format", "json").out)

    assert (told["golden"], told["sites"]) == ("eu-west-1", ["us-east-1"])


def test_a_golden_that_the_snapshot_does_not_hold_is_refused(drifted, run):
    kept = run("snapshot", *SITES).out.strip()

    assert "holds no site mars-1" in run("diff", kept, "--golden", "mars-1").err


def test_a_snapshot_that_holds_fewer_types_is_unread_and_not_empty(drifted, run, tmp_path):
    whole = run("snapshot", *SITES).out.strip()
    (tmp_path / "part.yaml").write_text("types: ['AWS::S3::Bucket']\n")
    drifted.seed(us_east_1={"AWS::S3::Bucket": {"shop": {}}})
    part = run("snapshot", *SITES, "--config", tmp_path / "part.yaml").out.strip()

    told = run("diff", whole, part, "--format", "json")

    kinds = {one["kind"] for one in json.loads(told.out)["findings"] if one["type"] == "AWS::Lambda::Function"}
    assert (told.code, kinds) == (3, {"unreadable"})


def test_a_secret_that_is_shown_on_one_day_and_hidden_on_another_is_the_same(aws, run, tmp_path):
    aws.seed(us_east_1=functions(api={**API, "Environment": {"Variables": {"LOG_LEVEL": "INFO"}}}))
    hidden = run("snapshot", *SITES).out.strip()
    (tmp_path / "auditor.yaml").write_text("plain: [LOG_LEVEL]\n")
    shown = run("snapshot", *SITES).out.strip()

    told = json.loads(run("diff", hidden, shown, "--region", "us-east-1", "--format", "json").out)

    assert told["findings"] == []


def test_what_reads_the_output_can_stop_and_the_code_is_still_that_of_the_comparison(drifted, tmp_path):
    command = f"{sys.executable} -m auditor diff {' '.join(SITES)} | true; exit ${{PIPESTATUS[0]}}"

    ended = subprocess.run(["bash", "-c", command], cwd=tmp_path, env=dict(os.environ), check=False)

    assert ended.returncode == 2


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("AWS_ENDPOINT_URL", "foo", "The AWS settings cannot be used: Invalid endpoint: foo"),
        ("AWS_CONFIG_FILE", "broken.ini", "The AWS settings cannot be used: Unable to parse config file"),
    ],
)
def test_broken_aws_settings_are_one_message(aws, run, tmp_path, monkeypatch, name, value, message):
    (tmp_path / "broken.ini").write_text("[profile\n")
    monkeypatch.setenv(name, value)

    told = run("diff", *SITES)

    assert (told.code, message in told.err) == (1, True)


def test_golden_can_be_in_another_account(aws, run, tmp_path, monkeypatch):
    def topic(account):
        variables = {"TOPIC": f"arn:aws:sns:us-east-1:{account}:alerts", "KEY": f"secret of {account}"}
        return functions(api={**API, "Environment": {"Variables": variables}})

    other = f"9{aws.account[1:]}"
    seed(Scenario({"us-east-1": topic(other)}), {**aws.environment, "AWS_ACCESS_KEY_ID": other}, load_specs())
    aws.seed(us_east_1=topic(aws.account))
    (tmp_path / "credentials").write_text(f"[prod]\naws_access_key_id={other}\naws_secret_access_key=x\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    (tmp_path / "auditor.yaml").write_text(
        "golden: prod/us-east-1\nregions: [prod/us-east-1, us-east-1]\naccounts: {prod: {profile: prod}}\n"
    )

    told = json.loads(run("diff", "--format", "json").out)

    assert (told["golden"], told["sites"], told["complete"], told["findings"]) == (
        "prod/us-east-1",
        ["us-east-1"],
        True,
        [],
    )


def test_wrong_use_is_one_event_in_a_log(run):
    (told,) = (json.loads(line) for line in run("diff", "--json-log", "--formt", "json").err.splitlines())

    assert (told["event"], told["exit_code"], "--formt" in told["text"]) == ("failed", 1, True)
