"""Decisions made on the page: kept over a reload, exported, and read by the program."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from auditor.decisions.file import read_decisions


def exported(page, folder):
    with page.expect_download() as download:
        page.click("#export")
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def decided(path):
    """What the program reads in a file of decisions: what was decided about each finding."""
    return {one.finding: one.decision for one in read_decisions(path)}


def decide(told, name, decision):
    told.unfold(name).get_by_role("button", name=decision, exact=True).click()


def test_a_group_is_decided_at_once(opened, report, tmp_path):
    told = opened(report)

    decide(told, "api", "Fix")

    assert decided(exported(told.page, tmp_path)) == {"m0": "fix", "m1": "fix", "m2": "fix"}


def test_each_finding_can_be_decided_by_itself(opened, report, tmp_path):
    told = opened(report)
    decide(told, "api", "Fix")

    told.page.get_by_label("Decision for api in sa-east-1", exact=True).select_option("later")

    assert decided(exported(told.page, tmp_path)) == {"m0": "fix", "m1": "fix", "m2": "later"}


def test_a_group_is_decided_only_as_far_as_the_filters_show_it(opened, report, tmp_path):
    told = opened(report, "#site=sa-east-1")

    decide(told, "api", "Golden is wrong")

    assert decided(exported(told.page, tmp_path)) == {"m2": "golden"}


def test_to_accept_says_why_and_until_when(opened, report, tmp_path):
    told = opened(report)
    cause = told.unfold("orders")

    decide(told, "orders", "Accept")
    told.page.keyboard.type('no "alerts": here, # yet')
    cause.get_by_label("Accepted until").fill("2027-01-31")
    cause.get_by_label("Accepted until").press("Tab")

    assert exported(told.page, tmp_path).read_text() == (
        'schema: "auditor/decisions/1"\n'
        'golden: "us-east-1"\n'
        'taken: "2026-11-24T01:02:03Z"\n'
        "decisions:\n"
        '  - finding: "t1"\n'
        '    resource: "AWS::Lambda::Function/orders"\n'
        '    site: "eu-west-1"\n'
        '    kind: "changed"\n'
        '    decision: "accept"\n'
        '    reason: "no \\"alerts\\": here, # yet"\n'
        '    until: "2027-01-31"\n'
    )


def test_without_a_reason_nothing_is_exported_and_it_is_asked_for(opened, report):
    told = opened(report)
    decide(told, "orders", "Accept")

    told.page.click("#export")

    assert (
        told.page.inner_text("#decided"),
        told.page.evaluate("document.activeElement.name"),
    ) == (
        "1 of 9 decided. 1 to accept without a reason, or until a day that is over.",
        "reason",
    )


def test_decisions_are_there_again_after_a_reload(opened, report):
    told = opened(report)
    decide(told, "api", "Fix")

    told.page.reload()

    assert (
        told.unfold("api").get_by_role("button", name="Fix", exact=True).get_attribute("aria-pressed"),
        told.page.inner_text("#decided"),
    ) == ("true", "3 of 9 decided.")


def test_a_decision_that_is_pressed_again_is_taken_back(opened, report):
    told = opened(report)
    decide(told, "api", "Fix")

    decide(told, "api", "Fix")

    assert told.page.is_visible("#decisions") is False


def test_all_decisions_can_be_forgotten(opened, report):
    told = opened(report)
    decide(told, "api", "Fix")
    decide(told, "orders", "Later")

    told.page.on("dialog", lambda asked: asked.accept())
    told.page.click("#forget")

    assert told.page.locator(".decision").count() == 0


def test_a_key_decides_what_has_the_focus(opened, report, tmp_path):
    told = opened(report)

    for key in ("j", "l", "j", "g"):
        told.page.keyboard.press(key)

    assert decided(exported(told.page, tmp_path)) == {"g1": "later", "g2": "later", "k1": "golden"}


def test_by_keyboard_alone_a_difference_is_accepted(opened, report, tmp_path):
    told = opened(report)

    told.page.keyboard.press("j")
    told.page.keyboard.press("a")
    told.page.keyboard.type("not there yet")
    told.page.keyboard.press("Tab")

    assert decided(exported(told.page, tmp_path)) == {"g1": "accept", "g2": "accept"}


@pytest.mark.parametrize("name", ["canary", "web"])
def test_what_is_accepted_and_what_is_unknown_is_not_decided(opened, report, name):
    assert opened(report).unfold(name).locator(".decide").count() == 0


def test_what_was_decided_can_be_filtered(opened, report):
    told = opened(report)
    decide(told, "orders", "Later")

    told.page.select_option("select[name=state]", "decided")

    assert told.findings() == ["orders eu-west-1"]


def test_the_file_can_be_copied_where_nothing_can_be_saved(opened, report, tmp_path):
    told = opened(report)
    decide(told, "orders", "Later")

    told.page.click("#text summary")

    expect(told.page.locator("#text textarea")).to_have_value(exported(told.page, tmp_path).read_text())


def test_a_browser_that_keeps_nothing_says_so(opened, report):
    told = opened(report)
    told.page.evaluate("Storage.prototype.setItem = () => { throw new Error('no room') }; 0")

    decide(told, "orders", "Later")

    assert told.page.inner_text("#decided") == "1 of 9 decided. This browser keeps nothing: export before you leave."


def test_decisions_are_not_forgotten_without_being_asked(opened, report):
    told = opened(report)
    decide(told, "orders", "Later")

    told.page.on("dialog", lambda asked: asked.dismiss())
    told.page.click("#forget")

    assert told.page.locator(".decision").count() == 1


def test_a_reason_comes_back_with_the_decision_to_accept(opened, report):
    told = opened(report)
    decide(told, "orders", "Accept")
    told.page.keyboard.type("OPS-112")

    decide(told, "orders", "Fix")
    decide(told, "orders", "Accept")

    assert told.unfold("orders").get_by_label("Reason").input_value() == "OPS-112"


def test_to_accept_all_leaves_the_reason_of_each_as_it_is(opened, report, tmp_path):
    told = opened(report)
    told.unfold("api")
    told.page.get_by_label("Decision for api in sa-east-1", exact=True).select_option("accept")
    told.page.get_by_label("Reason for api in sa-east-1").fill("OPS-112")

    decide(told, "api", "Accept")
    told.page.get_by_label("Reason for api in eu-west-1").fill("another")
    told.page.get_by_label("Reason for api in ap-southeast-2").fill("a third")

    assert [one.reason for one in read_decisions(exported(told.page, tmp_path))] == ["another", "a third", "OPS-112"]


def test_a_day_that_is_over_is_not_exported(opened, report):
    told = opened(report)
    decide(told, "orders", "Accept")
    told.page.keyboard.type("OPS-112")
    told.unfold("orders").get_by_label("Accepted until").fill("2020-01-31")

    assert told.page.inner_text("#decided").endswith("1 to accept without a reason, or until a day that is over.")


@pytest.mark.parametrize("key", ["Enter", "Escape"])
def test_a_key_leads_out_of_the_reason_back_to_the_finding(opened, report, key):
    told = opened(report)
    decide(told, "orders", "Accept")
    told.page.keyboard.type("OPS-112")

    told.page.keyboard.press(key)

    assert told.page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_what_another_tab_decides_is_not_lost(opened, report):
    told = opened(report)
    other = told.page.context.new_page()
    other.goto(told.page.url)
    decide(told, "orders", "Later")
    expect(other.locator("#decided")).to_have_text("1 of 9 decided.")

    other.locator("li.cause", has=other.locator("li.finding[data-name='api']")).get_by_role(
        "button", name="Fix"
    ).click()

    expect(told.page.locator("#decided")).to_have_text("4 of 9 decided.")
