"""The demo finds what was planted and nothing else."""

from __future__ import annotations

import pytest


@pytest.fixture
def told(clean_environment, run, tmp_path):
    return run("demo", "-o", tmp_path / "report.html")


def test_all_that_was_planted_is_found_and_nothing_else(told):
    assert (told.code, "13 differences planted, 13 found, 0 surplus" in told.out) == (0, True)


def test_the_report_is_there_and_its_path_is_told(told, tmp_path):
    assert (str(tmp_path / "report.html") in told.out, (tmp_path / "report.html").exists()) == (True, True)


def test_a_revision_is_shipped_to_every_region(told):
    assert "was deployed to 3 of 3 (us-east-1, eu-west-1, ap-southeast-2)." in told.out
