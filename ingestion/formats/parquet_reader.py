"""Reads the parts of a parquet extract by the same contract and the same checks as CSV.

A narrower type is widened when no value can change by it; any other type refuses the file. A
column declared `file_type: string` is parsed as a CSV's cells are. A row's line is its number over
all parts, and what is kept of a rejected one is its cells as JSON.
"""

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import numpy as np
import pyarrow.parquet as pq

from ingestion.contract import Column
from ingestion.errors import BadExtract
from ingestion.formats.arrow import Array, pa
from ingestion.formats.convert import from_text, from_typed
from ingestion.formats.layout import Layout, match_names
from ingestion.formats.model import (
    MAX_RAW,
    OPERATION,
    Batch,
    Extract,
    Part,
    Reject,
    batch_schema,
)
from ingestion.formats.numbers import Typed
from ingestion.formats.rows import operations
from ingestion.formats.verdict import Verdict
from ingestion.formats.widening import is_text, widened

BATCH_ROWS = 32_768


@dataclass(frozen=True)
class Rows:
    """Rows of the file as they are, the first of which has this number, and their layout."""

    batch: pa.RecordBatch
    number: int
    layout: Layout


def read_parquet(parts: Iterable[Part], extract: Extract) -> Iterator[Batch]:
    """Yield the batches of an extract. Raises BadExtract for what refuses the file as a whole."""
    scan = _Parts(parts, extract)
    for rows in scan:
        yield _convert(rows, extract)
    if scan.warnings:
        columns = [pa.array([], field.type) for field in batch_schema(extract.table)]
        empty = pa.RecordBatch.from_arrays(columns, schema=batch_schema(extract.table))
        yield Batch(empty, [], 0, scan.warnings)


def parquet_rows_at(parts: Iterable[Part], extract: Extract, wanted: set[int]) -> Iterator[Reject]:
    """Read the extract again for the rows with these numbers, as rejects for `key_conflict`."""
    column = next(iter(extract.table.key_columns), None)
    for rows in _Parts(parts, extract):
        numbers = range(rows.number, rows.number + rows.batch.num_rows)
        chosen = np.array([n - rows.number for n in numbers if n in wanted], np.int64)
        if not chosen.size:
            continue
        few = Rows(rows.batch.take(pa.array(chosen)), rows.number, rows.layout)
        _, verdict = _judge(few, extract)
        keys = verdict.keys(np.arange(len(chosen)), extract.table)
        for index, row, key in zip(chosen.tolist(), few.batch.to_pylist(), keys, strict=True):
            yield Reject(rows.number + index, 0, column, "key_conflict", _raw(row), key)


class _Parts:
    """Iterates over the rows of all parts. `warnings` are those of the files themselves."""

    def __init__(self, parts: Iterable[Part], extract: Extract) -> None:
        self._parts, self._extract = parts, extract
        self.warnings: Counter[str] = Counter()

    def __iter__(self) -> Iterator[Rows]:
        number = 1
        for part in self._parts:
            if not part.size:
                raise BadExtract("empty_object")
            with part.open() as stored, _seekable(stored) as whole:
                for rows in self._rows(whole, number):
                    number += rows.batch.num_rows
                    yield rows
        if number == 1:
            if not self._extract.table.may_be_empty:
                raise BadExtract("no_rows")
            self.warnings["no_rows"] = 1

    def _rows(self, stored: BinaryIO, number: int) -> Iterator[Rows]:
        try:
            file = pq.ParquetFile(stored, pre_buffer=False)
            layout = self._layout(file.schema_arrow)
            for batch in file.iter_batches(BATCH_ROWS, use_threads=False):
                if batch.num_rows:
                    yield Rows(batch, number, layout)
                number += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # the storage's trouble, not the file's
            raise BadExtract("wrong_type", detail="no parquet, or broken") from None

    def _layout(self, schema: pa.Schema) -> Layout:
        table, delivery = self._extract.table, self._extract.delivery
        try:
            header = match_names(schema.names, table, delivery, None)
        except BadExtract as error:
            if error.code != "missing_column":
                raise
            raise BadExtract("wrong_type", column=error.column, detail="missing") from None
        if header.ends_empty:
            raise BadExtract("unknown_column", detail="an unnamed column at the end")
        for column, place in zip(table.columns, header.layout.places, strict=True):
            if place is None:
                continue
            kind = schema.types[place]
            if (
                not _is_spelt(kind, column)
                and widened(pa.nulls(0, kind), column, table.time_zone) is None
            ):
                raise BadExtract("wrong_type", column=column.name)
        self.warnings |= header.warnings
        return header.layout


