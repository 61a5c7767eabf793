"""Which resources of two sites are the same one: by name, by the settings' patterns and pairs, or by tag. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from auditor.canonical.aws_hosts import generated_hosts
from auditor.canonical.wording import UNRESOLVED, canonicalise, localise
from auditor.model.values import Locale, Resource, SiteSnapshot, State
from auditor.specs.spec import FUNCTION

# Its host is made up: https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html
_URL: Final = "AWS::Lambda::Url"
_HOST: Final = re.compile(r"https://([\w.-]+)")
MADE_UP: Final = "(made up)"
"""What stands in a name for hosts that AWS made up."""
_HOSTS: Final = re.compile(rf"\$\{{{UNRESOLVED}[^{{}}]*\}}(?::\d+)?(?:,\$\{{{UNRESOLVED}[^{{}}]*\}}(?::\d+)?)*")
_PLACEHOLDER: Final = re.compile(r"\{(stem|region|region_short|account)\}")


@dataclass(frozen=True)
class Pairing:
    """What the settings say of names, each by type.

    `pairs` maps a name of one's own to what it stands for in each site (or region); `patterns` say where a name
    holds its region; `tags` is the key of the tag whose value is the name. They count in this order.
    """

    patterns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pairs: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


BY_NAME: Final = Pairing()
TAGS: Final = ("tags", "tagging")
"""The facets that hold tags."""


def native_names(snapshot: SiteSnapshot, pairing: Pairing) -> dict[tuple[str, str], str]:
    """The canonical names, by type and native name, of the resources that the settings say something of."""
    told = ((resource, _told_name(resource, snapshot, pairing)) for resource in snapshot.resources)
    return {(resource.type, resource.name): name for resource, name in told if name}


def _told_name(resource: Resource, snapshot: SiteSnapshot, pairing: Pairing) -> str:
    for name, natives in pairing.pairs.get(resource.type, {}).items():
        if native_in(natives, snapshot.site, snapshot.locale) == resource.name:
            return name
    by_pattern = _by_pattern(resource.name, snapshot.locale, pairing.patterns.get(resource.type, ()))
    if by_pattern:
        return by_pattern
    return tag_of(resource, pairing.tags[resource.type]) if resource.type in pairing.tags else ""


def tag_of(resource: Resource, key: str) -> str:
    """The value of a resource's tag; "" where it has none, or its tags were not read."""
    reading = next((one for at in TAGS if (one := resource.facets.get(at))), None)
    if reading is None or reading.state is not State.READ:
        return ""
    if isinstance(reading.value, dict):
        return str(reading.value.get(key, ""))
    return next((str(tag.get("Value", "")) for tag in reading.value if tag.get("Key") == key), "")


def name_references(snapshot: SiteSnapshot, names: Mapping[tuple[str, str], str]) -> dict[str, str]:
    """What the names of paired resources mean where other values hold them: an ARN, a log group, a variable.

    The ARN of a bucket says nothing of its region, so it is by its name alone that it can be told. The host of a
    function's URL, which AWS makes up, is told by the function.
    """
    paired = {
        native: name_symbol(type_, name)
        for (type_, native), name in names.items()
        if name != canonical_name(native, snapshot.locale)
    }
    return {**paired, **dict(_hosts(snapshot, names))}


def _hosts(snapshot: SiteSnapshot, names: Mapping[tuple[str, str], str]) -> Iterator[tuple[str, str]]:
    """The hosts of the functions' URLs that were read, each with its symbol."""
    for one in (each for each in snapshot.resources if each.type == _URL):
        told = (reading.value for reading in one.facets.values() if reading.state is State.READ)
        urls = (value["FunctionUrl"] for value in told if isinstance(value, dict) and "FunctionUrl" in value)
        host = next((match[1] for url in urls if (match := _HOST.match(str(url)))), None)
        if host:
            parent, own = parent_and_own(one.name, is_child=True)
            function = names.get((FUNCTION, parent)) or canonical_name(parent, snapshot.locale)
            yield host, name_symbol(one.type, f"{function}/{canonical_name(own, snapshot.locale)}")


