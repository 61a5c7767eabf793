"""The published versions of functions: which are named, what they are, and what is unknown where that is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from typing import Final

from auditor.aws.answers import parsing
from auditor.aws.calls import Caller
from auditor.aws.errors import AWS_ERRORS, GONE, code_of, reason
from auditor.aws.read import Found, read_one
from auditor.aws.readings import taken
from auditor.canonical.pairing import parent_and_own
from auditor.canonical.references import UNKNOWN
from auditor.canonical.version_names import in_arns
from auditor.model.values import Locale, Reading, Resource, State, Unread
from auditor.specs.spec import FUNCTION, VERSION, Listed, ResourceSpec

ALIAS: Final = "AWS::Lambda::Alias"


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


def unnamed_versions(unread: Iterable[Unread], specs: Mapping[str, ResourceSpec]) -> Iterator[Unread]:
    """The versions of the functions whose aliases are unread: which there are, their aliases tell."""
    failed = tuple(unread)
    known = {one.parent for one in failed if one.type == VERSION}
    aliases = (one for one in failed if one.type == ALIAS and one.parent not in known and VERSION in specs)
    return (replace(one, type=VERSION) for one in aliases)


def with_referred(
    resources: Iterable[Resource],
    unread: Iterable[Unread],
    specs: Mapping[str, ResourceSpec],
    caller: Caller,
    pool: Executor,
) -> tuple[Resource, ...]:
    """The resources, and what hangs on the versions that they refer to: the listing names others only.

    Versions of a function of which something could not be listed are left to the rows of `unread`.
    """
    found = tuple(resources)
    spec = specs.get(VERSION)
    if spec is None:
        return found
    functions = {one.name for one in found if one.type == FUNCTION} - {
        one.parent for one in unread if one.type == VERSION
    }
    there = {one.name for one in found if one.type == VERSION}
    split = (parent_and_own(name, is_child=True) for name in sorted(named_versions(found, caller.locale) - there))
    further = [Found(spec, number, function, None) for function, number in split if function in functions]
    return *found, *pool.map(partial(read_one, caller, {}), further)


def named_versions(resources: Iterable[Resource], locale: Locale) -> frozenset[str]:
    """The versions of the site's functions (`FUNCTION/NUMBER`) that aliases point at, or that stand in an ARN."""
    found = tuple(resources)
    pointed_at = {
        f"{parent_and_own(one.name, is_child=True)[0]}/{number}"
        for one in found
        if one.type == ALIAS
        for number in _numbers(one)
    }
    own = {one.name for one in found if one.type == VERSION}
    return frozenset(pointed_at | own | in_arns(found, locale))


def read_versions(
    resources: tuple[Resource, ...], vocabulary: Mapping[str, ResourceSpec], caller: Caller, pool: Executor
) -> tuple[tuple[Resource, ...], dict[str, str], dict[str, str]]:
    """The versions that are named, why those of functions are unknown, and which ARNs of versions lead nowhere.

    Only functions of which a version is named are asked, and only those versions are kept. What a version names
    is a part of what it is, so that the versions among that are read as well.
    """
    wanted = named_versions(resources, caller.locale)
    called = in_arns(resources, caller.locale)
    answers: dict[str, tuple[Resource, ...] | str] = {}
    versions: tuple[Resource, ...] = ()
    while functions := sorted({name.partition("/")[0] for name in wanted} - answers.keys()):
        told = pool.map(lambda name: versions_of(name, vocabulary, caller), functions)
        answers |= dict(zip(functions, told, strict=True))
        listed = [one for answer in answers.values() if not isinstance(answer, str) for one in answer]
        versions, more = _named_among(listed, wanted, caller.locale)
        wanted, called = wanted | more, called | more
    failures = {name: answer for name, answer in answers.items() if isinstance(answer, str)}
    # Of a version that tells only a part of what it is, it cannot be said which it is either.
    failures |= {one.name.partition("/")[0]: why for one in versions if (why := _untold(one))}
    known = {one.name for one in versions if one.name.partition("/")[0] not in failures}
    strange = {_in_arn(name): _why_strange(name, failures, caller) for name in called - known}
    return tuple(one for one in versions if one.name in known), failures, strange


def _named_among(
    listed: Iterable[Resource], wanted: frozenset[str], locale: Locale
) -> tuple[tuple[Resource, ...], frozenset[str]]:
    """Those of the versions that are wanted, or named by one that is; and all that these name."""
    by_name = {one.name: one for one in listed}
    named = frozenset[str]()
    while True:
        held = {name: by_name[name] for name in wanted | named if name in by_name}
        further = in_arns(held.values(), locale)
        if further <= named:
            return tuple(held[name] for name in sorted(held)), named
        named |= further


def joined(resources: Iterable[Resource], versions: Iterable[Resource]) -> tuple[Resource, ...]:
    """The resources and the versions; what hangs on a version is told with what it is, and of none that is not there.

    Both are redacted.
    """
    found = tuple(resources)
    hanging = {one.name: one.facets for one in found if one.type == VERSION}
    whole = (replace(one, facets={**one.facets, **hanging.get(one.name, {})}) for one in versions)
    return *(one for one in found if one.type != VERSION), *whole


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
        items = caller.items(vocabulary[ALIAS].service, call, {"name": name})
        with parsing(call.operation):
            numbers = [str(item["Version"]) for item in items]
    except AWS_ERRORS as error:
        return () if code_of(error) in GONE else reason(error)
    listed = ((one, one.source) for one in vocabulary[FUNCTION].facets)
    facets = [(one, source.pick) for one, source in listed if isinstance(source, Listed)]
    return tuple(
        Resource(VERSION, f"{name}/{number}", {one.name: taken(one, pick, dict(item)) for one, pick in facets})
        for number, item in zip(numbers, items, strict=True)
    )
