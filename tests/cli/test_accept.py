"""What was decided to be accepted becomes an exception in auditor.yaml, on the embedded AWS."""

from __future__ import annotations

import json

import pytest
from reconciling import FUNCTION, function, memory, region

from auditor.settings.yaml_file import parse_settings_file

SETTINGS = """\
# Who audits what.
golden: us-east-1
regions: [us-east-1, eu-west-1]   # two of them
types: ["AWS::Lambda::Function"]
pace: "off"

exceptions:
  # Somebody is at it.
  - {resource: '*/known', path: /Timeout, reason: 'OPS-1'}   # until summer

# The end.
"""
KNOWN = "  - {resource: '*/known', path: /Timeout, reason: 'OPS-1'}   # until summer\n"
MEMORY = (
    '- {resource: "AWS::Lambda::Function/api", path: "/MemorySize", region: "eu-west-1", '
    'reason: "half-size: \\"canary\\" # OPS-112", until: "2999-01-31"}'
)
HANDLER = MEMORY.replace("/MemorySize", "/Handler")
REASON = 'half-size: "canary" # OPS-112'


def write(folder, text):
    (folder / "auditor.yaml").write_bytes(text.encode())


@pytest.fixture
def drifted(aws, tmp_path):
    """`api` differs in two fields, `known` in one that is accepted; `more` is extra, `less` is missing."""
    aws.seed(
        us_east_1=region(
            api=function(aws.account, MemorySize=512), known=function(aws.account), less=function(aws.account)
        ),
        eu_west_1=region(
            api=function(aws.account, MemorySize=256, Handler="app.other"),
            known=function(aws.account, Timeout=9),
            more=function(aws.account),
        ),
    )
    write(tmp_path, SETTINGS)
    return aws


def drift(run):
    return json.loads(run("diff", "--format", "json").out)


def ids(run):
    return {one["name"]: one["id"] for one in drift(run)["findings"]}


def decide(run, folder, **decisions):
    """Write a decisions file as the report would, for these functions."""
    known = ids(run)
    rows = [
        {"finding": known[name], "resource": f"{FUNCTION}/{name}", "site": "eu-west-1", "decision": made}
        | ({"reason": REASON, "until": "2999-01-31"} if made == "accept" else {})
        for name, made in decisions.items()
    ]
    (folder / "decisions.yaml").write_text(json.dumps({"schema": "auditor/decisions/1", "decisions": rows}))


def accept(run, *arguments):
    return run("accept", "--decisions", "decisions.yaml", *arguments)


def held(folder):
    return (folder / "auditor.yaml").read_bytes().decode()


@pytest.fixture
def decided(drifted, run, tmp_path):
    """It was decided to accept the differences of `api`."""
    decide(run, tmp_path, api="accept", more="later")
    return drifted


def test_what_is_accepted_is_written_as_an_exception_each_change_and_all_else_stays(decided, run, tmp_path):
    accept(run)

    assert held(tmp_path) == SETTINGS.replace(KNOWN, f"{KNOWN}  {HANDLER}\n  {MEMORY}\n")


def test_the_exceptions_and_the_file_are_told(decided, run):
    told = accept(run)

    assert (told.code, told.out, told.err) == (0, f"{HANDLER}\n{MEMORY}\nauditor.yaml\n", "")


def test_what_was_accepted_is_no_drift_any_more_and_the_rest_is(decided, run):
    accept(run)
    found = drift(run)

    assert (found["summary"], [one["name"] for one in found["findings"] if not one["exception"]]) == (
        {"resources": 4, "changed": 0, "missing": 1, "extra": 1, "unreadable": 0, "excepted": 3},
        ["less", "more"],
    )


def test_what_is_missing_or_extra_is_accepted_as_being_there_or_not(drifted, run, tmp_path):
    decide(run, tmp_path, less="accept", more="accept")
    accept(run)

    assert [(one["name"], one["exception"] and one["exception"].get("path")) for one in drift(run)["findings"]] == [
        ("api", None),
        ("known", "/Timeout"),
        ("less", ""),
        ("more", ""),
    ]


