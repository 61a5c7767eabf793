"""What a site's values refer to: function versions, layers, and whatever is named by a local id."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Final

from auditor.aws.calls import Caller
from auditor.aws.errors import AWS_ERRORS, GONE, code_of, reason
from auditor.aws.lookups import LOOKUPS, looked_up
from auditor.aws.read import taken
from auditor.aws.scaling import SERVICE, TARGETS
from auditor.generated import generated
from auditor.key_references import key_facets, keys_in
from auditor.model import Reading, Resource, State, Unread
from auditor.pairing import parent_and_own
from auditor.references import (
    UNKNOWN,
    Pair,
    References,
    derived,
    layer_symbol,
    owners,
    signing_configs,
    told_by_settings,
    unambiguous,
)
from auditor.references import texts as texts_of
from auditor.spec import FUNCTION, VERSION, Call, Listed, ResourceSpec, listed_part

ALIAS: Final = "AWS::Lambda::Alias"
_LAYER: Final = re.compile(r"arn:[\w-]+:lambda:[a-z0-9-]+:\d{12}:layer:[\w-]+:\d+")
_LAYER_VERSION: Final = Call("GetLayerVersionByArn", {"Arn": "${arn}"}, actions=("lambda:GetLayerVersion",))
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
    versions, failures, strange = _read_versions(found, vocabulary, caller, pool)
    words = texts_of((*found, *versions))
    ids = looked_up(words, caller, pool, _keys((*found, *versions), vocabulary))
    layers = _layers(words, caller, pool)
    told = (
        *derived(words, caller.locale),
        *owners(found),
        *signing_configs(found, caller.locale),
        *layers.symbols.items(),
        *ids.symbols.items(),
        *told_by_settings(symbols, str(caller.site), caller.site.region),
    )
    references = unambiguous(told)
    made_up = generated(words, caller.locale, references.symbols)
    unresolved = {**made_up, **strange, **layers.unresolved, **ids.unresolved, **references.unresolved}
    unresolved = {literal: why for literal, why in unresolved.items() if literal not in references.symbols}
    return Resolved(References(references.symbols, unresolved, ids.doubtful), versions, failures)


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


def without_unresolved(resource: Resource, failures: Mapping[str, str]) -> Resource:
    """The resource, unreadable where its versions' meaning is unknown: a bare number must not be compared."""
    why = failures.get(resource.name.partition("/")[0])
    if resource.type != ALIAS or why is None or not any(_numbers(resource)):
        return resource
    unknown = Reading(State.UNREADABLE, error=why)
    listed = {name: unknown if name == "configuration" else one for name, one in resource.facets.items()}
    return replace(resource, facets=listed)


def without_unnamed(
    resources: Iterable[Resource], failures: Mapping[str, str], specs: Mapping[str, ResourceSpec]
) -> tuple[tuple[Resource, ...], tuple[Unread, ...]]:
    """The resources but for those that hang on a version of which nobody told what it is, and what is unread so.

    By its number it would be paired with what hangs on another version of golden's.
    """
    kept: list[Resource] = []
    unread: dict[tuple[str, str], Unread] = {}
    for one in resources:
        function, own = parent_and_own(one.name, is_child=True)
        if specs[one.type].qualified and own.partition(":")[0].isdecimal() and function in failures:
            unread[one.type, function] = Unread(one.type, failures[function], function)
        else:
            kept.append(one)
    return tuple(kept), tuple(unread.values())


def _read_versions(
    resources: tuple[Resource, ...], vocabulary: Mapping[str, ResourceSpec], caller: Caller, pool: Executor
) -> tuple[tuple[Resource, ...], dict[str, str], dict[str, str]]:
    """The versions that are named, why those of functions are unknown, and which ARNs of versions lead nowhere.

    Only functions of which a version is named are asked, and only those versions are kept.
    """
    aliases = [one for one in resources if one.type == ALIAS]
    wanted = {f"{one.name.partition('/')[0]}/{number}" for one in aliases for number in _numbers(one)}
    numbered = re.compile(rf":lambda:{caller.locale.region}:{caller.locale.account}:function:([\w-]+):(\d+)(?!\w)")
    named = {"/".join(match.groups()) for word in texts_of(resources) for match in numbered.finditer(word)}
    wanted |= named
    functions = sorted({name.partition("/")[0] for name in wanted})
    answers = dict(zip(functions, pool.map(lambda name: versions_of(name, vocabulary, caller), functions), strict=True))
    listed = (one for answer in answers.values() if not isinstance(answer, str) for one in answer)
    versions = tuple(sorted((one for one in listed if one.name in wanted), key=lambda one: one.name))
    failures = {name: answer for name, answer in answers.items() if isinstance(answer, str)}
    # Of a version that tells only a part of what it is, it cannot be said which it is either.
    failures |= {one.name.partition("/")[0]: why for one in versions if (why := _untold(one))}
    known = {one.name for one in versions if one.name.partition("/")[0] not in failures}
    strange = {_in_arn(name): _why_strange(name, failures, caller) for name in named - known}
    return tuple(one for one in versions if one.name in known), failures, strange


def _untold(version: Resource) -> str:
    return next((one.error for one in version.facets.values() if one.state is State.UNREADABLE), "")


def _in_arn(name: str) -> str:
    return f"function:{name.replace('/', ':')}"


def _why_strange(name: str, failures: Mapping[str, str], caller: Caller) -> str:
    function, _, number = name.partition("/")
    why = failures.get(function)
    return UNKNOWN + why if why else f"there is no version {number} of {function} in {caller.site}"


def _numbers(alias: Resource) -> Iterator[str]:
    configuration = alias.facets.get("configuration")
    value = (configuration.value if configuration else None) or {}
    named = (value.get("FunctionVersion"), *((value.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or ()))
    # An alias on $LATEST points at no version.
    yield from (number for number in named if str(number).isdecimal())


def versions_of(name: str, vocabulary: Mapping[str, ResourceSpec], caller: Caller) -> tuple[Resource, ...] | str:
    """Every version of a function, `$LATEST` among them, as AWS told it; or why they could not be listed."""
    call = vocabulary[ALIAS].lookups[0]
    try:
        pages = list(caller.pages(vocabulary[ALIAS].service, call, {"name": name}))
    except AWS_ERRORS as error:
        return () if code_of(error) in GONE else reason(error)
    facets = listed_part(vocabulary[FUNCTION]).facets
    items = [item for page in pages for item in page.get(call.pick, [])]
    return tuple(
        Resource(
            VERSION,
            f"{name}/{item['Version']}",
            {one.name: taken(one, one.source.pick, dict(item)) for one in facets if isinstance(one.source, Listed)},
        )
        for item in items
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
    content = (answer.get("Content") or {}).get("CodeSha256")
    return (layer_symbol(name, content), "") if content else ("", f"{UNKNOWN}the answer has no CodeSha256")
