"""What the symbols in findings mean."""

from __future__ import annotations

from auditor.canonical.symbols import spoken, symbols_in
from auditor.model.values import Change, Finding, Locale

IRELAND = Locale(
    "eu-west-1",
    "euw1",
    "123456789012",
    references={"subnet-0abc": "subnet:main/private/1", "field:version:checkout:7": "version:AbC=/12ab"},
)


def finding(*changes):
    return Finding("a1", "eu-west-1", "AWS::Lambda::Function", "api", "changed", "medium", changes)


def test_symbols_are_found_in_lists_maps_their_keys_and_statements():
    change = Change("/A", ["${a}"], {"${b}": {"x": "${c} ${c}"}}, statement=({"Effect": "${d}"}, None))

    assert symbols_in([finding(change)]) == {"a", "b", "c", "d"}


def test_an_escaped_symbol_is_text():
    assert symbols_in([finding(Change("/A", "$${a}", 1))]) == set()


def test_a_site_says_its_own_words():
    assert spoken(["region", "account", "subnet:main/private/1"], IRELAND) == {
        "account": "123456789012",
        "region": "eu-west-1",
        "subnet:main/private/1": "subnet-0abc",
    }


def test_a_reference_of_one_kind_of_field_is_told_by_its_value():
    assert spoken(["version:AbC=/12ab"], IRELAND) == {"version:AbC=/12ab": "7"}


def test_a_symbol_without_a_meaning_is_left_out():
    assert spoken(["vpc:main"], IRELAND) == {}
