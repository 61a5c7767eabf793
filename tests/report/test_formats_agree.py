"""One drift, six formats: they say the same, whatever is in it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from dataclasses import replace
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given, settings, strategies as st

from auditor.cli.main import FORMATS, render
from auditor.model.values import ABSENT, KINDS, SEVERITIES, Attribution, Change, Drift, DriftException, Finding
from auditor.report.display import visible
from auditor.report.wording import verdict
from rendered import rendered
from report_schema import SARIF

COUNTED = (*KINDS, "excepted")
FUNCTION, BUCKET = "AWS::Lambda::Function", "AWS::S3::Bucket"
IRELAND, SYDNEY = "eu-west-1", "ap-southeast-2"
CHANGED = Finding("a", IRELAND, FUNCTION, "api", "changed", "medium", (Change("/MemorySize", 512, 256),))
UNREAD = Finding("b", SYDNEY, FUNCTION, "web", "unreadable", "high", (Change("", unreadable=f"{SYDNEY}: no"),))
EXCEPTION = DriftException("*", "half size", until="2027-01-31")
EVERYTHING = (
    CHANGED,
    replace(CHANGED, id="c", site=SYDNEY),
    UNREAD,
    Finding("d", IRELAND, BUCKET, "logs", "missing", "high"),
    Finding("e", SYDNEY, BUCKET, "old", "extra", "low"),
    replace(CHANGED, id="f", name="canary", exception=EXCEPTION),
)
IN_SYNC = Drift("us-east-1", (IRELAND, SYDNEY), "2026-11-24T01:02:03Z", True, {FUNCTION: 3, BUCKET: 2}, ())
DRIFTS = {
    "in sync": IN_SYNC,
    "nothing compared": replace(IN_SYNC, sites=()),
    "drift": replace(IN_SYNC, findings=(CHANGED,)),
    "everything": replace(IN_SYNC, complete=False, findings=EVERYTHING, warnings=("Mind the gap.",)),
    "accepted only": replace(IN_SYNC, findings=(replace(CHANGED, exception=EXCEPTION),)),
    "unread only": replace(IN_SYNC, complete=False, findings=(UNREAD,)),
    "unread, accepted": replace(IN_SYNC, complete=False, findings=(replace(UNREAD, exception=EXCEPTION),)),
    "incomplete, no finding": replace(IN_SYNC, complete=False),
}
HOSTILE = (
    "<script>alert(1)</script>", "'\"><x y='", "]]>", "two\nlines\r\n", "\u202egpj.exe", "\x00\x1b[2J\x07", "\ud800",
    "=1+1", "| x | `y` |", "[x](y)", "{0}", "&lt;", "@octocat", "\ufffe\ufeff", "x" * 100_000,
)  # fmt: skip

texts = st.text(st.characters(), max_size=8) | st.sampled_from(HOSTILE[:-1])
values = st.none() | st.booleans() | st.integers() | texts | st.lists(texts, max_size=2) | st.just(ABSENT)
changes = st.builds(Change, texts, values, values, classes=st.lists(texts, max_size=1).map(tuple))
unknowns = st.builds(Change, texts, unreadable=texts.filter(bool))
SAID = {"changed": changes, "unreadable": unknowns}
exceptions = st.none() | st.builds(DriftException, texts, texts, until=texts)
attributions = st.none() | st.builds(Attribution, texts, texts, texts, texts, texts)


@st.composite
def finding_of(draw, number, sites):
    kind = draw(st.sampled_from(KINDS))
    held = tuple(draw(st.lists(SAID[kind], min_size=1, max_size=3))) if kind in SAID else ()
    told = [draw(st.sampled_from(sites)), draw(texts), draw(texts), kind, draw(st.sampled_from(SEVERITIES))]
    return Finding(f"{number}", *told, held, draw(exceptions), (), attribution=draw(attributions))


@st.composite
def drifts(draw):
    sites = tuple(draw(st.lists(texts.filter(bool), max_size=3, unique_by=visible)))
    numbers = range(draw(st.integers(0, 5))) if sites else ()
    findings = tuple(draw(finding_of(number, sites)) for number in numbers)
    complete = draw(st.booleans()) and all(one.kind != "unreadable" for one in findings)
    warnings = tuple(draw(st.lists(texts, max_size=2)))
    return Drift(
        draw(texts), sites, draw(texts), complete, {draw(texts): draw(st.integers(0, 2000))}, findings, warnings
    )


def counted(said):
    """The counts of `totals`, which says nothing of what there is none of."""
    words = re.findall(r"([\d,]+) (changed|missing|extra|unreadable|accepted)", said)
    return Counter({"excepted" if word == "accepted" else word: int(number.replace(",", "")) for number, word in words})


def in_json(text):
    return None, Counter(json.loads(text)["summary"])


def in_table(text):
    lines = text.split("\n")
    totals = [one for one in lines if re.match(r"[\d,]+ resources? in [\d,]+ (region|site)s?: ", one)]
    return lines[0], counted(totals[-1] if totals else "")


def in_markdown(text):
    page = rendered(text)
    found = Counter()
    for table in page.all("table"):
        unread = table.all("th")[0].text == "Could not be read"
        for row in table.all("tbody")[0].all("tr"):
            _, what, _, number, _ = row.all("td")
            # Names and values are in code: what stands outside is ours.
            kind = re.match(r"(missing|extra): ", str(what.inside[0]))
            found["unreadable" if unread else kind[1] if kind else "changed"] += int(number.text.replace(",", ""))
    accepted = re.search(r"^Not listed: (\d+) accepted findings?\.$", text, re.MULTILINE)
    return page.all("h2")[0].text, found + Counter(excepted=int(accepted[1]) if accepted else 0)


def in_csv(text):
    csv.field_size_limit(10_000_000)
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}
    return None, Counter("excepted" if row["accepted"] == "yes" else row["kind"] for row in rows.values())


def in_sarif(text):
    log = json.loads(text)
    jsonschema.validate(log, SARIF)
    run = log["runs"][0]
    found = Counter("excepted" if one["suppressions"] else one["properties"]["kind"] for one in run["results"])
    assert found == Counter({name: run["properties"]["summary"][name] for name in COUNTED})
    return run["properties"]["verdict"], found


def in_junit(text):
    root = ElementTree.fromstring(text)
    verdicts = {one.get("value") for one in root.iter("property") if one.get("name") == "verdict"}
    findings = [suite.iter("testcase") for suite in root if suite.get("name") != "auditor"]
    outcomes = [outcome for cases in findings for case in cases for outcome in case]
    assert int(root.get("failures")) == len(list(root.iter("failure")))
    return verdicts.pop(), Counter("excepted" if one.tag == "skipped" else one.get("type") for one in outcomes)


READERS = {
    "json": in_json, "table": in_table, "markdown": in_markdown, "csv": in_csv, "sarif": in_sarif, "junit": in_junit,
}  # fmt: skip


def expected(drift):
    """The verdict, and the counts, told without the product's help."""
    return verdict(drift), Counter("excepted" if one.exception else one.kind for one in drift.findings)


