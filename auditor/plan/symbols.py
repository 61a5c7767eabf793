"""The symbols in a plan's calls: what they mean in a site, and what the plan itself gives a meaning. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from auditor.canonical.partition_wide import is_same_in
from auditor.canonical.references import VERSION_PREFIX, texts_in, version_symbol
from auditor.canonical.wording import FIELD, SITE_SYMBOLS, SYMBOL, literals, unresolved_symbol, with_unresolved
from auditor.model.plan import Action, Plan, PlannedCall
from auditor.model.values import Locale, Value
from auditor.specs.site_choices import CHOICE

_GIVEN: Final = ("name", "parent", *SITE_SYMBOLS)
OWN: Final = "own:"
"""How a symbol begins for what the resource itself holds at the time."""
GOLDEN: Final = "golden:"
"""How a symbol begins for what golden holds: a secret, or code."""
_TOKEN: Final = re.compile(r"(?<![A-Za-z0-9])secret:[0-9a-f]{32}(?![A-Za-z0-9])")


def symbols_in(value: Value) -> Iterator[str]:
    """The symbols that a value in canonical text holds, names of members included."""
    if isinstance(value, str):
        yield from (match[1] for match in SYMBOL.finditer(value) if match[1] is not None)
    elif isinstance(value, Mapping):
        for name, member in value.items():
            yield from symbols_in(name)
            yield from symbols_in(member)
    elif isinstance(value, list):
        for one in value:
            yield from symbols_in(one)


def needed(calls: Iterable[PlannedCall]) -> frozenset[str]:
    """The symbols that calls need a meaning for, beside those that every site has."""
    found = (symbol for call in calls for symbol in symbols_in(call.params))
    return frozenset(one for one in found if not is_given(one))


def is_given(symbol: str) -> bool:
    """Whether this program itself says what a symbol means, so that neither a plan nor an answer can."""
    return symbol in _GIVEN or symbol.startswith((OWN, GOLDEN, CHOICE))


def from_golden(calls: Iterable[PlannedCall]) -> bool:
    """Whether calls take something from golden when they are made."""
    return any(symbol.startswith(GOLDEN) for call in calls for symbol in symbols_in(call.params))


def told(action: Action) -> frozenset[str]:
    """The symbols that an action's answers give a meaning."""
    return frozenset(symbol for call in action.calls for symbol in call.tells)


def told_in(plan: Plan, site: str, tells: Mapping[str, Mapping[str, Value]]) -> dict[str, Value]:
    """What answers told in a site, by what a journal says: of the symbols that the plan's calls give a meaning."""
    awaited = {symbol for one in plan.actions if one.site == site for symbol in told(one)}
    return {symbol: one for symbol, one in tells.get(site, {}).items() if symbol in awaited and not is_given(symbol)}


def meant(locale: Locale) -> dict[str, str]:
    """What the symbols that a site knows mean there, the versions of its functions among them."""
    known = literals(
        {literal: symbol for literal, symbol in with_unresolved(locale).items() if not literal.startswith(FIELD)}
    )
    return {**known, **_versions(locale)}


def meant_everywhere(golden: Locale, actual: Locale) -> dict[str, str]:
    """What golden's symbols of things of no region mean in a site that can name the same things."""
    return {unresolved_symbol(one, golden): one for one in golden.unresolved if is_same_in(one, golden, actual)}


def _versions(locale: Locale) -> dict[str, str]:
    # Two functions can have versions of one content.
    found: dict[str, str] = {}
    for literal, symbol in locale.references.items():
        if literal.startswith(FIELD) and symbol.startswith(VERSION_PREFIX):
            function = literal.split(":", 3)[2]
            found[literal] = version_symbol(function, symbol.removeprefix(VERSION_PREFIX), locale)
    return {symbol: literal.rpartition(":")[2] for symbol, literal in literals(found).items()}


def holds_a_token(calls: Iterable[PlannedCall]) -> bool:
    """Whether a call would write the fingerprint of a token in the token's place."""
    return any(_TOKEN.search(text) for call in calls for text in texts_in(call.params))
