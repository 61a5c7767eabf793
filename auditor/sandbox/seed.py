"""Makes a scenario's resources in the sandbox, region by region, through boto3 as anybody would."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from auditor.errors import SandboxError
from auditor.sandbox.scenario import Resources, Scenario, merge

Clients = Callable[[str], Any]
"""A boto3 client of one region, by service."""
Properties = Mapping[str, Any]

BUCKET: Final[Mapping[str, tuple[str, str]]] = {
    "OwnershipControls": ("put_bucket_ownership_controls", "OwnershipControls"),
    "PublicAccessBlockConfiguration": ("put_public_access_block", "PublicAccessBlockConfiguration"),
    "VersioningConfiguration": ("put_bucket_versioning", "VersioningConfiguration"),
    "ServerSideEncryptionConfiguration": ("put_bucket_encryption", "ServerSideEncryptionConfiguration"),
    "Tags": ("put_bucket_tagging", "Tagging"),
    "Policy": ("put_bucket_policy", "Policy"),
    "CORSConfiguration": ("put_bucket_cors", "CORSConfiguration"),
    "LifecycleConfiguration": ("put_bucket_lifecycle_configuration", "LifecycleConfiguration"),
    "WebsiteConfiguration": ("put_bucket_website", "WebsiteConfiguration"),
    "BucketLoggingStatus": ("put_bucket_logging", "BucketLoggingStatus"),
    "NotificationConfiguration": ("put_bucket_notification_configuration", "NotificationConfiguration"),
}
"""A bucket's properties, in the order in which they are made: the operation of each and its parameter."""
_OWN_CALLS: Final = ("Code", "Permissions", "ReservedConcurrentExecutions", "Versions")
_CREATE_ONLY: Final = ("PackageType", "Architectures", "Tags")


def seed(scenario: Scenario, environment: Mapping[str, str]) -> None:
    """Make everything, the regions in parallel. Raises SandboxError for the first resource that is refused."""
    with ThreadPoolExecutor(max(1, len(scenario.regions))) as pool:
        for future in [pool.submit(_region, name, own, environment) for name, own in scenario.regions.items()]:
            future.result()


def _region(region: str, resources: Resources, environment: Mapping[str, str]) -> None:
    clients = _clients(region, environment)
    _refuse_unknown(region, resources, dict(STEPS))
    for type_, make in STEPS:
        for name, properties in resources.get(type_, {}).items():
            try:
                make(clients, name, properties or {})
            except (ClientError, BotoCoreError) as error:
                raise SandboxError(f"{region}: {type_}/{name} was refused: {error}. The sandbox was stopped.") from None


def _clients(region: str, environment: Mapping[str, str]) -> Clients:
    session = boto3.Session(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"], region_name=region)
    made: dict[str, Any] = {}

    def client(service: str) -> Any:
        if service not in made:
            variable = f"AWS_ENDPOINT_URL_{service.upper()}"
            endpoint = environment.get(variable, environment["AWS_ENDPOINT_URL"])
            made[service] = session.client(service, endpoint_url=endpoint, config=Config(read_timeout=30))
        return made[service]

    return client


def _topic(clients: Clients, name: str, properties: Properties) -> None:
    clients("sns").create_topic(Name=name, **properties)


def _queue(clients: Clients, name: str, properties: Properties) -> None:
    clients("sqs").create_queue(QueueName=name, **properties)


def _bucket(clients: Clients, name: str, properties: Properties) -> None:
    _refuse_unknown(name, properties, BUCKET)
    s3 = clients("s3")
    region = s3.meta.region_name
    # us-east-1 is the one region that must not be named.
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=name, **where)


def _bucket_settings(clients: Clients, name: str, properties: Properties) -> None:
    s3 = clients("s3")
    for key, (operation, parameter) in BUCKET.items():
        if key in properties:
            getattr(s3, operation)(Bucket=name, **{parameter: _bucket_value(key, properties[key])})


