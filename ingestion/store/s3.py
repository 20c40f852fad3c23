"""A lake in a bucket of S3. boto3 finds credentials, region and endpoint (AWS_ENDPOINT_URL) by itself.

boto3 retries throttled and dropped calls; this module handles a body that breaks off, a lost answer to a conditional
put, and a conflict (409) (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html).
"""

import base64
import hashlib
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    FlexibleChecksumError,
    HTTPClientError,
    IncompleteReadError,
)

from ingestion.aws import S3_SCHEME, answering, code_of
from ingestion.errors import BadSettings, LandingFailed
from ingestion.retries import ATTEMPTS, attempts
from ingestion.store.base import NotAllowed, ObjectChanged, ReadDenied, StoredObject, sha256_of
from ingestion.store.files import answering as answering_disk
from ingestion.store.files import held_folder, private_folder

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_BLOCK = 1 << 20
_AT_ONCE = 8
_IN_PARTS = 64 << 20
_MISSING = ("404", "NoSuchKey", "NotFound")
_CHANGED = ("412", "PreconditionFailed", *_MISSING)
_CONFLICT = ("409", "ConditionalRequestConflict")
_GONE = (*_CHANGED, "InvalidRange", "416")
_FORBIDDEN = ("403", "AccessDenied", "AllAccessDisabled", "InvalidObjectState")
_KEPT = (*_FORBIDDEN, "InvalidRequest", "MethodNotAllowed")
_BROKEN = (HTTPClientError, IncompleteReadError, FlexibleChecksumError, OSError)


