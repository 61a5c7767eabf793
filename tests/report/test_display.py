"""Values as people see them."""

from __future__ import annotations

import pytest

from auditor.model.values import ABSENT
from auditor.report.display import Shown, one_line, place, shown, version_words, visible


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (ABSENT, "absent", "not set"),
        (None, "text", "null"),
        (True, "text", "true"),
        (512, "text", "512"),
        ("512", "text", '"512"'),
        ("true", "text", '"true"'),
        ("", "text", '""'),
        (" a", "text", '" a"'),
        ("not set", "text", '"not set"'),
        ("secret 9f1c2a4b", "text", '"secret 9f1c2a4b"'),
        ("info", "text", "info"),
        ("${version:rq1azPS+oe8I/86f1fbd8}", "text", "code rq1azPS+ · settings 86f1fbd8"),
        ("$${version:rq1azPS+oe8I/86f1fbd8}", "text", "$${version:rq1azPS+oe8I/86f1fbd8}"),
        ("code rq1azPS+ · settings 86f1fbd8", "text", '"code rq1azPS+ · settings 86f1fbd8"'),
        ("{stem}", "text", "{stem}"),
        ("[" * 100_000, "text", "[" * 100_000),
        ("a\nb", "block", "a\nb"),
        ({"secret": "9f1c2a4be61f00aa"}, "secret", "secret 9f1c2a4b"),
        (["a", 1], "text", '["a", 1]'),
        ({"P": {"secret": "9f1c2a4be61f00aa"}}, "text", '{"P": "(secret 9f1c2a4b)"}'),
        ({}, "text", "{}"),
        ({"Key": "env", "Value": "prod", "Type": "KEY_AND_VALUE"}, "text", "tags env=prod"),
        ({"Key": "env", "Type": "KEY_ONLY"}, "text", "tags env"),
        ({"Value": "prod", "Type": "VALUE_ONLY"}, "text", "tags =prod"),
        ({"Key": "env", "Type": "KEY_AND_VALUE"}, "text", "tags env (KEY_AND_VALUE)"),
        ({"b": {"Key": "role", "Value": "a b", "Type": "KEY_AND_VALUE"}, "a": {"Key": "env=x", "Type": "KEY_ONLY"}},
         "text", 'tags "env=x" & role="a b"'),
        ({"Key": "env", "Value": "prod"}, "text", '{"Key": "env", "Value": "prod"}'),
        ("tags env=prod", "text", '"tags env=prod"'),
        ({"b": "x" * 50, "a": ["é"]}, "block", '{\n  "a": [\n    "é"\n  ],\n  "b": "' + "x" * 50 + '"\n}'),
    ],
)  # fmt: skip
def test_a_value_is_shown_so_that_it_cannot_be_mistaken_for_another(value, form, text):
    assert shown(value) == Shown(form, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain é 日本 ≠", "plain é 日本 ≠"),
        ("\x1b[2J\x1b]0;t\x07", "\\x1b[2J\\x1b]0;t\\x07"),
        ("\x9b31m\x7f", "\\x9b31m\\x7f"),
        ("a\u202eb\u2066\u200f", "a\\u202eb\\u2066\\u200f"),
        ("a\u200bb\xa0c\u2028d", "a\\u200bb\\xa0c\\u2028d"),
        ("\ud800", "\\ud800"),
        ("a\r\n\tb", "a\\r\\n\\tb"),
    ],
)
def test_what_cannot_be_seen_is_escaped(text, expected):
    assert visible(text) == expected


def test_line_breaks_stay_where_they_are_wanted():
    assert visible("a\nb\r\x1b", keep="\n") == "a\nb\\r\\x1b"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a\nb", "a\\nb"),
        ({"b": 1, "a": "x" * 80}, '{"a": "' + "x" * 80 + '", "b": 1}'),
        ({"secret": "9f1c2a4be61f00aa"}, "secret 9f1c2a4b"),
        (ABSENT, "not set"),
        (["\u202e"], '["\\u202e"]'),
        ("${version:rq1azPS+oe8I/86f1fbd8}", "code rq1azPS+ · settings 86f1fbd8"),
        ("f:${version:rq1azPS+oe8I/86f1fbd8}", "f:(code rq1azPS+ · settings 86f1fbd8)"),
        (["${version:rq1azPS+oe8I/86f1fbd8}"], '["(code rq1azPS+ · settings 86f1fbd8)"]'),
    ],
)
def test_a_value_on_one_line_has_one_line(value, expected):
    assert one_line(value) == expected


def test_a_version_in_a_path_is_said_in_words():
    assert place("/Weights/${version:rq1azPS+oe8I~186f1fbd8}") == "/Weights/(code rq1azPS+ · settings 86f1fbd8)"


@pytest.mark.parametrize("text", ["${region}", "${version:7}", "a/b", "$${version:rq1azPS+oe8I/86f1fbd8}"])
def test_only_versions_are_said_in_words(text):
    assert version_words(text) == text
