"""Forgotten persons: checks that no row of theirs is left in the lake or in a warehouse file."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.contract import Table
from ingestion.errors import LandingFailed
from ingestion.forgotten import Forgotten, ForgottenPerson, listed
from ingestion.loads import Loads
from ingestion.sql import quoted
from ingestion.store import Store, fetch_own
from ingestion.verify.finding import Finding, lost

_RUN = "python -m ingestion run; remove the file where it is none of a run"


def unfinished(people: Iterable[ForgottenPerson]) -> Iterator[Finding]:
    """Persons on the list who are not removed from the lake yet, or of whom the storage keeps something."""
    for one in people:
        if one.finished_at is None:
            yield lost("a person is not forgotten yet", one.key, "python -m ingestion land")
        elif one.left:
            yield lost(one.left[0], one.key, f"then python -m ingestion forget {one.domain}")


def rows_left(
    store: Store,
    tables: Iterable[Table],
    loads: Loads,
    people: Iterable[ForgottenPerson],
    folder: Path,
) -> Iterator[Finding]:
    """Loads with a pseudonym of the list: a process that did not know the list landed them."""
    who = listed(people)
    for table in tables:
        mine = who.of(table)
        if not mine:
            continue
        for load in loads:
            is_here = load.full_name == table.full_name and not load.retracted
            if is_here and not loads.is_erased(load) and store.stat(load.data_key):
                path = folder / "rows.parquet"
                try:
                    fetch_own(store, load.data_key, path)
                    domain = _held(path, table, mine)
                except (LandingFailed, pa.ArrowException, OSError):
                    continue  # its damage is reported elsewhere
                if domain:
                    repair = f"python -m ingestion forget {domain}"
                    yield lost("rows of a forgotten person", load.data_key, repair)


def _held(path: Path, table: Table, who: Forgotten) -> str | None:
    """The domain of a person whom a file of rows holds."""
    with pq.ParquetFile(path) as file:
        names = set(file.schema_arrow.names)
        for column, known in who.columns_of(table):
            if column.pseudonym_name in names:
                found = file.read(columns=[str(column.pseudonym_name)]).column(0)
                if not known.keys().isdisjoint(found.to_pylist()):
                    return column.pseudonym
    return None


def warehouses(published: Path, people: Iterable[ForgottenPerson]) -> Iterator[Finding]:
    """DuckDB files in the published one's folder with a pseudonym of the list in a table."""
    pseudonyms = sorted({one.pseudonym for one in people})
    files = sorted(published.parent.glob("*.duckdb")) if pseudonyms else []
    for path in files:
        try:
            with duckdb.connect(str(path), read_only=True) as connection:
                tables = _tables_with(connection, pseudonyms)
        except duckdb.Error:
            continue  # its damage is reported elsewhere
        for name in tables:
            yield lost("rows of a forgotten person", f"{path.name} {name}", _RUN)


def _tables_with(connection: duckdb.DuckDBPyConnection, pseudonyms: list[str]) -> list[str]:
    """The tables in which a column of pseudonyms has one of these."""
    found = connection.execute(
        "select schema_name, table_name, list(column_name order by column_index) from duckdb_columns()"
        " semi join duckdb_tables() using (schema_name, table_name)"
        " where column_name like '%pseudonym' and data_type = 'VARCHAR' group by all order by all"
    ).fetchall()
    columns = {f"{quoted(schema)}.{quoted(name)}": names for schema, name, names in found}
    return [
        table.replace('"', "")
        for table, names in columns.items()
        if connection.execute(
            f"select 1 from {table} where "
            + " or ".join(f"list_contains(?, {quoted(name)})" for name in names)
            + " limit 1",
            [pseudonyms] * len(names),
        ).fetchone()
    ]
