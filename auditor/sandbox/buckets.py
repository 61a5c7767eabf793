"""Buckets as S3 makes and deletes them: where, and under which names. Knows nothing of the auditor.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucketConfiguration.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html
"""

from __future__ import annotations

import re
from typing import Final

from auditor.sandbox.extension import Fields, Ministack, Refused, State

_BLOCKS: Final = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
CLOSED: Final = dict.fromkeys(_BLOCKS, True)
_REGIONAL: Final = re.compile(r".+-\d{12}-[a-z]{2,4}(?:-[a-z]+)+-\d-an")


async def create_bucket(state: State, asked: Fields, ministack: Ministack) -> Fields:
    """Where a bucket may be made, and that it is closed to the public:
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
    """
    name, wanted = asked["Bucket"], asked.get("CreateBucketConfiguration", {}).get("LocationConstraint", "")
    refuse_location(wanted, state.region)
    refuse_namespace(name, asked.get("BucketNamespace", ""), f"-{state.account}-{state.region}-an")
    known = await _region_of(ministack, name)
    # In us-east-1 alone, making one's own bucket again is no error.
    if known and (state.region, known) != ("us-east-1", "us-east-1"):
        raise Refused("BucketAlreadyOwnedByYou", 409)
    # ministack takes EU for a region's name.
    renamed = {**asked, "CreateBucketConfiguration": {"LocationConstraint": state.region}}
    answer = await (ministack("CreateBucket", renamed) if wanted == "EU" else ministack())
    if not known:
        await ministack("PutPublicAccessBlock", {"Bucket": name, "PublicAccessBlockConfiguration": CLOSED})
    return answer


async def delete_bucket(state: State, asked: Fields, ministack: Ministack) -> Fields:
    """Only an empty one; what is kept of it here goes with it. ministack overlooks versions and delete markers."""
    held = await ministack("ListObjectVersions", {"Bucket": asked["Bucket"]})
    if held.get("Versions") or held.get("DeleteMarkers"):
        raise Refused("BucketNotEmpty", 409, "You must delete all versions in the bucket.")
    answer = await ministack()
    for things in state.values():
        for key in [key for key in things if key[0] == asked["Bucket"]]:
            del things[key]
    return answer


async def _region_of(ministack: Ministack, name: str) -> str:
    """Where one's own bucket is; "" where there is none of this name."""
    listed = await ministack("ListBuckets", {"Prefix": name})
    return next((one["BucketRegion"] for one in listed.get("Buckets", ()) if one["Name"] == name), "")


def refuse_location(wanted: str, region: str) -> None:
    """Raise Refused for a location constraint that the region's endpoint does not take. EU is an old name."""
    if wanted == "us-east-1":
        raise Refused("InvalidLocationConstraint", 400, "The specified location-constraint is not valid")
    if ({"": "us-east-1", "EU": "eu-west-1"}.get(wanted, wanted)) != region:
        message = (
            f"The {wanted or 'unspecified'} location constraint is incompatible for the region specific endpoint "
            "this request was sent to."
        )
        raise Refused("IllegalLocationConstraintException", 400, message)


def refuse_namespace(name: str, wanted: str, suffix: str) -> None:
    """Raise Refused where a name and the namespace that is asked for do not go together."""
    if wanted == "account-regional" and not name.endswith(suffix):
        message = "The requested bucket name does not include the account-regional namespace suffix."
        raise Refused("InvalidNamespaceHeader", 400, message)
    if wanted != "account-regional" and _REGIONAL.fullmatch(name):
        message = (
            "The requested bucket is an account-regional namespace bucket, but your request is missing the required "
            "x-amz-bucket-namespace header."
        )
        raise Refused("MissingNamespaceHeader", 400, message)
