"""What AWS makes up for a thing, so that it is another one in each region: told, and never written elsewhere. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from auditor.canonical.aws_hosts import generated_hosts
from auditor.canonical.literals import masked
from auditor.canonical.partition_wide import is_partition_wide
from auditor.model.values import Locale

_HEX: Final = "[0-9a-f]"
UUID: Final = rf"{_HEX}{{8}}-(?:{_HEX}{{4}}-){{3}}{_HEX}{{12}}"
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html
_SUFFIX: Final = r"-(?=[A-Za-z]*\d)(?=[A-Za-z0-9]*[A-Z])[A-Za-z0-9]{12,13}"
_ARN: Final = re.compile(r"arn:[\w-]+:([\w-]+):([a-z0-9-]*):([\w-]*):([^\s\"'<>\\,;]+)")
_IN_ARN: Final = tuple(
    re.compile(rf"(?<![A-Za-z0-9])(?:{one})(?![A-Za-z0-9])")
    for one in (
        UUID,
        rf"(?<!-)(?=[a-f]*\d)(?=\d*[a-f]){_HEX}{{16,}}",
        rf"[a-z]{{1,12}}(?:-[a-z]+)?-{_HEX}{{17}}",
        rf"[A-Za-z][\w.-]*{_SUFFIX}",
        # AppSync, OpenSearch Serverless, DMS and others: long, of letters and digits among one another.
        r"(?=(?:[a-z]*\d+[a-z]+){3})[a-z0-9]{20,}",
    )
)
_OF_SERVICE: Final[Mapping[str, re.Pattern[str]]] = {
    # https://docs.aws.amazon.com/eks/latest/userguide/enable-iam-roles-for-service-accounts.html
    "iam": re.compile(r"(?<=oidc-provider/)oidc\.eks\.[\w.-]+/id/[0-9A-F]{32}"),
    "cloudfront": re.compile(r"(?<=/)[A-Z0-9]{10,}"),
    "route53": re.compile(r"(?<=hostedzone/)Z[A-Z0-9]{10,}"),
    "apigateway": re.compile(r"(?<=apis/)[a-z0-9]{10}(?![\w-])"),
    "rds-db": re.compile(r"(?<=dbuser:)[a-z]+-[A-Z0-9]{12,}"),
    "bedrock": re.compile(r"(?<=/)[A-Z0-9]{10}(?![\w-])"),
    "lex": re.compile(r"(?<=/)[A-Z0-9]{10}(?![\w-])"),
    "servicediscovery": re.compile(r"(?:ns|srv)-[a-z0-9]{16}"),
    "elasticfilesystem": re.compile(rf"fs-{_HEX}{{8,17}}"),
}
_IDENTITY: Final = re.compile(r"arn:[\w-]+:iam::cloudfront:user/CloudFront Origin Access Identity E[A-Z0-9]+")
_POOLS: Final = ("the identity pool's id", "the user pool's id")
_API: Final = re.compile(r"(?<=:)([a-z0-9]{10})(?=/)")
_CLUSTER: Final = re.compile(rf"(?<=oidc\.eks\.)(?:[\w.-]+/id/)([0-9A-F]{{32}})|(?<=/workspaces/)(ws-{UUID})")


# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html; what stands for a few of them is looked up.
_OLD: Final = "acl|ami|aki|ari|cgw|dopt|eipalloc|eipassoc|eni|fs|fsmt|i|igw|lt|nat|pcx|pl|rtb|snap|tgw|vgw|vol"
_LOOKED_UP: Final = "vpc|subnet|sg|vpce|fsap"
_BARE: Final = re.compile(
    rf"(?<![\w/.:-])(?!(?:{_LOOKED_UP})-)(?:(?:{_OLD})-{_HEX}{{8}}|[a-z]{{1,12}}(?:-[a-z]{{1,12}})?-{_HEX}{{17}})(?![\w-]|\.\w)"
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-naming.html
    r"|(?<![\w/.:-])[a-z0-9][a-z0-9-]{2,50}-(?:s3alias|-ol-s3)(?![\w-]|\.\w)"
)


def generated(words: Iterable[str], locale: Locale, known: Iterable[str] = ()) -> dict[str, str]:
    """The literals in these texts that AWS makes up in the site, and why nobody can tell them elsewhere.

    `known` are literals of which it is told what they stand for: a host or an ARN that holds one is told by it.
    """
    told = tuple(one for one in known if len(one) > 3)
    found: dict[str, str] = {}
    for word in words:
        for what, literal in _found(masked(word, told), locale):
            found.setdefault(literal, f"{what} is made up by AWS; `symbols` in the settings can say what it stands for")
    return found


def _found(word: str, locale: Locale) -> Iterator[tuple[str, str]]:
    for host in generated_hosts(word, locale):
        yield _what(host), host
    if locale.region and locale.region in word:
        own = re.escape(locale.region)
        pool = re.compile(rf"(?<![\w-])(?:{own}_[A-Za-z0-9]{{9}}(?!\w)|{own}:{UUID})")
        yield from ((_POOLS["_" in one[0]], one[0]) for one in pool.finditer(word))
    yield from (("the origin access identity", one[0]) for one in _IDENTITY.finditer(word))
    yield from (("the id in a URL", one[1] or one[2]) for one in _CLUSTER.finditer(word))
    yield from (("an id", one[0]) for one in _BARE.finditer(word))
    for arn in _ARN.finditer(word):
        yield from _in_arn(arn, locale)


def _what(host: str) -> str:
    if ".execute-api." in host:
        return "the API's id"
    return "the database's host" if ".rds." in host else "a host"


def _in_arn(arn: re.Match[str], locale: Locale) -> Iterator[tuple[str, str]]:
    service, region, _, resource = arn.groups()
    is_of_none = is_partition_wide(arn[0])
    if not (is_of_none or region == locale.region) or (service == "s3" and is_of_none):
        return
    for what, literal, end in _ids(service, resource):
        # What is of no region is the same wherever it is named, as a whole.
        yield what, arn[0][: arn.start(4) - arn.start() + end] if is_of_none else literal


def _ids(service: str, resource: str) -> Iterator[tuple[str, str, int]]:
    if service == "execute-api":
        for match in _API.finditer(f":{resource}/"):
            yield "the API's id", match[1], match.end() - 1
        return
    patterns = (_OF_SERVICE[service], *_IN_ARN) if service in _OF_SERVICE else _IN_ARN
    if service in ("kms", "lambda") and not _FUNCTION.match(resource):
        return
    for pattern in patterns:
        for match in pattern.finditer(resource):
            yield "an id", match[0], match.end()


_FUNCTION: Final = re.compile(r"(?:function|event-source-mapping|code-signing-config):")
