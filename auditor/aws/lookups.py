"""What local ids mean, asked of AWS where a value names one: a listing a kind and site, and only if asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import Final

from auditor.aws.answers import parsing
from auditor.aws.calls import Caller
from auditor.aws.errors import AWS_ERRORS, reason
from auditor.canonical import reference_names as names
from auditor.canonical.generated import UUID
from auditor.canonical.reference_names import Known, Names
from auditor.canonical.references import UNKNOWN, Pair, References, unambiguous
from auditor.canonical.unknown import may_be
from auditor.model.values import Value
from auditor.specs.spec import Call


@dataclass(frozen=True)
class Lookup:
    """How the ids of one kind are recognised in texts, and which listing names them."""

    kind: str
    pattern: re.Pattern[str]
    service: str
    call: Call
    names: Names
    after: tuple[str, ...] = field(default=())
    """The kinds whose names these names hold."""
    sure: re.Pattern[str] | None = None
    """What of that form can be nothing else, where not all can: a bare UUID may be a key's id, or anybody's secret."""


NOTHING: Final = re.compile(r"(?!)")
# The order is that in which one name holds another.
LOOKUPS: Final = (
    Lookup(
        "vpc",
        re.compile(r"(?<![\w-])vpc-[0-9a-f]{8,17}(?![\w-])"),
        "ec2",
        Call("DescribeVpcs", pick="Vpcs"),
        names.vpc_names,
    ),
    Lookup(
        "subnet",
        re.compile(r"(?<![\w-])subnet-[0-9a-f]{8,17}(?![\w-])"),
        "ec2",
        Call("DescribeSubnets", pick="Subnets"),
        names.subnet_names,
        ("vpc",),
    ),
    Lookup(
        "security-group",
        re.compile(r"(?<![\w-])sg-[0-9a-f]{8,17}(?![\w-])"),
        "ec2",
        Call("DescribeSecurityGroups", pick="SecurityGroups"),
        names.security_group_names,
        ("vpc",),
    ),
    Lookup(
        "vpc-endpoint",
        re.compile(r"(?<![\w-])vpce-[0-9a-f]{8,17}(?![\w-])"),
        "ec2",
        Call("DescribeVpcEndpoints", pick="VpcEndpoints"),
        names.endpoint_names,
        ("vpc",),
    ),
    Lookup(
        "kms",
        re.compile(rf"(?<=:key/){UUID}(?![\w-])|^{UUID}$"),
        "kms",
        Call("ListAliases", pick="Aliases"),
        names.key_names,
        sure=re.compile(rf"(?<=:key/){UUID}(?![\w-])"),
    ),
    Lookup(
        "efs",
        re.compile(r"(?<![\w-])fsap-[0-9a-f]{8,17}(?![\w-])"),
        "efs",
        Call("DescribeAccessPoints", pick="AccessPoints"),
        names.access_point_names,
    ),
    Lookup(
        "listener",
        re.compile(r"listener/(?:app|net|gwy)/[\w-]+/[0-9a-z]{16}/[0-9a-z]{16}"),
        "elbv2",
        Call("DescribeListeners", {"ListenerArns": "${arns}"}, pick="Listeners"),
        names.listener_names,
    ),
    Lookup(
        "az",
        re.compile(r"(?<![\w-])[a-z]{2}(?:-[a-z]+){1,2}-\d[a-z](?![\w-])"),
        "ec2",
        Call("DescribeAvailabilityZones", pick="AvailabilityZones"),
        names.zone_names,
        # One of another region is told by naming that region.
        sure=NOTHING,
    ),
    Lookup(
        "asg",
        # CloudFormation ends the names that it makes with a dash and twelve or thirteen of these.
        re.compile(r"^[A-Za-z][\w-]*-[A-Za-z0-9]{12,13}$"),
        "autoscaling",
        Call("DescribeAutoScalingGroups", pick="AutoScalingGroups"),
        names.scaling_group_names,
        sure=NOTHING,
    ),
)


@dataclass(frozen=True)
class Asked:
    """The ids of one kind that values name: those that can be nothing else, and those that may be something else."""

    sure: frozenset[str]
    doubtful: frozenset[str]


def looked_up(words: Iterable[str], caller: Caller, pool: Executor, keys: frozenset[str] = frozenset()) -> References:
    """What the ids in these texts stand for in the site. Raises nothing: what AWS would not tell says why.

    `keys` are those of the texts that stand where a key is named: an id there can be nothing else.
    """
    asked = {lookup.kind: ids for lookup in LOOKUPS if (ids := _ids(lookup, words, keys)).sure or ids.doubtful}
    needed = [one for one in LOOKUPS if one.kind in asked or _is_needed(one, asked)]
    answers = list(zip(needed, pool.map(lambda one: _items(one, asked, words, caller), needed), strict=True))
    failed = {one.kind: answer for one, answer in answers if isinstance(answer, str)}
    known: dict[str, str] = {}
    unresolved: dict[str, str] = {}
    doubtful: dict[str, str] = {}
    for lookup, answer in answers:
        ids = asked.get(lookup.kind, Asked(frozenset(), frozenset()))
        # A subnet's name holds that of its VPC: where VPCs are unknown, so is what its id means.
        untold = next((failed[kind] for kind in (lookup.kind, *lookup.after) if kind in failed), "")
        named = {} if isinstance(answer, str) else dict(lookup.names(answer, Known(caller.locale, known)))
        known |= {literal: f"{lookup.kind}:{name}" for literal, name in named.items() if name}
        unresolved |= {
            one: UNKNOWN + untold if untold else _nameless(lookup.kind, one, named, caller)
            for one in ids.sure
            if not named.get(one)
        }
        doubtful |= {one: may_be(lookup.kind, untold) for one in ids.doubtful if untold and not named.get(one)}
    every = frozenset(one for ids in asked.values() for one in ids.sure | ids.doubtful)
    found = unambiguous(_needed(known, every), unresolved)
    return replace(found, doubtful=doubtful)


def _needed(known: Mapping[str, str], wanted: frozenset[str]) -> Iterator[Pair]:
    # One that nobody names can still make another's name ambiguous.
    symbols = {known[one] for one in wanted if one in known}
    yield from ((literal, symbol) for literal, symbol in known.items() if symbol in symbols)


def _ids(lookup: Lookup, words: Iterable[str], keys: frozenset[str]) -> Asked:
    every = frozenset(match[0] for word in words for match in lookup.pattern.finditer(word))
    sure = lookup.sure or lookup.pattern
    told = frozenset(match[0] for word in words for match in sure.finditer(word))
    told = (told | keys if lookup.kind == "kms" else told) & every
    return Asked(told, every - told)


def _is_needed(lookup: Lookup, asked: Mapping[str, Asked]) -> bool:
    return any(lookup.kind in other.after for other in LOOKUPS if other.kind in asked)


def _items(
    lookup: Lookup, asked: Mapping[str, Asked], words: Iterable[str], caller: Caller
) -> list[Mapping[str, Value]] | str:
    # Listeners alone cannot be listed without naming them.
    ids = tuple(asked[lookup.kind].sure) if lookup.kind == "listener" else ()
    arns = sorted({word for word in words if ids and word.endswith(ids)})
    try:
        items = caller.items(lookup.service, lookup.call, {"arns": arns})
        # Whether each tells what its name is made of.
        with parsing(lookup.call.operation):
            dict(lookup.names(items, Known(caller.locale, {})))
    except AWS_ERRORS as error:
        return reason(error)
    return items


def _nameless(kind: str, literal: str, named: Mapping[str, str], caller: Caller) -> str:
    if literal in named:
        return f"the {kind} has no name that it could be found by in another region"
    if kind == "kms":
        # Keys are listed by their aliases: one that has none is not among them.
        return f"no alias in {caller.site} is of this key, so that it could not be found in another region"
    return f"there is no such {kind} in {caller.site}"
