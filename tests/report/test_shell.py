"""Words of bash: what they come to when bash reads them."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

import boto3
import pytest
from botocore import xform_name
from hypothesis import given, settings, strategies as st

from auditor.report.plan.shell import FUNCTIONS, Variable, command_name, json_argument, word

# bash's variables hold no NUL, and UTF-8 no half of a pair.
TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
HARD = TEXTS | st.text("'\"\\$`!%(){}\n\t ", max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | HARD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(HARD, inner, max_size=3),
    max_leaves=6,
)
HELD = '"a\\"b\\\\"'
MEANINGS = {"text": "li'ne\n", "secret": Variable("secret"), "number": Variable("number")}
INSIDE = FUNCTIONS[FUNCTIONS.index("inside()") :].split("\n")[0]


def come_to(bash_word, before=""):
    """What bash makes of a word, with a secret and a number in variables; of a file's name, what is in the file."""
    with tempfile.TemporaryDirectory() as work:
        script = f"{INSIDE}\nsecret='{HELD}' number=7 work={work}\n{before}\nprintf '%s' {bash_word}\n"
        made = subprocess.run(["bash", "-c", script], capture_output=True, check=True).stdout.decode()
        return Path(made.removeprefix("file://")).read_text() if made.startswith("file://") else made


def json_of(value, meanings=MEANINGS):
    before, argument = json_argument(value, meanings)
    return json.loads(come_to(argument, before))


def escaped(value):
    """A value as canonical text has it."""
    if isinstance(value, dict):
        return {name.replace("${", "$${"): escaped(one) for name, one in value.items()}
    if isinstance(value, list):
        return [escaped(one) for one in value]
    return value.replace("${", "$${") if isinstance(value, str) else value


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(HARD, VALUES, max_size=3))
def test_bash_reads_of_a_value_what_it_is(value):
    assert json_of(escaped(value), {}) == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("${text}", "li'ne\n"),
        ("<${text}>", "<li'ne\n>"),
        ("${secret}", 'a"b\\'),
        ("'${secret}${secret}'", "'a\"b\\a\"b\\'"),
        ("${number}", 7),
        ("v${number}", "v7"),
        ({"${secret}": ["${number}"]}, {'a"b\\': [7]}),
        ({"${number}": 1}, {"7": 1}),
        ("$${text}", "${text}"),
    ],
)
def test_symbols_are_filled_in(value, expected):
    assert json_of(value) == expected


def test_what_is_known_beforehand_is_readable_json():
    assert json_argument({"A": ["${text}", None]}, MEANINGS) == ("", """'{"A": ["li'"'"'ne\\n", null]}'""")


def test_what_is_known_only_then_is_in_no_argument():
    assert json_argument({"A": "${secret}"}, MEANINGS) == (
        """printf '%s' '{"A": '"$secret"'}' >"$work/input.json\"""",
        'file://"$work/input.json"',
    )


@pytest.mark.parametrize(
    ("text", "expected"), [("a b", "a b"), ("${text}", "li'ne\n"), ("${number}", "7"), ("--x", "--x")]
)
def test_a_word_is_text_or_one_symbol(text, expected):
    assert come_to(word(text, MEANINGS)) == expected


def operations():
    for service in ("s3", "s3control", "lambda", "codedeploy", "service-quotas"):
        client = boto3.Session().client(service, "us-east-1", aws_access_key_id="1", aws_secret_access_key="1")
        yield from client.meta.service_model.operation_names


def test_an_operation_is_spelt_as_botocore_spells_it():
    names = [*operations(), "DescribeARNs", "ListTagsOfVPCs"]

    assert list(map(command_name, names)) == [xform_name(name, "-") for name in names]


def waited(*states):
    """What comes of waiting for Enabled or Disabled while these states are told, one after the other."""
    told = "\n".join(states)
    script = f"""{FUNCTIONS}
sleep() {{ echo slept; }}
state() {{ sed -n 1p "$work/states"; sed -i 1d "$work/states"; }}
cat >"$work/states" <<'END'
{told}
END
until_is 'Enabled Disabled' state
"""
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("states", "pauses"), [(["Enabled"], 0), (["Creating", "Disabled"], 1), (["Disabling", "Enabling", "Enabled"], 2)]
)
def test_it_is_waited_until_a_state_is_one_of_those(states, pauses):
    assert waited(*states).stdout == "slept\n" * pauses


def test_waiting_ends_some_time():
    assert waited(*["Creating"] * 200).stderr == ("Waited for 15 minutes, and it is still Creating: state\n")
