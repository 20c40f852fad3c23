"""The interface of a lake's storage, which `local.py` and `s3.py` implement; and the form of its small records.

Keys are relative to the lake, with `/` between their parts. Nothing half written is ever visible under a key.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from ingestion.errors import LandingFailed

INBOX = "inbox/"
"""Systems deliver below it."""

_READERS = 16


@dataclass(frozen=True)
class StoredObject:
    """An object as the store lists it. `modified_at` is UTC without zone; `etag` changes whenever the content does.

    `is_file` is False for a link, a pipe or a device, which is never read.
    """

    key: str
    size: int
    modified_at: datetime
    etag: str
    is_file: bool = True


class StoreProblem(Exception):
    """Root of a store's errors about one object; the lander turns each into an outcome."""


class ObjectChanged(StoreProblem):
    """The object is no longer the one that was listed: other bytes, or gone."""


class StillGrowing(StoreProblem):
    """A process still writes to the file."""


class NotAllowed(StoreProblem):
    """The object may not be read: no permission, or its KMS key is denied."""


class ReadDenied(LandingFailed):
    """A small object may not be read: no permission, or its KMS key is denied."""


class Store(Protocol):
    """A lake's storage. Methods raise LandingFailed when the storage does not answer or is full."""

    @property
    def root(self) -> str:
        """The lake's address: an absolute directory, or `s3://bucket/prefix`."""

    def uri(self, key: str) -> str:
        """The address of `key`, as the engines take it."""

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """All objects whose key begins with `prefix` (which ends with `/`), in no order."""

    def stat(self, key: str) -> StoredObject | None:
        """The object under `key`, or None."""

    def read(self, key: str) -> bytes | None:
        """The whole content of a small object, or None if it does not exist; ReadDenied when it may not be read."""

    def fetch(self, stored: StoredObject, target: Path) -> str:
        """Copy the object as it was listed to the new file `target`; returns the SHA-256 of its bytes in hex.

        Raises ObjectChanged, StillGrowing or NotAllowed.
        """

    def put_file(self, key: str, path: Path, sha256: str | None = None) -> None:
        """Store the file's bytes under `key`, replacing an earlier object. `path` may be gone afterwards.

        It may be lost with the power until the next `put`, `put_if_absent` or `put_all_if_absent`: the commit.

        `sha256` is the hash of its bytes in hex, if it is known: the stored object is compared with it.
        """

    def put(self, key: str, data: bytes) -> None:
        """Store a small object, replacing an earlier one."""

    def put_all_if_absent(self, items: Sequence[tuple[str, bytes]]) -> tuple[bool, ...]:
        """`put_if_absent` for many; everything that was put before is on disk before any of them exists."""

    def put_if_absent(self, key: str, data: bytes) -> bool:
        """Store a small object unless `key` exists. Returns whether the stored one is ours; `data` must be unique."""

    def replace_if(self, key: str, data: bytes, etag: str) -> bool:
        """Compare and swap: store `data` if the object's ETag still is `etag`. Returns whether the stored object is
        ours."""

    def delete(self, key: str, etag: str | None = None) -> None:
        """Remove the object, if it still has this `etag`, or any if none is given; a missing object is no error."""

    def erase(self, keys: Iterable[str], *, but_the_newest: bool = False) -> tuple[str, ...]:
        """Remove objects with every version that the storage keeps of them, or `but_the_newest` only the older ones.

        A key that ends with `/` is everything below that folder: then only `but_the_newest`. Returns in words what the
        storage still keeps.
        """

    def restore(self) -> None:
        """Put back files that killed processes had moved aside to clear them; call it before reading the inbox."""

    def scratch(self) -> AbstractContextManager[Path]:
        """An empty directory for temporary files, removed at the end; after a kill, by the next process."""


def fetch_own(store: Store, key: str, target: Path, sha256: str | None = None) -> str:
    """Copy an object that Landfall itself has stored; the SHA-256 of its bytes.

    LandingFailed when it cannot be read, or differs from the given `sha256`.
    """
    digest = fetch_if_there(store, key, target)
    if digest is None:
        raise LandingFailed(f"{key} is missing in the lake: verify says how to repair it")
    if sha256 not in (None, digest):
        raise LandingFailed(f"{key} is damaged: verify says how to repair it")
    return digest


def fetch_if_there(store: Store, key: str, target: Path) -> str | None:
    """Copy an object as it is now; the SHA-256 of its bytes, None without it. LandingFailed when it cannot be read."""
    found = store.stat(key)
    try:
        return store.fetch(found, target) if found else None
    except StoreProblem as error:
        raise LandingFailed(f"{key} cannot be read: {type(error).__name__}") from error


def read_many(store: Store, keys: Iterable[str]) -> dict[str, bytes | None]:
    """`read` of small objects, several at a time; their contents by key, in this order."""
    wanted = list(keys)
    with ThreadPoolExecutor(_READERS) as pool:
        return dict(zip(wanted, pool.map(store.read, wanted), strict=True))


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes in hex, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Record(BaseModel):
    """A record as it is stored; it never changes, a later one takes its place."""

    model_config = ConfigDict(frozen=True)

    def to_bytes(self) -> bytes:
        """The record's JSON, with its keys in the order of its class."""
        return self.model_dump_json().encode()

    @classmethod
    def of(cls, data: bytes | str | None) -> Self | None:
        """The record of which this is the JSON; None for no data, or for other data."""
        try:
            return cls.model_validate_json(data or b"")
        except ValidationError:
            return None
