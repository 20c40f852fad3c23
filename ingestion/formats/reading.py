"""The one door to the readers: an extract's parts in, batches out, whatever the file's format."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ingestion.codes import Code
from ingestion.errors import BadExtract
from ingestion.formats.csv.reader import CsvReader
from ingestion.formats.csv.rewriting import rewrite_csv
from ingestion.formats.dynamodb.reader import DynamoReader
from ingestion.formats.dynamodb.rewriting import rewrite_dynamodb
from ingestion.formats.edits import Edits
from ingestion.formats.model import Batch, Extract, Part, Reject, batch_schema
from ingestion.formats.parquet.reader import ParquetReader
from ingestion.formats.parquet.rewriting import rewrite_parquet
from ingestion.formats.reader import Reader

_FORMATS: dict[
    str,
    tuple[
        Callable[[Iterable[Part], Extract], Reader[Any]],
        Callable[[list[Part], Extract, Edits, list[Path]], None],
    ],
] = {
    "csv": (CsvReader, rewrite_csv),
    "parquet": (ParquetReader, rewrite_parquet),
    "dynamodb": (DynamoReader, rewrite_dynamodb),
}


def read_extract(parts: Iterable[Part], extract: Extract) -> Iterator[Batch]:
    """Yield the typed batches of an extract, its parts one after the other, in flat memory.

    Raises BadExtract when the file is refused as a whole; batches may have been yielded before. The caller, who sees
    the counts, judges whether there are too many rejects.
    """
    return batches_of(_reader(parts, extract), extract)


def batches_of(reader: Reader[Any], extract: Extract) -> Iterator[Batch]:
    """The batches of a reader, and one without rows for the warnings of the files themselves."""
    # The system's allocator keeps a batch's memory for the next; arrow's own returns it and requests it again.
    pa.set_memory_pool(pa.system_memory_pool())
    rows = undecodable = 0
    first: Reject | None = None
    try:
        for batch in reader.batches():
            rows += batch.rows_in
            if undecodable == rows - batch.rows_in:
                undecodable += sum(reject.code == "encoding" for reject in batch.rejects)
                first = first or next(iter(batch.rejects), None)
            yield batch
    finally:
        # The next step (checking the keys) should not also hold the threads' memory.
        pa.default_memory_pool().release_unused()
    if rows and undecodable == rows and first:
        raise BadExtract(Code.ENCODING, first.line, first.column, "no row can be decoded")
    if not rows:
        if not extract.table.may_be_empty:
            raise BadExtract(Code.NO_ROWS)
        reader.warnings[Code.NO_ROWS] = 1
    if reader.warnings:
        nothing = pa.RecordBatch.from_pylist([], batch_schema(extract.table))
        yield Batch(nothing, [], 0, reader.warnings)


def rows_at(parts: Iterable[Part], extract: Extract, wanted: set[int]) -> Iterator[Reject]:
    """Read the extract again and yield the records with these source rows, in order, with code `key_conflict` and the
    key's first column. They must have landed at the first reading."""
    reader, rows = _reader(parts, extract), np.array(sorted(wanted), np.int64)
    for stretch in reader.stretches():
        begin, end = np.searchsorted(rows, (stretch.number, stretch.number + len(stretch)))
        if begin < end:
            yield from reader.conflicts(stretch, rows[begin:end] - stretch.number)
        if end == len(rows):
            return


def rewrite(parts: list[Part], extract: Extract, edits: Edits, folder: Path) -> list[Path]:
    """Write the parts again with the edits: new files in `folder`, in order, of the same format.

    The extract must have been read before without a refusal. The same parts and edits give the same bytes.
    """
    paths = [folder / f"without-{number}" for number in range(len(parts))]
    _, write = _FORMATS[extract.delivery.file]
    write(parts, extract, edits, paths)
    return paths


def _reader(parts: Iterable[Part], extract: Extract) -> Reader[Any]:
    reader, _ = _FORMATS[extract.delivery.file]
    return reader(parts, extract)
