"""The calls of specs as a plan holds them: what is filled in only when they are made is a symbol. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from auditor.canonical.pairing import bracketed
from auditor.canonical.references import VERSION_PREFIX
from auditor.model.plan import PlannedCall
from auditor.model.pointer import pointer
from auditor.model.values import Value
from auditor.specs.spec import Call, Facet, Follow, ResourceSpec


def planned(call: Call, spec: ResourceSpec, facet: Facet | None = None) -> PlannedCall:
    """A call as a plan holds it: what its facet would pick from another is read of the resource itself."""
    picked = ""
    if facet and isinstance(facet.source, Follow):
        followed = next(one for one in spec.facets if one.name == facet.source.facet)
        picked = f"${{own:{place_of(followed)}/{facet.source.pick}}}"
    params = _replaced(call.params, "${picked}", picked) if picked else call.params
    return PlannedCall(call.service or spec.service, call.operation, params, call.wait, call.once, call.tells)


def telling(call: PlannedCall, native: str) -> PlannedCall:
    """The call, the symbols that it gives a meaning as they are read: inside a symbol there are no braces."""
    own = native.rpartition("/")[2]
    params = _replaced(call.params, "${name}", _version(native) or "${name}")
    tells = {symbol.replace("${name}", own): path for symbol, path in call.tells.items()}
    return replace(call, params=params, tells={bracketed(symbol): path for symbol, path in tells.items()})


def _version(native: str) -> str:
    """The symbol of the version that the name of what hangs on one begins with, where its number is not known yet."""
    own = native.partition("/")[2]
    return own[: own.index("}") + 1] if own.startswith("${" + VERSION_PREFIX) else ""


def _replaced(value: Value, text: str, new: str) -> Any:
    if isinstance(value, Mapping):
        return {name: _replaced(member, text, new) for name, member in value.items()}
    if isinstance(value, list):
        return [_replaced(one, text, new) for one in value]
    return value.replace(text, new) if isinstance(value, str) else value


def place_of(facet: Facet) -> str:
    """Where a facet's value stands in a document, as a JSON Pointer."""
    return pointer([facet.at] if facet.at else [])
