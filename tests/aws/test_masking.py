"""What is shown of AWS's words about a call that carried secrets."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote

import pytest
from hypothesis import given, strategies as st

from auditor.aws.masking import masked, words_of

CANARY = 'can"ary/Zk3+9\\é xq'
ROLE = "The role defined for the function cannot be assumed by Lambda."


@pytest.mark.parametrize(
    "quoted",
    [
        CANARY,
        CANARY.upper(),
        json.dumps({"KEY": CANARY}),
        json.dumps({"KEY": CANARY}, ensure_ascii=False),
        json.dumps(json.dumps({"KEY": CANARY})),
        repr({"KEY": CANARY}),
        html.escape(CANARY),
        quote(CANARY),
        quote(CANARY, safe=""),
        quote(quote(CANARY, safe=""), safe=""),
        CANARY.encode().hex(),
        base64.b64encode(CANARY.encode()).decode(),
        base64.urlsafe_b64encode(f"x{CANARY}".encode()).decode(),
        base64.b64encode(json.dumps({"Variables": {"KEY": CANARY}}, ensure_ascii=False).encode()).decode(),
    ],
)
def test_a_secret_is_replaced_in_every_form_or_nothing_is_shown(quoted):
    shown = masked(f"Value '{quoted}' at 'environment.variables' is not valid.", [CANARY])

    assert not any(part in shown.lower() for part in ("can", "zk3", "xq", CANARY.encode().hex()[:6]))


def test_what_aws_says_beside_the_secret_is_shown():
    assert masked(f"{ROLE} KEY=hunter2-and-more", ["hunter2-and-more"]) == f"{ROLE} KEY=***"


def test_words_without_a_secret_are_shown_as_they_are():
    assert masked(ROLE, ["hunter2-and-more", "lambda-orders", "INFO", "8080", ""]) == ROLE


@pytest.mark.parametrize("part", ["hunter2-and-mo", "unter2-and", "hun", "hunt...", "hunter", "'more'"])
def test_of_a_message_that_has_a_part_of_a_secret_left_nothing_is_shown(part):
    assert masked(f"Value {part} is not valid", ["hunter2-and-more"]) == ""


@pytest.mark.parametrize("short", ["a", "prod", "Valu"])
def test_a_short_secret_is_never_replaced_and_must_not_be_there(short):
    assert masked(f"Value '{short}' is not valid", [short]) == ""


def test_the_words_that_name_the_call_tell_nothing():
    said = "The Environment of the Function is not valid"

    assert (masked(said, ["environment-of-mine"]), masked(said, ["environment-of-mine"], words_of("Environment"))) == (
        "",
        said,
    )


def test_a_call_is_named_by_the_words_of_its_members():
    assert list(words_of({"FunctionName": "x", "VpcConfig": {"SubnetIds": ["y"]}})) == [
        "FunctionName",
        "Function",
        "Name",
        "VpcConfig",
        "Vpc",
        "Config",
        "SubnetIds",
        "Subnet",
        "Ids",
    ]


@given(st.text(st.characters(codec="utf-8"), min_size=6, max_size=40), st.integers(0, 30), st.integers(6, 40))
def test_no_six_characters_of_a_secret_are_shown(secret, start, size):
    part = secret[start : start + size]
    shown = masked(f"<< {part} >>", [secret]).replace("***", "")

    assert len(part) < 6 or not any(part[n : n + 6] in shown for n in range(len(part) - 5))
