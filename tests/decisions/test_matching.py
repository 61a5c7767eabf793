"""Decisions held against what is found now."""

from __future__ import annotations

import pytest

from auditor.canonical.document import Document
from auditor.compare.findings import Judgement, Side, compare
from auditor.decisions.matching import accepting, exceptions_for, refuse_changed
from auditor.errors import DecisionError
from auditor.model.values import Change, Decision, Drift, DriftException, Finding, Site

FUNCTION = "AWS::Lambda::Function"
API = f"{FUNCTION}/api"
TODAY = "2026-11-24"
UNDONE = "Nothing was planned."


def finding(id_, *paths, site="eu-west-1", name="api", kind="changed", **members):
    changes = tuple(Change(path, 1, 2) for path in paths)
    return Finding(id_, site, FUNCTION, name, kind, "medium", changes, **members)


def accept(id_, resource=API, site="eu-west-1", reason="OPS-112", **members):
    return Decision(id_, "accept", resource, site, reason=reason, **members)


def found(findings):
    """A drift with these findings."""
    return Drift("us-east-1", ("eu-west-1",), "2026-11-24T01:02:03Z", True, {FUNCTION: 1}, tuple(findings))


def refusal(decisions, findings):
    with pytest.raises(DecisionError) as caught:
        refuse_changed(decisions, found(findings), UNDONE)
    return str(caught.value).splitlines()


def test_decisions_about_what_is_found_are_taken():
    assert refuse_changed([accept("a")], found([finding("a", "/MemorySize")]), UNDONE) is None


@pytest.mark.parametrize(
    ("there", "now"),
    [
        ([finding("b", "/Timeout")], "it differs otherwise now"),
        ([finding("b", kind="missing")], "it differs otherwise now"),
        ([finding("b", kind="unreadable")], "it could not be read now"),
        ([finding("b", name="*", kind="unreadable")], "it could not be read now"),
        ([finding("b", "/MemorySize", site="eu-north-1")], "it is alike, or not compared, now"),
        ([finding("b", "/MemorySize", name="api-2")], "it is alike, or not compared, now"),
        ([], "it is alike, or not compared, now"),
    ],
)
def test_what_has_changed_since_is_named_with_what_is_so_now(there, now):
    assert refusal([accept("a")], there) == [
        "1 decision is about what has changed since:",
        f"  AWS::Lambda::Function/api in eu-west-1 (decided: accept): {now}",
        "Nothing was planned. Look at a new report, and decide again.",
    ]


def test_a_decision_without_a_name_is_told_by_its_finding():
    told = refusal([Decision("0123456789abcdef", "fix")], [finding("b", "/MemorySize")])

    assert told[1] == "  finding 0123456789abcdef (decided: fix): there is no such finding now"


def test_a_decision_without_a_site_is_about_the_resource_anywhere():
    told = refusal([accept("a", site="")], [finding("b", "/MemorySize", site="eu-north-1")])

    assert told[1] == "  AWS::Lambda::Function/api (decided: accept): it differs otherwise now"


def test_children_of_what_could_not_be_listed_are_said_to_be_unread():
    told = refusal([accept("a", f"{FUNCTION}/shop/web")], [finding("b", name="shop/*", kind="unreadable")])

    assert told[1].endswith(": it could not be read now")


def test_no_more_than_five_are_named_and_the_others_counted():
    told = refusal([accept(f"a{number}") for number in range(8)], [])

    assert (told[0], len(told), told[6]) == ("8 decisions are about what has changed since:", 8, "  … and 3 more")


def test_a_name_that_would_rewrite_the_terminal_is_escaped():
    told = refusal([accept("a", "AWS::X::Y/\x1b[2J")], [])

    assert told[1].startswith("  AWS::X::Y/\\x1b[2J in eu-west-1")


def document(**fields):
    return Document(FUNCTION, "api", "api", fields)


def compared(exceptions=()):
    golden = Side(Site("us-east-1"), {(FUNCTION, "api"): document(MemorySize=512, Timeout=3, Handler="a")})
    actual = Side(Site("eu-west-1"), {(FUNCTION, "api"): document(MemorySize=256, Timeout=9, Handler="a")})
    return compare(golden, actual, Judgement(tuple(exceptions), TODAY))


def test_a_finding_whose_changes_were_each_accepted_is_still_the_one_that_was_decided_about():
    [before] = compared()
    decision = accept(before.id)
    after = compared(exceptions_for(before, decision, accounts=False))

    assert (len(after), refuse_changed([decision], found(after), UNDONE)) == (2, None)


