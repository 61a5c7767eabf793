"""Lambda functions: from AWS's answer to the document that is compared."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import jmespath
import pytest

from auditor.aws.calls import Caller
from auditor.aws.pacing import Pacer
from auditor.aws.read import read_resources
from auditor.aws.sessions import Sessions
from auditor.model.values import ABSENT, Site
from auditor.resources import load_specs
from auditor.resources.lambda_function import SPEC
from auditor.specs.spec import Call
from made import IRELAND, VIRGINIA, answered, creates, known, listed, whole, writes
from scripted import scripted_aws

DEFAULTS = {
    "Architectures": {"x86_64": "x86_64"},
    "DeadLetterConfig": {},
    "Description": "",
    "Environment": {"Variables": {}},
    "EphemeralStorage": {"Size": 512},
    "FileSystemConfigs": [],
    "Layers": [],
    "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/api"},
    "MemorySize": 128,
    "PackageType": "Zip",
    "RecursiveLoop": "Terminate",
    "RuntimeManagementConfig": {"UpdateRuntimeOn": "Auto"},
    "SnapStart": {"ApplyOn": "None"},
    "Tags": {},
    "Timeout": 3,
    "TracingConfig": {"Mode": "PassThrough"},
    "VpcConfig": {"Ipv6AllowedForDualStack": False, "SecurityGroupIds": {}, "SubnetIds": {}},
}
OF_THE_FUNCTION = [
    facet.name for facet in SPEC.facets if isinstance(facet.source, Call) and facet.source.operation == "GetFunction"
]
written = partial(writes, SPEC)


def made(item, function=None, statement=None, locale=VIRGINIA, **others):
    told = listed(SPEC, item) | answered(SPEC, dict.fromkeys(OF_THE_FUNCTION, function or {}))
    policy = {"policy": statement} if statement else {}
    return whole(SPEC, "api", told | known(policy | others), locale)


def fields(item, function=None, statement=None, locale=VIRGINIA, **others):
    return made(item, function, statement, locale, **others).fields


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


def test_an_image_is_what_its_digest_says():
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
        "ResolvedImageUri": "sha256:c0de",
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


def test_a_tag_of_aws_that_nobody_knew_of_is_left_out_too():
    assert fields({}, {"Tags": {"aws:something:new": "1"}})["Tags"] == {}


def test_no_key_and_no_dead_letter_queue_are_said_by_empty_texts_as_well():
    assert fields({"KMSKeyArn": "", "DeadLetterConfig": {"TargetArn": ""}}) == DEFAULTS


def test_code_signing_is_compared_by_what_it_says_and_not_by_its_generated_name():
    arn = "arn:aws:lambda:us-east-1:123456789012:code-signing-config:csc-1"
    says = {"CodeSigningConfigId": "csc-1", "CodeSigningConfigArn": arn, "AllowedPublishers": {}, "LastModified": "now"}

    assert fields({}, code_signing=arn, code_signing_config=says)["CodeSigningConfig"] == {
        "AllowedPublishers": {},
        "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Warn"},
    }


def test_of_code_signing_only_whether_there_is_any_is_compared_by_its_arn():
    assert made({}).comparators[("CodeSigningConfigArn",)] == "all-or-none"


def test_a_runtime_that_is_held_back_says_at_which_version():
    told = {
        "UpdateRuntimeOn": "Manual",
        "RuntimeVersionArn": "arn:aws:lambda:us-east-1::runtime:a1",
        "FunctionArn": "x",
    }

    assert fields({}, runtime_management=told)["RuntimeManagementConfig"] == {
        "UpdateRuntimeOn": "Manual",
        "RuntimeVersionArn": "arn:aws:lambda:${region}::runtime:a1",
    }


def test_only_what_differs_is_updated():
    found = {"MemorySize": 256, "Timeout": 15, "Role": "r", "LastModified": "now", "CodeSha256": "a"}
    wanted = {"MemorySize": 512, "Timeout": 15, "Role": "r", "LastModified": "then", "CodeSha256": "b"}

    assert written("configuration", found, wanted) == [
        ("UpdateFunctionConfiguration", {"FunctionName": "${name}", "MemorySize": 512})
    ]


def test_what_golden_does_not_set_is_cleared():
    found = {
        "KMSKeyArn": "arn:key",
        "DeadLetterConfig": {"TargetArn": "arn:queue"},
        "Layers": [{"Arn": "arn:layer:1", "CodeSize": 7}],
        "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"], "VpcId": "vpc-1"},
        "ImageConfigResponse": {"ImageConfig": {"Command": ["run"]}},
    }

    assert written("configuration", found, {}) == [
        (
            "UpdateFunctionConfiguration",
            {
                "FunctionName": "${name}",
                "KMSKeyArn": "",
                "DeadLetterConfig": {"TargetArn": ""},
                "Layers": [],
                "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": [], "Ipv6AllowedForDualStack": False},
                "ImageConfig": {},
            },
        )
    ]


def test_layers_images_and_snapshots_are_written_in_the_form_that_the_call_takes():
    wanted = {
        "Layers": [{"Arn": "arn:layer:1", "CodeSize": 7}],
        "SnapStart": {"ApplyOn": "PublishedVersions", "OptimizationStatus": "Off"},
        "ImageConfigResponse": {"ImageConfig": {"Command": ["run"]}},
    }

    assert written("configuration", {}, wanted)[0][1] == {
        "FunctionName": "${name}",
        "Layers": ["arn:layer:1"],
        "SnapStart": {"ApplyOn": "PublishedVersions"},
        "ImageConfig": {"Command": ["run"]},
    }


def test_another_code_alone_changes_no_configuration():
    assert written("configuration", {"CodeSha256": "a"}, {"CodeSha256": "b"}) == []


def test_another_code_is_goldens_shipped_with_what_it_is_built_for():
    found = {"CodeSha256": "a", "Architectures": ["x86_64"], "PackageType": "Zip"}

    assert written("package", found, {**found, "CodeSha256": "b", "Architectures": ["arm64"]}) == [
        ("UpdateFunctionCode", {"FunctionName": "${name}", "ZipFile": "${golden:/Code}", "Architectures": ["arm64"]})
    ]


def test_an_image_is_shipped_by_its_uri():
    found = {"ImageUri": "repo:7", "ResolvedImageUri": "repo@sha256:a"}

    assert written("code", found, {**found, "ResolvedImageUri": "repo@sha256:b"}) == [
        ("UpdateFunctionCode", {"FunctionName": "${name}", "ImageUri": "repo:7"})
    ]


def test_an_image_has_no_package_to_ship():
    found = {"CodeSha256": "a", "PackageType": "Image"}

    assert written("package", found, {**found, "CodeSha256": "b"}) == []


def test_a_function_is_made_with_its_environment_and_tags_and_the_code_that_is_shipped():
    wanted = {
        "configuration": {"FunctionName": "api", "Role": "r", "Runtime": "python3.12", "Handler": "h", "Timeout": 3},
        "environment": {"Variables": {"A": "1"}},
        "tags": {"team": "shop", "aws:cloudformation:stack-name": "s"},
    }

    assert creates(SPEC, **wanted) == [
        (
            "CreateFunction",
            {
                "FunctionName": "${name}",
                "Code": {"ZipFile": "${golden:/Code}"},
                "Role": "r",
                "Runtime": "python3.12",
                "Handler": "h",
                "Environment": {"Variables": {"A": "1"}},
                "Tags": {"team": "shop"},
            },
        )
    ]


def test_tags_are_set_and_removed_one_by_one():
    found = {"team": "web", "old": "1", "aws:cloudformation:stack-name": "s"}

    resource = "arn:${partition}:lambda:${region}:${account}:function:${name}"
    assert written("tags", found, {"team": "shop"}) == [
        ("TagResource", {"Resource": resource, "Tags": {"team": "shop"}}),
        ("UntagResource", {"Resource": resource, "TagKeys": ["old"]}),
    ]


def test_a_runtime_version_is_not_written_to_another_region():
    assert written("runtime management", {}, {"UpdateRuntimeOn": "Manual", "RuntimeVersionArn": "arn:1"}) == []


def statement(**more):
    return {
        "Sid": "s",
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": "arn:f",
        "Condition": {"ArnLike": {"AWS:SourceArn": "arn:topic"}},
        **more,
    }


def text(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def test_a_permission_is_added_with_its_conditions():
    wanted = statement(
        Principal={"AWS": "arn:aws:iam::999988887777:root"},
        Condition={
            "StringEquals": {"AWS:SourceAccount": "1", "lambda:FunctionUrlAuthType": "NONE"},
            "Bool": {"lambda:InvokedViaFunctionUrl": "true"},
        },
    )

    assert written("policy", ABSENT, text(wanted)) == [
        (
            "AddPermission",
            {
                "FunctionName": "${name}",
                "StatementId": "s",
                "Action": "lambda:InvokeFunction",
                "Principal": "999988887777",
                "SourceAccount": "1",
                "FunctionUrlAuthType": "NONE",
                "InvokedViaFunctionUrl": True,
            },
        )
    ]


def test_a_changed_permission_is_added_under_another_name_before_the_old_one_goes():
    changed = statement(Condition={"ArnLike": {"AWS:SourceArn": "arn:other"}})

    calls = written("policy", text(statement()), text(changed))
    assert [(operation, params["StatementId"]) for operation, params in calls] == [
        ("AddPermission", "s-" + calls[0][1]["StatementId"][2:]),
        ("RemovePermission", "s"),
    ]


def test_a_permission_of_another_name_only_is_left_alone():
    assert written("policy", text(statement(Sid="random")), text(statement())) == []


def test_a_permission_too_many_is_removed():
    assert written("policy", text(statement(), statement(Sid="t", Action="lambda:GetFunction")), text(statement())) == [
        ("RemovePermission", {"FunctionName": "${name}", "StatementId": "t"})
    ]


@pytest.mark.parametrize(
    "special",
    [
        {"Effect": "Deny"},
        {"Action": ["lambda:InvokeFunction", "lambda:GetFunction"]},
        {"Condition": {"StringLike": {"aws:PrincipalArn": "arn:*"}}},
        {"Principal": {"Federated": "x"}},
        {"NotAction": "lambda:*"},
    ],
)
def test_what_no_permission_can_say_is_put_as_a_whole_policy(special):
    wanted = text(statement(**special))

    assert written("policy", ABSENT, wanted) == [
        (
            "PutResourcePolicy",
            {"ResourceArn": "arn:${partition}:lambda:${region}:${account}:function:${name}", "Policy": wanted},
        )
    ]


@pytest.fixture
def counts(clean_environment, monkeypatch):
    """The calls that reading one function with one alias takes, by operation."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    specs = {name: spec for name, spec in load_specs().items() if name.rpartition("::")[2] in FUNCTIONS}

    def answer(asked):
        path = asked.path.partition("?")[0]
        if path.endswith("/functions"):
            return 200, {"Functions": [{"FunctionName": "api", "FunctionArn": "arn", "PackageType": "Zip"}]}
        return 200, {"Aliases": [{"Name": "live", "FunctionVersion": "1"}]} if path.endswith("/aliases") else {}

    with scripted_aws(answer) as script, ThreadPoolExecutor(4) as pool:
        monkeypatch.setenv("AWS_ENDPOINT_URL", script.url)
        caller = Caller(Sessions(), Site("us-east-1"), VIRGINIA, Pacer({}))
        read_resources(specs, caller, pool, lambda *_: None)
    return caller.counts()


FUNCTIONS = ("Function", "Alias", "Url", "EventInvokeConfig", "EventSourceMapping")


def test_no_call_is_made_for_what_another_answered(counts):
    assert counts == {
        # For the region.
        "lambda.ListFunctions": 1,
        "lambda.ListEventSourceMappings": 1,
        # For the function; GetPolicy and GetFunction have quotas of their own.
        "lambda.GetFunction": 1,
        "lambda.ListAliases": 1,
        "lambda.ListFunctionUrlConfigs": 1,
        "lambda.ListFunctionEventInvokeConfigs": 1,
        "lambda.GetFunctionCodeSigningConfig": 1,
        "lambda.GetRuntimeManagementConfig": 1,
        "lambda.GetFunctionRecursionConfig": 1,
        # For the function and for its alias.
        "lambda.GetPolicy": 2,
        # For the alias.
        "lambda.GetProvisionedConcurrencyConfig": 1,
    }
