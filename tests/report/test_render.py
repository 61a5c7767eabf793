"""The page: whole without a network or a script, and no value in it is more than text."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from auditor.model.values import ABSENT, Change, Coverage, Drift, DriftException, Finding
from auditor.report.content import Report
from auditor.report.page.render import render_html

FUNCTION = "AWS::Lambda::Function"
HOSTILE = "<script>alert(1)</script>\"'></style></title><img src=https://evil.example/x onerror=alert(1)>{{ 7*7 }}"
INVISIBLE = "\u202e\x1b[2J\x00\ud800"
VOID = {"meta", "link", "input", "wbr", "br", "img"}


def page(*findings, **fields):
    drift = Drift("us-east-1", ("eu-west-1", "ap-southeast-2"), "2026-11-24T01:02:03Z", True, {FUNCTION: 4}, findings)
    return render_html(Report(replace(drift, **fields)))


def finding(*changes, **fields):
    return replace(Finding("a1", "eu-west-1", FUNCTION, "api", "changed", "medium", changes), **fields)


class Page(HTMLParser):
    """The elements of a page with their attributes, the text outside script and style, and whether all closes."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.texts, self.inlined, self.open, self.well_formed = [], [], {}, [], True
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        self.well_formed = self.well_formed and self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("script", "style"):
            self.inlined[self.open[-1]] = self.inlined.get(self.open[-1], "") + data
        else:
            self.texts.append(data)

    @property
    def text(self):
        return "".join(self.texts)

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


ALL_HOSTILE = finding(
    Change("/" + HOSTILE, HOSTILE, {"a": HOSTILE, "b": "x" * 60}, classes=(HOSTILE,), notes=(HOSTILE,)),
    Change("/q", unreadable=HOSTILE),
    id=HOSTILE, type=HOSTILE, name=HOSTILE, site=HOSTILE, classes=(HOSTILE,),
    exception=DriftException("*", HOSTILE, until=HOSTILE),
)  # fmt: skip
LEDGER = (
    Coverage(HOSTILE, HOSTILE, HOSTILE, {"denied": 1, "not offered": 1, "read": 2}),
    Coverage(HOSTILE, HOSTILE, HOSTILE, {"read": 2}),
)
EVERYWHERE = page(ALL_HOSTILE, coverage=LEDGER, golden=HOSTILE, sites=(HOSTILE,), taken=HOSTILE, warnings=(HOSTILE,))
USUAL = page(
    finding(Change("/MemorySize", 512, 256, classes=("golden suspect",), notes=("no such subnet",)),
            Change("/Environment/Variables/KEY", {"secret": "9f1c2a4be6"}, ABSENT)),
    finding(id="b2", site="ap-southeast-2", name="orders", kind="missing", severity="high"),
    finding(Change("/Policy", unreadable="eu-west-1: AccessDenied: no"), id="c3", name="web", kind="unreadable"),
    finding(Change("/T", 1, 2), id="d4", name="canary", exception=DriftException("*", "OPS-112", until="2027-01-31")),
    finding(id="e5", name="old", kind="extra", classes=("golden suspect", "cross-region")),
    warnings=("mind the gap",),
    coverage=(Coverage("us-east-1", FUNCTION, "code", {"read": 4}),
              Coverage("eu-west-1", FUNCTION, "policy", {"denied": 1, "read": 2, "absent": 1})),
)  # fmt: skip


def test_hostile_text_adds_no_element_and_no_attribute():
    plain = page(
        finding(
            Change("/p", "v", {"a": "w" * 60, "b": "x" * 60}, classes=("c",), notes=("n",)),
            Change("/q", unreadable="r"), type="1::t", name="n", classes=("c",),
            exception=DriftException("*", "r", until="u"),
        ),
        coverage=tuple(replace(one, site="s", type="1::t", facet="f") for one in LEDGER),
        golden="g", sites=("eu-west-1",), taken="t", warnings=("w",),
    )  # fmt: skip
    ignored = {"wbr", "span", "mark"}

    assert [(tag, sorted(attributes)) for tag, attributes in Page(EVERYWHERE).elements if tag not in ignored] == [
        (tag, sorted(attributes)) for tag, attributes in Page(plain).elements if tag not in ignored
    ]


