"""Uploading to several buckets at once: in parts above 16 MiB, checked by S3, and only what is not there yet."""

from __future__ import annotations

import os

import pytest
from botocore import xform_name
from deploy.denying import denying

from auditor.deploy.archive import PART, packed
from auditor.deploy.fanout import Bucket, checksum_of, fan_out
from shipping import APPSPEC

REGIONS = ("us-east-1", "eu-west-1")
KEY = "shop/1.zip"


@pytest.fixture
def large(tmp_path):
    """An artifact of two parts."""
    source = tmp_path / "app"
    source.mkdir()
    (source / "appspec.yml").write_text(APPSPEC)
    (source / "index.html").write_bytes(os.urandom(PART + 1000))
    return packed(source, tmp_path / "artifact.zip")


@pytest.fixture
def buckets(aws):
    """A bucket in each region; its calls are kept in `.asked`."""

    def made(region):
        client = aws.client("s3", region)
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        client.create_bucket(Bucket=f"fan-{aws.account}-{region}", **where)

        def call(operation, params):
            asked.append((region, operation))
            return getattr(aws.client("s3", region), xform_name(operation))(**params)

        return Bucket(region, f"fan-{aws.account}-{region}", "", call)

    asked = []
    return [made(region) for region in REGIONS], asked


def sent(large, buckets, replace=False):
    return fan_out(large, KEY, {"sha256": large.sha256}, buckets, replace)


def head(aws, region):
    return aws.client("s3", region).head_object(Bucket=f"fan-{aws.account}-{region}", Key=KEY, ChecksumMode="ENABLED")


def test_what_is_larger_than_a_part_is_sent_in_parts_to_every_bucket(large, buckets):
    own, asked = buckets

    sent(large, own)

    assert [asked.count((region, "UploadPart")) for region in REGIONS] == [2, 2]


def test_s3_tells_the_checksum_of_all_parts(aws, large, buckets):
    sent(large, buckets[0])

    assert [head(aws, region)["ChecksumSHA256"] for region in REGIONS] == [checksum_of(large)] * 2


def test_every_bucket_has_the_bytes_of_the_artifact(aws, large, buckets):
    sent(large, buckets[0])

    for region in REGIONS:
        body = aws.client("s3", region).get_object(Bucket=f"fan-{aws.account}-{region}", Key=KEY)["Body"].read()
        assert body == large.path.read_bytes()


def test_the_same_bytes_are_not_sent_again(large, buckets):
    own, asked = buckets
    sent(large, own)
    asked.clear()

    placed, _ = sent(large, own)

    assert (sorted(asked), [one.uploaded for one in placed.values()]) == (
        [("eu-west-1", "HeadObject"), ("us-east-1", "HeadObject")],
        [False, False],
    )


@pytest.mark.parametrize("replace", [True, False])
def test_other_bytes_are_written_over_only_if_told_so(aws, large, buckets, replace):
    aws.client("s3", "eu-west-1").put_object(Bucket=f"fan-{aws.account}-eu-west-1", Key=KEY, Body=b"other")

    placed, failed = sent(large, buckets[0], replace)

    assert (sorted(placed), sorted(failed)) == ((sorted(REGIONS), []) if replace else (["us-east-1"], ["eu-west-1"]))


def test_a_denied_bucket_keeps_no_other_from_the_artifact(aws, large, buckets, monkeypatch):
    with denying(aws.environment["AWS_ENDPOINT_URL"], f"fan-{aws.account}-eu-west-1") as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
        placed, failed = sent(large, buckets[0])

    assert ([*placed], failed["eu-west-1"].partition(":")[0]) == (["us-east-1"], "AccessDenied")


def test_an_upload_that_breaks_off_leaves_no_parts_behind(aws, large, buckets):
    own, _ = buckets

    def breaking(operation, params):
        if operation == "UploadPart" and params["PartNumber"] == 2:
            raise OSError("the file is gone")
        return own[1].call(operation, params)

    with pytest.raises(OSError, match="the file is gone"):
        sent(large, [Bucket("eu-west-1", own[1].name, "", breaking)])

    left = aws.client("s3", "eu-west-1").list_multipart_uploads(Bucket=own[1].name).get("Uploads", [])
    assert left == []
