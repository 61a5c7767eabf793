"""The report's page in a real browser: opened, filtered, walked through, followed and printed."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

ALL = {
    "api eu-west-1", "api ap-southeast-2", "api sa-east-1", "orders eu-west-1", "thumbnails sa-east-1",
    "resize sa-east-1", "debug eu-west-1", "web eu-west-1", "assets-${region} ap-southeast-2", "pay eu-west-1",
    "canary eu-west-1",
}  # fmt: skip


def fragment(page):
    return page.evaluate("location.hash")


def focused(page):
    return page.evaluate("document.activeElement.closest('.cause')?.querySelector('.names').textContent")


def test_the_page_opens_with_its_verdict_as_title(opened, report):
    assert opened(report).page.title() == (
        "Incomplete: not everything could be read, and eu-west-1, ap-southeast-2 and sa-east-1 differ from us-east-1: "
        "9 findings in 15 resources."
    )


def test_the_same_change_in_three_regions_is_one_row(opened, report):
    told = opened(report)

    row = told.unfold("api").locator("summary")
    assert row.inner_text().split("\n")[-2:] == ["MemorySize 512 → 256", "in all 3 regions"]


def test_missing_resources_of_one_region_are_one_row(opened, report):
    assert "resize and thumbnails" in opened(report).causes()


@pytest.mark.parametrize(
    ("name", "value", "left"),
    [
        ("site", "sa-east-1", {"api sa-east-1", "thumbnails sa-east-1", "resize sa-east-1"}),
        ("service", "S3", {"assets-${region} ap-southeast-2"}),
        ("kind", "extra", {"debug eu-west-1"}),
        ("severity", "low", {"debug eu-west-1"}),
        ("state", "accepted", {"canary eu-west-1"}),
        (
            "state",
            "new",
            {
                "thumbnails sa-east-1",
                "resize sa-east-1",
                "debug eu-west-1",
                "pay eu-west-1",
                "assets-${region} ap-southeast-2",
                "canary eu-west-1",
            },
        ),
        ("class", "golden suspect", {"assets-${region} ap-southeast-2"}),
    ],
)
def test_each_filter_leaves_what_it_says(opened, report, name, value, left):
    told = opened(report)

    told.page.select_option(f"select[name={name}]", value)

    assert set(told.findings()) == left


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("thumb", {"thumbnails sa-east-1"}),
        ("memorysize 256 sa-east", {"api sa-east-1"}),
        ("OPS-112", {"canary eu-west-1"}),
        ("eve", {"api eu-west-1"}),
        ("assets-ap-southeast-2", {"assets-${region} ap-southeast-2"}),
        ("golden", {"assets-${region} ap-southeast-2"}),
        ("console", set()),
        ("nowhere", set()),
    ],
)
def test_every_word_that_is_searched_for_must_be_there(opened, report, words, left):
    told = opened(report)

    told.page.fill("input[name=q]", words)

    assert set(told.findings()) == left


def test_the_number_of_findings_that_are_left_is_said(opened, report):
    told = opened(report)

    told.page.select_option("select[name=kind]", "missing")

    assert told.page.inner_text("#shown") == "2 of 11 findings"


def test_when_nothing_is_left_that_is_said(opened, report):
    told = opened(report)

    told.page.fill("input[name=q]", "nowhere")

    assert told.page.is_visible("#nothing")


def test_filters_are_kept_in_the_address(opened, report):
    told = opened(report)

    told.page.select_option("select[name=kind]", "missing")
    told.page.fill("input[name=q]", "thumb nails")

    assert fragment(told.page) == "#kind=missing&q=thumb+nails"


def test_an_address_with_filters_opens_filtered(opened, report):
    assert opened(report, "#kind=missing&q=thumb").findings() == ["thumbnails sa-east-1"]


def test_an_address_with_a_filter_that_there_is_none_of_shows_everything(opened, report):
    assert set(opened(report, "#kind=odd&site=mars").findings()) == ALL


def test_clearing_the_filters_shows_everything_again(opened, report):
    told = opened(report, "#kind=missing")

    told.page.click("button[type=reset]")

    assert (set(told.findings()), fragment(told.page)) == (ALL, "")


def test_a_row_of_the_matrix_without_a_finding_that_is_left_goes_too(opened, report):
    told = opened(report)

    told.page.select_option("select[name=kind]", "extra")

    assert told.page.locator(".matrix tbody tr:visible .name").all_inner_texts() == ["debug"]


def test_j_and_k_walk_through_the_findings(opened, report):
    page = opened(report).page

    walked = []
    for key in ("j", "j", "k"):
        page.keyboard.press(key)
        walked.append(focused(page))

    assert walked == ["resize and thumbnails", "pay", "resize and thumbnails"]


def test_enter_unfolds_the_finding_under_the_focus_and_folds_it_again(opened, report):
    page = opened(report).page
    page.keyboard.press("j")

    states = []
    for _ in range(2):
        page.keyboard.press("Enter")
        states.append(page.evaluate("document.activeElement.parentElement.open"))

    assert states == [False, True]


def test_a_slash_leads_to_the_search_and_escape_out_of_it(opened, report):
    page = opened(report).page

    page.keyboard.press("/")
    page.keyboard.type("jk?")
    written = page.input_value("input[name=q]")
    page.keyboard.press("Escape")

    assert (written, page.evaluate("document.activeElement.tagName")) == ("jk?", "BODY")


def test_a_question_mark_explains_the_keys(opened, report):
    page = opened(report).page

    page.keyboard.press("?")
    shown = page.is_visible("#help")
    page.keyboard.press("Escape")

    assert (shown, page.is_visible("#help")) == (True, False)


def test_a_key_with_control_is_the_browsers(opened, report):
    page = opened(report).page

    page.keyboard.press("Control+k")

    assert focused(page) is None


def test_a_mark_of_the_matrix_leads_to_its_finding_and_unfolds_it(opened, report):
    told = opened(report)
    page = told.page

    page.click(".matrix a[href='#f-p1']")

    assert page.locator("#f-p1").evaluate("one => [one.checkVisibility(), one.classList.contains('target')]") == [
        True,
        True,
    ]


def test_a_link_to_a_finding_that_the_filters_hide_clears_them(opened, report):
    told = opened(report, "#kind=extra")

    told.page.evaluate("location.hash = 'f-p1'")
    told.page.wait_for_selector("#f-p1.target")

    assert set(told.findings()) == ALL


def test_a_finding_has_an_address_of_its_own(opened, report):
    assert opened(report, "#f-m2").page.locator("#f-m2.target").is_visible()


def test_links_to_the_console_lead_to_the_resource_in_its_region(opened, report):
    cause = opened(report).unfold("orders")

    assert [one.get_attribute("href") for one in cause.get_by_role("link", name="AWS console").all()] == [
        f"https://{region}.console.aws.amazon.com/lambda/home?region={region}#/functions/orders"
        for region in ("eu-west-1", "us-east-1")
    ]


def test_raw_values_are_those_of_golden_and_of_the_site(opened, report):
    told = opened(report)

    told.page.check("input[name=raw]")

    assert told.unfold("orders").locator(".changes .value").all_inner_texts() == [
        "arn:aws:sns:us-east-1:111122223333:a",
        "arn:aws:sns:eu-west-1:1:b",
    ]


def test_canonical_values_come_back_with_their_marks(opened, report):
    told = opened(report)
    before = told.unfold("orders").locator(".changes").inner_html()

    told.page.keyboard.press("r")
    told.page.keyboard.press("r")

    assert told.unfold("orders").locator(".changes").inner_html() == before


def test_a_policy_is_read_as_a_statement(opened, report):
    values = opened(report).unfold("assets-${region}").locator(".changes .value")

    assert values.nth(1).inner_text() == "Allow 111122223333\nto s3:*\non *"


def test_who_changed_it_is_said(opened, report):
    assert opened(report).unfold("api").locator(".who").inner_text() == (
        "last written by 1:assumed-role/admin/eve, 2026-11-23T17:01:00Z (UpdateFunctionConfiguration20150331v2)"
    )


def test_what_the_plan_would_do_is_said_with_its_warnings(opened, report):
    cause = opened(report).unfold("api")

    assert cause.locator(".fix, .danger").all_inner_texts() == [
        "The plan: update by lambda UpdateFunctionConfiguration, 3 times.",
        "! outage: running instances are replaced",
    ]


def test_what_is_new_and_what_was_fixed_is_counted(opened, report):
    assert opened(report).page.locator(".tally li").all_inner_texts() == [
        "5 new",
        "4 still there, the oldest since 2026-11-21, 3 days",
        "1 fixed",
    ]


def test_the_age_of_a_finding_is_said(opened, report):
    assert opened(report).unfold("api").locator(".age").first.inner_text() == "since 2026-11-21 (3 days)"


def test_the_trend_has_a_bar_for_each_run(opened, report):
    bars = opened(report).page.locator(".trend rect.changed")

    assert bars.evaluate_all("all => all.map(one => Number(one.getAttribute('x')))") == [0, 10, 20, 30]


def test_of_many_causes_a_hundred_are_on_the_page_and_more_when_asked_for(opened, large):
    told = opened(large)

    before = len(told.causes())
    told.page.click("#open-more button")

    assert (before, len(told.causes())) == (100, 200)


def test_what_waits_beyond_the_page_is_found(opened, large):
    told = opened(large)

    told.page.fill("input[name=q]", "job-1187 sa-east")

    assert told.findings() == ["job-1187 sa-east-1"]


def test_a_link_leads_to_what_waits_beyond_the_page(opened, large):
    assert opened(large, "#f-sa-east-1-1187").page.locator("#f-sa-east-1-1187.target").is_visible()


def test_walking_past_the_end_of_the_page_brings_the_next_ones(opened, large):
    told = opened(large)
    told.page.locator("li.cause summary").nth(99).focus()

    told.page.keyboard.press("j")

    assert (len(told.causes()), focused(told.page)) == (200, told.causes()[100])


def test_without_a_script_everything_can_be_read(opened, large):
    told = opened(large, java_script_enabled=False)

    assert told.page.locator("li.cause .names").count() == 1200


def test_without_a_script_a_finding_can_be_unfolded(opened, large):
    page = opened(large, java_script_enabled=False).page

    page.locator("li.cause summary").first.click()

    assert page.locator("li.cause .changes").first.is_visible()


def test_without_a_script_there_is_nothing_to_press_that_does_nothing(opened, large):
    told = opened(large, java_script_enabled=False)

    assert told.page.locator("button:visible, input:visible, select:visible").count() == 0


def test_on_paper_everything_is_unfolded_and_nothing_is_there_to_press(opened, report):
    page = opened(report).page
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")

    pressed = page.locator("button:visible, select:visible, input:visible").count()
    folded = page.locator("li.cause .body").evaluate_all("all => all.filter(one => !one.checkVisibility()).length")

    assert (pressed, folded) == (0, 0)


def test_on_paper_no_page_is_wider_than_the_paper(opened, report):
    page = opened(report).page

    pdf = page.pdf(format="A4")

    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) in range(2, 9)


def test_nothing_is_wider_than_a_phone(opened, report):
    page = opened(report, viewport={"width": 360, "height": 740}).page
    for summary in page.locator("li.cause summary").all():
        summary.evaluate("one => one.parentElement.open = true")

    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_a_link_to_what_is_not_in_the_report_says_so(opened, report):
    assert opened(report, "#f-deadbeef").page.is_visible("#gone")


def test_raw_values_show_the_name_that_the_site_has(opened, report):
    told = opened(report, "#raw=1")

    assert told.page.locator("#f-p1 .name").inner_text() == "assets-ap-southeast-2"


def test_very_many_findings_of_one_cause_are_told_in_parts(opened, large):
    found = tuple(replace(one, changes=large.drift.findings[0].changes) for one in large.drift.findings)
    told = opened(replace(large, drift=replace(large.drift, findings=found)))

    assert (len(told.causes()), told.page.locator("details[open]").count()) == (12, 0)
