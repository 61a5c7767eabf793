"""The drift as JUnit's XML: what CI servers count, and nothing that XML forbids."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from auditor.model.values import Change, Drift, DriftException, Finding
from auditor.report.formats.junit import drift_junit

FUNCTION, BUCKET = "AWS::Lambda::Function", "AWS::S3::Bucket"
CHANGED = Finding("a", "eu-west-1", FUNCTION, "api", "changed", "medium", (Change("/MemorySize", 512, 256),))
MISSING = Finding("b", "eu-west-1", BUCKET, "logs", "missing", "high")
UNREAD = Finding(
    "c", "eu-west-1", FUNCTION, "web", "unreadable", "high", (Change("/Code", unreadable="eu-west-1: denied"),)
)
ACCEPTED = replace(CHANGED, id="d", name="canary", exception=DriftException("*", "half size", until="2027-01-31"))
DRIFT = Drift(
    "us-east-1", ("eu-west-1", "ap-southeast-2"), "2026-11-24T01:02:03Z", False, {FUNCTION: 3, BUCKET: 1},
    (CHANGED, MISSING, UNREAD, ACCEPTED),
)  # fmt: skip
IN_SYNC = replace(DRIFT, complete=True, findings=())


def suites(drift):
    return list(ElementTree.fromstring(drift_junit(drift)))


def cases(drift):
    return [(case.get("name"), [one.tag for one in case]) for suite in suites(drift) for case in suite.iter("testcase")]


def test_a_finding_is_a_case_in_the_suite_of_its_site():
    assert cases(DRIFT) == [
        ("AWS::Lambda::Function/api: changed", ["failure"]),
        ("AWS::Lambda::Function/canary: changed, accepted", ["skipped"]),
        ("AWS::Lambda::Function/web: unreadable", ["error"]),
        ("AWS::S3::Bucket/logs: missing", ["failure"]),
        ("no difference from us-east-1 found", []),
    ]


def test_the_counts_are_those_of_each_suite_and_of_all():
    root = ElementTree.fromstring(drift_junit(DRIFT))
    counts = [[one.get(name) for name in ("tests", "failures", "errors", "skipped")] for one in (root, *root)]

    assert counts == [["5", "2", "1", "1"], ["4", "2", "1", "1"], ["1", "0", "0", "0"]]


def test_each_suite_says_the_verdict_golden_and_when_that_was_read():
    said = {one.get("name"): one.get("value") for one in suites(IN_SYNC)[1].iter("property")}

    assert said == {
        "verdict": "In sync: 4 resources in 3 regions are alike.",
        "golden": "us-east-1",
        "taken": "2026-11-24T01:02:03Z",
    }


def test_a_failure_says_what_differs_and_how_much_it_matters():
    failure = suites(replace(DRIFT, findings=(CHANGED,)))[0].find("testcase/failure")

    assert (failure.attrib, failure.text) == (
        {"type": "changed", "message": "1 field differs."},
        "1 field differs.\n/MemorySize: 512 → 256\nSeverity: medium",
    )


def test_a_skipped_case_says_who_may_differ_until_when():
    assert suites(DRIFT)[0].find("testcase/skipped").get("message") == "Accepted: half size (until 2027-01-31)"


@pytest.mark.parametrize("findings", [(), (replace(UNREAD, exception=DriftException("*", "fine")),)])
def test_what_is_incomplete_never_passes(findings):
    error = suites(replace(IN_SYNC, complete=False, findings=findings))[-1].find("testcase/error")

    assert error.get("message").startswith("Incomplete: not everything could be read")


def test_where_nothing_was_compared_nothing_passes():
    assert cases(replace(IN_SYNC, sites=())) == [("everything was read and compared", ["skipped"])]


def test_the_file_is_ascii_whatever_is_in_it():
    assert drift_junit(replace(DRIFT, findings=(replace(CHANGED, name="é\ud800\U0001f600\ufffe"),))).isascii()


def test_characters_that_xml_forbids_are_shown_by_their_escape():
    hostile = replace(CHANGED, name="\x00\x1b\ud800\uffff]]><x a='1'>&amp;")

    assert cases(replace(DRIFT, findings=(hostile,)))[0][0] == (
        "AWS::Lambda::Function/\\x00\\x1b\\ud800\\uffff]]><x a='1'>&amp;: changed"
    )
