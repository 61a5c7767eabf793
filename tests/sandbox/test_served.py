"""No operation that a type's spec names goes unserved by the sandbox unnoticed."""

from __future__ import annotations

import json

import pytest

from auditor.iam.grants import calls
from auditor.resources import load_specs
from auditor.sandbox.scenario import SHOP, load_scenario
from auditor.sandbox.seed import seed
from auditor.specs.spec import Batch

SITES = ("--golden", "us-east-1", "--region", "us-east-1", "--region", "eu-west-1", "--region", "ap-southeast-2")


PROVIDER = {
    "VpcConfig": {"SubnetIds": ["subnet-0a1b2c3d"], "SecurityGroupIds": ["sg-0a1b2c3d"]},
    "PermissionsConfig": {"CapacityProviderOperatorRoleArn": "arn:aws:iam::123456789012:role/x"},
}
INSTANCES = {"CapacityProviderArn": "arn:aws:lambda:us-east-1:123456789012:capacity-provider:shop"}
MANAGED = {
    "Runtime": "python3.12",
    "Role": "arn:aws:iam::123456789012:role/x",
    "Handler": "app.handler",
    "CapacityProviderConfig": {"LambdaManagedInstancesCapacityProviderConfig": INSTANCES},
    "Code": {"app.py": "def handler(event, context): pass\n"},
}


def operations():
    for spec in load_specs().values():
        alone = {facet.source.alone.operation for facet in spec.facets if isinstance(facet.source, Batch)}
        for call in calls(spec):
            if call.operation not in alone:
                yield f"{call.service or spec.service}.{call.operation}"


@pytest.fixture
def manifest(aws, run, tmp_path):
    seed(load_scenario(SHOP, aws.account), aws.environment, load_specs())
    signed = aws.client("lambda").list_code_signing_configs()["CodeSigningConfigs"][0]["CodeSigningConfigArn"]
    aws.client("lambda").put_function_code_signing_config(CodeSigningConfigArn=signed, FunctionName="checkout")
    aws.seed(us_east_1={"AWS::Lambda::CapacityProvider": {"shop": PROVIDER}})
    aws.seed(us_east_1={"AWS::Lambda::Function": {"warehouse": MANAGED}})
    taken = run("snapshot", *SITES, "--store", tmp_path / "store").out.strip()
    return json.loads((tmp_path / "store" / taken / "manifest.json").read_text())


def test_every_operation_of_every_spec_is_called_and_answered(manifest):
    called = {operation for site in manifest["sites"].values() for operation in site["calls"]}
    unread = [site["unread"] for site in manifest["sites"].values()]
    unreadable = [site["unreadable"] for site in manifest["sites"].values()]

    assert (sorted(set(operations()) - called), unread, unreadable) == ([], [[], [], []], [0, 0, 0])


def test_what_a_batch_left_out_can_be_asked_for_alone(aws):
    seed(load_scenario(SHOP, aws.account), aws.environment, load_specs())
    client = aws.client("codedeploy")

    application = client.get_application(applicationName="shop")["application"]
    group = client.get_deployment_group(applicationName="shop", deploymentGroupName="web")["deploymentGroupInfo"]

    assert (application["applicationName"], group["deploymentGroupName"]) == ("shop", "web")
