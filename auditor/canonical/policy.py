"""JSON policy documents in a form in which equal meaning is equal text. Pure; no I/O.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from itertools import product
from math import prod
from typing import Any, Final

from auditor.canonical.policy_condition import (
    Text,
    as_list,
    as_text,
    canonical_condition,
    either,
    is_covered,
    with_single_asterisks,
    without_covered,
)
from auditor.model.json_text import parse_json
from auditor.model.values import Members, Value

# IAM reads the names of actions, operators and condition keys in any case.
ACTIONS: Final = ("Action", "NotAction")
STATEMENT: Final = "Statement"
"""Under which a policy's statements stand, by their `Sid`."""
MOST_MEANINGS: Final = 10_000
"""A statement that says more is taken whole: combinations of three long lists are beyond counting."""
MOST_COMPARED: Final = 300
"""So many meanings are held against one another at most."""
_LISTS: Final = ("Resource", "NotResource")


def canonical_policy(document: str, text: Text) -> Value:
    """The policy with its lists keyed and its statements keyed by `Sid`; `text` canonicalises each string.

    A statement without a `Sid` is keyed by a digest of its content. What is not a policy (no JSON object)
    is returned as canonical text: it can still be compared.
    """
    try:
        parsed = parse_json(document)
    except ValueError:
        return text(document)
    if not isinstance(parsed, dict):
        return text(document)
    # The Id only names the document. A missing Version means 2008-10-17, which 2012-10-17 is not.
    policy = {name: value for name, value in parsed.items() if name not in ("Id", STATEMENT)}
    policy.setdefault("Version", "2008-10-17")
    return policy | {STATEMENT: keyed_statements(parsed.get(STATEMENT, []), text)}


def is_policy(document: str) -> bool:
    """Whether a text is a policy, each statement of which says what it does, as all have that AWS keeps."""
    try:
        parsed = json.loads(document)
    except (ValueError, RecursionError):
        return False
    statements = as_list(parsed.get(STATEMENT)) if isinstance(parsed, dict) else [None]
    return all(isinstance(one, dict) and "Effect" in one for one in statements)


def keyed_statements(statements: Value, text: Text) -> dict[str, Value]:
    """The statements by `Sid`, or by a digest of their content where they have none."""
    keyed: dict[str, Value] = {}
    for statement in as_list(statements):
        content = _statement(statement, text) if isinstance(statement, dict) else statement
        if any(content == one for one in keyed.values()):
            # Under another Sid it says nothing more.
            continue
        sid = statement.get("Sid", "") if isinstance(statement, dict) else ""
        key = unused(text(sid) if sid and isinstance(sid, str) else digest(_folded(content)), keyed)
        keyed[key] = content
    return keyed


def meanings(statement: Value) -> frozenset[str]:
    """What a canonical statement says, one text for each principal, action and resource that it names.

    A statement applies where any of its principals, any of its actions and any of its resources match, and all of its
    conditions: so it says the same as one statement for each combination of them. What it names by exclusion
    (`NotAction`) cannot be taken apart, and stays whole.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
    """
    if not isinstance(statement, dict):
        return frozenset({json.dumps(statement, sort_keys=True)})
    names = ("Principal", "Action", "Resource")
    rest = {name: value for name, value in statement.items() if name not in names}
    parts = [_parts(name, statement[name]) if name in statement else [None] for name in names]
    if prod(map(len, parts)) > MOST_MEANINGS:
        return frozenset({json.dumps(statement, sort_keys=True)})
    return frozenset(json.dumps([*one, rest], sort_keys=True) for one in product(*parts))


def _parts(name: str, value: Value) -> list[Value]:
    if name == "Principal" and isinstance(value, dict) and not isinstance(value, Members):
        return [[kind, one] for kind, names in value.items() for one in _each(names)]
    return [str(one).lower() for one in _each(value)] if name == "Action" else _each(value)


def _each(names: Value) -> list[Value]:
    return list(names.values()) if isinstance(names, Members) else [names]


