"""What the local ids and numbers in a site's values stand for, where the values themselves tell. Pure.

A reference maps a literal that means something only in its site (`subnet-0abc`, `db-AbCdEf`) to a symbol that
means the same everywhere (`subnet:main/private/1`, `secret:db`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from auditor.canonical.literals import held_in
from auditor.canonical.wording import CONTENT, SYMBOL, UNRESOLVED, canonicalise, unresolved_symbol
from auditor.model.values import Locale, Resource, Value
from auditor.specs.aws_owned import ELB_LOG_ACCOUNTS, layer_release

Pair = tuple[str, str]
"""A literal and its symbol."""

UNKNOWN: Final = "unknown: "
"""How the reason begins where AWS did not tell, so that nothing can be said of a difference."""

# The dash is how the first regions spell it; https://docs.aws.amazon.com/general/latest/gr/s3.html
DASHED_WEBSITES: Final = (
    "us-east-1",
    "us-west-1",
    "us-west-2",
    "eu-west-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-northeast-1",
    "sa-east-1",
    "us-gov-west-1",
)


@dataclass(frozen=True)
class References:
    """What literals stand for, and why others stand for nothing that can be told."""

    symbols: Mapping[str, str]
    unresolved: Mapping[str, str]
    doubtful: Mapping[str, str] = field(default_factory=dict)
    """What may be an id, and may be a secret that looks like one, where AWS would not tell. Never to be stored."""


def texts(resources: Iterable[Resource]) -> frozenset[str]:
    """Every text in the resources' values, names of members included."""
    values = (reading.value for resource in resources for reading in resource.facets.values())
    return frozenset(text for value in values for text in texts_in(value))


def texts_in(value: Value) -> Iterator[str]:
    """Every text in a value, names of members included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, member in value.items():
            yield str(name)
            yield from texts_in(member)
    elif isinstance(value, list):
        for element in value:
            yield from texts_in(element)


# What an ARN says of its resource beside a random part: the literal is the whole, the symbol leaves that part out.
_ARN_PARTS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("target-group", re.compile(r"targetgroup/([\w-]+)/[0-9a-z]{16}")),
    ("load-balancer", re.compile(r"loadbalancer/((?:app|net|gwy)/[\w-]+)/[0-9a-z]{16}")),
    # Six random characters; a name's last word has no digit and no capital inside ("-backup").
    ("secret", re.compile(r"(?<=:secret:)([\w/+=.@-]+)-(?=[A-Za-z0-9]{0,5}[A-Z0-9])[A-Za-z0-9]{6}(?![A-Za-z0-9])")),
    ("stream", re.compile(r"(?<=:table/)([\w.-]+/stream)/\d{4}-\d\d-\d\dT[\d:.]+")),
    ("consumer", re.compile(r"(?<=/consumer/)([\w.-]+):\d+")),
    ("msk", re.compile(r"(?<=:cluster/)([\w-]+)/[0-9a-f-]{36}(?:-s?\d+)?")),
    ("msk-vpc-connection", re.compile(r"(?<=:vpc-connection/)(\d{12}/[\w-]+)/[0-9a-f-]{36}(?:-s?\d+)?")),
    ("mq", re.compile(r"(?<=:broker:)([\w-]+):b-[0-9a-f-]{36}")),
    ("signer", re.compile(r"(?<=/signing-profiles/)(\w+)/\w{10}(?!\w)")),
)
_BROKER: Final = re.compile(r"(?<![\w.-])b-\d+\.(([\w-]+)\.[a-z0-9]+\.c\d+)\.kafka\.([a-z0-9-]+)\.")
_MANAGED_LAYER: Final = re.compile(r"arn:[\w-]+:lambda:([a-z0-9-]+):(\d{12}):layer:([\w-]+):(\d+)")


def derived(words: Iterable[str], locale: Locale) -> Iterator[Pair]:
    """The references that the texts themselves tell."""
    for word in words:
        yield from _brokers(word, locale)
        for kind, pattern in _ARN_PARTS:
            for match in pattern.finditer(word):
                if _is_own(word[: match.start()], locale):
                    yield match[0], f"{kind}:{wording(match[1], locale)}"
        for match in _MANAGED_LAYER.finditer(word):
            release = layer_release(match[1], match[2], match[3], int(match[4]))
            if release:
                yield match[0], f"aws-layer:{release}"
    yield f"s3-website{'-' if locale.region in DASHED_WEBSITES else '.'}{locale.region}", "s3-website"
    if locale.region in ELB_LOG_ACCOUNTS:
        yield ELB_LOG_ACCOUNTS[locale.region], "elb-log-account"


def _brokers(word: str, locale: Locale) -> Iterator[Pair]:
    """What the hosts of a cluster's brokers hold, of which AWS makes up all but the cluster's name."""
    # https://docs.aws.amazon.com/msk/latest/developerguide/msk-get-bootstrap-brokers.html
    for match in _BROKER.finditer(word) if ".kafka." in word else ():
        if match[3] == locale.region:
            yield match[1], f"msk-host:{wording(match[2], locale)}"


def _is_own(before: str, locale: Locale) -> bool:
    # What another region or account calls so is another thing, with another ending.
    parts = before[before.rfind("arn:") :].split(":") if "arn:" in before else []
    return len(parts) < 5 or (parts[3] in ("", locale.region) and parts[4] in ("", locale.account))


def told_by_settings(symbols: Mapping[str, Mapping[str, str]], site: str, region: str) -> Iterator[Pair]:
    """The literals that the settings name for this site or region, each under its symbol."""
    for symbol, literals in symbols.items():
        literal = literals.get(site, literals.get(region))
        if literal:
            yield literal, symbol


def owners(resources: Iterable[Resource]) -> Iterator[Pair]:
    """The account's canonical user id, as the owner of its buckets."""
    for resource in resources:
        acl = resource.facets.get("acl")
        owner = acl.value.get("Owner", {}).get("ID") if acl and isinstance(acl.value, dict) else None
        if owner:
            yield owner, "canonical-user"


