"""What AWS would answer in each region to who asks what a local id means, and the locale that comes of it. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from auditor.aws.answers import items_of
from auditor.aws.resolve import resolve
from auditor.canonical.document import with_versions
from auditor.canonical.redact import Redaction, hiding, redact
from auditor.model.values import Locale, Resource, Site, Value
from auditor.specs.regions import SHORT_CODES
from auditor.specs.spec import FUNCTION, Call, listed_part
from bench.sites import BUCKETS, KEY, SPECS

ACCOUNT: Final = "123456789012"
LOCALES: Final[Mapping[str, Locale]] = {
    region: Locale(region, SHORT_CODES[region], ACCOUNT) for region in ("us-east-1", "eu-west-1", "eu-central-1")
} | {"cn-north-1": Locale("cn-north-1", "cnn1", "210987654321", "aws-cn", "amazonaws.com.cn")}
SYMBOLS: Final = {
    "payments-api": {"us-east-1": "abc123defg", "eu-west-1": "xyz987wvut"},
    "users-pool": {"us-east-1": "us-east-1_AbCdEfGhI", "eu-west-1": "eu-west-1_ZyXwVuTsR"},
    "orders-db": {"us-east-1": "orders.c9akciq32rgx", "eu-west-1": "orders.cx7whk2lmnop"},
    "endpoint-zone": {"us-east-1": "Z3AQBSTGFJSTF", "eu-west-1": "Z1BKCTXD74EZPE"},
}
"""What only the settings can tell (`symbols:`): ids that are random, and AWS's own zones."""


def _tags(**tags: str) -> list[dict[str, str]]:
    return [{"Key": name, "Value": value} for name, value in tags.items()]


def _network(region: str, mark: str, zones: str) -> dict[str, Any]:
    vpc = f"vpc-0{mark * 8}"
    return {
        "DescribeVpcs": {"Vpcs": [{"VpcId": vpc, "Tags": _tags(Name="main")}]},
        "DescribeSubnets": {
            "Subnets": [
                {
                    "SubnetId": f"subnet-0{mark * 7}{number}",
                    "VpcId": vpc,
                    "AvailabilityZone": f"{region}{zone}",
                    "Tags": _tags(Name=f"private-{region}{zone}"),
                }
                for number, zone in enumerate(zones)
            ]
        },
        "DescribeAvailabilityZones": {"AvailabilityZones": [{"ZoneName": f"{region}{zone}"} for zone in zones]},
        "DescribeSecurityGroups": {
            "SecurityGroups": [{"GroupId": f"sg-0{mark * 8}", "VpcId": vpc, "GroupName": "web"}]
        },
        "DescribeVpcEndpoints": {
            "VpcEndpoints": [
                {"VpcEndpointId": f"vpce-0{mark * 8}", "VpcId": vpc, "ServiceName": f"com.amazonaws.{region}.s3"}
            ]
        },
    }


def _others(region: str, mark: str) -> dict[str, Any]:
    arn = f"arn:aws:elasticloadbalancing:{region}:{ACCOUNT}:listener/app/web/{mark * 16}/{mark * 16}"
    tags = [
        {"Key": "aws:cloudformation:logical-id", "Value": "ASG"},
        {"Key": "aws:cloudformation:stack-name", "Value": "web"},
    ]
    return {
        "ListAliases": {"Aliases": [{"AliasName": "alias/app", "TargetKeyId": key_id(mark)}]},
        "DescribeAccessPoints": {"AccessPoints": [{"AccessPointId": f"fsap-0{mark * 8}", "Name": "shared"}]},
        "DescribeListeners": {"Listeners": [{"ListenerArn": arn, "Port": 443}]},
        "DescribeAutoScalingGroups": {
            "AutoScalingGroups": [{"AutoScalingGroupName": f"web-ASG-1{mark.upper() * 11}", "Tags": tags}]
        },
    }


def key_id(mark: str) -> str:
    """The id of a region's key."""
    return "-".join(mark * length for length in (8, 4, 4, 4, 12))


MARKS: Final = {"us-east-1": "a", "eu-west-1": "b"}
WORLD: Final = {
    "us-east-1": {**_network("us-east-1", "a", "ac"), **_others("us-east-1", "a")},
    "eu-west-1": {**_network("eu-west-1", "b", "ab"), **_others("eu-west-1", "b")},
}
VERSIONS: Final = {"us-east-1": "17", "eu-west-1": "4"}
"""The number that the same version, of a layer or of a function, has in a region."""


@dataclass(frozen=True)
class Asked:
    """Answers from WORLD instead of AWS."""

    locale: Locale

    @property
    def site(self) -> Site:
        """The site that is asked in."""
        return Site(self.locale.region)

    def pages(self, _: str, call: Call, values: Mapping[str, Value]) -> Iterator[Mapping[str, Any]]:
        """One page, empty for what the world does not have."""
        if call.operation == "ListVersionsByFunction":
            yield {"Versions": [version(str(values["name"]), self.locale)]}
        else:
            yield WORLD.get(self.locale.region, {}).get(call.operation, {})

    def items(self, service: str, call: Call, values: Mapping[str, Value]) -> list[Any]:
        """What a call picks of its page."""
        return [item for page in self.pages(service, call, values) for item in items_of(call, page)]

    def answer(self, _: str, __: Call, ___: Mapping[str, Value]) -> Mapping[str, Any]:
        """The layer version of an ARN; every version of a layer holds the same."""
        return {"Content": {"CodeSha256": "TGF5ZXJDb250ZW50U2hhMjU2"}}


def version(function: str, locale: Locale) -> dict[str, Any]:
    """A published version of a function, the same in every region but for its number."""
    number = VERSIONS[locale.region]
    return {
        "FunctionName": function,
        "FunctionArn": f"arn:aws:lambda:{locale.region}:{locale.account}:function:{function}:{number}",
        "Version": number,
        "CodeSha256": "RnVuY3Rpb25Db2RlU2hhMjU2",
        "MemorySize": 512,
        "RevisionId": f"revision-in-{locale.region}",
    }


class Serial:
    """A pool of one worker: the caller."""

    def map(self, function: Callable[..., Any], *values: Iterable[Any]) -> Iterator[Any]:
        """The function's results, in order."""
        return map(function, *values)


def located(resource: Resource, region: str) -> tuple[Locale, tuple[Resource, ...]]:
    """What the site calls what the resource names, and the versions that it points at."""
    locale = LOCALES[region]
    asked: Any = Asked(locale)
    pool: Any = Serial()
    told = resolve((resource,), SPECS, SYMBOLS, asked, pool)
    full = replace(locale, references=told.references.symbols, unresolved=told.references.unresolved)
    function = listed_part(SPECS[FUNCTION])
    versions = tuple(redact(one, function, hiding(full, Redaction(KEY, buckets=BUCKETS))) for one in told.versions)
    return with_versions(full, versions, SPECS), versions
