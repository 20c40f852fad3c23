"""What all kinds of sets have in common: what a record promises of its extract, and what a kind must know."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from ingestion.store import INBOX, Store, StoredObject


@dataclass(frozen=True)
class Promise:
    """What the record of a set says of one extract. It is held against the extract when that is read.

    `moment` is what the extract speaks for, UTC without zone. `folder` (below the inbox, `/` at its end) is what the
    record speaks for as well: its companions stay until nothing of the folder is left in the inbox.
    `files` are the extract's objects in the record's order, where the record lists them, and `missing` counts those
    that it lists and that do not lie in the inbox; without `files` the extract has the objects that its path claims.
    `rows` is how many records all files have together, `md5` the base64 checksum of an object by its key.
    `table` and `kind` tell which of several deliveries with one path it is: the table's name in the source, and the
    kind of extract.
    """

    moment: datetime
    folder: str
    files: tuple[StoredObject, ...] | None = None
    missing: int = 0
    rows: int | None = None
    md5: Mapping[str, str] = field(default_factory=dict)
    table: str | None = None
    kind: str | None = None


@dataclass(frozen=True)
class Inbox:
    """The objects of the inbox by their names below it, and the store to read a record from."""

    store: Store
    objects: Mapping[str, StoredObject]

    def read(self, name: str) -> bytes | None:
        """The content of a record: in the inbox, or in the archive once its set is landed; else None."""
        data = self.store.read(INBOX + name) if name in self.objects else None
        return data if data is not None else self.store.read(archived(name))


class Kind(Protocol):
    """A way of delivering sets. It is made anew for each look at the inbox, and may keep what it has read."""

    def is_companion(self, name: str) -> bool:
        """Whether the object of this name carries no rows but belongs to a set: a record, a marker, a checksum."""

    def belongs(self, companion: str, folder: str) -> bool:
        """Whether a companion belongs to the set of this folder (a promise's)."""

    def waits_as(self, name: str) -> str | None:
        """The set under whose name an object waits that no path and no record claims; None when it is not of a set."""

    def promise(self, found: re.Match[str]) -> Promise | None:
        """What the record says of the extract of which a path is a part; None while it is not complete.

        BadRecord when it is there and cannot be understood: then the extract is refused.
        """


class BadRecord(ValueError):
    """A record that says it is complete and is not what its kind writes."""


def archived(name: str) -> str:
    """Where a companion of this name is kept once its set is landed."""
    return f"archive/{name}"


def utc(text: object) -> datetime:
    """A moment as records write it, in UTC without zone and in milliseconds; ValueError when it is none.

    Without a zone it is UTC, as all times of AWS are.
    """
    time = datetime.fromisoformat(str(text))
    time = (time.astimezone(UTC) if time.tzinfo else time).replace(tzinfo=None)
    return time.replace(microsecond=time.microsecond // 1000 * 1000)