def test_a_resource_that_was_accepted_as_missing_and_is_there_now_is_compared(drifted, run, tmp_path):
    decide(run, tmp_path, less="accept")
    accept(run)
    drifted.seed(eu_west_1={FUNCTION: {"less": function(drifted.account, Timeout=9)}})

    [found] = [one for one in drift(run)["findings"] if one["name"] == "less"]

    assert (found["kind"], found["exception"]) == ("changed", None)


def test_another_field_that_drifts_later_is_not_accepted(decided, run):
    accept(run)
    decided.client("lambda", "eu-west-1").update_function_configuration(FunctionName="api", Timeout=77)

    assert [
        [change["path"] for change in one["changes"]]
        for one in drift(run)["findings"]
        if one["name"] == "api" and not one["exception"]
    ] == [["/Timeout"]]


def test_nothing_is_written_to_aws(decided, run):
    accept(run)

    assert memory(decided) == 256


def test_a_dry_run_prints_the_exceptions_and_writes_nothing(decided, run, tmp_path):
    told = accept(run, "--dry-run")

    assert (told.code, told.out, held(tmp_path)) == (0, f"{HANDLER}\n{MEMORY}\n", SETTINGS)


def test_accepting_twice_writes_once_and_says_so(decided, run, tmp_path):
    accept(run)
    once = held(tmp_path)

    told = accept(run)

    assert (told.code, told.out, told.err, held(tmp_path)) == (
        0,
        "",
        "AWS::Lambda::Function/api in eu-west-1: accepted already\nThere is nothing to accept. Nothing was written.\n",
        once,
    )


def test_the_same_decisions_can_be_planned_with_after_they_were_accepted(decided, run):
    accept(run)

    told = run("plan", "--decisions", "decisions.yaml", "--format", "json")

    assert (told.code, json.loads(told.out)["actions"]) == (0, [])


def test_what_has_changed_since_is_refused_by_name(decided, run, tmp_path):
    decided.client("lambda", "eu-west-1").update_function_configuration(FunctionName="api", MemorySize=300)

    told = accept(run)

    assert (told.code, told.out, told.err, held(tmp_path)) == (
        1,
        "",
        (
            "auditor: 1 decision is about what has changed since:\n"
            "  AWS::Lambda::Function/api in eu-west-1 (decided: accept): it differs otherwise now\n"
            "Nothing was written. Look at a new report, and decide again.\n"
        ),
        SETTINGS,
    )


def test_what_is_alike_by_now_is_refused_by_name(decided, run):
    decided.client("lambda", "eu-west-1").update_function_configuration(
        FunctionName="api", MemorySize=512, Handler="app.handler"
    )

    assert "(decided: accept): it is alike, or not compared, now\n" in accept(run).err


def test_what_could_not_be_read_is_not_accepted(drifted, run, tmp_path):
    part = run("snapshot").out.strip()
    write(tmp_path, SETTINGS.replace('"AWS::Lambda::Function"', '"AWS::Lambda::*"'))
    # The snapshot holds no aliases: of golden's it cannot be told whether they are there.
    drifted.client("lambda").publish_version(FunctionName="api")
    drifted.client("lambda").create_alias(FunctionName="api", Name="live", FunctionVersion="1")
    whole = run("snapshot").out.strip()
    found = json.loads(run("diff", whole, part, "--format", "json").out)["findings"]
    row = next({"finding": one["id"]} for one in found if one["kind"] == "unreadable")
    rows = [{**row, "decision": "accept", "reason": "x"}]
    (tmp_path / "decisions.yaml").write_text(json.dumps({"schema": "auditor/decisions/1", "decisions": rows}))

    told = run("accept", whole, part, "--decisions", "decisions.yaml")

    assert (told.code, "What could not be read cannot be accepted:\n  finding " in told.err) == (1, True)


def test_snapshots_are_accepted_without_aws(decided, run, tmp_path, monkeypatch):
    taken = run("snapshot").out.strip()
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")

    assert (run("accept", taken, "--decisions", "decisions.yaml").code, HANDLER in held(tmp_path)) == (0, True)


def test_the_settings_file_that_is_named_is_written(decided, run, tmp_path):
    (tmp_path / "auditor.yaml").rename(tmp_path / "ours.yaml")

    told = accept(run, "--config", "ours.yaml")

    assert (told.out.splitlines()[-1], HANDLER in (tmp_path / "ours.yaml").read_text()) == ("ours.yaml", True)


