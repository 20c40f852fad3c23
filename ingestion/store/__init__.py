"""The storage of a lake: a directory, or a bucket and prefix of S3."""

import logging
from pathlib import Path

from ingestion.aws import S3_SCHEME, is_on_s3
from ingestion.store.base import (
    INBOX,
    NotAllowed,
    ObjectChanged,
    ReadDenied,
    Record,
    StillGrowing,
    Store,
    StoredObject,
    StoreProblem,
    fetch_if_there,
    fetch_own,
    read_many,
    sha256_of,
)
from ingestion.store.files import answering, lock_within, sync
from ingestion.store.lease import Lease, hold_lease, in_the_way, refuse_if_lost
from ingestion.store.local import LocalStore, is_open

__all__ = [
    "INBOX",
    "Lease",
    "LocalStore",
    "NotAllowed",
    "ObjectChanged",
    "ReadDenied",
    "Record",
    "StillGrowing",
    "Store",
    "StoreProblem",
    "StoredObject",
    "answering",
    "fetch_if_there",
    "fetch_own",
    "hold_lease",
    "in_the_way",
    "lock_within",
    "open_store",
    "read_many",
    "refuse_if_lost",
    "sha256_of",
    "sync",
]

logger = logging.getLogger(__name__)


def open_store(lake: str, kms_key: str | None = None) -> Store:
    """The store of a lake, given as in LANDFALL_LAKE. On S3 everything is encrypted with `kms_key`, if one is given."""
    if is_on_s3(lake):
        from ingestion.store.s3 import S3Store  # boto3 takes long to load, a local lake needs none

        bucket, _, prefix = lake.removeprefix(S3_SCHEME).partition("/")
        return S3Store(bucket, prefix.strip("/"), kms_key)
    folder = Path(lake).absolute()
    if is_open(folder):
        logger.warning("others on this machine can read the lake: chmod -R go= %s", folder)
    return LocalStore(folder)
