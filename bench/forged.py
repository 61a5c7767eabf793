"""A real plan changed by one thing, as somebody would who wants more than was reviewed: every kind of change there is.

Each is a function of the plan's document; what it gives is the document to be sealed again. Those that keep the
meaning of a plan are none: whatever is here must be refused.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

Document = dict[str, Any]
_CALL: Final[Document] = {
    "service": "iam",
    "operation": "CreateUser",
    "params": {"UserName": "backdoor"},
}
_STOLEN: Final = "${golden:/Environment/Variables/TOKEN}"


@dataclass(frozen=True)
class Forgery:
    """A plan that says something else than it was made for."""

    what: str
    document: Document


def forgeries(document: Mapping[str, Any]) -> Iterator[Forgery]:
    """Every change of one thing in a plan's document, each alone; the seals are as they were."""
    for kind, change in (*_OF_ACTIONS.items(), *_OF_CALLS.items(), *_OF_RESOURCES.items()):
        yield from _at_each(document, kind, change)
    for kind, whole in _OF_PLANS.items():
        made = copy.deepcopy(dict(document))
        if whole(made):
            yield Forgery(kind, made)


Change = Callable[[Document, Document], bool]
"""Changes a part of a document in place, beside the whole; False where there is nothing of the kind to change."""


def _at_each(document: Mapping[str, Any], kind: str, change: Change) -> Iterator[Forgery]:
    for place in _PLACES[kind](document):
        made = copy.deepcopy(dict(document))
        part: Any = made
        for step in place:
            part = part[step]
        if change(part, made):
            yield Forgery(f"{kind} at {'/'.join(map(str, place))}", made)


