"""What a facet holds, as it is written: raw, worded canonically, with some places kept as they were found. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final

from auditor.canonical.policy import STATEMENT, keyed_statements
from auditor.canonical.policy_condition import as_list
from auditor.canonical.references import VERSION_PREFIX, version_symbol
from auditor.canonical.values import Wording, element_key
from auditor.canonical.wording import FIELD
from auditor.errors import AuditorError
from auditor.model.values import ABSENT, Reading, State, Value
from auditor.specs.field_tree import Node, Path
from auditor.specs.spec import Field, Role

_STATEMENT: Final = Node(children={STATEMENT: Node(Field(STATEMENT, key=("Sid",)))})


class InseparableError(AuditorError):
    """Of two differences one is to stay, and they cannot be told apart in what AWS takes."""


def raw_value(reading: Reading, node: Node, wording: Wording) -> Value:
    """A facet's raw value in canonical text; ABSENT where it is not configured.

    Secrets stay as they are: `{"secret": FINGERPRINT}`, with `shown` where their value may be known.
    """
    return worded(reading.value, node, wording) if reading.state is State.READ else ABSENT


def worded(value: Value, node: Node, wording: Wording) -> Value:
    """A raw value in canonical text, otherwise as AWS told it."""
    if isinstance(value, dict):
        if node.field and node.field.role is Role.SECRET:
            return {**value, "shown": wording.text(value["shown"])} if "shown" in value else value
        return {_name(name, node, wording): worded(one, node.child(name), wording) for name, one in value.items()}
    if isinstance(value, list):
        return [worded(element, node.child("[]"), wording) for element in value]
    if not isinstance(value, str):
        return value
    return _version(value, node, wording) or wording.text(value)


def _name(name: str, node: Node, wording: Wording) -> str:
    # Text in parameters is canonical, the names of members too.
    return _version(name, node, wording) or name.replace("${", "$${")


def _version(value: str, node: Node, wording: Wording) -> str:
    symbol = wording.locale.references.get(f"{FIELD}version:{wording.parent}:{value}")
    is_version = node.field is not None and node.field.reference == "version" and symbol
    if not (is_version and symbol):
        return ""
    return "${" + version_symbol(wording.parent, symbol.removeprefix(VERSION_PREFIX), wording.locale) + "}"


def merged(found: Value, wanted: Value, kept: Iterable[Path], node: Node, wording: Wording) -> Value:
    """`wanted`, but for the places in `kept` (paths below the facet, as in findings), which stay as found.

    Both are worded canonically. Raises InseparableError where a place is in a list whose elements have no key, or in a
    structure that `wanted` lacks, of which only a part would stay.
    """
    stays = frozenset(kept)
    is_lacking = wanted is ABSENT and isinstance(found, dict) and () not in stays
    whole = _frame(found, stays) or ABSENT if is_lacking else wanted
    return _merged(found, whole, stays, node, replace(wording, text=_same))


def _same(text: str) -> str:
    return text


def _merged(found: Value, wanted: Value, kept: frozenset[Path], node: Node, wording: Wording) -> Value:
    if not kept:
        return wanted
    if () in kept:
        return found
    sides = [one for one in (found, wanted) if one is not ABSENT]
    if node.field and node.field.role is Role.POLICY and all(isinstance(one, str) for one in sides):
        return _policies(found, wanted, kept, wording)
    if sides and all(isinstance(one, dict) for one in sides):
        _refuse_part(found, wanted, kept, node)
        return _members(_or(found, {}), _or(wanted, {}), kept, node.child, wording) or ABSENT
    if sides and all(isinstance(one, list) for one in sides) and node.field and node.field.key:
        here, there = (_keyed(_or(one, []), node, wording) for one in (found, wanted))
        return list(_members(here, there, kept, lambda _: node.child("[]"), wording).values()) or ABSENT
    if len(sides) == 2 and all(isinstance(one, list) and len(one) == 1 for one in sides):
        # The one element of both is known by its place.
        here, there = ({"0": one[0]} for one in (found, wanted))
        return list(_members(here, there, kept, lambda _: node.child("[]"), wording).values())
    raise InseparableError("What is to stay as it is cannot be told from the rest in what AWS takes as a whole.")


def _frame(found: Mapping[str, Value], kept: Iterable[Path]) -> dict[str, Value]:
    """What stands beside lists of which elements stay, and counts for each of these (a policy's version)."""
    is_frame = any(isinstance(found.get(path[0]), list) for path in kept)
    return {name: one for name, one in found.items() if is_frame and not isinstance(one, (dict, list))}


def _refuse_part(found: Value, wanted: Value, kept: Iterable[Path], node: Node) -> None:
    """Raise InseparableError where a part of a structure would stay that is lacking otherwise."""
    if wanted is not ABSENT or "*" in node.children:
        return
    # What is set once is known by its writer, which says the rest without it.
    fixed = {name for name, child in node.children.items() if child.field and child.field.immutable}
    stays = {path[0] for path in kept if not isinstance(found.get(path[0]), list)}
    if stays - fixed and found.keys() - stays:
        raise InseparableError(
            "A part of it is to stay as it is, and golden has nothing of it that the part belongs to."
        )


def _or(value: Value, empty: Value) -> Value:
    return empty if value is ABSENT else value


def _keyed(elements: list[Value], node: Node, wording: Wording) -> dict[str, Value]:
    keyed = {element_key(one, node, wording): one for one in elements}
    if len(keyed) < len(elements):
        raise InseparableError("Two elements of one list have one key, so that what is to stay cannot be told apart.")
    return keyed


def _members(
    found: Mapping[str, Value],
    wanted: Mapping[str, Value],
    kept: frozenset[Path],
    child: Callable[[str], Node],
    wording: Wording,
) -> dict[str, Value]:
    if any(path[0] not in found and path[0] not in wanted for path in kept):
        raise InseparableError("What is to stay as it is has another form in what AWS takes.")
    made = {}
    for name in (*wanted, *(one for one in found if one not in wanted)):
        below = frozenset(path[1:] for path in kept if path[0] == name)
        value = _merged(found.get(name, ABSENT), wanted.get(name, ABSENT), below, child(name), wording)
        if value is not ABSENT:
            made[name] = value
    return made


def _policies(found: Value, wanted: Value, kept: frozenset[Path], wording: Wording) -> Value:
    here = _listed(found) if found is not ABSENT else {}
    there = _listed(wanted) if wanted is not ABSENT else _frame(here, kept)
    for sid in {path[1] for path in kept if path[:1] == (STATEMENT,) and len(path) > 1}:
        there = _without_copies(there, sid)
    value = _merged(here, there, kept, _STATEMENT, wording)
    return ABSENT if value is ABSENT or not value.get("Statement") else json.dumps(value)


def _listed(policy: str) -> dict[str, Value]:
    document: dict[str, Value] = json.loads(policy)
    return {**document, STATEMENT: as_list(document.get(STATEMENT, []))}


def _without_copies(policy: Mapping[str, Value], sid: str) -> dict[str, Value]:
    """The policy without what says the same as the statement of this name: what is to stay is in none of them."""
    says = {one.get("Sid", ""): keyed_statements(one, str) for one in policy.get(STATEMENT, [])}
    content = list(says.get(sid, {}).values())
    kept = [
        one
        for one in policy.get(STATEMENT, [])
        if one.get("Sid", "") == sid or list(keyed_statements(one, str).values()) != content
    ]
    return {**policy, STATEMENT: kept}
