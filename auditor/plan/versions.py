"""Function versions that a plan has to publish, because something is to refer to one that a site has not. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from auditor.canonical.document import version_content
from auditor.canonical.references import IN_ARN, VERSION_PREFIX, function_of, undescribed, wording
from auditor.model.plan import Action, PlannedCall
from auditor.model.values import Resource, State, Value
from auditor.plan.draft import Draft
from auditor.plan.ground import Ground
from auditor.plan.symbols import meant
from auditor.specs.spec import FUNCTION, VERSION, ResourceSpec

PUBLISH: Final = 89
"""Before aliases, after everything that a version fixes."""
PUBLISHING: Final = "version"
"""What is written where a facet is, of an action that publishes a function's version."""
STAYS: Final = "a version that was published stays; nothing points at it any more"

DESCRIBED_OTHERWISE: Final = (
    "its newest version differs in nothing but the description, and Lambda publishes no second one of the same code "
    "and configuration"
)
"""Why a version cannot be published: https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html"""


def publishing(symbol: str, user: Action, there: Mapping[str, str], golden: Ground, spec: ResourceSpec) -> Draft | str:
    """The action that publishes the version of a symbol in the site of what refers to it, or why it cannot be.

    A version is what `$LATEST` was when it was published: it can be made again only while golden's `$LATEST` is still
    the same, but for its description, which a version can have of its own. `there` are the native names in the site,
    by canonical ones, of its functions, those among them that are made before. `spec` is that of functions.
    """
    named = (one for one in golden.documents.values() if one.type == FUNCTION)
    function = next((one for one in named if wording(one.native, golden.locale) == function_of(symbol)), None)
    latest = golden.resource((FUNCTION, function.name)) if function else None
    if latest is None or function is None:
        return f"golden's function {function_of(symbol)} was not read"
    if function.name not in there:
        return f"its function {function.name} is not there"
    number = VERSION_PREFIX + symbol.partition(":")[2]
    described = _described(number, latest, golden, spec, user)
    if isinstance(described, str):
        return described
    call = publication(number, _code(latest), described)
    made = Action("", user.site, FUNCTION, function.name, there[function.name], "update", PUBLISHING, (call,))
    return Draft(replace(made, reason=user.reason, cannot_undo=STAYS), PUBLISH)


def publication(symbol: str, code: str, described: Mapping[str, Value]) -> PlannedCall:
    """The call that publishes a function as it is, if it is of this code; `symbol` is the version's number then."""
    params = {"FunctionName": "${name}", "CodeSha256": code, **described}
    tells = {symbol: "Version", IN_ARN + symbol: "join(':', ['function', FunctionName, Version])"}
    return PlannedCall("lambda", "PublishVersion", params, "published_version_active", True, tells)


def _described(
    symbol: str, latest: Resource, golden: Ground, spec: ResourceSpec, user: Action
) -> Mapping[str, Value] | str:
    """What else the call says: a description, where it is not that of golden's `$LATEST`; or why there is no call."""
    content = version_content(latest, latest.name, spec, golden.locale, golden.wide)
    if symbol.endswith(f"@{content}"):
        return {}
    number = meant(golden.locale).get(symbol, "?")
    if not undescribed(symbol).endswith(f"@{undescribed(content)}"):
        return (
            f"golden's {user.name} points at version {number}, which is not what golden's $LATEST is (any more): that "
            "version can be deployed, not copied"
        )
    versions = {one.name: one for one in golden.snapshot.resources if one.type == VERSION}
    version = versions.get(f"{latest.name}/{number}")
    told = version.facets["configuration"].value.get("Description") if version else ""
    if not told:
        return f"golden's version {number} has no description, and would be published with that of $LATEST"
    return {"Description": golden.text(told)}


def _code(function: Resource) -> str:
    readings = (one.value for one in function.facets.values() if one.state is State.READ)
    return next(str(one["CodeSha256"]) for one in readings if isinstance(one, dict) and one.get("CodeSha256"))
