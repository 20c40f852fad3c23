"""The DuckDB file as a catalogue: one view per raw table over the files of committed loads, named one by one.

DuckDB has no catalogue of partitions, and a glob would read what is not committed. With the files in the view, a
query for one day still opens only that day's files (the partition columns come from their paths). Many small files are
gathered into one table (gathered.py).

The tables of `raw_landfall` are copied into the file. They are small, and people query them where the lake is out of
reach: in a copy of the file on a laptop.
"""

import hashlib
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from ingestion.catalog.base import OWN_DATABASE, DerivedTable, Difference, Registration
from ingestion.catalog.duck_file import DuckFile, columns_of, is_cut, is_there
from ingestion.catalog.gathered import gather, gathered_counts
from ingestion.catalog.schema import PARTITION_COLUMNS, RawTable
from ingestion.loads import Manifest
from ingestion.sql import literal, quoted, row
from ingestion.store import Store

logger = logging.getLogger(__name__)

_REGISTERED = f"{OWN_DATABASE}.registered"
_RECORD = (
    f"create schema if not exists {OWN_DATABASE};"
    f" create table if not exists {_REGISTERED} (table_name varchar, state varchar)"
)
_TAKEN_IN = f"{OWN_DATABASE}.taken_in"
"""Which objects the rows of the tables of `raw_landfall` came from."""

_TAKEN_IN_RECORD = (
    f"create schema if not exists {OWN_DATABASE};"
    f" create table if not exists {_TAKEN_IN} (table_name varchar, object_key varchar, mark varchar)"
)

_FILE = re.compile(r"'((?:[^']|'')*/part-00000\.parquet)'")
"""The files that a view names."""

_HIVE_TYPES = (
    "{" + ", ".join(f"{name}: {kind.duckdb}" for name, kind in PARTITION_COLUMNS.items()) + "}"
)


