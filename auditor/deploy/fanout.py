"""Sends one artifact to a bucket in every region at the same time: read once, checked by S3, memory bounded."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace as replaced
from typing import Any, Final

from auditor.aws.errors import AWS_ERRORS, UnusableAnswerError, code_of, reason, with_members
from auditor.deploy.archive import PART, Artifact
from auditor.errors import DeployError

Call = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
"""Makes a call by botocore's name of the operation. Raises botocore's errors."""
WINDOW: Final = 2
"""Parts in memory at the same time; of each bucket, so many are under way."""
# What S3 answers where somebody, or a first attempt whose answer was lost, was faster:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
OVERTAKEN: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "NoSuchUpload", "412", "409"})
# Without s3:ListBucket, S3 answers 403 for an object that is not there: writing tells.
PERHAPS_ABSENT: Final = frozenset({"404", "NoSuchKey", "NotFound", "403", "AccessDenied", "Forbidden"})


@dataclass(frozen=True)
class Bucket:
    """A bucket of one site, and the way of its calls. `account` is the owner that it must have; "" for any.

    `metadata` is what an object of this bucket has beside that of all. An object that has it is the one that is to be
    put there; one that has not is written anew, though its bytes be the same.
    """

    site: str
    name: str
    account: str
    call: Call
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Placed:
    """Where an artifact is in one site. `version` is "" where the bucket keeps no versions."""

    site: str
    bucket: str
    key: str
    version: str
    etag: str
    """Without its quotes, as CodeDeploy takes it."""
    uploaded: bool
    """False where the same bytes were there already."""


@dataclass(frozen=True)
class Kept(Placed):
    """Where other bytes of the same shipment were there already, and were left as they are."""


@dataclass(frozen=True)
class _Upload:
    """What is sent to one bucket, and on which condition. `id` is that of a multipart upload, or ""."""

    bucket: Bucket
    where: Mapping[str, str]
    metadata: Mapping[str, str]
    condition: Mapping[str, str]
    id: str = ""


def fan_out(
    artifact: Artifact, key: str, metadata: Mapping[str, str], buckets: Sequence[Bucket], replace: bool
) -> tuple[dict[str, Placed], dict[str, str]]:
    """Put the artifact under `key` into every bucket; where it is by site, and, by site, why it is not.

    S3 checks the SHA-256 of all that it is sent (16 MiB parts above that size), and says of what is there already
    whether it is the same: that is not sent again. Other bytes under the key are written over if `replace`; if not,
    only those that the same shipper made of the same commit are, and all else is an error of that site. Every write
    is conditional, so two at the same time cannot mix. A failed multipart upload is aborted. Raises what is no error
    of AWS's.
    """
    placed: dict[str, Placed] = {}
    failed: dict[str, str] = {}
    with ThreadPoolExecutor(max(1, WINDOW * len(buckets))) as pool:
        begun = {one.site: pool.submit(_begun, artifact, key, metadata, one, replace) for one in buckets}
        uploads: dict[str, _Upload] = {}
        for site, outcome in _outcomes(begun, failed):
            (placed if isinstance(outcome, Placed) else uploads)[site] = outcome
        sent = _sent(artifact, uploads, pool, failed)
        ended = {site: pool.submit(_ended, artifact, key, uploads[site], parts) for site, parts in sent.items()}
        placed.update(_outcomes(ended, failed))
    return placed, failed


def checksum_of(artifact: Artifact) -> str:
    """The SHA-256 that S3 tells of the artifact: of all of it, or, of several parts, of their digests, with the count.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
    """
    if not _in_parts(artifact):
        return artifact.parts[0]
    together = hashlib.sha256(b"".join(base64.b64decode(part) for part in artifact.parts))
    return f"{base64.b64encode(together.digest()).decode()}-{len(artifact.parts)}"


def _in_parts(artifact: Artifact) -> bool:
    return len(artifact.parts) > 1


def _outcomes(futures: Mapping[str, Future[Any]], failed: dict[str, str]) -> Iterator[tuple[str, Any]]:
    """What became of each, as far as it was done; AWS's reason goes into `failed`."""
    for site, future in futures.items():
        try:
            yield site, future.result()
        except AWS_ERRORS as error:
            failed[site] = reason(error)
        except DeployError as error:
            failed[site] = str(error)


def _begun(
    artifact: Artifact, key: str, metadata: Mapping[str, str], bucket: Bucket, replace: bool
) -> Placed | _Upload:
    where = {"Bucket": bucket.name, "Key": key, **({"ExpectedBucketOwner": bucket.account} if bucket.account else {})}
    there = _there(bucket, where)
    if there and _is_it(there, artifact, bucket):
        return _found(bucket, key, there, artifact)
    if there and not (replace or _is_ours(there, artifact, metadata, bucket)):
        raise DeployError(
            f"{bucket.name} holds other bytes under {key}. They were left as they are. Delete them, or ship another "
            "commit."
        )
    condition = {"IfMatch": there["ETag"]} if there else {"IfNoneMatch": "*"}
    upload = _Upload(bucket, where, {**metadata, **bucket.metadata}, condition)
    if not _in_parts(artifact):
        return upload
    told = {"Metadata": upload.metadata, "ChecksumAlgorithm": "SHA256"}
    made = bucket.call("CreateMultipartUpload", {**where, **told})
    return replaced(upload, id=with_members("CreateMultipartUpload", made, "UploadId")["UploadId"])


