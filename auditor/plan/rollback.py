"""The plan that takes a run back: what it did, the other way round and in the opposite order. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from auditor.dangers.dangers import dangers
from auditor.model.plan import Action, LeftOut, Plan, PlannedOn, Warned
from auditor.model.pointer import is_within, segments, value_at
from auditor.model.values import ABSENT, Change, Value
from auditor.plan.order import action_id
from auditor.plan.plan import fingerprint
from auditor.plan.redrafted import OPPOSITE
from auditor.plan.symbols import from_golden, told_in
from auditor.runs.state import RunState


class Now(NamedTuple):
    """A resource as it is now; `fields` is None where there is none."""

    fields: Mapping[str, Value] | None
    differs: tuple[Change, ...]
    """How it differs from what the run was to make of it."""
    unread: tuple[str, ...] = ()
    """The places that could not be read."""


def rollback(plan: Plan, run: str, state: RunState, again: Callable[[PlannedOn], Now]) -> Plan:
    """The plan that brings back what was there before a run; `left_out` says what it cannot bring back, and why.

    `again` reads a resource that was touched once more. Of one that is as it was before the run there is nothing to be
    taken back.
    """
    happened = [one for one in plan.actions if one.id in state.done or state.touched(one.id)]
    held = {(one.site, one.type, one.name): one for one in plan.resources}
    keys = {(one.site, one.type, one.name) for one in happened}
    fresh = {key: again(held[key]) for key in keys}
    unsure = _unsure(happened, state)
    out: list[LeftOut] = []
    back: dict[str, Action] = {}
    for action in reversed(happened):
        key = (action.site, action.type, action.name)
        if _is_back(action, held[key], fresh[key], key in unsure):
            continue
        why = _obstacle(action, held[key].fields, fresh[key], _as_wanted(plan, key, state))
        if why:
            out.append(LeftOut(action.site, action.type, action.name, _path(action), why, "".join(action.reason[:1])))
        elif action.undo:
            back[action.id] = taken_back(action)
    return replace(
        plan,
        actions=tuple(_needing(action, happened, back) for action in happened[::-1] if action.id in back),
        left_out=tuple(out),
        resources=tuple(_on(held[key], fresh[key].fields) for key in sorted(keys)),
        symbols=_symbols(plan, state),
        undoes=run,
    )


def _is_back(action: Action, planned: PlannedOn, now: Now, unsure: bool) -> bool:
    """Whether a resource is for certain what it was before the run: absent again, or alike in all that is compared.

    What an action did must show in that, or have gone with its resource.
    """
    if now.unread or unsure or fingerprint(now.fields) != planned.fingerprint:
        return False
    return now.fields is None or bool(action.undo and (action.changes or action.verb == "delete"))


def _unsure(happened: Iterable[Action], state: RunState) -> frozenset[tuple[str, str, str]]:
    """The resources about which a call may have been made of which reading may have come too early."""
    early = {*state.open, *state.unseen}
    return frozenset((one.site, one.type, one.name) for one in happened if one.id in early)


def _symbols(plan: Plan, state: RunState) -> dict[str, dict[str, str]]:
    """What symbols mean by site, those that the run's answers told among them."""
    told = {
        site: {name: str(value) for name, value in told_in(plan, site, state.tells).items()} for site in state.tells
    }
    return {site: {**plan.symbols.get(site, {}), **told.get(site, {})} for site in {**plan.symbols, **told}}


def _path(action: Action) -> str:
    return action.changes[0].path if action.changes else ""


def _as_wanted(plan: Plan, key: tuple[str, str, str], state: RunState) -> bool:
    """Whether the run made all of a resource that it should be, so that a difference is of a later day."""
    own = [one.id for one in plan.actions if (one.site, one.type, one.name) == key]
    left = any((one.site, one.type, one.name) == key for one in plan.left_out)
    return state.done.issuperset(own) and not left


def _obstacle(action: Action, before: Mapping[str, Value] | None, fresh: Now, as_wanted: bool) -> str:
    now, differs, unread = fresh
    if not action.undo:
        return action.cannot_undo
    unknown = next((place for place in unread if _writes(action, place)), None)
    if unknown is not None:
        return f"{unknown or 'its configuration'} could not be read, and what is unknown is not written over"
    if action.verb == "delete":
        return "" if now is None else "there is one again"
    if now is None:
        return "it is gone"
    if not action.changes and not as_wanted:
        return ""
    changed = [one.path for one in differs if _is_lost(action, one, before or {})]
    return (
        f"it was changed since the run ({', '.join(changed)}): to take it back would undo that too" if changed else ""
    )


def _writes(action: Action, place: str) -> bool:
    return not action.changes or not place or any(segments(one.path)[:1] == (place,) for one in action.changes)


def _is_lost(action: Action, change: Change, before: Mapping[str, Value]) -> bool:
    """Whether what was changed since the run would be lost, were the action taken back."""
    # Making a resource is taken back by deleting it, and all that was changed of it since.
    if not action.changes:
        return not action.facet
    if any(is_within(change.path, one.path) for one in action.changes):
        return True
    # Most facets are written whole, so what was changed beside it goes too, unless it was like that before the run.
    beside = any(segments(one.path)[:1] == segments(change.path)[:1] for one in action.changes)
    return beside and value_at(before, segments(change.path)) != change.actual


def taken_back(action: Action) -> Action:
    """An action's opposite. Its own way back is what it takes back, as far as nothing of that was secret."""
    ships = from_golden(action.calls)
    verb = OPPOSITE[action.verb]
    one_way = [Warned("irreversible", action.cannot_undo)] if action.cannot_undo else []
    deleting = action.undo if verb == "delete" else ()
    told = [warned for call in deleting for warned in dangers(action.type, verb, call, {}, ABSENT)]
    warnings = tuple(dict.fromkeys([*one_way, *told]))
    made = replace(
        action,
        verb=verb,
        calls=action.undo,
        undo=() if ships else action.calls,
        cannot_undo="what golden had is not kept" if ships else "",
        changes=tuple(Change(one.path, one.actual, one.golden) for one in action.changes),
        needs=(),
        warnings=warnings,
        before=action.after,
        after=action.before,
        inverse=not action.inverse,
    )
    return replace(made, id=action_id(made))


def _needing(action: Action, happened: Iterable[Action], back: Mapping[str, Action]) -> Action:
    """The opposite of an action, after the opposites of all that needed it."""
    later = _all_that_need(action.id, list(happened))
    return replace(back[action.id], needs=tuple(back[one].id for one in later if one in back))


def _all_that_need(id_: str, actions: list[Action]) -> list[str]:
    # What is between two actions may have no way back, so that it is not enough to look at the next ones.
    reached = {id_}
    for one in actions:
        if reached.intersection(one.needs):
            reached.add(one.id)
    return [one.id for one in actions if one.id in reached and one.id != id_]


def _on(planned: PlannedOn, now: Mapping[str, Value] | None) -> PlannedOn:
    return replace(planned, fingerprint=fingerprint(now), fields=now, wanted=planned.fields, golden="")
