"""How things are named that AWS gives ids to: by what a person called them, the same in every region. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from auditor.canonical.references import Pair, wording
from auditor.model.values import Locale, Value

Items = list[Mapping[str, Value]]


@dataclass(frozen=True)
class Known:
    """The site, and the symbols of its ids that are known already."""

    locale: Locale
    names: Mapping[str, str]


Names = Callable[[Items, Known], Iterator[Pair]]
"""From a listing's items and what is known already: each item's id and its name ("" for none)."""


def tag(item: Mapping[str, Value], key: str = "Name") -> str:
    """The value of a tag, or ""."""
    return next((str(one["Value"]) for one in item.get("Tags") or [] if one["Key"] == key), "")


def vpc_names(items: Items, at: Known) -> Iterator[Pair]:
    """VPCs by their Name tag; the default one is the default everywhere."""
    for item in items:
        yield item["VpcId"], wording(tag(item) or ("default" if item.get("IsDefault") else ""), at.locale)


def subnet_names(items: Items, at: Known) -> Iterator[Pair]:
    """Subnets by VPC, Name tag and the ordinal of their Availability Zone among those of that VPC and name.

    The letters of zones are not the same in every region: `a` and `c` in one are `a` and `b` in another.
    """
    tiers: dict[tuple[str, str], list[str]] = defaultdict(list)
    for item in items:
        tiers[(item["VpcId"], _tier(item, at.locale))].append(item["AvailabilityZone"])
    for item in items:
        zones = sorted(set(tiers[(item["VpcId"], _tier(item, at.locale))]))
        vpc = at.names.get(item["VpcId"], "")
        name = _tier(item, at.locale)
        ordinal = zones.index(item["AvailabilityZone"]) + 1
        yield item["SubnetId"], f"{vpc.removeprefix('vpc:')}/{name}/{ordinal}" if vpc and name else ""


def _tier(item: Mapping[str, Value], locale: Locale) -> str:
    # A zone's letter or ordinal at the end of the name says what the ordinal says.
    return re.sub(r"[-_/ ]?(?:<az>|(?<=[-_/ ])[a-f]|(?<=[-_/ ])\d)$", "", wording(tag(item), locale))


def security_group_names(items: Items, at: Known) -> Iterator[Pair]:
    """Security groups by VPC and group name."""
    for item in items:
        vpc = at.names.get(item.get("VpcId", ""), "")
        name = wording(item["GroupName"], at.locale)
        yield item["GroupId"], f"{vpc.removeprefix('vpc:')}/{name}" if vpc else ""


def endpoint_names(items: Items, at: Known) -> Iterator[Pair]:
    """VPC endpoints by VPC and service."""
    for item in items:
        vpc = at.names.get(item.get("VpcId", ""), "")
        service = item["ServiceName"].rpartition(".")[2]
        yield item["VpcEndpointId"], f"{vpc.removeprefix('vpc:')}/{service}" if vpc else ""


def key_names(items: Items, at: Known) -> Iterator[Pair]:
    """KMS keys by alias; of several, by the oldest, so that one added in one region alone changes no name."""
    chosen: dict[str, str] = {}
    for item in sorted(items, key=lambda one: (str(one.get("CreationDate", "")), str(one["AliasName"])), reverse=True):
        if item.get("TargetKeyId"):
            chosen[item["TargetKeyId"]] = wording(item["AliasName"], at.locale)
    yield from chosen.items()


def access_point_names(items: Items, at: Known) -> Iterator[Pair]:
    """EFS access points by their name, else by the path that they give access to."""
    for item in items:
        path = (item.get("RootDirectory") or {}).get("Path", "")
        yield item["AccessPointId"], wording(item.get("Name") or path, at.locale)


def scaling_group_names(items: Items, at: Known) -> Iterator[Pair]:
    """Auto Scaling groups that CloudFormation named, by stack and logical id; the others bear their own names."""
    for item in items:
        logical, stack = tag(item, "aws:cloudformation:logical-id"), tag(item, "aws:cloudformation:stack-name")
        if logical:
            yield item["AutoScalingGroupName"], f"{wording(stack, at.locale)}/{logical}"


def zone_names(items: Items, at: Known) -> Iterator[Pair]:
    """Availability Zones by their ordinal: the letters are not the same in every region."""
    for ordinal, name in enumerate(sorted(str(item["ZoneName"]) for item in items), start=1):
        yield name, wording(str(ordinal), at.locale)


def listener_names(items: Items, at: Known) -> Iterator[Pair]:
    """Listeners by their load balancer's name and their port."""
    for item in items:
        part = item["ListenerArn"].partition(":listener/")[2]
        yield f"listener/{part}", wording(f"{'/'.join(part.split('/')[:2])}:{item.get('Port', '')}", at.locale)
