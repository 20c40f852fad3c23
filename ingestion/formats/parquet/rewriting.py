"""Writes the parts of a parquet extract again without some rows, or without some of their cells."""

from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from ingestion.arrow import Array, Mask, pa, pc
from ingestion.contract import Column
from ingestion.formats.edits import Edits, is_replaced
from ingestion.formats.model import Extract, Part
from ingestion.formats.parquet.bounds import rows_at_once
from ingestion.formats.parquet.columns import Stored
from ingestion.formats.parquet.opening import opened
from ingestion.formats.parquet.reader import columns_of
from ingestion.formats.parquet.widening import spelt


def rewrite_parquet(parts: list[Part], extract: Extract, edits: Edits, paths: list[Path]) -> None:
    """Write the parts to these new files."""
    number = 1
    for part, path in zip(parts, paths, strict=True):
        with part.open() as stored:
            number = _rewrite(stored, path, extract, edits, number)


def _rewrite(stored: Any, path: Path, extract: Extract, edits: Edits, number: int) -> int:
    """Write one part; the number of the row behind its last one."""
    file = opened(stored, int96="us")
    has_int96 = any(file.schema.column(n).physical_type == "INT96" for n in range(len(file.schema)))
    by_name = columns_of(file, extract)
    kept_as_is = {
        name
        for name, (_, column) in by_name.items()
        if column is None or column.sensitivity != "direct" or is_replaced(column, extract.table)
    }
    has_texts = any(edits.emptied.values())
    replaced = {
        name: (stored, column)
        for name, (stored, column) in by_name.items()
        if has_texts and column and is_replaced(column, extract.table)
    }
    schema = pa.schema(
        pa.field(field.name, _type_with_texts(*replaced[field.name]))
        if field.name in replaced
        else field.with_nullable(True)
        for field in file.schema_arrow
    )
    with pq.ParquetWriter(path, schema, use_deprecated_int96_timestamps=has_int96) as writer:
        # the file has landed, within the limits of its contract
        many = rows_at_once(stored, file.metadata, schema.names, inf)
        for rows in file.iter_batches(many, use_threads=False):
            numbers = np.arange(number, number + rows.num_rows)
            number += rows.num_rows
            texts = [edits.emptied.get(int(n)) for n in numbers]
            emptied = np.array([text is not None for text in texts], bool)
            arrays = list(rows.columns)
            for place, name in enumerate(rows.schema.names):
                if name in replaced:
                    arrays[place] = _replaced(arrays[place], *replaced[name], texts)
                elif name not in kept_as_is and emptied.any():
                    arrays[place] = _emptied(arrays[place], emptied)
            gone = edits.dropped | edits.lines
            keep = pa.array([int(n) not in gone for n in numbers], pa.bool_())
            writer.write_batch(pa.record_batch(arrays, schema=schema).filter(keep))
    return number


def _type_with_texts(stored: Stored, column: Column) -> Any:
    """The type of a column of which texts replace some values: text, in which the others are spelt as they are read.
    Bytes that are read as text stay bytes, since some of them may be no text."""
    return pa.binary() if stored.is_bytes and not column.binary else pa.string()


def _replaced(array: Array, stored: Stored, column: Column, texts: list[str | None]) -> Array:
    """The cells in that type, some of them replaced by these texts."""
    kind, cells = _type_with_texts(stored, column), stored.plain(array)
    if kind == pa.string():
        cells = spelt(cells, stored, column).view(kind)
    return pc.if_else(pa.array(map(bool, texts)), pa.array(texts, pa.string()).cast(kind), cells)


def _emptied(array: Array, emptied: Mask) -> Array:
    """The array with null in the emptied rows."""
    places = pa.array(np.arange(len(array)), pa.int64())
    return array.take(pc.if_else(pa.array(emptied), pa.scalar(None, pa.int64()), places))