class S3Store:
    """A lake below `prefix` in `bucket`. Everything put is encrypted with `kms_key`, if one is given."""

    def __init__(self, bucket: str, prefix: str, kms_key: str | None = None) -> None:
        self._bucket, self._prefix = bucket, f"{prefix}/" if prefix else ""
        self._encryption: dict[str, Any] = (
            {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key} if kms_key else {}
        )

    @cached_property
    def _client(self) -> "S3Client":
        try:
            return boto3.client(
                "s3", config=Config(retries={"mode": "standard", "max_attempts": ATTEMPTS})
            )
        except ValueError as error:  # of an endpoint that is no address
            raise BadSettings(f"AWS: {error}") from error

    @property
    def root(self) -> str:
        """The lake's address."""
        return f"{S3_SCHEME}{self._bucket}/{self._prefix}".rstrip("/")

    def uri(self, key: str) -> str:
        """The address of `key`."""
        return f"{self.root}/{key}"

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """All objects below `prefix`, except the folder markers that consoles make."""
        with answering("list"):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self._prefix + prefix
            )
            for page in pages:
                if "IsTruncated" not in page:  # S3 always says whether there is more
                    raise LandingFailed("AWS did not answer (list): the answer is empty")
                for found in page.get("Contents", ()):
                    key = found["Key"].removeprefix(self._prefix)
                    if not key.endswith("/"):
                        yield _stored(key, found["Size"], found["LastModified"], found["ETag"])

    def stat(self, key: str) -> StoredObject | None:
        """The object under `key`, or None."""
        with answering("look up"):
            try:
                found = self._client.head_object(Bucket=self._bucket, Key=self._prefix + key)
            except ClientError as error:
                if code_of(error) in _MISSING:
                    return None
                raise
            if "ETag" not in found:
                raise LandingFailed("AWS did not answer (look up): the answer is empty")
        return _stored(key, found["ContentLength"], found["LastModified"], found["ETag"])

    def read(self, key: str) -> bytes | None:
        """The whole content, or None; a body that breaks off is requested again."""
        for is_last in attempts():
            with answering("read"):
                try:
                    answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + key)
                    return answer["Body"].read()
                except ClientError as error:
                    if code_of(error) in _MISSING:
                        return None
                    if _is_denied(error):
                        raise ReadDenied(f"AWS refused to read: {code_of(error)}") from error
                    raise
                except _BROKEN:
                    if is_last:
                        raise
        raise AssertionError("unreachable")

    def fetch(self, stored: StoredObject, target: Path) -> str:
        """Read the very version that was listed (If-Match); where a body breaks off, go on from there."""
        digest, done = hashlib.sha256(), 0
        with answering_disk("write"), target.open("wb") as copy:
            for _ in attempts():
                try:
                    for block in self._body(stored, done):
                        copy.write(block)
                        digest.update(block)
                        done += len(block)
                except FlexibleChecksumError:  # which bytes are wrong is not known
                    copy.seek(0)
                    copy.truncate()
                    digest, done = hashlib.sha256(), 0
                    continue
                except _BROKEN as error:
                    if isinstance(error, OSError) and error.errno:
                        raise  # of our own disk
                if done >= stored.size:
                    break
        if done != stored.size:
            raise LandingFailed("an object could not be read to its end")
        return digest.hexdigest()

    def _body(self, stored: StoredObject, begin: int) -> Iterator[bytes]:
        place: dict[str, Any] = {
            "Bucket": self._bucket,
            "Key": self._prefix + stored.key,
            "IfMatch": stored.etag,
        }
        if begin:
            place["Range"] = f"bytes={begin}-"
        with answering("read"):
            try:
                body = self._client.get_object(**place)["Body"]
            except ClientError as error:
                if code_of(error) in _GONE:
                    raise ObjectChanged(code_of(error)) from error
                if _is_denied(error):
                    raise NotAllowed(code_of(error)) from error
                raise
        yield from body.iter_chunks(_BLOCK)

    def put_file(self, key: str, path: Path, sha256: str | None = None) -> None:
        """Upload with a SHA-256 that S3 checks on arrival, in parts where the file is large; then look at it."""
        sha256 = sha256 or sha256_of(path)
        with answering("write"):
            self._client.upload_file(
                str(path),
                self._bucket,
                self._prefix + key,
                ExtraArgs={
                    "ChecksumAlgorithm": "SHA256",
                    "Metadata": {"sha256": sha256},
                    **self._encryption,
                },
                Config=TransferConfig(
                    multipart_threshold=_IN_PARTS,
                    multipart_chunksize=_IN_PARTS // 4,
                    max_concurrency=4,
                ),
            )
            there = self._client.head_object(
                Bucket=self._bucket, Key=self._prefix + key, ChecksumMode="ENABLED"
            )
        size = path.stat().st_size
        # an object sent in parts has a checksum of checksums, each of which S3 has verified
        checksum = there.get("ChecksumSHA256") if size < _IN_PARTS else None
        if there["ContentLength"] != size or checksum not in (None, _base64(sha256)):
            raise LandingFailed("an object was not stored as it was sent")

    def put(self, key: str, data: bytes) -> None:
        """Store a small object."""
        with answering("write"):
            self._put(key, data)

    def put_all_if_absent(self, items: Sequence[tuple[str, bytes]]) -> tuple[bool, ...]:
        """Several puts at a time: earlier puts are durable since S3 answered."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return tuple(pool.map(lambda item: self.put_if_absent(*item), items))

    def put_if_absent(self, key: str, data: bytes) -> bool:
        """A put with `If-None-Match: *`."""
        return self._conditional(key, data, {"IfNoneMatch": "*"})

    def replace_if(self, key: str, data: bytes, etag: str) -> bool:
        """A put with `If-Match`."""
        return self._conditional(key, data, {"IfMatch": etag})

    def delete(self, key: str, etag: str | None = None) -> None:
        """Delete the object; with an ETag only if it is still that one."""
        if etag:
            found = self.stat(key)
            if found is None or found.etag != etag:
                return
        condition: dict[str, Any] = {"IfMatch": etag} if etag else {}
        with answering("delete"):
            try:
                self._client.delete_object(Bucket=self._bucket, Key=self._prefix + key, **condition)
            except ClientError as error:
                if code_of(error) not in _CHANGED:
                    raise

    def erase(self, keys: Iterable[str], *, but_the_newest: bool = False) -> tuple[str, ...]:
        """Delete every version; those that a lock, MFA or a missing permission keeps are counted by S3's reason."""
        kept: Counter[str] = Counter()
        for key in keys:
            with answering("delete"):
                try:
                    for name, version, is_latest in self._versions(key):
                        if not (is_latest and but_the_newest):
                            self._client.delete_object(
                                Bucket=self._bucket, Key=name, VersionId=version
                            )
                except ClientError as error:
                    if code_of(error) not in _KEPT:
                        raise
                    kept[code_of(error)] += 1
                    if not but_the_newest:  # at least no reader sees it any more
                        self._client.delete_object(Bucket=self._bucket, Key=self._prefix + key)
        return tuple(
            f"versions of {many} object(s) stay in the bucket ({code}): allow s3:ListBucketVersions and"
            " s3:DeleteObjectVersion, or wait until the bucket's lock or lifecycle rule ends them"
            for code, many in sorted(kept.items())
        )

    def _versions(self, key: str) -> Iterator[tuple[str, str, bool]]:
        """Each version and delete marker of an object, or of all below a folder, and whether it is the newest one."""
        whole = self._prefix + key
        pages = self._client.get_paginator("list_object_versions").paginate(
            Bucket=self._bucket, Prefix=whole
        )
        for page in pages:
            for found in [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]:
                if found["Key"] == whole or whole.endswith("/"):
                    yield found["Key"], found["VersionId"], found["IsLatest"]

    def restore(self) -> None:
        """Nothing is ever moved aside."""

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder of this machine's temporary directory that only this user may enter."""
        place = private_folder(Path(tempfile.gettempdir()) / f"landfall-{os.getuid()}")
        with held_folder(place) as folder:
            yield folder

    def _put(self, key: str, data: bytes, condition: dict[str, Any] | None = None) -> None:
        checksum = _base64(hashlib.sha256(data).hexdigest())
        self._client.put_object(
            Bucket=self._bucket,
            Key=self._prefix + key,
            Body=data,
            ChecksumSHA256=checksum,
            **(condition or {}),
            **self._encryption,
        )

    def _conditional(self, key: str, data: bytes, condition: dict[str, Any]) -> bool:
        """Put under a condition. A refusal after a lost answer means that our own first try had arrived."""
        for _ in attempts():
            with answering("write"):
                try:
                    self._put(key, data, condition)
                    return True
                except ClientError as error:
                    if code_of(error) in _CHANGED:
                        return self.read(key) == data
                    if code_of(error) not in _CONFLICT:
                        raise
                except HTTPClientError:
                    if self.read(key) == data:
                        return True
                    raise
        raise LandingFailed("others write the same object all the time: run again")


def _stored(key: str, size: int, modified: datetime, etag: str) -> StoredObject:
    # in whole seconds, as a HEAD gives it, so that a listing says the same
    modified = modified.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    return StoredObject(key, size, modified, etag.strip('"'))


def _base64(sha256: str) -> str:
    return base64.b64encode(bytes.fromhex(sha256)).decode()


def _is_denied(error: ClientError) -> bool:
    """Whether the object, or the key that encrypts it, may not be used."""
    return code_of(error) in _FORBIDDEN or code_of(error).startswith("KMS.")
