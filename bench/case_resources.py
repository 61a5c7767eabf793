"""What AWS tells of the resources of a case: properties as people write them, with what AWS adds of its own. Pure."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from auditor.canonical.pairing import parent_and_own
from auditor.model.values import Locale
from auditor.sandbox.scenario import merge
from auditor.sandbox.seed import zipped
from auditor.specs.spec import FUNCTION, VERSION

Properties = Mapping[str, Any]
NEW_FUNCTION: Final = {"Runtime": "python3.12", "Handler": "app.handler"}
CODE: Final = {"app.py": "def handler(event, context): pass\n"}
LAYER: Final = "AWS::Lambda::LayerVersion"


@dataclass(frozen=True)
class Told:
    """A resource of a site with all that AWS says of it: the listing's item, and the rest by facet or call."""

    type: str
    name: str
    properties: Properties


def function_properties(own: Properties, account: str) -> dict[str, Any]:
    """A function's properties, with those that every function has."""
    role = {"Role": f"arn:aws:iam::{account}:role/app", "Code": CODE}
    image = "ImageUri" in (own.get("Code") or {})
    return {**({} if image else NEW_FUNCTION), **role, **own}


def versions_of(properties: Properties) -> dict[str, Any]:
    """The published versions of a function or layer by number: patches of what it is now."""
    told = properties.get("Versions") or {}
    if isinstance(told, list):
        return {str(number): patch or {} for number, patch in enumerate(told, start=1)}
    return {str(number): patch or {} for number, patch in told.items()}


def told(type_: str, name: str, own: Properties, at: Locale) -> Told:
    """A resource as AWS tells of it in a site."""
    complete = _COMPLETE.get(type_)
    return Told(type_, name, complete(name, own, at) if complete else dict(own))


def lambda_arn(at: Locale, *parts: str) -> str:
    """The ARN of something of Lambda's in a site."""
    return ":".join(["arn", at.partition, "lambda", at.region, at.account, *parts])


def _function(name: str, own: Properties, at: Locale) -> dict[str, Any]:
    whole = function_properties(own, at.account)
    arn = lambda_arn(at, "function", name)
    named = {"FunctionName": name, "FunctionArn": arn, "Version": "$LATEST"}
    return {**named, **_coded(whole), "Versions": versions_of(own)}


def _coded(whole: Properties) -> dict[str, Any]:
    code = whole["Code"]
    if "ImageUri" in code:
        digest = hashlib.sha256(str(code["ImageUri"]).partition("/")[2].encode()).hexdigest()
        uri = str(code["ImageUri"])
        resolved = {"ResolvedImageUri": f"{uri.partition(':')[0]}@sha256:{digest}", "RepositoryType": "ECR"}
        return {"PackageType": "Image", "CodeSha256": digest, **whole, "Code": {**resolved, **code}}
    return {"CodeSha256": _sha256(code), **whole, "Code": {"RepositoryType": "S3", "Location": "https://code.test/zip"}}


def _sha256(files: Mapping[str, str]) -> str:
    return base64.b64encode(hashlib.sha256(zipped(files)).digest()).decode()


def function_versions(one: Told, own: Properties, at: Locale) -> Iterator[dict[str, Any]]:
    """What ListVersionsByFunction says of a function: its `$LATEST`, then its versions."""
    yield dict(one.properties)
    for number, patch in versions_of(own).items():
        whole = _coded(function_properties(merge(own, patch), at.account))
        arn = lambda_arn(at, "function", one.name, number)
        yield {**whole, "FunctionName": one.name, "FunctionArn": arn, "Version": number}


def _alias(name: str, own: Properties, at: Locale) -> dict[str, Any]:
    function, alias = parent_and_own(name, True)
    return {"Name": alias, "AliasArn": lambda_arn(at, "function", function, alias), **own}


def _qualified(name: str, own: Properties, at: Locale) -> dict[str, Any]:
    function, qualifier = parent_and_own(name, True)
    last = () if qualifier == "$LATEST" else (qualifier,)
    return {"FunctionArn": lambda_arn(at, "function", function, *last), **own}


def _url(name: str, own: Properties, at: Locale) -> dict[str, Any]:
    label = uuid5(NAMESPACE_URL, f"{at.region}/{at.account}/{name}").hex
    url = f"https://{label}.lambda-url.{at.region}.on.aws/"
    return {"FunctionUrl": url, "AuthType": "NONE", **_qualified(name, own, at)}


