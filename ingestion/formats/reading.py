"""The one door to the readers: an extract's parts in, batches out, whatever the file's format."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pyarrow as pa

from ingestion.codes import Code
from ingestion.errors import BadExtract
from ingestion.formats.csv.reader import csv_rows_at, read_csv
from ingestion.formats.csv.rewriting import rewrite_csv
from ingestion.formats.dynamodb.reader import dynamodb_rows_at, read_dynamodb
from ingestion.formats.dynamodb.rewriting import rewrite_dynamodb
from ingestion.formats.edits import Edits
from ingestion.formats.model import Batch, Extract, Part, Reject
from ingestion.formats.parquet.reader import parquet_rows_at, read_parquet
from ingestion.formats.parquet.rewriting import rewrite_parquet

_READERS: dict[str, Callable[[Iterable[Part], Extract], Iterator[Batch]]] = {
    "csv": read_csv,
    "parquet": read_parquet,
    "dynamodb": read_dynamodb,
}
_READERS_AGAIN: dict[str, Callable[[Iterable[Part], Extract, set[int]], Iterator[Reject]]] = {
    "csv": csv_rows_at,
    "parquet": parquet_rows_at,
    "dynamodb": dynamodb_rows_at,
}
_WRITERS: dict[str, Callable[[list[Part], Extract, Edits, Path], list[Path]]] = {
    "csv": rewrite_csv,
    "parquet": rewrite_parquet,
    "dynamodb": rewrite_dynamodb,
}


def read_extract(parts: Iterable[Part], extract: Extract) -> Iterator[Batch]:
    """Yield the typed batches of an extract, its parts one after the other, in flat memory.

    Raises BadExtract when the file is refused as a whole; batches may have been yielded before. The caller, who sees
    the counts, judges whether there are too many rejects.
    """
    # The system's allocator keeps a batch's memory for the next; arrow's own returns it and requests it again.
    pa.set_memory_pool(pa.system_memory_pool())
    rows = undecodable = 0
    first: Reject | None = None
    try:
        for batch in _READERS[extract.delivery.file](parts, extract):
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


def rows_at(parts: Iterable[Part], extract: Extract, wanted: set[int]) -> Iterator[Reject]:
    """Read the extract again and yield the records with these source rows, with code
    `key_conflict`, in order. They must have landed at the first reading."""
    yield from _READERS_AGAIN[extract.delivery.file](parts, extract, wanted)


def rewrite(parts: list[Part], extract: Extract, edits: Edits, folder: Path) -> list[Path]:
    """Write the parts again with the edits: new files in `folder`, in order, of the same format.

    The extract must have been read before without a refusal. The same parts and edits give the same bytes.
    """
    return _WRITERS[extract.delivery.file](parts, extract, edits, folder)