def _bucket_value(key: str, value: Any) -> Any:
    if key == "Tags":
        return {"TagSet": tags(value)}
    return json.dumps(value) if key == "Policy" else value


def _refuse_unknown(name: str, properties: Properties, known: Mapping[str, Any]) -> None:
    unknown = sorted(properties.keys() - known.keys())
    if unknown:
        raise SandboxError(f"{name}: '{unknown[0]}' cannot be seeded. What can: {', '.join(known)}.")


def _function(clients: Clients, name: str, properties: Properties) -> None:
    client = clients("lambda")
    # Each version is the function with a patch; after the last one it is what it is now.
    states = [merge(properties, patch) for patch in properties.get("Versions", ())]
    publish = [True] * len(states) + [False]
    for number, (state, published) in enumerate(zip([*states, properties], publish, strict=True)):
        (_update_function if number else _create_function)(client, name, state, published)
    for statement, permission in properties.get("Permissions", {}).items():
        client.add_permission(FunctionName=name, StatementId=statement, **permission)
    if "ReservedConcurrentExecutions" in properties:
        client.put_function_concurrency(
            FunctionName=name, ReservedConcurrentExecutions=properties["ReservedConcurrentExecutions"]
        )


def _create_function(client: Any, name: str, state: Properties, publish: bool) -> None:
    settings = {key: value for key, value in state.items() if key not in _OWN_CALLS}
    code = {"ZipFile": zipped(state.get("Code", {}))}
    client.create_function(FunctionName=name, Code=code, Publish=publish, **settings)


def _update_function(client: Any, name: str, state: Properties, publish: bool) -> None:
    settings = {key: value for key, value in state.items() if key not in (*_OWN_CALLS, *_CREATE_ONLY)}
    client.update_function_configuration(FunctionName=name, **settings)
    client.update_function_code(FunctionName=name, ZipFile=zipped(state.get("Code", {})), Publish=publish)


def zipped(files: Mapping[str, str]) -> bytes:
    """A zip of these files; the same files give the same bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name), text)
    return content.getvalue()


def _alias(clients: Clients, name: str, properties: Properties) -> None:
    function, _, alias = name.rpartition("/")
    clients("lambda").create_alias(FunctionName=function, Name=alias, **properties)


def _deployment_config(clients: Clients, name: str, properties: Properties) -> None:
    clients("codedeploy").create_deployment_config(deploymentConfigName=name, **properties)


def _application(clients: Clients, name: str, properties: Properties) -> None:
    clients("codedeploy").create_application(applicationName=name, **_tagged(properties))


def _deployment_group(clients: Clients, name: str, properties: Properties) -> None:
    application, _, group = name.rpartition("/")
    clients("codedeploy").create_deployment_group(
        applicationName=application, deploymentGroupName=group, **_tagged(properties)
    )


def _tagged(properties: Properties) -> dict[str, Any]:
    return {**properties, **({"tags": tags(properties["tags"])} if "tags" in properties else {})}


def tags(values: Mapping[str, str]) -> list[dict[str, str]]:
    """A map of tags as the list that AWS takes."""
    return [{"Key": key, "Value": value} for key, value in values.items()]


Maker = Callable[[Clients, str, Properties], None]
STEPS: Final[tuple[tuple[str, Maker], ...]] = (
    ("AWS::SNS::Topic", _topic),
    ("AWS::SQS::Queue", _queue),
    ("AWS::S3::Bucket", _bucket),
    ("AWS::Lambda::Function", _function),
    ("AWS::Lambda::Alias", _alias),
    # Logs go to other buckets, notifications to functions: both must be there.
    ("AWS::S3::Bucket", _bucket_settings),
    ("AWS::CodeDeploy::DeploymentConfig", _deployment_config),
    ("AWS::CodeDeploy::Application", _application),
    ("AWS::CodeDeploy::DeploymentGroup", _deployment_group),
)
"""How each type is made, in the order in which one refers to another."""
