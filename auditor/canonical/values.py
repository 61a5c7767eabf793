"""The canonical form of raw values, as a spec's fields say it. Pure; no I/O.

Volatile fields are dropped, defaults filled in, lists that have no order keyed, policies in one form, secrets in the
shape `${secret:FINGERPRINT}`, and every text canonical.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from auditor.canonical.policy import canonical_policy, digest, unused
from auditor.canonical.references import key_form
from auditor.canonical.wording import FIELD, substitute
from auditor.model.values import ABSENT, Locale, Members, Reading, State, Value
from auditor.specs.field_tree import UNCLASSIFIED, Node
from auditor.specs.spec import Facet, Role
from auditor.specs.tag_words import words

DROPPED: Final = frozenset({Role.IDENTITY, Role.IGNORED, Role.CAPABILITY})


@dataclass(frozen=True)
class Wording:
    """How one resource's values are worded canonically: its site, its name, its parent's name there."""

    locale: Locale
    text: Callable[[str], str]
    """Canonical text."""
    parent: str
    name: str


def facet_value(facet: Facet, reading: Reading, node: Node, wording: Wording) -> Value:
    """The canonical value of a facet that was read; ABSENT where it is not configured and has no default."""
    value = shaped(facet, reading)
    return ABSENT if value is ABSENT else canonical_value(value, node, wording)


def shaped(facet: Facet, reading: Reading) -> Value:
    """The raw value of a facet that was read, in the form that its fields describe; its default where it is absent."""
    if reading.state is State.ABSENT:
        return facet.default
    return facet.shape(reading.value) if facet.shape else reading.value


def canonical_value(value: Value, node: Node, wording: Wording) -> Value:
    """Any raw value in its canonical form, as the spec's tree of fields says."""
    role = node.field.role if node.field else Role.COMPARED
    if role is Role.SECRET:
        return _secret(value, wording)
    if role is Role.POLICY and isinstance(value, str):
        return canonical_policy(value, wording.text)
    if isinstance(value, dict):
        return _map(value, node, wording)
    if isinstance(value, list):
        return _list(value, node, wording)
    return _scalar(value, node, wording)


def _secret(value: Value, wording: Wording) -> Value:
    if not isinstance(value, dict) or "secret" not in value:
        return canonical_value(value, UNCLASSIFIED, wording)
    if "shown" in value:
        return canonical_value(value["shown"], UNCLASSIFIED, wording)
    return f"${{secret:{value['secret']}}}"


def _scalar(value: Value, node: Node, wording: Wording) -> Value:
    if not isinstance(value, str):
        return value
    text = _reference(value, node, wording) or wording.text(value)
    return key_form(text) if node.field and node.field.reference == "kms" else text


def _reference(value: str, node: Node, wording: Wording) -> str:
    if not (node.field and node.field.reference):
        return ""
    symbol = wording.locale.references.get(f"{FIELD}{node.field.reference}:{wording.parent}:{value}")
    return "${" + symbol + "}" if symbol else ""


def _map(value: Mapping[str, Value], node: Node, wording: Wording) -> dict[str, Value]:
    made: dict[str, Value] = {}
    for name, member in _with_defaults(value, node, wording).items():
        child = node.child(name)
        if member is None or (child.field and child.field.role in DROPPED):
            continue
        made[_reference(name, node, wording) or name] = canonical_value(member, child, wording)
    return made


def _with_defaults(value: Mapping[str, Value], node: Node, wording: Wording) -> dict[str, Value]:
    defaults = {
        name: _default(child.field.default, wording)
        for name, child in node.children.items()
        if child.field and child.field.default is not ABSENT
    }
    return defaults | {name: member for name, member in value.items() if member is not None}


def _default(value: Value, wording: Wording) -> Value:
    # A default may hold the resource's own name: /aws/lambda/${name}.
    if isinstance(value, str):
        return substitute(value, lambda name: wording.name if name == "name" else "${" + name + "}")
    if isinstance(value, dict):
        return {name: _default(member, wording) for name, member in value.items()}
    return value


def _list(value: list[Value], node: Node, wording: Wording) -> Value:
    elements = [canonical_value(element, node.child("[]"), wording) for element in value]
    if not (node.field and node.field.key):
        return elements
    keyed: dict[str, Value] = {}
    pairs = zip((element_key(raw, node, wording) for raw in value), elements, strict=True)
    for key, element in sorted(pairs, key=lambda pair: (pair[0], digest(pair[1]))):
        keyed[unused(key, keyed)] = _reduced(element, node)
    return Members(keyed) if node.field.key == ("",) else keyed


def element_key(raw: Value, node: Node, wording: Wording) -> str:
    """What an element of a list without order is known by, as the list's field says."""
    assert node.field
    if node.field.known_by and (known := node.field.known_by(raw)):
        return wording.text(known)
    # The key may be a field that is dropped from the content (a rule's ID), so it is taken from the raw.
    if node.field.key == ("#",):
        return digest(canonical_value(raw, node.child("[]"), wording))
    return "|".join(text for text in (_key_part(raw, path, wording) for path in node.field.key) if text)


def _key_part(raw: Value, path: str, wording: Wording) -> str:
    for segment in path.split(".") if path else ():
        raw = raw.get(segment) if isinstance(raw, dict) else None
    if raw is None:
        return ""
    if isinstance(raw, str):
        return wording.text(raw)
    return words(canonical_value(raw, UNCLASSIFIED, wording))


def _reduced(element: Value, node: Node) -> Value:
    # A list of tags is a map by another name: /Tags/team, whatever the service calls it.
    assert node.field
    if not isinstance(element, dict):
        return element
    if node.field.key in (("Key",), ("key",)) and {name.lower() for name in element} <= {"key", "value"}:
        return element.get("Value", element.get("value", ""))
    return element