def signing_configs(resources: Iterable[Resource], locale: Locale) -> Iterator[Pair]:
    """Code signing configurations by their description: AWS makes their ARNs up."""
    for resource in resources:
        for reading in resource.facets.values():
            told = reading.value if isinstance(reading.value, dict) else {}
            if told.get("CodeSigningConfigArn") and "CodeSigningConfigId" in told:
                name = told.get("Description") or "without a description"
                yield told["CodeSigningConfigArn"], f"code-signing-config:{wording(name, locale)}"


VERSION_PREFIX: Final = "version:"
"""How the symbol of a function's version begins, as its number alone."""
IN_ARN: Final = "function-"
"""What stands before that symbol where the function's name is a part of the literal, as in an ARN."""
VERSION_PREFIXES: Final = (VERSION_PREFIX, f"{IN_ARN}{VERSION_PREFIX}")


def function_of(symbol: str) -> str:
    """The function, as its name stands inside symbols, that the symbol of a version is about."""
    return symbol.partition(":")[2].rpartition("@")[0]


def undescribed(content: str) -> str:
    """A version's content, or the symbol of one, but for its description (see document.version_content)."""
    return content.removesuffix("}").partition(".")[0]


def version_symbol(function: str, content: str, locale: Locale) -> str:
    """A function's version by what is in it (see document.version_content), the function beside it.

    Two functions can have versions of one content. `function` is its native name.
    """
    return f"{VERSION_PREFIX}{wording(function, locale)}@{content}"


def layer_symbol(name: str, sha256: str) -> str:
    """A layer's version by its content: numbers count up in each region."""
    return f"layer:{name}@{sha256[:12]}"


def wording(text: str, locale: Locale) -> str:
    """A name as it stands inside a symbol: canonical, with angle brackets for braces, without Availability Zone."""
    zoneless = re.sub(rf"{re.escape(locale.region)}[a-z](?![A-Za-z0-9])", "<az>", text) if locale.region else text
    symbolic = re.sub(r"\$\{(\w+)\}", r"<\1>", canonicalise(zoneless, locale))
    return symbolic.replace("{", "(").replace("}", ")")


def unambiguous(pairs: Iterable[Pair], unresolved: Mapping[str, str] | None = None) -> References:
    """The references, without those whose symbol two literals share: of these it is said that they are ambiguous.

    Two literals that share a symbol of CONTENT are two numbers of one content, which is no ambiguity.
    """
    found = dict(pairs)
    by_symbol: dict[str, list[str]] = defaultdict(list)
    for literal, symbol in found.items():
        by_symbol[symbol].append(literal)
    shared = {
        literal: f"ambiguous: {' and '.join(sorted(literals))} are all '{symbol}'"
        for symbol, literals in by_symbol.items()
        if len(literals) > 1 and not symbol.startswith(CONTENT)
        for literal in literals
    }
    symbols = {literal: symbol for literal, symbol in found.items() if literal not in shared}
    return References(symbols, {**shared, **(unresolved or {})})


def named_in(value: Value, literals: Iterable[str]) -> list[str]:
    """Which of the literals a value names, on token boundaries."""
    return sorted(held_in(texts_in(value), literals))


def unresolved_in(value: Value, locale: Locale) -> list[str]:
    """Which of a site's unresolved literals a canonical value names: by their symbols, or as they are.

    Text whose canonical form could not be undone stays literal.
    """
    names = {name for word in texts_in(value) if UNRESOLVED in word for name in SYMBOL.findall(word)}
    told = {literal for name in names if (literal := _literal_of(name, locale)) in locale.unresolved}
    return sorted(told | set(named_in(_bare(value), locale.unresolved)))


def _literal_of(name: str, locale: Locale) -> str:
    """The literal whose symbol this is in the site, were it unresolved there; "" for any other symbol."""
    whole = name.removeprefix(UNRESOLVED)
    return next((one for one in (whole, whole.partition("/")[2]) if unresolved_symbol(one, locale) == name), "")


def _bare(value: Value) -> list[str]:
    return [SYMBOL.sub(" ", word) for word in texts_in(value)]


_KEY_ARN: Final = re.compile(r"arn:[^:]+:kms:\$\{region\}:\$\{account\}:(?:key/)?(.+)")


def key_form(text: str) -> str:
    """The one form of a KMS key that S3 and others take as an id, an ARN, or an alias with or without its ARN."""
    match = _KEY_ARN.fullmatch(text)
    bare = match[1] if match else text
    return f"${{kms:{bare}}}" if bare.startswith("alias/") and "$" not in bare else bare