def _action_places(document: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    yield from (("actions", number) for number in range(len(document["actions"])))


def _call_places(document: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    for place in _action_places(document):
        action = document["actions"][place[1]]
        yield from ((*place, side, number) for side in ("calls", "undo") for number in range(len(action[side])))


def _resource_places(document: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    yield from (("resources", number) for number in range(len(document["resources"])))


# -- of a call


def _operation(call: Document, _: Document) -> bool:
    call["operation"] = "DeleteFunction" if call["operation"] != "DeleteFunction" else "DeleteAlias"
    return True


def _service(call: Document, _: Document) -> bool:
    call["service"] = "iam"
    return True


def _each_parameter(call: Document, _: Document) -> bool:
    call["params"] = {name: _other(value) for name, value in call["params"].items()}
    return bool(call["params"])


def _last_parameter(call: Document, _: Document) -> bool:
    if call["params"]:
        name = max(call["params"])
        call["params"][name] = _other(call["params"][name])
    return bool(call["params"])


def _more_parameters(call: Document, _: Document) -> bool:
    call["params"]["Publish"] = True
    return True


def _fewer_parameters(call: Document, _: Document) -> bool:
    if call["params"]:
        del call["params"][max(call["params"])]
        return True
    return False


def _another_resource(call: Document, _: Document) -> bool:
    named = [name for name, value in call["params"].items() if value in ("${name}", "${parent}")]
    for name in named:
        call["params"][name] = "victim"
    return bool(named)


def _another_region(call: Document, _: Document) -> bool:
    call["params"]["Region"] = "eu-central-1"
    return True


def _secret(call: Document, _: Document) -> bool:
    call["params"]["Description"] = _STOLEN
    return True


def _own_secret(call: Document, _: Document) -> bool:
    call["params"]["Description"] = _STOLEN.replace("golden", "own")
    return True


def _wait(call: Document, _: Document) -> bool:
    call["wait"] = "function_updated_v2" if call.get("wait") != "function_updated_v2" else "bucket_exists"
    return True


def _once(call: Document, _: Document) -> bool:
    call["once"] = not call.get("once")
    if not call["once"]:
        del call["once"]
    return True


def _tells(call: Document, _: Document) -> bool:
    call["tells"] = {**call.get("tells", {}), "name": "Name"}
    return True


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str):
        return f"{value}x"
    if isinstance(value, list):
        return [*value, "x"]
    return {**value, "x": "x"} if isinstance(value, dict) else "x"


# -- of an action


def _added(action: Document, _: Document) -> bool:
    action["calls"].append(copy.deepcopy(_CALL))
    return True


def _added_first(action: Document, _: Document) -> bool:
    action["calls"].insert(0, copy.deepcopy(_CALL))
    return True


def _twice(action: Document, _: Document) -> bool:
    action["calls"].append(copy.deepcopy(action["calls"][0]))
    return True


def _removed(action: Document, _: Document) -> bool:
    action["calls"].pop()
    return True


def _turned(action: Document, _: Document) -> bool:
    several = len({repr(one) for one in action["calls"]}) > 1
    action["calls"].reverse()
    return several and action["calls"] != action["calls"][::-1]


def _added_undo(action: Document, _: Document) -> bool:
    action["undo"].append(copy.deepcopy(_CALL))
    return True


def _verb(action: Document, _: Document) -> bool:
    action["verb"] = {"create": "update", "update": "delete", "delete": "update"}[action["verb"]]
    return True


def _harmless(action: Document, _: Document) -> bool:
    had = bool(action["warnings"])
    action["warnings"] = []
    return had


def _dangerous(action: Document, _: Document) -> bool:
    action["warnings"].append({"danger": "cost", "text": "it costs"})
    return True


def _milder(action: Document, _: Document) -> bool:
    for one in action["warnings"]:
        one["danger"] = "cost" if one["danger"] != "cost" else "irreversible"
    return bool(action["warnings"])


def _can_be_undone(action: Document, _: Document) -> bool:
    return bool(action.pop("cannot_undo", ""))


def _site(action: Document, whole: Document) -> bool:
    others = [one for one in whole["accounts"] if one != action["site"]]
    action["site"] = others[0] if others else "ap-southeast-2"
    return True


def _strange_site(action: Document, _: Document) -> bool:
    action["site"] = "sa-east-1"
    return True


def _resource(action: Document, _: Document) -> bool:
    action["resource"] += "x"
    return True


def _type(action: Document, _: Document) -> bool:
    action["resource"] = f"AWS::IAM::User/{action['resource'].partition('/')[2]}"
    return True


def _native(action: Document, _: Document) -> bool:
    action["native"] = "victim"
    return True


def _facet(action: Document, _: Document) -> bool:
    action["facet"] = "tags" if action["facet"] != "tags" else "policy"
    return True


def _inverse(action: Document, whole: Document) -> bool:
    # What takes a run back may be the same both ways, and is no other plan then.
    action["inverse"] = True
    return not whole["undoes"]


def _stolen_after(action: Document, _: Document) -> bool:
    after = action.get("after")
    if not isinstance(after, dict):
        return False
    action["after"] = {name: _STOLEN if isinstance(one, str) else one for name, one in after.items()}
    return bool(action["after"] != after)


def _id(action: Document, _: Document) -> bool:
    action["id"] = f"{action['id'][:-1]}{'0' if action['id'][-1] != '0' else '1'}"
    return True


def _needless(action: Document, whole: Document) -> bool:
    had = bool(action["needs"])
    action["needs"] = []
    return had and not whole["undoes"]


# -- of a resource, and of the whole


def _fingerprint(resource: Document, _: Document) -> bool:
    resource["fingerprint"] = "0" * 16
    return True


def _native_on(resource: Document, whole: Document) -> bool:
    resource["native"] = "victim"
    return any((one["site"], one["resource"]) == (resource["site"], resource["resource"]) for one in whole["actions"])


def _other_state(resource: Document, _: Document) -> bool:
    resource["fields"] = None if resource["fields"] is not None else {}
    return True


def _given_name(document: Document) -> bool:
    site = next((one["site"] for one in document["actions"]), "")
    document["symbols"].setdefault(site, {})["name"] = "victim"
    return bool(site)


def _given_account(document: Document) -> bool:
    site = next((one["site"] for one in document["actions"]), "")
    document["symbols"].setdefault(site, {})["account"] = "999999999999"
    return bool(site)


def _order(document: Document) -> bool:
    by_site = {one["site"] for one in document["actions"]}
    document["actions"].reverse()
    return len(document["actions"]) > 1 and len(by_site) == 1 and not document["undoes"]


def _copied(document: Document) -> bool:
    document["actions"] += copy.deepcopy(document["actions"][:1])
    return bool(document["actions"])


def _unaccounted(document: Document) -> bool:
    site = next((one["site"] for one in document["actions"]), "")
    return bool(document["accounts"].pop(site, ""))


_OF_CALLS: Final[Mapping[str, Change]] = {
    "another operation": _operation,
    "another service": _service,
    "other parameters": _each_parameter,
    "another parameter": _last_parameter,
    "one parameter more": _more_parameters,
    "one parameter less": _fewer_parameters,
    "another resource's name": _another_resource,
    "another region": _another_region,
    "golden's secret in a description": _secret,
    "the resource's secret in a description": _own_secret,
    "another wait": _wait,
    "sent again, or not": _once,
    "an answer that names the resource": _tells,
}
_OF_ACTIONS: Final[Mapping[str, Change]] = {
    "a foreign call last": _added,
    "a foreign call first": _added_first,
    "a call twice": _twice,
    "a call less": _removed,
    "calls the other way round": _turned,
    "a foreign undo": _added_undo,
    "another verb": _verb,
    "no danger": _harmless,
    "a danger more": _dangerous,
    "another danger": _milder,
    "said to be undone": _can_be_undone,
    "another site": _site,
    "a site that is none of the plan's": _strange_site,
    "a resource that is none of the plan's": _resource,
    "an unknown type": _type,
    "another native name": _native,
    "another facet": _facet,
    "the other way round": _inverse,
    "golden's secret in what is wanted": _stolen_after,
    "another id": _id,
    "no needs": _needless,
}
_OF_RESOURCES: Final[Mapping[str, Change]] = {
    "another fingerprint": _fingerprint,
    "a native name that is not the action's": _native_on,
    "there, or not": _other_state,
}
_OF_PLANS: Final[Mapping[str, Callable[[Document], bool]]] = {
    "a meaning for the name": _given_name,
    "a meaning for the account": _given_account,
    "actions the other way round": _order,
    "an action twice": _copied,
    "a site without an account": _unaccounted,
}
KINDS: Final = (*_OF_ACTIONS, *_OF_CALLS, *_OF_RESOURCES, *_OF_PLANS)
"""Every kind of forgery, as the text of one begins."""
_PLACES: Final = {
    **dict.fromkeys(_OF_CALLS, _call_places),
    **dict.fromkeys(_OF_ACTIONS, _action_places),
    **dict.fromkeys(_OF_RESOURCES, _resource_places),
}
