"""Which versions of a function a site has already, told by what is in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace

from auditor.aws.calls import Caller
from auditor.aws.resolve import resolve
from auditor.aws.site import Reader, bucket_names, hidden_versions
from auditor.aws.versions import versions_of
from auditor.canonical.document import with_versions
from auditor.canonical.references import IN_ARN, UNKNOWN, VERSION_PREFIX, function_of, version_symbol
from auditor.canonical.wording import FIELD
from auditor.model.values import Resource
from auditor.specs.spec import LATEST


@dataclass(frozen=True)
class Published:
    """The number of each version by its symbol (`version:FUNCTION@CONTENT`); why those of a function are unknown.

    What an ARN says of it (`function:NAME:NUMBER`) stands under the symbol that it has there.
    """

    numbers: Mapping[str, str]
    unknown: Mapping[str, str]
    newest: frozenset[str] = frozenset()
    """The symbols of the newest version of each function."""


def published(
    reader: Reader, caller: Caller, pool: Executor, functions: Iterable[str], names: Mapping[str, str], wide: bool
) -> Published:
    """All versions of functions of a site, by native name; of two with one content, the newest."""
    wanted = sorted(set(functions))
    answers = dict(zip(wanted, pool.map(lambda one: versions_of(one, reader.vocabulary, caller), wanted), strict=True))
    unknown = {name: UNKNOWN + answer for name, answer in answers.items() if isinstance(answer, str)}
    found = [one for answer in answers.values() if not isinstance(answer, str) for one in answer]
    held = [one for one in found if not one.name.endswith(f"/{LATEST}")]
    numbers = _numbers(held, reader, caller, pool, names, wide)
    # They are in the order of their numbers.
    last = {function_of(symbol): symbol for symbol in numbers if symbol.startswith(VERSION_PREFIX)}
    both = (one for symbol in last.values() for one in (symbol, IN_ARN + symbol))
    return Published(numbers, unknown, frozenset(both))


def _numbers(
    versions: list[Resource], reader: Reader, caller: Caller, pool: Executor, names: Mapping[str, str], wide: bool
) -> dict[str, str]:
    resolved = resolve(versions, reader.vocabulary, reader.symbols, caller, pool)
    told = resolved.references
    locale = replace(caller.locale, references={**told.symbols, **names}, unresolved=told.unresolved)
    # What they name of the versions of other functions is a part of what they are.
    every = {one.name: one for one in (*resolved.versions, *versions)}.values()
    redaction = replace(reader.redaction, buckets=bucket_names(caller))
    hidden = hidden_versions(every, reader, locale, redaction, told.doubtful)
    contents = with_versions(locale, hidden, reader.vocabulary, wide).references
    numbers: dict[str, str] = {}
    for one in sorted(versions, key=lambda one: int(one.name.rpartition("/")[2])):
        parent, _, number = one.name.rpartition("/")
        content = contents[f"{FIELD}version:{parent}:{number}"].removeprefix(VERSION_PREFIX)
        symbol = version_symbol(parent, content, locale)
        # Of two with one content the newest, in its place.
        numbers.pop(symbol, None)
        numbers[symbol], numbers[IN_ARN + symbol] = number, f"function:{parent}:{number}"
    return numbers
