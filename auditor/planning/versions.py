"""Function versions that a plan has to publish, because an alias is to point at one that a site has not. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from auditor.canonical import FIELD
from auditor.document import version_content
from auditor.model import Locale, Resource, State
from auditor.planned import Action, PlannedCall
from auditor.planning.drafts import Draft
from auditor.planning.ground import Ground
from auditor.planning.symbols import meant
from auditor.spec import FUNCTION, ResourceSpec

PUBLISH: Final = 89
"""Before aliases, after everything that a version fixes."""


def publishing(symbol: str, alias: Action, golden: Ground, spec: ResourceSpec) -> Draft | str:
    """The action that publishes the version of a symbol in an alias' site, or why it cannot be published.

    A version is what `$LATEST` was when it was published: it can be made again only while golden's `$LATEST` is still
    the same. `spec` is that of functions.
    """
    name = alias.name.partition("/")[0]
    latest = golden.resource((FUNCTION, name))
    if latest is None:
        return f"golden's function {name} was not read"
    content = version_content(latest, latest.name, spec, _without_versions(golden.locale), golden.wide)
    if not symbol.endswith(f"@{content}"):
        return (
            f"golden's {alias.name} points at version {meant(golden.locale).get(symbol, '?')}, which is not what "
            "golden's $LATEST is (any more): that version can be deployed, not copied"
        )
    params = {"FunctionName": "${name}", "CodeSha256": _code(latest)}
    call = PlannedCall("lambda", "PublishVersion", params, "published_version_active", True, {symbol: "Version"})
    made = Action("", alias.site, FUNCTION, name, alias.native.partition("/")[0], "update", "version", (call,))
    why = "a version that was published stays; nothing points at it any more"
    return Draft(replace(made, reason=alias.reason, cannot_undo=why), PUBLISH)


def _without_versions(locale: Locale) -> Locale:
    # Versions are told by their content before any of them has a symbol.
    kept = {
        literal: symbol
        for literal, symbol in locale.references.items()
        if not literal.startswith(f"{FIELD}version:") and not symbol.startswith("function-version:")
    }
    return replace(locale, references=kept)


def _code(function: Resource) -> str:
    readings = (one.value for one in function.facets.values() if one.state is State.READ)
    return next(str(one["CodeSha256"]) for one in readings if isinstance(one, dict) and one.get("CodeSha256"))
