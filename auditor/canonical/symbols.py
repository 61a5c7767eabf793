"""What the symbols in findings mean, site by site, so that a canonical value can be read as AWS says it there. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from auditor.canonical.wording import FIELD, SITE_SYMBOLS, SYMBOL, literals, with_unresolved
from auditor.model.values import Finding, Locale, Value


def symbols_in(findings: Iterable[Finding]) -> frozenset[str]:
    """The names of all symbols in the values of findings (`region`, `subnet:main/private/1`)."""
    return frozenset(name for one in findings for text in _texts(one) for name in SYMBOL.findall(text) if name)


def spoken(symbols: Iterable[str], locale: Locale) -> dict[str, str]:
    """What a site calls each of the symbols; one that has no meaning there is left out.

    Of a reference that holds for one kind of field alone (`field:version:checkout:7`), the value.
    """
    told = {symbol: _value(literal) for symbol, literal in literals(with_unresolved(locale)).items()}
    told |= {name: str(getattr(locale, name)) for name in SITE_SYMBOLS}
    return {name: told[name] for name in sorted(symbols) if told.get(name)}


def _value(literal: str) -> str:
    return literal.split(":", 3)[-1] if literal.startswith(FIELD) else literal


def _texts(finding: Finding) -> Iterator[str]:
    for change in finding.changes:
        for value in (change.golden, change.actual, *(change.statement or ())):
            yield from _within(value)


def _within(value: Value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, member in value.items():
            yield name
            yield from _within(member)
    elif isinstance(value, list):
        for one in value:
            yield from _within(one)
