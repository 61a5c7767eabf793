"""What is shipped to, as plain values: a bucket, an application, a function and its alias in a region, on the wire.

It keeps S3's conditions, CodeDeploy's one running deployment a group, and Lambda's versions by their content, as AWS
documents them; each look at a deployment brings it a step further.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from bench.case_aws import Refusal
from bench.faults import Reply, Sent
from bench.wire import reply_of

PLATFORMS: Final = ("Server", "Lambda", "alias")
"""What is shipped to: servers, a function through CodeDeploy, and a function's alias without it."""
APPLICATION: Final = "shop"
GROUP: Final = "web"
OLD: Final = "auditor's elder"
"""The description of the deployment that was there before."""
SECRET: Final = {"Variables": {"TOKEN": "canary+7c1e0b5d/fae9"}}
_STATES: Final = ("Created", "InProgress")
_LONG_AGO: Final = datetime(2026, 1, 1, tzinfo=UTC)
_OLD_REVISION: Final[Mapping[str, Any]] = {
    "revisionType": "S3",
    "s3Location": {"bucket": "before", "key": "old.zip", "bundleType": "zip", "eTag": "0" * 32, "version": "0"},
}
WRITES: Final = frozenset(
    {"PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "AbortMultipartUpload"}
    | {"CreateDeployment", "StopDeployment", "UpdateFunctionCode", "PublishVersion", "UpdateAlias"}
)


@dataclass
class Shop:
    """Owns what a region holds of what is shipped. `ends` is how deployments end that are made from now on."""

    region: str
    platform: str
    ends: str = "Succeeded"
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    uploads: dict[str, dict[str, Any]] = field(default_factory=dict)
    deployments: list[dict[str, Any]] = field(default_factory=list)
    versions: list[str] = field(default_factory=lambda: ["old"])
    """The code of each published version."""
    code: str = "old"
    alias: int = 1
    revision: int = 1
    numbers: int = 0
    writes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.platform != "alias":
            revision = _OLD_REVISION if self.platform == "Server" else _appspec(0, 1)
            self.deployments = [self._made(revision, OLD, "Succeeded", _LONG_AGO)]

    def answers(self, sent: Sent) -> Callable[[Sent], Reply] | None:
        """What answers a request here; None where it is about something else."""
        own = getattr(self, f"_{sent.service}_{sent.operation}", None)
        if own is None or (sent.service == "lambda" and sent.params["FunctionName"] != "api"):
            return None
        return lambda one: self._answered(one, own)

    def shown(self) -> str:
        """All that was written here."""
        return json.dumps([self.objects, self.deployments, self.versions, self.code, self.alias], default=str)

    def deployed(self) -> str:
        """The SHA-256, in base64, of what is deployed here; "" where that is not certain, "old" for what was there."""
        if self.platform == "alias":
            return self.versions[self.alias - 1]
        last = self.deployments[-1]
        if self.platform == "Lambda":
            # Where a deployment failed, the alias stays with the version of before.
            return "" if last["status"] in _STATES else self.versions[self.alias - 1]
        if last["status"] != "Succeeded":
            return ""
        at = last["revision"]["s3Location"]
        there = self.objects.get(at["key"], {})
        same = (there.get("ETag", "").strip('"'), there.get("VersionId")) == (at.get("eTag"), at.get("version"))
        return there["sha"] if same else "old" if last["revision"] == _OLD_REVISION else ""

    def _answered(self, sent: Sent, own: Callable[[Mapping[str, Any]], Any]) -> Reply:
        if sent.operation in WRITES:
            self.writes.append(sent.operation)
        came = own(sent.params)
        return came if isinstance(came, Reply) else reply_of(sent, came)

    # -- S3

    def _s3_HeadBucket(self, _: Mapping[str, Any]) -> Any:  # noqa: N802 AWS's name, as all of these
        return {"BucketRegion": self.region}

    def _s3_HeadObject(self, params: Mapping[str, Any]) -> Any:  # noqa: N802
        there = self.objects.get(params["Key"])
        if there is None:
            return Reply(404, b"")
        return {name: there[name] for name in ("ETag", "VersionId", "ChecksumSHA256", "Metadata")}

    def _s3_PutObject(self, params: Mapping[str, Any]) -> Any:  # noqa: N802
        return self._kept(params, params["Body"], _digest(params["Body"]), params["Metadata"])

    def _s3_CreateMultipartUpload(self, params: Mapping[str, Any]) -> Any:  # noqa: N802
        self.numbers += 1
        self.uploads[f"upload{self.numbers}"] = {"metadata": params["Metadata"], "parts": {}}
        return {"Bucket": params["Bucket"], "Key": params["Key"], "UploadId": f"upload{self.numbers}"}

    def _s3_UploadPart(self, params: Mapping[str, Any]) -> Any:  # noqa: N802
        upload = self.uploads.get(params["UploadId"])
        if upload is None:
            return Refusal("NoSuchUpload", "There is no such upload.")
        upload["parts"][params["PartNumber"]] = params["Body"]
        return {"ETag": f'"{_md5(params["Body"])}"', "ChecksumSHA256": _digest(params["Body"])}

    def _s3_CompleteMultipartUpload(self, params: Mapping[str, Any]) -> Any:  # noqa: N802
        upload = self.uploads.get(params["UploadId"])
        if upload is None:
            return Refusal("NoSuchUpload", "There is no such upload.")
        listed = params["MultipartUpload"]["Parts"]
        parts = [upload["parts"][one["PartNumber"]] for one in listed]
        if [one["ETag"] for one in listed] != [f'"{_md5(part)}"' for part in parts]:
            return Refusal("InvalidPart", "One of the parts is another one.")
        digests = b"".join(hashlib.sha256(part).digest() for part in parts)
        checksum = f"{base64.b64encode(hashlib.sha256(digests).digest()).decode()}-{len(parts)}"
        made = self._kept(params, b"".join(parts), checksum, upload["metadata"])
        if isinstance(made, Mapping):
            del self.uploads[params["UploadId"]]
        return made

    def _s3_AbortMultipartUpload(self, params: Mapping[str, Any]) -> Any:  # noqa: N802
        return {} if self.uploads.pop(params["UploadId"], None) else Refusal("NoSuchUpload", "There is no such upload.")

    def _kept(self, params: Mapping[str, Any], body: bytes, checksum: str, metadata: Any) -> Any:
        there = self.objects.get(params["Key"])
        if (params.get("IfNoneMatch") and there) or (params.get("IfMatch") and not there):
            return Refusal("PreconditionFailed", "At least one of the preconditions did not hold.")
        if there and params.get("IfMatch", there["ETag"]) != there["ETag"]:
            return Refusal("PreconditionFailed", "At least one of the preconditions did not hold.")
        self.numbers += 1
        made = {"ETag": f'"{_md5(body)}"', "VersionId": f"v{self.numbers}", "ChecksumSHA256": checksum}
        self.objects[params["Key"]] = {**made, "Metadata": dict(metadata), "sha": _digest(body)}
        return made

    # -- CodeDeploy

    def _codedeploy_GetApplication(self, params: Mapping[str, Any]) -> Any:  # noqa: N802
        return {"application": {"applicationName": params["applicationName"], "computePlatform": self.platform}}

    def _codedeploy_GetDeploymentGroup(self, params: Mapping[str, Any]) -> Any:  # noqa: N802
        well = [one for one in self.deployments if one["status"] == "Succeeded"]
        info = {
            "applicationName": params["applicationName"],
            "deploymentGroupName": params["deploymentGroupName"],
            "computePlatform": self.platform,
            "lastAttemptedDeployment": _short(self.deployments[-1]),
            **({"lastSuccessfulDeployment": _short(well[-1])} if well else {}),
        }
        return {"deploymentGroupInfo": info}

    def _codedeploy_ListDeployments(self, params: Mapping[str, Any]) -> Any:  # noqa: N802
        wanted = params["includeOnlyStatuses"]
        return {"deployments": [one["deploymentId"] for one in reversed(self.deployments) if one["status"] in wanted]}

    def _codedeploy_GetDeployment(self, params: Mapping[str, Any]) -> Any:  # noqa: N802
        found = next((one for one in self.deployments if one["deploymentId"] == params["deploymentId"]), None)
        if found is None:
            return Refusal("DeploymentDoesNotExistException", "There is no such deployment.")
        answer = {name: value for name, value in found.items() if name != "ends"}
        self._step(found)
        return {"deploymentInfo": answer}

    def _step(self, one: dict[str, Any]) -> None:
        if one["status"] not in _STATES:
            return
        one["status"] = (*_STATES, one["ends"])[_STATES.index(one["status"]) + 1]
        if one["status"] == "Succeeded" and self.platform == "Lambda":
            content = json.loads(one["revision"]["appSpecContent"]["content"])
            (resource,) = content["Resources"][0].values()
            self.alias, self.revision = int(resource["Properties"]["TargetVersion"]), self.revision + 1

    def _codedeploy_ListDeploymentTargets(self, _: Mapping[str, Any]) -> Any:  # noqa: N802
        return {"targetIds": ["api:live"]}

    def _codedeploy_BatchGetDeploymentTargets(self, params: Mapping[str, Any]) -> Any:  # noqa: N802
        function = {"functionName": "api", "functionAlias": "live", "targetVersionWeight": 0.5}
        own = {"deploymentId": params["deploymentId"], "targetId": "api:live", "lambdaFunctionInfo": function}
        return {"deploymentTargets": [{"deploymentTargetType": "LambdaTarget", "lambdaTarget": own}]}

    def _codedeploy_CreateDeployment(self, params: Mapping[str, Any]) -> Any:  # noqa: N802
        if any(one["status"] in _STATES for one in self.deployments):
            return Refusal("DeploymentLimitExceededException", "A deployment is running.")
        made = self._made(params["revision"], params["description"], "Created", datetime.now(UTC))
        self.deployments.append(made)
        return {"deploymentId": made["deploymentId"]}

    def _made(self, revision: Mapping[str, Any], description: str, status: str, time: datetime) -> dict[str, Any]:
        self.numbers += 1
        return {
            "deploymentId": f"d-{self.numbers:09}", "applicationName": APPLICATION, "deploymentGroupName": GROUP,
            "status": status, "ends": self.ends, "description": description, "createTime": time,
            "revision": dict(revision), "computePlatform": self.platform,
        }  # fmt: skip

    # -- Lambda

    def _lambda_GetAlias(self, params: Mapping[str, Any]) -> Any:  # noqa: N802
        return {"Name": params["Name"], "FunctionVersion": str(self.alias), "RevisionId": f"r{self.revision}"}

    def _lambda_UpdateAlias(self, params: Mapping[str, Any]) -> Any:  # noqa: N802
        if params.get("RevisionId") not in (None, f"r{self.revision}"):
            return Refusal("PreconditionFailedException", "The RevisionId is another one.")
        self.alias, self.revision = int(params["FunctionVersion"]), self.revision + 1
        return self._lambda_GetAlias(params)

    def _lambda_GetFunction(self, _: Mapping[str, Any]) -> Any:  # noqa: N802
        return {"Configuration": self._configuration()}

    def _lambda_UpdateFunctionCode(self, params: Mapping[str, Any]) -> Any:  # noqa: N802
        there = self.objects.get(params["S3Key"])
        if there is None or params.get("S3ObjectVersion", there["VersionId"]) != there["VersionId"]:
            return Refusal("InvalidParameterValueException", "There is no such object.")
        self.code = there["sha"]
        return self._configuration()

    def _lambda_PublishVersion(self, params: Mapping[str, Any]) -> Any:  # noqa: N802
        if params.get("CodeSha256") not in (None, self.code):
            return Refusal("InvalidParameterValueException", "The CodeSha256 is another one.")
        if self.versions[-1] != self.code:
            self.versions.append(self.code)
        return {**self._configuration(), "Version": str(len(self.versions))}

    def _configuration(self) -> dict[str, Any]:
        ready = {"State": "Active", "LastUpdateStatus": "Successful", "Version": "$LATEST"}
        return {"FunctionName": "api", "CodeSha256": self.code, "Environment": SECRET, **ready}


def _short(one: Mapping[str, Any]) -> dict[str, Any]:
    return {"deploymentId": one["deploymentId"], "status": one["status"], "createTime": one["createTime"]}


def _appspec(now: int, target: int) -> dict[str, Any]:
    own = {"Name": "api", "Alias": "live", "CurrentVersion": str(now), "TargetVersion": str(target)}
    content = {"version": 0.0, "Resources": [{"api": {"Type": "AWS::Lambda::Function", "Properties": own}}]}
    return {"revisionType": "AppSpecContent", "appSpecContent": {"content": json.dumps(content)}}


def _digest(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


def _md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()