class DuckCatalog:
    """Views in the DuckDB file at `path`. Readers of the file are neither blocked nor disturbed."""

    def __init__(self, file: DuckFile, store: Store) -> None:
        self._file, self._store = file, store

    def register(
        self, registrations: Sequence[Registration], added: Sequence[Manifest] | None = None
    ) -> None:
        """Replace the views that show other loads than these, or another lake's (with `added` None: all of them).

        The content of a view is recorded with it. So the next landing adds what is missing, whoever registered before
        and whichever file replaced another.
        """
        wanted = {one.table.full_name: (self._state(one), one) for one in registrations}

        def due(connection: duckdb.DuckDBPyConnection) -> list[str]:
            """The tables whose view shows something else."""
            known = dict(_recorded(connection, f"select table_name, state from {_REGISTERED}"))
            return [n for n, (state, _) in wanted.items() if added is None or known.get(n) != state]

        def register(connection: duckdb.DuckDBPyConnection) -> None:
            """Replace these views, and record their content."""
            connection.execute(_RECORD)
            for name in due(connection):
                state, one = wanted[name]
                self._register(connection, one)
                connection.execute(f"delete from {_REGISTERED} where table_name = {literal(name)}")
                connection.execute(f"insert into {_REGISTERED} values {row(name, state)}")

        self._file.change(register, lambda connection: bool(due(connection)))

    def _state(self, wanted: Registration) -> str:
        """One hash over everything that decides the rows and columns of a view."""
        parts = [self._store.root]
        parts += [f"{name} {kind}" for name, kind in wanted.table.columns.items()]
        parts += [load.data_key for load in wanted.loads]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def _register(self, connection: duckdb.DuckDBPyConnection, wanted: Registration) -> None:
        """Create or replace the view of a table."""
        table = wanted.table
        connection.execute(f"create schema if not exists {quoted(table.database)}")
        view = f"{quoted(table.database)}.{quoted(table.name)}"
        gathered, loads = gather(connection, table, wanted.loads, self._rows_of)
        parts = [f"select * from {gathered}"] if gathered else []
        parts += [self._rows_of(table, loads)] if loads or not gathered else []
        connection.execute(f"create or replace view {view} as {' union all '.join(parts)}")

    def publish(self, tables: Sequence[DerivedTable]) -> None:
        """Update the tables of `raw_landfall` from their objects, reading only new ones."""

        def is_due(connection: duckdb.DuckDBPyConnection) -> bool:
            """Whether any table has other objects."""
            return any(_held(connection, one) != set(one.objects.items()) for one in tables)

        def take_in(connection: duckdb.DuckDBPyConnection) -> None:
            """Update all of them."""
            connection.execute(_TAKEN_IN_RECORD)
            for table in tables:
                self._take_in(connection, table)

        self._file.change(take_in, is_due)

    def _take_in(self, connection: duckdb.DuckDBPyConnection, table: DerivedTable) -> None:
        """Add the rows of new objects; if one is gone or changed, rebuild the table."""
        relation = f"{OWN_DATABASE}.{quoted(table.name)}"
        held, wanted = _held(connection, table), set(table.objects.items())
        if not held or held - wanted:
            held = set()
            connection.execute(f"drop table if exists {relation}")
            connection.execute(f"create table {relation} as {_none(table.columns)}")
            connection.execute(f"delete from {_TAKEN_IN} where table_name = {literal(table.name)}")
        for key, mark in sorted(wanted - held):
            try:
                rows = self._read(connection, table, key)
            except duckdb.Error:
                if table.is_whole:
                    raise
                logger.warning("%s cannot be read: %s lacks its rows", key, relation)
                continue
            connection.execute(f"insert into {relation} select * from rows")
            connection.execute(f"insert into {_TAKEN_IN} values {row(table.name, key, mark)}")
            del rows

    def _read(
        self, connection: duckdb.DuckDBPyConnection, table: DerivedTable, key: str
    ) -> pa.Table:
        """The rows of an object, on a connection of their own: an error there ends no transaction here.

        A column that the table did not have when the object was written is null.
        """
        with connection.cursor() as own:
            found = own.execute(f"select * from {self._files([key])} limit 0").description or ()
            there = {column[0] for column in found}
            chosen = ", ".join(
                quoted(name) if name in there else f"cast(null as {kind.duckdb}) as {quoted(name)}"
                for name, kind in table.columns.items()
            )
            return own.execute(f"select {chosen} from {self._files([key])}").to_arrow_table()

    def differences(self, registrations: Sequence[Registration]) -> list[Difference]:
        """Views that are missing or name other files than their loads', and gathered rows of other loads."""
        if not is_there(self._file.path):
            return [Difference(self._file.path.name, "no warehouse file")]
        try:
            with self._file.reading() as connection:
                if is_cut(self._file.path, connection):
                    return [self._unreadable("cut")]
                return [
                    Difference(wanted.table.full_name, problem)
                    for wanted in registrations
                    if (problem := self._difference(connection, wanted))
                ]
        except duckdb.Error as error:
            return [self._unreadable(type(error).__name__)]

    def _unreadable(self, why: str) -> Difference:
        return Difference(self._file.path.name, f"warehouse file unreadable ({why})", True)

    def _difference(
        self, connection: duckdb.DuckDBPyConnection, wanted: Registration
    ) -> str | None:
        table = wanted.table
        place = row(table.database, table.name)
        query = f"select sql from duckdb_views() where (schema_name, view_name) = {place}"
        (sql,) = connection.execute(query).fetchone() or (None,)
        if sql is None:
            return "view missing"
        counts = gathered_counts(connection, table)
        held = set(counts)
        named = set(_FILE.findall(sql))
        for load in wanted.loads:
            if counts.pop(load.load_id, load.landed) != load.landed:
                return "gathered rows of another count"
        if counts:
            return "gathered rows of other loads"
        due = {load.data_key for load in wanted.loads if load.landed and load.load_id not in held}
        if named != {self._store.uri(key).replace("'", "''") for key in due}:
            return "view of other files"
        return None

    def taken_loads(self) -> list[str]:
        """From `snapshots.taken_loads`; none where there is no such table yet, or the file cannot be read."""
        if not is_there(self._file.path):
            return []
        try:
            with self._file.reading() as connection:
                rows = connection.execute(
                    "select distinct load_id from snapshots.taken_loads"
                ).fetchall()
        except duckdb.Error:
            return []
        return [str(load_id) for (load_id,) in rows]

    def _rows_of(self, table: RawTable, loads: Iterable[Manifest]) -> str:
        """A select over all loads: one part for each set of columns, and an empty one.

        The empty part keeps DuckDB (1.5.5) from an optimisation that ends with an internal error: the least or
        greatest partition value, once only a single file is left to read.
        """
        groups: dict[tuple[tuple[str, str], ...], list[str]] = {}
        for load in loads:
            groups.setdefault(tuple(load.columns.items()), []).append(load.data_key)
        parts = [
            f"select {_columns(table, dict(columns))} from {self._files(keys, partitioned=True)}"
            for columns, keys in groups.items()
        ]
        return " union all ".join([*parts, _none(table.columns | PARTITION_COLUMNS)])

    def _files(self, keys: Sequence[str], partitioned: bool = False) -> str:
        paths = ", ".join(literal(self._store.uri(key)) for key in keys)
        partitions = f"true, hive_types = {_HIVE_TYPES}" if partitioned else "false"
        return f"read_parquet([{paths}], hive_partitioning = {partitions})"


def _columns(table: RawTable, there: dict[str, str]) -> str:
    """The table's columns over files that were landed with the columns `there`; a missing column is null."""
    chosen = []
    for name, kind in table.columns.items():
        if there.get(name) == str(kind):
            chosen.append(quoted(name))
        else:
            value = quoted(name) if name in there else "null"
            chosen.append(f"cast({value} as {kind.duckdb}) as {quoted(name)}")
    return ", ".join([*chosen, *PARTITION_COLUMNS])


def _none(columns: Mapping[str, Any]) -> str:
    """A select of these columns, and no row."""
    chosen = ", ".join(
        f"cast(null as {kind.duckdb}) as {quoted(name)}" for name, kind in columns.items()
    )
    return f"select {chosen} where false"


def _recorded(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[str, str]]:
    """The pairs of a record; none where it was never made."""
    try:
        return connection.execute(query).fetchall()
    except duckdb.CatalogException:
        return []


def _held(
    connection: duckdb.DuckDBPyConnection, table: DerivedTable
) -> set[tuple[str, str]] | None:
    """The objects whose rows the file holds, with their marks; None where there is no table of today's columns."""
    found = columns_of(connection, OWN_DATABASE, table.name)
    if found != [(name, kind.duckdb) for name, kind in table.columns.items()]:
        return None
    name = literal(table.name)
    query = f"select object_key, mark from {_TAKEN_IN} where table_name = {name}"
    return set(_recorded(connection, query))
