"""Text between one site's wording and the wording that all sites share. Pure; no I/O.

Canonical text has `${region}`, `${region_short}` and `${account}` where a site has its own, and, where the
sites of an audit span partitions (`wide`), `${partition}` and `${dns_suffix}` too. A literal `${` is written
`$${`, as Terraform does. `localise(canonicalise(text, site), site) == text` for every text, but for one thing: where
a site has one content under several numbers (a layer that was published twice), all of them are that content's
symbol, and the newest number comes back.

A literal of which nobody knows what it is elsewhere (`Locale.unresolved`) is a symbol of its own region,
`${unresolved:us-east-1/subnet-0abc}`: it equals nothing of another region, and means nothing there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from auditor.canonical.partition_wide import is_partition_wide
from auditor.errors import UnresolvedError
from auditor.model.values import Locale

FIELD = "field:"
"""How a reference begins that holds for one kind of field alone: `field:KIND:PARENT:VALUE`."""
UNRESOLVED = "unresolved:"
"""How the symbol of a literal begins of which it cannot be told what it stands for."""
SITE_SYMBOLS = ("region", "region_short", "account", "partition", "dns_suffix")
SYMBOL = re.compile(r"\$\$\{|\$\{([^{}]*)\}")
"""A symbol of canonical text, by its name; no name: the escape of a literal `${`."""
CONTENT = ("layer:", "version:", "function-version:")
"""How the symbols begin that name a content, not a thing: several numbers of a site can be one of these."""
_BEFORE = r"(?<![A-Za-z0-9$])"
_AFTER = r"(?![A-Za-z0-9])"


def canonicalise(text: str, locale: Locale, wide: bool = False) -> str:
    """`text` with what belongs to the site replaced by symbols; literal where that could not be undone.

    Matches stand on token boundaries: `us-east-1` is not found in `us-east-10`, nor an account id in a
    longer number (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html gives ARNs' parts).
    """
    return canonicaliser(locale, wide)(text)


def canonicaliser(locale: Locale, wide: bool = False) -> Callable[[str], str]:
    """What canonicalises many texts of one site: the same as `canonicalise`, made ready once."""
    pattern = _pattern(locale, wide)
    meanings = _meanings(locale)
    newest = {one: meanings[symbol] for one, symbol in locale.references.items() if symbol.startswith(CONTENT)}

    @lru_cache(maxsize=10_000)
    def canonical(text: str) -> str:
        candidate = pattern.sub(lambda match: _symbol(match, locale, meanings), text)
        # A symbol that comes of the text itself, or has another literal, could not be undone.
        undone = substitute(candidate, lambda name: meanings.get(name, "\0"))
        meant = pattern.sub(lambda match: newest.get(match[0], match[0]), text)
        return candidate if undone == meant else text.replace("${", "$${")

    return canonical


def _meanings(locale: Locale) -> dict[str, str]:
    own = {name: str(getattr(locale, name)) for name in SITE_SYMBOLS}
    return {**literals(with_unresolved(locale)), **own}


def with_unresolved(locale: Locale) -> dict[str, str]:
    """The symbols of a site's literals, those among them of which nobody knows what they are elsewhere."""
    return {**{one: unresolved_symbol(one, locale) for one in locale.unresolved}, **locale.references}


def unresolved_symbol(literal: str, locale: Locale) -> str:
    """The symbol of a literal of which nobody knows what it is elsewhere: one for each region that it may be of.

    What is of no region (a distribution of CloudFront) is the same thing wherever it is named.
    """
    return f"{UNRESOLVED}{literal}" if is_partition_wide(literal) else f"{UNRESOLVED}{locale.region}/{literal}"


def literals(references: Mapping[str, str]) -> dict[str, str]:
    """What each symbol stands for, of what the literals of a site stand for.

    Of several numbers of one content it is the newest, otherwise the literal that was named first.
    """
    known: dict[str, str] = {}
    for literal, symbol in references.items():
        newer = symbol.startswith(CONTENT) and symbol in known and _number(literal) > _number(known[symbol])
        if symbol not in known or newer:
            known[symbol] = literal
    return known


def _number(literal: str) -> int:
    last = literal.rpartition(":")[2]
    return int(last) if last.isdecimal() else 0


def localise(text: str, locale: Locale) -> str:
    """Canonical `text` as the site would write it.

    Raises UnresolvedError for a symbol that has no meaning in the site.
    """
    return substitute(text, lambda name: _literal(name, locale))


def substitute(text: str, meaning: Callable[[str], str]) -> str:
    """Replace each `${name}` by `meaning(name)`, and the escape `$${` by `${`."""
    return SYMBOL.sub(lambda match: "${" if match[1] is None else meaning(match[1]), text)


def _symbol(match: re.Match[str], locale: Locale, meanings: Mapping[str, str]) -> str:
    if match.lastgroup == "escape":
        return "$${"
    if match.lastgroup == "reference":
        symbol = locale.references.get(match[0]) or unresolved_symbol(match[0], locale)
        # Of two literals with one symbol, one alone can come back from it; two numbers of one content are the same.
        is_told = symbol.startswith(CONTENT) or meanings.get(symbol) == match[0]
        return "${" + symbol + "}" if is_told else match[0]
    return "${" + str(match.lastgroup) + "}"


def _literal(name: str, locale: Locale) -> str:
    meanings = _meanings(locale)
    if name in meanings:
        return meanings[name]
    raise UnresolvedError(
        f"{locale.region}: nothing there is known as '{name}'. The value that names it was not written."
    )


def _pattern(locale: Locale, wide: bool) -> re.Pattern[str]:
    return _compiled(
        (locale.region, locale.region_short, locale.account, locale.partition, locale.dns_suffix),
        tuple(_token_literals((*locale.references, *locale.unresolved))),
        wide,
    )


def _token_literals(literals: Iterable[str]) -> list[str]:
    # What is unique only in its field ("field:version:checkout:7") is looked up there, never in a text.
    return sorted({one for one in literals if not one.startswith(FIELD)}, key=lambda one: (-len(one), one))


@lru_cache(maxsize=256)
def _compiled(names: tuple[str, ...], literals: tuple[str, ...], wide: bool) -> re.Pattern[str]:
    region, short, account, partition, dns_suffix = (re.escape(name) for name in names)
    parts = [r"(?P<escape>\$\{)"]
    if literals:
        parts.append(f"{_BEFORE}(?P<reference>{'|'.join(map(re.escape, literals))}){_AFTER}")
    if region:
        parts.append(f"{_BEFORE}(?P<region>{region}){_AFTER}")
    if short:
        parts.append(f"{_BEFORE}(?P<region_short>{short}){_AFTER}")
    if account:
        parts.append(f"{_BEFORE}(?P<account>{account}){_AFTER}")
    if wide:
        parts.append(rf"(?<=\barn:)(?P<partition>{partition})(?=:)")
        # "amazonaws.com" is also how "amazonaws.com.cn" begins.
        parts.append(rf"(?<=\.)(?P<dns_suffix>{dns_suffix})(?![A-Za-z0-9.-])")
    return re.compile("|".join(parts))
