"""Small loads, gathered in the DuckDB file.

DuckDB opens every file that a view names, and a table that comes in increments soon has a thousand small ones. Their
rows are copied into a table beside the view, each load once, and the view reads them from there. Raw files stay what
counts: a load that counts no more leaves the table, another one of its content comes in, and without the table all of
it is read again.
"""

from collections.abc import Callable, Sequence

import duckdb

from ingestion.catalog.schema import PARTITION_COLUMNS, RawTable
from ingestion.manifest import Manifest
from ingestion.sql import literal, quoted

FILES = 50
"""So many files of small loads a view may name."""

_ROWS = 100_000
"""A load of more rows stays where it is: to copy it would cost more than to open it."""

RowsOf = Callable[[RawTable, Sequence[Manifest]], str]


def gather(
    connection: duckdb.DuckDBPyConnection,
    table: RawTable,
    loads: Sequence[Manifest],
    rows_of: RowsOf,
) -> tuple[str | None, list[Manifest]]:
    """Bring the table's gathered rows up to date with `loads`, the ones that count.

    `rows_of` gives the query over the files of some loads. Returns the relation of the gathered rows, if there is one,
    and the loads whose files are still to be read.
    """
    filled = [load for load in loads if load.landed]
    small = {load.load_id: load for load in filled if load.kind != "full" and load.landed <= _ROWS}
    relation = f"{quoted(table.database)}.{quoted(f'{table.name}__gathered')}"
    is_there = _is_there(connection, table, relation)
    if len(small) <= FILES and not is_there:
        return None, filled
    if not is_there:
        connection.execute(f"create table {relation} as {rows_of(table, ())}")
    there = {
        row[0] for row in connection.execute(f"select distinct load_id from {relation}").fetchall()
    }
    if gone := there - set(small):
        ids = ", ".join(map(literal, sorted(gone)))
        connection.execute(f"delete from {relation} where load_id in ({ids})")
    new = [load for load_id, load in small.items() if load_id not in there]
    if len(new) > FILES:
        connection.execute(f"insert into {relation} {rows_of(table, new)}")
        there |= {load.load_id for load in new}
    return relation, [load for load in filled if load.load_id not in there]


def _is_there(connection: duckdb.DuckDBPyConnection, table: RawTable, relation: str) -> bool:
    """Whether the gathered rows are there with today's columns; those of other columns are dropped."""
    found = connection.execute(
        "select column_name, lower(data_type) from duckdb_columns()"
        " where schema_name = ? and table_name = ? order by column_index",
        [table.database, f"{table.name}__gathered"],
    ).fetchall()
    columns = {name: kind.duckdb for name, kind in (table.columns | PARTITION_COLUMNS).items()}
    if found and dict(found) != columns:
        connection.execute(f"drop table {relation}")
    return bool(found) and dict(found) == columns
