"""An answer of each operation, made of botocore's model of it: every member there, in the operation's own protocol."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from bench.faults import Reply, Sent
from bench.wire import reply_of

_TOKENS: Final = ("token", "marker", "lastevaluatedtablename")
_POLICY: Final = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*"}]})
_MADE: Final[Mapping[str, Any]] = {
    "string": "x1", "character": "x", "integer": 1, "long": 1, "float": 1.0, "double": 1.0, "boolean": False,
    "blob": b"x", "timestamp": datetime(2026, 1, 1, tzinfo=UTC),
}  # fmt: skip


def whole_reply(sent: Sent) -> Reply:
    """A whole answer to a request, the last page of what has pages."""
    shape = sent.model.output_shape
    return reply_of(sent, {} if shape is None else _sample(shape, ()))


def _sample(shape: Any, seen: tuple[str, ...]) -> Any:
    kind = shape.type_name
    if kind == "structure":
        below = (*seen, shape.name)
        named = {name: one for name, one in shape.members.items() if one.name not in below and not _is_token(name)}
        chosen = dict(list(named.items())[:1]) if shape.is_tagged_union else named
        return {name: _POLICY if name == "Policy" else _sample(one, below) for name, one in chosen.items()}
    if kind == "list":
        return [_sample(shape.member, seen)]
    if kind == "map":
        return {"x1": _sample(shape.value, seen)}
    return shape.enum[0] if getattr(shape, "enum", None) else _MADE[kind]


def _is_token(name: str) -> bool:
    return name.lower().endswith(_TOKENS)