def _mapping(name: str, own: Properties, at: Locale) -> dict[str, Any]:
    uuid = str(uuid5(NAMESPACE_URL, f"{at.region}/{at.account}/{name}"))
    function = lambda_arn(at, "function", parent_and_own(name, True)[0])
    arn = lambda_arn(at, "event-source-mapping", uuid)
    state = "Enabled" if own.get("Enabled", True) else "Disabled"
    rest = {name: value for name, value in own.items() if name != "Enabled"}
    return {"UUID": uuid, "EventSourceMappingArn": arn, "FunctionArn": function, "State": state, **rest}


def _signing(name: str, own: Properties, at: Locale) -> dict[str, Any]:
    id_ = f"csc-{uuid5(NAMESPACE_URL, f'{at.region}/{at.account}/{name}').hex[:17]}"
    arn = lambda_arn(at, "code-signing-config", id_)
    return {"CodeSigningConfigId": id_, "CodeSigningConfigArn": arn, "Description": name, **own}


def _provider(name: str, own: Properties, at: Locale) -> dict[str, Any]:
    return {"CapacityProviderArn": lambda_arn(at, "capacity-provider", name), **own}


def _layer(name: str, own: Properties, at: Locale) -> dict[str, Any]:
    arn, files = lambda_arn(at, "layer", name), own.get("Code") or {}
    numbers = versions_of(own)
    newest = int(own.get("Version") or max((int(one) + 1 for one in numbers), default=1))
    content = {"CodeSha256": _sha256(files), **(own.get("Content") or {})}
    beside = ("Code", "Content", "Versions", "Policy", "Version")
    version = {name: value for name, value in own.items() if name not in beside}
    latest = {**version, "Version": newest, "LayerVersionArn": f"{arn}:{newest}"}
    policy = {"Policy": own["Policy"]} if "Policy" in own else {}
    return {"LayerName": name, "LayerArn": arn, "LatestMatchingVersion": latest, "Content": content, **policy}


def layer_versions(one: Told, own: Properties) -> Iterator[tuple[str, dict[str, Any]]]:
    """What GetLayerVersionByArn says of each of a layer's versions, by ARN."""
    latest = one.properties["LatestMatchingVersion"]
    yield str(latest["LayerVersionArn"]), {**latest, "Content": one.properties["Content"]}
    for number, patch in versions_of(own).items():
        changed = merge(own, patch)
        content = {"CodeSha256": _sha256(changed.get("Code") or {}), **(changed.get("Content") or {})}
        arn = f"{one.properties['LayerArn']}:{number}"
        yield arn, {**latest, "Version": int(number), "LayerVersionArn": arn, "Content": content}


def _bucket(name: str, own: Properties, at: Locale) -> dict[str, Any]:
    return {"Name": name, "BucketRegion": at.region, **own}


def _application(name: str, own: Properties, _: Locale) -> dict[str, Any]:
    return {"applicationName": name, "computePlatform": "Server", **own}


def _group(name: str, own: Properties, _: Locale) -> dict[str, Any]:
    application, group = parent_and_own(name, True)
    return {"applicationName": application, "deploymentGroupName": group, "computePlatform": "Server", **own}


_COMPLETE: Final[Mapping[str, Callable[[str, Properties, Locale], dict[str, Any]]]] = {
    FUNCTION: _function,
    VERSION: _qualified,
    "AWS::Lambda::Alias": _alias,
    "AWS::Lambda::EventInvokeConfig": _qualified,
    "AWS::Lambda::Url": _url,
    "AWS::Lambda::EventSourceMapping": _mapping,
    "AWS::Lambda::CodeSigningConfig": _signing,
    "AWS::Lambda::CapacityProvider": _provider,
    LAYER: _layer,
    "AWS::S3::Bucket": _bucket,
    "AWS::CodeDeploy::Application": _application,
    "AWS::CodeDeploy::DeploymentGroup": _group,
    "AWS::CodeDeploy::DeploymentConfig": lambda name, own, _: {"deploymentConfigName": name, **own},
    "AWS::CodeDeploy::OnPremisesInstance": lambda name, own, _: {"instanceName": name, **own},
    "AWS::ServiceQuotas::Service": lambda name, own, _: {"ServiceCode": name, **own},
    "AWS::ServiceQuotas::Quota": lambda name, own, _: {"QuotaCode": parent_and_own(name, True)[1], **own},
}
