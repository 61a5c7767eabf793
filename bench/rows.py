"""What belongs to a site: each kind of value as two regions have it, set up alike, in the fields that can hold it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from auditor.model.values import Reading, Resource, State, Value
from auditor.specs.spec import FUNCTION, ResourceSpec
from bench.cases import Case
from bench.sites import Pair, name_of, worded
from bench.world import ACCOUNT, LOCALES, MARKS, VERSIONS, key_id, located

Values = tuple[str, str]
Held = tuple[str, Value]
"""A facet's name and its value."""


@dataclass(frozen=True)
class Row:
    """One row of the table: its value in golden and in another region."""

    name: str
    golden: str
    actual: str
    regions: Values = ("us-east-1", "eu-west-1")
    whole: bool = False
    """Whether it has no form of its own, so that it can be told only where it is all that a field holds."""


def _both(name: str, text: str, whole: bool = False) -> Row:
    """A row whose value holds what WORLD and VERSIONS say of each region."""
    values = [_filled(text, region) for region in ("us-east-1", "eu-west-1")]
    return Row(name, values[0], values[1], whole=whole)


def _filled(text: str, region: str) -> str:
    known = {
        "R": region,
        "S": LOCALES[region].region_short,
        "A": ACCOUNT,
        "m": MARKS[region],
        "M": MARKS[region].upper(),
        "K": key_id(MARKS[region]),
        "V": VERSIONS[region],
    }
    for name, value in known.items():
        text = text.replace(f"<{name}>", value)
    return text.replace("<id>", MARKS[region] * 8).replace("<id16>", MARKS[region] * 16)


