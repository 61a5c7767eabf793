"""Findings that say the same are one cause."""

from __future__ import annotations

from dataclasses import replace

from auditor.model.values import ABSENT, Change, DriftException, Finding
from auditor.report.causes import causes

FUNCTION = "AWS::Lambda::Function"
SITES = ("eu-west-1", "ap-southeast-2", "sa-east-1")
MEMORY = Change("/MemorySize", 512, 256)
API = Finding("a1", "eu-west-1", FUNCTION, "api", "changed", "medium", (MEMORY,))
GONE = Finding("b1", "eu-west-1", FUNCTION, "web", "missing", "high")


def grouped(*findings):
    return [[one.id for one in cause.findings] for cause in causes(findings, SITES)]


def everywhere(finding):
    return [replace(finding, id=f"{finding.id}{number}", site=site) for number, site in enumerate(SITES)]


def test_the_same_change_in_three_sites_is_one_cause_in_the_order_of_the_audit():
    assert grouped(*reversed(everywhere(API))) == [["a10", "a11", "a12"]]


def test_the_same_change_of_two_resources_is_one_cause():
    assert grouped(API, replace(API, id="a2", name="orders")) == [["a1", "a2"]]


def test_another_value_is_another_cause():
    assert len(grouped(API, replace(API, id="a2", changes=(replace(MEMORY, actual=128),)))) == 2


def test_absent_and_an_empty_text_are_two_causes():
    one, other = (replace(MEMORY, actual=value) for value in (ABSENT, ""))

    assert len(grouped(replace(API, changes=(one,)), replace(API, id="a2", changes=(other,)))) == 2


def test_another_type_is_another_cause():
    assert len(grouped(API, replace(API, id="a2", type="AWS::Lambda::Alias"))) == 2


def test_the_order_of_the_changes_means_nothing():
    timeout = Change("/Timeout", 1, 2)

    assert grouped(
        replace(API, changes=(MEMORY, timeout)), replace(API, id="a2", name="b", changes=(timeout, MEMORY))
    ) == [["a1", "a2"]]


def test_resources_that_are_missing_from_the_same_sites_are_one_cause():
    assert grouped(*everywhere(GONE), *everywhere(replace(GONE, id="c1", name="old"))) == [
        ["c10", "c11", "c12", "b10", "b11", "b12"]
    ]


def test_resources_that_are_missing_from_other_sites_are_another():
    assert len(grouped(*everywhere(GONE), replace(GONE, id="c1", name="old"))) == 2


def test_what_is_accepted_is_a_cause_of_its_own_and_comes_last():
    accepted = replace(GONE, id="c1", exception=DriftException("*", "OPS-112"))

    assert grouped(accepted, API) == [["a1"], ["c1"]]


def test_the_gravest_comes_first_then_what_is_in_most_places():
    wide = everywhere(replace(API, id="w", changes=(Change("/Timeout", 1, 2),)))

    assert grouped(API, *wide, GONE) == [["b1"], ["w0", "w1", "w2"], ["a1"]]


def test_a_reason_that_names_its_own_site_is_the_same_reason():
    lost = [
        replace(one, kind="unreadable", changes=(Change("/Policy", unreadable=f"{one.site}: AccessDenied"),))
        for one in everywhere(API)
    ]

    assert grouped(*lost) == [["a10", "a11", "a12"]]


def test_the_name_of_a_cause_is_that_of_its_findings():
    one, other = causes([API], SITES), causes([replace(API, severity="low")], SITES)

    assert one[0].id == other[0].id


def test_what_weighs_the_same_comes_in_the_order_of_the_audit():
    apart = [replace(one, changes=(replace(MEMORY, actual=at),)) for at, one in enumerate(everywhere(API))]

    assert grouped(*reversed(apart)) == [["a10"], ["a11"], ["a12"]]
