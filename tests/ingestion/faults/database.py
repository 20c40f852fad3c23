"""A database in memory, for what `extract` does with files."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import BinaryIO

from ingestion.contract import Table
from ingestion.extract.database import Found, Horizon, Selection

ROWS = b"body\nfirst\nsecond\n"


class Memory:
    """Both the database and a snapshot of it."""

    def horizon(self) -> Horizon:
        """Always the same moment."""
        return Horizon(datetime(2026, 1, 2), is_exact=True)

    def snapshot(self) -> "Memory":
        """Itself."""
        return self

    def columns(self, table: Table) -> dict[str, Found]:
        """Those of the contract."""
        return {column.file_name: Found("text", "other") for column in table.columns}

    def check(self, selection: Selection) -> None:
        """It refuses none."""

    def copy(self, selection: Selection, target: BinaryIO) -> int:
        """The same two rows each time."""
        target.write(ROWS)
        return 2


@contextmanager
def connected(*_: object) -> Iterator[Memory]:
    """In place of a connection."""
    yield Memory()
