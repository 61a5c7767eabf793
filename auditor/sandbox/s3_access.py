"""What S3 refuses because of what a bucket has beside: blocks, ownership, replication, object lock, MFA delete.

ministack takes all of it, and drops MFA delete. Knows nothing of the auditor.
"""

from __future__ import annotations

from typing import Any, Final

from auditor.sandbox.deleted import refuse_nobody_in_bucket_policy
from auditor.sandbox.extension import PASS, Fields, Handlers, Ministack, Refused, State
from auditor.sandbox.s3 import canonical_user, in_bucket, is_enforced, is_there, lets_everybody_in, put_lifecycle

_GROUPS: Final = ("global/AllUsers", "global/AuthenticatedUsers")
_CANNED: Final = ("public-read", "public-read-write", "authenticated-read")


async def put_policy(state: State, asked: Fields, ministack: Ministack) -> Fields:
    """A public one is refused while the bucket or the account blocks such:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """
    await refuse_nobody_in_bucket_policy(state, asked["Policy"], ministack)
    if lets_everybody_in(asked["Policy"]) and await _blocks("BlockPublicPolicy", state, asked, ministack):
        raise Refused("AccessDenied", 403, "public policies are blocked by the BlockPublicPolicy setting")
    return PASS


async def put_acl(state: State, asked: Fields, ministack: Ministack) -> Fields:
    """There is none where the bucket's owner owns all objects, and no public one where such are blocked."""
    if await is_enforced(asked, ministack):
        raise Refused("AccessControlListNotSupported", 400, "The bucket does not allow ACLs")
    if _is_public(asked) and await _blocks("BlockPublicAcls", state, asked, ministack):
        raise Refused("AccessDenied", 403, "public ACLs are blocked by the BlockPublicAcls setting")
    return PASS


def _is_public(asked: Fields) -> bool:
    grants = asked.get("AccessControlPolicy", {}).get("Grants", ())
    given = [str(value) for name, value in asked.items() if name.startswith("Grant")]
    texts = [str(one["Grantee"].get("URI", "")) for one in grants] + given
    return asked.get("ACL") in _CANNED or any(group in text for group in _GROUPS for text in texts)


async def _blocks(setting: str, state: State, asked: Fields, ministack: Ministack) -> bool:
    try:
        answer = await ministack("GetPublicAccessBlock", {"Bucket": asked["Bucket"]})
        own = answer["PublicAccessBlockConfiguration"]
    except Refused:
        own = {}
    whole: dict[str, Any] = state.everywhere.of("account block").get((state.account,), {})
    return bool(own.get(setting) or whole.get(setting))


async def put_ownership(state: State, asked: Fields, ministack: Ministack) -> Fields:
    """ACLs are turned off only where nobody else is let in by them:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-ownership-error-responses.html
    """
    rules = asked["OwnershipControls"]["Rules"]
    if any(one["ObjectOwnership"] == "BucketOwnerEnforced" for one in rules):
        grants = (await ministack("GetBucketAcl", {"Bucket": asked["Bucket"]}))["Grants"]
        if any(
            one["Grantee"].get("ID") not in ("owner-id", state.account, canonical_user(state.account)) for one in grants
        ):
            message = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"
            raise Refused("InvalidBucketAclWithObjectOwnership", 400, message)
    return PASS


async def put_versioning(state: State, asked: Fields, ministack: Ministack) -> Fields:
    """What is replicated or locked stays versioned, and MFA delete takes a code:
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html
    """
    name, wanted = asked["Bucket"], asked["VersioningConfiguration"]
    if ((name,) in state.of("mfa delete") or "MFADelete" in wanted) and "MFA" not in asked:
        raise Refused("AccessDenied", 403, "Mfa Authentication must be used for this request")
    bound = (name,) in state.of("replication") or await is_there(ministack, "GetObjectLockConfiguration", name)
    if bound and wanted.get("Status") == "Suspended":
        raise Refused("InvalidBucketState", 409, "Replication or object lock needs versioning on this bucket")
    if wanted.get("MFADelete") == "Enabled":
        state.of("mfa delete")[(name,)] = True
    elif "MFADelete" in wanted:
        state.of("mfa delete").pop((name,), None)
    return PASS


async def get_versioning(state: State, asked: Fields, ministack: Ministack) -> Fields:
    """MFA delete is told with it."""
    answer = await ministack()
    return {**answer, "MFADelete": "Enabled"} if (asked["Bucket"],) in state.of("mfa delete") else answer


def put_lifecycle_without_mfa(state: State, asked: Fields) -> Fields:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-and-other-bucket-config.html"""
    if (asked["Bucket"],) in state.of("mfa delete"):
        raise Refused("InvalidBucketState", 409, "Lifecycle configuration is not supported with MFA delete")
    return put_lifecycle(state, asked)


HANDLERS: Final[Handlers] = {
    "s3": {
        "PutBucketPolicy": put_policy,
        "PutBucketAcl": put_acl,
        "PutBucketOwnershipControls": put_ownership,
        "PutBucketVersioning": put_versioning,
        "GetBucketVersioning": get_versioning,
        "PutBucketLifecycleConfiguration": in_bucket(put_lifecycle_without_mfa),
    }
}
