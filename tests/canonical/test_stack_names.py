"""Names that end as CloudFormation ends them, and those that people end so."""

from __future__ import annotations

import pytest

from auditor.canonical.stack_names import ends_at_random, made_endings

MADE = (
    ("app-Table-1A2B3C4D5E6F", "1A2B3C4D5E6F"),
    ("app-Topic-AbCdEfGh1JkL", "AbCdEfGh1JkL"),
    ("app-Topic-AbCdEfGhIjKl", "AbCdEfGhIjKl"),
    ("app-Topic-KJHGFDSAQWER", "KJHGFDSAQWER"),
    ("app-data83908e77-1a2b3c4d5e6f", "1a2b3c4d5e6f"),
    ("app-Queue-X7KQPLMN4RST.fifo", "X7KQPLMN4RST"),
    ("/aws/lambda/app-Worker-1A2B3C4D5E6F", "1A2B3C4D5E6F"),
    ("app-Worker-1A2B3C4D5E6F-dlq", "1A2B3C4D5E6F"),
    ("https://sqs.${region}.amazonaws.com/${account}/app-Queue-1A2B3C4D5E6F", "1A2B3C4D5E6F"),
)
CHOSEN = (
    "app-Notifications",
    "APP-SUBSCRIPTION",
    "app-api-notification",
    "app-Api2Function",
    "app-MyS3Handlers",
    "prod-UserSettings",
    "11111111-2222-3333-4444-a1b2c3d4e5f6",
    "app:build-1a2b3c4d5e6f",
    "logs-123456789012",
    "backup-20240101T1010",
    "logs-2024q1backup",
    "${asg:shop/app-Web-1A2B3C4D5E6F}",
)


@pytest.mark.parametrize(("name", "ending"), MADE)
def test_the_random_end_of_a_name_is_told(name, ending):
    assert made_endings({"a": [name]}) == {ending}


@pytest.mark.parametrize("name", CHOSEN)
def test_words_that_people_choose_are_not_random(name):
    assert made_endings(name) == frozenset()


def test_a_label_names_nothing_elsewhere():
    assert made_endings({"Sid": MADE[0][0], "Id": MADE[1][0]}) == frozenset()


@pytest.mark.parametrize(("name", "whole"), [("app-Worker-1A2B3C4D5E6F", True), ("app-Worker-1A2B3C4D5E6F-dlq", False)])
def test_a_whole_name_ends_at_random(name, whole):
    assert ends_at_random(name) is whole
