"""Copies the objects of an extract to this machine and hashes them on the way: later steps read the copies."""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ingestion.codes import Code
from ingestion.errors import BadExtract
from ingestion.inbox import Promise
from ingestion.store import INBOX, NotAllowed, ObjectChanged, Store, StoredObject

_ENDINGS = (".csv.gz", ".csv", ".parquet", ".json.gz")


class Gone(Exception):
    """The objects have left the inbox since it was listed: another lander has landed them."""


@dataclass(frozen=True)
class LocalPart:
    """A part of an extract as the readers take it (`ingestion.formats.Part`), over the copy of its object.

    `sha256` is the hash of the delivered object, which identifies it. If a forgotten person was removed,
    `archived_sha256` is the hash of the remaining file at `path`, which the archive keeps.
    """

    stored: StoredObject
    path: Path
    sha256: str
    archived_sha256: str | None = None

    @property
    def name(self) -> str:
        """The object's name below the inbox."""
        return self.stored.key.removeprefix(INBOX)

    @property
    def size(self) -> int:
        """The length in bytes of the file at `path`."""
        return self.path.stat().st_size if self.archived_sha256 else self.stored.size

    @property
    def archived(self) -> str:
        """The SHA-256 of the archived file."""
        return self.archived_sha256 or self.sha256

    def open(self) -> BinaryIO:
        """A fresh reader over the object's own bytes."""
        return self.path.open("rb")

    def archive_key(self, source: str, table: str) -> str:
        """Its key in the archive."""
        return f"archive/{source}/{table}/{self.archived}{ending(self.name)}"


def ending(name: str) -> str:
    """The ending under which an object is archived, with its dot."""
    known = next((end for end in _ENDINGS if name.lower().endswith(end)), None)
    return known or Path(name).suffix


def fetch_parts(store: Store, objects: Iterable[StoredObject], folder: Path) -> list[LocalPart]:
    """Copy the objects into `folder`, in order; one that changes meanwhile is read once again.

    Raises BadExtract (unreadable, changed_while_read), StillGrowing, or Gone.
    """
    return [_fetch(store, found, folder / f"part-{number}") for number, found in enumerate(objects)]


def _fetch(store: Store, found: StoredObject, path: Path, is_last: bool = False) -> LocalPart:
    try:
        return LocalPart(found, path, store.fetch(found, path))
    except NotAllowed as error:
        raise BadExtract(Code.UNREADABLE) from error
    except ObjectChanged as error:
        again = store.stat(found.key)
        if again is None:
            raise Gone from error
        if is_last:
            raise BadExtract(Code.CHANGED_WHILE_READ) from error
        return _fetch(store, again, path, is_last=True)


def refuse_other_bytes(promise: Promise, parts: Iterable[LocalPart]) -> None:
    """Raise BadExtract incomplete_export when a part's MD5 differs from its record's."""
    for number, part in enumerate(parts, 1):
        said = promise.md5.get(part.stored.key)
        if said is not None and said != _md5(part):
            raise BadExtract(
                Code.INCOMPLETE_EXPORT, detail=f"the MD5 of file {number} does not hold"
            )


def refuse_other_count(promised: int | None, rows_in: int) -> None:
    """Raise BadExtract incomplete_export when the number of records differs from the set's record."""
    if promised is not None and promised != rows_in:
        raise BadExtract(
            Code.INCOMPLETE_EXPORT, detail=f"{rows_in} rows, the set's record says {promised}"
        )


def _md5(part: LocalPart) -> str:
    with part.path.open("rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False))
    return base64.b64encode(digest.digest()).decode()
