"""An audit in numbers, read back from the formats in which they are written."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
import pytest
from emf_schema import SCHEMA
from hypothesis import given, strategies as st
from prometheus_client.parser import text_string_to_metric_families

from auditor.history.history import history, run_of
from auditor.metrics.emf import emf_line
from auditor.metrics.measures import Effort, Kept, Measures, measured
from auditor.metrics.prometheus import prometheus_text
from auditor.model.values import Change, Drift, DriftException, Finding

FUNCTION = "AWS::Lambda::Function"
API = Finding("aa", "eu-west-1", FUNCTION, "api", "changed", "medium", (Change("/MemorySize", 512, 256),))
WEB = replace(API, id="bb", name="web")
ENDED = 1_795_000_000
EFFORT = Effort(12.5, {"lambda.GetPolicy": 3, "lambda.ListFunctions": 2, "s3.ListBuckets": 1},
                {"lambda.GetPolicy": 2}, {"us-east-1": 0, "eu-west-1": 4})  # fmt: skip


def drift(day, *findings, complete=True):
    return Drift("us-east-1", ("eu-west-1",), f"2026-11-{day:02}T01:00:00Z", complete, {FUNCTION: 2}, findings)


def numbers(*drifts):
    runs = [run_of(one) for one in drifts]
    return measured(drifts[-1], history(runs[-1], runs[:-1]), EFFORT, ENDED)


def samples(told):
    """Every sample of the Prometheus file: name and labels but golden, and the value."""
    read = {}
    for family in text_string_to_metric_families(prometheus_text(told)):
        for one in family.samples:
            assert one.labels.pop("golden") == told.golden
            read[one.name.removeprefix("auditor_"), *sorted(one.labels.items())] = one.value
    return read


def test_every_number_is_in_the_prometheus_file():
    excepted = replace(API, id="cc", name="old", exception=DriftException("*", "so it is"))

    assert samples(numbers(drift(1, API), drift(3, API, WEB, excepted))) == {
        ("findings", ("kind", "changed"), ("severity", "medium"), ("site", "eu-west-1"), ("type", FUNCTION)): 2,
        ("findings_accepted",): 1,
        ("unread", ("site", "us-east-1")): 0,
        ("unread", ("site", "eu-west-1")): 4,
        ("oldest_finding_age_seconds",): 172_800,
        ("in_sync",): 0,
        ("complete",): 1,
        ("failed",): 0,
        ("duration_seconds",): 12.5,
        ("api_calls", ("service", "lambda")): 5,
        ("api_calls", ("service", "s3")): 1,
        ("api_throttles", ("service", "lambda")): 2,
        ("api_throttles", ("service", "s3")): 0,
        ("last_run_timestamp_seconds",): ENDED,
        ("last_complete_timestamp_seconds",): 1_793_667_600,
    }


@pytest.mark.parametrize(
    ("night", "in_sync"),
    [(drift(1), 1), (drift(1, API), 0), (drift(1, complete=False), 0)],
)
def test_only_what_was_read_whole_and_differs_nowhere_is_in_sync(night, in_sync):
    assert samples(numbers(night))["in_sync",] == in_sync


def test_an_incomplete_audit_is_not_the_last_complete_one():
    assert numbers(drift(1), drift(2, complete=False)).last_complete == 1_793_494_800


def test_an_audit_that_failed_says_so_and_nothing_of_what_is_not_known():
    assert samples(Measures("us-east-1", ENDED, 1.5, last_complete=1_793_494_800)) == {
        ("in_sync",): 0,
        ("complete",): 0,
        ("failed",): 1,
        ("duration_seconds",): 1.5,
        ("last_run_timestamp_seconds",): ENDED,
        ("last_complete_timestamp_seconds",): 1_793_494_800,
    }


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\x85\u2028\u2029\x0b\x0c\x1c\x1d\x1e")))
def test_any_label_is_read_back_as_it_was(name):
    told = replace(numbers(drift(1)), findings={Kept(name, FUNCTION, "low", "extra"): 1})

    assert ("findings", ("kind", "extra"), ("severity", "low"), ("site", name), ("type", FUNCTION)) in samples(told)


def test_the_line_for_cloudwatch_has_every_number():
    line = json.loads(emf_line(numbers(drift(1, API), drift(3, API, WEB))))
    del line["_aws"]

    assert line == {
        "Golden": "us-east-1",
        "InSync": 0, "Complete": 1, "Failed": 0, "AcceptedFindings": 0, "Unread": 4,
        "Findings": 2, "Findings.changed": 2, "Findings.missing": 0, "Findings.extra": 0, "Findings.unreadable": 0,
        "Findings.high": 0, "Findings.medium": 2, "Findings.low": 0,
        "AuditDuration": 12.5, "OldestFindingAge": 172_800, "SinceCompleteAudit": 1_332_400,
        "ApiCalls": 6, "ApiCalls.lambda": 5, "ApiCalls.s3": 1, "Throttles": 2, "Throttles.lambda": 2, "Throttles.s3": 0,
        "FindingsBySite": {"eu-west-1": 2}, "FindingsByType": {FUNCTION: 2},
        "UnreadBySite": {"us-east-1": 0, "eu-west-1": 4},
    }  # fmt: skip


@pytest.mark.parametrize(
    "told",
    [
        numbers(drift(1, API)),
        Measures("us-east-1", ENDED, 1.5),
        replace(numbers(drift(1)), golden="kölner dom/" + "x" * 2000, calls={f"s{one}": 1 for one in range(300)}),
    ],
    ids=["whole", "failed", "vast"],
)
def test_the_line_keeps_to_cloudwatchs_format_and_limits(told):
    line = emf_line(told)
    document = json.loads(line)
    jsonschema.validate(document, SCHEMA)
    (directive,) = document["_aws"]["CloudWatchMetrics"]
    targets = [one["Name"] for one in directive["Metrics"]]

    assert (
        "\n" in line,
        all(isinstance(document[one], float) for one in targets),
        document["Golden"].isascii() and 1 <= len(document["Golden"]) <= 1024,
        document["_aws"]["Timestamp"],
    ) == (False, True, True, ENDED * 1000)
