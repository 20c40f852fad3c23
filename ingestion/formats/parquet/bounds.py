"""Checks the size of a parquet file by its footer before its rows are read: a few kB may ask for gigabytes."""

from collections.abc import Collection, Iterator
from typing import Any, BinaryIO

from ingestion.arrow import Array, pa, pc
from ingestion.codes import Code
from ingestion.contract import Limits
from ingestion.errors import BadExtract
from ingestion.formats.parquet.opening import opened

_BATCH_ROWS = 32_768
_BATCH_BYTES = 256 * 2**20
"""The memory that the repeated values of a batch may take."""


def refuse_beyond_limits(metadata: Any, size: int, limits: Limits) -> None:
    """Raise BadExtract too_large for a file of `size` bytes that unpacks to more than the contract allows.

    A row counts as one byte at least: equal rows take none, and 20,000,000 of them are a few kB of file.
    """
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    unpacked = sum(group.total_byte_size for group in groups)
    if max(unpacked, metadata.num_rows) > min(limits.expanded_bytes, limits.expanded_times * size):
        raise BadExtract(Code.TOO_LARGE, detail="parquet")


def rows_at_once(stored: BinaryIO, metadata: Any, columns: Collection[str], limits: Limits) -> int:
    """The number of rows of these columns that may be read at once: fewer if a value that is stored once is long.

    Raises BadExtract too_large where such values come to more than `limits.expanded_bytes` in all their rows: the
    footer counts them once.
    """
    widest = total = 0
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        chunks = [group.column(place) for place in range(group.num_columns)]
        repeated = [
            chunk.path_in_schema
            for chunk in chunks
            if chunk.path_in_schema in columns
            if chunk.has_dictionary_page and chunk.physical_type == "BYTE_ARRAY"
            # a value is at most as long as its whole column
            if chunk.total_uncompressed_size * _BATCH_ROWS > _BATCH_BYTES
        ]
        if not repeated:
            continue
        longest = _longest_row(stored, number, repeated)
        widest = max(widest, longest)
        most = total + longest * group.num_rows
        total = most if most <= limits.expanded_bytes else total + _size(stored, number, repeated)
        if total > limits.expanded_bytes:
            raise BadExtract(Code.TOO_LARGE, detail="parquet")
    return max(1, min(_BATCH_ROWS, _BATCH_BYTES // max(widest, 1)))


def _longest_row(stored: BinaryIO, group: int, columns: list[str]) -> int:
    """The bytes of the longest values of these columns together, by the dictionaries of a row group."""
    first = next(_encoded(stored, group, columns, rows=1), [])
    return sum(pc.max(pc.binary_length(column.dictionary)).as_py() or 0 for column in first)


def _size(stored: BinaryIO, group: int, columns: list[str]) -> int:
    """The bytes of the values of these columns in all rows of a row group."""
    return sum(
        pc.sum(pc.binary_length(column.dictionary).take(column.indices)).as_py() or 0
        for batch in _encoded(stored, group, columns, rows=_BATCH_ROWS)
        for column in batch
    )


def _encoded(stored: BinaryIO, group: int, columns: list[str], rows: int) -> Iterator[list[Array]]:
    """The columns of a row group, batch by batch, as positions in dictionaries."""
    file = opened(stored, dictionaries=columns)
    batches = file.iter_batches(rows, row_groups=[group], columns=columns, use_threads=False)
    for batch in batches:
        yield [column for column in batch.columns if pa.types.is_dictionary(column.type)]
