"""The drift as SARIF: valid by the standard's schema, and what code scanning needs."""

from __future__ import annotations

from dataclasses import replace

import jsonschema
import pytest

from auditor.model.values import Attribution, Change, Drift, DriftException, Finding
from auditor.report.formats.sarif import sarif_log
from report_schema import SARIF

FUNCTION, BUCKET = "AWS::Lambda::Function", "AWS::S3::Bucket"
CHANGED = Finding("9f1c", "eu-west-1", FUNCTION, "api", "changed", "medium", (Change("/MemorySize", 512, 256),))
MISSING = Finding("77aa", "eu-west-1", BUCKET, "assets-${region}", "missing", "high")
UNREAD = Finding(
    "0c0c", "eu-west-1", FUNCTION, "web", "unreadable", "high", (Change("/Code", unreadable="eu-west-1: denied"),)
)
ACCEPTED = replace(CHANGED, id="e1e1", name="canary", exception=DriftException("*", "half size", until="2027-01-31"))
DRIFT = Drift(
    "us-east-1", ("eu-west-1",), "2026-11-24T01:02:03Z", False, {FUNCTION: 3, BUCKET: 1},
    (CHANGED, MISSING, UNREAD, ACCEPTED), ("mind the gap",),
)  # fmt: skip
IN_SYNC = replace(DRIFT, complete=True, findings=(), warnings=())


def run_of(drift):
    return sarif_log(drift)["runs"][0]


def result_of(finding):
    return run_of(replace(DRIFT, findings=(finding,)))["results"][0]


def message_of(change):
    return result_of(replace(CHANGED, changes=(change,)))["message"]["text"].partition("\n")[2]


@pytest.mark.parametrize(
    "drift",
    [
        DRIFT,
        IN_SYNC,
        replace(DRIFT, findings=(replace(CHANGED, attribution=Attribution("a", "b", "c", "d", "e")),)),
        replace(DRIFT, findings=(replace(CHANGED, name="\ud800 /:?#[]@ \x00", site="eu-west-1"),)),
    ],
)
def test_the_log_is_valid_by_the_schema_of_the_standard(drift):
    checker = jsonschema.Draft4Validator(SARIF, format_checker=jsonschema.FormatChecker())

    assert [error.message for error in checker.iter_errors(sarif_log(drift))] == []


def test_a_result_says_all_that_code_scanning_shows():
    assert result_of(CHANGED) == {
        "ruleId": "AWS::Lambda::Function/changed",
        "ruleIndex": 0,
        "kind": "fail",
        "level": "warning",
        "message": {"text": "AWS::Lambda::Function/api in eu-west-1: 1 field differs.\n/MemorySize: 512 → 256"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "eu-west-1/AWS%3A%3ALambda%3A%3AFunction/api"},
                    "region": {"startLine": 1},
                },
                "logicalLocations": [{"fullyQualifiedName": "eu-west-1/AWS::Lambda::Function/api", "kind": "resource"}],
            }
        ],
        "partialFingerprints": {"auditorFindingId/v1": "9f1c", "primaryLocationLineHash": "9f1c:1"},
        "suppressions": [],
        "properties": {"kind": "changed", "severity": "medium", "classes": []},
    }


@pytest.mark.parametrize(("severity", "level"), [("high", "error"), ("medium", "warning"), ("low", "note")])
def test_the_level_is_the_severity(severity, level):
    assert result_of(replace(CHANGED, severity=severity))["level"] == level


def test_what_could_not_be_read_is_open_and_so_has_no_level():
    told = result_of(UNREAD)

    assert (told["kind"], told["level"]) == ("open", "none")


def test_what_is_accepted_is_suppressed_with_its_reason():
    assert result_of(ACCEPTED)["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "half size (until 2027-01-31)"}
    ]


def test_each_result_points_at_its_rule():
    run = run_of(DRIFT)
    rules = run["tool"]["driver"]["rules"]

    assert [rules[one["ruleIndex"]]["id"] for one in run["results"]] == [
        "AWS::Lambda::Function/changed",
        "AWS::Lambda::Function/changed",
        "AWS::Lambda::Function/unreadable",
        "AWS::S3::Bucket/missing",
    ]


def test_each_rule_has_a_help():
    assert [bool(one["help"]["text"]) for one in run_of(DRIFT)["tool"]["driver"]["rules"]] == [True, True, True]


def test_the_run_says_the_verdict_and_the_counts():
    assert run_of(IN_SYNC)["properties"] == {
        "verdict": "In sync: 4 resources in 2 regions are alike.",
        "golden": "us-east-1",
        "taken": "2026-11-24T01:02:03Z",
        "sites": ["eu-west-1"],
        "summary": {"resources": 4, "changed": 0, "missing": 0, "extra": 0, "unreadable": 0, "excepted": 0},
    }


def test_the_run_notes_warnings_and_what_could_not_be_read():
    invocation = run_of(DRIFT)["invocations"][0]

    assert (
        invocation["executionSuccessful"],
        [(one["level"], one["message"]["text"].split("\n")[-1]) for one in invocation["toolExecutionNotifications"]],
    ) == (False, [("warning", "mind the gap"), ("error", "/Code: unreadable: eu-west-1: denied")])


def test_a_run_that_is_incomplete_without_a_finding_says_so():
    notes = run_of(replace(IN_SYNC, complete=False))["invocations"][0]["toolExecutionNotifications"]

    assert [(one["level"], one["message"]["text"][:11]) for one in notes] == [("error", "Incomplete:")]


def test_drift_is_no_failure_of_the_run():
    run = run_of(replace(IN_SYNC, findings=(CHANGED,)))

    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("{0}", "/A: 1 → {{0}}"),
        ("[click](https://x.example)", "/A: 1 → [click\\](https://x.example)"),
        ("[click\\](x)", "/A: 1 → [click\\\\\\](x)"),
        ([1], "/A: 1 → [1]"),
    ],
)
def test_no_value_is_a_placeholder_or_a_link(value, told):
    assert message_of(Change("/A", 1, value)) == told


def test_classes_and_notes_are_told():
    assert message_of(Change("/A", 1, 2, classes=("cross-region",), notes=("no subnet",))) == (
        "/A: 1 → 2 [cross-region]\n  no subnet"
    )


def test_who_wrote_it_last_is_told_where_it_is_known():
    by = Attribution("eu-west-1", "PutBucketPolicy", "jo", "2026-11-23T10:00:00Z", "e-1")

    assert result_of(replace(CHANGED, attribution=by))["properties"]["attribution"] == {
        "site": "eu-west-1", "event": "PutBucketPolicy", "principal": "jo", "time": "2026-11-23T10:00:00Z",
        "event_id": "e-1",
    }  # fmt: skip
