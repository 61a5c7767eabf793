"""The corpus of `make fidelity`: a share of it dealt out by type, so that types run in parallel, and its own words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.aws.calls import Caller
from auditor.model.values import Change, Finding
from auditor.sandbox.scenario import SHOP, load_scenario
from bench import examples, fidelity, order
from bench.case_table import Ran, lines
from bench.cases import Case, Expected, verdict
from bench.sites import SPECS, Pair, findings

SHARES = 4
EXAMPLES = dict(examples.checked())


def change(path, most=1, pointer=("Tags", "team"), above=0):
    found = Finding("1", "eu-west-1", "T", "n", "changed", "low", tuple(Change(one) for one in path))
    return verdict(Case("c", Pair(SPECS["AWS::S3::Bucket"], {}, {}), Expected(pointer, most, above)), (found,))


@pytest.mark.parametrize("type_", sorted(SPECS))
def test_every_difference_of_a_type_is_found_once_at_its_place_and_nothing_else(type_):
    measured = fidelity.measure((type_, 0), shares=SHARES)

    assert measured.failures == ()


def test_the_corpus_has_more_cases_than_were_asked_for():
    assert sum(1 for type_ in SPECS for _ in fidelity.cases(type_)) > fidelity.LEAST


def test_no_two_cases_have_one_name():
    names = [case.id for case in fidelity.cases("AWS::Lambda::Function")]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("example", sorted(EXAMPLES))
def test_an_example_of_botocores_is_read_without_a_leak(example):
    assert EXAMPLES[example] == ""


def test_a_site_listed_in_another_order_is_stored_in_the_same_bytes(aws):
    aws.seed(us_east_1=load_scenario(SHOP, aws.account).regions["us-east-1"])

    assert order.stored(Caller) == order.stored(order.Backwards)


def test_a_difference_that_is_not_found_is_missed():
    case = next(one for one in fidelity.cases("AWS::Lambda::Url") if one.expected)

    assert verdict(case, ()).startswith("nothing was found")


def test_a_legitimate_pair_that_differs_is_told_with_what_was_found():
    case = next(one for one in fidelity.cases("AWS::Lambda::Url") if one.expected)

    assert "unheardof" in verdict(replace(case, expected=None), findings(case.pair))


@pytest.mark.parametrize(
    ("paths", "told"),
    [
        (["/Tags/team"], ""),
        (["/Tags/team/Value"], ""),
        (["/Tags/cost"], "not at /Tags/team: /Tags/cost"),
        (["/Tags"], "not at /Tags/team: /Tags"),
        (["/Tags/team", "/Tags/team"], "2 changes instead of 1"),
    ],
)
def test_a_change_must_stand_at_its_place_alone(paths, told):
    assert change(paths)[: len(told) or None] == told


def test_a_pointer_is_read_with_its_escapes():
    assert change(["/Tags/a~1b"], pointer=("Tags", "a/b")) == ""


def test_cases_are_counted_by_kind_and_a_wrong_one_is_told():
    ran = [Ran("lambda/a", "order", ()), Ran("s3/b", "order", ("exit: 2 was expected, and it was 0",), 2.0, True)]

    told = list(lines(ran))

    assert next(one for one in told if one.startswith("order")).split() == ["order", "2", "1"]
    assert told[-3:] == [
        "WRONG  s3/b",
        "       exit: 2 was expected, and it was 0",
        "cases: 1 of 2; 0.0 s of computing in memory, 2.0 s on the sandbox",
    ]
