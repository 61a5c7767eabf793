"""What local ids mean, asked of AWS where a value names one: a listing a kind and site, and only if asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Final

import jmespath

from auditor import reference_names as names
from auditor.aws.calls import Caller
from auditor.aws.errors import AWS_ERRORS, reason
from auditor.model import Value
from auditor.reference_names import Known, Names
from auditor.references import UNKNOWN, Pair, References, unambiguous
from auditor.spec import Call


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
    certain: bool = True
    """Whether a text of this form can be nothing else, so that one which the listing lacks leads nowhere."""


UUID: Final = "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
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
        re.compile(r"listener/(?:app|net|gwy)/[\w-]+/[0-9a-f]{16}/[0-9a-f]{16}"),
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
        certain=False,
    ),
    Lookup(
        "asg",
        # CloudFormation ends the names that it makes with a dash and twelve or thirteen of these.
        re.compile(r"^[A-Za-z][\w-]*-[A-Za-z0-9]{12,13}$"),
        "autoscaling",
        Call("DescribeAutoScalingGroups", pick="AutoScalingGroups"),
        names.scaling_group_names,
        certain=False,
    ),
)


def looked_up(words: Iterable[str], caller: Caller, pool: Executor) -> References:
    """What the ids in these texts stand for in the site. Raises nothing: what AWS would not tell says why."""
    asked = {lookup.kind: ids for lookup in LOOKUPS if (ids := _ids(lookup, words))}
    needed = [one for one in LOOKUPS if one.kind in asked or _is_needed(one, asked)]
    answers = list(pool.map(lambda one: _items(one, asked, words, caller), needed))
    known: dict[str, str] = {}
    unresolved: dict[str, str] = {}
    for lookup, answer in zip(needed, answers, strict=True):
        ids = asked.get(lookup.kind, frozenset())
        if isinstance(answer, str):
            unresolved |= dict.fromkeys(ids if lookup.certain else (), UNKNOWN + answer)
            continue
        named = dict(lookup.names(answer, Known(caller.locale, known)))
        known |= {literal: f"{lookup.kind}:{name}" for literal, name in named.items() if name}
        if lookup.certain:
            unresolved |= {one: _nameless(lookup.kind, one, named, caller) for one in ids if not named.get(one)}
    return unambiguous(_needed(known, frozenset().union(*asked.values())), unresolved)


def _needed(known: Mapping[str, str], wanted: frozenset[str]) -> Iterator[Pair]:
    # One that nobody names can still make another's name ambiguous.
    symbols = {known[one] for one in wanted if one in known}
    yield from ((literal, symbol) for literal, symbol in known.items() if symbol in symbols)


def _ids(lookup: Lookup, words: Iterable[str]) -> frozenset[str]:
    return frozenset(match[0] for word in words for match in lookup.pattern.finditer(word))


def _is_needed(lookup: Lookup, asked: Mapping[str, frozenset[str]]) -> bool:
    return any(lookup.kind in other.after for other in LOOKUPS if other.kind in asked)


def _items(
    lookup: Lookup, asked: Mapping[str, frozenset[str]], words: Iterable[str], caller: Caller
) -> list[Mapping[str, Value]] | str:
    ids = asked.get(lookup.kind, frozenset())
    arns = (
        sorted({word for word in words if any(word.endswith(one) for one in ids)}) if lookup.kind == "listener" else []
    )
    try:
        pages = list(caller.pages(lookup.service, lookup.call, {"arns": arns}))
    except AWS_ERRORS as error:
        return reason(error)
    return [item for page in pages for item in jmespath.search(lookup.call.pick, page) or []]


def _nameless(kind: str, literal: str, named: Mapping[str, str], caller: Caller) -> str:
    if literal in named:
        return f"the {kind} has no name that it could be found by in another region"
    return f"there is no such {kind} in {caller.site}"
