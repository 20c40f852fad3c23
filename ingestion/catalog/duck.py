"""The DuckDB file as a catalogue: one view per raw table over the files of committed loads, named one by one.

DuckDB has no catalogue of partitions, and a glob would read what is not committed. With the files in the view, a
query for one day still opens only that day's files (the partition columns come from their paths). Many small files are
gathered into one table (gathered.py).
"""

from collections.abc import Iterable, Sequence
from functools import partial

import duckdb

from ingestion.catalog.base import OWN_DATABASE, DerivedTable, Registration
from ingestion.catalog.duck_file import DuckFile
from ingestion.catalog.gathered import gather
from ingestion.catalog.schema import PARTITION_COLUMNS, RawTable
from ingestion.manifest import Manifest
from ingestion.sql import literal, quoted
from ingestion.store import Store

_HIVE_TYPES = (
    "{" + ", ".join(f"{name}: {kind.duckdb}" for name, kind in PARTITION_COLUMNS.items()) + "}"
)


class DuckCatalog:
    """Views in the DuckDB file at `path`. Who reads the file meanwhile is neither blocked nor disturbed."""

    def __init__(self, file: DuckFile, store: Store) -> None:
        self._file, self._store = file, store

    def register(
        self, registrations: Sequence[Registration], added: Sequence[Manifest] | None = None
    ) -> None:
        """Replace the views of the tables that have `added` loads (None: of all); make those that are missing."""
        changed = None if added is None else {load.full_name for load in added}
        self._file.change(partial(self._register_all, registrations, changed))

    def _register_all(
        self,
        registrations: Sequence[Registration],
        changed: set[str] | None,
        connection: duckdb.DuckDBPyConnection,
    ) -> None:
        for wanted in registrations:
            source = wanted.table.database.removeprefix("raw_")
            is_new = changed is None or f"{source}.{wanted.table.name}" in changed
            self._register(connection, wanted, is_new)

    def _register(
        self, connection: duckdb.DuckDBPyConnection, wanted: Registration, is_new: bool
    ) -> None:
        """Make the view of a table if it is missing, or again if it has new loads."""
        table = wanted.table
        connection.execute(f"create schema if not exists {quoted(table.database)}")
        view = f"{quoted(table.database)}.{quoted(table.name)}"
        if not is_new:
            rows = self._rows_of(table, wanted.loads)
            connection.execute(f"create view if not exists {view} as {rows}")
            return
        gathered, loads = gather(connection, table, wanted.loads, self._rows_of)
        parts = [f"select * from {gathered}"] if gathered else []
        parts += [self._rows_of(table, loads)] if loads or not gathered else []
        connection.execute(f"create or replace view {view} as {' union all '.join(parts)}")

    def publish(self, tables: Sequence[DerivedTable]) -> None:
        """Replace the views of `raw_landfall`."""
        statements = [f"create schema if not exists {OWN_DATABASE}"]
        for table in tables:
            names = ", ".join(map(quoted, table.columns))
            rows = (
                f"select {names} from {self._files(table.keys)}"
                if table.keys
                else _none(table.columns)
            )
            statements.append(
                f"create or replace view {OWN_DATABASE}.{quoted(table.name)} as {rows}"
            )
        self._file.execute(statements)

    def _rows_of(self, table: RawTable, loads: Iterable[Manifest]) -> str:
        """A select over all loads: one part for those that were landed with the same columns."""
        groups: dict[tuple[tuple[str, str], ...], list[str]] = {}
        for load in loads:
            groups.setdefault(tuple(load.columns.items()), []).append(load.data_key)
        parts = [
            f"select {_columns(table, dict(columns))} from {self._files(keys, partitioned=True)}"
            for columns, keys in groups.items()
        ]
        return " union all ".join(parts) or _none(table.columns | PARTITION_COLUMNS)

    def _files(self, keys: Sequence[str], partitioned: bool = False) -> str:
        paths = ", ".join(literal(self._store.uri(key)) for key in keys)
        partitions = f"true, hive_types = {_HIVE_TYPES}" if partitioned else "false"
        return f"read_parquet([{paths}], hive_partitioning = {partitions})"


def _columns(table: RawTable, there: dict[str, str]) -> str:
    """The table's columns over files that were landed with the columns `there`: what is not there is null."""
    chosen = []
    for name, kind in table.columns.items():
        if there.get(name) == str(kind):
            chosen.append(quoted(name))
        else:
            value = quoted(name) if name in there else "null"
            chosen.append(f"cast({value} as {kind.duckdb}) as {quoted(name)}")
    return ", ".join([*chosen, *PARTITION_COLUMNS])


def _none(columns: dict) -> str:  # type: ignore[type-arg]
    chosen = ", ".join(
        f"cast(null as {kind.duckdb}) as {quoted(name)}" for name, kind in columns.items()
    )
    return f"select {chosen} where false"
