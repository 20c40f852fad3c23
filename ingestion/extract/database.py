"""The interface of a live database; postgres.py and mysql.py implement it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import BinaryIO, Literal, Protocol

from ingestion.contract import Column, Table
from ingestion.moments import local

_CLOCK_CHANGE = timedelta(hours=2)
"""The most by which clocks may go back."""

SAVEPOINT = "landfall"
"""To which a session goes back after the error of one table, so that its snapshot goes on."""

REFUSES = "the database refuses the query (code {code})"

Kind = Literal["date", "local", "instant", "time", "bits", "float", "binary", "other"]
"""The kinds of column types: `local` are times without a zone, `instant` are points in time."""


@dataclass(frozen=True)
class Horizon:
    """The moment up to which every write is visible, by the server's clock; UTC without zone.

    `is_exact` when the server could list its open transactions: all that may still commit began at `moment` or later.
    Else `moment` is only the server's time, and older transactions may be open.
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
    `problem` is the reason if it cannot be read in a snapshot.
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

    `most` rows at most, where it is given. Null watermarks are always read: their age is unknown. `day_zone` decides
    the day of an instant. `has_null_words`: the delivery reads some words without quotes as null, so every cell is
    quoted. `said` is the table's name in messages, where no contract has named it yet.
    """

    table: Table
    columns: Mapping[str, Found]
    since: datetime | None = None
    day_zone: str = "UTC"
    has_null_words: bool = False
    most: int | None = None
    said: str | None = None

    @property
    def place(self) -> str:
        """The table's name in messages."""
        return f"{self.table.source}.{self.said}" if self.said else self.table.full_name

    @property
    def chosen(self) -> list[tuple[Column, Found]]:
        """The columns to read: the contract's, and the database's."""
        by_name = {column.file_name: column for column in self.table.columns}
        return [(by_name[name], found) for name, found in self.columns.items()]

    @property
    def address(self) -> tuple[str, ...]:
        """The table's name in the database, with its schema before it where the contract names one."""
        return self.table.extract_from or (self.table.name,)

    def zone_for(self, column: Column) -> str:
        """The zone in which an instant is written without an offset."""
        return self.day_zone if column.type.name == "date" else self.table.time_zone

    @property
    def watermark(self) -> tuple[str, str] | None:
        """The watermark's name in the database, and the least value to read, in the column's own type.

        An instant is compared in UTC. A time without zone is in the table's own zone, and begins earlier by the most
        that its clocks may go back; a date begins with its day. None when the whole table is read.
        """
        if self.since is None or self.table.watermark is None:
            return None
        name = self.table.column(self.table.watermark).file_name
        kind = self.columns[name].kind
        if kind == "instant":
            return name, self.since.isoformat(" ")
        here = local(self.since, self.table.time_zone).replace(tzinfo=None)
        if self.table.time_zone != "UTC":
            here -= _CLOCK_CHANGE
        return name, here.date().isoformat() if kind == "date" else here.isoformat(" ")


class Snapshot(Protocol):
    """A consistent state of the whole database."""

    def columns(self, table: Table) -> dict[str, Found]:
        """The columns in their order; empty when there is no such table, or we may not see it.

        BadSettings when the table cannot be read in a snapshot.
        """

    def described(self, tables: Sequence[str]) -> list[Described]:
        """These tables (`table` or `schema.table`), or all of the connection's own schema, by name."""

    def check(self, selection: Selection) -> None:
        """Ask for no row of the selection: BadSettings when the database refuses to read it."""

    def copy(self, selection: Selection, target: BinaryIO) -> int:
        """Write the rows as CSV with a header, null as an empty cell; returns their number. Memory stays flat.

        BadSettings when the database ends the query with an error of its own: the snapshot can still read the others.
        """


class Database(Protocol):
    """A connection to a live database. Methods raise BadSettings or LandingFailed, never with a value in it."""

    def horizon(self) -> Horizon:
        """Call it before `snapshot`: a transaction that the snapshot does not see began at this moment or later."""

    def snapshot(self) -> Snapshot:
        """Take the snapshot; it lasts until the connection ends."""
