"""A plan as the JSON document that is reviewed and then applied as it stands (`auditor/plan/1`). Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from auditor import __version__
from auditor.errors import PlanError
from auditor.json_text import parse_json
from auditor.model import ABSENT, Change, Value
from auditor.planned import (
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

SCHEMA: Final = "auditor/plan/1"
SEAL: Final = "sha256"
"""The document's own digest: that of the document without it."""
_WHAT_NEXT: Final = "Nothing was called. Make a new plan with 'auditor plan', or restore the file as it was written."


def plan_text(plan: Plan) -> str:
    """The whole file: keys sorted, a newline at the end, and UTF-8 once encoded, whatever AWS's texts hold."""
    return _rendered(plan_document(plan))


def parse_plan(text: str, where: str) -> Plan:
    """The plan that a file's text holds; `where` names the file in messages.

    Raises PlanError for a text that is not, to the letter, what `plan_text` wrote.
    """
    document = _parsed(text, where)
    unsealed = {name: member for name, member in document.items() if name != SEAL}
    if document.get(SEAL) != _seal(unsealed):
        raise PlanError(
            f"{where} was edited after it was made, or is cut off: its {SEAL} does not fit what it holds. {_WHAT_NEXT}"
        )
    plan, written = _made(document, where)
    if written != text:
        raise PlanError(
            f"{where} is not written as auditor {__version__} writes a plan: it was formatted after it was made, or "
            f"another version made it. {_WHAT_NEXT}"
        )
    return plan


def plan_document(plan: Plan) -> dict[str, Any]:
    """The plan as plain JSON values, sealed. A side of a change that has no such field is left out."""
    fingerprints = {(one.site, one.type, one.name): one.fingerprint for one in plan.resources}
    document = {
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
    return {**document, SEAL: _seal(document)}


def plan_from(document: Mapping[str, Any]) -> Plan:
    """The plan of a document: `plan_from(plan_document(plan)) == plan`. The seal is not looked at.

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


def _parsed(text: str, where: str) -> dict[str, Any]:
    try:
        document = parse_json(text)
    except ValueError:
        raise PlanError(
            f"{where} is not JSON, so it is no plan, or is cut off. Nothing was called. "
            "Make a plan with 'auditor plan -o FILE'."
        ) from None
    found = document.get("schema") if isinstance(document, dict) else None
    if not isinstance(document, dict) or found != SCHEMA:
        raise PlanError(
            f"{where} is of schema {found!r}, and this program (auditor {__version__}) reads {SCHEMA!r}. "
            "Nothing was called. Use the version that wrote it, or make a new plan with 'auditor plan'."
        )
    return document


def _made(document: Mapping[str, Any], where: str) -> tuple[Plan, str]:
    """The plan, and its file's text."""
    try:
        plan = plan_from(document)
        return plan, plan_text(plan)
    except KeyError as error:
        why = f"it lacks {error}"
    except (TypeError, ValueError, AttributeError):
        why = "a member of it has another form"
    raise PlanError(f"{where} is not a plan that auditor {__version__} can carry out: {why}. {_WHAT_NEXT}")


def _rendered(document: Mapping[str, Any]) -> str:
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, indent=1) + "\n"
    # A lone surrogate is not UTF-8; its escape is JSON's too, and carries it.
    return text.encode(errors="backslashreplace").decode()


def _seal(document: Mapping[str, Any]) -> str:
    return hashlib.sha256(_rendered(document).encode()).hexdigest()


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
        inverse=told.get("inverse", False),
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
