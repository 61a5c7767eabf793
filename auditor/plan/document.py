"""A plan as plain JSON values (`auditor/plan/1`), and back. Pure; auditor.plan.file seals it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from auditor.model.plan import (
    DANGERS,
    VERBS,
    Action,
    LeftOut,
    Plan,
    PlannedCall,
    PlannedOn,
    Verb,
    Warned,
)
from auditor.model.values import ABSENT, Change, Value

SCHEMA: Final = "auditor/plan/1"


def plan_document(plan: Plan) -> dict[str, Any]:
    """The plan as plain JSON values, without its seals. A side of a change that has no such field is left out."""
    fingerprints = {(one.site, one.type, one.name): one.fingerprint for one in plan.resources}
    return {
        "schema": SCHEMA,
        "golden": plan.golden,
        "taken": plan.taken,
        "sites": list(plan_sites(plan)),
        "accounts": dict(plan.accounts),
        "actions": [_action(one, fingerprints) for one in plan.actions],
        "left_out": [_left_out(one) for one in plan.left_out],
        "resources": [_planned_on(one) for one in plan.resources],
        "symbols": {site: dict(meanings) for site, meanings in plan.symbols.items()},
        "names": {site: dict(names) for site, names in plan.names.items()},
        "wide": list(plan.wide),
        "key_id": plan.key_id,
        "undoes": plan.undoes,
        "summary": plan_summary(plan),
    }


def plan_from(document: Mapping[str, Any]) -> Plan:
    """The plan of a document: `plan_from(plan_document(plan)) == plan`. No seal is looked at.

    Raises KeyError, TypeError, ValueError or AttributeError for a document of another form.
    """
    return Plan(
        golden=document["golden"],
        taken=document["taken"],
        accounts=document["accounts"],
        actions=tuple(map(_action_from, document["actions"])),
        left_out=tuple(map(_left_out_from, document["left_out"])),
        resources=tuple(map(_planned_on_from, document["resources"])),
        symbols=document["symbols"],
        names=document["names"],
        wide=tuple(document["wide"]),
        key_id=document["key_id"],
        undoes=document["undoes"],
    )


def plan_sites(plan: Plan) -> tuple[str, ...]:
    """The sites that a plan is about, by name: golden is among them only where it is written itself."""
    touched = {one.site for one in plan.actions} | {one.site for one in plan.left_out}
    return tuple(sorted(set(plan.accounts) - {plan.golden} | touched))


def plan_summary(plan: Plan) -> dict[str, int]:
    """How many resources are created, updated and deleted, by how many actions, and how many differences stay.

    A resource that is made and then written counts as created alone; one that is deleted and made, as both.
    """
    verbs: dict[tuple[str, str, str], set[Verb]] = {}
    for one in plan.actions:
        verbs.setdefault((one.site, one.type, one.name), set()).add(one.verb)
    counts = {
        "create": sum("create" in told for told in verbs.values()),
        "update": sum(told == {"update"} for told in verbs.values()),
        "delete": sum("delete" in told for told in verbs.values()),
    }
    return {**counts, "actions": len(plan.actions), "left_out": len(plan.left_out)}


def _action(action: Action, fingerprints: Mapping[tuple[str, str, str], str]) -> dict[str, Any]:
    told = {
        "id": action.id,
        "site": action.site,
        "resource": f"{action.type}/{action.name}",
        "native": action.native,
        "verb": action.verb,
        "facet": action.facet,
        "changes": [_change(one) for one in action.changes],
        "calls": [_call(one) for one in action.calls],
        "needs": list(action.needs),
        "undo": [_call(one) for one in action.undo],
        "reason": list(action.reason),
        "warnings": [{"danger": one.danger, "text": one.text} for one in action.warnings],
        "fingerprint": fingerprints.get((action.site, action.type, action.name), ""),
    }
    sides = {"before": action.before, "after": action.after}
    held = {side: value for side, value in sides.items() if value is not ABSENT}
    return told | held | _set(cannot_undo=action.cannot_undo, inverse=action.inverse)


def _action_from(told: Mapping[str, Any]) -> Action:
    return Action(
        told["id"],
        told["site"],
        *_resource_from(told),
        told["native"],
        _one_of(VERBS, told["verb"]),
        told["facet"],
        _calls_from(told["calls"]),
        changes=tuple(map(_change_from, told["changes"])),
        needs=tuple(told["needs"]),
        undo=_calls_from(told["undo"]),
        cannot_undo=told.get("cannot_undo", ""),
        reason=tuple(told["reason"]),
        warnings=tuple(Warned(_one_of(DANGERS, one["danger"]), one["text"]) for one in told["warnings"]),
        before=told.get("before", ABSENT),
        after=told.get("after", ABSENT),
        inverse=told.get("inverse") is True,
    )


def _call(call: PlannedCall) -> dict[str, Any]:
    told = {"service": call.service, "operation": call.operation, "params": dict(call.params)}
    return told | _set(wait=call.wait, once=call.once, tells=dict(call.tells))


def _calls_from(told: Iterable[Mapping[str, Any]]) -> tuple[PlannedCall, ...]:
    return tuple(
        PlannedCall(
            one["service"],
            one["operation"],
            one["params"],
            one.get("wait", ""),
            one.get("once", False),
            one.get("tells", {}),
        )
        for one in told
    )


def _change(change: Change) -> dict[str, Any]:
    sides = {"golden": change.golden, "actual": change.actual}
    told = {"path": change.path} | {side: value for side, value in sides.items() if value is not ABSENT}
    return told | _set(unreadable=change.unreadable, classes=list(change.classes), notes=list(change.notes))


def _change_from(told: Mapping[str, Any]) -> Change:
    return Change(
        told["path"],
        told.get("golden", ABSENT),
        told.get("actual", ABSENT),
        told.get("unreadable", ""),
        tuple(told.get("classes", ())),
        tuple(told.get("notes", ())),
    )


def _left_out(one: LeftOut) -> dict[str, Any]:
    told = {"site": one.site, "resource": f"{one.type}/{one.name}", "path": one.path, "why": one.why}
    return told | _set(finding=one.finding)


def _left_out_from(told: Mapping[str, Any]) -> LeftOut:
    return LeftOut(told["site"], *_resource_from(told), told["path"], told["why"], told.get("finding", ""))


def _planned_on(one: PlannedOn) -> dict[str, Any]:
    told = {
        "site": one.site,
        "resource": f"{one.type}/{one.name}",
        "native": one.native,
        "fingerprint": one.fingerprint,
        "fields": None if one.fields is None else dict(one.fields),
        "wanted": None if one.wanted is None else dict(one.wanted),
    }
    return told | _set(golden=one.golden)


def _planned_on_from(told: Mapping[str, Any]) -> PlannedOn:
    return PlannedOn(
        told["site"],
        *_resource_from(told),
        told["native"],
        told["fingerprint"],
        told["fields"],
        told["wanted"],
        told.get("golden", ""),
    )


def _resource_from(told: Mapping[str, Any]) -> tuple[str, str]:
    # A name can hold a slash (`PARENT/CHILD`), a type cannot.
    type_, _, name = told["resource"].partition("/")
    return type_, name


def _set(**members: Value) -> dict[str, Value]:
    return {name: member for name, member in members.items() if member}


def _one_of(known: Iterable[Any], told: Value) -> Any:
    if told not in known:
        raise ValueError(told)
    return told
