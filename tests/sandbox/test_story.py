"""What was planted against what was found."""

from __future__ import annotations

from auditor.model.values import Change, Drift, Finding
from auditor.sandbox.demo_check import Expected, Planted, lines, verdict

FUNCTION = "AWS::Lambda::Function"
MEMORY = Expected("eu-west-1", FUNCTION, "api", "changed", "/MemorySize")
TIMEOUT = Expected("eu-west-1", FUNCTION, "api", "changed", "/Timeout")
GONE = Expected("eu-west-2", FUNCTION, "web", "missing")
HALVED = Planted("half the memory", (MEMORY,))
DELETED = Planted("deleted by hand", (GONE,))


def found(*findings):
    return Drift("us-east-1", ("eu-west-1", "eu-west-2"), "", True, {}, findings)


def changed(*paths):
    return Finding("1", "eu-west-1", FUNCTION, "api", "changed", "medium", tuple(Change(path, 1, 2) for path in paths))


MISSING = Finding("2", "eu-west-2", FUNCTION, "web", "missing", "high")


def test_what_was_planted_and_found_and_nothing_else_agrees():
    assert verdict([HALVED, DELETED], found(changed("/MemorySize"), MISSING)).agrees


def test_what_was_planted_and_not_found_is_missed():
    assert verdict([HALVED, DELETED], found(MISSING)).planted == ((HALVED, False), (DELETED, True))


def test_a_difference_of_which_only_a_part_was_found_is_missed():
    both = Planted("half of everything", (MEMORY, TIMEOUT))

    assert verdict([both], found(changed("/MemorySize"))).planted == ((both, False),)


def test_what_nobody_planted_is_surplus():
    assert verdict([HALVED], found(changed("/MemorySize", "/Timeout"))).surplus == (TIMEOUT,)


def test_a_surplus_alone_does_not_agree():
    assert not verdict([], found(MISSING)).agrees


def test_a_miss_alone_does_not_agree():
    assert not verdict([HALVED], found()).agrees


def test_a_resource_missing_as_a_whole_is_not_a_change_of_a_field():
    assert verdict([DELETED], found(MISSING)).surplus == ()


def test_the_verdict_is_told_line_by_line():
    told = verdict([HALVED, DELETED], found(changed("/MemorySize", "/Timeout")))

    assert lines(told) == [
        "Planted by hand:",
        "  found   eu-west-1: half the memory",
        "  MISSED  eu-west-2: deleted by hand",
        "  SURPLUS eu-west-1: AWS::Lambda::Function/api changed /Timeout",
        "2 differences planted, 1 found, 1 surplus (2 changes expected in all).",
    ]
