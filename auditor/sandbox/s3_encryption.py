"""Buckets' encryption as AWS keeps it: always there, SSE-C blocked in new ones, and the block as it is if left out."""

from __future__ import annotations

from typing import Any, Final

from auditor.sandbox.extension import Fields, Handlers, Ministack, State

_AES256: Final = {"SSEAlgorithm": "AES256"}
_UNBLOCKED_WHEN_NEW: Final = ("me-south-1", "me-central-1")


def _rule(state: State, bucket: str) -> Fields:
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-s3-c-encryption-setting-faq.html
    blocked = "NONE" if state.region in _UNBLOCKED_WHEN_NEW else "SSE-C"
    new = {
        "ApplyServerSideEncryptionByDefault": _AES256,
        "BucketKeyEnabled": False,
        "BlockedEncryptionTypes": {"EncryptionType": [blocked]},
    }
    rule: Fields = state.of("encryption").get((bucket,), new)
    return rule


async def put_encryption(state: State, asked: Fields, ministack: Ministack) -> Fields:
    """The default and the bucket key are replaced; the block of an encryption type stays if nothing is said of it."""
    before = _rule(state, asked["Bucket"])
    answer = await ministack()
    given: dict[str, Any] = asked["ServerSideEncryptionConfiguration"]["Rules"][0]
    kept = {"BlockedEncryptionTypes": before["BlockedEncryptionTypes"]}
    whole = {"ApplyServerSideEncryptionByDefault": _AES256, "BucketKeyEnabled": False, **kept, **given}
    state.of("encryption")[(asked["Bucket"],)] = whole
    return answer


async def get_encryption(state: State, asked: Fields, ministack: Ministack) -> Fields:
    """There is one in every bucket: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketEncryption.html"""
    await ministack("GetBucketLocation", {"Bucket": asked["Bucket"]})
    return {"ServerSideEncryptionConfiguration": {"Rules": [_rule(state, asked["Bucket"])]}}


async def delete_encryption(state: State, asked: Fields, ministack: Ministack) -> Fields:
    """Back to SSE-S3; AWS says nothing of the block, which stays."""
    answer = await ministack()
    kept = {"BlockedEncryptionTypes": _rule(state, asked["Bucket"])["BlockedEncryptionTypes"]}
    rule = {"ApplyServerSideEncryptionByDefault": _AES256, "BucketKeyEnabled": False, **kept}
    state.of("encryption")[(asked["Bucket"],)] = rule
    return answer


HANDLERS: Final[Handlers] = {
    "s3": {
        "PutBucketEncryption": put_encryption,
        "GetBucketEncryption": get_encryption,
        "DeleteBucketEncryption": delete_encryption,
    },
}
