"""The objects of an extract, copied to this machine while their hash is taken: everything later reads the copies."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ingestion.errors import BadExtract
from ingestion.store import INBOX, NotAllowed, ObjectChanged, Store, StoredObject

_ENDINGS = (".csv.gz", ".csv", ".parquet", ".json.gz")


class Gone(Exception):
    """The objects were there when the inbox was listed and are no more: another lander has landed them."""


@dataclass(frozen=True)
class LocalPart:
    """A part of an extract as the readers take it (`ingestion.formats.Part`), over the copy of its object."""

    stored: StoredObject
    path: Path
    sha256: str

    @property
    def name(self) -> str:
        """The object's name below the inbox."""
        return self.stored.key.removeprefix(INBOX)

    @property
    def size(self) -> int:
        """The object's length in bytes."""
        return self.stored.size

    def open(self) -> BinaryIO:
        """A fresh reader over the object's own bytes."""
        return self.path.open("rb")

    def archive_key(self, source: str, table: str) -> str:
        """Where the original is kept."""
        return f"archive/{source}/{table}/{self.sha256}{ending(self.name)}"


def ending(name: str) -> str:
    """The ending under which an object is archived, with its dot."""
    known = next((end for end in _ENDINGS if name.lower().endswith(end)), None)
    return known or Path(name).suffix


def fetch_parts(store: Store, objects: Iterable[StoredObject], folder: Path) -> list[LocalPart]:
    """Copy the objects into `folder`, in order; one that changes meanwhile is read once again.

    Raises BadExtract (unreadable, changed_while_read), StillGrowing, or Gone.
    """
    return [_fetch(store, found, folder / f"part-{number}") for number, found in enumerate(objects)]


def _fetch(store: Store, found: StoredObject, path: Path) -> LocalPart:
    for attempt in (1, 2):
        try:
            return LocalPart(found, path, store.fetch(found, path))
        except NotAllowed as error:
            raise BadExtract("unreadable") from error
        except ObjectChanged as error:
            again = store.stat(found.key)
            if again is None:
                raise Gone from error
            if attempt == 2:
                raise BadExtract("changed_while_read") from error
            found = again
    raise AssertionError("unreachable")
