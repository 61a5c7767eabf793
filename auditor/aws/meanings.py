"""What symbols stand for in a site whose own values do not tell: the things of a kind are listed there, only if asked.

Each thing that AWS lists is given its symbol as reading would give it, and the symbols are compared: what is found
so is read back as the symbol that was asked for, and a name inside a symbol is never guessed from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final

import jmespath

from auditor.aws.calls import Caller
from auditor.aws.errors import AWS_ERRORS, GONE, code_of, reason
from auditor.aws.key_replicas import DESCRIBED, replicas_of, unusable
from auditor.aws.meaning_kinds import KINDS, Kind
from auditor.delivery import INSIGHTS, INSIGHTS_ACCOUNT, INSIGHTS_ACCOUNTS, INSIGHTS_RELEASES
from auditor.model import Locale, Site, Value
from auditor.reference_names import Known
from auditor.references import UNKNOWN, Pair, derived, layer_symbol, unambiguous
from auditor.spec import Call

_WHAT: Final = {"kms": "key whose oldest alias is", "asg": "Auto Scaling group", "az": "Availability Zone"}
_MOST_VERSIONS: Final = 50
"""Of one layer, each of which takes a call to tell its content."""


@dataclass(frozen=True)
class Meanings:
    """The literal of each symbol in one site, or why it has none: no such thing, several, or AWS would not tell."""

    literals: Mapping[str, str]
    unknown: Mapping[str, str]


@dataclass(frozen=True)
class _Told:
    """Literals with their symbols, and why of other symbols nothing can be told."""

    pairs: tuple[Pair, ...]
    untold: Mapping[str, str]


_LAYER_VERSIONS: Final = Call("ListLayerVersions", {"LayerName": "${name}"}, pick="LayerVersions[].Version")
_LAYER_VERSION: Final = Call("GetLayerVersion", {"LayerName": "${name}", "VersionNumber": "${version}"})


def meaning_calls() -> Iterator[tuple[str, Call]]:
    """Every call, with its service, that can be made to tell what a symbol means."""
    for kind in KINDS:
        yield kind.service, kind.call
        if kind.each:
            yield kind.service, kind.each
    yield "kms", DESCRIBED
    yield "lambda", _LAYER_VERSIONS
    yield "lambda", _LAYER_VERSION


def meanings(symbols: Iterable[str], caller: Caller, pool: Executor) -> Meanings:
    """What the symbols (without `${` and `}`: `subnet:main/private/1`) stand for in the caller's site.

    Each listing is asked for once, and only where a symbol of its kind is among them; `pool` makes calls in threads.
    Nothing is raised for what AWS answers: a symbol of which it would not tell is unknown, with UNKNOWN before the
    reason. Raises StoppedError where the run is ending.
    """
    wanted = frozenset(symbols)
    listed, layers = _listed(wanted, caller, pool), _layers(wanted, caller, pool)
    replicas = replicas_of(wanted, caller, pool)
    pairs = [*_of_region(caller.locale), *listed.pairs, *layers.pairs, *replicas[0]]
    asked = [(literal, symbol) for literal, symbol in pairs if symbol in wanted]
    found = unambiguous(pair for pair in asked if pair[0])
    unknown = {
        **{symbol: found.unresolved[literal] for literal, symbol in asked if literal in found.unresolved},
        **{symbol: _hidden(symbol, caller.site) for literal, symbol in asked if not literal},
        **listed.untold,
        **layers.untold,
        **replicas[1],
        **unusable(found.symbols, caller, pool),
    }
    literals = {symbol: literal for literal, symbol in found.symbols.items() if symbol not in unknown}
    nowhere = {symbol: _nothing(symbol, caller.site) for symbol in wanted - literals.keys() - unknown.keys()}
    return Meanings(literals, {**unknown, **nowhere})


def _kind_of(symbol: str) -> str:
    return symbol.partition(":")[0]


def _of_region(locale: Locale) -> Iterator[Pair]:
    # What needs no call: AWS's own accounts, hosts and layers.
    account = INSIGHTS_ACCOUNTS.get(locale.region, INSIGHTS_ACCOUNT)
    layer = f"arn:{locale.partition}:lambda:{locale.region}:{account}:layer:{INSIGHTS}"
    versions = (known[locale.region] for known in INSIGHTS_RELEASES.values() if locale.region in known)
    return derived([f"{layer}:{version}" for version in versions], locale)


def _listed(wanted: frozenset[str], caller: Caller, pool: Executor) -> _Told:
    asked = [one for one in KINDS if one.kind in {_kind_of(symbol) for symbol in wanted}]
    needed = [one for one in KINDS if one in asked or any(one.kind in other.after for other in asked)]
    answers = _listings(needed, caller, pool)
    known: dict[str, str] = {}
    pairs: list[Pair] = []
    untold: dict[str, str] = {}
    for kind in needed:
        # A subnet's name holds that of its VPC: where VPCs are unknown, so is what is called so.
        failed = next((answers[name] for name in (kind.kind, *kind.after) if isinstance(answers[name], str)), "")
        untold |= {symbol: str(failed) for symbol in wanted if failed and _kind_of(symbol) == kind.kind}
        items, missed = _items(kind, answers[kind.kind], wanted, caller, pool)
        named = list(kind.pairs(items, Known(caller.locale, known)))
        untold |= missed
        known |= dict(named)
        pairs += named
    return _Told(tuple(pairs), untold)


def _listings(needed: list[Kind], caller: Caller, pool: Executor) -> dict[str, list[Value] | str]:
    # Load balancers and their listeners begin with the same listing.
    calls = {(one.service, one.call.operation): one for one in needed}
    answers = pool.map(lambda one: _asked(one.service, one.call, {}, caller), calls.values())
    told = dict(zip(calls, answers, strict=True))
    return {one.kind: told[one.service, one.call.operation] for one in needed}


def _asked(service: str, call: Call, values: Mapping[str, Value], caller: Caller) -> list[Value] | str:
    """What a call picks, its pages joined; or the reason why AWS did not tell."""
    try:
        pages = list(caller.pages(service, call, values))
    except AWS_ERRORS as error:
        return UNKNOWN + reason(error)
    return [item for page in pages for item in jmespath.search(call.pick, page) or []]


def _items(
    kind: Kind, answer: list[Value] | str, wanted: frozenset[str], caller: Caller, pool: Executor
) -> tuple[list[Value], dict[str, str]]:
    """The items that have symbols, and the symbols of which it cannot be told because a call failed."""
    items = [] if isinstance(answer, str) else answer
    each = kind.each
    if each is None:
        return items, {}
    begins = {item: kind.begins(item, caller.locale) for item in items}
    asked = [item for item in items if any(symbol.startswith(begins[item]) for symbol in wanted)]
    told = list(pool.map(lambda item: _asked(kind.service, each, {"each": item}, caller), asked))
    failed = [(begins[item], why) for item, why in zip(asked, told, strict=True) if isinstance(why, str)]
    # Even one that was found elsewhere: there may be a second of its name.
    missed = {symbol: why for start, why in failed for symbol in wanted if symbol.startswith(start)}
    return [one for answer in told if not isinstance(answer, str) for one in answer], missed


def _layers(wanted: frozenset[str], caller: Caller, pool: Executor) -> _Told:
    # A layer's name stands in its symbol as it is: it has neither `@` nor anything that is worded otherwise.
    symbols = [symbol for symbol in wanted if _kind_of(symbol) == "layer"]
    names = sorted({symbol.removeprefix("layer:").rpartition("@")[0] for symbol in symbols})
    told = list(pool.map(lambda name: _layer(name, wanted, caller), names))
    return _Told(
        tuple(pair for one in told for pair in one.pairs),
        {symbol: why for one in told for symbol, why in one.untold.items()},
    )


def _layer(name: str, wanted: frozenset[str], caller: Caller) -> _Told:
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
    return _Told(tuple((arn, symbol) for symbol, arn in found.items()), dict.fromkeys(missing - found.keys(), why))


def _versions(name: str, caller: Caller) -> list[int]:
    try:
        pages = list(caller.pages("lambda", _LAYER_VERSIONS, {"name": name}))
    except AWS_ERRORS as error:
        if code_of(error) in GONE:
            return []
        raise
    return [version for page in pages for version in jmespath.search(_LAYER_VERSIONS.pick, page) or []]


def _hidden(symbol: str, site: Site) -> str:
    return f"its id in {site} does not tell what it is, and would not be read as '{symbol}'; {_told_by(symbol, site)}"


def _nothing(symbol: str, site: Site) -> str:
    kind, _, name = symbol.partition(":")
    if kind == "aws-layer":
        return f"the version of AWS's layer {name} in {site} is in no table here; {_told_by(symbol, site)}"
    if kind == "elb-log-account":
        return f"no account is known that writes the logs of load balancers in {site}; {_told_by(symbol, site)}"
    if kind == "url":
        return f"there is no function URL {name} in {site}"
    if all(one.kind != kind for one in KINDS):
        return _told_by(symbol, site)
    return f"there is no {_WHAT.get(kind, kind.replace('-', ' '))} called {name} in {site}"


def _told_by(symbol: str, site: Site) -> str:
    return f"auditor.yaml can say under `symbols:` what '{symbol}' is in {site}"