def test_hostile_text_is_there_as_text():
    # golden, site, taken, warning, type, name, path, both values, reason of the unread, reason and end of the accepted
    assert Page(EVERYWHERE).text.count(HOSTILE) >= 12


def test_there_is_one_script_and_one_style_whatever_the_values():
    assert [tag for tag, _ in Page(EVERYWHERE).elements if tag in ("script", "style", "img")] == ["style", "script"]


@pytest.mark.parametrize("text", [USUAL, EVERYWHERE, page()])
def test_every_element_closes(text):
    parsed = Page(text)

    assert (parsed.well_formed, parsed.open) == (True, [])


def test_what_cannot_be_seen_is_escaped_and_the_page_can_be_written():
    changes = Change("/p" + INVISIBLE, INVISIBLE, "x"), Change("/q", unreadable=INVISIBLE)
    accepted = DriftException("*", INVISIBLE, until=INVISIBLE)
    hostile = finding(*changes, name=INVISIBLE, type=INVISIBLE, site=INVISIBLE, exception=accepted)
    text = page(hostile, golden=INVISIBLE, sites=(INVISIBLE,), taken=INVISIBLE, warnings=(INVISIBLE,))

    assert re.findall(r"[^\n\x20-\x7e\u2260\u2212\u2192\u2026]", text.encode("utf-8").decode("utf-8")) == []


def test_a_hundred_kilobytes_come_out_whole_and_once():
    golden, actual = "word " * 20_000 + "left", "word " * 20_000 + "right"
    text = page(finding(Change("/p", golden, actual)))

    assert (Page(text).text.count(golden[:-4]), Page(text).text.count("left"), len(text) < 260_000) == (2, 1, True)


def test_the_policy_allows_exactly_the_script_and_the_style_of_the_page():
    parsed = Page(USUAL)
    policy = next(one["content"] for one in parsed.all("meta") if one.get("http-equiv") == "Content-Security-Policy")
    hashes = {
        tag: base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for tag, text in parsed.inlined.items()
    }

    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes['style']}'; script-src 'sha256-{hashes['script']}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def test_the_policy_comes_before_what_it_governs():
    assert USUAL.index("Content-Security-Policy") < USUAL.index("<style>") < USUAL.index("<script>")


def test_nothing_is_loaded_from_anywhere():
    loading = {"src", "srcset", "action", "poster", "data", "background"}
    elements = Page(USUAL).elements
    addresses = [value for _, attributes in elements for name, value in attributes.items() if name in loading]
    links = {attributes["href"] for _, attributes in elements if not attributes.get("href", "#").startswith("#")}

    assert (addresses, links) == ([], {"data:,"})


def test_style_and_script_name_no_address():
    assert re.findall(r"url\(|@import|https?:|//\w+\.|fetch\(|XMLHttp", "".join(Page(USUAL).inlined.values())) == []


def test_no_attribute_is_a_style_or_a_script():
    names = {name for _, attributes in Page(USUAL).elements for name in attributes}

    assert {name for name in names if name == "style" or name.startswith("on")} == set()


@pytest.mark.parametrize(
    "said",
    [
        "/MemorySize", "512", "256", "secret 9f1c2a4b", "not set", "us-east-1 has it", "not in ap-southeast-2",
        "could not be read: eu-west-1: AccessDenied: no", "Accepted until 2027-01-31: OPS-112", "mind the gap",
        "2026-11-24 01:02:03 UTC", "0 of 4 in sync", "no such subnet",
        "In 2 findings all other regions agree against us-east-1: is golden wrong?",
        "1 of 8 facets could not be read: 1 denied in eu-west-1.", "1 of 4", "code 4 read",
        "All the others agree with one another, and golden alone differs: golden itself may be wrong.",
        "and eu-west-1 and ap-southeast-2 differ from us-east-1: 3 findings in 4 resources.",
    ],
)  # fmt: skip
def test_without_a_script_all_is_there(said):
    assert said in Page(USUAL).text


