"""Names and values that would like to be more than text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.decisions.file import read_decisions
from auditor.history.history import Seen, history, run_of
from auditor.model.plan import LeftOut
from auditor.model.values import Attribution, Change, DriftException
from auditor.report.content import Report

HOSTILE = "</noscript></script><script>document.title='x'</script>\"'><img src=https://evil.example/x onerror=alert(1)>"
RIGHT_TO_LEFT = "\u202eabc\u2066\u200f\x00\x1b[2J\ud800\u2028"


@pytest.fixture(params=[HOSTILE, RIGHT_TO_LEFT, "`${7*7}` {{ 7*7 }} $${region} ${region}", "x" * 100_000])
def hostile(request, report):
    """A report in which everything that can be is hostile."""
    text = request.param
    change = Change("/" + text, text + "a", {"a": text, "b": "y" * 80}, classes=(text,), notes=(text,))
    who = Attribution("eu-west-1", text, text, text, text)
    found = tuple(
        replace(one, id=f"{number}{text[:9]}", name=text, changes=(change,), classes=(text,), native=text,
                golden_native=text, attribution=who)
        for number, one in enumerate(report.drift.findings)
    )  # fmt: skip
    excused = replace(found[0], id="e", exception=DriftException("*", text, until=text))
    drift = replace(report.drift, findings=(*found, excused), warnings=(text,),
                    symbols={site: {"region": text} for site in ("us-east-1", *report.drift.sites)})  # fmt: skip
    before = replace(run_of(drift), taken="2026-11-01T00:00:00Z",
                     findings=(Seen("old", "eu-west-1", text, text, "changed", "low", False),))  # fmt: skip
    left = tuple(LeftOut(one.site, one.type, text, text, text, one.id) for one in found)
    return Report(
        drift, history(run_of(drift), [before]), replace(report.plan, left_out=left), consoles=report.consoles
    )


def test_nothing_of_it_runs_or_is_asked_for(opened, hostile):
    page = opened(hostile).page
    for summary in page.locator("details:not(#text) > summary").all():
        summary.evaluate("one => one.parentElement.open = true")

    assert page.evaluate("[document.title.length > 20, document.images.length, document.scripts.length]") == [
        True,
        0,
        1,
    ]


def test_nothing_of_it_runs_in_raw_values(opened, hostile):
    page = opened(hostile, "#raw=1").page

    assert page.evaluate("[document.images.length, document.scripts.length]") == [0, 1]


def test_without_a_script_nothing_of_it_is_more_than_text(opened, hostile):
    assert opened(hostile, java_script_enabled=False).page.locator("img").count() == 0


def test_it_can_be_decided_on_and_what_is_exported_is_read_again(opened, hostile, tmp_path):
    page = opened(hostile).page
    page.keyboard.press("j")
    page.keyboard.press("l")
    with page.expect_download() as download:
        page.click("#export")
    download.value.save_as(tmp_path / "decisions.yaml")

    assert {one.decision for one in read_decisions(tmp_path / "decisions.yaml")} == {"later"}


def test_a_page_beyond_the_first_is_as_harmless(opened, large):
    found = tuple(replace(one, name=f"{one.name}{HOSTILE}") for one in large.drift.findings)
    told = opened(replace(large, drift=replace(large.drift, findings=found)))

    told.page.fill("input[name=q]", "job-1187")

    assert (told.findings(), told.page.evaluate("document.images.length")) == (
        [f"job-1187{HOSTILE} eu-west-1", f"job-1187{HOSTILE} sa-east-1"],
        0,
    )
