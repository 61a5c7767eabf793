"""The symbols in a plan's calls: which there are, what they mean in a site, what the plan itself tells."""

from __future__ import annotations

import pytest
from plan.grounds import LOCALES, TARGET

from auditor.model.plan import Action, PlannedCall
from auditor.model.values import Locale
from auditor.plan.symbols import holds_a_token, meant, needed, symbols_in, told


def call(params, **others):
    return PlannedCall("lambda", "UpdateAlias", params, **others)


def knowing(**references):
    return Locale(TARGET, "euw1", "123456789012", references=references)


def test_symbols_are_found_in_values_in_lists_and_in_the_names_of_members():
    assert set(symbols_in({"${a}": ["${b}-${c}", {"x": "${d}"}, 1, None]})) == {"a", "b", "c", "d"}


def test_an_escaped_symbol_is_text():
    assert list(symbols_in("$${a} ${b}")) == ["b"]


@pytest.mark.parametrize("given", ["name", "parent", "region", "region_short", "account", "partition", "dns_suffix"])
def test_what_every_site_has_is_not_needed(given):
    assert needed([call({"A": f"${{{given}}}"})]) == frozenset()


@pytest.mark.parametrize("held", ["own:/UUID", "golden:/Code"])
def test_what_is_kept_in_memory_only_is_not_needed(held):
    assert needed([call({"A": f"${{{held}}}"})]) == frozenset()


def test_every_other_symbol_needs_a_meaning():
    calls = [call({"A": "${subnet:main/1}"}), call({"B": ["${layer:l@abc}"]})]

    assert needed(calls) == {
        "subnet:main/1",
        "layer:l@abc",
    }


def test_an_action_tells_what_the_answers_of_its_calls_tell():
    action = Action("", TARGET, "T", "n", "n", "create", "", (call({}, tells={"a": "X"}), call({}, tells={"b": "Y"})))

    assert told(action) == {"a", "b"}


def test_a_sites_own_references_mean_their_literals():
    assert meant(knowing(**{"subnet-0abc": "subnet:main/1"})) == {"subnet:main/1": "subnet-0abc"}


def test_a_functions_version_is_named_beside_its_function_and_means_its_number():
    known = knowing(**{f"field:version:shop-{TARGET}:7": "version:c0de/12"})

    assert meant(known) == {"version:shop-<region>@c0de/12": "7"}


def test_of_two_literals_of_one_symbol_the_first_is_meant():
    assert meant(knowing(one="same", two="same")) == {"same": "one"}


def test_a_site_that_knows_nothing_means_nothing():
    assert meant(LOCALES[TARGET]) == {}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("secret:" + "a" * 32, True),
        (f'{{"t": "secret:{"0" * 32}"}}', True),
        ("secret:" + "a" * 33, False),
        ("secret:db", False),
        ("mysecret:" + "a" * 32, False),
    ],
)
def test_the_fingerprint_of_a_token_is_recognised(text, holds):
    assert holds_a_token([call({"Policy": [text]})]) is holds
