"""The statements of policies as sentences that people read. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from auditor.model.values import Value

_OPERATORS: Final[Mapping[str, str]] = {
    "ArnEquals": "is", "ArnLike": "is like", "ArnNotEquals": "is not", "ArnNotLike": "is not like",
    "BinaryEquals": "is", "Bool": "is",
    "DateEquals": "is", "DateNotEquals": "is not", "DateLessThan": "is before", "DateLessThanEquals": "is at latest",
    "DateGreaterThan": "is after", "DateGreaterThanEquals": "is at earliest",
    "IpAddress": "is in", "NotIpAddress": "is not in",
    "NumericEquals": "is", "NumericNotEquals": "is not", "NumericLessThan": "is below",
    "NumericLessThanEquals": "is at most", "NumericGreaterThan": "is above", "NumericGreaterThanEquals": "is at least",
    "StringEquals": "is", "StringNotEquals": "is not", "StringLike": "is like", "StringNotLike": "is not like",
    "StringEqualsIgnoreCase": "is, in any case,", "StringNotEqualsIgnoreCase": "is not, in any case,",
}  # fmt: skip
_QUANTIFIERS: Final[Mapping[str, str]] = {"ForAllValues": "every value of ", "ForAnyValue": "some value of "}
_SAID: Final = frozenset(
    {"Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
)


def sentence(statement: Value) -> str:
    """A canonical statement in words, a part a line; one that is none as JSON. Nothing of it is left out."""
    if not isinstance(statement, Mapping):
        return _json(statement)
    return "\n".join(_lines(statement))


def _lines(statement: Mapping[str, Value]) -> Iterator[str]:
    yield f"{statement.get('Effect', '(no effect)')} {_who(statement)}".rstrip()
    for name, words in (("Action", "to"), ("NotAction", "to do anything but")):
        if name in statement:
            yield f"{words} {_any(statement[name])}"
    for name, words in (("Resource", "on"), ("NotResource", "on anything but")):
        if name in statement:
            yield f"{words} {_any(statement[name])}"
    yield from _conditions(statement.get("Condition", {}))
    yield from (f"{name}: {_json(value)}" for name, value in sorted(statement.items()) if name not in _SAID)


def _who(statement: Mapping[str, Value]) -> str:
    told = [_principal(statement["Principal"])] if "Principal" in statement else []
    if "NotPrincipal" in statement:
        told.append(f"everybody but {_principal(statement['NotPrincipal'])}")
    return " and ".join(told)


def _principal(principal: Value) -> str:
    if principal in ("*", {"AWS": "*"}):
        return "anybody"
    if not isinstance(principal, Mapping):
        return _any(principal)
    named = (("" if kind in ("AWS", "Service") else f"{kind} ") + _any(names) for kind, names in principal.items())
    return " and ".join(named)


def _conditions(condition: Value) -> Iterator[str]:
    if not isinstance(condition, Mapping):
        yield f"if {_json(condition)}"
        return
    for operator, tests in condition.items():
        for key, values in tests.items() if isinstance(tests, Mapping) else [("", tests)]:
            yield f"if {_test(operator, key, values)}"


def _test(operator: str, key: str, values: Value) -> str:
    quantifier, _, rest = operator.rpartition(":")
    bare = rest.removesuffix("IfExists")
    whose = f"{_QUANTIFIERS.get(quantifier, f'{quantifier} ' if quantifier else '')}{key}"
    optional = ", or is not there" if bare != rest else ""
    if bare == "Null" and values in ("true", "false"):
        return f"{whose} {'is not there' if values == 'true' else 'is there'}{optional}"
    return f"{whose} {_OPERATORS.get(bare, bare)} {_any(values, ' or ')}{optional}"


def _any(values: Value, last: str = " and ") -> str:
    names = [one if isinstance(one, str) else _json(one) for one in (values if isinstance(values, list) else [values])]
    return last.join(part for part in (", ".join(names[:-1]), names[-1]) if part) if names else "nothing"


def _json(value: Value) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