def test_the_settings_file_of_the_environment_is_written(decided, run, tmp_path, monkeypatch):
    (tmp_path / "auditor.yaml").rename(tmp_path / "ours.yaml")
    monkeypatch.setenv("AUDITOR_CONFIG", "ours.yaml")

    assert accept(run).out.splitlines()[-1] == "ours.yaml"


def test_without_a_settings_file_nothing_is_read(decided, run, tmp_path):
    (tmp_path / "auditor.yaml").unlink()

    told = accept(run, "--golden", "us-east-1", "--region", "us-east-1", "--region", "eu-west-1")

    assert (told.code, told.err) == (
        1,
        (
            "auditor: There is no auditor.yaml that exceptions could be written into. Nothing was read. Make it, or "
            "name another with --config; --dry-run prints them only.\n"
        ),
    )


def test_a_link_stays_one_and_its_file_keeps_its_mode(decided, run, tmp_path):
    (tmp_path / "auditor.yaml").rename(tmp_path / "ours.yaml")
    (tmp_path / "ours.yaml").chmod(0o640)
    (tmp_path / "auditor.yaml").symlink_to("ours.yaml")
    accept(run)

    ours = tmp_path / "ours.yaml"
    assert ((tmp_path / "auditor.yaml").is_symlink(), ours.stat().st_mode & 0o777, HANDLER in ours.read_text()) == (
        True,
        0o640,
        True,
    )


def test_lines_that_end_as_on_windows_go_on_to(decided, run, tmp_path):
    write(tmp_path, SETTINGS.replace("\n", "\r\n"))
    accept(run)

    expected = SETTINGS.replace(KNOWN, f"{KNOWN}  {HANDLER}\n  {MEMORY}\n")
    assert held(tmp_path) == expected.replace("\n", "\r\n")


def test_settings_in_json_stay_json(decided, run, tmp_path):
    write(tmp_path, json.dumps(parse_settings_file(tmp_path / "auditor.yaml").values))
    accept(run)

    assert [one["reason"] for one in json.loads(held(tmp_path))["exceptions"]] == ["OPS-1", REASON, REASON]


def test_settings_that_nothing_can_be_added_to_are_left_alone(decided, run, tmp_path):
    text = SETTINGS.partition("exceptions:")[0] + "plain: &ours []\nexceptions: *ours\n"
    write(tmp_path, text)

    told = accept(run)

    assert (told.code, "its 'exceptions' are written in a way" in told.err, held(tmp_path)) == (1, True, text)


def test_settings_that_would_not_be_accepted_are_left_alone(decided, run, tmp_path):
    text = (tmp_path / "decisions.yaml").read_text()
    (tmp_path / "decisions.yaml").write_text(text.replace(json.dumps(REASON), '"\\ud800"'))

    told = accept(run)

    expected = "With these exceptions, no run would take auditor.yaml:\nauditor.yaml:10: 'exceptions.1.reason': input"
    assert (told.code, expected in told.err, held(tmp_path)) == (1, True, SETTINGS)


def test_an_exception_that_would_end_before_today_is_refused(decided, run, tmp_path):
    text = (tmp_path / "decisions.yaml").read_text()
    (tmp_path / "decisions.yaml").write_text(text.replace("2999-01-31", "2020-01-31"))

    told = accept(run)

    assert (told.code, "AWS::Lambda::Function/api in eu-west-1 (until: 2020-01-31)" in told.err, held(tmp_path)) == (
        1,
        True,
        SETTINGS,
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["accept"], "Missing option '--decisions'"),
        (["accept", "--decisions", "absent.yaml"], "'absent.yaml' does not exist"),
        (["accept", "--decisions", "auditor.yaml"], "'schema' is not 'auditor/decisions/1'"),
        (["accept", "latest", "--decisions", "none.yaml"], "has no snapshot 'latest'"),
        (["accept", "--decisions", "none.yaml", "--config", "absent.yaml"], "There is no absent.yaml that exceptions"),
    ],
)
def test_wrong_use_gets_one_message_and_code_1(clean_environment, run, tmp_path, arguments, message):
    write(tmp_path, SETTINGS)
    (tmp_path / "none.yaml").write_text("schema: auditor/decisions/1\ndecisions: []\n")

    told = run(*arguments)

    assert (told.code, message in told.err, told.out, "Traceback" in told.err) == (1, True, "", False)
