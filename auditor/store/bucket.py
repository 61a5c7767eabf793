"""A prefix of an S3 bucket as the place of a store. Credentials, profile and endpoint are boto3's own.

The bucket may belong to another account than the caller's, so no owner is expected of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from botocore.config import Config
from botocore.exceptions import ClientError

from auditor.aws.answers import parsing, refuse_foreign_answers, refuse_lacking
from auditor.aws.descriptions import own_session
from auditor.aws.errors import AWS_ERRORS, code_of, reason, refusing_settings
from auditor.aws.sessions import CONFIG
from auditor.errors import StoreError
from auditor.specs.spec import Call
from auditor.store.storage import Kept

_ABSENT: Final = frozenset({"404", "NoSuchKey", "NotFound"})
_THERE: Final = "PreconditionFailed"
_CONFLICT: Final = "ConditionalRequestConflict"
_TRIES: Final = 10
_SIGNED: Final = Config(signature_version="s3v4")
"""boto3 would sign links as S3 did before; regions since 2014 do not take that."""


@dataclass(frozen=True)
class BucketStorage:
    """Objects below a prefix ("" for none), as Storage. S3 shows an object whole, and at once, to every reader."""

    client: Any
    bucket: str
    prefix: str

    @property
    def address(self) -> str:
        """The place as a URL."""
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    def within(self, name: str) -> BucketStorage:
        """The place below this one."""
        return BucketStorage(self.client, self.bucket, self._key(name))

    def read(self, name: str) -> bytes:
        """What an object holds."""
        with self._refusing(name, "read"):
            return bytes(self._told("GetObject", self.client.get_object(**self._object(name)))["Body"].read())

    def holds(self, name: str) -> bool:
        """Whether there is such an object."""
        with self._refusing(name, "looked for"):
            try:
                self._told("HeadObject", self.client.head_object(**self._object(name)))
            except ClientError as error:
                if code_of(error) in _ABSENT:
                    return False
                raise
            return True

    def write(self, name: str, content: bytes) -> None:
        """Put an object."""
        with self._refusing(name, "written"):
            self._told("PutObject", self.client.put_object(**self._object(name), Body=content))

    def create(self, name: str, content: bytes) -> bool:
        """Put an object if there is none of that key. What is put must be like no other's.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html: 409 is to be tried again; and
        where an answer was lost, botocore's second request meets the first one's object.
        """
        with self._refusing(name, "written"):
            for left in reversed(range(_TRIES)):
                try:
                    made = self.client.put_object(**self._object(name), Body=content, IfNoneMatch="*")
                    self._told("PutObject", made)
                except ClientError as error:
                    if code_of(error) == _THERE:
                        return self._holds_now(name) == content
                    if code_of(error) != _CONFLICT or not left:
                        raise
                else:
                    break
            return True

    def remove(self, name: str) -> None:
        """Delete an object; S3 does not mind if there is none."""
        with self._refusing(name, "removed"):
            self.client.delete_object(**self._object(name))

    def listed(self, beginning: str) -> tuple[Kept, ...]:
        """All objects whose name begins so; S3 lists them in order."""
        found = (one for page in self._pages(beginning) for one in page.get("Contents", ()))
        return tuple(Kept(self._name(one["Key"]), int(one["Size"])) for one in found)

    def folders(self) -> tuple[str, ...]:
        """The first parts of the names that have several."""
        found = (one for page in self._pages("", Delimiter="/") for one in page.get("CommonPrefixes", ()))
        return tuple(self._name(one["Prefix"]).rstrip("/") for one in found)

    def link(self, name: str, seconds: int) -> str:
        """An address at which everybody can get an object for so long, at most 7 days. It is a secret.

        It lasts no longer than the credentials that it is made with, such as a role's
        (https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html).
        """
        with self._refusing(name, "linked to"):
            # A browser is not sent on to the bucket's own region, as boto3 is.
            region = self.client.head_bucket(Bucket=self.bucket).get("BucketRegion")
            signer = own_session().client("s3", region_name=region, config=CONFIG.merge(_SIGNED))
            return str(signer.generate_presigned_url("get_object", Params=self._object(name), ExpiresIn=seconds))

    def _pages(self, beginning: str, **more: str) -> Iterator[Mapping[str, Any]]:
        with self._refusing(beginning[: beginning.rfind("/") + 1], "listed"):
            paginator = self.client.get_paginator("list_objects_v2")
            yield from paginator.paginate(Bucket=self.bucket, Prefix=self._key(beginning), **more)

    def _holds_now(self, name: str) -> bytes | None:
        try:
            return bytes(self._told("GetObject", self.client.get_object(**self._object(name)))["Body"].read())
        except ClientError as error:
            if code_of(error) in _ABSENT:
                return None
            raise

    def _told(self, operation: str, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        # What S3 says of an object never lacks its ETag; what stands in its place may.
        refuse_lacking(self.client, Call(operation, always=("ETag",)), answer)
        return answer

    def _object(self, name: str) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": self._key(name)}

    def _key(self, name: str) -> str:
        return f"{self.prefix}/{name}" if self.prefix else name

    def _name(self, key: str) -> str:
        return key.removeprefix(f"{self.prefix}/") if self.prefix else key

    @contextmanager
    def _refusing(self, name: str, what: str) -> Iterator[None]:
        try:
            with parsing("what was asked for"):
                yield
        except AWS_ERRORS as error:
            raise StoreError(
                f"{self.address}/{name} could not be {what} ({reason(error)}). It was left as it is. Check the "
                "bucket's name and its policy, and whose credentials these are, or choose another store with --store."
            ) from None


def bucket_storage(bucket: str, prefix: str) -> BucketStorage:
    """A prefix of a bucket, reached as the caller. Raises SettingsError for AWS settings that cannot be used."""
    with refusing_settings():
        client = refuse_foreign_answers(own_session().client("s3", config=CONFIG))
        return BucketStorage(client, bucket, prefix.strip("/"))
