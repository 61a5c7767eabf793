"""What the page says, before it is a page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.model.values import ABSENT, Change, Drift, DriftException, Finding
from auditor.report.content import Report
from auditor.report.page.cause_view import AcceptedView, FindingView
from auditor.report.page.change_view import ChangeView, SideView, change_view, change_views, headline
from auditor.report.page.matrix import MarkView, TypeLine
from auditor.report.page.view import Count, report_view
from auditor.report.page.worddiff import Piece

FUNCTION, BUCKET = "AWS::Lambda::Function", "AWS::S3::Bucket"
IRELAND, SYDNEY = "eu-west-1", "ap-southeast-2"
CANARY = DriftException("*", "OPS-112", until="2027-01-31")
MEMORY = Change("/MemorySize", 512, 256)
API = Finding("aa", IRELAND, FUNCTION, "api", "changed", "medium", (MEMORY,))
GONE = Finding("bb", SYDNEY, BUCKET, "logs", "missing", "high")
ACCEPTED = replace(API, id="cc", name="canary", severity="high", exception=CANARY)
EXTRA = Finding("dd", IRELAND, FUNCTION, "old", "extra", "low")
UNLISTED = Finding("ee", SYDNEY, FUNCTION, "api", "unreadable", "high", (Change("", unreadable="AccessDenied"),))
DRIFT = Drift(
    "us-east-1", (IRELAND, SYDNEY), "2026-11-24T01:02:03Z", True, {BUCKET: 1, FUNCTION: 3}, (API, GONE, ACCEPTED)
)


def view(*findings):
    return report_view(Report(replace(DRIFT, findings=findings)))


def words(report):
    return [(row.name, [[mark.word for mark in cell] for cell in row.cells]) for row in report.matrix.rows]


def test_a_cause_is_said_in_full():
    (cause,) = view(API).causes

    assert (cause.type, cause.names, cause.where, cause.kind, cause.severity, cause.headline, cause.says) == (
        FUNCTION, "api", "in eu-west-1", "changed", "medium", "MemorySize 512 → 256", "1 field differs.",
    )  # fmt: skip


def test_a_cause_shows_both_sides_once_and_each_of_its_findings():
    (cause,) = view(API, replace(API, id="a2", site=SYDNEY)).causes

    assert (cause.changes, [(one.anchor, one.site) for one in cause.findings]) == (
        (ChangeView("/MemorySize", SideView("text", (Piece("512"),)), SideView("text", (Piece("256"),))),),
        [("f-aa", "eu-west-1"), ("f-a2", "ap-southeast-2")],
    )


def test_a_finding_is_a_line_with_what_identifies_it():
    assert view(API).causes[0].findings == (FindingView("f-aa", "aa", "eu-west-1", "api", "", False, "", "", "", ()),)


def test_the_gravest_resources_come_first_and_accepted_ones_apart():
    report = view(API, GONE, ACCEPTED)

    assert ([one.names for one in report.causes], [one.names for one in report.accepted]) == (
        ["logs", "api"],
        ["canary"],
    )


def test_an_accepted_finding_says_why_and_until_when():
    assert view(ACCEPTED).accepted[0].accepted == AcceptedView("OPS-112", "2027-01-31")


def test_the_sites_of_a_resource_come_in_the_order_of_the_audit():
    report = view(replace(API, id="zz", site=SYDNEY), API)

    assert [one.site for one in report.causes[0].findings] == ["eu-west-1", "ap-southeast-2"]


def test_the_counts_are_those_of_the_document():
    assert view(API, GONE, ACCEPTED).top.counts == (
        Count(4, "resources", "resources"),
        Count(3, "regions", "sites"),
        Count(1, "changed", "changed"),
        Count(1, "missing", "missing"),
        Count(0, "extra", "extra"),
        Count(0, "unreadable", "unreadable"),
        Count(1, "accepted", "accepted"),
    )


def test_the_matrix_has_a_row_for_each_resource_with_findings_and_a_cell_for_each_site():
    assert words(view(API, GONE, ACCEPTED)) == [
        ("logs", [["alike"], ["missing"]]),
        ("api", [["changed"], ["alike"]]),
        ("canary", [["changed, accepted"], ["alike"]]),
    ]


def test_a_cell_leads_to_its_findings():
    two = replace(API, id="a2", changes=(MEMORY, Change("/Timeout", 1, 2)), exception=CANARY)

    assert view(replace(API, changes=(MEMORY, Change("/Timeout", 1, 2))), two).matrix.rows[0].cells[0] == (
        MarkView("changed", "≠", "changed 2", "f-aa"),
        MarkView("changed", "≠", "changed, accepted", "f-a2", accepted=True),
    )


def test_where_a_listing_failed_a_resource_that_golden_lacks_is_unknown_there_and_not_alike():
    assert words(view(EXTRA, UNLISTED)) == [("api", [["alike"], ["unreadable"]]), ("old", [["extra"], ["unknown"]])]


def test_what_golden_has_would_have_a_finding_where_a_listing_failed():
    assert words(view(replace(API, name="web"), UNLISTED))[1] == ("web", [["changed"], ["alike"]])


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ((), [TypeLine(FUNCTION, "all 3 in sync", True), TypeLine(BUCKET, "1 in sync", True)]),
        ((API, replace(API, site=SYDNEY), GONE),
         [TypeLine(FUNCTION, "2 of 3 in sync", False), TypeLine(BUCKET, "0 of 1 in sync", False)]),
        ((replace(UNLISTED, name="*"),),
         [TypeLine(FUNCTION, "3 resources known; not all could be listed", False),
          TypeLine(BUCKET, "1 in sync", True)]),
        ((replace(UNLISTED, name="*", type="AWS::A::B"),),
         [TypeLine("AWS::A::B", "could not be listed", False), TypeLine(FUNCTION, "all 3 in sync", True),
          TypeLine(BUCKET, "1 in sync", True)]),
    ],
)  # fmt: skip
def test_each_type_says_how_much_of_it_is_in_sync(findings, expected):
    assert list(view(*findings).types) == expected


@pytest.mark.parametrize(
    ("drift", "mood"),
    [
        (DRIFT, "drift"),
        (replace(DRIFT, findings=()), "in-sync"),
        (replace(DRIFT, findings=(ACCEPTED,)), "in-sync"),
        (replace(DRIFT, findings=(), complete=False), "incomplete"),
    ],
)
def test_the_mood_is_that_of_the_exit_code(drift, mood):
    assert report_view(Report(drift)).top.mood == mood


def test_the_filters_offer_only_what_there_is():
    offered = view(API, GONE).filters

    assert (offered.services, offered.kinds, offered.severities) == (
        ("Lambda", "S3"),
        ("changed", "missing"),
        ("high", "medium"),
    )


def test_the_moment_reads_like_one():
    assert report_view(Report(DRIFT)).top.taken == "2026-11-24 01:02:03 UTC"


def test_anchors_are_unique_and_plain_even_if_ids_are_not():
    odd = replace(API, id='a"\u202e b')
    report = view(odd, replace(odd, site=SYDNEY))

    assert [one.anchor for one in report.causes[0].findings] == ["f-a---b", "f-a---b-2"]


def test_secrets_show_that_they_differ_and_no_more():
    assert change_view(Change("/P", {"secret": "9f1c2a4be61f00aa"}, {"secret": "77aa0b1c93d2"})) == ChangeView(
        "/P",
        SideView("secret", (Piece("secret 9f1c2a4b"),)),
        SideView("secret", (Piece("secret 77aa0b1c"),)),
        secret=True,
    )


def test_a_side_that_has_no_such_field_is_not_set():
    assert change_view(Change("/P", ABSENT, "a rather long text")).golden == SideView("absent", (Piece("not set"),))


def test_in_long_values_the_words_that_differ_are_marked():
    assert change_view(Change("/P", "keep it for 30 days", "keep it for 7 days")).golden.pieces == (
        Piece("keep it for "),
        Piece("30", differs=True),
        Piece(" days"),
    )


def test_in_short_values_no_word_is_marked():
    assert change_view(Change("/P", "a b", "a c")).golden.pieces == (Piece("a b"),)


def test_an_object_is_indented_and_a_line_break_inside_a_line_escaped():
    long = {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop-assets-x/*", "Sid": "AllowWeb"}

    assert change_view(Change("/P", ABSENT, long)).actual.pieces == (
        Piece('{\n  "Action": "s3:GetObject",\n  "Resource": "arn:aws:s3:::shop-assets-x/*",\n  "Sid": "AllowWeb"\n}'),
    )


def test_of_versions_the_part_that_differs_is_marked():
    change = Change("/V", "${version:rq1azPS+oe8I/86f1fbd8}", "${version:rq1azPS+oe8I/0f7448c0}")

    assert change_view(change).actual == SideView(
        "text",
        (Piece("code rq1azPS+ · settings "), Piece("0f7448c0", differs=True)),
        "version:rq1azPS+oe8I/0f7448c0",
    )


def test_a_change_has_its_classes_and_its_notes():
    shown = change_view(Change("/S", 1, 2, classes=("stale artifact",), notes=("no subnet\u202e",)))

    assert ([one.name for one in shown.labels], shown.notes) == (["stale artifact"], ("no subnet\\u202e",))


def test_a_cause_shows_and_is_found_by_its_own_classes_and_those_of_its_changes():
    change = replace(MEMORY, classes=("stale artifact",))
    shown = view(replace(API, changes=(change,), classes=("golden suspect",))).causes[0]

    assert [one.name for one in shown.labels] == ["golden suspect", "stale artifact"]


def test_of_what_could_not_be_read_and_what_is_accepted_the_number_is_said_apart():
    assert view(API, GONE, ACCEPTED, UNLISTED).says == "2 findings, 1 unreadable, 1 accepted"


def test_the_legend_explains_each_class_that_occurs_once():
    both = replace(API, changes=(replace(MEMORY, classes=("stale artifact", "golden suspect")),))

    assert [one.name for one in view(both, replace(both, id="b2"), GONE).filters.labels] == [
        "golden suspect",
        "stale artifact",
    ]


def test_the_doubt_about_golden_leads_to_the_gravest_open_finding_that_raises_it():
    suspect = replace(MEMORY, classes=("golden suspect",))
    accepted = replace(ACCEPTED, changes=(suspect,))
    report = view(replace(API, changes=(suspect,)), replace(GONE, classes=("golden suspect",)), accepted)

    assert (report.top.suspicion, report.top.suspect) == (
        "In 2 findings all other regions agree against us-east-1: is golden wrong?",
        "f-bb",
    )


def test_without_a_doubt_nothing_is_asked():
    assert (view(API).top.suspicion, view(API).top.suspect) == ("", "")


def test_of_many_long_differences_the_gravest_are_marked_word_by_word():
    golden = " ".join(f"w{number} same same" for number in range(30))
    actual = " ".join(f"v{number} same same" for number in range(30))
    changes = [Change("/P", f"{golden} {n}", f"{actual} {n}") for n in range(300)]
    found = view(*(replace(API, id=f"i{n:04}", name=f"{n:04}", changes=(one,)) for n, one in enumerate(changes)))
    marks = [sum(one.differs for one in each.changes[0].golden.pieces) for each in found.causes]

    assert (marks[0], marks[-1]) == (30, 0)


READ = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::x/*"}
READ_ALL = {**READ, "Action": "s3:*"}


def test_a_change_in_a_statement_of_a_policy_is_the_whole_statement_in_words():
    change = Change("/Policy/Statement/Read/Action", "s3:GetObject", "s3:*", statement=(READ, READ_ALL))
    (shown,) = change_views([change])

    assert (shown.path, "".join(piece.text for piece in shown.actual.pieces)) == (
        "/Policy/Statement/Read",
        "Allow anybody\nto s3:*\non arn:aws:s3:::x/*",
    )


def test_the_changes_in_one_statement_are_told_once():
    members = [
        Change(f"/Policy/Statement/Read/{name}", READ[name], "x", statement=(READ, READ_ALL))
        for name in ("Action", "Resource")
    ]

    assert [one.path for one in change_views([*members, MEMORY])] == ["/MemorySize", "/Policy/Statement/Read"]


def test_statements_that_read_alike_are_told_apart_as_json():
    one = {**READ, "Principal": {"AWS": "x"}}
    other = {**READ, "Principal": {"Service": "x"}}
    (shown,) = change_views([Change("/Policy/Statement/Read/Principal", statement=(one, other))])

    assert shown.golden.form == "block"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (MEMORY, "MemorySize 512 → 256"),
        (Change("/Tags/team", "shop", ABSENT), "Tags/team shop → not set"),
        (Change("/Policy", unreadable="no"), "Policy could not be read"),
        (Change("/P/Statement/Read", ABSENT, READ, statement=(ABSENT, READ)), "P/Statement/Read: a statement too many"),
        (Change("/P/Statement/Read", READ, statement=(READ, ABSENT)), "P/Statement/Read: the statement is missing"),
        (Change("/P/Statement/R/Action", "a", "b", statement=(READ, READ_ALL)), "P/Statement/R: the statement differs"),
        (Change("/A", "x" * 40 + "1", "x" * 40 + "2"), "A differs"),
    ],
)
def test_the_headline_says_the_difference_in_a_few_words(change, expected):
    assert headline(change) == expected
