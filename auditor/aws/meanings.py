"""What symbols stand for in a site whose own values do not tell: the things of a kind are listed there, only if asked.

Each thing that AWS lists is given its symbol as reading would give it, and the symbols are compared: what is found
so is read back as the symbol that was asked for, and a name inside a symbol is never guessed from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final

from auditor.aws.answers import parsing
from auditor.aws.calls import Caller
from auditor.aws.errors import AWS_ERRORS, UnusableAnswerError, reason
from auditor.aws.key_replicas import DESCRIBED, replicas_of, unusable
from auditor.aws.layer_versions import LAYER_CALLS, layers_of
from auditor.aws.meaning_kinds import KINDS, Kind
from auditor.canonical.reference_names import Known
from auditor.canonical.references import UNKNOWN, Pair, derived, unambiguous
from auditor.model.values import Locale, Site, Value
from auditor.specs.aws_owned import INSIGHTS, INSIGHTS_ACCOUNT, INSIGHTS_ACCOUNTS, INSIGHTS_RELEASES
from auditor.specs.spec import Call

_WHAT: Final = {"kms": "key whose oldest alias is", "asg": "Auto Scaling group", "az": "Availability Zone"}


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


def meaning_calls() -> Iterator[tuple[str, Call]]:
    """Every call, with its service, that can be made to tell what a symbol means."""
    for kind in KINDS:
        yield kind.service, kind.call
        if kind.each:
            yield kind.service, kind.each
    yield "kms", DESCRIBED
    yield from (("lambda", call) for call in LAYER_CALLS)


def meanings(symbols: Iterable[str], caller: Caller, pool: Executor) -> Meanings:
    """What the symbols (without `${` and `}`: `subnet:main/private/1`) stand for in the caller's site.

    Each listing is asked for once, and only where a symbol of its kind is among them; `pool` makes calls in threads.
    Nothing is raised for what AWS answers: a symbol of which it would not tell is unknown, with UNKNOWN before the
    reason. Raises StoppedError where the run is ending.
    """
    wanted = frozenset(symbols)
    listed, layers = _listed(wanted, caller, pool), layers_of(wanted, caller, pool)
    replicas = replicas_of(wanted, caller, pool)
    pairs = [*_of_region(caller.locale), *listed.pairs, *layers[0], *replicas[0]]
    asked = [(literal, symbol) for literal, symbol in pairs if symbol in wanted]
    found = unambiguous(pair for pair in asked if pair[0])
    unknown = {
        **{symbol: found.unresolved[literal] for literal, symbol in asked if literal in found.unresolved},
        **{symbol: _hidden(symbol, caller.site) for literal, symbol in asked if not literal},
        **listed.untold,
        **layers[1],
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
    answered = ((one, told[one.service, one.call.operation]) for one in needed)
    return {one.kind: answer if one.each else _telling(one, answer, caller) for one, answer in answered}


def _telling(kind: Kind, items: list[Value] | str, caller: Caller) -> list[Value] | str:
    """The items, where each tells what its symbol is made of; or else why nothing can be told."""
    try:
        with parsing((kind.each or kind.call).operation):
            tuple(() if isinstance(items, str) else kind.pairs(items, Known(caller.locale, {})))
    except UnusableAnswerError as error:
        return UNKNOWN + reason(error)
    return items


def _asked(service: str, call: Call, values: Mapping[str, Value], caller: Caller) -> list[Value] | str:
    """What a call picks, its pages joined; or the reason why AWS did not tell."""
    try:
        return caller.items(service, call, values)
    except AWS_ERRORS as error:
        return UNKNOWN + reason(error)


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
    answers = pool.map(lambda item: _asked(kind.service, each, {"each": item}, caller), asked)
    told = [_telling(kind, one, caller) for one in answers]
    failed = [(begins[item], why) for item, why in zip(asked, told, strict=True) if isinstance(why, str)]
    # Even one that was found elsewhere: there may be a second of its name.
    missed = {symbol: why for start, why in failed for symbol in wanted if symbol.startswith(start)}
    return [one for answer in told if not isinstance(answer, str) for one in answer], missed


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
