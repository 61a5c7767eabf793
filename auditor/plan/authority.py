"""What a plan may do: what the specs' writers make of the values that it says, of those resources, and nothing else.

Whoever wrote the file, and whatever its seal: verbs, calls, ways back, dangers, needs and order are made again of the
types' specs and of the values before and after, and an action that says anything else is refused. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any, Final

from auditor.canonical.pairing import name_symbol
from auditor.errors import PlanError
from auditor.model.plan import Action, Plan, PlannedCall, PlannedOn
from auditor.model.values import Value
from auditor.plan.draft import Draft
from auditor.plan.ground import Specs
from auditor.plan.order import action_id, ordered, required
from auditor.plan.plan import fingerprint
from auditor.plan.redrafted import forward, redrafted
from auditor.plan.rollback import taken_back
from auditor.plan.sources import refuse_strange_sources
from auditor.plan.symbols import is_given

WHAT_NEXT: Final = "Nothing was called. Make a new plan with 'auditor plan'."
_LONGEST: Final = 300
_Key = tuple[str, str, str]
"""Site, type and name."""


def refuse_beyond(plan: Plan, specs: Specs, where: str) -> None:
    """Raise PlanError where a plan says anything that does not follow from the values that it shows.

    `where` names the plan in messages, `specs` are those of all types.
    """
    try:
        _refuse_beyond(plan, specs)
    except PlanError as error:
        raise PlanError(f"{where}: {error}. {WHAT_NEXT}") from None


def _refuse_beyond(plan: Plan, specs: Specs) -> None:
    _refuse_strangers(plan, specs)
    _refuse_symbols(plan)
    drafts = [draft for key, own in _by_resource(plan).items() for draft in _drafts(plan, key, own, specs)]
    if plan.undoes:
        _refuse_order_back(plan, drafts, specs)
    else:
        _refuse_order(plan.actions, ordered(drafts, specs))


def _by_resource(plan: Plan) -> dict[_Key, list[Action]]:
    held: dict[_Key, list[Action]] = {}
    sites = dict.fromkeys(one.site for one in plan.actions)
    for site in sites:
        for one in sorted((one for one in plan.actions if one.site == site), key=lambda one: (one.type, one.name)):
            held.setdefault((site, one.type, one.name), []).append(one)
    return held


# -- what an action is about


def _refuse_strangers(plan: Plan, specs: Specs) -> None:
    """Raise PlanError for a resource, site or type that the plan does not say to touch."""
    held = {(one.site, one.type, one.name): one for one in plan.resources}
    if len(held) < len(plan.resources) or len({one.id for one in plan.actions}) < len(plan.actions):
        raise PlanError("it says something twice")
    for one in plan.actions:
        why = _strange(one, plan, specs, held.get((one.site, one.type, one.name)))
        if why:
            raise PlanError(f"{_what(one)}: {why}")
    touched = {(one.site, one.type, one.name) for one in plan.actions}
    if not plan.undoes and held.keys() != touched:
        site, type_, name = min(held.keys() ^ touched)
        raise PlanError(f"{site}: {type_}/{name} is said to be touched, and no action touches it")
    for on in plan.resources:
        if on.fingerprint != fingerprint(on.fields):
            raise PlanError(f"{on.site}: {on.type}/{on.name} is not in the state that its fingerprint is of")


def _strange(action: Action, plan: Plan, specs: Specs, on: PlannedOn | None) -> str:
    if action.type not in specs:
        return f"this program does not know the type {action.type}"
    if action.site not in plan.accounts:
        return f"the plan does not say which account {action.site} is"
    if on is None:
        return "the plan does not say in which state it was"
    if on.native != action.native:
        return f"it would write to {action.native}, and what was looked at is {on.native}"
    if action.inverse and not plan.undoes:
        return "it takes something back, in a plan that takes back no run"
    there, wanted = on.fields is not None, on.wanted is not None
    fits = {"create": not there and wanted, "delete": there and not wanted, "update": there}[action.verb]
    made = action.verb == "update" and any(_makes(one, action) for one in plan.actions)
    return (
        "" if fits or made or plan.undoes else f"there is nothing to {action.verb}, by what the plan says of its state"
    )


def _makes(one: Action, other: Action) -> bool:
    return (one.site, one.type, one.name, one.verb) == (other.site, other.type, other.name, "create")


def _refuse_symbols(plan: Plan) -> None:
    """Raise PlanError for a symbol that would give another meaning to what the program itself gives one."""
    for site, symbols in plan.symbols.items():
        own = {name_symbol(one.type, one.name): one.native for one in plan.resources if one.site == site}
        known: Mapping[str, str] = {**plan.names.get(site, {})}
        for symbol, meaning in symbols.items():
            if is_given(symbol) or not isinstance(meaning, str):
                raise PlanError(f"{site}: what '{symbol}' means is not for a plan to say")
            told = known.get(symbol, own.get(symbol, meaning))
            if told != meaning:
                raise PlanError(f"{site}: '{symbol}' is {told}, and the plan says that it is {meaning}")


# -- what it says, and what it should say


def _drafts(plan: Plan, key: _Key, actions: list[Action], specs: Specs) -> Iterator[Draft]:
    on = next(one for one in plan.resources if (one.site, one.type, one.name) == key)
    spec = specs[key[1]]
    originals = [forward(one) for one in actions]
    try:
        made = redrafted(originals, spec, on)
        for one in originals:
            refuse_strange_sources(one, spec)
    except PlanError as error:
        raise PlanError(f"{_what(actions[0])}: {error}") from None
    waiting = _by_facet(made)
    for action in actions:
        own = waiting.get(action.facet, [])
        if not own:
            raise PlanError(f"{_what(action)}: by what it says of its values, nothing is to be done")
        draft = own.pop(0)
        expected = _expected(draft, action, plan)
        _refuse_other(action, expected)
        yield replace(draft, action=replace(draft.action, reason=action.reason))
    left = next((draft for own in waiting.values() for draft in own), None)
    if left and not plan.undoes:
        raise PlanError(f"{_what(actions[0])}: it lacks {_calls(left.action.calls)}")


def _by_facet(drafts: Iterable[Draft]) -> dict[str, list[Draft]]:
    held: dict[str, list[Draft]] = {}
    for one in drafts:
        held.setdefault(one.action.facet, []).append(one)
    return held


def _expected(draft: Draft, action: Action, plan: Plan) -> Action:
    """What a draft is as an action of its plan: one that takes a run back says less of dangers."""
    made = draft.action
    if plan.undoes:
        made = taken_back(made) if action.inverse else taken_back(taken_back(made))
    return replace(made, id=action_id(made), needs=action.needs, reason=action.reason)


_TOLD: Final = ("verb", "calls", "undo", "cannot_undo", "warnings", "changes", "before", "after", "native", "id")


def _refuse_other(action: Action, expected: Action) -> None:
    for name in _TOLD:
        says, should = (_plain(getattr(one, name)) for one in (action, expected))
        if says != should:
            raise PlanError(
                f"{_what(action)}: its {name.replace('_', ' ')} should be {_shortened(should)} by what it says of its "
                f"values, and the plan says {_shortened(says)}"
            )


def _refuse_order(actions: Iterable[Action], expected: Iterable[Action]) -> None:
    says, should = list(actions), list(expected)
    for one, other in zip(says, should, strict=True):
        if one.id != other.id:
            raise PlanError(f"{_what(one)}: it is not its turn: {_what(other)} comes first")
        if one.needs != other.needs:
            raise PlanError(f"{_what(one)}: it needs {_ids(other.needs)} to be done first, and says {_ids(one.needs)}")


def _refuse_order_back(plan: Plan, drafts: list[Draft], specs: Specs) -> None:
    """Raise PlanError where what takes a run back does not keep an order that AWS demands."""
    before: dict[str, set[str]] = {}
    for one in plan.actions:
        if not before.keys() >= set(one.needs):
            raise PlanError(f"{_what(one)}: it needs what does not come before it")
        before[one.id] = {*one.needs, *(id_ for need in one.needs for id_ in before[need])}
    by_key = {(one.site, one.type, one.name, one.facet): one for one in plan.actions}
    for first, then in required(drafts, specs):
        sides = [by_key[(one.site, one.type, one.name, one.facet)] for one in (first, then)]
        earlier, later = reversed(sides) if sides[0].inverse else sides
        if earlier.id != later.id and earlier.id not in before[later.id]:
            raise PlanError(f"{_what(later)}: it needs {_ids((earlier.id,))} to be done first, and does not say so")


# -- words


def _what(action: Action) -> str:
    facet = f" ({action.facet})" if action.facet else ""
    return _shortened(f"action {action.id}, to {action.verb} {action.type}/{action.name}{facet} in {action.site}")


def _calls(calls: Iterable[PlannedCall]) -> str:
    return ", ".join(f"{one.service}.{one.operation}" for one in calls)


def _ids(ids: Iterable[str]) -> str:
    return ", ".join(map(str, ids)) or "nothing"


def _plain(value: Any) -> Value:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    whole = asdict(value) if hasattr(value, "__dataclass_fields__") else value
    return json.loads(json.dumps(whole, default=str, sort_keys=True))


def _shortened(value: Value) -> str:
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    text = text.encode("ascii", "backslashreplace").decode()
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