_AGAIN: Final = ("us-east-1", "cn-north-1")
ROWS: Final = (
    _both("region code", "<R>"),
    _both("region code in a name", "app-<R>-logs"),
    _both("another region, meant in both", "us-east-10"),
    Row("AZ name", "us-east-1a", "eu-west-1a"),
    Row("AZ name by ordinal", "us-east-1c", "eu-west-1b"),
    Row("AZ id", "use1-az1", "euw1-az1"),
    _both("short code", "api-<S>"),
    _both("account id", "owner-<A>"),
    Row("foreign account id", "arn:aws:iam::111122223333:role/r", "arn:aws:iam::111122223333:role/r"),
    Row("partition", "arn:aws:sns:us-east-1:123456789012:t", "arn:aws-cn:sns:cn-north-1:210987654321:t", _AGAIN),
    Row(
        "partition of a global service", f"arn:aws:iam::{ACCOUNT}:role/r", "arn:aws-cn:iam::210987654321:role/r", _AGAIN
    ),
    Row("DNS suffix", "sqs.us-east-1.amazonaws.com", "sqs.cn-north-1.amazonaws.com.cn", _AGAIN),
    _both("service endpoint", "sqs.<R>.amazonaws.com"),
    _both("dual-stack endpoint", "https://lambda.<R>.api.aws"),
    _both("global endpoint", "sts.amazonaws.com"),
    _both("regional service principal", "logs.<R>.amazonaws.com"),
    Row(
        "regional service principal in China",
        "logs.us-east-1.amazonaws.com",
        "logs.cn-north-1.amazonaws.com.cn",
        _AGAIN,
    ),
    _both("S3 website host", "app.s3-website-<R>.amazonaws.com"),
    Row(
        "S3 website host, dash and dot",
        "app.s3-website-us-east-1.amazonaws.com",
        "app.s3-website.eu-central-1.amazonaws.com",
        ("us-east-1", "eu-central-1"),
    ),
    _both("S3 host", "app.s3.<R>.amazonaws.com"),
    _both("S3 legacy host", "s3-<R>.amazonaws.com"),
    _both("S3 bucket name", "app-logs-<R>"),
    _both("S3 bucket ARN", "arn:aws:s3:::app-logs-<R>/*"),
    Row("Route 53 zone of an endpoint", "Z3AQBSTGFJSTF", "Z1BKCTXD74EZPE"),
    _both("SNS topic", "arn:aws:sns:<R>:<A>:alerts"),
    _both("SQS queue ARN", "arn:aws:sqs:<R>:<A>:q.fifo"),
    _both("SQS queue URL", "https://sqs.<R>.amazonaws.com/<A>/q.fifo"),
    _both("Lambda function ARN", "arn:aws:lambda:<R>:<A>:function:f"),
    _both("Lambda alias ARN", "arn:aws:lambda:<R>:<A>:function:f:live"),
    _both("Lambda version ARN", "arn:aws:lambda:<R>:<A>:function:f:<V>"),
    _both("layer", "arn:aws:lambda:<R>:<A>:layer:common:<V>"),
    Row(
        "layer of AWS, in another account",
        "arn:aws:lambda:us-east-1:580247275435:layer:LambdaInsightsExtension:51",
        "arn:aws:lambda:eu-central-1:580247275435:layer:LambdaInsightsExtension:51",
        ("us-east-1", "eu-central-1"),
    ),
    _both("KMS key ARN", "arn:aws:kms:<R>:<A>:key/<K>"),
    _both("KMS key id", "<K>", whole=True),
    _both("KMS multi-Region key", "arn:aws:kms:<R>:<A>:key/mrk-1234abcd12ab34cd56ef1234567890ab"),
    _both("KMS managed key", "alias/aws/s3"),
    _both("subnet", "subnet-0<m><m><m><m><m><m><m>0"),
    _both("subnet of another zone", "subnet-0<m><m><m><m><m><m><m>1"),
    _both("security group", "sg-0<id>"),
    _both("VPC", "vpc-0<id>"),
    _both("VPC endpoint", "vpce-0<id>"),
    _both("EFS access point", "arn:aws:elasticfilesystem:<R>:<A>:access-point/fsap-0<id>"),
    Row(
        "DynamoDB stream",
        f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/T/stream/2024-01-02T03:04:05.678",
        f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/T/stream/2025-05-06T07:08:09.012",
    ),
    Row(
        "Kinesis consumer",
        f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/s/consumer/c:1571000000",
        f"arn:aws:kinesis:eu-west-1:{ACCOUNT}:stream/s/consumer/c:1681000000",
    ),
    _both("MSK cluster", "arn:aws:kafka:<R>:<A>:cluster/events/<K>-5"),
    Row(
        "MSK serverless cluster",
        f"arn:aws:kafka:us-east-1:{ACCOUNT}:cluster/events/{key_id('a')}-s1",
        f"arn:aws:kafka:eu-west-1:{ACCOUNT}:cluster/events/{key_id('b')}-s2",
    ),
    _both("MQ broker", "arn:aws:mq:<R>:<A>:broker:orders:b-<K>"),
    _both("DocumentDB cluster", "arn:aws:rds:<R>:<A>:cluster:documents"),
    _both("secret", "arn:aws:secretsmanager:<R>:<A>:secret:db-<m><M><m><M><m><M>"),
    _both("ECR image", f"<A>.dkr.ecr.<R>.amazonaws.com/r@sha256:{'0d' * 32}"),
    _both("alarm name", "api-5xx-<S>"),
    _both("Auto Scaling group name", "web-ASG-1<M><M><M><M><M><M><M><M><M><M><M>", whole=True),
    _both("target group", "arn:aws:elasticloadbalancing:<R>:<A>:targetgroup/web/<id16>"),
    _both("load balancer", "arn:aws:elasticloadbalancing:<R>:<A>:loadbalancer/app/web/<id16>"),
    _both("listener", "arn:aws:elasticloadbalancing:<R>:<A>:listener/app/web/<id16>/<id16>"),
    _both("ECS service", "cluster/service"),
    _both("signing profile version", "arn:aws:signer:<R>:<A>:/signing-profiles/p/<m><m><m><m><m><m><m><m><m><m>"),
    _both("IAM role", "arn:aws:iam::<A>:role/r"),
    _both("IAM role named by region", "arn:aws:iam::<A>:role/r-<R>"),
    _both("CodeDeploy agent's bucket", "aws-codedeploy-<R>"),
    Row("ELB log delivery account", "arn:aws:iam::127311923021:root", "arn:aws:iam::156460612806:root"),
    Row(
        "API Gateway",
        "https://abc123defg.execute-api.us-east-1.amazonaws.com/",
        "https://xyz987wvut.execute-api.eu-west-1.amazonaws.com/",
    ),
    Row("Cognito pool", "us-east-1_AbCdEfGhI", "eu-west-1_ZyXwVuTsR"),
    Row(
        "RDS endpoint",
        "orders.c9akciq32rgx.us-east-1.rds.amazonaws.com",
        "orders.cx7whk2lmnop.eu-west-1.rds.amazonaws.com",
    ),
)


