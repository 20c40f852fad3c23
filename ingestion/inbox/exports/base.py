"""The common part of all kinds of sets: a record's promise of its extract, and the interface of a kind."""

import json
import math
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar

from ingestion.codes import Code
from ingestion.contract import Delivery, Table, in_range
from ingestion.errors import BadExtract
from ingestion.moments import in_millis
from ingestion.store import INBOX, ReadDenied, Store, StoredObject

T = TypeVar("T")


@dataclass(frozen=True)
class Promise:
    """The content of a set's record on one extract. It is compared with the extract when that is read.

    `moment` is the extract time, UTC without zone. `folder` (below the inbox, `/` at its end) is the folder of the
    record: its companions stay until the folder has left the inbox. The record of a single file has the file's name
    there. `files` are the extract's objects in the record's order, if the record lists them, and `missing` counts
    listed objects that are not in the inbox; without `files` the extract has the objects that its path claims. `rows`
    is the number of records in all files, `md5` the base64 checksum of an object by its key. `table` and `kind` choose
    among several deliveries with one path: the table's name in the source, and the kind of extract. `since` is the
    beginning of a window of changes, which `moment` ends.
    """

    moment: datetime
    folder: str
    files: tuple[StoredObject, ...] | None = None
    missing: int = 0
    rows: int | None = None
    md5: Mapping[str, str] = field(default_factory=dict)
    table: str | None = None
    kind: str | None = None
    since: datetime | None = None

    def is_for(self, table: Table, delivery: Delivery) -> bool:
        """Whether the extract is of this table and kind, where the record names both."""
        return (self.table, self.kind) == (delivery.exported_as or table.name, delivery.kind)


_MOST_BYTES = 64 * 2**20
"""The limit of a record's size: one that lists 100,000 files has half of it."""


@dataclass(frozen=True)
class Inbox:
    """The objects of the inbox by their names below it, and the store to read a record from."""

    store: Store
    objects: Mapping[str, StoredObject]

    def read(self, name: str) -> bytes | None:
        """The content of a record: in the inbox, or in the archive once its set is landed; else None.

        BadRecord when it is larger than any record, BadExtract unreadable when it may not be read.
        """
        found = self.objects.get(name)
        if found and found.size > _MOST_BYTES:
            raise BadRecord("larger than any record")
        try:
            data = self.store.read(INBOX + name) if found else None
        except ReadDenied:
            raise BadExtract(Code.UNREADABLE, detail="the record of its set") from None
        return data if data is not None else self.store.read(archived(name))


class Companions(ABC):
    """The objects beside extracts that say something about them. Each reading of the inbox makes a new one, which may
    cache records."""

    @abstractmethod
    def is_companion(self, name: str) -> bool:
        """Whether the object of this name carries no rows but belongs to a set: a record, a marker, a checksum."""

    def belongs(self, companion: str, folder: str) -> bool:
        """Whether a companion belongs to the set of this folder (a promise's): it lies there."""
        return companion.startswith(folder)


class Kind(Companions):
    """A way of delivering sets.

    `record` matches the name of a set's record without a contract, where that alone tells what set it is.
    """

    record: ClassVar[re.Pattern[str] | None] = None

    def waits_as(self, name: str) -> str | None:
        """The set under whose name an unclaimed object waits; None when it is not of a set.

        Where a path claims every file of a set, an unclaimed one is unknown.
        """
        return None

    def part_of(self, marker: str) -> str | None:
        """The name of a part of the extract that the marker of this name belongs to; None for any other object."""
        return None

    def data_of(self, found: re.Match[str]) -> tuple[StoredObject, ...]:
        """The objects of a refused extract that no path claims: they are refused with it."""
        return ()

    @abstractmethod
    def promise(self, found: re.Match[str]) -> Promise | None:
        """The record's promise of the extract that a path is a part of; None while it is not complete.

        The extract is refused when the record cannot be understood (BadRecord), or says that the extract cannot be read
        (BadExtract).
        """


class BadRecord(BadExtract):
    """A record that calls itself complete and does not have its kind's form. `detail` names the field at fault."""

    def __init__(self, detail: str) -> None:
        super().__init__(Code.BAD_RECORD, detail=detail)


def field_of(record: Mapping[str, Any], name: str, read: Callable[[Any], T]) -> T:
    """A field of a record, as `read` understands it. BadRecord names the field when it is missing or unreadable."""
    value = record.get(name)
    if value is None:
        raise BadRecord(f"{name} is missing")
    try:
        return read(value)
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise BadRecord(f"{name} is unreadable") from error


def parsed(data: bytes) -> Any:
    """The JSON of a record. ValueError when it is not JSON, or incomplete.

    BadRecord for JSON that no service writes: nested too deep, or a number that is not finite or has thousands of
    digits.
    """
    try:
        return json.loads(data, parse_float=_finite, parse_constant=_finite, parse_int=_short)
    except RecursionError:
        raise BadRecord("nested too deep") from None


def object_in(data: bytes | None, name: str) -> dict[str, Any]:
    """The JSON object of the record of this name; BadRecord when it is none."""
    try:
        value = parsed(data or b"")
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise BadRecord(f"{name} is not a JSON object")
    return value


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise BadRecord("a number that is not finite")
    return number


def _short(text: str) -> int:
    try:
        return int(text)
    except ValueError:  # Python reads no integer of over 4,300 digits
        raise BadRecord("a number without bounds") from None


def archived(name: str) -> str:
    """The place of a companion of this name after its set was landed."""
    return f"archive/{name}"


def utc(text: object) -> datetime:
    """A moment as records write it, in UTC without zone and in milliseconds; ValueError when it is none.

    Without a zone it is UTC, as all times of AWS are.
    """
    time = in_range(datetime.fromisoformat(str(text)))
    return in_millis((time.astimezone(UTC) if time.tzinfo else time).replace(tzinfo=None))
