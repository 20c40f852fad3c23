"""What a live database must be able to do; postgres.py and mysql.py do it."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

from ingestion.contract import Table
from ingestion.extract.address import Address


@dataclass(frozen=True)
class Horizon:
    """Until when everything written is known to be visible, by the server's clock; UTC without zone.

    `is_exact` when the server could tell its open transactions: all that may still commit began at `moment` or later.
    Else `moment` is the server's time alone, and transactions may be open since before.
    """

    moment: datetime
    is_exact: bool


@dataclass(frozen=True)
class Selection:
    """What to read of a table: `columns` by their names in the file; of an incremental one, rows from `since` on.

    `since` is in the table's own time zone, and null watermarks are always read: nobody knows how old they are.
    """

    table: Table
    columns: tuple[str, ...]
    since: datetime | None = None

    @property
    def place(self) -> str:
        """How messages name the table."""
        return self.table.full_name


class Snapshot(Protocol):
    """A consistent state of the whole database."""

    def columns(self, table: str) -> dict[str, str]:
        """Name and type of each column that we may see; empty when there is no such table, or we may not see it."""

    def copy(self, selection: Selection, target: BinaryIO) -> int:
        """Write the rows as CSV with a header, null as an empty cell; returns their number. Memory stays flat."""


class Database(Protocol):
    """A connection to a live database. Methods raise BadSettings or LandingFailed, never with a value in it."""

    def horizon(self) -> Horizon:
        """To be asked before the snapshot is taken: what it does not see began at this moment or later."""

    def snapshot(self) -> Snapshot:
        """Take the snapshot; it lasts until the connection ends."""


def connected(address: Address, source: str) -> AbstractContextManager[Database]:
    """A connection for a block. BadSettings for a wrong user, password or name; LandingFailed when none answers."""
    # only the driver that is needed is loaded
    if address.engine == "postgresql":
        from ingestion.extract.postgres import connect_postgres

        return connect_postgres(address, source)
    from ingestion.extract.mysql import connect_mysql

    return connect_mysql(address, source)
