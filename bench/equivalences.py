"""What AWS says in two ways that mean the same. Pure data, and what must still be told apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from auditor.model.values import ABSENT, Reading, State
from auditor.specs.spec import FUNCTION, ResourceSpec
from bench.alike import ALIKE_S3, Alike
from bench.cases import Case, Expected
from bench.legitimate import both_ways
from bench.mutate import reading
from bench.sites import Pair

GROUP: Final = "AWS::CodeDeploy::DeploymentGroup"
CONFIG: Final = "AWS::CodeDeploy::DeploymentConfig"
MAPPING: Final = "AWS::Lambda::EventSourceMapping"
INVOKE: Final = "AWS::Lambda::EventInvokeConfig"


def _group(name: str, one: dict[str, Any], other: dict[str, Any]) -> Alike:
    own = {"applicationName": "a", "deploymentGroupName": "g"}
    return Alike(GROUP, name, "configuration", {**own, **one}, {**own, **other})


def _function(name: str, one: dict[str, Any], other: dict[str, Any]) -> Alike:
    own = {"FunctionName": "f", "Runtime": "python3.12", "Handler": "app.main"}
    return Alike(FUNCTION, name, "configuration", {**own, **one}, {**own, **other})


def _mapping(name: str, source: str, one: dict[str, Any], other: dict[str, Any]) -> Alike:
    own = {"EventSourceArn": f"arn:aws:{source}", "FunctionArn": "arn:aws:lambda:r:a:function:f", "State": "Enabled"}
    return Alike(MAPPING, name, "configuration", {**own, **one}, {**own, **other})


def _grouped(uuid: str) -> dict[str, Any]:
    # Who names no consumer group gets the mapping's own UUID for one.
    return {"UUID": uuid, "AmazonManagedKafkaEventSourceConfig": {"ConsumerGroupId": uuid}}


_FILTERS: Final = (
    ['{"a": ["x", "y"], "b": [{"numeric": [">", 1]}]}', '{"c": ["z"]}'],
    ['{"c":["z"]}', '{"b": [{"numeric": [">", 1]}], "a": ["y", "x"]}'],
)
_STREAM: Final = {
    "BatchSize": 100,
    "ParallelizationFactor": 1,
    "MaximumRetryAttempts": -1,
    "MaximumRecordAgeInSeconds": -1,
}

ALIKE: Final = (
    _group("empty lists", {"ec2TagFilters": [], "autoScalingGroups": [], "triggerConfigurations": []}, {}),
    _group("empty structures", {"loadBalancerInfo": {}, "blueGreenDeploymentConfiguration": {}, "ec2TagSet": {}}, {}),
    _group("an empty tag set", {"ec2TagSet": {"ec2TagSetList": []}}, {}),
    _group("no alarms", {"alarmConfiguration": {"enabled": False, "alarms": []}}, {}),
    _group("no alarms, nothing said", {"alarmConfiguration": {}}, {}),
    _group("no rollback", {"autoRollbackConfiguration": {"enabled": False}}, {}),
    _group("no termination hook", {"terminationHookEnabled": False}, {}),
    _group("instances are updated", {"outdatedInstancesStrategy": "UPDATE"}, {}),
    _group("the style of servers", {"deploymentStyle": {"deploymentType": "IN_PLACE"}}, {}),
    _group("the config of servers", {"deploymentConfigName": "CodeDeployDefault.OneAtATime"}, {}),
    _group(
        "the config of functions",
        {"computePlatform": "Lambda", "deploymentConfigName": "CodeDeployDefault.LambdaAllAtOnce"},
        {"computePlatform": "Lambda"},
    ),
    _group(
        "the config of services",
        {"computePlatform": "ECS", "deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce"},
        {"computePlatform": "ECS"},
    ),
    _group(
        "tag sets in another order",
        {"ec2TagSet": {"ec2TagSetList": [[{"Key": "a"}, {"Key": "b"}], [{"Key": "c"}]]}},
        {"ec2TagSet": {"ec2TagSetList": [[{"Key": "c"}], [{"Key": "b"}, {"Key": "a"}]]}},
    ),
    _group(
        "a hook of another name",
        {"autoScalingGroups": [{"name": "g", "hook": "h1", "terminationHook": "t1"}]},
        {"autoScalingGroups": [{"name": "g", "hook": "h2", "terminationHook": "t2"}]},
    ),
    _group(
        "a filter by the key alone with an empty value",
        {"ec2TagFilters": [{"Key": "a", "Type": "KEY_ONLY"}]},
        {"ec2TagFilters": [{"Key": "a", "Value": "", "Type": "KEY_ONLY"}]},
    ),
    _group("another last deployment", {"lastAttemptedDeployment": {"deploymentId": "d-1", "status": "Failed"}}, {}),
    Alike(
        CONFIG,
        "healthy hosts of a Lambda config",
        "configuration",
        {"computePlatform": "Lambda", "minimumHealthyHosts": {"type": "HOST_COUNT", "value": 0}},
        {"computePlatform": "Lambda", "trafficRoutingConfig": {"type": "AllAtOnce"}},
    ),
    Alike(
        CONFIG,
        "routing of a server config",
        "configuration",
        {"minimumHealthyHosts": {"type": "HOST_COUNT", "value": 1}, "trafficRoutingConfig": {"type": "AllAtOnce"}},
        {"computePlatform": "Server", "minimumHealthyHosts": {"type": "HOST_COUNT", "value": 1}, "zonalConfig": {}},
    ),
    _function("an empty network", {"VpcConfig": {"SubnetIds": [], "SecurityGroupIds": [], "VpcId": ""}}, {}),
    _function("an empty network with all members", {"VpcConfig": {"VpcId": "", "Ipv6AllowedForDualStack": False}}, {}),
    _function("no network at all", {"VpcConfig": {}}, {"VpcConfig": None}),
    _function("no dead letters", {"DeadLetterConfig": {"TargetArn": ""}}, {}),
    _function("no key", {"KMSKeyArn": ""}, {}),
    _function("no layers", {"Layers": [], "FileSystemConfigs": []}, {}),
    _function("no tracing", {"TracingConfig": {"Mode": "PassThrough"}}, {}),
    _function(
        "an image's configuration with empty members",
        {"ImageConfigResponse": {"ImageConfig": {"Command": ["a"], "EntryPoint": [], "WorkingDirectory": ""}}},
        {"ImageConfigResponse": {"ImageConfig": {"Command": ["a"]}}},
    ),
    _function("an image's empty configuration", {"ImageConfigResponse": {"ImageConfig": {"Command": []}}}, {}),
    _function("nothing said of how it runs", {"TracingConfig": {}, "SnapStart": {}, "EphemeralStorage": {}}, {}),
    _function("SnapStart", {"SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"}}, {}),
    _function(
        "levels of JSON logs",
        {"LoggingConfig": {"LogFormat": "JSON"}},
        {"LoggingConfig": {"LogFormat": "JSON", "ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"}},
    ),
    _function("its log group", {"LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/thing-${region}"}}, {}),
    _function("zip, x86", {"PackageType": "Zip", "Architectures": ["x86_64"], "Description": "", "Timeout": 3}, {}),
    Alike(FUNCTION, "no variables", "environment", {"Variables": {}}, ABSENT),
    Alike(
        FUNCTION,
        "AWS's tags",
        "tags",
        {"aws:cloudformation:stack-name": "s", "lambda:createdBy": "SAM", "a": "b"},
        {"a": "b"},
    ),
    Alike(FUNCTION, "no tags", "tags", {"aws:cloudformation:stack-name": "s"}, ABSENT),
    Alike(FUNCTION, "runtime updates", "runtime management", {"UpdateRuntimeOn": "Auto", "FunctionArn": "x"}, ABSENT),
    Alike(FUNCTION, "recursion", "recursion", "Terminate", ABSENT),
    Alike(
        FUNCTION,
        "an image told by a tag that moved",
        "code",
        {"ImageUri": "r:v1", "ResolvedImageUri": f"r@sha256:{'0d' * 32}"},
        {"ImageUri": "r:v1", "ResolvedImageUri": f"other/r@sha256:{'0d' * 32}"},
    ),
    Alike(
        INVOKE,
        "no destinations",
        "configuration",
        {"DestinationConfig": {"OnSuccess": {}, "OnFailure": {}}},
        {"LastModified": "x"},
    ),
    Alike(
        INVOKE,
        "defaults",
        "configuration",
        {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 21600},
        {"LastModified": "x"},
    ),
    Alike(
        "AWS::Lambda::Alias",
        "no weights",
        "configuration",
        {"Name": "a", "RoutingConfig": {"AdditionalVersionWeights": {}}},
        {"Name": "a"},
    ),
    Alike("AWS::Lambda::Url", "no CORS", "configuration", {"AuthType": "NONE", "Cors": {}}, {"AuthType": "NONE"}),
    Alike(
        "AWS::Lambda::Url",
        "headers in another case",
        "configuration",
        {"Cors": {"AllowHeaders": ["X-Custom", "date"]}},
        {"Cors": {"AllowHeaders": ["Date", "x-custom"]}},
    ),
    Alike(
        "AWS::Lambda::LayerVersion",
        "the number in its policy",
        "policy",
        json.dumps({"Statement": [{"Sid": "x", "Resource": "arn:aws:lambda:${region}:${account}:layer:l:7"}]}),
        json.dumps({"Statement": [{"Sid": "x", "Resource": "arn:aws:lambda:${region}:${account}:layer:l:12"}]}),
    ),
    _mapping("defaults of a queue", "sqs:r:a:q", {"BatchSize": 10, "MaximumBatchingWindowInSeconds": 0}, {}),
    _mapping("defaults of a stream", "kinesis:r:a:stream/s", _STREAM, {}),
    _mapping("enabling", "sqs:r:a:q", {"State": "Enabling"}, {"State": "Updating"}),
    _mapping("disabling", "sqs:r:a:q", {"State": "Disabling"}, {"State": "Disabled"}),
    _mapping("no destination", "sqs:r:a:q", {"DestinationConfig": {"OnFailure": {}}}, {}),
    _mapping(
        "empty configurations",
        "sqs:r:a:q",
        {"ScalingConfig": {}, "MetricsConfig": {"Metrics": []}, "FunctionResponseTypes": []},
        {},
    ),
    _mapping(
        "where it started", "kinesis:r:a:stream/s", {"StartingPosition": "LATEST"}, {"StartingPosition": "TRIM_HORIZON"}
    ),
    _mapping(
        "a generated consumer group",
        "kafka:r:a:cluster/c/u",
        _grouped("0a1b2c3d-1111-2222-3333-444455556666"),
        _grouped("9a8b7c6d-1111-2222-3333-444455556666"),
    ),
    Alike(
        MAPPING,
        "filters in another order",
        "filters",
        {"UUID": "1", "Filters": [{"Pattern": one} for one in _FILTERS[0]]},
        {"UUID": "2", "Filters": [{"Pattern": one} for one in _FILTERS[1]]},
    ),
    Alike(MAPPING, "no filters", "filters", {"UUID": "1", "Filters": []}, {"UUID": "2", "Filters": []}),
)


def pairs(spec: ResourceSpec) -> Iterator[Case]:
    """Each equivalence of a type, in both directions."""
    for alike in (one for one in (*ALIKE, *ALIKE_S3) if one.type == spec.type):
        absent = {facet.name: Reading(State.ABSENT) for facet in spec.facets}
        one, other = ({**absent, alike.facet: reading(value)} for value in (alike.one, alike.other))
        if isinstance(alike.one, dict) and alike.pointer:
            one = {**absent, alike.facet: Reading(State.READ, alike.one)}
            yield Case(f"{spec.type}/{alike.facet}: {alike.name}", Pair(spec, one, other), Expected(alike.pointer))
        else:
            yield from both_ways(spec, f"{alike.facet}: {alike.name}", one, other)
