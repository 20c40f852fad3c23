"""What is true each evening, as typed rows: tests hold what was landed and built against it.

The truth knows nothing of the planted dirt: where an extract was spoilt, `Dirt.effect` says what landed instead.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from samples.practice.life import Day, Practice
from samples.practice.options import Options
from samples.practice.tables import TABLES, Row, layout


def simulate(options: Options) -> Iterator[Day]:
    """The practice's days one by one, history included, in memory that does not grow with the days."""
    return Practice(options).days()


@dataclass(frozen=True)
class TrueDay:
    """One extract date. `tables` holds the rows of each table that must land, `ledger` its sum by entry type.

    A row has a cell for each column of the contract, in its order: str, int, Decimal, date or None (a time of day
    is text HH:MM, a start HH:MM or YYYY-MM-DD HH:MM; optional columns are None where the extract lacks them).
    """

    index: int
    date: date
    tables: dict[str, list[tuple[object, ...]]]
    ledger: dict[str, Decimal]


def true_days(options: Options) -> Iterator[TrueDay]:
    """The truth of each extract date. Keeps every row ever settled: for practices of a test's size."""
    settled: dict[str, list[Row]] = {table: [] for table in TABLES}
    for day in simulate(options):
        for table, rows in day.settled.items():
            settled[table] += rows
        if day.index < options.first_written:
            continue
        tables = {}
        for table in TABLES:
            shape = layout(options, table, day.index)
            rows = [*settled[table], *day.open_rows(table)]
            tables[table] = [shape.landed(row) for row in rows]
        ledger = {kind: Decimal(cents).scaleb(-2) for kind, cents in day.totals.items()}
        yield TrueDay(day.index, day.date, tables, ledger)
