"""Classes as badges, and the doubt about golden."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.compare import classes
from auditor.model.values import Change, Drift, DriftException, Finding
from auditor.report.labels import MEANINGS, LabelView, classes_of, label, labels, suspects, suspicion

SUSPECT = Change("/A", 1, 2, classes=("golden suspect",))
API = Finding("a", "eu-west-1", "AWS::Lambda::Function", "api", "changed", "medium", (SUSPECT,))
EXTRA = replace(API, id="b", name="old", kind="extra", changes=(), classes=("golden suspect",))
DRIFT = Drift("us-east-1", ("eu-west-1", "ap-southeast-2"), "2026-11-24T01:02:03Z", True, {}, ())


def test_every_class_there_is_has_a_meaning():
    assert set(classes.CLASSES) <= MEANINGS.keys()


def test_a_meaning_is_one_sentence():
    assert [one for one in MEANINGS.values() if one.count(".") != 1 or not one.endswith(".")] == []


def test_a_label_leads_to_its_meaning():
    assert label("golden suspect") == LabelView(
        "golden suspect",
        "class-golden-suspect",
        "All the others agree with one another, and golden alone differs: golden itself may be wrong.",
    )


def test_a_class_unknown_here_has_a_label_without_a_meaning():
    assert label("odd\u202e") == LabelView("odd\\u202e", "class-odd\\u202e", "")


def test_labels_come_once_and_in_order():
    assert [one.name for one in labels(("b", "a", "b"))] == ["a", "b"]


def test_the_classes_of_a_finding_are_its_own_and_those_of_its_changes():
    assert classes_of(replace(EXTRA, changes=(Change("/B", 1, 2, classes=("stale artifact",)),))) == {
        "golden suspect",
        "stale artifact",
    }


@pytest.mark.parametrize(
    ("findings", "golden", "sites", "expected"),
    [
        ((API, EXTRA), "us-east-1", DRIFT.sites,
         "In 2 findings all other regions agree against us-east-1: is golden wrong?"),
        ((API,), "us-east-1", DRIFT.sites, "In 1 finding all other regions agree against us-east-1: is golden wrong?"),
        ((API,), "g\u202e", ("prod/eu-west-1",),
         "In 1 finding all other sites agree against g\\u202e: is golden wrong?"),
        ((replace(API, changes=(Change("/A", 1, 2),)),), "us-east-1", DRIFT.sites, ""),
    ],
)  # fmt: skip
def test_golden_is_doubted_where_all_others_agree(findings, golden, sites, expected):
    assert suspicion(replace(DRIFT, findings=findings, golden=golden, sites=sites)) == expected


def test_what_is_accepted_raises_no_doubt():
    assert suspects(replace(DRIFT, findings=(replace(API, exception=DriftException("*", "fine")), EXTRA))) == (EXTRA,)
