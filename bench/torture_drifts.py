"""Small worlds that differ in one property, so that together their plans make very many kinds of writes. Pure data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from auditor.sandbox.scenario import Resources, merge
from auditor.specs.spec import FUNCTION

ALIAS: Final = "AWS::Lambda::Alias"
BUCKET: Final = "AWS::S3::Bucket"
GROUP: Final = "AWS::CodeDeploy::DeploymentGroup"
_ARN: Final = "arn:aws:lambda:${region}:${account}:function:f"
_QUEUE: Final = "arn:aws:sqs:${region}:${account}:orders"
_HALF: Final = {"serviceRoleArn": "arn:aws:iam::${account}:role/codedeploy", "deploymentConfigName": "half"}
_BASE: Final[Resources] = {
    FUNCTION: {"f": {"MemorySize": 128, "Versions": {"1": {}}}},
    ALIAS: {"f/live": {"FunctionVersion": "1"}},
    BUCKET: {"b-${region}": {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}},
    "AWS::CodeDeploy::DeploymentConfig": {"half": {"minimumHealthyHosts": {"type": "FLEET_PERCENT", "value": 50}}},
    "AWS::CodeDeploy::Application": {"app": {}},
    GROUP: {"app/web": _HALF},
}


@dataclass(frozen=True)
class Drifted:
    """A world that differs in one thing."""

    name: str
    types: tuple[str, ...]
    golden: Resources
    site: Resources


def _statement(**own: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **own}]}


_RULE: Final = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 9}}
_FUNCTION: Final[Mapping[str, tuple[Any, Any]]] = {
    "MemorySize": (512, 128),
    "Tags": ({"team": "shop", "kept": "1"}, {"other": "1", "kept": "1"}),
    "Environment": ({"Variables": {"LEVEL": "INFO"}}, {"Variables": {"LEVEL": "DEBUG"}}),
    "ReservedConcurrentExecutions": (5, None),
    "RecursiveLoop": ("Allow", "Terminate"),
    "Policy": (
        _statement(Sid="s", Principal={"Service": "sns.amazonaws.com"}, Action="lambda:InvokeFunction", Resource=_ARN),
        None,
    ),
}
_BUCKET: Final[Mapping[str, tuple[Any, Any]]] = {
    "VersioningConfiguration": ({"Status": "Enabled"}, {"Status": "Suspended"}),
    "Tags": ({"team": "shop"}, {"team": "office"}),
    "PublicAccessBlockConfiguration": ({"BlockPublicAcls": True, "BlockPublicPolicy": True}, None),
    "LifecycleConfiguration": ({"Rules": [_RULE]}, None),
    "CORSConfiguration": ({"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["https://a.example"]}]}, None),
    "WebsiteConfiguration": ({"IndexDocument": {"Suffix": "index.html"}}, None),
    "AccelerateConfiguration": ({"Status": "Enabled"}, {"Status": "Suspended"}),
    "RequestPaymentConfiguration": ({"Payer": "Requester"}, {"Payer": "BucketOwner"}),
    "BucketLoggingStatus": ({"LoggingEnabled": {"TargetBucket": "b-${region}", "TargetPrefix": "x/"}}, None),
    "Policy": (
        _statement(Sid="s", Principal={"AWS": "arn:aws:iam::${account}:root"}, Action="s3:GetObject",
                   Resource="arn:aws:s3:::b-${region}/*"),
        None,
    ),
    "ServerSideEncryptionConfiguration": (
        {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}]},
        {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}]},
    ),
}  # fmt: skip
_GROUP: Final[Mapping[str, tuple[Any, Any]]] = {
    "autoRollbackConfiguration": ({"enabled": True, "events": ["DEPLOYMENT_FAILURE"]}, {"enabled": False}),
    "Tags": ({"team": "shop"}, {"team": "office"}),
    "deploymentConfigName": ("half", "CodeDeployDefault.OneAtATime"),
}
_MAPPING: Final = {"FunctionArn": _ARN, "EventSourceArn": _QUEUE}
_WHOLE: Final[Mapping[str, tuple[str, Any]]] = {
    ALIAS: ("f/new", {"FunctionVersion": "1"}),
    "AWS::Lambda::EventInvokeConfig": ("f/$LATEST", {"MaximumRetryAttempts": 1}),
    "AWS::Lambda::Url": ("f/$LATEST", {"AuthType": "AWS_IAM"}),
    "AWS::Lambda::EventSourceMapping": (f"f/{_QUEUE}", {**_MAPPING, "BatchSize": 5}),
    BUCKET: ("new-${region}", {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}),
    "AWS::CodeDeploy::Application": ("new", {}),
    GROUP: ("app/new", _HALF),
    "AWS::CodeDeploy::DeploymentConfig": ("new", {"minimumHealthyHosts": {"type": "HOST_COUNT", "value": 1}}),
}
"""What is missing as a whole in the site, or there too much."""
_PARTS: Final[Mapping[str, tuple[str, Mapping[str, tuple[Any, Any]]]]] = {
    FUNCTION: ("f", _FUNCTION),
    ALIAS: ("f/live", {"Description": ("what customers get", "an old one")}),
    BUCKET: ("b-${region}", _BUCKET),
    GROUP: ("app/web", _GROUP),
    "AWS::CodeDeploy::Application": ("app", {"Tags": ({"team": "shop"}, {"team": "office"})}),
}


def drifts() -> Iterator[Drifted]:
    """Every property in both directions; what is missing, and what is too much."""
    for type_, (name, properties) in _PARTS.items():
        for path, (one, other) in properties.items():
            sides = [{type_: {name: {path: value}}} for value in (one, other)]
            yield _drifted(f"{type_}/{path}", type_, *sides)
            yield _drifted(f"{type_}/{path} the other way", type_, *reversed(sides))
    for type_, (name, own) in _WHOLE.items():
        yield _drifted(f"{type_} missing", type_, {type_: {name: own}}, {})
        if type_ in _BASE:
            # Where golden has nothing of a type, nothing of it is deleted.
            yield _drifted(f"{type_} extra", type_, {}, {type_: {name: own}})


def _drifted(name: str, type_: str, golden: Resources, site: Resources) -> Drifted:
    family = type_.split("::")[1]
    base = {kind: named for kind, named in _BASE.items() if f"::{family}::" in kind}
    # A merge of a patch drops what is None in it; what is there by itself stays.
    return Drifted(name, (type_,), _merged(base, golden), _merged(base, site))


def _merged(base: Resources, patch: Resources) -> Resources:
    made: Resources = merge(base, patch)
    return made