def test_a_finding_of_which_one_change_was_accepted_otherwise_has_changed():
    [before] = compared()
    after = compared([DriftException(API, "another reason", "/Timeout")])

    assert refusal([accept(before.id)], after)[1].endswith("it differs otherwise now")


def test_a_finding_that_was_accepted_in_parts_is_accepted_already():
    [before] = compared()
    decision = accept(before.id)
    after = compared(exceptions_for(before, decision, accounts=False))

    made = accepting([decision], after, False, TODAY)

    assert (made.exceptions, made.already) == ((), (decision,))


def test_each_change_gets_an_exception_of_its_own():
    made = exceptions_for(finding("a", "/MemorySize", "/Tags/a*"), accept("a", until="2027-01-31"), accounts=False)

    assert made == (
        DriftException(API, "OPS-112", "/MemorySize", "eu-west-1", until="2027-01-31"),
        DriftException(API, "OPS-112", "/Tags/a[*]", "eu-west-1", until="2027-01-31"),
    )


@pytest.mark.parametrize("kind", ["missing", "extra"])
def test_a_resource_that_is_missing_or_extra_is_accepted_as_being_there_or_not(kind):
    assert exceptions_for(finding("a", kind=kind), accept("a"), accounts=False) == (
        DriftException(API, "OPS-112", "", "eu-west-1"),
    )


def test_a_resource_that_is_named_like_a_glob_is_accepted_alone():
    (made,) = exceptions_for(finding("a", "/Size", name="a[1]?"), accept("a"), accounts=False)

    assert made.resource == "AWS::Lambda::Function/a[[]1][?]"


@pytest.mark.parametrize(
    ("site", "accounts", "region", "of"),
    [
        ("eu-west-1", False, "eu-west-1", "*"),
        ("eu-west-1", True, "*", "eu-west-1"),
        ("prod/eu-west-1", True, "*", "prod/eu-west-1"),
        ("prod*/eu-west-1", True, "*", "prod[*]/eu-west-1"),
    ],
)
def test_an_exception_is_for_the_one_site_that_was_decided_about(site, accounts, region, of):
    (made,) = exceptions_for(finding("a", "/Size", site=site), accept("a"), accounts)

    assert (made.region, made.site) == (region, of)


@pytest.mark.parametrize("decision", ["fix", "golden", "later"])
def test_what_is_not_to_be_accepted_gets_no_exception(decision):
    assert accepting([Decision("a", decision)], [finding("a", "/Size")], False, TODAY).exceptions == ()


def test_what_an_exception_covers_is_accepted_already():
    excused = finding("a", "/Size", exception=DriftException("*", "all of them"))

    made = accepting([accept("a")], [excused], False, TODAY)

    assert (made.exceptions, made.already) == ((), (accept("a"),))


def test_what_could_not_be_read_cannot_be_accepted():
    with pytest.raises(DecisionError) as caught:
        accepting([accept("a")], [finding("a", kind="unreadable")], False, TODAY)

    assert str(caught.value) == (
        "What could not be read cannot be accepted:\n  AWS::Lambda::Function/api in eu-west-1\n"
        "Nothing was written. Let it be read, or decide 'later'."
    )


@pytest.mark.parametrize(("until", "refused"), [("2026-11-23", True), ("2026-11-24", False)])
def test_what_would_be_accepted_until_a_day_that_is_over_is_refused(until, refused):
    try:
        accepting([accept("a", until=until)], [finding("a", "/Size")], False, TODAY)
        told = ""
    except DecisionError as error:
        told = str(error)

    assert ("AWS::Lambda::Function/api in eu-west-1 (until: 2026-11-23)" in told) is refused


def test_decisions_that_were_made_against_another_golden_are_refused():
    (told,) = refusal([accept("a", golden="sa-east-1")], [finding("a", "/MemorySize")])

    assert told == (
        "The decisions were made against sa-east-1, and golden is us-east-1 now. Nothing was planned. "
        "Say --golden sa-east-1, or decide in a report against us-east-1."
    )


@pytest.mark.parametrize("said", [{"resource": f"{FUNCTION}/other"}, {"site": "sa-east-1"}, {"kind": "missing"}])
def test_a_decision_that_says_another_thing_than_it_is_about_is_refused(said):
    told = refusal([accept("a", **said)], [finding("a", "/MemorySize")])

    assert (told[0], told[1].endswith(": finding a is AWS::Lambda::Function/api in eu-west-1, changed")) == (
        "1 decision says another thing than it is about:",
        True,
    )
