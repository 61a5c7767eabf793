"""What a site's values refer to: function versions, layers, and whatever is named by a local id."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final

from auditor.aws.calls import Caller
from auditor.aws.errors import AWS_ERRORS, GONE, code_of, reason
from auditor.aws.lookups import LOOKUPS, looked_up
from auditor.aws.scaling import SERVICE, TARGETS
from auditor.aws.versions import read_versions
from auditor.canonical.generated import generated
from auditor.canonical.key_references import key_facets, keys_in
from auditor.canonical.references import (
    UNKNOWN,
    Pair,
    References,
    derived,
    layer_symbol,
    named_in,
    owners,
    signing_configs,
    texts as texts_of,
    told_by_settings,
    unambiguous,
)
from auditor.canonical.unknown import may_be
from auditor.model.values import Resource, State
from auditor.specs.spec import FUNCTION, VERSION, Call, ResourceSpec

_LAYER: Final = re.compile(r"arn:[\w-]+:lambda:[a-z0-9-]+:\d{12}:layer:[\w-]+:\d+")
_LAYER_VERSION: Final = Call(
    "GetLayerVersionByArn",
    {"Arn": "${arn}"},
    pick="Content.CodeSha256",
    always=("Content.CodeSha256",),
    actions=("lambda:GetLayerVersion",),
)
# A digest has as many digits.
_CANONICAL_USER: Final = re.compile(r"(?<!sha256:)(?<![A-Za-z0-9])[0-9a-f]{64}(?![A-Za-z0-9])")
Symbols = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Resolved:
    """The meaning of references, the versions that aliases point at, and why those of a function are unknown."""

    references: References
    versions: tuple[Resource, ...]
    failures: Mapping[str, str]


def lookup_calls() -> Iterator[tuple[str, Call]]:
    """Every call, with its service, that tells what a value refers to."""
    yield "lambda", _LAYER_VERSION
    yield SERVICE, TARGETS
    yield from ((lookup.service, lookup.call) for lookup in LOOKUPS)


def resolve(
    resources: Iterable[Resource],
    vocabulary: Mapping[str, ResourceSpec],
    symbols: Symbols,
    caller: Caller,
    pool: Executor,
) -> Resolved:
    """What the raw values of a site's resources refer to. What AWS would not tell says why; nothing is raised."""
    found = tuple(resources)
    versions, failures, strange = read_versions(found, vocabulary, caller, pool)
    words = texts_of(every := (*found, *versions))
    ids = looked_up(words, caller, pool, _keys(every, vocabulary))
    layers = _layers(words, caller, pool)
    told = (
        *derived(words, caller.locale),
        *owners(found),
        *signing_configs(found, caller.locale),
        *(*layers.symbols.items(), *ids.symbols.items()),
        *told_by_settings(symbols, str(caller.site), caller.site.region),
    )
    references = unambiguous(told)
    made_up = generated(words, caller.locale, references.symbols)
    untold = {**made_up, **strange, **layers.unresolved, **ids.unresolved, **references.unresolved}
    unresolved = {literal: why for literal, why in untold.items() if literal not in references.symbols}
    failures |= {name: why for name, why in _half_told(versions, unresolved) if name not in failures}
    return Resolved(References(references.symbols, unresolved, _doubtful(found, words, ids)), versions, failures)


def _half_told(versions: Iterable[Resource], unresolved: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The functions with versions that name what AWS would not tell of, and why: what they are is as unknown."""
    untold = {literal: why.removeprefix(UNKNOWN) for literal, why in unresolved.items() if why.startswith(UNKNOWN)}
    for one in versions:
        for literal in named_in([*texts_of([one])], untold) if untold else ():
            yield one.name.partition("/")[0], f"{untold[literal]} (of {literal}, which {one.name} names)"


def _doubtful(found: tuple[Resource, ...], words: Iterable[str], ids: References) -> dict[str, str]:
    """Why it is not known what may be an id; a canonical user is among it where no bucket tells its owner."""
    acls = [one.facets["acl"] for one in found if "acl" in one.facets]
    why = next((one.error for one in acls if one.state is State.UNREADABLE), "")
    if not why or any(True for _ in owners(found)):
        return dict(ids.doubtful)
    users = (match[0] for word in words for match in _CANONICAL_USER.finditer(word))
    return {**dict.fromkeys(users, may_be("canonical-user", why)), **ids.doubtful}


def _keys(resources: Iterable[Resource], vocabulary: Mapping[str, ResourceSpec]) -> frozenset[str]:
    facets = {type_: key_facets(spec) for type_, spec in vocabulary.items()}
    # A version has facets of its function's.
    facets[VERSION] = facets.get(FUNCTION, {})
    return frozenset(
        key
        for one in resources
        for name, node in facets.get(one.type, {}).items()
        if (reading := one.facets.get(name)) and reading.state is State.READ
        for key in keys_in(reading.value, node)
    )


def _layers(words: Iterable[str], caller: Caller, pool: Executor) -> References:
    # A layer's versions are numbered in each region by itself: it is told by its content.
    arns = sorted({match[0] for word in words for match in _LAYER.finditer(word)})
    told = list(pool.map(lambda arn: _layer(arn, caller), arns))
    pairs: list[Pair] = [(arn, symbol) for arn, (symbol, _) in zip(arns, told, strict=True) if symbol]
    return References(dict(pairs), {arn: why for arn, (_, why) in zip(arns, told, strict=True) if why})


def _layer(arn: str, caller: Caller) -> tuple[str, str]:
    name = arn.split(":")[6]
    try:
        answer = caller.answer("lambda", _LAYER_VERSION, {"arn": arn})
    except AWS_ERRORS as error:
        gone = " (the version was deleted, and with it what told its content)"
        return "", UNKNOWN + reason(error) + (gone if code_of(error) in GONE else "")
    return layer_symbol(name, answer["Content"]["CodeSha256"]), ""