def _policy(text: str) -> str:
    statement = {"Sid": "S", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": text,
                 "Condition": {"StringLike": {"aws:SourceArn": text}}}  # fmt: skip
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _config(**members: Value) -> Held:
    return "configuration", members


Holder = Callable[[str], Held]
EVERY: Final[Mapping[str, tuple[tuple[str, Holder], ...]]] = {
    FUNCTION: (
        ("variable", lambda text: ("environment", {"Variables": {"VALUE": text}})),
        ("variable's part", lambda text: ("environment", {"Variables": {"VALUE": f"a=1;b={text}"}})),
        ("tag", lambda text: ("tags", {"about": text})),
    ),
    "AWS::S3::Bucket": (
        ("policy", lambda text: ("policy", _policy(text))),
        ("logs' prefix", lambda text: ("logging", {"LoggingEnabled": {"TargetBucket": "b", "TargetPrefix": text}})),
    ),
}
"""What can hold any value, by type."""
PARTS: Final = frozenset({"policy", "variable's part"})
"""Those of them that hold it among other text."""
OWN: Final[Mapping[str, Mapping[str, Mapping[str, Holder]]]] = {
    FUNCTION: {
        "subnet": {"VpcConfig": lambda text: _config(VpcConfig={"SubnetIds": [text], "SecurityGroupIds": []})},
        "security group": {"VpcConfig": lambda text: _config(VpcConfig={"SecurityGroupIds": [text]})},
        "layer": {"Layers": lambda text: _config(Layers=[{"Arn": text}])},
        "layer of AWS, in another account": {"Layers": lambda text: _config(Layers=[{"Arn": text}])},
        "KMS key ARN": {"KMSKeyArn": lambda text: _config(KMSKeyArn=text)},
        "SQS queue ARN": {"DeadLetterConfig": lambda text: _config(DeadLetterConfig={"TargetArn": text})},
        "EFS access point": {"mount": lambda text: _config(FileSystemConfigs=[{"Arn": text, "LocalMountPath": "/m"}])},
        "ECR image": {"image": lambda text: ("code", {"ImageUri": text, "ResolvedImageUri": text})},
        "IAM role": {"Role": lambda text: _config(Role=text)},
        "signing profile version": {
            "publishers": lambda text: (
                "code signing config",
                {"AllowedPublishers": {"SigningProfileVersionArns": [text]}},
            )
        },
    },
    "AWS::CodeDeploy::DeploymentGroup": {
        "alarm name": {"alarms": lambda text: _config(alarmConfiguration={"alarms": [{"name": text}]})},
        "Auto Scaling group name": {
            "groups": lambda text: _config(autoScalingGroups=[{"name": text, "hook": f"{text}-h"}])
        },
        "SNS topic": {
            "trigger": lambda text: _config(triggerConfigurations=[{"triggerName": "t", "triggerTargetArn": text}])
        },
        "listener": {
            "route": lambda text: _config(
                loadBalancerInfo={"targetGroupPairInfoList": [{"prodTrafficRoute": {"listenerArns": [text]}}]}
            )
        },
        "S3 bucket name": {
            "revision": lambda text: (
                "revision",
                {"revisionType": "S3", "s3Location": {"bucket": text, "key": "k", "version": text}},
            )
        },
    },
    "AWS::Lambda::Alias": {
        "region code": {
            "version": lambda text: _config(Name="a", FunctionVersion=VERSIONS[text]),
            "weights": lambda text: _config(
                Name="a",
                FunctionVersion=VERSIONS[text],
                RoutingConfig={"AdditionalVersionWeights": {VERSIONS[text]: 0.1}},
            ),
        },
    },
    "AWS::Lambda::EventSourceMapping": {
        "secret": {
            "access": lambda text: _config(
                EventSourceArn="arn:aws:mq:r:a:broker:b:b-1",
                SourceAccessConfigurations=[{"Type": "BASIC_AUTH", "URI": text}],
            )
        },
        "subnet": {
            "access": lambda text: _config(SourceAccessConfigurations=[{"Type": "VPC_SUBNET", "URI": f"subnet:{text}"}])
        },
        "S3 bucket ARN": {"destination": lambda text: _config(DestinationConfig={"OnFailure": {"Destination": text}})},
    },
    "AWS::Lambda::CapacityProvider": {
        "subnet": {"VpcConfig": lambda text: _config(VpcConfig={"SubnetIds": [text], "SecurityGroupIds": []})},
        "KMS key ARN": {"KmsKeyArn": lambda text: _config(KmsKeyArn=text)},
    },
    "AWS::S3::Bucket": {
        "KMS key id": {"encryption": lambda text: ("encryption", _encryption(text))},
        "KMS key ARN": {"encryption": lambda text: ("encryption", _encryption(text))},
        "S3 website host": {"website": lambda text: ("website", {"RedirectAllRequestsTo": {"HostName": text}})},
        "S3 website host, dash and dot": {
            "website": lambda text: ("website", {"RedirectAllRequestsTo": {"HostName": text}})
        },
        "Lambda alias ARN": {
            "notification": lambda text: (
                "notification",
                {"LambdaFunctionConfigurations": [{"Id": f"of {text}", "LambdaFunctionArn": text, "Events": ["e"]}]},
            )
        },
        "S3 bucket ARN": {
            "inventory": lambda text: (
                "inventory",
                [{"Id": "i", "Destination": {"S3BucketDestination": {"Bucket": text, "Format": "CSV"}}}],
            )
        },
        "S3 bucket name": {"logging": lambda text: ("logging", {"LoggingEnabled": {"TargetBucket": text}})},
    },
}
"""What holds values of one kind only, by type and row."""


def _encryption(key: str) -> Value:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    return {"Rules": [rule]}


def pairs(spec: ResourceSpec) -> Iterator[Case]:
    """Every row in everything of a type that can hold it; both sites are set up alike."""
    for row in ROWS:
        for where, holder in (*EVERY.get(spec.type, ()), *OWN.get(spec.type, {}).get(row.name, {}).items()):
            if not (row.whole and where in PARTS):
                yield Case(f"{spec.type}/site {row.name} in {where}", pair_of(spec, row, holder))


def pair_of(spec: ResourceSpec, row: Row, holder: Holder) -> Pair:
    """A resource of that type in two sites, in each of which it holds the row's value of its region."""
    sides: list[Any] = []
    for text, region in zip((row.golden, row.actual), row.regions, strict=True):
        facet, value = holder(text)
        readings = {one.name: Reading(State.ABSENT) for one in spec.facets}
        readings |= {facet: Reading(State.READ, value)}
        resource = Resource(spec.type, worded(name_of(spec), LOCALES[region]), readings)
        sides.append((readings, *located(resource, region)))
    (golden, here, before), (actual, there, after) = sides
    return Pair(spec, golden, actual, here, there, (before, after))
