"""What is named and is not there: no run is green for it, and each is told with what may have been meant."""

from __future__ import annotations

import json

import pytest
from cli.test_cli import API, SITES, functions

from auditor.compare.idle import Seen, idle_exceptions, idle_selectors
from auditor.compare.selection import Selector
from auditor.model.values import DriftException, Member
from auditor.nearest import hint, nearest
from auditor.settings.accounts import OrganizationSettings, idle_exclusions

FUNCTION, BUCKET = "AWS::Lambda::Function", "AWS::S3::Bucket"
THERE = frozenset({(FUNCTION, "checkout"), (FUNCTION, "shop-api"), (BUCKET, "assets-${region}")})
LEFT = frozenset({(FUNCTION, "web")})
EUROPE = ("eu-west-1", "eu-central-1")


@pytest.fixture
def two(aws):
    both = functions(checkout=API, api=API)
    aws.seed(us_east_1=both, eu_west_1=both)


def settings(folder, **more):
    told = {"golden": "us-east-1", "regions": ["us-east-1", "eu-west-1"], "types": [FUNCTION], **more}
    (folder / "auditor.yaml").write_text(json.dumps(told))


@pytest.mark.parametrize(
    "command", [("diff", "-q"), ("report", "-o", "r.html"), ("audit",), ("plan",), ("reconcile", "--yes")]
)
@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            {"select": {"include": [{"name": "chekout*"}]}},
            "(2). Mend it in auditor.yaml.\n  select.include[0] (name: chekout*) matches no resource. Nearest: AWS::La",
        ),
        ({"regions": ["us-east-1"]}, "there is no site beside us-east-1. Name another one under 'regions'"),
    ],
)
def test_nothing_is_green_that_was_not_looked_at(two, run, tmp_path, command, more, said):
    settings(tmp_path, **more)

    told = run(*command)

    assert (told.code, told.err.startswith("auditor: Nothing was compared: "), said in told.err, told.out) == (
        1,
        True,
        True,
        "",
    ), told.err


def test_a_snapshot_of_one_region_is_not_in_sync(two, run, tmp_path):
    settings(tmp_path, regions=["us-east-1"])
    run("snapshot")

    assert run("diff", "latest").code == 1


def test_one_region_is_enough_beside_a_golden_snapshot(two, run, tmp_path):
    id_ = run("snapshot", *SITES).out.strip()
    settings(tmp_path, regions=["us-east-1"], golden=f"snapshot:{id_}")

    assert run("diff").code == 0


def test_a_selector_that_matches_nothing_beside_others_is_a_warning(two, run, tmp_path):
    settings(tmp_path, select={"include": [{"name": "api"}, {"name": "check-out"}], "exclude": [{"type": BUCKET}]})

    told = run("diff")

    assert (told.code, told.err.splitlines()) == (
        0,
        [
            f"warning: select.include[1] (name: check-out) matches no resource. Nearest: {FUNCTION}/checkout.",
            "warning: select.exclude[0] (type: AWS::S3::Bucket) matches no resource. There is: AWS::Lambda::Function.",
        ],
    )


@pytest.mark.parametrize(
    ("selector", "said"),
    [
        (Selector(name="asset-*"), "(name: asset-*) matches no resource. Nearest: AWS::S3::Bucket/assets-${region}."),
        (Selector(type="AWS::Lamda::*"), "(type: AWS::Lamda::*) matches no resource. Nearest: AWS::Lambda::Function."),
        (
            Selector(tags={"t": "x"}),
            "(tags: {t: x}) matches no resource. No resource of that name has such tags.",
        ),
    ],
)
def test_a_selector_that_matches_nothing_is_told_with_what_is_nearest(selector, said):
    assert list(idle_selectors((selector,), (), Seen(THERE, LEFT))) == [f"select.include[0] {said}"]


def test_a_selector_that_matches_something_anywhere_is_not_told():
    assert (
        list(idle_selectors((Selector(name="a"), Selector(name="b")), (), Seen(THERE, matched=frozenset({0, 1})))) == []
    )


@pytest.mark.parametrize(
    ("exception", "said"),
    [
        ({"resource": f"{FUNCTION}/chekout"}, f": no resource is called so (any more). Nearest: {FUNCTION}/checkout."),
        ({"resource": f"{FUNCTION}/checkout"}, " any more; it can be deleted."),
        (
            {"resource": "*/checkout", "region": "eu-wst-*"},
            ": no site that is compared is called eu-wst-*.",
        ),
        ({"resource": "*/checkout", "site": "us-east-1"}, ": no site that is compared is called us-east-1."),
        ({"resource": f"{FUNCTION}/web"}, None),
        ({"resource": "AWS::Lambda::Alias/web/live"}, None),
        ({"resource": f"{FUNCTION}/chekout", "until": "2026-01-01"}, None),
    ],
)
def test_an_exception_that_covers_nothing_says_why(exception, said):
    one = DriftException(reason="why", **exception)

    told = list(idle_exceptions([one], "2026-11-29", EUROPE, (FUNCTION, BUCKET), Seen(THERE, LEFT)))

    assert len(told) == (said is not None)
    assert all(text.startswith(f"The exception on {one.resource} covers nothing{said}") for text in told), told


NAMED = {
    "pairs": {FUNCTION: {"shop": {"us-east-1": "api", "eu-west-1": "api-eu"}, "till": {"us-east-1": "chekout"}}},
    "names": {FUNCTION: ["{stem}pi", "{stem}-{region}"], BUCKET: ["{stem}-x"]},
    "pair_by_tag": {FUNCTION: "app"},
    "plain": ["LOG_*", "STAGE"],
}


def test_names_that_stand_for_nothing_in_any_site_are_told(aws, run, tmp_path):
    both = functions(checkout=API, api={**API, "Environment": {"Variables": {"LOG_LEVEL": "x"}}})
    aws.seed(us_east_1=both, eu_west_1=both)
    settings(tmp_path, **NAMED)

    told = run("diff")

    there = "There is: api, checkout, shop."
    assert [line for line in told.err.splitlines() if line.startswith("warning: ")] == [
        f"warning: pairs.{FUNCTION}.till stands for no resource of the sites compared. Nearest: checkout.",
        f"warning: names.{FUNCTION} ({{stem}}-{{region}}) matches no name in the sites compared. {there}",
        f"warning: pair_by_tag.{FUNCTION}: no resource of the sites compared has the tag 'app'.",
        "warning: plain: 'STAGE' matches no environment variable of the sites compared.",
    ], told.err


def test_what_is_near_is_told_and_else_what_there_is():
    assert (nearest("web-*", {"web-1", "api"}), hint("zzzz", {"d", "c", "b", "a"}), hint("a", ())) == (
        ("web-1",),
        " There is: a, b, c and 1 more.",
        " There is none.",
    )


def test_an_exclusion_that_excludes_no_account_is_told():
    asked = OrganizationSettings(role_name="auditor", exclude=("sandbox-*", "111122223333", "prod"))
    members = [Member("111122223333", "shop", "aws", True), Member("444455556666", "sandbox", "aws", False)]

    assert list(idle_exclusions(asked, members)) == [
        "'organization.exclude': sandbox-* matches no active account of the organization. Nearest: sandbox.",
        "'organization.exclude': prod matches no active account of the organization. There is: sandbox, shop.",
    ]