def _seekable(stored: BinaryIO) -> BinaryIO:
    """Parquet is read from its end: a stream is copied to a temporary file first."""
    if stored.seekable():
        return stored
    copy = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - the caller closes it
    shutil.copyfileobj(stored, copy)
    copy.seek(0)
    return copy


def _convert(rows: Rows, extract: Extract) -> Batch:
    columns, verdict = _judge(rows, extract)
    count, good = rows.batch.num_rows, verdict.good
    numbers = pa.array(np.arange(rows.number, rows.number + count), pa.int64())
    schema = batch_schema(extract.table)
    whole = pa.RecordBatch.from_arrays([*columns, numbers], schema=schema)
    if good.all():
        return Batch(whole, [], count, verdict.warnings())
    bad = np.flatnonzero(~good)
    raws = rows.batch.take(pa.array(bad)).to_pylist()
    keys = verdict.keys(bad, extract.table)
    codes, columns_of_bad = verdict.of(bad)
    rejects = [
        Reject(rows.number + index, 0, column, code, _raw(raw), key)
        for index, column, code, raw, key in zip(
            bad.tolist(), columns_of_bad, codes, raws, keys, strict=True
        )
    ]
    return Batch(whole.filter(pa.array(good)), rejects, count, verdict.warnings())


def _judge(rows: Rows, extract: Extract) -> tuple[list[Array], Verdict]:
    """Every column in the contract's type, then the operation where the table has one."""
    table, batch, layout = extract.table, rows.batch, rows.layout
    verdict = Verdict(batch.num_rows)
    operation: Array = pa.nulls(batch.num_rows, pa.string())
    if layout.operation is not None:
        typed = operations(batch.column(layout.operation).cast(pa.binary()))
        verdict.add(OPERATION, typed)
        operation = typed.values
    columns: list[Array] = []
    for column, place in zip(table.columns, layout.places, strict=True):
        if place is None:
            columns.append(pa.nulls(batch.num_rows, column.type.arrow))
            continue
        typed = _column(batch.column(place), column, extract)
        verdict.add(column.name, typed, column.name in table.key_columns)
        columns.append(typed.values)
    return ([*columns, operation] if table.has_changes else columns), verdict


def _is_spelt(kind: Any, column: Column) -> bool:
    """Whether the file's type is the one that the contract wants read by its spelling, as a CSV's cells are."""
    spelt = ("double" in column.file_type and pa.types.is_floating(kind)) or (
        "string" in column.file_type and is_text(kind)
    )
    return bool(spelt)


def _column(array: Array, column: Column, extract: Extract) -> Typed:
    if _is_spelt(array.type, column) or (is_text(array.type) and column.type.name == "string"):
        # a file may call text what is no UTF-8, so its bytes are looked at
        text = pa.concat_arrays([array.cast(pa.string()).cast(pa.binary())])
        return from_text(text, column, extract)
    typed = widened(array, column, extract.table.time_zone)
    if typed is None:
        raise BadExtract("wrong_type", column=column.name)
    return from_typed(typed, column, extract)


def _raw(row: dict[str, object]) -> bytes:
    return json.dumps(row, ensure_ascii=False, default=str).encode()[:MAX_RAW]
