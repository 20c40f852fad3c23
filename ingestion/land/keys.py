"""Checks that the keys of a finished extract are unique, in bounded memory, and fast when they are.

Rows are numbered by `_source_row`, from 1. Three ways, the cheapest first: a key that only ever grows is unique; a
small extract is compared in memory; a large one by 64-bit hashes of its keys, sorted in numpy, and only rows whose hash
occurs twice are compared. Hashes are of lower-case keys, so that one pass also finds keys that differ in case alone.
"""

from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt

from ingestion.arrow import Array, Ints, pa, pc
from ingestion.contract import Delivery, Table
from ingestion.formats import KEY_SEPARATOR, OPERATION, SOURCE_ROW
from ingestion.sql import literal, quoted

_SMALL = 100_000
"""Rows whose keys are compared in memory."""

_HASHES_AT_ONCE = 1 << 24
"""128 MiB of hashes; more rows are compared in several passes."""


@dataclass(frozen=True)
class KeyFindings:
    """Source rows, ascending: repeated ones to drop, conflicting ones to quarantine. Counts of rows with warnings."""

    duplicates: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    conflicts: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    same_but_for_case: int = 0
    repeated_operations: int = 0


def key_in_sql(table: Table) -> str:
    """The key of a landed row as one text, as quarantine names it (`row_key`): an expression for DuckDB."""
    cells = [f"cast({quoted(name)} as varchar)" for name in table.key_columns]
    return f"concat_ws(chr({ord(KEY_SEPARATOR)}), {', '.join(cells)})"


class KeyWatch:
    """Observes the rows of an extract; afterwards `is_unique` says whether this proved the keys unique."""

    def __init__(self, table: Table) -> None:
        self._columns = table.key_columns
        self._grows = len(self._columns) == 1
        self._last: Array | None = None
        self._small: list[Array] | None = []
        self._rows = 0

    def see(self, rows: pa.RecordBatch) -> None:
        """Add the next rows, with the contract's columns."""
        if not self._columns or not rows.num_rows or not (self._grows or self._small is not None):
            return
        self._rows += rows.num_rows
        keys = [_folded(rows.column(name)) for name in self._columns]
        self._grows = self._grows and self._still_grows(keys[0])
        if self._rows > _SMALL:
            self._small = None
        if self._small is not None:
            texts = [pc.cast(key, pa.string()) for key in keys]
            self._small.append(pc.binary_join_element_wise(*texts, KEY_SEPARATOR))

    def is_unique(self) -> bool:
        """Whether no two rows have keys that are equal or differ in case alone. False when this is unknown."""
        if not self._columns or self._grows or not self._rows:
            return True
        if self._small is None:
            return False
        return bool(pc.count_distinct(pa.chunked_array(self._small)).as_py() == self._rows)

    def _still_grows(self, key: Array) -> bool:
        if self._last is not None and not pc.greater(key[0], self._last).as_py():
            return False
        self._last = key[-1]
        return pc.all(pc.greater(key[1:], key[:-1])).as_py() is not False


def _folded(key: Array) -> Array:
    return pc.utf8_lower(key) if pa.types.is_string(key.type) else key


def find_repeated(
    connection: duckdb.DuckDBPyConnection, path: Path, table: Table, delivery: Delivery
) -> KeyFindings:
    """Look for keys that occur more than once in the finished parquet file `path`."""
    hashed = f"hash({', '.join(_lower(table, name) for name in table.key_columns)})"
    source = f"read_parquet({literal(str(path))})"
    suspects = _repeated_hashes(connection, f"select {hashed} as hashed from {source}")
    if not len(suspects):
        return KeyFindings()
    connection.register("suspect_hashes", pa.table({"hashed": suspects}))
    try:
        connection.execute(
            f"create or replace temp table suspects as select * from {source} "
            f"where {hashed} in (select hashed from suspect_hashes)"
        )
    finally:
        connection.unregister("suspect_hashes")
    try:
        return _judge(connection, table, delivery)
    finally:
        connection.execute("drop table suspects")


def _lower(table: Table, name: str) -> str:
    return f"lower({quoted(name)})" if table.column(name).type.name == "string" else quoted(name)


