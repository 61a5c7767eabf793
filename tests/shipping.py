"""What tests of shipping start from: an application in three regions, and a folder to ship."""

from __future__ import annotations

import json
import time

import pytest

REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")
ROLE = "arn:aws:iam::123456789012:role/codedeploy"
APPSPEC = "version: 0.0\nos: linux\nfiles:\n  - {source: index.html, destination: /var/www}\n"


class Shop:
    """The application `shop` with its group `web`, and a bucket, in each region."""

    def __init__(self, aws, folder):
        self.aws = aws
        self.folder = folder

    def buckets(self, region):
        s3 = self.aws.client("s3", region)
        return {one["Key"]: one for one in s3.list_objects_v2(Bucket=self.bucket(region)).get("Contents", ())}

    def bucket(self, region):
        return f"shop-{self.aws.account}-{region}"

    def deployments(self, region, group="web"):
        client = self.aws.client("codedeploy", region)
        ids = client.list_deployments(applicationName="shop", deploymentGroupName=group)["deployments"]
        return [client.get_deployment(deploymentId=id_)["deploymentInfo"] for id_ in ids]

    def revision(self, region, group="web"):
        client = self.aws.client("codedeploy", region)
        found = client.get_deployment_group(applicationName="shop", deploymentGroupName=group)
        last = found["deploymentGroupInfo"].get("lastSuccessfulDeployment")
        if not last:
            return ""
        info = client.get_deployment(deploymentId=last["deploymentId"])["deploymentInfo"]
        return info["revision"]["s3Location"]["key"]

    def alarm(self, region, name="web-down", state="ALARM"):
        """Whatever is deployed to the region from now on is stopped by its alarm."""
        client = self.aws.client("cloudwatch", region)
        client.put_metric_alarm(
            AlarmName=name, MetricName="Errors", Namespace="shop", Statistic="Sum", Period=60, EvaluationPeriods=1,
            Threshold=1, ComparisonOperator="GreaterThanThreshold",
        )  # fmt: skip
        client.set_alarm_state(AlarmName=name, StateValue=state, StateReason="a test")


def settings(shop, **more):
    """A settings file for the shop, in the current folder."""
    deploy = {"application": "shop", "groups": ["web"], "bucket": f"shop-{shop.aws.account}-{{region}}", **more}
    told = {"golden": REGIONS[0], "regions": list(REGIONS), "pace": "off", "deploy": deploy}
    shop.folder.parent.joinpath("auditor.yaml").write_text(json.dumps(told))


def waits_to_be_continued(codedeploy):
    """What is deployed to the group `web` from now on stays Ready, however often somebody looks."""
    ready = {"deploymentReadyOption": {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 60}}
    codedeploy.update_deployment_group(
        applicationName="shop",
        currentDeploymentGroupName="web",
        deploymentStyle={"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        loadBalancerInfo={"targetGroupInfoList": [{"name": "web"}]},
        blueGreenDeploymentConfiguration=ready,
    )


def until(look, seconds=30):
    """What a look tells once it tells anything. Fails after so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError(f"nothing came of it in {seconds} seconds")


@pytest.fixture
def shop(aws, tmp_path):
    for region in REGIONS:
        s3, codedeploy = aws.client("s3", region), aws.client("codedeploy", region)
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=f"shop-{aws.account}-{region}", **where)
        s3.put_bucket_versioning(Bucket=f"shop-{aws.account}-{region}", VersioningConfiguration={"Status": "Enabled"})
        codedeploy.create_application(applicationName="shop", computePlatform="Server")
        codedeploy.create_deployment_group(
            applicationName="shop",
            deploymentGroupName="web",
            serviceRoleArn=ROLE,
            alarmConfiguration={"enabled": True, "alarms": [{"name": "web-down"}]},
        )
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "appspec.yml").write_text(APPSPEC)
    (folder / "index.html").write_text("<h1>one</h1>")
    made = Shop(aws, folder)
    settings(made)
    return made
