"""Exceptions are added to a settings file, and every other character of it stays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import assume, given, strategies as st

from auditor.errors import SettingsError
from auditor.settings.edit import entry_line, quoted, with_exceptions
from auditor.settings.yaml_file import parse_settings_text

FILE = Path("auditor.yaml")
ENTRY = {"resource": "AWS::S3::Bucket/b", "path": "/Tags/team", "reason": "OPS-112"}
OTHER = {"resource": "AWS::S3::Bucket/c", "path": "", "reason": "OPS-113"}
LINE = '- {resource: "AWS::S3::Bucket/b", path: "/Tags/team", reason: "OPS-112"}'
LINES = [LINE, '- {resource: "AWS::S3::Bucket/c", path: "", reason: "OPS-113"}']
JSON = '{"resource": "AWS::S3::Bucket/b", "path": "/Tags/team", "reason": "OPS-112"}'
JSONS = [JSON, '{"resource": "AWS::S3::Bucket/c", "path": "", "reason": "OPS-113"}']


def edited(text, *entries):
    return with_exceptions(FILE, text, entries or (ENTRY, OTHER))[0]


def values(text):
    return parse_settings_text(FILE, text).values


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("  # on its own line\n", ""),
        ("\n\n", ""),
        ("", "# what follows is about plain\nplain: []\n"),
        ("", "\n# what follows is about plain\n\nplain: []  # none\n"),
        ("", "   # indented deeper than anything\nplain: []\n"),
        ("", "...\n"),
    ],
)
def test_more_follows_the_last_item_and_what_stands_around_stays(before, after):
    text = (
        f"# settings\ngolden: 'us-east-1'\nexceptions:\n{before}  - resource: x   # so it is\n    reason: 'y'  # why\n"
    )

    assert edited(text + after) == f"{text}  {LINES[0]}\n  {LINES[1]}\n{after}"


@pytest.mark.parametrize(
    "item",
    [
        "- {resource: x, reason: y}\n",
        "- {resource: x,\n   reason: y}   # why\n",
        '- {"resource": "x",\n\n   "reason": "y"\n   }\n',
        "-   resource: x\n    reason: y\n      goes on\n",
        "- resource: x\n  reason: >-\n    y\n    goes on\n",
        "- resource: x\n  reason: |\n    y\n",
        "- resource: x\n  reason: |+\n    y\n\n\n",
        "- resource: x\n  reason: 'y\n\n    goes on'\n",
        "- resource: x\n  reason: y\n  until:   # open\n",
        "- &canary {resource: x, reason: y}\n",
        "- {resource: x, reason: &why y}\n- {resource: z, reason: *why}\n",
    ],
)
@pytest.mark.parametrize("indent", ["", "  ", "      "])
@pytest.mark.parametrize("after", ["", "# about plain\nplain: [a]\n"])
def test_more_follows_an_item_however_it_is_written(item, indent, after):
    text = "exceptions:\n" + "".join(f"{indent if line.strip() else ''}{line}" for line in item.splitlines(True))

    assert edited(text + after) == f"{text}{indent}{LINES[0]}\n{indent}{LINES[1]}\n{after}"


def test_more_follows_a_list_with_an_anchor_of_its_own():
    assert edited("exceptions: &ours\n    - {resource: x, reason: y}\n", ENTRY) == (
        f"exceptions: &ours\n    - {{resource: x, reason: y}}\n    {LINE}\n"
    )


def test_a_file_that_does_not_end_its_last_line_gets_that_done():
    assert edited("exceptions:\n- {resource: x, reason: y}", ENTRY) == (
        f"exceptions:\n- {{resource: x, reason: y}}\n{LINE}\n"
    )


@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
def test_lines_end_as_they_do_in_the_file(newline):
    text = newline.join(["golden: us-east-1", "exceptions:", "- {resource: x, reason: y}", "plain: []", ""])

    assert edited(text, ENTRY) == newline.join(
        ["golden: us-east-1", "exceptions:", "- {resource: x, reason: y}", LINE, "plain: []", ""]
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("golden: us-east-1\n", ""),
        ("golden: us-east-1\n# the end\n", ""),
        ("golden: us-east-1\nplain:\n", ""),
        ("golden: us-east-1\n", "...\n# behind\n"),
        ("%YAML 1.2\n---\ngolden: us-east-1\n", ""),
        ("\ufeffgolden: us-east-1\n", ""),
        ("# nothing but this\n", ""),
        ("", ""),
        ("\ufeff", ""),
        ("---\n", ""),
        ("---\n", "...\n"),
        ("golden: |\n  us-east-1\n\n", ""),
    ],
)
def test_a_file_without_exceptions_gets_the_key_at_its_end(before, after):
    assert edited(before + after, ENTRY) == f"{before}exceptions:\n  {LINE}\n{after}"


def test_the_key_stands_where_the_other_keys_do():
    assert edited("  golden: us-east-1\n", ENTRY) == f"  golden: us-east-1\n  exceptions:\n    {LINE}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("exceptions:\nplain: []\n", f"exceptions:\n  {LINE}\nplain: []\n"),
        ("exceptions:", f"exceptions:\n  {LINE}\n"),
        ("exceptions:   # none yet\n\nplain: []\n", f"exceptions:   # none yet\n  {LINE}\n\nplain: []\n"),
        ("exceptions: []\nplain: []\n", f"exceptions:\n  {LINE}\nplain: []\n"),
        ("exceptions: [ ]  # none\r\nplain: []\r\n", f"exceptions:   # none\r\n  {LINE}\r\nplain: []\r\n"),
        ("exceptions: null", f"exceptions:\n  {LINE}\n"),
        ("'exceptions' : ~\n", f"'exceptions' :\n  {LINE}\n"),
    ],
)
def test_a_list_that_is_empty_becomes_a_block(text, expected):
    assert edited(text, ENTRY) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("exceptions: [{resource: x, reason: y}]  # z\n", "exceptions: [{resource: x, reason: y}, $]  # z\n"),
        ("exceptions: [ {resource: x, reason: y}, ]\n", "exceptions: [ {resource: x, reason: y}, $, ]\n"),
        (
            "exceptions: [\n  {resource: x, reason: y}  # z\n]\n",
            "exceptions: [\n  {resource: x, reason: y},\n  $  # z\n]\n",
        ),
        ("exceptions: [ # none\n  ]\n", "exceptions: [$ # none\n  ]\n"),
        ("{golden: a}", '{golden: a, "exceptions": [$]}'),
        ("{}\n", '{"exceptions": [$]}\n'),
        ("{golden: a, plain}\n", '{golden: a, plain, "exceptions": [$]}\n'),
        ('{"exceptions": [], "golden": "a"}', '{"exceptions": [$], "golden": "a"}'),
        ('{"exceptions": null, "golden": "a"}', '{"exceptions": [$], "golden": "a"}'),
        ("{golden: a, exceptions: }", "{golden: a, exceptions: [$] }"),
    ],
)
def test_what_stands_in_brackets_stays_in_them(text, expected):
    assert edited(text, ENTRY) == expected.replace("$", JSON)


def test_a_file_of_json_stays_one():
    text = json.dumps({"golden": "a", "exceptions": [{"resource": "x", "reason": "y"}], "plain": []}, indent=2)

    assert json.loads(edited(text))["exceptions"] == [{"resource": "x", "reason": "y"}, ENTRY, OTHER]


def test_several_in_brackets_stand_on_lines_of_their_own_where_there_are_several():
    assert edited("exceptions: [{resource: x,\n  reason: y}]\n") == (
        f"exceptions: [{{resource: x,\n  reason: y}},\n             {JSONS[0]},\n             {JSONS[1]}]\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "base: &base [{resource: x, reason: y}]\nexceptions: *base\n",
        "exceptions: &ours [{resource: x, reason: y}]\nplain: *ours\n",
        "base: &base {exceptions: [{resource: x, reason: y}]}\n<<: *base\n",
        "exceptions: {resource: x}\n",
        "exceptions: none\n",
        "exceptions: |\n  none\n",
        "- exceptions\n",
        "{golden: a, plain: }\n",
        "exceptions:\n- resource: x\n  reason: |\n    y",
    ],
)
def test_what_nothing_can_be_added_to_without_changing_more_is_refused(text):
    with pytest.raises(SettingsError):
        edited(text)


def test_the_refusal_says_what_to_do_and_shows_nothing_of_the_file():
    with pytest.raises(SettingsError) as refused:
        edited("exceptions: hunter2\n")

    assert str(refused.value) == (
        "auditor.yaml: its 'exceptions' are written in a way that nothing can be added to by itself. Nothing was "
        "written. Add the lines by hand that 'auditor accept --dry-run' prints."
    )


def test_the_values_of_the_edited_file_are_told_with_their_lines():
    _, file = with_exceptions(FILE, "golden: a\nexceptions:\n- {resource: x, reason: y}\n", [ENTRY])

    assert file.place(("exceptions", 1, "resource")).line == 4


TEXTS = st.text(st.characters(codec=None), max_size=30) | st.text(
    "'\"\\:#-?*&!|>%@`{}[], \n\r\t\x85\u2028\u202e~", max_size=12
)


@given(TEXTS)
def test_any_text_reads_back_as_it_is(text):
    assert values(f"a: {quoted(text)}\nb: [{quoted(text)}]\n") == {"a": text, "b": [text]}


@given(TEXTS)
def test_any_text_stands_on_one_line_of_what_can_be_seen(text):
    assert quoted(text).isprintable()


@given(st.lists(st.fixed_dictionaries({"resource": TEXTS, "reason": TEXTS}), min_size=1, max_size=3))
def test_any_exceptions_read_back_as_they_are(entries):
    assert values(edited("golden: a  # here\n", *entries)) == {"golden": "a", "exceptions": entries}


ITEMS = st.sampled_from(
    [
        "- {resource: x, reason: y}",
        "- resource: x\n  reason: 'y'",
        "# between",
        "",
        "- resource: x\n  reason: >\n    y\n    z",
    ]
)
KEYS = st.sampled_from(["golden: us-east-1", "# a comment", "", "plain: [a, b]  # two", "store: |-\n  x\n\n  y"])


@given(
    st.lists(KEYS, max_size=4, unique=True),
    st.lists(ITEMS, max_size=4),
    st.lists(KEYS, max_size=4, unique=True),
    st.sampled_from(["", "  ", "    "]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_of_any_file_each_line_stays_as_it_is(before, items, after, indent, newline, ended):
    after = [one for one in after if one not in before or not one or one.startswith("#")]
    listed = [indent + line for item in items for line in item.split("\n")]
    lines = [line for part in ("# settings", *before, "exceptions:", *listed, *after) for line in part.split("\n")]
    text = newline.join(lines) + newline * ended
    # A text that goes on to the end of the file would change with the line break that it gets.
    assume(ended or not text.endswith("    z"))

    kept = [line for line in edited(text).splitlines(keepends=True) if line.strip() not in LINES]

    assert "".join(kept) in (text, text + newline)


def test_an_exception_is_one_line():
    assert entry_line(ENTRY) == LINE
