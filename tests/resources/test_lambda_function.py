"""Lambda functions: from AWS's answer to the document that is compared."""

from __future__ import annotations

import jmespath
import pytest

from auditor.aws.read import taken
from auditor.document import document
from auditor.model import Locale, Reading, Resource, State
from auditor.resources.lambda_function import SPEC
from auditor.spec import Listed

VIRGINIA = Locale("us-east-1", "use1", "123456789012")
IRELAND = Locale("eu-west-1", "euw1", "123456789012")
DEFAULTS = {
    "Architectures": {"x86_64": "x86_64"},
    "Description": "",
    "Environment": {"Variables": {}},
    "EphemeralStorage": {"Size": 512},
    "FileSystemConfigs": [],
    "Layers": [],
    "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/api"},
    "MemorySize": 128,
    "PackageType": "Zip",
    "SnapStart": {"ApplyOn": "None"},
    "Tags": {},
    "Timeout": 3,
    "TracingConfig": {"Mode": "PassThrough"},
    "VpcConfig": {"Ipv6AllowedForDualStack": False, "SecurityGroupIds": {}, "SubnetIds": {}},
}


def made(item, function=None, statement=None, locale=VIRGINIA):
    readings = {facet.name: Reading(State.ABSENT) for facet in SPEC.facets}
    for facet in SPEC.facets:
        if isinstance(facet.source, Listed):
            readings[facet.name] = taken(facet, facet.source.pick, item)
        elif facet.source.operation == "GetFunction":
            readings[facet.name] = taken(facet, facet.source.pick, function or {})
    if statement:
        readings["policy"] = Reading(State.READ, statement)
    return document(Resource(SPEC.type, "api", readings), SPEC, locale)


def fields(item, function=None, statement=None, locale=VIRGINIA):
    return made(item, function, statement, locale).fields


def test_a_function_about_which_nothing_is_said_has_lambdas_defaults():
    assert fields({"FunctionName": "api"}) == DEFAULTS


def test_what_aws_says_of_a_function_with_defaults_is_equal_to_saying_nothing():
    said = {
        "FunctionName": "api",
        "Version": "$LATEST",
        "Description": "",
        "Timeout": 3,
        "MemorySize": 128,
        "PackageType": "Zip",
        "Architectures": ["x86_64"],
        "EphemeralStorage": {"Size": 512},
        "TracingConfig": {"Mode": "PassThrough"},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/api"},
        "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": [], "VpcId": "", "Ipv6AllowedForDualStack": False},
        "Environment": {"Variables": {}},
    }

    assert fields(said) == DEFAULTS


def test_what_is_momentary_or_generated_is_not_compared():
    item = {
        "FunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:api",
        "LastModified": "2026-01-01T00:00:00.000+0000",
        "RevisionId": "r1",
        "CodeSize": 1234,
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "ConfigSha256": "c0",
        "RuntimeVersionConfig": {"RuntimeVersionArn": "arn:aws:lambda:us-east-1::runtime:a1"},
    }

    assert fields(item) == DEFAULTS


def test_a_log_format_of_json_has_levels_where_none_are_given():
    logging = {"LogFormat": "JSON", "SystemLogLevel": "WARN", "LogGroup": "/shop"}

    assert fields({"LoggingConfig": logging})["LoggingConfig"] == {
        "ApplicationLogLevel": "INFO",
        "LogFormat": "JSON",
        "LogGroup": "/shop",
        "SystemLogLevel": "WARN",
    }


def test_the_order_of_layers_is_meaningful():
    one, two = {"Arn": "arn:aws:lambda:us-east-1:1:layer:a:1"}, {"Arn": "arn:aws:lambda:us-east-1:1:layer:b:1"}

    assert fields({"Layers": [one, two]}) != fields({"Layers": [two, one]})


def test_a_layer_is_its_arn_and_nothing_else():
    layer = {"Arn": "arn:aws:lambda:us-east-1:123456789012:layer:a:1", "CodeSize": 7, "SigningJobArn": "arn:1"}

    assert fields({"Layers": [layer]})["Layers"] == [{"Arn": "arn:aws:lambda:${region}:${account}:layer:a:1"}]


def test_subnets_and_security_groups_have_no_order():
    one = {"VpcConfig": {"SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1", "sg-2"], "VpcId": "vpc-1"}}
    other = {"VpcConfig": {"SubnetIds": ["subnet-2", "subnet-1"], "SecurityGroupIds": ["sg-2", "sg-1"]}}

    assert fields(one) == fields(other)


def test_a_variable_shows_as_its_fingerprint():
    item = {"Environment": {"Variables": {"PASSWORD": {"secret": "ab12"}, "STAGE": "prod"}}}

    assert fields(item)["Environment"] == {"Variables": {"PASSWORD": "${secret:ab12}", "STAGE": "prod"}}


def test_variables_that_could_not_be_decrypted_are_unknown_and_not_empty():
    item = {"Environment": {"Error": {"ErrorCode": "AccessDeniedException", "Message": "no kms:Decrypt"}}}

    assert made(item).unreadable == {"Environment": "AccessDeniedException"}


def test_tags_that_could_not_be_read_are_unknown_and_not_empty():
    answer = {"TagsError": {"ErrorCode": "AccessDeniedException", "Message": "no lambda:ListTags"}}

    assert made({}, answer).unreadable == {"Tags": "AccessDeniedException"}


def test_tags_are_compared_without_those_that_aws_sets():
    answer = {"Tags": {"team": "web", "aws:cloudformation:stack-id": "arn:1", "lambda:createdBy": "SAM"}}

    assert fields({}, answer)["Tags"] == {"team": "web"}


def test_an_image_is_compared_without_what_aws_made_of_it():
    answer = {
        "Code": {
            "RepositoryType": "ECR",
            "ImageUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/api:1",
            "ResolvedImageUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/api@sha256:c0de",
            "Location": "https://signed",
        }
    }

    assert fields({}, answer)["Code"] == {
        "RepositoryType": "ECR",
        "ImageUri": "${account}.dkr.ecr.${region}.amazonaws.com/api:1",
    }


def test_a_reserved_concurrency_of_nothing_is_not_the_same_as_none():
    assert fields({}, {"Concurrency": {"ReservedConcurrentExecutions": 0}})["ReservedConcurrentExecutions"] == 0


def test_who_may_call_the_function_is_the_same_in_two_regions():
    policy = (
        '{"Version": "2012-10-17", "Statement": [{"Sid": "s3", "Effect": "Allow",'
        ' "Resource": "arn:aws:lambda:%s:123456789012:function:api"}]}'
    )

    one = fields({}, statement=policy % "us-east-1")

    assert one == fields({}, statement=policy % "eu-west-1", locale=IRELAND)


@pytest.mark.parametrize(
    "replica",
    [
        {"FunctionName": "api", "MasterArn": "arn:aws:lambda:us-east-1:123456789012:function:api"},
        {"FunctionName": "us-east-1.api"},
    ],
)
def test_a_replica_that_lambda_at_edge_keeps_is_not_listed(replica):
    answer = {"Functions": [replica, {"FunctionName": "checkout"}]}

    assert jmespath.search(SPEC.listing.call.pick, answer) == [{"FunctionName": "checkout"}]