def _repeated_hashes(connection: duckdb.DuckDBPyConnection, query: str) -> npt.NDArray[np.uint64]:
    """The hashes that occur more than once in the query."""
    (rows,) = connection.execute(f"select count(*) from ({query})").fetchone() or (0,)
    passes = -(-rows // _HASHES_AT_ONCE)
    repeated = []
    for number in range(passes):
        condition = f" where hashed % {passes} = {number}" if passes > 1 else ""
        reader = connection.execute(f"select * from ({query}){condition}").to_arrow_reader(1 << 17)
        chunks = [batch.column(0).to_numpy() for batch in reader]
        hashes = np.concatenate(chunks) if chunks else np.empty(0, np.uint64)
        del chunks
        hashes.sort()
        repeated.append(np.unique(hashes[1:][hashes[1:] == hashes[:-1]]))
    return np.concatenate(repeated) if repeated else np.empty(0, np.uint64)


def _judge(connection: duckdb.DuckDBPyConnection, table: Table, delivery: Delivery) -> KeyFindings:
    """Separate repeated rows from conflicting ones, by the rules of the delivery's kind, over the table `suspects`."""
    key = ", ".join(quoted(name) for name in table.key_columns)
    if delivery.kind == "changes":
        return KeyFindings(
            same_but_for_case=_same_but_for_case(connection, table, ""),
            repeated_operations=_count(connection, _repeated_operations(key, delivery)),
        )
    group = list(table.key_columns)
    if delivery.kind == "incremental" and table.watermark:
        group.append(table.watermark)
    connection.execute(
        f"create or replace temp table judged as {_verdicts(table, delivery.kind, group)}"
    )
    findings = KeyFindings(
        duplicates=_rows(connection, "duplicate"),
        conflicts=_rows(connection, "conflict"),
        same_but_for_case=_same_but_for_case(
            connection,
            table,
            f"where {SOURCE_ROW} not in (select source_row from judged where verdict = 'conflict')",
        ),
    )
    connection.execute("drop table judged")
    return findings


def _verdicts(table: Table, kind: str, group: list[str]) -> str:
    """SQL that says of each row whether it is a `duplicate`, in `conflict`, or neither (null).

    The first row of a group is kept if all its rows are equal; in `append` tables it is always kept.
    """
    names = ", ".join(quoted(name) for name in group)
    values = f"row({', '.join(quoted(column.name) for column in table.columns)})"
    conflict = "differs" if kind == "append" else f"bool_or(differs) over (partition by {names})"
    keeps_first = "when is_first then null " if kind == "append" else ""
    return (
        f"select source_row, case {keeps_first}when {conflict} then 'conflict' "
        "when not is_first then 'duplicate' end as verdict "
        f"from (select {names}, {SOURCE_ROW} as source_row, row_number() over ordered = 1 as is_first, "
        f"{values} is distinct from first_value({values}) over ordered as differs "
        f"from suspects window ordered as (partition by {names} order by {SOURCE_ROW}))"
    )


def _repeated_operations(key: str, delivery: Delivery) -> str:
    """SQL over operations of one key in the file's order: an insert after another, or two with one order value."""
    before = f"over (partition by {key} order by {SOURCE_ROW})"
    repeated = f"({OPERATION} = 'I' and lag({OPERATION}) {before} <> 'D')"
    if delivery.order:
        repeated += f" or {quoted(delivery.order)} = lag({quoted(delivery.order)}) {before}"
    return (
        f"select count(*) from (select {repeated} as is_repeated from suspects) where is_repeated"
    )


def _same_but_for_case(connection: duckdb.DuckDBPyConnection, table: Table, condition: str) -> int:
    exact = f"row({', '.join(quoted(name) for name in table.key_columns)})"
    folded = ", ".join(_lower(table, name) for name in table.key_columns)
    return _count(
        connection,
        f"select coalesce(sum(many), 0)::bigint from (select count(*) as many from suspects {condition} "
        f"group by {folded} having count(distinct {exact}) > 1)",
    )


def _rows(connection: duckdb.DuckDBPyConnection, verdict: str) -> Ints:
    query = f"select source_row from judged where verdict = '{verdict}' order by source_row"
    return np.asarray(connection.execute(query).fetchnumpy()["source_row"], np.int64)


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    (count,) = connection.execute(query).fetchone() or (0,)
    return int(count)