def unread_tags(snapshot: SiteSnapshot, pairing: Pairing) -> dict[tuple[str, str], str]:
    """Why it cannot be told what resources are called, by type and native name: tags tell it, and could not be read."""
    named = native_names(snapshot, pairing)
    return {
        (one.type, one.name): reading.error
        for one in snapshot.resources
        if one.type in pairing.tags and (one.type, one.name) not in named
        for at in TAGS
        if (reading := one.facets.get(at)) and reading.state is State.UNREADABLE
    }


def unsure_name(
    resource: Resource, name: str, parent_type: str, untagged: Mapping[tuple[str, str], str]
) -> tuple[str, str] | None:
    """What of a canonical name a tag that was not read would tell, its own or its parent's, and why; None for nothing.

    `untagged` is what `unread_tags` says of the site.
    """
    own = untagged.get((resource.type, resource.name))
    if own:
        return name, own
    parent = untagged.get((parent_type, parent_and_own(resource.name, bool(parent_type))[0]))
    return (name.partition("/")[0], parent) if parent else None


def native_name(type_: str, name: str, site: str, locale: Locale, pairing: Pairing) -> str:
    """What a resource that is not there yet is to be called in a site; "" where the settings do not tell.

    `name` is its canonical one. Raises UnresolvedError where it holds what has no meaning in the site.
    """
    told = pairing.pairs.get(type_, {})
    if name in told:
        return native_in(told[name], site, locale) or ""
    return "" if type_ in pairing.tags and type_ not in pairing.patterns else localise(name, locale)


def native_in(natives: Mapping[str, str], site: str, locale: Locale) -> str | None:
    """What a pair of the settings is called in a site, which it names, or whose region; None where it says nothing."""
    return natives.get(site, natives.get(locale.region))


def name_symbol(type_: str, name: str) -> str:
    """The symbol of a paired resource's name, for other values that hold it."""
    return f"{type_.rpartition('::')[2].lower()}:{bracketed(name)}"


def bracketed(name: str) -> str:
    """A canonical name as it stands inside a symbol, where there are no braces."""
    return re.sub(r"\$\{(\w+)\}", r"<\1>", name)


def canonical_name(name: str, locale: Locale, patterns: Iterable[str] = ()) -> str:
    """A resource's name, the same in every region and partition.

    `patterns` say where a name holds its region: `{stem}-{region}`, `{stem}{region_short}`; the first that
    matches decides. Without a match, names are treated as any text.
    """
    # A name says what a thing is called, whatever that stands for elsewhere; but nobody calls a thing by a host that
    # AWS made up for another.
    hosts = {host: "" for host in generated_hosts(name, locale) if host in locale.unresolved}
    told = canonicalise(name, replace(locale, unresolved=hosts))
    return _by_pattern(name, locale, patterns) or _HOSTS.sub(MADE_UP, told)


def fits(pattern: str, name: str, locale: Locale) -> bool:
    """Whether a name in a site is one that the pattern describes."""
    return bool(re.fullmatch(_pattern(pattern, locale), name))


def _by_pattern(name: str, locale: Locale, patterns: Iterable[str]) -> str:
    symbols = {symbol: "${" + symbol + "}" for symbol in ("region", "region_short", "account")}
    for pattern in patterns:
        match = re.fullmatch(_pattern(pattern, locale), name)
        if match:
            return pattern.format(stem=canonicalise(match["stem"], locale), **symbols)
    return ""


def parent_and_own(name: str, is_child: bool) -> tuple[str, str]:
    """The parent's name and the resource's own; a child's own name can hold a slash, its parent's cannot."""
    parent, _, own = name.partition("/") if is_child else ("", "", name)
    return parent, own


def _pattern(pattern: str, locale: Locale) -> str:
    known = {"region": locale.region, "region_short": locale.region_short, "account": locale.account}
    parts = _PLACEHOLDER.split(pattern)
    return "".join(
        re.escape(part) if number % 2 == 0 else "(?P<stem>.+)" if part == "stem" else re.escape(known[part])
        for number, part in enumerate(parts)
    )
