"""Where a lake lies: a directory, or a bucket and prefix of S3."""

from pathlib import Path

from ingestion.store.base import (
    INBOX,
    NotAllowed,
    ObjectChanged,
    StillGrowing,
    Store,
    StoredObject,
    StoreProblem,
    sha256_of,
)
from ingestion.store.local import LocalStore

__all__ = [
    "INBOX",
    "LocalStore",
    "NotAllowed",
    "ObjectChanged",
    "StillGrowing",
    "Store",
    "StoreProblem",
    "StoredObject",
    "open_store",
    "sha256_of",
]

S3_SCHEME = "s3://"


def open_store(lake: str, kms_key: str | None = None) -> Store:
    """The store of a lake, given as in LANDFALL_LAKE. On S3 everything is encrypted with `kms_key`, if one is given."""
    if lake.startswith(S3_SCHEME):
        from ingestion.store.s3 import (
            S3Store,  # boto3 takes its time to load, and a local lake needs none
        )

        bucket, _, prefix = lake.removeprefix(S3_SCHEME).partition("/")
        return S3Store(bucket, prefix.strip("/"), kms_key)
    return LocalStore(Path(lake).absolute())
