"""The comment on a pull request: what it says, that it fits, and that nothing in it is markup."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given, strategies as st

from auditor.model.values import Change, Coverage, Drift, DriftException, Finding
from auditor.report.display import visible
from auditor.report.formats.markdown import code, drift_markdown, prose
from rendered import rendered

FUNCTION, BUCKET = "AWS::Lambda::Function", "AWS::S3::Bucket"
IRELAND, SYDNEY = "eu-west-1", "ap-southeast-2"
CHANGED = Finding("a", IRELAND, FUNCTION, "api", "changed", "medium", (Change("/MemorySize", 512, 256),))
MISSING = Finding("b", IRELAND, BUCKET, "logs", "missing", "high")
UNREAD = Finding("c", IRELAND, FUNCTION, "web", "unreadable", "high", (Change("/Code", unreadable=f"{IRELAND}: no"),))
ACCEPTED = replace(CHANGED, id="d", name="canary", exception=DriftException("*", "half size"))
DRIFT = Drift("us-east-1", (IRELAND, SYDNEY), "2026-11-24T01:02:03Z", True, {FUNCTION: 3, BUCKET: 1}, (CHANGED,))
HOSTILE = (
    "<script>alert(1)</script>", "</code>", "| x |", "`x`", "*x* _x_ ~~x~~", "[x](https://x.example)", "![x](y)",
    "https://x.example", "see www.x.example", "a@x.example", "@octocat", "#1", "octo/repo#1", "&lt;b&gt;", "\\|",
    "two\nlines\r\n\n# three", "\u202egpj.exe", "\x1b[2J\x00", "\ud800", "$x$ :smile:", "- x", "1. x", "<!-- x",
    "\ufeff",
)  # fmt: skip


def page(*findings, **others):
    return rendered(drift_markdown(replace(DRIFT, findings=findings, **others)))


def rows(*findings):
    """The cells' texts, of all tables, without headers."""
    return [tuple(cell.text for cell in row.all("td")) for row in page(*findings).all("tr") if row.all("td")]


def test_the_comment_says_verdict_counts_warnings_what_is_unread_what_differs_and_how_much_is_accepted():
    drift = replace(
        DRIFT, complete=False, findings=(CHANGED, MISSING, UNREAD, ACCEPTED), warnings=("Mind the gap.",),
        coverage=(Coverage(IRELAND, BUCKET, "acl", {"denied": 1, "read": 2}),),
    )  # fmt: skip

    assert (
        drift_markdown(drift)
        == """\
## Incomplete: not everything could be read, and <code>eu-west-1</code> differs from <code>us-east-1</code>: \
2 findings in 4 resources.

4 resources in 3 regions: 1 changed, 1 missing, 1 unreadable; 1 accepted.

1 of 3 facets could not be read: 1 denied in <code>eu-west-1</code>.

**Warnings**

- Mind the gap.

| Could not be read | Why | Where | Findings | Severity |
| --- | --- | --- | --- | --- |
| <code>AWS&#58;&#58;Lambda&#58;&#58;Function/web</code> | <code>/Code</code>: <code>no</code> | \
<code>eu-west-1</code> | 1 | high |

| Resource | What differs: golden → actual | Where | Findings | Severity |
| --- | --- | --- | --- | --- |
| <code>AWS&#58;&#58;S3&#58;&#58;Bucket/logs</code> | missing: <code>us-east-1</code> has it | \
<code>eu-west-1</code> | 1 | high |
| <code>AWS&#58;&#58;Lambda&#58;&#58;Function/api</code> | <code>/MemorySize</code>: <code>512 → 256</code> | \
<code>eu-west-1</code> | 1 | medium |

Not listed: 1 accepted finding.
"""
    )


def test_in_sync_is_a_heading():
    assert drift_markdown(replace(DRIFT, findings=())) == "## In sync: 4 resources in 3 regions are alike.\n"


def test_the_same_difference_in_several_sites_is_one_row():
    assert rows(CHANGED, replace(CHANGED, id="z", site=SYDNEY)) == [
        ("AWS::Lambda::Function/api", "/MemorySize: 512 → 256", "eu-west-1, ap-southeast-2", "2", "medium")
    ]


def test_another_difference_of_the_same_resource_is_another_row():
    other = replace(CHANGED, id="z", site=SYDNEY, changes=(Change("/MemorySize", 512, 128),))

    assert [row[1:3] for row in rows(CHANGED, other)] == [
        ("/MemorySize: 512 → 256", "eu-west-1"),
        ("/MemorySize: 512 → 128", "ap-southeast-2"),
    ]


def test_values_that_look_alike_only_when_cut_are_not_one_row():
    long = [Change("/Code", "x", "y" * 500 + end + "y" * 500) for end in "ab"]

    assert len(rows(replace(CHANGED, changes=(long[0],)), replace(CHANGED, site=SYDNEY, changes=(long[1],)))) == 2


