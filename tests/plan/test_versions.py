"""Function versions that a plan has to publish: only what golden's own $LATEST still is, and only once it is alike."""

from __future__ import annotations

from plan.grounds import (
    ALIAS,
    FUNCTION,
    GOLDEN,
    LOCALES,
    SPECS,
    TARGET,
    accepting,
    acting,
    asked_for,
    calls,
    function,
    left,
    planned,
    resource,
    site,
)

from auditor.canonical.document import version_content
from auditor.model.plan import PlannedCall
from auditor.model.values import Resource
from auditor.plan.choice import Choice
from auditor.specs.spec import VERSION


def version(name, region, number, **others):
    """The version of a function that is what `function` makes of these."""
    return Resource(VERSION, f"{name}/{number}", function(name, region, **others).facets)


def alias(number, **members):
    return resource(ALIAS, "f/live", configuration={"Name": "live", "FunctionVersion": number, **members})


def symbol(**others):
    content = version_content(function("f", GOLDEN, **others), "f", SPECS[FUNCTION], LOCALES[GOLDEN], wide=False)
    return f"version:f@{content}"


NEW, OLD = {"sha": "sha-of-new"}, {"sha": "sha-of-old"}


def golden(latest=NEW, published=NEW):
    return site(GOLDEN, function("f", GOLDEN, **latest), version("f", GOLDEN, 7, **published), alias("7"))


def behind(latest=OLD, number="3", **members):
    """A site whose alias points at an old version."""
    return site(TARGET, function("f", **latest), version("f", TARGET, 3, **OLD), alias(number, **members))


NO_VERSION = {TARGET: {symbol(**NEW): "there is no such version"}}


def test_whether_a_site_has_a_version_is_looked_up_first():
    assert asked_for(golden(), behind()) == {TARGET: frozenset({symbol(**NEW)})}


def test_an_alias_takes_the_number_that_the_version_has_in_its_own_site():
    made = planned(golden(), behind(NEW), meanings={TARGET: {symbol(**NEW): "9"}})

    assert (acting(made, "UpdateAlias").calls[0].params["FunctionVersion"], made.symbols[TARGET]) == (
        "${" + symbol(**NEW) + "}", {symbol(**NEW): "9", symbol(**OLD): "3"},
    )  # fmt: skip


def test_a_version_that_no_one_has_is_published_after_the_function_is_alike_and_before_the_alias():
    made = planned(golden(), behind(), untold=NO_VERSION)

    assert calls(made) == ["UpdateFunctionCode", "PublishVersion", "UpdateAlias"]


def test_a_version_is_published_once_and_only_of_the_code_that_golden_has():
    made = planned(golden(), behind(), untold=NO_VERSION)

    assert acting(made, "PublishVersion").calls == (
        PlannedCall(
            "lambda",
            "PublishVersion",
            {"FunctionName": "${name}", "CodeSha256": "sha-of-new"},
            "published_version_active",
            True,
            {symbol(**NEW): "Version", f"function-{symbol(**NEW)}": "join(':', ['function', FunctionName, Version])"},
        ),
    )


def test_the_alias_needs_the_version_that_is_published():
    made = planned(golden(), behind(), untold=NO_VERSION)

    assert acting(made, "UpdateAlias").needs == (acting(made, "PublishVersion").id,)


def test_a_published_version_stays():
    action = acting(planned(golden(), behind(), untold=NO_VERSION), "PublishVersion")

    assert (action.undo, action.cannot_undo) == (
        (), "a version that was published stays; nothing points at it any more",
    )  # fmt: skip


def test_a_version_that_golden_cannot_make_again_is_not_copied():
    made = planned(golden(latest=OLD, published=NEW), behind(), untold=NO_VERSION)

    assert left(made)["/FunctionVersion"].endswith(
        "golden's f/live points at version 7, which is not what golden's $LATEST is (any more): that version can be "
        "deployed, not copied"
    )


def test_nothing_is_published_of_a_function_with_an_accepted_difference():
    made = planned(golden(), behind(), untold=NO_VERSION, exceptions=[accepting(f"{FUNCTION}/f", "/CodeSha256")])

    why = f"{TARGET} has no such version, and none can be published: /CodeSha256 of its function differs"
    assert (calls(made), left(made)["/FunctionVersion"]) == ([], f"unresolved reference: {why}")


def test_nothing_is_published_of_a_function_whose_update_turns_out_to_be_impossible():
    subnet = {"VpcConfig": {"SubnetIds": ["subnet-0abc"], "SecurityGroupIds": []}}
    new = {**NEW, "settings": subnet}
    there = site(
        GOLDEN,
        function("f", GOLDEN, **new),
        version("f", GOLDEN, 7, **new),
        alias("7"),
        references={"subnet-0abc": "subnet:a"},
    )
    asked = asked_for(there, behind())[TARGET]
    made = planned(there, behind(), untold={TARGET: dict.fromkeys(asked, "there is none")})

    assert calls(made) == ["UpdateFunctionCode"]


def test_nothing_is_published_for_an_alias_that_is_left_after_all():
    made = planned(golden(), behind(NEW), untold=NO_VERSION, choice=Choice(without=frozenset({"outage"})))

    assert calls(made) == []


def test_nothing_is_published_of_a_function_that_is_not_made():
    made = planned(golden(), site(TARGET), untold=NO_VERSION, live=False)

    assert calls(made) == []


def test_a_difference_that_belongs_to_the_function_as_a_whole_holds_up_no_version():
    latest = {**NEW, "concurrency": 5}
    made = planned(
        golden(latest=latest), behind(NEW), untold=NO_VERSION, exceptions=[accepting(f"{FUNCTION}/f", "/Reserved*")]
    )

    assert calls(made) == ["PublishVersion", "UpdateAlias"]


def test_a_new_function_gets_its_version_and_then_its_alias():
    made = planned(golden(), site(TARGET), untold=NO_VERSION)

    assert calls(made) == ["CreateFunction", "PublishVersion", "CreateAlias"]


def test_two_aliases_of_one_version_need_it_published_once():
    more = resource(ALIAS, "f/more", configuration={"Name": "more", "FunctionVersion": "7"})
    there = golden()
    there = site(GOLDEN, *there.resources, more)
    made = planned(there, site(TARGET), untold=NO_VERSION)

    assert calls(made) == ["CreateFunction", "PublishVersion", "CreateAlias", "CreateAlias"]
