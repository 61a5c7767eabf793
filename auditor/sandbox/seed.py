"""Makes a scenario's resources in the sandbox, region by region, through the writes of the types' specs."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from auditor.aws.calls import filled
from auditor.aws.sessions import reach_address
from auditor.canonical.pairing import parent_and_own
from auditor.errors import SandboxError
from auditor.model.values import ABSENT, Value
from auditor.sandbox.scenario import Resources, Scenario, merge
from auditor.specs.spec import FUNCTION, VERSION, Call, Facet, ResourceSpec, Role
from auditor.specs.writes import creating, in_turn, writing

Clients = Callable[[str], Any]
"""A boto3 client of one region, by service."""
Specs = Mapping[str, ResourceSpec]
Properties = Mapping[str, Any]

BUCKET: Final = "AWS::S3::Bucket"
ORDER: Final = (
    "AWS::IAM::Role",
    "AWS::KMS::Alias",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    BUCKET,
    "AWS::Lambda::CodeSigningConfig",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::CapacityProvider",
    FUNCTION,
    VERSION,
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Url",
    "AWS::Lambda::EventSourceMapping",
    "AWS::CodeDeploy::DeploymentConfig",
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::CodeDeploy::Deployment",
    "AWS::CodeDeploy::OnPremisesInstance",
)
"""The types that can be seeded, in the order in which one refers to another."""
DELETED: Final = "Deleted"
"""A role that was there when all else was made, and is gone by now."""
_OWN: Final = ("Code", "Versions")
_GOING: Final = ("Created", "InProgress")


def seed(scenario: Scenario, environment: Mapping[str, str], specs: Specs) -> None:
    """Make everything, the regions in parallel. Raises SandboxError for the first resource that is refused."""
    with ThreadPoolExecutor(max(1, len(scenario.regions))) as pool:
        made = [pool.submit(_region, name, own, environment, specs) for name, own in scenario.regions.items()]
        for future in made:
            future.result()
    _delete_roles(scenario, environment)


def _region(region: str, resources: Resources, environment: Mapping[str, str], specs: Specs) -> None:
    unknown = sorted(resources.keys() - set(ORDER))
    if unknown:
        raise SandboxError(f"{region}: '{unknown[0]}' cannot be seeded. What can: {', '.join(ORDER)}.")
    clients = _clients(region, environment)
    for type_ in ORDER:
        for name, properties in resources.get(type_, {}).items():
            _guarded(region, type_, name, lambda: _made(clients, type_, name, properties or {}, specs))  # noqa: B023 called at once
    # Logs go to other buckets, notifications to functions: both must be there.
    for name, properties in resources.get(BUCKET, {}).items():
        _guarded(region, BUCKET, name, lambda: _settle(clients, name, properties or {}, specs[BUCKET]))  # noqa: B023


def _guarded(region: str, type_: str, name: str, make: Callable[[], None]) -> None:
    try:
        make()
    except (ClientError, BotoCoreError) as error:
        raise SandboxError(f"{region}: {type_}/{name} was refused: {error}. The sandbox was stopped.") from None
    except (TypeError, AttributeError, KeyError) as error:
        raise SandboxError(f"{region}: {type_}/{name} has properties of another form ({error}).") from None


def _clients(region: str, environment: Mapping[str, str]) -> Clients:
    session = boto3.Session(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"], region_name=region)
    made: dict[str, Any] = {}

    def client(service: str) -> Any:
        if service not in made:
            variable = f"AWS_ENDPOINT_URL_{service.upper()}"
            endpoint = environment.get(variable, environment["AWS_ENDPOINT_URL"])
            made[service] = session.client(service, endpoint_url=endpoint, config=Config(read_timeout=30))
            reach_address(made[service])
        return made[service]

    return client


def _made(clients: Clients, type_: str, name: str, properties: Properties, specs: Specs) -> None:
    if type_ in OTHERS:
        OTHERS[type_](clients, name, properties)
    elif type_ == BUCKET:
        _refuse_unknown(name, properties, specs[type_])
        location = {"location": clients("s3").meta.region_name}
        _run(clients, specs[type_], name, creating(specs[type_], location))
    elif type_ == FUNCTION:
        _function(clients, name, properties, specs[type_])
    else:
        wanted = facet_values(specs[type_], {key: one for key, one in properties.items() if key not in _OWN})
        _run(clients, specs[type_], name, creating(specs[type_], wanted), code=zipped(properties.get("Code", {})))


def _role(clients: Clients, name: str, properties: Properties) -> None:
    # There is one for all regions, which are seeded at the same time.
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
    iam = clients("iam")
    with suppress(iam.exceptions.EntityAlreadyExistsException):
        own = {key: value for key, value in properties.items() if key != DELETED}
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust), **own)


def _delete_roles(scenario: Scenario, environment: Mapping[str, str]) -> None:
    """Delete the roles that are to be gone once all that names them is made, as policies tell them by an id then."""
    gone = {
        name: region
        for region, own in scenario.regions.items()
        for name, properties in own.get("AWS::IAM::Role", {}).items()
        if (properties or {}).get(DELETED)
    }
    for name, region in gone.items():
        _clients(region, environment)("iam").delete_role(RoleName=name)


def _key(clients: Clients, name: str, properties: Properties) -> None:
    kms = clients("kms")
    key = kms.create_key(**properties)["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=name, TargetKeyId=key)


def _topic(clients: Clients, name: str, properties: Properties) -> None:
    clients("sns").create_topic(Name=name, **properties)


def _queue(clients: Clients, name: str, properties: Properties) -> None:
    clients("sqs").create_queue(QueueName=name, **properties)


def _deployment(clients: Clients, name: str, properties: Properties) -> None:
    application, group = name.split("/")
    location = properties["revision"].get("s3Location")
    if location:
        content = zipped({"appspec.yml": "version: 0.0\nos: linux\n"})
        clients("s3").put_object(Bucket=location["bucket"], Key=location["key"], Body=content)
    codedeploy = clients("codedeploy")
    made = codedeploy.create_deployment(applicationName=application, deploymentGroupName=group, **properties)
    # It moves on each time that it is looked at.
    while codedeploy.get_deployment(deploymentId=made["deploymentId"])["deploymentInfo"]["status"] in _GOING:
        pass


def _instance(clients: Clients, name: str, properties: Properties) -> None:
    user = {key: value for key, value in properties.items() if key != "tags"}
    clients("codedeploy").register_on_premises_instance(instanceName=name, **user)
    clients("codedeploy").add_tags_to_on_premises_instances(instanceNames=[name], tags=properties["tags"])


OTHERS: Final[Mapping[str, Callable[[Clients, str, Properties], None]]] = {
    "AWS::IAM::Role": _role,
    "AWS::KMS::Alias": _key,
    "AWS::SNS::Topic": _topic,
    "AWS::SQS::Queue": _queue,
    "AWS::CodeDeploy::Deployment": _deployment,
    "AWS::CodeDeploy::OnPremisesInstance": _instance,
}
"""What the audited resources refer to or come from, and what no spec says how to make."""


def _settle(clients: Clients, name: str, properties: Properties, spec: ResourceSpec) -> None:
    wanted = facet_values(spec, properties)
    for facet in in_turn(spec):
        if facet.name in wanted:
            _run(clients, spec, name, writing(facet, ABSENT, wanted[facet.name]))


def _refuse_unknown(name: str, properties: Properties, spec: ResourceSpec) -> None:
    known = [facet.at for facet in spec.facets if facet.write]
    unknown = sorted(properties.keys() - set(known))
    if unknown:
        raise SandboxError(f"{name}: '{unknown[0]}' cannot be seeded. What can: {', '.join(known)}.")


def facet_values(spec: ResourceSpec, properties: Properties) -> dict[str, Value]:
    """The properties by the facet that each belongs to, as AWS would tell them, in canonical text."""
    own = {facet.at for facet in spec.facets if facet.at}
    rest = {name: value for name, value in properties.items() if name not in own}
    placed = {
        facet.name: escaped(raw_value(facet, properties[facet.at])) for facet in spec.facets if facet.at in properties
    }
    main = {facet.name: escaped(rest) for facet in spec.facets if not facet.at}
    return {**main, **placed}


def raw_value(facet: Facet, value: Value) -> Value:
    """A facet's value as AWS tells it: a list of tags or a JSON text is easier to read as a map."""
    whole = next((field for field in facet.fields if field.path == ""), None)
    if whole and isinstance(value, Mapping):
        if whole.role is Role.POLICY:
            return json.dumps(value)
        if whole.key == ("Key",):
            return [{"Key": key, "Value": one} for key, one in value.items()]
    return value