def test_one_reason_why_several_sites_could_not_be_read_is_one_row():
    there = replace(UNREAD, id="z", site=SYDNEY, changes=(Change("/Code", unreadable=f"{SYDNEY}: no"),))

    assert [row[1:3] for row in rows(UNREAD, there)] == [("/Code: no", "eu-west-1, ap-southeast-2")]


def test_an_extra_resource_is_one_that_golden_does_not_have():
    assert rows(replace(MISSING, kind="extra"))[0][1] == "extra: us-east-1 does not have it"


def test_classes_stand_behind_what_they_are_about():
    told = rows(
        replace(MISSING, classes=("golden suspect",)),
        replace(CHANGED, changes=(Change("/S", 1, 2, classes=("cross-region",)),)),
    )

    assert [row[1] for row in told] == ["missing: us-east-1 has it [golden suspect]", "/S: 1 → 2 [cross-region]"]


def test_of_many_fields_and_many_sites_the_first_are_told():
    sites = tuple(f"acc{number:02}/eu-west-1" for number in range(30))
    many = tuple(Change(f"/F{number:02}", 1, 2) for number in range(11))
    findings = tuple(replace(CHANGED, id=site, site=site, changes=many) for site in sites)
    cells = page(*findings, sites=sites).all("td")

    assert (cells[1].text.split("\n")[-1], cells[2].text.split(", ")[-2:]) == (
        "… and 3 more fields",
        ["acc23/eu-west-1", "and 6 more"],
    )


def test_what_there_is_no_room_for_is_left_out_by_whole_rows_and_counted():
    changes = [Change("/MemorySize", 512, number) for number in range(1000)]
    findings = tuple(replace(CHANGED, id=f"{number}", changes=(one,)) for number, one in enumerate(changes))
    told = page(*findings)
    listed = len(told.all("tr")) - 1

    assert told.all("p")[-1].text == f"… and {1000 - listed} more findings."


@pytest.mark.parametrize(
    "hostile", ["x" * 100_000, "@ " * 50_000, "|" * 100_000, "\U0001f600" * 100_000, "\ud800" * 3000]
)
@pytest.mark.parametrize("number", [1, 200])
def test_the_comment_fits_whatever_is_in_it(hostile, number):
    changes = tuple(Change(f"/{hostile}/{field}", hostile, [hostile, field]) for field in range(20))
    finding = Finding("a", hostile, hostile, hostile, "changed", "high", changes, classes=(hostile,))
    kinds = [finding, replace(finding, kind="missing", changes=()), replace(finding, kind="unreadable")]
    drift = Drift(
        hostile, (hostile,), hostile, False, {hostile: 1}, tuple(kinds * (number // 50 + 1)), (hostile,) * number
    )

    assert len(drift_markdown(drift).encode()) <= 65_536


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_that_is_read_is_markup(hostile):
    change = Change(f"/{hostile}", hostile, [hostile], classes=(hostile,))
    finding = Finding("a", hostile, hostile, hostile, "changed", "high", (change,), classes=(hostile,))
    unread = replace(finding, kind="unreadable", changes=(Change(hostile, unreadable=hostile),))
    findings = finding, replace(finding, kind="missing", changes=()), unread
    told = rendered(drift_markdown(Drift(hostile, (hostile,), "", False, {hostile: 1}, findings, (hostile,))))

    assert told.tags() - {"br", "wbr"} == {
        "page", "h2", "p", "strong", "ul", "li", "code", "table", "thead", "tbody", "tr", "th", "td",
    }  # fmt: skip


@given(st.text(st.characters(), max_size=30))
@example("a@x.example")
@example("\\`|<")
def test_code_shows_the_text_and_nothing_else(text):
    shown = rendered(f"x {code(text)}").all("code")

    assert [one.text for one in shown] == [visible(text)]


@given(st.text(st.characters(), max_size=30))
@example("1. x")
@example("- x")
@example("www.x.example, a@x.example.")
def test_a_sentence_shows_the_text_with_single_spaces(text):
    assert rendered(f"x {prose(text)}").text.strip() == " ".join(["x", *visible(text).split()])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("In sync: 1,204 resources are alike.", "In sync: 1,204 resources are alike."),
        ("(prod/eu-west-1)", "<code>&#40;prod/eu-west-1</code>)"),
        ("mail a@b.example", "mail <code>a&#64;<wbr>b&#46;example</code>"),
        ("1. 2) - #3", "<code>1</code>. <code>2</code>) <code>-</code> <code>&#35;3</code>"),
        ("...", "<code>&#46;&#46;&#46;</code>"),
        ("éa", "<code>éa</code>"),
    ],
)
def test_in_a_sentence_all_but_plain_words_and_numbers_is_code(text, expected):
    assert prose(text) == expected


def test_the_same_difference_of_two_resources_is_one_row_that_names_both():
    both = CHANGED, replace(CHANGED, id="z", name="orders")

    assert [row[0] for row in rows(*both)] == ["AWS::Lambda::Function/api\nAWS::Lambda::Function/orders"]
