"""The drift as JSON: exactly what interface.md fixes."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from auditor.model.values import ABSENT, Attribution, Change, Coverage, Drift, DriftException, Finding
from auditor.report.document import drift_document

FUNCTION = "AWS::Lambda::Function"
CANARY = DriftException("AWS::Lambda::Function/*-canary", "OPS-112", "/MemorySize", "eu-*", until="2027-01-31")
CHANGED = Finding("9f1c", "eu-west-1", FUNCTION, "api", "changed", "medium", (Change("/MemorySize", 512, 256),))
MISSING = Finding("77aa", "ap-southeast-2", FUNCTION, "orders", "missing", "high")
DRIFT = Drift(
    "us-east-1", ("eu-west-1", "ap-southeast-2"), "2026-11-24T01:02:03Z", True,
    {FUNCTION: 40, "AWS::S3::Bucket": 1},
    (CHANGED, MISSING, replace(CHANGED, id="0c0c", name="web-canary", exception=CANARY)), ("mind the gap",),
)  # fmt: skip


def change_of(change):
    return drift_document(replace(DRIFT, findings=(replace(CHANGED, changes=(change,)),)))["findings"][0]["changes"][0]


def exception_of(exception):
    return drift_document(replace(DRIFT, findings=(replace(CHANGED, exception=exception),)))["findings"][0]["exception"]


def test_the_document_is_exactly_that_of_the_interface():
    assert drift_document(DRIFT) == {
        "schema": "auditor/drift/1",
        "golden": "us-east-1",
        "sites": ["eu-west-1", "ap-southeast-2"],
        "taken": "2026-11-24T01:02:03Z",
        "read": "2026-11-24T01:02:03Z",
        "complete": True,
        "summary": {"resources": 41, "changed": 1, "missing": 1, "extra": 0, "unreadable": 0, "excepted": 1},
        "findings": [
            {
                "id": "77aa", "site": "ap-southeast-2", "type": "AWS::Lambda::Function", "name": "orders",
                "kind": "missing", "severity": "high", "changes": [], "classes": [], "exception": None,
                "attribution": None,
            },
            {
                "id": "9f1c", "site": "eu-west-1", "type": "AWS::Lambda::Function", "name": "api",
                "kind": "changed", "severity": "medium",
                "changes": [{"path": "/MemorySize", "golden": 512, "actual": 256}], "classes": [], "exception": None,
                "attribution": None,
            },
            {
                "id": "0c0c", "site": "eu-west-1", "type": "AWS::Lambda::Function", "name": "web-canary",
                "kind": "changed", "severity": "medium",
                "changes": [{"path": "/MemorySize", "golden": 512, "actual": 256}],
                "classes": [], "exception": {
                    "resource": "AWS::Lambda::Function/*-canary", "path": "/MemorySize", "region": "eu-*",
                    "reason": "OPS-112", "until": "2027-01-31",
                },
                "attribution": None,
            },
        ],
        "warnings": ["mind the gap"],
        "coverage": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (Change("/A", 1, ABSENT), {"path": "/A", "golden": 1}),
        (Change("/A", ABSENT, None), {"path": "/A", "actual": None}),
        (Change("/A", {"secret": "aa"}, {"secret": "bb"}),
         {"path": "/A", "golden": {"secret": "aa"}, "actual": {"secret": "bb"}}),
        (Change("/A", unreadable="eu-west-1: AccessDenied"), {"path": "/A", "unreadable": "eu-west-1: AccessDenied"}),
        (Change("/A", 1, 2, classes=("cross-region",), notes=("us-east-1: x",)),
         {"path": "/A", "golden": 1, "actual": 2, "classes": ["cross-region"], "notes": ["us-east-1: x"]}),
        (Change("/A", 1, 2, unreadable="why"), {"path": "/A", "unreadable": "why"}),
    ],
)  # fmt: skip
def test_a_side_that_is_absent_or_unread_is_left_out(change, expected):
    assert change_of(change) == expected


def test_an_exception_without_limits_says_its_resource_and_reason_even_when_they_say_everything():
    assert exception_of(DriftException("*", "")) == {"resource": "*", "reason": ""}


def test_an_exception_on_being_there_says_its_empty_path():
    assert exception_of(DriftException("*", "x", ""))["path"] == ""


def test_an_exception_says_its_site():
    assert exception_of(DriftException("*", "x", site="prod/*"))["site"] == "prod/*"


def test_the_order_in_which_findings_and_changes_come_does_not_show():
    changes = (Change("/A", 1, 2), Change("/B", 1, 2))
    one = replace(DRIFT, findings=(replace(CHANGED, changes=changes), MISSING))
    other = replace(DRIFT, findings=(MISSING, replace(CHANGED, changes=changes[::-1])))

    assert json.dumps(drift_document(one)) == json.dumps(drift_document(other))


def test_the_ledger_tells_each_facets_outcomes():
    covered = replace(DRIFT, coverage=(Coverage("eu-west-1", "AWS::S3::Bucket", "policy", {"read": 2, "denied": 1}),))

    assert drift_document(covered)["coverage"] == [
        {"site": "eu-west-1", "type": "AWS::S3::Bucket", "facet": "policy", "read": 2, "denied": 1}
    ]


def test_who_last_wrote_what_differs_is_told_whole():
    alice = "arn:aws:iam::123456789012:user/alice"
    by = Attribution("us-east-1", "PutBucketPolicy", alice, "2026-11-24T01:02:03Z", "e1")

    document = drift_document(replace(DRIFT, findings=(replace(CHANGED, attribution=by),)))

    assert document["findings"][0]["attribution"] == {
        "site": "us-east-1",
        "event": "PutBucketPolicy",
        "principal": "arn:aws:iam::123456789012:user/alice",
        "time": "2026-11-24T01:02:03Z",
        "event_id": "e1",
    }