def escaped(value: Value) -> Value:
    """The value as canonical text that means it literally."""
    if isinstance(value, str):
        return value.replace("${", "$${")
    if isinstance(value, Mapping):
        return {escaped(name): escaped(member) for name, member in value.items()}
    return [escaped(element) for element in value] if isinstance(value, list) else value


def _function(clients: Clients, name: str, properties: Properties, spec: ResourceSpec) -> None:
    # Each version is the function with a patch; after the last one it is what it is now.
    states = [merge(properties, patch) for patch in properties.get("Versions", ())] + [properties]
    found: Mapping[str, Value] = {}
    for number, state in enumerate(states):
        wanted = facet_values(spec, {key: value for key, value in state.items() if key not in _OWN})
        last = number == len(states) - 1
        calls = _changing(spec, found, wanted, last) if number else _creating(spec, wanted, last)
        _run(clients, spec, name, calls, code=zipped(state.get("Code", {})), publish=not last)
        found = {facet: value for facet, value in wanted.items() if facet in spec.created_with}


def _creating(spec: ResourceSpec, wanted: Mapping[str, Value], last: bool) -> tuple[Call, ...]:
    given = wanted if last else {name: value for name, value in wanted.items() if name in spec.created_with}
    return (*creating(spec, given), *(() if last else (Call("PublishVersion", {"FunctionName": "${name}"}),)))


