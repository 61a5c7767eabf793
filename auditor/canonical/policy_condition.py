"""What a policy tests: alternatives and conditions in a form in which equal meaning is equal text. Pure; no I/O.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from typing import Final

from auditor.model.values import Members, Value

Text = Callable[[str], str]
# IAM reads the names of operators and condition keys in any case.
_OPERATORS: Final = (
    "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "BinaryEquals", "Bool", "DateEquals", "DateGreaterThan",
    "DateGreaterThanEquals", "DateLessThan", "DateLessThanEquals", "DateNotEquals", "IpAddress", "NotIpAddress",
    "Null", "NumericEquals", "NumericGreaterThan", "NumericGreaterThanEquals", "NumericLessThan",
    "NumericLessThanEquals", "NumericNotEquals", "StringEquals", "StringEqualsIgnoreCase", "StringLike",
    "StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike",
)  # fmt: skip
_KEYS: Final = (
    "aws:CalledVia", "aws:CurrentTime", "aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths", "aws:PrincipalServiceName", "aws:PrincipalType", "aws:Referer", "aws:RequestedRegion",
    "aws:ResourceAccount", "aws:ResourceOrgID", "aws:SecureTransport", "aws:SourceAccount", "aws:SourceArn",
    "aws:SourceIp", "aws:SourceOrgID", "aws:SourceVpc", "aws:SourceVpce", "aws:userid", "aws:username",
    "aws:ViaAWSService", "lambda:EventSourceToken", "lambda:FunctionUrlAuthType", "lambda:InvokedViaFunctionUrl",
    "s3:x-amz-acl", "s3:x-amz-server-side-encryption", "s3:TlsVersion",
)  # fmt: skip
_SPELLED: Final = {name.lower(): name for name in (*_OPERATORS, *_KEYS)}


_SAME: Final = {"ArnEquals": "ArnLike", "ArnNotEquals": "ArnNotLike"}
"""Operators that behave as another one does, as the page above says."""
_WILD: Final = ("stringlike", "stringnotlike")
"""Those whose wildcards span a whole text. An ARN's stay within one of its parts."""


def as_list(value: Value) -> list[Value]:
    """The value itself if it is a list; AWS writes a list of one as its element."""
    return value if isinstance(value, list) else [value]


def as_text(value: Value) -> str:
    """A value as a policy's text has it: AWS reads true and "true", 5 and "5" alike."""
    return value if isinstance(value, str) else json.dumps(value)


def either(values: Value, text: Text, wild: bool = True) -> Value:
    """What any of several names or patterns may match. AWS reads a list of one and its element alike."""
    texts = sorted({text(as_text(value)) for value in as_list(values)})
    names = without_covered(texts) if wild else texts
    return names[0] if len(names) == 1 else Members({name: name for name in names})


def without_covered(names: Iterable[str]) -> list[str]:
    """The names in order, but those that another one matches: beside `s3:Get*`, `s3:GetObject` adds nothing."""
    texts = sorted({with_single_asterisks(one) for one in names})
    wild = [(one, _pattern(one)) for one in texts if "*" in one or "?" in one]
    return [name for name in texts if not any(one != name and pattern.fullmatch(name) for one, pattern in wild)]


def with_single_asterisks(name: str) -> str:
    """A name in which asterisks that follow one another are one, which matches the same."""
    return re.sub(r"\*{2,}", "*", name)


def is_covered(name: str, by: str) -> bool:
    """Whether a name, or all that a pattern matches, is matched by another one."""
    # A policy variable stands for any number of characters, a question mark for one.
    is_certain = "?" not in by or "$" not in name
    return name == by or bool(is_certain and ("*" in by or "?" in by) and _pattern(by).fullmatch(name))


@lru_cache(maxsize=4096)
def _pattern(wild: str) -> re.Pattern[str]:
    # A question mark stands for one character, and an asterisk in the name that is tried for many.
    parts = (".*" if one == "*" else "[^*]" if one == "?" else re.escape(one) for one in wild)
    return re.compile("".join(parts), re.DOTALL)


def canonical_condition(condition: Mapping[str, Value], text: Text) -> dict[str, Value]:
    """A statement's `Condition`: its operators and keys in AWS's spelling, its values canonical by `text`."""
    tests: dict[str, Value] = {}
    for operator, one in condition.items():
        # Under two operators that behave alike, both of which must hold, each keeps its own.
        name = _operator(operator)
        tests[operator if name in tests else name] = _tests(operator, one, text)
    return tests


def _tests(operator: str, tests: Value, text: Text) -> Value:
    if not isinstance(tests, dict):
        return tests
    return {_spelled(key): _alternatives(operator, values, text) for key, values in tests.items()}


def _alternatives(operator: str, values: Value, text: Text) -> Value:
    bare = _bare(operator)
    if bare.startswith(("ipaddress", "notipaddress")):
        return either(_ranges([text(as_text(one)) for one in as_list(values)]), str, wild=False)
    if bare.startswith(("bool", "null")):
        # True, TRUE and true are the same to the operators that test a truth.
        return either(values, lambda value: text(value).lower(), wild=False)
    if bare.startswith("date"):
        return either(values, lambda value: _moment(text(value)), wild=False)
    return either(values, text, wild=bare.startswith(_WILD))


def _ranges(values: list[str]) -> list[str]:
    # Without a prefix length, it is a single address. Only the bits of the network count; a range within another,
    # and two halves of one, say no more than the whole.
    networks = {value: _network(value) for value in values}
    others = [value for value, network in networks.items() if network is None]
    fours = collapse_addresses(one for one in networks.values() if isinstance(one, IPv4Network))
    sixes = collapse_addresses(one for one in networks.values() if isinstance(one, IPv6Network))
    found: list[IPv4Network | IPv6Network] = [*fours, *sixes]
    return others + [str(one.network_address) if one.num_addresses == 1 else str(one) for one in found]


def _network(value: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(value, strict=False)
    except ValueError:
        return None


def _moment(value: str) -> str:
    # W3C's form of ISO 8601, or seconds since 1970.
    try:
        moment = datetime.fromtimestamp(int(value), UTC) if value.isdecimal() else datetime.fromisoformat(value)
    except (ValueError, OverflowError, OSError):
        return value
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC).isoformat()


def _operator(name: str) -> str:
    # ForAnyValue:StringLike, StringLikeIfExists
    quantifier, colon, rest = name.rpartition(":")
    bare = rest[: -len("IfExists")] if rest.lower().endswith("ifexists") else rest
    quantified = {"forallvalues": "ForAllValues", "foranyvalue": "ForAnyValue"}.get(quantifier.lower(), quantifier)
    spelled = _spelled(bare)
    return quantified + colon + _SAME.get(spelled, spelled) + ("IfExists" if bare != rest else "")


def _bare(operator: str) -> str:
    return operator.lower().rpartition(":")[2]


def _spelled(name: str) -> str:
    return _SPELLED.get(name.lower(), name.lower())