def test_without_a_script_only_what_needs_one_is_hidden():
    hidden = [attributes.get("id") for _, attributes in Page(USUAL).elements if "hidden" in attributes]

    assert hidden == ["filters", "nothing", "gone", "decisions"]


def test_every_mark_of_the_matrix_leads_to_a_finding_of_the_page():
    parsed = Page(USUAL)
    marks = [one["href"] for one in parsed.all("a") if "state" in one.get("class", "").split()]

    assert sorted(marks) == sorted(f"#{one['id']}" for one in parsed.all("li") if one.get("class") == "finding")


def test_every_id_is_there_once():
    ids = [attributes["id"] for _, attributes in Page(page(finding(), finding())).elements if "id" in attributes]

    assert len(ids) == len(set(ids))


def test_what_a_label_refers_to_exists():
    elements = Page(USUAL).elements
    ids = {attributes.get("id") for _, attributes in elements}

    assert {attributes["aria-labelledby"] for _, attributes in elements if "aria-labelledby" in attributes} <= ids


def test_table_headers_have_a_scope_and_the_page_a_language_and_one_title():
    parsed = Page(USUAL)

    assert ({one.get("scope") for one in parsed.all("th")}, parsed.all("html"), len(parsed.all("h1"))) == (
        {"col", "row"},
        [{"lang": "en"}],
        1,
    )


def test_a_page_without_findings_has_neither_matrix_nor_filters():
    assert (Page(page()).all("table"), Page(page()).all("form")) == ([], [])


def test_the_words_that_differ_are_marked():
    text = page(finding(Change("/p", "keep it for 30 days", "keep it for 7 days")))

    assert re.findall(r"<mark>(.*?)</mark>", text) == ["30", "7"]


def test_the_same_drift_gives_the_same_page():
    assert page(finding(Change("/p", 1, 2))) == page(finding(Change("/p", 1, 2)))


def test_the_page_grows_with_the_findings_and_not_with_the_inventory():
    assert len(page(inventory={FUNCTION: 100_000})) - len(page()) < 100


def test_a_class_is_a_badge_that_says_what_it_means_and_leads_to_the_legend():
    badges = [one for one in Page(USUAL).all("a") if "tag" in one.get("class", "").split()]

    assert badges[0] == {
        "class": "tag class-golden-suspect",
        "href": "#class-golden-suspect",
        "title": "All the others agree with one another, and golden alone differs: golden itself may be wrong.",
    }


def test_every_link_within_the_page_leads_somewhere():
    elements = Page(USUAL).elements
    ids = {f"#{attributes['id']}" for _, attributes in elements if "id" in attributes}

    assert {one["href"] for tag, one in elements if tag == "a" and one["href"].startswith("#")} <= ids


def test_a_cause_can_be_filtered_by_each_of_its_classes():
    held = [one.get("data-class") for one in Page(USUAL).all("li") if "cause" in one.get("class", "").split()]

    assert held == [None, "golden suspect", "cross-region,golden suspect", None, None]


def test_the_filter_by_class_is_there_only_where_there_are_classes():
    names = [[one["name"] for one in Page(text).all("select")] for text in (USUAL, page(finding()))]

    assert names == [
        ["site", "service", "kind", "severity", "state", "class"],
        ["site", "service", "kind", "severity", "state"],
    ]


def test_what_has_no_gap_is_folded_away_and_a_gap_is_not():
    coverage = USUAL[USUAL.index('id="coverage"') :]
    folded = "".join(re.findall(r"<details>(.*?)</details>", coverage, re.DOTALL))

    assert ("denied" in folded, folded.count("<li>")) == (False, 1)


def test_without_a_ledger_nothing_is_said_of_coverage():
    assert ('id="coverage"' in page(finding()), "#coverage" in page(finding())) == (False, False)


def test_a_wide_matrix_shows_by_a_shade_that_it_scrolls():
    style = Page(USUAL).inlined["style"]

    assert re.search(r"\.scroll \{[^}]*var\(--shade\)[^}]*\}", style) is not None
