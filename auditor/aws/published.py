"""Which versions of a function a site has already, told by what is in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace

from auditor.aws.calls import Caller
from auditor.aws.resolve import resolve, versions_of
from auditor.aws.site import Reader, bucket_names
from auditor.document import version_content
from auditor.model import Resource
from auditor.redact import hiding, redact
from auditor.references import IN_ARN, UNKNOWN, VERSION_PREFIX, function_of, version_symbol
from auditor.spec import FUNCTION, LATEST, listed_part


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
    told = resolve(versions, reader.vocabulary, reader.symbols, caller, pool).references
    locale = replace(caller.locale, references={**told.symbols, **names}, unresolved=told.unresolved)
    hides = hiding(locale, replace(reader.redaction, buckets=bucket_names(caller)), told.doubtful)
    function = reader.vocabulary[FUNCTION]
    numbers: dict[str, str] = {}
    for one in sorted(versions, key=lambda one: int(one.name.rpartition("/")[2])):
        parent, _, number = one.name.rpartition("/")
        content = version_content(redact(one, listed_part(function), hides), parent, function, locale, wide)
        symbol = version_symbol(parent, content, locale)
        # Of two with one content the newest, in its place.
        numbers.pop(symbol, None)
        numbers[symbol], numbers[IN_ARN + symbol] = number, f"function:{parent}:{number}"
    return numbers