def read(drift, form):
    """What a format says; its own verdict where it has one."""
    said, found = READERS[form](render(drift, form, colour=False))
    return said or verdict(drift), Counter({name: found[name] for name in COUNTED if found[name]})


def as_shown(said, form):
    """A verdict as that format shows it: Markdown has no runs of spaces, and cuts what is too long."""
    if form != "markdown":
        return said.rstrip() if form == "table" else said
    return " ".join((said if len(said) <= 400 else said[:399] + "…").split())


def test_every_format_is_compared():
    assert READERS.keys() == {"table", *FORMATS}


@pytest.mark.parametrize("form", READERS)
@pytest.mark.parametrize("name", DRIFTS)
def test_the_formats_say_the_same(name, form):
    assert read(DRIFTS[name], form) == expected(DRIFTS[name])


@pytest.mark.parametrize("form", READERS)
@given(drifts())
@settings(deadline=None, max_examples=60)
def test_the_formats_say_the_same_whatever_was_found(form, drift):
    said, found = read(drift, form)

    assert (said, found) == (as_shown(verdict(drift), form), expected(drift)[1])


@pytest.mark.parametrize("form", READERS)
@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_hostile_is_text_in_every_place(hostile, form):
    change = Change(f"/{hostile}", hostile, [hostile, {hostile: hostile}], classes=(hostile,), notes=(hostile,))
    finding = Finding(hostile, hostile, hostile, hostile, "changed", "high", (change,), None, (hostile,))
    drift = Drift(hostile, (hostile,), hostile, True, {hostile: 1}, (finding,), (hostile,))

    said, found = read(drift, form)

    assert (said, found) == (as_shown(verdict(drift), form), Counter(changed=1))


@pytest.mark.parametrize("form", sorted(READERS.keys() - {"json"}))
@pytest.mark.parametrize("hostile", HOSTILE[:-1], ids=range(len(HOSTILE) - 1))
def test_no_format_for_people_holds_what_cannot_be_seen(hostile, form):
    change = Change(f"/{hostile}", hostile, [hostile], notes=(hostile,))
    finding = Finding(hostile, hostile, hostile, hostile, "changed", "high", (change,), DriftException("*", hostile))
    drift = Drift(hostile, (hostile,), hostile, True, {hostile: 1}, (finding,), (hostile,))

    assert [one for one in render(drift, form, colour=False) if not one.isprintable() and one not in "\r\n"] == []
