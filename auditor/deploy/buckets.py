"""The buckets that artifacts are shipped to: what they are called in each site, and whether they can be used."""

from __future__ import annotations

import re
from typing import Final

from auditor.aws.calls import Caller
from auditor.aws.errors import AWS_ERRORS, code_of, reason
from auditor.deploy.fanout import Bucket
from auditor.errors import DeployError, SettingsError
from auditor.model.values import Locale

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
OPERATIONS: Final = (
    "HeadBucket",
    "HeadObject",
    "PutObject",
    "CreateMultipartUpload",
    "UploadPart",
    "CompleteMultipartUpload",
    "AbortMultipartUpload",
)
"""Every operation of S3's that shipping calls."""


def bucket_name(pattern: str, locale: Locale) -> str:
    """The name of a site's bucket: `{region}`, `{region_short}` and `{account}` filled in. Raises SettingsError."""
    made = named(pattern, locale.region, locale.account).replace("{region_short}", locale.region_short)
    if not NAME.fullmatch(made):
        raise SettingsError(
            f"'deploy.bucket': {pattern!r} makes {made!r}, which is no bucket's name. Nothing was uploaded. Filled in "
            "are {region}, {region_short} and {account}."
        )
    return made


def named(pattern: str, region: str, account: str) -> str:
    """The pattern with `{region}` and `{account}` filled in."""
    return pattern.replace("{region}", region).replace("{account}", account)


def bucket_of(caller: Caller, pattern: str) -> Bucket:
    """The bucket of the caller's site. Raises DeployError for one that is not there, not ours, or not in the region."""
    name, region = bucket_name(pattern, caller.locale), caller.locale.region
    where = f"{caller.site}: the bucket {name}"
    try:
        answer = caller.sent("s3", "HeadBucket", {"Bucket": name, "ExpectedBucketOwner": caller.locale.account})
    except AWS_ERRORS as error:
        why = {"404": "is not there", "403": "is not yours, or may not be looked at"}.get(code_of(error))
        raise DeployError(
            f"{where} {why or f'could not be looked at ({reason(error)})'}. Nothing was uploaded. Make it, or say "
            "another with 'deploy: {bucket: …}' or --bucket."
        ) from None
    # boto3 follows a bucket into another region silently.
    found = answer.get("BucketRegion") or region
    if found != region:
        raise DeployError(f"{where} is in {found}. Nothing was uploaded. CodeDeploy needs one in its own region.")

    def call(operation: str, params: object) -> dict[str, object]:
        return dict(caller.sent("s3", operation, params))  # type: ignore[arg-type]

    return Bucket(str(caller.site), name, caller.locale.account, call)
