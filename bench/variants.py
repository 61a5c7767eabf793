"""Where a generated value needs a hand: what AWS would say in a field, and fields that mean nothing beside others.

A shape that reads one field by another (CodeDeploy's routing by its type, a lifecycle rule's two spellings) is gone
through once for each meaning. Paths are written as in specs, behind
the name of their facet: `lifecycle/Rules[].Prefix`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from auditor.model.values import Value


@dataclass(frozen=True)
class Variant:
    """One wording of all facets of a type.

    `values` stand at their paths instead of generated ones (`{n}` is the element's number), `others` are what they are
    changed to, `without` are left out. `lifeless` fields mean nothing here, so that a change of theirs is legitimate;
    `implied` are those whose absence means what stands there; `always` are never missing; `wide` are those on which
    others depend, so that they are shown together. `renamed` says under which name a member is shown. `only` limits
    the cases to paths that begin so.
    """

    name: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)
    others: Mapping[str, Value] = field(default_factory=dict)
    without: frozenset[str] = frozenset()
    lifeless: frozenset[str] = frozenset()
    implied: frozenset[str] = frozenset()
    always: frozenset[str] = frozenset()
    wide: frozenset[str] = frozenset()
    renamed: Mapping[str, str] = field(default_factory=dict)
    only: tuple[str, ...] = ()

    def of(self, facet: str) -> Variant:
        """What of it is about a facet, with paths within that."""
        start = f"{facet}/"
        return Variant(
            self.name,
            _within(self.values, start),
            _within(self.others, start),
            frozenset(_within(dict.fromkeys(self.without), start)),
            frozenset(_within(dict.fromkeys(self.lifeless), start)),
            frozenset(_within(dict.fromkeys(self.implied), start)),
            frozenset(_within(dict.fromkeys(self.always), start)),
            frozenset(_within(dict.fromkeys(self.wide), start)),
            _within(self.renamed, start),
        )

    def covers(self, facet: str, path: str) -> bool:
        """Whether cases are wanted of a path (within the facet)."""
        return not self.only or f"{facet}/{path}".startswith(self.only)


def _within(paths: Mapping[str, Value], start: str) -> dict[str, Value]:
    return {path.removeprefix(start): value for path, value in paths.items() if path.startswith(start)}


_CONFIG: Final = "configuration/"
_ROUTING: Final = "configuration/trafficRoutingConfig"
_READY: Final = "configuration/blueGreenDeploymentConfiguration.deploymentReadyOption"
_BLUE: Final = "configuration/blueGreenDeploymentConfiguration.terminateBlueInstancesOnDeploymentSuccess"
_SERVER: Final = frozenset({"configuration/minimumHealthyHosts", "configuration/zonalConfig"})

VARIANTS: Final[Mapping[str, tuple[Variant, ...]]] = {
    "AWS::CodeDeploy::DeploymentConfig": (
        Variant(
            "server",
            # The wait after the first zone is that after the others, where nothing is said.
            {f"{_CONFIG}computePlatform": "Server", f"{_CONFIG}zonalConfig.firstZoneMonitorDurationInSeconds": 30},
            {f"{_CONFIG}computePlatform": "Lambda"},
            lifeless=frozenset({_ROUTING}),
            wide=frozenset({f"{_CONFIG}computePlatform"}),
        ),
        Variant(
            "canary",
            {f"{_CONFIG}computePlatform": "Lambda", f"{_ROUTING}.type": "TimeBasedCanary"},
            lifeless=frozenset({f"{_ROUTING}.timeBasedLinear", *_SERVER}),
            wide=frozenset({_ROUTING, f"{_ROUTING}.type"}),
            only=(_ROUTING, *_SERVER),
        ),
        Variant(
            "linear",
            {f"{_CONFIG}computePlatform": "ECS", f"{_ROUTING}.type": "TimeBasedLinear"},
            lifeless=frozenset({f"{_ROUTING}.timeBasedCanary", *_SERVER}),
            wide=frozenset({_ROUTING, f"{_ROUTING}.type"}),
            only=(_ROUTING, *_SERVER),
        ),
    ),
    "AWS::CodeDeploy::DeploymentGroup": (
        Variant(
            # AWS assumes IN_PLACE where nothing is said.
            values={
                "configuration/deploymentStyle.deploymentType": "BLUE_GREEN",
                f"{_READY}.actionOnTimeout": "STOP_DEPLOYMENT",
                "revision/s3Location.eTag": "0123456789abcdef0123456789abcdef",
            },
            others={"revision/s3Location.eTag": "fedcba9876543210fedcba9876543210"},
            # The digest of an AppSpec covers the region in its ARNs: its text is compared, where there is one.
            lifeless=frozenset({"revision/string.sha256", "revision/appSpecContent.sha256"}),
            wide=frozenset(
                {
                    "configuration/deploymentStyle",
                    f"{_READY}.actionOnTimeout",
                    f"{_BLUE}.action",
                    "revision/string.content",
                    "revision/appSpecContent.content",
                }
            ),
        ),
        Variant(
            "nothing waits",
            {f"{_READY}.actionOnTimeout": "CONTINUE_DEPLOYMENT", f"{_BLUE}.action": "KEEP_ALIVE"},
            lifeless=frozenset({f"{_READY}.waitTimeInMinutes", f"{_BLUE}.terminationWaitTimeInMinutes"}),
            only=(f"{_READY}.waitTimeInMinutes", f"{_BLUE}.terminationWaitTimeInMinutes"),
        ),
    ),
    "AWS::Lambda::EventSourceMapping": (
        Variant(
            values={
                "configuration/State": "Enabled",
                "configuration/EventSourceArn": "arn:aws:kinesis:${region}:${account}:stream/orders",
                "filters/Filters[].Pattern": '{"kind": ["order-{n}"]}',
            },
            others={
                "configuration/State": "Disabled",
                "filters/Filters[].Pattern": '{"kind": ["refund"]}',
            },
            renamed={"configuration/State": "Enabled"},
            implied=frozenset(
                {"configuration/State", "configuration/SelfManagedKafkaEventSourceConfig.ConsumptionMode"}
            ),
            always=frozenset(
                {
                    "configuration/SelfManagedEventSource.Endpoints.*",
                    "filters/Filters",
                    "filters/Filters[].Pattern",
                }
            ),
        ),
    ),
    "AWS::Lambda::Function": (
        Variant(
            values={"code/ResolvedImageUri": f"images@sha256:{'0d' * 32}"},
            others={"code/ResolvedImageUri": f"images@sha256:{'0e' * 32}"},
        ),
    ),
    "AWS::S3::Bucket": (
        Variant(
            values={
                "location": "${region}",
                "replication/Rules[].SourceSelectionCriteria.ReplicaModifications.Status": "Enabled",
                "lifecycle/Rules[].Expiration.ExpiredObjectDeleteMarker": True,
            },
            others={"replication/Rules[].SourceSelectionCriteria.ReplicaModifications.Status": "Disabled"},
            without=frozenset({"lifecycle/Rules[].Prefix"}),
            always=frozenset(
                f"notification/{kind}Configurations[].Filter.Key.FilterRules[].Name"
                for kind in ("Topic", "Queue", "LambdaFunction")
            ),
            wide=frozenset({"lifecycle/Rules", "lifecycle/Rules[].Filter"}),
        ),
        Variant(
            "of old",
            without=frozenset({"lifecycle/Rules[].Filter"}),
            renamed={"lifecycle/Rules[].Prefix": "Filter.Prefix"},
            only=("lifecycle/Rules[].Prefix",),
        ),
    ),
}
PLAIN: Final = (Variant(),)