def _changing(
    spec: ResourceSpec, found: Mapping[str, Value], wanted: Mapping[str, Value], last: bool
) -> tuple[Call, ...]:
    facets = [facet for facet in spec.facets if last or facet.name in spec.created_with]
    pairs = [(facet, found.get(facet.name, ABSENT), wanted.get(facet.name, ABSENT)) for facet in facets]
    calls = [call for facet, before, after in pairs if before != after for call in writing(facet, before, after)]
    code = Call("UpdateFunctionCode", {"FunctionName": "${name}", "ZipFile": "${zip}", "Publish": "${publish}"})
    return (*calls, code)


def _run(clients: Clients, spec: ResourceSpec, name: str, calls: Iterable[Call], **more: Any) -> None:
    parent, own = parent_and_own(name, bool(spec.parent))
    made: dict[str, Any] = {}
    for call in calls:
        client = clients(call.service or spec.service)
        values = {"name": own, "parent": parent, "region": client.meta.region_name, "partition": "aws", **more}
        values |= {"account": client._request_signer._credentials.access_key}  # noqa: SLF001 in the sandbox they are one
        values |= {"zip": more.get("code"), "golden:/Code": more.get("code")}
        answer = getattr(client, xform_name(call.operation))(**filled(call.params, {**values, **made}))
        made |= {f"own:/{member}": value for member, value in answer.items()}


def zipped(files: Mapping[str, str]) -> bytes:
    """A zip of these files; the same files give the same bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name), text)
    return content.getvalue()
