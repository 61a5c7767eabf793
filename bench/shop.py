"""An account with an application in two regions that a folder is shipped to."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any, Final

import boto3

from bench.world_killed import World

PLATFORMS: Final = ("Server", "Lambda", "alias")
"""What is shipped to: servers, a function through CodeDeploy, and a function's alias without it."""
REGIONS: Final = ("us-east-1", "eu-west-1")
_ROLE: Final = "arn:aws:iam::123456789012:role/shop"
_SERVER: Final = "version: 0.0\nos: linux\nfiles:\n  - {source: app.py, destination: /srv}\n"
_LAMBDA: Final = """\
version: 0.0
Resources:
  - api: {Type: "AWS::Lambda::Function", Properties: {Name: api, Alias: live}}
"""
_CODE: Final = "def handler(event, context):\n    return {number}\n"
_STYLE: Final = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}


@dataclass(frozen=True)
class ShopWorld(World):
    """An account of its own, and a folder with what is shipped from it."""

    platform: str = "Server"

    def seed(self) -> None:
        """Make everything in it."""
        groups = [] if self.platform == "alias" else ["web"]
        deploy = {"application": "shop", "groups": groups, "bucket": self._bucket("{region}")}
        waves = [[one] for one in REGIONS]
        told = {"golden": REGIONS[0], "regions": REGIONS, "pace": "off", "deploy": {**deploy, "waves": waves}}
        (self.folder / "auditor.yaml").write_text(json.dumps(told))
        app = self.folder / "app"
        app.mkdir()
        (app / "appspec.yml").write_text(_SERVER if self.platform == "Server" else _LAMBDA)
        (app / "app.py").write_text(_CODE.format(number=2))
        for region in REGIONS:
            self._make(region)

    def _make(self, region: str) -> None:
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3 = self._client("s3", region)
        s3.create_bucket(Bucket=self._bucket(region), **where)
        s3.put_bucket_versioning(Bucket=self._bucket(region), VersioningConfiguration={"Status": "Enabled"})
        if self.platform != "Server":
            self._make_function(region)
        if self.platform != "alias":
            self._make_group(region)

    def _make_function(self, region: str) -> None:
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("app.py", _CODE.format(number=1))
        client = self._client("lambda", region)
        client.create_function(
            FunctionName="api", Runtime="python3.12", Role=_ROLE, Handler="app.handler",
            Code={"ZipFile": code.getvalue()}, Publish=True,
        )  # fmt: skip
        client.create_alias(FunctionName="api", Name="live", FunctionVersion="1")

    def _make_group(self, region: str) -> None:
        client = self._client("codedeploy", region)
        client.create_application(applicationName="shop", computePlatform=self.platform)
        style = {} if self.platform == "Server" else {"deploymentStyle": _STYLE}
        client.create_deployment_group(applicationName="shop", deploymentGroupName="web", serviceRoleArn=_ROLE, **style)

    def state(self) -> dict[str, Any]:
        """By region: what the bucket holds, how many deployments there are and how they ended, and the function."""
        return {region: self._state(region) for region in REGIONS}

    def _state(self, region: str) -> dict[str, Any]:
        s3 = self._client("s3", region)
        versions = s3.list_object_versions(Bucket=self._bucket(region)).get("Versions", ())
        state: dict[str, Any] = {"objects": sorted((one["Key"], one["ETag"]) for one in versions)}
        if self.platform != "alias":
            state["deployments"] = self._deployments(region)
        if self.platform != "Server":
            client = self._client("lambda", region)
            state["versions"] = len(client.list_versions_by_function(FunctionName="api")["Versions"])
            state["alias"] = client.get_alias(FunctionName="api", Name="live")["FunctionVersion"]
            state["code"] = client.get_function(FunctionName="api", Qualifier="live")["Configuration"]["CodeSha256"]
        return state

    def _deployments(self, region: str) -> list[str]:
        client = self._client("codedeploy", region)
        ids = client.list_deployments(applicationName="shop", deploymentGroupName="web")["deployments"]
        return [client.get_deployment(deploymentId=id_)["deploymentInfo"]["status"] for id_ in ids]

    def _bucket(self, region: str) -> str:
        return f"killed-{self.account}-{region}"

    def _client(self, service: str, region: str) -> Any:
        keys = (self.environment["AWS_ACCESS_KEY_ID"], self.environment["AWS_SECRET_ACCESS_KEY"])
        name = "AWS_ENDPOINT_URL_CODEDEPLOY" if service == "codedeploy" else "AWS_ENDPOINT_URL"
        return boto3.Session(*keys, region_name=region).client(service, endpoint_url=self.environment[name])
