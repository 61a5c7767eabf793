"""A plan's actions drafted again, of nothing but the values that they go from and to. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from auditor.canonical.references import VERSION_PREFIX
from auditor.errors import PlanError
from auditor.model.plan import Action, PlannedOn, Verb
from auditor.model.values import ABSENT, Change, Value, parse_site
from auditor.plan.draft import (
    Documents,
    Draft,
    deleting_drafts,
    making_drafts,
    updating_drafts,
    writing_drafts,
)
from auditor.plan.versions import PUBLISH, PUBLISHING, STAYS, publication
from auditor.specs.spec import FUNCTION, Facet, ResourceSpec
from auditor.specs.writes import born

OPPOSITE: Final[Mapping[Verb, Verb]] = {"create": "delete", "update": "update", "delete": "create"}
_FORMS: Final = (KeyError, TypeError, ValueError, AttributeError, IndexError, AssertionError, RecursionError)
"""What writers raise for values of a form that AWS never tells."""


def forward(action: Action) -> Action:
    """The action that one takes back, where it does: what its values are drafted as."""
    if not action.inverse:
        return action
    return replace(
        action,
        verb=OPPOSITE[action.verb],
        calls=action.undo,
        undo=action.calls,
        changes=tuple(Change(one.path, one.actual, one.golden) for one in action.changes),
        before=action.after,
        after=action.before,
        inverse=False,
    )


def redrafted(actions: Iterable[Action], spec: ResourceSpec, on: PlannedOn) -> list[Draft]:
    """The drafts of the actions of one resource, none of which takes anything back.

    Raises PlanError where a type's writers make nothing of what the actions say, which are the first of each facet.
    """
    held = list(actions)
    published = [Draft(_published(one, on), PUBLISH) for one in held if _publishes(one)]
    firsts: dict[str, Action] = {}
    for one in held:
        if not _publishes(one):
            firsts.setdefault(one.facet, one)
    strange = firsts.keys() - {"", *(facet.name for facet in spec.facets)}
    if strange:
        raise PlanError(f"{spec.type} has no facet '{min(strange)}'")
    try:
        return [*_of_resource(firsts, spec, on), *published]
    except _FORMS as error:
        raise PlanError(f"its values are not of a form that can be written ({type(error).__name__})") from None


def _of_resource(firsts: Mapping[str, Action], spec: ResourceSpec, on: PlannedOn) -> list[Draft]:
    first = firsts.get("")
    documents = tuple(one for one in (on.wanted, on.fields) if one is not None)
    if first is None:
        return _updates(firsts, spec, documents)
    region = parse_site(first.site).region
    if first.verb == "delete":
        kept = "" if first.undo else first.cannot_undo
        return deleting_drafts(replace(_empty(first), cannot_undo=kept), spec, first.before, region)
    if first.verb == "update" and not spec.versioned:
        raise PlanError(f"a {spec.type} that is there is not made again")
    # What is published again is made as if nothing had been there.
    documents = documents[:1] if first.verb == "create" else (on.wanted or {},)
    drafts = making_drafts(replace(_empty(first), verb="create"), spec, first.after, documents)
    for facet in spec.facets:
        if facet.name in firsts:
            base = replace(_empty(firsts[facet.name]), verb="create")
            after = first.after.get(facet.name, ABSENT)
            drafts += writing_drafts(base, spec, facet, born(facet, region), after, documents)
    if first.verb == "update":
        drafts = [replace(one, action=replace(one.action, verb="update")) for one in drafts]
    return _with_changes(drafts, first)


def _updates(firsts: Mapping[str, Action], spec: ResourceSpec, documents: Documents) -> list[Draft]:
    drafts: list[Draft] = []
    for facet in spec.facets:
        one = firsts.get(facet.name)
        if one is None:
            continue
        if one.verb != "update":
            raise PlanError(f"it would {one.verb} a part of a resource that this plan does not {one.verb}")
        made = updating_drafts(_empty(one), spec, facet, one.before, one.after, documents)
        drafts += _with_changes([_without_way_back(draft, one, facet) for draft in made[:1]] + made[1:], one)
    return drafts


def _without_way_back(draft: Draft, told: Action, facet: Facet) -> Draft:
    """The draft, without its undo where the plan says why: AWS may refuse it for what is beside it by then."""
    if told.undo or not told.cannot_undo or not facet.write:
        return draft
    return replace(draft, action=replace(draft.action, undo=(), cannot_undo=told.cannot_undo))


def _with_changes(drafts: list[Draft], told: Action) -> list[Draft]:
    """The drafts of which the first removes the changes that the plan says."""
    return [replace(one, action=replace(one.action, changes=told.changes)) for one in drafts[:1]] + drafts[1:]


def _empty(action: Action) -> Action:
    return Action("", action.site, action.type, action.name, action.native, action.verb, "", (), reason=action.reason)


def _publishes(action: Action) -> bool:
    return (action.type, action.facet) == (FUNCTION, PUBLISHING)


def _published(action: Action, on: PlannedOn) -> Action:
    """The action that publishes what golden's function is by now, as its document has it."""
    code = (on.wanted or {}).get("CodeSha256")
    call = action.calls[0] if action.calls else None
    if code is None or call is None:
        raise PlanError("nothing is known of the version that it would publish")
    described: Mapping[str, Value] = {one: call.params[one] for one in ("Description",) if one in call.params}
    symbol = next((one for one in call.tells if one.startswith(VERSION_PREFIX)), "")
    made = publication(symbol, str(code), described)
    return replace(_empty(action), verb="update", facet=PUBLISHING, calls=(made,), cannot_undo=STAYS)
