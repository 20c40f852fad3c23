"""What a live database must be able to do; postgres.py and mysql.py do it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import BinaryIO, Literal, Protocol
from zoneinfo import ZoneInfo

from ingestion.contract import Column, Table

_CLOCK_CHANGE = timedelta(hours=2)
"""So far may local time go back."""

Kind = Literal["date", "local", "instant", "time", "bits", "float", "binary", "other"]
"""What a column's type is to us: `local` are times without a zone, `instant` those that know when they were."""


@dataclass(frozen=True)
class Horizon:
    """Until when everything written is known to be visible, by the server's clock; UTC without zone.

    `is_exact` when the server could tell its open transactions: all that may still commit began at `moment` or later.
    Else `moment` is the server's time alone, and transactions may be open since before.
    """

    moment: datetime
    is_exact: bool


@dataclass(frozen=True)
class Found:
    """A column as the database has it: the engine's words for its type, and whether the user may read it."""

    type: str
    kind: Kind
    is_readable: bool = True


@dataclass(frozen=True, kw_only=True)
class Described:
    """A table as the database describes it: its address, its columns in their order, its primary key, the comments.

    `refers_to` are its single foreign keys: the column's name, and the table and column whose values these are.
    `problem` says why it cannot be read in a snapshot, if so.
    """

    said: str
    address: tuple[str, ...]
    columns: Mapping[str, Found]
    key: tuple[str, ...] = ()
    comment: str = ""
    comments: Mapping[str, str] = field(default_factory=dict)
    refers_to: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    problem: str | None = None


@dataclass(frozen=True)
class Selection:
    """What to read of a table: `columns` by their names in the file; of an incremental one, rows from `since` on (UTC).

    `most` rows at most, where it is given.
    Null watermarks are always read: their age is unknown. `day_zone` says of which day an instant is.
    `has_null_words`: the delivery takes a word without quotes for null, so every cell gets its quotes.
    """

    table: Table
    columns: Mapping[str, Found]
    since: datetime | None = None
    day_zone: str = "UTC"
    has_null_words: bool = False
    most: int | None = None

    @property
    def place(self) -> str:
        """How messages name the table."""
        return self.table.full_name

    @property
    def address(self) -> tuple[str, ...]:
        """The table's name in the database, with its schema before it where the contract names one."""
        return self.table.extract_from or (self.table.name,)

    def zone_for(self, column: Column) -> str:
        """The zone in which an instant is written without saying so."""
        return self.day_zone if column.type.name == "date" else self.table.time_zone

    @property
    def watermark(self) -> tuple[str, str] | None:
        """The watermark's name in the database, and the least value to read, as the column's own type has it.

        An instant is compared in UTC. What has no zone is in the table's own, and begins earlier by what its clocks may
        go back; a date begins with its day. None when the whole table is read.
        """
        if self.since is None or self.table.watermark is None:
            return None
        name = self.table.column(self.table.watermark).file_name
        kind = self.columns[name].kind
        if kind == "instant":
            return name, self.since.isoformat(" ")
        zone = ZoneInfo(self.table.time_zone)
        local = self.since.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
        if self.table.time_zone != "UTC":
            local -= _CLOCK_CHANGE
        return name, local.date().isoformat() if kind == "date" else local.isoformat(" ")


class Snapshot(Protocol):
    """A consistent state of the whole database."""

    def columns(self, table: Table) -> dict[str, Found]:
        """The columns in their order; empty when there is no such table, or we may not see it.

        BadSettings when the table cannot be read in a snapshot.
        """

    def described(self, tables: Sequence[str]) -> list[Described]:
        """These tables (`table` or `schema.table`), or all of the schema that is the connection's own, by name."""

    def copy(self, selection: Selection, target: BinaryIO) -> int:
        """Write the rows as CSV with a header, null as an empty cell; returns their number. Memory stays flat."""


class Database(Protocol):
    """A connection to a live database. Methods raise BadSettings or LandingFailed, never with a value in it."""

    def horizon(self) -> Horizon:
        """To be asked before the snapshot is taken: what it does not see began at this moment or later."""

    def snapshot(self) -> Snapshot:
        """Take the snapshot; it lasts until the connection ends."""