def _is_it(there: Mapping[str, Any], artifact: Artifact, bucket: Bucket) -> bool:
    """Whether an object is what is to be put there."""
    if bucket.metadata:
        return bool(bucket.metadata.items() <= there.get("Metadata", {}).items())
    return _is_same(there, artifact)


def _is_same(there: Mapping[str, Any], artifact: Artifact) -> bool:
    """Whether an object has the artifact's bytes."""
    return bool(there.get("ChecksumSHA256") == checksum_of(artifact))


def _is_ours(there: Mapping[str, Any], artifact: Artifact, metadata: Mapping[str, str], bucket: Bucket) -> bool:
    """Whether an earlier shipment of the same put an object there: the same bytes, or of the same commit."""
    if not bucket.metadata:
        return False
    same = {name: metadata[name] for name in ("commit", "shipped-by") if name in metadata}
    return _is_same(there, artifact) or bool(same and same.items() <= there.get("Metadata", {}).items())


def _found(bucket: Bucket, key: str, there: Mapping[str, Any], artifact: Artifact) -> Placed:
    placed = _placed(bucket, key, there, uploaded=False)
    return placed if _is_same(there, artifact) else Kept(**vars(placed))


def _there(bucket: Bucket, where: Mapping[str, str]) -> Mapping[str, Any] | None:
    """What S3 tells of the object; None where there is none, or it may not be looked at."""
    try:
        return with_members("HeadObject", bucket.call("HeadObject", {**where, "ChecksumMode": "ENABLED"}), "ETag")
    except AWS_ERRORS as error:
        if code_of(error) in PERHAPS_ABSENT:
            return None
        raise


def _sent(
    artifact: Artifact, uploads: Mapping[str, _Upload], pool: ThreadPoolExecutor, failed: dict[str, str]
) -> dict[str, list[Mapping[str, Any]]]:
    """The answers for all parts, by site; of one that failed, nothing more is sent. The file is read once."""
    answers: dict[str, list[Mapping[str, Any]]] = {site: [] for site in uploads}
    waiting: list[dict[str, Future[Any]]] = []
    try:
        with artifact.path.open("rb") as file:
            for number, digest in enumerate(artifact.parts, 1):
                if len(waiting) == WINDOW:
                    _settled(waiting.pop(0), answers, failed)
                content = file.read(PART) if answers else b""
                waiting.append({site: pool.submit(_part, uploads[site], number, content, digest) for site in answers})
        for futures in waiting:
            _settled(futures, answers, failed)
    except BaseException:
        answers.clear()
        raise
    finally:
        for site in uploads.keys() - answers.keys():
            _abort(uploads[site])
    return answers


def _settled(
    futures: Mapping[str, Future[Any]], answers: dict[str, list[Mapping[str, Any]]], failed: dict[str, str]
) -> None:
    for site, answer in _outcomes(futures, failed):
        if site in answers:
            answers[site].append(answer)
    for site in failed.keys() & answers.keys():
        del answers[site]


def _part(upload: _Upload, number: int, content: bytes, digest: str) -> Mapping[str, Any]:
    sent = {**upload.where, "Body": content, "ChecksumSHA256": digest}
    if not upload.id:
        return _made(upload, "PutObject", {**sent, "Metadata": dict(upload.metadata), **upload.condition})
    numbered = {**sent, "UploadId": upload.id, "PartNumber": number}
    answer = with_members("UploadPart", upload.bucket.call("UploadPart", numbered), "ETag")
    return {"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": digest}


def _made(upload: _Upload, operation: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer of what makes the object; {} where it was made by then, by whomever, or nothing tells whether."""
    try:
        return with_members(operation, upload.bucket.call(operation, params), "ETag")
    except UnusableAnswerError:
        return {}
    except AWS_ERRORS as error:
        if code_of(error) in OVERTAKEN:
            return {}
        raise


def _ended(artifact: Artifact, key: str, upload: _Upload, parts: list[Mapping[str, Any]]) -> Placed:
    answer = parts[0]
    if upload.id:
        listed = {"UploadId": upload.id, "MultipartUpload": {"Parts": parts}, **upload.condition}
        try:
            answer = _made(upload, "CompleteMultipartUpload", {**upload.where, **listed})
        except BaseException:
            _abort(upload)
            raise
    if answer:
        return _placed(upload.bucket, key, answer, uploaded=True)
    _abort(upload)
    there = _there(upload.bucket, upload.where)
    if not there:
        raise DeployError(
            f"no answer told whether {key} was written to {upload.bucket.name}, and it is not to be seen there. See "
            "what is between here and AWS, and ship again."
        )
    if not _is_it(there, artifact, upload.bucket):
        raise DeployError(
            f"somebody else wrote other bytes to {key} in {upload.bucket.name} at the same time. "
            "Ours were not written. See who ships there, and ship again."
        )
    return _found(upload.bucket, key, there, artifact)


def _abort(upload: _Upload) -> None:
    if upload.id:
        # Parts that stay behind cost money; the bucket's lifecycle rule is the second net.
        with suppress(*AWS_ERRORS):
            upload.bucket.call("AbortMultipartUpload", {**upload.where, "UploadId": upload.id})


def _placed(bucket: Bucket, key: str, answer: Mapping[str, Any], uploaded: bool) -> Placed:
    version = answer.get("VersionId") or ""
    etag = str(answer["ETag"]).strip('"')
    return Placed(bucket.site, bucket.name, key, "" if version == "null" else version, etag, uploaded)
