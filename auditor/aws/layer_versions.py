"""Which version of a layer has a content: a layer's versions are numbered in each region by itself."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Executor
from typing import Final

from auditor.aws.calls import Caller
from auditor.aws.errors import AWS_ERRORS, GONE, code_of, reason
from auditor.canonical.references import UNKNOWN, Pair, layer_symbol
from auditor.specs.spec import Call

_LAYER_VERSIONS: Final = Call("ListLayerVersions", {"LayerName": "${name}"}, pick="LayerVersions[].Version")
_LAYER_VERSION: Final = Call(
    "GetLayerVersion",
    {"LayerName": "${name}", "VersionNumber": "${version}"},
    always=("Content.CodeSha256", "LayerVersionArn"),
)

LAYER_CALLS: Final = (_LAYER_VERSIONS, _LAYER_VERSION)
_MOST_VERSIONS: Final = 50
"""Of one layer, each of which takes a call to tell its content."""


def layers_of(symbols: Iterable[str], caller: Caller, pool: Executor) -> tuple[tuple[Pair, ...], dict[str, str]]:
    """The ARNs of the layers' versions among the symbols, and why there is none of the others."""
    # A layer's name stands in its symbol as it is: it has neither `@` nor anything that is worded otherwise.
    wanted = frozenset(symbol for symbol in symbols if symbol.startswith("layer:"))
    names = sorted({symbol.removeprefix("layer:").rpartition("@")[0] for symbol in wanted})
    told = list(pool.map(lambda name: _layer(name, wanted, caller), names))
    pairs = tuple(pair for found, _ in told for pair in found)
    return pairs, {symbol: why for _, untold in told for symbol, why in untold.items()}


def _layer(name: str, wanted: frozenset[str], caller: Caller) -> tuple[tuple[Pair, ...], dict[str, str]]:
    """The newest version of each content that is asked for: a layer's versions are numbered in each region."""
    missing = {symbol for symbol in wanted if symbol.startswith(f"layer:{name}@")}
    found: dict[str, str] = {}
    why = f"there is no version of a layer called {name} with this content in {caller.site}"
    try:
        versions = sorted(_versions(name, caller), reverse=True)
        if len(versions) > _MOST_VERSIONS:
            why = f"none of the {_MOST_VERSIONS} newest versions of the layer {name} has this content in {caller.site}"
        for version in versions[:_MOST_VERSIONS]:
            if missing <= found.keys():
                break
            answer = caller.answer("lambda", _LAYER_VERSION, {"name": name, "version": version})
            symbol = layer_symbol(name, answer["Content"]["CodeSha256"])
            found.setdefault(symbol, answer["LayerVersionArn"])
    except AWS_ERRORS as error:
        why = UNKNOWN + reason(error)
    return tuple((arn, symbol) for symbol, arn in found.items()), dict.fromkeys(missing - found.keys(), why)


def _versions(name: str, caller: Caller) -> list[int]:
    try:
        return caller.items("lambda", _LAYER_VERSIONS, {"name": name})
    except AWS_ERRORS as error:
        if code_of(error) in GONE:
            return []
        raise
