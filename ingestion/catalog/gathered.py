"""Small loads, gathered in the DuckDB file.

DuckDB opens every file that a view names, and a table that comes in increments soon has a thousand small ones. Their
rows are copied into a table beside the view, each load once, and the view reads them from there. The raw files remain
authoritative: a load that no longer counts leaves the table, a new one is added, and a missing table is read again.
"""

from collections.abc import Callable, Sequence

import duckdb

from ingestion.catalog.duck_file import all_cores, columns_of
from ingestion.catalog.schema import PARTITION_COLUMNS, RawTable
from ingestion.loads import Manifest
from ingestion.sql import literal, quoted

FILES = 50
"""The maximum of small loads' files in one view."""

_ROWS = 100_000
"""A load of more rows is not copied: that would cost more than opening it."""

RowsOf = Callable[[RawTable, Sequence[Manifest]], str]


def gather(
    connection: duckdb.DuckDBPyConnection,
    table: RawTable,
    loads: Sequence[Manifest],
    rows_of: RowsOf,
) -> tuple[str | None, list[Manifest]]:
    """Update the table's gathered rows to `loads`, the loads that count.

    `rows_of` gives the query over the files of some loads. Returns the relation of the gathered rows, if there is one,
    and the loads whose files are still to be read.
    """
    filled = [load for load in loads if load.landed]
    small = {load.load_id: load for load in filled if load.kind != "full" and load.landed <= _ROWS}
    relation = f"{quoted(table.database)}.{quoted(_name(table))}"
    is_there = _is_there(connection, table, relation)
    if len(small) <= FILES and not is_there:
        return None, filled
    if not is_there:
        connection.execute(f"create table {relation} as {rows_of(table, ())}")
    there = gathered_counts(connection, table)
    # by count too: a load whose rows are there twice or in part is as wrong as a load that should not be there
    if gone := {
        load_id
        for load_id, count in there.items()
        if load_id not in small or small[load_id].landed != count
    }:
        ids = ", ".join(map(literal, sorted(gone)))
        connection.execute(f"delete from {relation} where load_id in ({ids})")
    held = set(there) - gone
    new = [load for load_id, load in small.items() if load_id not in held]
    if len(new) > FILES:
        with all_cores(connection):
            connection.execute(f"insert into {relation} {rows_of(table, new)}")
        held |= {load.load_id for load in new}
    return relation, [load for load in filled if load.load_id not in held]


def gathered_counts(connection: duckdb.DuckDBPyConnection, table: RawTable) -> dict[str, int]:
    """How many rows of each load are gathered; none where there is no such table."""
    name = _name(table)
    if not columns_of(connection, table.database, name):
        return {}
    relation = f"{quoted(table.database)}.{quoted(name)}"
    return dict(
        connection.execute(f"select load_id, count(*) from {relation} group by 1").fetchall()
    )


def _name(table: RawTable) -> str:
    return f"{table.name}__gathered"


def _is_there(connection: duckdb.DuckDBPyConnection, table: RawTable, relation: str) -> bool:
    """Whether the gathered rows have today's columns; a table with other columns is dropped."""
    found = columns_of(connection, table.database, _name(table))
    columns = {name: kind.duckdb for name, kind in (table.columns | PARTITION_COLUMNS).items()}
    if found and dict(found) != columns:
        connection.execute(f"drop table {relation}")
    return bool(found) and dict(found) == columns
