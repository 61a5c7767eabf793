"""Which listings hold what symbols stand for, kind by kind, and what reading would call each thing that is listed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from auditor.aws.lookups import LOOKUPS, Lookup
from auditor.canonical.key_references import ALIAS
from auditor.canonical.reference_names import Known
from auditor.canonical.references import Pair, derived, signing_configs, wording
from auditor.model.values import Locale, Reading, Resource, State, Value
from auditor.specs.spec import Call


@dataclass(frozen=True)
class Kind:
    """Which listing holds the things of one kind, and what reading would call each.

    `pairs` yields the literal and the symbol of each item that `call` picks; the literal is "" where the thing is
    there, and reading would not tell it. `after` are the kinds whose names these names hold. Where the listing does
    not tell enough, `each` (`${each}` is the item) picks the items instead, of those items alone of which `begins`
    tells that symbols that are asked for begin so.
    """

    kind: str
    service: str
    call: Call
    pairs: Callable[[list[Value], Known], Iterator[Pair]]
    after: tuple[str, ...] = ()
    each: Call | None = None
    begins: Callable[[str, Locale], str] = lambda _item, _locale: ""


def _by_arn(arns: list[Value], at: Known) -> Iterator[Pair]:
    return derived(arns, at.locale)


def _secrets(arns: list[Value], at: Known) -> Iterator[Pair]:
    # The six characters at the end may all be small letters, as those of a word are.
    told = dict(derived(arns, at.locale))
    for arn in arns:
        literal = arn.partition(":secret:")[2]
        yield literal if literal in told else "", f"secret:{wording(literal[:-7], at.locale)}"


def _signing_configs(items: list[Value], at: Known) -> Iterator[Pair]:
    read = {item["CodeSigningConfigArn"]: Reading(State.READ, item) for item in items}
    return signing_configs([Resource("", "", read)], at.locale)


def _aliases(items: list[Value], at: Known) -> Iterator[Pair]:
    # AWS lists aliases of its own for which no key was made yet.
    names = (one["AliasName"] for one in items if one.get("TargetKeyId"))
    return ((name, f"{ALIAS}:{wording(name, at.locale)}") for name in names)


def _owner(items: list[Value], _: Known) -> Iterator[Pair]:
    return ((item, "canonical-user") for item in items)


def _looked_up(lookup: Lookup) -> Callable[[list[Value], Known], Iterator[Pair]]:
    def pairs(items: list[Value], at: Known) -> Iterator[Pair]:
        for literal, name in lookup.names(items, at):
            if name:
                yield literal if lookup.pattern.search(literal) else "", f"{lookup.kind}:{name}"

    return pairs


def _listeners_begin(arn: str, locale: Locale) -> str:
    return f"listener:{wording(arn.partition(':loadbalancer/')[2].rpartition('/')[0], locale)}:"


def _streams_begin(table: str, locale: Locale) -> str:
    return f"stream:{wording(f'{table}/stream', locale)}"


def _brokers_begin(cluster: str, locale: Locale) -> str:
    return f"msk-host:{wording(cluster.partition(':cluster/')[2].partition('/')[0], locale)}"


_BALANCERS: Final = Call("DescribeLoadBalancers", pick="LoadBalancers[].LoadBalancerArn")
_OF_BALANCER: Final = Call("DescribeListeners", {"LoadBalancerArn": "${each}"}, pick="Listeners")
# A table keeps the ARN of a stream that is turned off.
_STREAM: Final = Call(
    "DescribeTable", {"TableName": "${each}"}, pick="[Table][?StreamSpecification.StreamEnabled].LatestStreamArn"
)
_STREAMS: Final = Call("ListStreams", pick="StreamSummaries[].StreamARN")
_CONSUMERS: Final = Call("ListStreamConsumers", {"StreamARN": "${each}"}, pick="Consumers[].ConsumerARN")
_CLUSTERS: Final = Call("ListClustersV2", pick="ClusterInfoList[].ClusterArn")
_BROKERS: Final = Call(
    "GetBootstrapBrokers",
    {"ClusterArn": "${each}"},
    pick="[BootstrapBrokerString, BootstrapBrokerStringTls, BootstrapBrokerStringSaslScram, "
    "BootstrapBrokerStringSaslIam][?@]",
    always=(),  # A cluster has those of its ways in.
)
_CONNECTIONS: Final = Call("ListVpcConnections", pick="VpcConnections[].VpcConnectionArn")
_SIGNING_CONFIGS: Final = Call("ListCodeSigningConfigs", pick="CodeSigningConfigs")
_BUCKETS: Final = Call("ListBuckets", {"MaxBuckets": 1000}, pick="[Owner.ID]", actions=("s3:ListAllMyBuckets",))
_LISTENER: Final = next(one for one in LOOKUPS if one.kind == "listener")
# A kind whose names another's hold stands before it.
KINDS: Final = (
    *(Kind(one.kind, one.service, one.call, _looked_up(one), one.after) for one in LOOKUPS if one is not _LISTENER),
    Kind(ALIAS, "kms", Call("ListAliases", pick="Aliases"), _aliases),
    Kind("load-balancer", "elbv2", _BALANCERS, _by_arn),
    Kind("listener", "elbv2", _BALANCERS, _looked_up(_LISTENER), each=_OF_BALANCER, begins=_listeners_begin),
    Kind("target-group", "elbv2", Call("DescribeTargetGroups", pick="TargetGroups[].TargetGroupArn"), _by_arn),
    Kind("secret", "secretsmanager", Call("ListSecrets", pick="SecretList[].ARN"), _secrets),
    Kind("stream", "dynamodb", Call("ListTables", pick="TableNames"), _by_arn, each=_STREAM, begins=_streams_begin),
    Kind("consumer", "kinesis", _STREAMS, _by_arn, each=_CONSUMERS, begins=lambda _arn, _locale: "consumer:"),
    Kind("msk", "kafka", _CLUSTERS, _by_arn),
    Kind("msk-host", "kafka", _CLUSTERS, _by_arn, each=_BROKERS, begins=_brokers_begin),
    Kind("msk-vpc-connection", "kafka", _CONNECTIONS, _by_arn),
    Kind("mq", "mq", Call("ListBrokers", pick="BrokerSummaries[].BrokerArn"), _by_arn),
    Kind("signer", "signer", Call("ListSigningProfiles", pick="profiles[].profileVersionArn"), _by_arn),
    Kind("code-signing-config", "lambda", _SIGNING_CONFIGS, _signing_configs),
    Kind("canonical-user", "s3", _BUCKETS, _owner),
)
