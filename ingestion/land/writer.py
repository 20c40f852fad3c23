"""Writes the parquet file of a load: with fixed schema and options and without the clock's time, so that bytes can be
repeated."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.arrow import Array, Ints, pc
from ingestion.catalog import EXTRACTED_AT, PARQUET_OPTIONS, PSEUDONYM_KEY_ID, RawTable
from ingestion.contract import Table
from ingestion.errors import LandingFailed
from ingestion.formats import SOURCE_ROW
from ingestion.pseudonyms import Pseudonymiser
from ingestion.store import sha256_of

GROUP_ROWS = 131_072
GROUP_BYTES = 32 * 2**20
"""A row group is written once it has this many rows or bytes, which bounds the memory for any rows."""

SAMPLE_ROWS = 10_000
"""The rows from which a column's values are judged to repeat."""


_MOST_DIGITS = 76
"""The digits of arrow's widest decimal: the sum of a batch of the lake's widest decimals fits easily."""

_SAFE_DIGITS = 28
"""Ten thousand million values of this many digits have a sum of 38 digits."""

_EXACT = Context(prec=200)
"""Adds without rounding: Python's own context keeps 28 digits."""


@dataclass(frozen=True)
class Written:
    """A finished parquet file: its rows, the sum of each decimal column, SHA-256 (hex) and size in bytes."""

    path: Path
    rows: int
    sums: dict[str, Decimal]
    sha256: str
    size: int


class LoadWriter:
    """Writes record batches of one raw table. `close` verifies what is on disk."""

    def __init__(self, path: Path, table: RawTable) -> None:
        self._path, self._schema = path, table.arrow
        self._writer: pq.ParquetWriter | None = None
        self._pending: list[pa.RecordBatch] = []
        self._rows = self._bytes = self._total = 0
        self._sums = {
            name: Decimal(0) for name, kind in table.columns.items() if kind.name == "decimal"
        }

    def write(self, rows: pa.RecordBatch) -> None:
        """Add the next rows, with exactly the raw table's columns."""
        if not rows.num_rows:
            return
        for name, before in self._sums.items():
            self._sums[name] = _EXACT.add(before, exact_sum(rows.column(name)))
        self._pending.append(rows)
        self._rows += rows.num_rows
        self._bytes += rows.nbytes
        if self._rows >= GROUP_ROWS or self._bytes >= GROUP_BYTES:
            self._flush()

    def close(self) -> Written:
        """Finish the file, open it again and compare its rows and schema with the written ones."""
        self._flush()
        self._open(self._schema.empty_table()).close()
        with pq.ParquetFile(self._path) as file:
            if file.metadata.num_rows != self._total or file.schema_arrow != self._schema:
                raise LandingFailed("a parquet file was not written as it should have been")
        return Written(
            self._path, self._total, self._sums, sha256_of(self._path), self._path.stat().st_size
        )

    def _open(self, first: pa.Table) -> pq.ParquetWriter:
        """The file's writer, made when its first rows are known."""
        if self._writer is None:
            options = PARQUET_OPTIONS | {"use_dictionary": _repetitive(first)}
            self._writer = pq.ParquetWriter(self._path, self._schema, **options)
        return self._writer

    def _flush(self) -> None:
        if self._pending:
            rows = pa.Table.from_batches(self._pending)
            self._open(rows).write_table(rows, row_group_size=self._rows)
        self._total += self._rows
        self._pending, self._rows, self._bytes = [], 0, 0


def exact_sum(column: Array) -> Decimal:
    """The exact sum of a column of decimals; arrow's own wraps around beyond 38 digits."""
    if column.type.precision > _SAFE_DIGITS:
        column = column.cast(pa.decimal256(_MOST_DIGITS, column.type.scale))
    return pc.sum(column).as_py() or Decimal(0)


def _repetitive(first: pa.Table) -> list[str] | bool:
    """The columns that are worth a dictionary, judged by the first rows: building one for a column of ever new values
    takes longer than all the rest of writing. A small file has one for each."""
    sample = first.slice(0, SAMPLE_ROWS)
    if sample.num_rows < SAMPLE_ROWS:
        return True
    few = SAMPLE_ROWS // 4
    return [name for name in sample.column_names if pc.count_distinct(sample[name]).as_py() <= few]


class Lineage:
    """Adds the raw table's own columns to the rows of one extract."""

    def __init__(
        self, table: Table, raw: RawTable, extracted_at: datetime, key: Pseudonymiser | None
    ) -> None:
        self._schema, self._key = raw.arrow, key
        self._extracted_at = pa.scalar(extracted_at, self._schema.field(EXTRACTED_AT).type)
        self._pseudonyms = [
            (c.name, name, c.pseudonym) for c in table.columns if (name := c.pseudonym_name)
        ]

    def complete(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        """The rows with pseudonyms, key id and extract time, in the raw table's order of columns."""
        columns = dict(zip(rows.schema.names, rows.columns, strict=True))
        for column, name, domain in self._pseudonyms:
            assert self._key is not None, "landing a table with pseudonyms was not refused"
            columns[name] = self._key.column(columns[column], str(domain))
        if self._key and self._pseudonyms:
            columns[PSEUDONYM_KEY_ID] = pa.repeat(self._key.key_id, rows.num_rows)
        columns[EXTRACTED_AT] = pa.repeat(self._extracted_at, rows.num_rows)
        return pa.record_batch([columns[name] for name in self._schema.names], schema=self._schema)


def without(path: Path, target: Path, table: RawTable, dropped: Ints) -> Written:
    """Write a load's file again to `target`, without the source rows `dropped` (ascending)."""
    writer = LoadWriter(target, table)
    for rows in _batches(path):
        numbers = rows.column(SOURCE_ROW).to_numpy()
        first, last = np.searchsorted(dropped, [numbers[0], numbers[-1] + 1])
        keep = ~np.isin(numbers, dropped[first:last])
        writer.write(rows.filter(pa.array(keep)))
    return writer.close()


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path, pre_buffer=False) as file:
        for number in range(file.num_row_groups):
            yield from file.iter_batches(1 << 16, row_groups=[number])