def without_restatements(wanted: Mapping[str, Value], here: Mapping[str, Value]) -> tuple[Value, Value]:
    """Both maps of statements, without those that only put into other statements what the other side says as well.

    What both sides have under one key stays, to be compared member by member, unless the two say the same as a whole.
    """
    whole = [frozenset(text for one in side.values() for text in meanings(one)) for side in (wanted, here)]
    if whole[0] == whole[1] or without_contained(whole[0]) == without_contained(whole[1]):
        return wanted, wanted
    sides = ((wanted, here, whole[1]), (here, wanted, whole[0]))
    return tuple(  # type: ignore[return-value]
        {key: one for key, one in own.items() if key in other or not meanings(one) <= said}
        for own, other, said in sides
    )


def without_contained(said: frozenset[str]) -> frozenset[str]:
    """What statements say, without what another of them says too, and more: beside `s3:*`, `s3:GetObject` is nothing.

    Only what is so by the text alone counts: the same effect and principal, an action and a resource that the other's
    patterns match, and the same conditions, or none on the other's side.
    """
    if len(said) > MOST_COMPARED:
        return said
    kept = {text: json.loads(text) for text in sorted(said)}
    for text in sorted(said):
        if any(other != text and _contains(whole, kept[text]) for other, whole in kept.items()):
            del kept[text]
    return frozenset(kept)


def _contains(whole: Value, part: Value) -> bool:
    if not (isinstance(whole, list) and isinstance(part, list)):
        return False
    who, action, resource, rest = whole
    unconditional = {name: value for name, value in part[3].items() if name != "Condition"}
    texts = all(isinstance(one, str) for one in (action, resource, *part[1:3]))
    return who == part[0] and rest in (part[3], unconditional) and texts and all(map(is_covered, part[1:3], whole[1:3]))


def _folded(content: Value) -> Value:
    """A statement as it is told apart from others: its actions in small letters."""
    if not isinstance(content, dict):
        return content
    return {name: str(value).lower() if name in ACTIONS else value for name, value in content.items()}


def unused(key: str, taken: Mapping[str, Any]) -> str:
    """`key`, or `key#2`, `key#3` … where it is taken."""
    number, candidate = 1, key
    while candidate in taken:
        number += 1
        candidate = f"{key}#{number}"
    return candidate


def digest(value: Value, length: int = 8) -> str:
    """A name for a value without one, of so many hexadecimal digits."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:length]


def _statement(statement: Mapping[str, Value], text: Text) -> dict[str, Value]:
    content: dict[str, Value] = {}
    for name, value in statement.items():
        if name == "Sid" or (name == "Condition" and value == {}):
            continue
        if name in ACTIONS:
            content[name] = _actions(value, text)
        elif name in _LISTS:
            content[name] = either(value, text)
        elif name in ("Principal", "NotPrincipal"):
            content[name] = _principal(value, text, anyone=name == "Principal")
        elif name == "Condition" and isinstance(value, dict):
            content[name] = canonical_condition(value, text)
        else:
            content[name] = value
    return content


def _actions(values: Value, text: Text) -> Value:
    # IAM reads the names of actions in any case; they are shown as somebody wrote them.
    texts = [with_single_asterisks(text(as_text(value))) for value in as_list(values)]
    spelled = {one.lower(): one for one in texts}
    names = {name: spelled[name] for name in without_covered(spelled)}
    return next(iter(names.values())) if len(names) == 1 else Members(names)


def _principal(value: Value, text: Text, anyone: bool) -> Value:
    if isinstance(value, dict):
        return {kind: either(_principals(kind, names, text), str) for kind, names in value.items()}
    # As a NotPrincipal, "*" and {"AWS": "*"} do not mean the same.
    return {"AWS": "*"} if anyone and value == "*" else text(str(value))


def _principals(kind: str, names: Value, text: Text) -> list[str]:
    return [_root(text(str(name))) if kind == "AWS" else text(str(name)) for name in as_list(names)]


def _root(name: str) -> str:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html:
    # an account's id and the ARN of its root are the same principal; AWS stores the ARN.
    match = re.fullmatch(r"arn:[^:]+:iam::(\d{12}|\$\{[^{}]+\}):root", name)
    return match[1] if match else name
