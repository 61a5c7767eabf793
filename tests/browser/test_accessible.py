"""What keeps people out, as axe-core finds it: names, contrast, roles, order."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

AXE = (Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
WIDTHS = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}


def violations(page):
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found["violations"]]


def unfolded(page):
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_keeps_nobody_out(opened, report, scheme, width):
    page = unfolded(opened(report, viewport=WIDTHS[width], color_scheme=scheme).page)

    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_deciding_keeps_nobody_out(opened, report, scheme):
    told = opened(report, color_scheme=scheme)
    unfolded(told.page)
    told.page.keyboard.press("j")
    for key in ("a", "Escape"):
        told.page.keyboard.press(key)
    told.unfold("api").get_by_role("button", name="Fix", exact=True).click()
    told.page.get_by_label("Decision for api in sa-east-1", exact=True).select_option("accept")

    assert violations(told.page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_explanation_of_the_keys_keeps_nobody_out(opened, report, scheme):
    page = opened(report, color_scheme=scheme).page
    page.keyboard.press("?")

    assert violations(page) == []


def test_a_page_without_a_finding_keeps_nobody_out(opened, report):
    quiet = replace(report.drift, findings=(), warnings=())

    assert violations(unfolded(opened(replace(report, drift=quiet, history=None, plan=None)).page)) == []


def test_without_a_script_the_page_keeps_nobody_out(browser, opened, report):
    # axe is a script itself: the page is looked at as it stands before its own has run.
    from auditor.report.page.render import render_html  # noqa: PLC0415

    page = opened("<title>x</title>").page
    page.set_content(render_html(report).replace("<script>", '<script type="text/plain">'))

    assert violations(unfolded(page)) == []
